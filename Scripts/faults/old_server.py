"""What a PostgreSQL of an old version says to whoever connects; it knows no tables."""

import socket
import struct
import threading


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def status(name: str, value: str) -> bytes:
    return message(b"S", f"{name}\0{value}\0".encode())


WELCOME = (
    message(b"R", struct.pack("!i", 0)) + status("server_version", "13.9") + status("client_encoding", "UTF8")
    + status("standard_conforming_strings", "on") + status("integer_datetimes", "on") + status("TimeZone", "UTC")
    + message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
COMMITTED = message(b"C", b"SET\0")


def row(values: list[str]) -> bytes:
    """An answer of one row; the names of its columns do not matter."""
    column = struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
    head = b"".join(f"c{index}\0".encode() + column for index in range(len(values)))
    cells = b"".join(struct.pack("!i", len(value)) + value.encode() for value in values)
    count = struct.pack("!h", len(values))
    return message(b"T", count + head) + message(b"D", count + cells) + message(b"C", b"SELECT 1\0")


def answer(asked: bytes) -> bytes:
    """What a client asks before it looks at the version, if it does: SET, and facts of the session."""
    text = asked.decode(errors="replace")
    if "SELECT" not in text:
        return COMMITTED + message(b"Z", b"I")
    values = ["1", "UTF8", "off"] if "server_encoding" in text else ["13.9"]
    return (COMMITTED if "SET " in text else b"") + row(values) + message(b"Z", b"I")


class OldServer:
    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    @staticmethod
    def _talk(client: socket.socket) -> None:
        with client:
            try:
                # A wish for encryption is refused with one letter; the next message is the start.
                while (hello := client.recv(4096)) and struct.unpack("!i", hello[4:8])[0] in (80877103, 80877104):
                    client.sendall(b"N")
                client.sendall(WELCOME)
                while asked := client.recv(4096):
                    if asked[:1] == b"X":
                        return
                    client.sendall(answer(asked))
            except (OSError, struct.error):
                return

    def close(self) -> None:
        self._listener.close()
