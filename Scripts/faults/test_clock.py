"""Clocks that jump."""

import shutil
import struct
import subprocess
from pathlib import Path

from pgserver.system import binaries

from .case import FaultCase, fault
from .processes import Process
from .sandbox import world

CODE = Path(__file__).resolve().parent / "clock.c"


class Clock:
    """A wall clock of its own for some processes; it can be set while they run."""

    def __init__(self, folder: Path, seconds: int = 0) -> None:
        folder.chmod(0o755)
        self._library = folder / "clock.so"
        if not self._library.exists():
            compiler = shutil.which("clang") or shutil.which("cc") or "cc"
            subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", self._library, CODE], check=True)
        self._file = folder / f"offset-{seconds}"
        self._file.write_bytes(bytes(8))
        self.set(seconds)

    def set(self, seconds: int) -> None:
        # In place: the processes have it mapped.
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "CLOCK_OFFSET": str(self._file)}

    def binaries(self, folder: Path) -> Path:
        """The programs of PostgreSQL, the server with this clock."""
        place = folder / "bin"
        place.mkdir()
        place.chmod(0o755)
        for program in binaries().iterdir():
            if program.name != "postgres":
                (place / program.name).symlink_to(program)
        words = " ".join(f"{name}='{value}'" for name, value in self.environment.items())
        server = place / "postgres"
        server.write_text(f"#!/bin/sh\nexec env {words} '{binaries() / 'postgres'}' \"$@\"\n")
        server.chmod(0o755)
        return place


class ClockCases(FaultCase):
    @fault("F12", "the clock of one worker is an hour ahead, that of another an hour behind",
           "no early rescue, no chunk runs twice; tables equal the truth")
    def test_F12_wrong_clock_of_a_worker(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=50), ads=12, days=60)
        lab.detach()
        clocks = [Clock(lab.folder, 3600), Clock(lab.folder, -3600)]
        workers: list[Process] = []
        if engine == "postgres":
            workers = [lab.worker("--workers", "2", **clock.environment) for clock in clocks] + [lab.worker()]
        else:
            # One process works on a file: one after the other.
            for clock in clocks:
                worker = lab.worker("--workers", "2", **clock.environment)
                lab.wait_for_chunks(lab.completed() + 4)
                self.stop(worker)
            workers = [lab.worker("--workers", "2")]
        lab.wait()
        rescued = sum(worker.metric('sluice_chunk_outcomes_total{outcome="rescued"}') for worker in workers)
        lost = sum(worker.metric('sluice_chunk_outcomes_total{outcome="lost"}') for worker in workers)
        self.stop(*workers)

        self.saw("±1 h", f"{rescued:.0f} rescues, {lost:.0f} lost leases; equal")
        self.assertEqual((rescued, lost), (0, 0))
        self.expect_truth(lab)

    @fault("F12", "the clock of the database's host is set back by 5 s, then by an hour, then forward again",
           "no early rescue, nothing stands still; tables equal the truth", "postgres")
    def test_F12_wrong_clock_of_the_server(self, engine: str) -> None:
        probe = self.lab("sqlite", ads=1, days=2)
        clock = Clock(probe.folder)
        server = self.server("--fast", SLUICE_POSTGRES_BIN=str(clock.binaries(probe.folder)))
        lab = self.lab(engine, world(page=5, latency=150), server.url, ads=20, days=150)
        lab.detach()
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        lab.wait_for_chunks(5)
        rates = []
        for offset in (-5, -3600, 0):
            before = lab.database.value("SELECT extract(epoch FROM clock_timestamp())")
            clock.set(offset)
            after = lab.database.value("SELECT extract(epoch FROM clock_timestamp())")
            rates.append(lab.rate(5))
            self.assertNotEqual(round(float(after) - float(before)), 0, "the clock did not jump")
        rescued = sum(worker.metric('sluice_chunk_outcomes_total{outcome="rescued"}') for worker in workers)
        lab.hurry()
        self.stop(*workers)

        told = " ".join(f"{rate:.0f}" for rate in rates)
        self.saw("−5 s, −1 h, +1 h", f"{rescued:.0f} rescues; pages/s after each jump: {told}; equal")
        self.assertGreater(min(rates), 0)
        self.expect_truth(lab)
