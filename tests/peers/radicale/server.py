"""Radicale, a calendar server, on a free port of loopback, for the tests.

Its one user is `anna` with the password of the environment variable PASSWORD. Prints one line of JSON
when it listens; ends with its standard input."""

import json
import logging
import os
import sys
import tempfile
import threading
from urllib.parse import unquote
from wsgiref.simple_server import WSGIRequestHandler, make_server

from radicale import Application, config

folder = tempfile.TemporaryDirectory()
users = os.path.join(folder.name, "users")
with open(users, "w") as file:
    file.write("anna:" + os.environ["PASSWORD"] + "\n")
settings = config.load()
settings.update(
    {
        "auth": {
            "type": "htpasswd",
            "htpasswd_filename": users,
            "htpasswd_encryption": "plain",
            "delay": "0",
        },
        "storage": {"filesystem_folder": os.path.join(folder.name, "data")},
        "rights": {"type": "owner_only"},
        "logging": {"level": "warning"},
    },
    "the tests",
    privileged=True,
)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass

    def get_environ(self):
        # As Radicale's own server does: WSGI takes paths for Latin-1, addresses are UTF-8.
        return {**super().get_environ(), "PATH_INFO": unquote(self.path.split("?", 1)[0])}


logging.disable(logging.CRITICAL)
server = make_server("127.0.0.1", 0, Application(settings), handler_class=Quiet)
print(json.dumps({"host": "127.0.0.1:%d" % server.server_port}), flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
server.shutdown()
folder.cleanup()
