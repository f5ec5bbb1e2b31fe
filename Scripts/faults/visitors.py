"""The server as its visitors have it: browsers with a session, programs, and the streams that both keep open."""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable

from .case import FaultCase
from .processes import Ended, Process, eventually

PASSWORD = "cà phê sữa đá ngon"
PAGES = ["/", "/accounts", "/accounts/1", "/accounts/1/progress", "/sync/logs", "/sync/schedules", "/sync/quick"]


class Answer:
    """Of one call; `status` is 0 where there was none: the server was away, or ended meanwhile."""

    def __init__(self, status: int, headers: dict[str, str], text: str, seconds: float) -> None:
        self.status, self.headers, self.text, self.seconds = status, headers, text, seconds

    @property
    def json(self) -> dict:
        return json.loads(self.text)

    @property
    def is_polite(self) -> bool:
        """What a server may say that cannot serve just now, or not so much: when to come back."""
        return self.status in (429, 503) and int(self.headers.get("retry-after", "0")) > 0

    def __repr__(self) -> str:
        return f"{self.status} {self.text[:300]}"


class Visitor:
    """Somebody with a session at the server that listens on `port`."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie

    @classmethod
    def first(cls, server: Process) -> "Visitor":
        """The owner, by the link on the server's console."""
        found = eventually("the server tells the link", lambda: re.search(r"/setup\?code=(\S+)", server.out))
        owner = cls(port(server))
        owner.enter("/setup", code=found[1], workspace="Torture", name="Linh", email="linh@sluice.example")
        return owner

    def colleague(self, number: int) -> "Visitor":
        """Another person of the same workspace."""
        email = f"person{number}@sluice.example"
        made = self.ask("/sync/settings/people", {"email": email, "role": "operator"}).json
        other = Visitor(self.port)
        other.enter("/invitation", code=made["link"].split("code=")[1], name=f"Person {number}")
        return other

    def enter(self, path: str, **fields: str) -> None:
        answer = self.ask(path, fields | {"password": PASSWORD})
        if answer.status != 200:
            raise Ended(f"{path}: {answer!r}")
        self.cookie = "; ".join(re.findall(r"^(sluice=[^;]+)", answer.headers["set-cookie"], re.MULTILINE))

    def at(self, port: int) -> "Visitor":
        """The same session at another server of the same database."""
        return Visitor(port, self.cookie)

    def ask(self, path: str, body: dict | None = None, accept: str = "application/json", seconds: float = 60) -> Answer:
        begun = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Accept": accept, "Cookie": self.cookie, "Accept-Language": "en"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            line.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
            answer = line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as trouble:
            return Answer(0, {}, repr(trouble), time.monotonic() - begun)
        finally:
            line.close()
        told: dict[str, str] = {}
        for name, value in answer.getheaders():
            told[name.lower()] = "\n".join(filter(None, [told.get(name.lower()), value]))
        return Answer(answer.status, told, text, time.monotonic() - begun)

    def page(self, path: str) -> Answer:
        return self.ask(path, accept="text/html")

    def asking(self, path: str) -> str:
        """The bytes of a call for a stream, but for the empty line at its end."""
        return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
                "Accept: text/event-stream\r\nAccept-Language: en\r\n")


def port(server: Process) -> int:
    return int(server.listening.rsplit(":", 1)[1])


class Stream:
    """What a browser's EventSource does: reads, and after an end comes back with the id that it had last.

    `messages` are (connection, id, event, data) of whole messages."""

    def __init__(self, visitor: Visitor, path: str) -> None:
        self.visitor, self.path = visitor, path
        self.messages: list[tuple[int, int, str, object]] = []
        self.refusals: list[str] = []
        self.connections = 0
        self._has_ended = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._has_ended.is_set():
            try:
                self._listen()
            except (OSError, http.client.HTTPException):
                pass
            # A browser waits some seconds.
            self._has_ended.wait(0.5)

    def _listen(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.visitor.port, timeout=20)
        headers = {"Accept": "text/event-stream", "Cookie": self.visitor.cookie, "Accept-Language": "en"}
        if self.messages:
            headers["Last-Event-ID"] = str(self.messages[-1][1])
        try:
            line.connect()
            self._socket = line.sock
            line.request("GET", self.path, headers=headers)
            answer = line.getresponse()
            if answer.status != 200:
                self.refusals.append(f"{answer.status} {answer.getheader('retry-after')}")
                return
            self.connections += 1
            self._read(answer)
        finally:
            line.close()

    def _read(self, answer: http.client.HTTPResponse) -> None:
        fields: dict[str, str] = {}
        while not self._has_ended.is_set() and (text := answer.readline()):
            name, _, value = text.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif fields.get("id"):
                # What is not JSON is an address or a part of a page.
                data = fields["data"]
                self.messages.append((
                    self.connections, int(fields["id"]), fields["event"],
                    json.loads(data) if data[:1] in "{[" else data))
                fields = {}
            else:
                fields = {}

    def of(self, connection: int) -> list[tuple[int, int, str, object]]:
        return [message for message in self.messages if message[0] == connection]

    def regions(self) -> dict[str, str]:
        """The parts of the page as they are now: the newest snapshot and what came after it."""
        parts: dict[str, str] = {}
        for _, _, event, data in self.messages:
            if event == "regions" and isinstance(data, dict):
                parts |= data
        return parts

    def close(self) -> None:
        self._has_ended.set()
        try:
            if self._socket:
                self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It has ended by itself.
            pass
        self._thread.join(30)


class Poller:
    """A program that asks for the same again and again, whatever it is answered."""

    def __init__(self, visitor: Visitor, ask: Callable[[Visitor], Answer], pause: float = 0.05) -> None:
        self.visitor, self.answers = visitor, []
        self._ask, self._pause, self._has_ended = ask, pause, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._has_ended.wait(self._pause):
            self.answers.append(self._ask(self.visitor))

    def close(self) -> list[Answer]:
        self._has_ended.set()
        self._thread.join(90)
        return self.answers


class VisitedCase(FaultCase):
    def expect_statuses(self, answers: list[Answer], *allowed: int) -> None:
        """And of those that say "not now", when to come back."""
        wrong = [answer for answer in answers if answer.status not in allowed]
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(answers)}")
        rude = [answer for answer in answers if answer.status in (429, 503) and not answer.is_polite]
        self.assertEqual(rude[:3], [], f"{len(rude)} of {len(answers)}")
