"""Moto, a stand-in for AWS that checks signatures and permissions, on a free port of loopback.

Before it checks, a user is made who may do anything in DynamoDB, S3, SES and SQS but delete the object
`kept`, with the bucket `b-1`, the object `first.txt` in it, the queue `q-1` and the table `Pets`. Prints one
line of JSON with `host` and the user's key when it listens; ends with its standard input."""

import json
import logging
import os
import sys
import threading

SET_UP_CALLS = 7  # those that `set_up` makes: unsigned as far as moto is concerned
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
    allowed = {"Effect": "Allow", "Action": ["dynamodb:*", "s3:*", "ses:*", "sqs:*"], "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b-1/kept"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=document)
    client("s3").create_bucket(Bucket="b-1")
    client("s3").put_object(Bucket="b-1", Key="first.txt", Body=b"first of all")
    client("sqs").create_queue(QueueName="q-1")
    keys = {"AnimalType": "HASH", "Name": "RANGE"}
    client("dynamodb").create_table(
        TableName="Pets",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return {"access_key_id": key["AccessKeyId"], "secret_access_key": key["SecretAccessKey"]}


server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = "127.0.0.1:%d" % server.server_port
print(json.dumps({"host": host, **set_up("http://" + host)}), flush=True)
sys.stdin.read()
