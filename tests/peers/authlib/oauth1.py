"""The OAuth 1.0a provider of `server.py`: HMAC-SHA1 and PLAINTEXT, nonces good once."""

import secrets

from authlib.integrations.flask_oauth1 import AuthorizationServer, ResourceProtector
from authlib.oauth1.rfc5849.errors import OAuth1Error
from flask import jsonify, request

temporary, permanent, nonces = {}, {}, set()


class Client:
    client_id, client_secret = "one", "s3cret & of+one"
    rsa_public_key = None

    def get_default_redirect_uri(self):
        return None

    def get_client_secret(self):
        return self.client_secret

    def get_rsa_public_key(self):
        return None


class Token:
    def __init__(self, pair, callback=None, user=None):
        self.oauth_token, self.oauth_token_secret = pair["oauth_token"], pair["oauth_token_secret"]
        self.callback, self.user, self.verifier = callback, user, None

    def get_oauth_token(self):
        return self.oauth_token

    def get_oauth_token_secret(self):
        return self.oauth_token_secret

    def get_client_id(self):
        return Client.client_id

    def get_redirect_uri(self):
        return self.callback

    def check_verifier(self, verifier):
        return self.verifier == verifier


def query_client(name):
    return Client() if name == Client.client_id else None


def exists_nonce(nonce, timestamp, client_id, oauth_token):
    """Whether it was used before; remembers it."""
    key = (nonce, timestamp, client_id, oauth_token)
    if key in nonces:
        return True
    nonces.add(key)
    return False


def pair():
    # What means something in a form or a header must survive the way.
    return {"oauth_token": secrets.token_hex(8), "oauth_token_secret": secrets.token_hex(8) + "+/=&"}


def keep_temporary(token, _client, callback):
    temporary[token["oauth_token"]] = made = Token(token, callback)
    return made


def keep_verifier(token, user, verifier):
    token.user, token.verifier = user, verifier
    return token


def keep_permanent(token, _temporary):
    permanent[token["oauth_token"]] = made = Token(token, user="alice")
    return made


def serve(app):
    app.config.update(OAUTH1_SUPPORTED_SIGNATURE_METHODS=["HMAC-SHA1", "PLAINTEXT"])
    server = AuthorizationServer(app, query_client=query_client, token_generator=pair)
    hooks = {
        "exists_nonce": exists_nonce,
        "create_temporary_credential": keep_temporary,
        "get_temporary_credential": temporary.get,
        "delete_temporary_credential": lambda token: temporary.pop(token, None),
        "create_authorization_verifier": keep_verifier,
        "create_token_credential": keep_permanent,
    }
    for name, hook in hooks.items():
        server.register_hook(name, hook)
    require = ResourceProtector(
        app,
        query_client=query_client,
        query_token=lambda _client, token: permanent.get(token),
        exists_nonce=exists_nonce,
    )

    @app.post("/oauth1/request")
    def request_token():
        return server.create_temporary_credentials_response()

    @app.get("/oauth1/authorize")
    def authorize_one():
        try:
            server.check_authorization_request()
        except OAuth1Error as error:
            return jsonify(error=error.error), 400
        return server.create_authorization_response(grant_user="alice")

    @app.post("/oauth1/access")
    def access_token():
        return server.create_token_response()

    @app.get("/signed/<path:path>")
    def signed(path):
        # The address as it was sent: Flask's own decorator looks at one made readable, to which no
        # signature fits when it holds more than plain letters.
        address = request.host_url.rstrip("/") + request.environ["REQUEST_URI"]
        try:
            asked = require.validate_request(request.method, address, None, request.headers)
        except OAuth1Error as error:
            return jsonify(error=error.error, said=error.description), error.status_code
        return jsonify(path=path, user=asked.credential.user, query=request.args.to_dict(flat=False))

    @app.post("/test/forget-signed")
    def forget_signed():
        """Ends every token."""
        ended = len(permanent)
        permanent.clear()
        return jsonify(ended=ended)
