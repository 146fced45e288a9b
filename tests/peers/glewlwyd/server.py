"""Glewlwyd, an authorization server of Debian, on an address of its own, for the tests.

The one user is `alice` with the password of the environment variable PASSWORD, the one client `conn` with
CLIENT_SECRET and the redirect URI of REDIRECT_URI. Prints one line of JSON with `host` when it listens; ends
with its standard input."""

import gzip
import http.cookiejar
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from loopback import listening, own_address, run_until  # noqa: E402

DATABASES = [
    "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3",
    "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz",
]
CONFIGURATION = """
port=4593
bind_address="{address}"
external_url="http://{address}:4593"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
allow_origin="*"
allow_methods="GET, POST, PUT, DELETE, OPTIONS"
allow_headers="Content-Type, Authorization"
log_mode="console"
log_level="INFO"
cookie_domain="{address}"
cookie_secure=0
cookie_same_site="empty"
session_expiration=2419200
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
allow_multiple_user_per_session=false
login_api_enabled=true
max_post_size=1048576
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
use_secure_connection=false
secure_connection_key_file="none"
secure_connection_pem_file="none"
secure_connection_ca_file="none"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{folder}/g.db" }};
"""

folder = tempfile.TemporaryDirectory()
address = own_address()
base = "http://%s:4593" % address


def schema():
    """The tables and first rows as the package has them."""
    for path in DATABASES:
        if os.path.exists(path):
            read = gzip.open if path.endswith(".gz") else open
            with read(path, "rt") as file:
                return file.read()
    raise SystemExit("Glewlwyd has no tables for SQLite here: " + " nor ".join(DATABASES))


with sqlite3.connect(os.path.join(folder.name, "g.db")) as database:
    database.executescript(schema())
settings = os.path.join(folder.name, "g.conf")
with open(settings, "w") as file:
    file.write(CONFIGURATION.format(address=address, folder=folder.name))
program = shutil.which("glewlwyd", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/sbin")
if not program:
    raise SystemExit("Glewlwyd is needed: `cargo xtask ci` installs it, or `apt-get install glewlwyd` does")
server = run_until("Glewlwyd started on port", [program, "-c", settings, "-m", "console", "-l", "INFO"])
listening(server, address, 4593)
threading.Thread(target=lambda: all(True for _ in server.stdout), daemon=True).start()

jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)


def send(path, value):
    """Asks as the administrator."""
    asked = urllib.request.Request(base + "/api" + path, json.dumps(value).encode(), method="POST")
    asked.add_header("content-type", "application/json")
    try:
        opener.open(asked).read()
    except urllib.error.HTTPError as error:
        raise SystemExit("%s: %d %s" % (path, error.code, error.read().decode()))


def openssl(*arguments, text=None):
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=True).stdout


send("/auth", {"username": "admin", "password": "password"})
key = openssl("genrsa", "2048")
parameters = {
    "iss": base,
    "jwt-type": "rsa",
    "jwt-key-size": "256",
    "key": key,
    "cert": openssl("rsa", "-pubout", text=key),
    "access-token-duration": 600,
    "refresh-token-duration": 3600,
    "code-duration": 60,
    "refresh-token-rolling": True,
    "refresh-token-one-use": "always",
    "allow-non-oidc": True,
    "auth-type-code-enabled": True,
    "auth-type-code-revoke-replayed": True,
    "auth-type-token-enabled": False,
    "auth-type-password-enabled": True,
    "auth-type-client-enabled": True,
    "auth-type-device-enabled": True,
    "device-authorization-expiration": 600,
    "device-authorization-interval": 5,
    "auth-type-refresh-enabled": True,
    "jwks-show": True,
    "pkce-allowed": True,
    "pkce-required": True,
    "introspection-revocation-allowed": True,
    "introspection-revocation-allow-target-client": True,
    "name-claim": "no",
    "email-claim": "no",
    "scope-claim": "no",
    "oauth-par-allowed": True,
    "oauth-par-required": False,
    "oauth-par-request_uri-prefix": "urn:par:",
    "oauth-par-duration": 90,
    "subject-type": "public",
    "client-pubkey-parameter": "pubkey",
    "client-jwks-parameter": "jwks",
    "client-jwks_uri-parameter": "jwks_uri",
    "request-parameter-allow": True,
    "allowed-scope": ["openid", "items"],
}
send("/mod/plugin", {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters})
send("/scope", {"name": "items", "display_name": "items", "password_required": False})
send(
    "/user?source=database",
    {
        "username": "alice",
        "password": os.environ["PASSWORD"],
        "name": "Alice",
        "email": "a@example.test",
        "scope": ["openid", "items", "g_profile"],
        "enabled": True,
    },
)
send(
    "/client?source=database",
    {
        "client_id": "conn",
        "name": "conn",
        "confidential": True,
        "password": os.environ["CLIENT_SECRET"],
        "client_secret": os.environ["CLIENT_SECRET"],
        "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"],
        "enabled": True,
        "redirect_uri": [os.environ["REDIRECT_URI"]],
        "authorization_type": [
            "code",
            "refresh_token",
            "client_credentials",
            "device_authorization",
            "delete_token",
            "password",
        ],
        "scope": ["items"],
    },
)
print(json.dumps({"host": address + ":4593"}), flush=True)
sys.stdin.read()
server.kill()
folder.cleanup()
