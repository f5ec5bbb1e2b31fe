"""A TCP relay that breaks: it lies between a client and a server, PostgreSQL or other, and does what it is told.

Commands:
  pass              all flows: ends refuse, blackhole and delay
  cut               resets the open connections; new ones are served
  refuse            resets the open connections and takes no new ones
  blackhole         takes connections and bytes, and delivers nothing, not even the end of a connection
  delay MS          each piece of up to 64 KB is delivered so much later than the one before, in both directions
  unknown WHEN [COUNT [PATTERN]]
                    the next COUNT (1) statements that match PATTERN (COMMIT) get no answer: the client is cut. WHEN:
                    sent  the server has the statement, and it is not known how far it is
                    done  the server has answered, so it was done
                    lost  the server never got it
  status            what happened so far
"""

import asyncio
import re
import socket
import struct
import threading
from dataclasses import asdict, dataclass
from types import TracebackType

from . import messages
from .messages import Message, Reader
from .system import HOST, Failed, free_port

PIECE = 1 << 16
WHENS = ("sent", "done", "lost")


@dataclass
class Counts:
    accepted: int = 0
    unreachable: int = 0
    resets: int = 0
    swallowed: int = 0
    unknown: int = 0
    to_server: int = 0
    to_client: int = 0


@dataclass
class Unknown:
    """How many statements still lose their answers."""

    when: str
    left: int
    pattern: re.Pattern

    def takes(self, message: Message) -> bool:
        if self.left == 0 or message.sql is None or not self.pattern.search(message.sql):
            return False
        self.left -= 1
        return True


class Connection:
    """A client, the server's end for it, and what is known of their conversation."""

    def __init__(self, relay: "Relay", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay = relay
        self.client, self.to_client = reader, writer
        self.server: asyncio.StreamReader | None = None
        self.to_server: asyncio.StreamWriter | None = None
        self.statements = Reader(is_opaque=not relay.is_postgres)
        # When a statement runs whose outcome the client must not learn: one of WHENS.
        self.withheld: str | None = None
        self.asked_to_encrypt = False

    async def serve(self) -> None:
        try:
            self.server, self.to_server = await asyncio.open_connection(*self.relay.target)
        except OSError:
            self.relay.counts.unreachable += 1
            self.reset()
            return
        ways = [asyncio.ensure_future(self._up()), asyncio.ensure_future(self._down())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await self.relay.flowing.wait()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self.close()

    async def _up(self) -> None:
        while data := await self.client.read(PIECE):
            await self._hold(len(data))
            for message in self.statements.feed(data):
                if self.relay.unknown.takes(message):
                    self.withheld = self.relay.unknown.when
                if self.withheld == "lost":
                    return self._lose()
                self.asked_to_encrypt = message.kind == "" and len(message.data) == 8
                await self._give_to_server(message.data)
                # What runs by several messages runs at the latest when they end: by Flush or Sync.
                if self.withheld == "sent" and message.kind in "QHS":
                    return self._lose()

    async def _give_to_server(self, data: bytes) -> None:
        assert self.to_server is not None
        self.relay.counts.to_server += len(data)
        self.to_server.write(data)
        await self.to_server.drain()

    async def _down(self) -> None:
        assert self.server is not None
        answer = b""
        while data := await self.server.read(PIECE):
            await self._hold(len(data))
            if self.asked_to_encrypt:
                self.asked_to_encrypt = False
                if data[:1] in b"SG":
                    self.statements.encrypted()
            if self.withheld:
                # The statement is done when the server is ready for the next: a message Z of 6 bytes.
                answer = (answer + data)[-6:]
                if answer.startswith(b"Z\0\0\0\5"):
                    return self._lose()
                continue
            # Before they are sent: whoever has them may ask at once how many there were.
            self.relay.counts.to_client += len(data)
            self.to_client.write(data)
            await self.to_client.drain()

    async def _hold(self, size: int) -> None:
        if self.relay.delay:
            await asyncio.sleep(self.relay.delay)
        if not self.relay.flowing.is_set():
            self.relay.counts.swallowed += size
            # Bytes that a blackhole took do not come out later: the connection is of no use any more.
            await self.relay.flowing.wait()
            self.reset()
            raise asyncio.CancelledError

    def _lose(self) -> None:
        self.relay.counts.unknown += 1
        self.reset()

    def reset(self) -> None:
        """The client gets a reset; the server an end, as from a client that died."""
        if not self.to_client.is_closing():
            self.relay.counts.resets += 1
            client = self.to_client.get_extra_info("socket")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.to_client.transport.abort()
        if self.to_server:
            self.to_server.close()

    def close(self) -> None:
        for writer in (self.to_client, self.to_server):
            if writer:
                writer.close()


class Relay:
    """Runs on a thread of its own: `with Relay(port) as relay` listens on `relay.port`."""

    def __init__(self, port: int, host: str = HOST, *, listen: int = 0, is_postgres: bool = True) -> None:
        self.target = (host, port)
        self.is_postgres = is_postgres
        self.port = listen or free_port()
        self.counts = Counts()
        self.delay = 0.0
        self.unknown = Unknown("sent", 0, messages.COMMIT)
        self._connections: dict[Connection, asyncio.Task] = {}
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.flowing = asyncio.Event()
        self.flowing.set()

    def __enter__(self) -> "Relay":
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work) -> dict:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, HOST, self.port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts.accepted += 1
        connection = Connection(self, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._connections[connection] = task
        try:
            await self.flowing.wait()
            await connection.serve()
        except (OSError, asyncio.CancelledError):
            connection.close()
        finally:
            del self._connections[connection]

    async def _end(self) -> None:
        await self._close()
        self._cut()
        tasks = list(self._connections.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def _cut(self) -> None:
        for connection in list(self._connections):
            connection.reset()

    # Commands. Each takes words and gives facts.

    def commands(self) -> dict:
        return {
            "pass": self.let_pass, "cut": self.cut, "refuse": self.refuse, "blackhole": self.blackhole,
            "delay": self.set_delay, "unknown": self.set_unknown, "status": self.status}

    def status(self) -> dict:
        return asdict(self.counts) | {"open": len(self._connections), "unknown_left": self.unknown.left}

    def let_pass(self) -> dict:
        async def work() -> None:
            self.delay = 0
            self.flowing.set()
            await self._listen()

        self._do(work())
        return self.status()

    def cut(self) -> dict:
        async def work() -> None:
            self._cut()

        self._do(work())
        return self.status()

    def refuse(self) -> dict:
        async def work() -> None:
            await self._close()
            self._cut()

        self._do(work())
        return self.status()

    def blackhole(self) -> dict:
        async def work() -> None:
            self.flowing.clear()

        self._do(work())
        return self.status()

    def set_delay(self, milliseconds: str) -> dict:
        self.delay = float(milliseconds) / 1000
        return self.status()

    def set_unknown(self, when: str, count: str = "1", *pattern: str) -> dict:
        if when not in WHENS:
            raise Failed(f"an outcome is unknown because the statement was {', '.join(WHENS)}; not {when}")
        chosen = re.compile(" ".join(pattern), re.IGNORECASE) if pattern else messages.COMMIT
        self.unknown = Unknown(when, int(count), chosen)
        return self.status()
