"""An SMTP server on loopback that accepts every mail and remembers to whom it went and what it said."""

import asyncio
import socket
from collections import Counter

from portal.local.ports import LOOPBACK

ANSWERS = {b"QUIT": b"221 bye", b"DATA": b"354 go on"}


class MailSink:
    """mails: (recipient, digestible text) → how often it arrived."""

    def __init__(self) -> None:
        self.mails: Counter[tuple[str, str]] = Counter()

    async def serve(self) -> int:
        """Begin to listen. Returns the port."""
        self._server = await asyncio.start_server(self._session, LOOPBACK, 0)
        listening: socket.socket = self._server.sockets[0]
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Stop listening."""
        self._server.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves or is killed: a mail counts once its last line was read."""
        recipient = ""
        try:
            writer.write(b"220 sink\r\n")
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                writer.write(ANSWERS.get(word, b"250 ok") + b"\r\n")
                await writer.drain()
                if word == b"DATA":
                    self.mails[recipient, _text(await reader.readuntil(b"\r\n.\r\n"))] += 1
                    writer.write(b"250 ok\r\n")
                if word == b"QUIT":
                    return
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def _text(mail: bytes) -> str:
    """The body alone: the headers carry a time and a number of their own each time."""
    return mail.partition(b"\r\n\r\n")[2].decode(errors="replace")
