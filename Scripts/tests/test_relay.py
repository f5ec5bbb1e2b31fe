"""The relay passes everything on, and breaks what it is told to break where it is told to."""

import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from servers import Program, needs_postgres, psql, value

from pgserver.messages import Reader  # found by `servers`
from pgserver.relay import Relay
from pgserver.server import wait_for


def message(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack(">I", len(body) + 4) + body


STARTUP = struct.pack(">II", 8, 196608)
EXTENDED = [
    message("P", b"s1\0COMMIT\0\0\0"), message("B", b"\0s1\0" + bytes(6)), message("E", b"\0" + bytes(4)),
    message("S", b"")]


class Messages(unittest.TestCase):
    def test_statements_are_found_however_the_bytes_are_cut(self) -> None:
        data = STARTUP + message("Q", b"SELECT 1\0") + b"".join(EXTENDED)
        for size in (1, 7, len(data)):
            reader, found = Reader(), []
            for at in range(0, len(data), size):
                found += reader.feed(data[at : at + size])

            self.assertEqual(b"".join(one.data for one in found), data)
            self.assertEqual([(one.kind, one.sql) for one in found if one.sql], [("Q", "SELECT 1"), ("E", "COMMIT")])

    def test_what_is_encrypted_or_no_message_passes(self) -> None:
        reader = Reader()
        reader.feed(struct.pack(">II", 8, 80877103))
        reader.encrypted()

        self.assertEqual([one.data for one in reader.feed(b"\x16\x03\x01")], [b"\x16\x03\x01"])
        self.assertEqual([one.data for one in Reader().feed(b"GET / HTTP/1.1")], [b"GET / HTTP/1.1"])


class Echo:
    """Says to each client what it hears."""

    def __enter__(self) -> int:
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self.listener.getsockname()[1]

    def __exit__(self, *reason: object) -> None:
        self.listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._echo, args=(client,), daemon=True).start()

    def _echo(self, client: socket.socket) -> None:
        with client:
            try:
                while data := client.recv(1 << 16):
                    client.sendall(data)
            except OSError:
                return


class Modes(unittest.TestCase):
    def setUp(self) -> None:
        self.relay = Relay(self.enterContext(Echo()), is_postgres=False)
        self.enterContext(self.relay)

    def client(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.relay.port), timeout=5)
        self.addCleanup(client.close)
        return client

    def say(self, client: socket.socket, text: bytes) -> bytes:
        client.sendall(text)
        heard = b""
        while len(heard) < len(text):
            heard += client.recv(1 << 16)
        return heard

    def test_everything_passes(self) -> None:
        text = bytes(range(256)) * 4000

        self.assertEqual(self.say(self.client(), text), text)
        self.assertEqual(self.relay.status()["to_server"], len(text))
        self.assertEqual(self.relay.status()["to_client"], len(text))

    def test_cut_resets_and_the_next_one_is_served(self) -> None:
        client = self.client()
        self.say(client, b"one")
        self.relay.cut()

        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        self.assertEqual(self.say(self.client(), b"two"), b"two")
        self.assertEqual((self.relay.status()["accepted"], self.relay.status()["resets"]), (2, 1))

    def test_refuse_until_pass(self) -> None:
        client = self.client()
        self.say(client, b"one")
        self.relay.refuse()

        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        with self.assertRaises(ConnectionRefusedError):
            self.client()
        self.relay.let_pass()
        self.assertEqual(self.say(self.client(), b"two"), b"two")

    def test_a_blackhole_takes_and_delivers_nothing(self) -> None:
        client = self.client()
        self.say(client, b"one")
        self.relay.blackhole()
        late = self.client()
        for one in (client, late):
            one.settimeout(0.3)
            one.sendall(b"two")
            with self.assertRaises(TimeoutError):
                one.recv(1)
        swallowed = self.relay.status()["swallowed"]
        self.relay.let_pass()

        self.assertEqual(swallowed, 3)
        # What was swallowed does not come back; who waited to be let in is let in.
        with self.assertRaises(ConnectionResetError):
            client.settimeout(5)
            client.recv(1)
        late.settimeout(5)
        self.assertEqual(late.recv(3), b"two")

    def test_delay_in_both_directions(self) -> None:
        client = self.client()
        self.relay.set_delay("100")
        begun = time.monotonic()
        self.say(client, b"one")

        self.assertGreaterEqual(time.monotonic() - begun, 0.2)

    def test_a_server_that_is_away_is_a_reset(self) -> None:
        with Relay(1, is_postgres=False) as relay:
            # The reset may come while we still connect.
            with self.assertRaises(ConnectionResetError):
                with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as client:
                    client.recv(1)
            self.assertEqual(relay.status()["unreachable"], 1)


@needs_postgres
class UnknownOutcome(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(Program("serve", "--fast"))
        cls.relay = cls.enterClassContext(Program("relay", cls.server.facts["url"]))
        cls.direct, cls.url = cls.server.facts["url"], cls.relay.facts["url"]
        value(cls.direct, "CREATE TABLE t(x text)")

    def commit(self, row: str) -> str:
        """Gives what the client learns."""
        return psql(self.url, "BEGIN", f"INSERT INTO t VALUES ('{row}')", "COMMIT").stderr

    def has(self, row: str) -> bool:
        return value(self.direct, f"SELECT count(*) FROM t WHERE x = '{row}'") == "1"

    def test_done_and_lost_look_alike_to_the_client(self) -> None:
        before = self.relay("status")["unknown"]
        self.relay("unknown done")
        self.assertRegex(self.commit("done"), "closed the connection|reset by peer")
        self.relay("unknown lost")
        self.assertRegex(self.commit("lost"), "closed the connection|reset by peer")

        self.assertEqual((self.has("done"), self.has("lost")), (True, False))
        self.assertEqual(self.commit("after"), "")
        self.assertEqual(self.relay("status")["unknown"], before + 2)

    def test_sent_is_done_soon(self) -> None:
        self.relay("unknown sent")
        self.assertRegex(self.commit("sent"), "closed the connection|reset by peer")

        self.assertTrue(wait_for(lambda: self.has("sent"), 5))

    def test_other_statements_by_a_pattern(self) -> None:
        self.relay(r"unknown done 1 ^INSERT INTO t\b")
        told = psql(self.url, "INSERT INTO t VALUES ('single')").stderr

        self.assertRegex(told, "closed the connection|reset by peer")
        self.assertTrue(self.has("single"))

    def test_commits_by_prepared_statements(self) -> None:
        for when in ("done", "sent", "lost"):
            with self.subTest(when), tempfile.TemporaryDirectory() as folder:
                script = Path(folder) / "script"
                script.write_text(f"BEGIN;\nINSERT INTO t VALUES ('prepared {when}');\nCOMMIT;\n")
                self.relay(f"unknown {when} 1")
                done = subprocess.run(
                    ["pgbench", "-n", "-M", "prepared", "-t", "1", "-f", script, self.url], capture_output=True,
                    text=True, check=False, timeout=30)

                self.assertIn("aborted", done.stderr)
                if when == "sent":
                    self.assertTrue(wait_for(lambda: self.has("prepared sent"), 5))
                else:
                    self.assertEqual(self.has(f"prepared {when}"), when == "done")


if __name__ == "__main__":
    unittest.main()
