"""Reads what a client sends to PostgreSQL, just well enough to know when a statement that matters is run."""

import re
import struct
from dataclasses import dataclass, field

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
COMMIT = re.compile(r"(?:^|;)\s*(?:COMMIT|END)\b(?!\s+PREPARED)", re.IGNORECASE)


@dataclass(frozen=True)
class Message:
    """`kind` is empty for what comes before the first message with a kind."""

    kind: str
    data: bytes
    # The statement that this message runs.
    sql: str | None = None


@dataclass
class Reader:
    """The bytes of one connection, from the client to the server."""

    # Encrypted, or no PostgreSQL at all: passed on as it comes.
    is_opaque: bool = False
    _is_started: bool = False
    _statements: dict[bytes, str] = field(default_factory=dict)
    _portals: dict[bytes, str] = field(default_factory=dict)
    # What has come and was not given on, and how much of it was read.
    _rest: bytearray = field(default_factory=bytearray)
    _at: int = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole by now; with the rest the next ones begin."""
        if self.is_opaque:
            return [Message("", data)]
        self._rest += data
        found = []
        while message := self._next():
            found.append(message)
        del self._rest[: self._at]
        self._at = 0
        if self.is_opaque and self._rest:
            found.append(Message("", bytes(self._rest)))
            self._rest.clear()
        return found

    def encrypted(self) -> None:
        """The server has agreed to encrypt."""
        self.is_opaque = True

    def _next(self) -> Message | None:
        head = 1 if self._is_started else 0
        if self.is_opaque or len(self._rest) - self._at < head + 4:
            return None
        size = head + struct.unpack_from(">I", self._rest, self._at + head)[0]
        if size < head + 4 or size > 1 << 30:
            self.is_opaque = True
            return None
        if len(self._rest) - self._at < size:
            return None
        data = bytes(self._rest[self._at : self._at + size])
        self._at += size
        return self._message(data) if self._is_started else self._before_start(data)

    def _before_start(self, data: bytes) -> Message:
        code = struct.unpack_from(">I", data, 4)[0] if len(data) >= 8 else 0
        if code == CANCEL_REQUEST:
            self.is_opaque = True
        elif code not in (SSL_REQUEST, GSS_REQUEST):
            self._is_started = True
        return Message("", data)

    def _message(self, data: bytes) -> Message:
        kind, body = chr(data[0]), data[5:]
        sql = None
        if kind == "Q":
            sql = body.rstrip(b"\0").decode(errors="replace")
        elif kind == "P":
            name, text, _ = body.split(b"\0", 2)
            self._statements[name] = text.decode(errors="replace")
        elif kind == "B":
            portal, name, _ = body.split(b"\0", 2)
            self._portals[portal] = self._statements.get(name, "")
        elif kind == "E":
            sql = self._portals.get(body.split(b"\0", 1)[0])
        return Message(kind, data, sql)
