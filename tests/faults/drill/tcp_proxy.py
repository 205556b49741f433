"""A TCP proxy on loopback that can be out of reach: silent, as when packets are dropped, or refusing, as when reset."""

import asyncio
import socket
from typing import Literal

from portal.local.ports import LOOPBACK

Mode = Literal["silent", "refusing"]
CHUNK = 65_536
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FaultProxy:
    """Forwards to `target_port` of loopback. Its methods run on the loop that serves it.

    withheld: bytes that came while it was silent; turned_away: connections that were cut or refused.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.withheld = self.turned_away = 0
        self._open, self._refusing = asyncio.Event(), False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> int:
        """Begin to listen. Returns the port."""
        self._open.set()
        self._server = await asyncio.start_server(self._connected, LOOPBACK, 0)
        listening: socket.socket = self._server.sockets[0]
        return int(listening.getsockname()[1])

    async def cut(self, mode: Mode) -> None:
        """Be out of reach until `mend`: hold back every byte, or cut what is connected and refuse what comes."""
        self._refusing = mode == "refusing"
        if not self._refusing:
            self._open.clear()
            return
        self.turned_away += len(self._writers)
        for writer in self._writers:
            writer.transport.abort()

    async def mend(self) -> None:
        """Forward again; what was held back goes on its way, as TCP sends again what was dropped."""
        self._refusing = False
        self._open.set()

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            self.turned_away += 1
            writer.transport.abort()
            return
        task = asyncio.create_task(self._forward((reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, client: Pair) -> None:
        """Both ways until one side ends; then both are cut."""
        writers = {client[1]}
        self._writers |= writers
        try:
            await self._open.wait()
            server = await asyncio.open_connection(LOOPBACK, self.target_port)
            writers.add(server[1])
            self._writers |= writers
            ways = [asyncio.create_task(self._pump(client[0], server[1])),
                    asyncio.create_task(self._pump(server[0], client[1]))]  # fmt: skip
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            self.turned_away += 1  # the server behind is away: the client sees its connection cut
        finally:
            self._writers -= writers
            for writer in writers:
                writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if not self._open.is_set():
                self.withheld += len(data)
            await self._open.wait()
            writer.write(data)
            await writer.drain()
