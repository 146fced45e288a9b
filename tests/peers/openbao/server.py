"""OpenBao in memory, on an address of its own, for the tests: an authorization server with consent of
the user `alice`, and a store of secrets that takes tokens of its own kind.

The environment brings alice's password (`PASSWORD`) and the one redirect URI (`REDIRECT_URI`). Prints one
line of JSON with `host` and the client when it listens; ends with its standard input."""

import json
import os
import shutil
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from loopback import listening, own_address, run_until  # noqa: E402

ROOT = "root"
address = own_address()
host = address + ":8200"
bao = os.path.join(os.path.dirname(sys.executable), "bao")
arguments = ["-dev", "-dev-no-store-token", "-dev-root-token-id=" + ROOT, "-dev-listen-address=" + host]
server = run_until(
    "Development mode should NOT be used",
    [bao if os.path.exists(bao) else shutil.which("bao"), "server", *arguments],
    env={**os.environ, "BAO_API_ADDR": "http://" + host, "HOME": "/tmp"},
)
listening(server, address, 8200)
# A full pipe must not stop it.
threading.Thread(target=lambda: all(True for _ in server.stdout), daemon=True).start()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(method, path, value=None):
    """Asks as root; the answer's value."""
    body = None if value is None else json.dumps(value).encode()
    asked = urllib.request.Request(
        "http://%s/v1/%s" % (host, path), body, {"X-Vault-Token": ROOT}, method=method
    )
    answer = opener.open(asked).read()
    return json.loads(answer) if answer else None


POLICY = """
path "identity/oidc/provider/default/authorize" { capabilities = ["read", "update"] }
path "secret/data/things" { capabilities = ["read"] }
"""
ask("POST", "sys/policies/acl/person", {"policy": POLICY})
ask("POST", "sys/auth/userpass", {"type": "userpass"})
person = {"password": os.environ["PASSWORD"], "token_policies": ["person"], "token_ttl": "600s"}
ask("POST", "auth/userpass/users/alice", person)
ask("POST", "secret/data/things", {"data": {"colour": "blue"}})
redirects = [os.environ["REDIRECT_URI"]]
client = {"redirect_uris": redirects, "assignments": ["allow_all"], "client_type": "confidential"}
ask("POST", "identity/oidc/client/sluis", {**client, "access_token_ttl": "600s"})
made = ask("GET", "identity/oidc/client/sluis")["data"]
told = {"host": host, "root": ROOT, "client_id": made["client_id"], "client_secret": made["client_secret"]}
print(json.dumps(told), flush=True)
sys.stdin.read()
server.kill()
