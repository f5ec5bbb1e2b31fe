"""Programs that a test starts, talks to, and ends by their ids."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("SLUICE_BINARY", SCRIPTS.parent / ".build/release/sluice")).resolve()
# Nothing of the caller's environment decides what is tested.
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "SLUICE_LANG": "en"}
# What a condition may take on a machine that is busy with other tests.
PATIENCE = 90


class Ended(AssertionError):
    """A program ended, or did not, against what the test needs."""


def eventually(what: str, condition: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.05) -> object:
    """What the condition gave when it was first true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise Ended(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return found


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict:
        return json.loads(self.out.strip().splitlines()[-1])

    def __repr__(self) -> str:
        return f"code {self.code}; out: {self.out[-600:]!r}; err: {self.err[-600:]!r}"


class Process:
    """A program whose output goes to files, so that it can be read while it runs and after a SIGKILL."""

    _number = 0

    def __init__(
        self, command: list[str], folder: Path, environment: dict[str, str], preexec: Callable | None = None
    ) -> None:
        Process._number += 1
        self.command = command
        self._out = folder / f"process-{Process._number}.out"
        self._err = folder / f"process-{Process._number}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                preexec_fn=preexec)
        self.pid = self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    @property
    def out(self) -> str:
        return self._out.read_text(errors="replace")

    @property
    def err(self) -> str:
        return self._err.read_text(errors="replace")

    def send(self, number: int) -> None:
        if self.is_running:
            self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.process.wait()

    def wait(self, seconds: float = PATIENCE) -> Outcome:
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.kill()
            words = f"{self.out[-400:]} {self.err[-400:]}"
            raise Ended(f"{' '.join(self.command[1:3])} did not end within {seconds:.0f} s: {words}") from error
        return Outcome(code, self.out, self.err)

    def stop(self, seconds: float = 40) -> Outcome:
        self.send(signal.SIGTERM)
        return self.wait(seconds)

    @property
    def resident(self) -> int:
        """Bytes."""
        match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(match[1]) * 1024 if match else 0

    # Of a worker that listens.

    @property
    def listening(self) -> str:
        def find() -> str | None:
            if not self.is_running:
                raise Ended(f"the worker ended: {self.out[-500:]} {self.err[-500:]}")
            match = re.search(r"http://[0-9.]+:[0-9]+", self.out)
            return match[0] if match else None

        return str(eventually("the worker says where it listens", find))

    def probe(self, path: str, seconds: float = 10) -> tuple[int, str]:
        return get(self.listening + path, seconds)

    def metric(self, name: str) -> float:
        """The sum over its labels; 0 for one that is not there."""
        text = self.probe("/metrics")[1]
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
            if re.match(rf"{re.escape(name)}(\{{| )", line))


def get(url: str, seconds: float = 30, body: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Helper:
    """`postgres.py` as a program: its first line is `facts`; calling it sends a command."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPTS / "postgres.py"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=os.environ | (environment or {}))
        self.facts = self._read()
        if "url" not in self.facts:
            self.close()
            raise Ended(f"postgres.py {' '.join(arguments)}: {self.facts}")

    def __call__(self, command: str) -> dict:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise Ended(f"{command}: {answer['error']}")
        return answer

    def _read(self) -> dict:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline() or '{"error": "it ended"}')

    @property
    def url(self) -> str:
        return self.facts["url"]

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
        self.process.stdout.close()
