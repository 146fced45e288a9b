"""Moto, a stand-in for AWS that checks signatures and permissions, on a free port of loopback.

Before it checks, a user is made who may do anything in S3 and SQS but delete objects, with the bucket
`b-1` and the queue `q-1`. Prints one line of JSON with `host` and the user's key when it listens; ends
with its standard input."""

import json
import logging
import os
import sys
import threading

SET_UP_CALLS = 5  # those that `set_up` makes: unsigned as far as moto is concerned
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SET_UP_CALLS)

import boto3  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

logging.disable(logging.CRITICAL)


def set_up(url):
    def client(service):
        return boto3.client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="y",
        )

    iam = client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    allowed = {"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=document)
    client("s3").create_bucket(Bucket="b-1")
    client("sqs").create_queue(QueueName="q-1")
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = "127.0.0.1:%d" % server.server_port
print(json.dumps({"host": host, **set_up("http://" + host)}), flush=True)
sys.stdin.read()
