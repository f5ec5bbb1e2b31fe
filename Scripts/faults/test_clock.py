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
           "no early rescue, no chunk runs twice; tables equal the truth", "postgres")
    def test_F12_wrong_clock_of_a_worker(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=50), ads=12, days=60)
        lab.detach()
        clocks = [Clock(lab.folder, 3600), Clock(lab.folder, -3600)]
        workers = [lab.worker("--workers", "2", **clock.environment) for clock in clocks] + [lab.worker()]
        lab.wait()
        self.expect_calm(workers, "±1 h at once")
        self.expect_truth(lab)

    def expect_calm(self, workers: list[Process], times: str) -> None:
        rescued, lost = (
            sum(worker.metric(f'sluice_chunk_outcomes_total{{outcome="{what}"}}') for worker in workers)
            for what in ("rescued", "lost"))
        self.stop(*workers)
        self.saw(times, f"{rescued:.0f} rescues, {lost:.0f} lost leases; equal")
        self.assertEqual((rescued, lost), (0, 0))

    @fault("F12", "the clock of the machine is put an hour ahead while a worker works",
           "no early rescue, no chunk runs twice; tables equal the truth", "sqlite")
    def test_F12_clock_put_ahead(self, engine: str) -> None:
        self.jump(engine, 3600)

    @fault("F12", "the clock of the machine, an hour ahead, is set right while a worker works",
           "work goes on; no chunk runs twice; tables equal the truth", "sqlite")
    def test_F12_clock_set_back(self, engine: str) -> None:
        self.jump(engine, -3600)

    @fault("F12", "the same, and the worker is started anew after it",
           "work goes on; no chunk runs twice; tables equal the truth", "sqlite", known="quotas owe an hour")
    def test_F12_clock_set_back_and_restart(self, engine: str) -> None:
        self.jump(engine, -3600, restarts=True)

    def jump(self, engine: str, seconds: int, restarts: bool = False) -> None:
        lab = self.lab(engine, world(page=10, latency=50), ads=12, days=60)
        lab.detach()
        clock = Clock(lab.folder, max(0, -seconds))
        worker = lab.worker("--workers", "2", **clock.environment)
        lab.wait_for_chunks(8)
        if restarts:
            self.stop(worker)
        clock.set(max(0, seconds))
        if restarts:
            worker = lab.worker("--workers", "2", **clock.environment)
        lab.wait(30)
        self.expect_calm([worker], f"{seconds / 3600:+.0f} h")
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
