"""A steady load on a database, and what it falls to when something breaks."""

import re
import socket
import struct
import time
from pathlib import Path

from .lab import Lab
from .processes import Ended, Process, eventually
from .sandbox import world

# Each answer takes so long that it, not the machine, decides how many pages a second are written.
LATENCY = 200


def steady_world() -> dict:
    return world(page=5, latency=LATENCY)


def steady_size(seconds: float) -> dict[str, int]:
    """A world that lasts so long at thirty pages a second, whatever happens. Several accounts, so that there are always
    more chunks than calls at once: the rate does not fall when one ends."""
    pages, accounts, days = 45 * seconds, 4, 200
    return {"ads": max(4, int(pages * 5 / days / 1.75 / accounts)), "days": days, "accounts": accounts}


class Load:
    """Two workers on a job; `rate` is written pages a second."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        for account in lab.sandbox.accounts:
            lab.detach(account=account)
        self.workers = self.two()
        reports = "stream LIKE '%insights'"
        eventually("all read reports", lambda: lab.number_of_jobs(reports) == len(lab.sandbox.accounts))
        time.sleep(2)
        self.before = lab.rate(8)

    def after(self, within: float = 30) -> tuple[float, float]:
        """The best five seconds of the next `within`: their rate, and when they began."""
        begun, best, at = time.monotonic(), 0.0, 0.0
        while (now := time.monotonic() - begun) + 5 <= within + 5 and not self.lab.is_done():
            rate = self.lab.rate(5)
            if rate > best:
                best, at = rate, now
            if best >= 0.97 * self.before:
                break
        return best, at

    def two(self) -> list[Process]:
        return [self.lab.worker("--workers", "3") for _ in range(2)]

    def replace_workers(self) -> str:
        """By those that saw no fault. When they are slow as well, it is the machine that has more to do now, and they
        are what the others are compared with."""
        for worker in self.workers:
            if worker.stop().code != 0:
                raise Ended("a worker did not end well")
        self.workers = self.two()
        time.sleep(3)
        fresh = self.lab.rate(8)
        if self.lab.is_done():
            raise Ended("the work ended before the rate was measured")
        self.before = min(self.before, fresh)
        return f", of new workers {fresh:.0f} then"

    def share(self, rate: float) -> float:
        return 100 * rate / self.before

    def finish(self) -> None:
        self.lab.hurry(600)

    @property
    def are_running(self) -> bool:
        return all(worker.is_running for worker in self.workers)


class Histogram:
    """What one of the workers' histograms counted since this was made."""

    def __init__(self, workers: list[Process], name: str) -> None:
        self._workers, self._name = workers, name
        self._before = self._counts()

    def _counts(self) -> dict[float, float]:
        counts: dict[float, float] = {}
        for worker in self._workers:
            for line in worker.probe("/metrics")[1].splitlines():
                if match := re.match(rf'{self._name}_bucket{{.*le="([^"]+)".*}} (\S+)', line):
                    bound = float(match[1].replace("+Inf", "inf"))
                    counts[bound] = counts.get(bound, 0) + float(match[2])
        return counts

    def percentile(self, share: float) -> float:
        """The upper bound in seconds of the bucket in which that share of all is reached."""
        counts = {bound: count - self._before.get(bound, 0) for bound, count in self._counts().items()}
        total = max(counts.values(), default=0)
        return next((bound for bound in sorted(counts) if total and counts[bound] >= share * total), 0.0)


class IdleConnections:
    """Connections of a user who does nothing, through the server's socket; as many as it gives."""

    def __init__(self, folder: Path, port: int, user: str, database: str) -> None:
        self._path = str(folder / f".s.PGSQL.{port}")
        text = f"user\0{user}\0database\0{database}\0\0".encode()
        self._hello = struct.pack("!ii", len(text) + 8, 196608) + text
        self._open: list[socket.socket] = []

    def take(self, most: int) -> int:
        """Until the server refuses; gives how many are held."""
        while len(self._open) < most:
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(10)
            try:
                one.connect(self._path)
                one.sendall(self._hello)
                answer = one.recv(4096)
            except OSError:
                answer = b""
            if answer[:1] != b"R":
                one.close()
                break
            self._open.append(one)
        return len(self._open)

    def close(self) -> None:
        for one in self._open:
            one.close()
        self._open.clear()
