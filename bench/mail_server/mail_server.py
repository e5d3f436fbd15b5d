"""A mail server that has bad times: aiosmtpd, which speaks SMTP, and what it is told to do to its clients.

    mail_server.py PORT FOLDER [--defer SHARE] [--reset SHARE]

Whatever it has taken is a line of FOLDER/taken: the recipient, and the Message-ID. While FOLDER/trouble is there, it answers SHARE of
the recipients with 454 (`--defer`), or takes SHARE of the mails and breaks the connection instead of saying so (`--reset`).
"""

import argparse
import asyncio
import random
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, folder, defer, reset):
        self.taken = open(folder / "taken", "a", buffering=1)
        self.trouble = folder / "trouble"
        self.defer, self.reset = defer, reset
        self.dice = random.Random(1)

    def happens(self, share):
        return share > 0 and self.trouble.exists() and self.dice.random() < share

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.happens(self.defer):
            return "454 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        message = BytesHeaderParser().parsebytes(envelope.content)
        for address in envelope.rcpt_tos:
            self.taken.write(f"{address.lower()} {message['Message-ID']}\n")
        if self.happens(self.reset):
            server.transport.abort()
        return "250 2.0.0 taken"


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("port", type=int)
    options.add_argument("folder", type=Path)
    options.add_argument("--defer", type=float, default=0)
    options.add_argument("--reset", type=float, default=0)
    options = options.parse_args()
    handler = Handler(options.folder, options.defer, options.reset)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mx.drill.example"), "127.0.0.1", options.port)
    await server.serve_forever()


asyncio.run(main())
