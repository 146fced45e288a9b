"""Receivers of signed requests on a free port of loopback, for the tests: `/slack` verifies as apps of
Slack do, by Slack's own package, `/standard` as the Standard Webhooks say, by their package. `/sign/slack` and
`/sign/standard` answer the headers with which a service sends that body.

The environment brings the keys (`SLACK_KEY`, `STANDARD_KEY`). Prints one line of JSON when it listens; ends
with its standard input."""

import json
import os
import sys
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slack_sdk.signature import SignatureVerifier
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

slack = SignatureVerifier(os.environ["SLACK_KEY"])
standard = Webhook(os.environ["STANDARD_KEY"])
seen = set()


def is_standard(body, headers):
    """Whether the signature fits and the identifier is new."""
    try:
        standard.verify(body, headers)
    except WebhookVerificationError:
        return False
    is_new = headers["webhook-id"] not in seen
    seen.add(headers["webhook-id"])
    return is_new


def sign_slack(body, at):
    return {
        "x-slack-request-timestamp": str(at),
        "x-slack-signature": slack.generate_signature(timestamp=str(at), body=body),
    }


def sign_standard(body, at):
    moment = datetime.fromtimestamp(at, tz=timezone.utc)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": standard.sign("msg_1", moment, body),
    }


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        if self.path.startswith("/sign/"):
            sign = {"/sign/slack": sign_slack, "/sign/standard": sign_standard}[self.path]
            return self.answer(200, sign(body, int(self.headers["x-at"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        verify = {"/slack": slack.is_valid_request, "/standard": is_standard}[self.path]
        fits = verify(body, headers)
        self.answer(200 if fits else 401, {"read": body} if fits else {"error": "the signature does not fit"})

    def answer(self, status, content):
        answer = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"host": "127.0.0.1:%d" % server.server_port}), flush=True)
sys.stdin.read()
