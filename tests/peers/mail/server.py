"""An SMTP server on loopback that keeps what it is sent, for the tests.

usage: server.py MODE [CERT.pem KEY.pem]

MODE is `normal`, `tempfail` (451 after DATA), `tempfail-once` (451 for the first mail), `permfail` (550 after
DATA), `silent` (never answers DATA), `drop` (keeps the mail and hangs up without an answer) or `smtps` (TLS
from the start). With a certificate STARTTLS is required before anything else. Everyone must sign in as
`mailer` with `mail-pw`, or for `ada@example.com` with the token `good-token` (XOAUTH2); recipients that begin
with `nobody@` are unknown. Prints one line of JSON when it listens and one for each mail; ends with its
standard input."""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

MODE = sys.argv[1]


class Keep:
    def __init__(self):
        self.mails = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        self.mails += 1
        if MODE == "tempfail" or (MODE == "tempfail-once" and self.mails == 1):
            return "451 4.3.0 try again later"
        if MODE == "permfail":
            return "550 5.7.1 rejected"
        if MODE == "silent":
            await asyncio.sleep(3600)
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            tls=session.ssl is not None or MODE == "smtps",
            content=envelope.content.decode("utf-8", "replace"),
        )
        if MODE == "drop":
            server.transport.abort()
            await asyncio.sleep(3600)
        return "250 2.0.0 kept"

    async def auth_XOAUTH2(self, server, args):
        given = base64.b64decode(args[1]).decode()
        if given == "user=ada@example.com\x01auth=Bearer good-token\x01\x01":
            return AuthResult(success=True, auth_data="ada@example.com")
        # The reason comes as a challenge, which the client answers with an empty line.
        await server.challenge_auth('{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)


def say(**what):
    print(json.dumps(what), flush=True)


def sign_in(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"mailer", b"mail-pw")
    return AuthResult(success=good, handled=good)


def context():
    if len(sys.argv) < 4:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(sys.argv[2], sys.argv[3])
    return made


async def end_with_input():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.read)


async def main():
    loop = asyncio.get_running_loop()
    tls = context()
    from_start = MODE == "smtps"
    starttls = tls is not None and not from_start
    keep = Keep()

    def serve():
        return SMTP(
            keep,
            authenticator=sign_in,
            auth_required=True,
            auth_require_tls=starttls,
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            data_size_limit=1 << 20,
            loop=loop,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=tls if from_start else None)
    say(port=server.sockets[0].getsockname()[1])
    await end_with_input()
    server.close()


asyncio.run(main())
