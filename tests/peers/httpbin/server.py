"""httpbin, which answers with what it was asked, on a free port of loopback, for the tests.

Prints one line of JSON when it listens; ends with its standard input."""

import json
import logging
import sys
import threading

from httpbin import app
from werkzeug.serving import make_server

logging.disable(logging.CRITICAL)
server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"host": "127.0.0.1:%d" % server.server_port}), flush=True)
sys.stdin.read()
