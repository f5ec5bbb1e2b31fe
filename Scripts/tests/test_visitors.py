"""What the fault suite's streams make of a server that is cut off."""

import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faults.processes import eventually  # noqa: E402
from faults.visitors import Stream, Visitor  # noqa: E402

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class StreamTests(unittest.TestCase):
    def setUp(self) -> None:
        self.asked: list[str] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.door.close)

    def serve(self, *parts: bytes) -> None:
        for part in parts:
            line, _ = self.door.accept()
            self.asked.append(line.recv(4096).decode())
            line.sendall(HEAD + part)
            line.close()

    def test_comes_back_with_the_id_of_the_last_whole_message(self) -> None:
        parts = (
            b'id: 4\nevent: snapshot\ndata: {"a":1}\n\n: still here\n\nid: 5\nevent: events\ndata: [{"id":5',
            b'id: 5\nevent: events\ndata: [{"id":5}]\n\n')
        thread = threading.Thread(target=self.serve, args=parts, daemon=True)
        thread.start()

        stream = Stream(Visitor(self.door.getsockname()[1], "sluice=x"), "/events")
        eventually("both are read", lambda: len(stream.messages) == 2, 20)
        stream.close()

        self.assertEqual(stream.messages, [(1, 4, "snapshot", {"a": 1}), (2, 5, "events", [{"id": 5}])])
        self.assertNotIn("Last-Event-ID", self.asked[0])
        self.assertIn("Last-Event-ID: 4", self.asked[1])
