"""Authorization servers and an API on a free port of loopback, by Authlib and Flask, for the tests.

OAuth 2.0, lax where others are strict: authorization code with PKCE for those who bring it, refresh
tokens that rotate and whose family dies on reuse, client credentials, JWT bearer with RS256,
revocation, introspection. And an OAuth 1.0a provider under `/oauth1`. The environment brings the public
key of the service account (`SERVICE_KEY`, PEM), and `SILENT` if no answer is to say how long its token lives. `/api/...` echoes to whoever holds a token, `/signed/...`
to whoever signs. Prints one line of JSON when it listens; ends with its standard input."""

import json
import logging
import os
import secrets
import sys
import threading
import time

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer  # noqa: E402
from authlib.oauth2.rfc6749 import errors, grants  # noqa: E402
from authlib.oauth2.rfc7009 import RevocationEndpoint  # noqa: E402
from authlib.oauth2.rfc7523 import JWTBearerGrant  # noqa: E402
from authlib.oauth2.rfc7636 import CodeChallenge  # noqa: E402
from authlib.oauth2.rfc7662 import IntrospectionEndpoint  # noqa: E402
from flask import Flask, jsonify, request  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

import oauth1  # noqa: E402

BY_SECRET = ["client_secret_basic", "client_secret_post"]
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KINDS = ("authorization_code", "refresh_token", "client_credentials", JWT_BEARER)
LIFETIME = 600

codes, tokens, assertions = {}, [], set()
app = Flask(__name__)
app.config.update(
    OAUTH2_REFRESH_TOKEN_GENERATOR=True,
    OAUTH2_TOKEN_EXPIRES_IN={kind: LIFETIME for kind in KINDS},
)


class Client:
    client_id, secret, scopes = "conn", "s3cret/of+the=client", {"items:read", "items:write"}

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, wanted):
        return " ".join(scope for scope in (wanted or "").split() if scope in self.scopes)

    def check_redirect_uri(self, uri):
        return uri.startswith("http://127.0.0.1:8080/oauth/callback/")

    def check_client_secret(self, secret):
        return secrets.compare_digest(secret.encode(), self.secret.encode())

    def check_endpoint_auth_method(self, method, _endpoint):
        return method in BY_SECRET

    def check_response_type(self, kind):
        return kind == "code"

    def check_grant_type(self, _kind):
        return True


client = Client()


class Kept(dict):
    __getattr__ = dict.get

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def check_client(self, other):
        return self.client_id == other.client_id

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return self.ends < time.time()

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return client


def keep(token, asked):
    family = getattr(asked, "family", None) or secrets.token_hex(8)
    ends = time.time() + token["expires_in"]
    more = {"user": asked.user, "client_id": asked.client.client_id, "family": family, "ends": ends}
    tokens.append(Kept(token, **more))


def found(**wanted):
    fits = lambda token: all(token.get(name) == value for name, value in wanted.items())  # noqa: E731
    return next((token for token in tokens if fits(token)), None)


server = AuthorizationServer(
    app, query_client=lambda name: client if name == client.client_id else None, save_token=keep
)


class Code(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = BY_SECRET

    def save_authorization_code(self, code, asked):
        sent = asked.payload
        challenge = {name: sent.data.get(name) for name in ("code_challenge", "code_challenge_method")}
        more = {"redirect_uri": sent.redirect_uri, "scope": sent.scope, "user": asked.user}
        codes[code] = Kept(
            code=code, client_id=asked.client.client_id, ends=time.time() + 60, **more, **challenge
        )

    def query_authorization_code(self, code, _client):
        kept = codes.get(code)
        return kept if kept and not kept.is_expired() else None

    def delete_authorization_code(self, kept):
        codes.pop(kept.code, None)

    def authenticate_user(self, kept):
        return kept.user


class Refresh(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = BY_SECRET
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = found(refresh_token=refresh_token)
        if token and token.used:
            for other in tokens:
                if other.family == token.family:
                    other["revoked"] = True
            return None
        if token and not token.revoked:
            self.request.family = token.family
            return token
        return None

    def authenticate_user(self, token):
        return token.user

    def revoke_old_credential(self, token):
        token.update(used=True, ends=0)


class Own(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = BY_SECRET


class Bearer(JWTBearerGrant):
    def get_audiences(self):
        return [address, address + "/token"]

    def resolve_issuer_client(self, issuer):
        return client if issuer == "robot@example.test" else None

    def resolve_client_key(self, _client, _headers, payload):
        if payload.get("jti") in assertions:
            raise errors.InvalidGrantError("the assertion was used before")
        assertions.add(payload.get("jti"))
        return os.environ["SERVICE_KEY"]

    def authenticate_user(self, subject):
        return subject

    def has_granted_permission(self, _client, _user):
        return True


class Revoke(RevocationEndpoint):
    CLIENT_AUTH_METHODS = BY_SECRET

    def query_token(self, token, _hint):
        return found(access_token=token) or found(refresh_token=token)

    def revoke_token(self, token, _request):
        token["revoked"] = True


class Introspect(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = BY_SECRET

    def query_token(self, token, _hint):
        return found(access_token=token)

    def check_permission(self, _token, _client, _request):
        return True

    def introspect_token(self, token):
        active = not token.revoked and not token.is_expired()
        return {"active": active, "scope": token.scope, "exp": int(token.ends)}


server.register_grant(Code, [CodeChallenge(required=False)])
for grant in (Refresh, Own, Bearer):
    server.register_grant(grant)
server.register_endpoint(Revoke)
server.register_endpoint(Introspect)


@app.get("/authorize")
def authorize():
    grant = server.get_consent_grant(end_user="alice")
    return server.create_authorization_response(grant_user="alice", grant=grant)


@app.post("/token")
def token():
    answer = server.create_token_response()
    if os.environ.get("SILENT") and answer.status_code == 200:
        said = answer.get_json()
        del said["expires_in"]
        answer.set_data(json.dumps(said))
    return answer


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response("revocation")


@app.post("/introspect")
def introspect():
    return server.create_endpoint_response("introspection")


@app.get("/api/<path:path>")
def api(path):
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    token = found(access_token=given)
    if not token or token.revoked or token.is_expired():
        return jsonify(error="invalid_token"), 401, {"www-authenticate": 'Bearer error="invalid_token"'}
    return jsonify(path=path, user=token.user or token.client_id, scope=token.scope)


@app.post("/test/forget")
def forget():
    """Ends every access token, as a provider does that lost them."""
    for token in tokens:
        token["ends"] = 0
    return jsonify(tokens=len(tokens), revoked=sum(1 for token in tokens if token.revoked))


oauth1.serve(app)
logging.disable(logging.CRITICAL)
http = make_server("127.0.0.1", 0, app, threaded=True)
host = "127.0.0.1:%d" % http.server_port
address = "http://" + host
threading.Thread(target=http.serve_forever, daemon=True).start()
print(json.dumps({"host": host}), flush=True)
sys.stdin.read()
