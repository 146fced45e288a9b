"""An SMTP server on loopback that keeps what it is sent, for the tests.

usage: server.py MODE [CERT.pem KEY.pem]

MODE is `normal`, `tempfail` (451 after DATA), `permfail` (550 after DATA) or `silent` (never answers
DATA). With a certificate STARTTLS is required before anything else. Everyone must sign in as `mailer`
with `mail-pw`. Prints one line of JSON when it listens and one for each mail; ends with its standard
input."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

MODE = sys.argv[1]


class Keep:
    async def handle_DATA(self, server, session, envelope):
        if MODE == "tempfail":
            return "451 4.3.0 try again later"
        if MODE == "permfail":
            return "550 5.7.1 rejected"
        if MODE == "silent":
            await asyncio.sleep(3600)
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            tls=session.ssl is not None,
            content=envelope.content.decode("utf-8", "replace"),
        )
        return "250 2.0.0 kept"


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

    def serve():
        return SMTP(
            Keep(),
            authenticator=sign_in,
            auth_required=True,
            auth_require_tls=tls is not None,
            tls_context=tls,
            require_starttls=tls is not None,
            data_size_limit=1 << 20,
            loop=loop,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await end_with_input()
    server.close()


asyncio.run(main())
