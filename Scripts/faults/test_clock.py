"""Clocks that jump."""

import struct
import time
from pathlib import Path

from pgserver.system import binaries

from .case import FaultCase, fault
from .preload import built
from .processes import Process
from .sandbox import world


class Clock:
    """A wall clock of its own for some processes; it can be set while they run."""

    def __init__(self, folder: Path, seconds: int = 0) -> None:
        self._library = built("clock", folder)
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

    def expect_calm(self, workers: list[Process], times: str, words: str = "") -> None:
        rescued, lost = (
            sum(worker.metric(f'sluice_chunk_outcomes_total{{outcome="{what}"}}') for worker in workers)
            for what in ("rescued", "lost"))
        self.stop(*workers)
        self.saw(times, f"{rescued:.0f} rescues, {lost:.0f} lost leases{words}; equal")
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
           "work goes on; no chunk runs twice; tables equal the truth", "sqlite")
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

    @fault("F12", "the clock of the database's host is set back by 5 s, and forward again",
           "no early rescue, nothing stands still; tables equal the truth", "postgres")
    def test_F12_server_set_back(self, engine: str) -> None:
        self.jump_of_server(engine, -5)

    @fault("F12", "the clock of the database's host is set back by an hour, and forward again",
           "no early rescue, nothing stands still; tables equal the truth", "postgres")
    def test_F12_server_set_back_an_hour(self, engine: str) -> None:
        self.jump_of_server(engine, -3600)

    def jump_of_server(self, engine: str, seconds: int) -> None:
        place = self.lab("sqlite", ads=1, days=2).folder
        clock = Clock(place)
        server = self.server("--fast", SLUICE_POSTGRES_BIN=str(clock.binaries(place)))
        lab = self.lab(engine, world(page=5, latency=150), server.url, ads=20, days=100)
        lab.detach()
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        lab.wait_for_chunks(5)
        rates = [lab.rate(4)]
        for offset in (seconds, 0):
            before = lab.database.value("SELECT extract(epoch FROM clock_timestamp())")
            clock.set(offset)
            after = lab.database.value("SELECT extract(epoch FROM clock_timestamp())")
            self.assertNotEqual(round(float(after) - float(before)), 0, "the clock did not jump")
            time.sleep(2)
            rates.append(lab.rate(4))
        lab.hurry()
        told = ", ".join(f"{rate:.0f}" for rate in rates)
        self.expect_calm(workers, f"{seconds:+} s", f"; pages/s before and after each jump: {told}")
        self.assertGreater(rates[1], rates[0] / 3, told)
        self.expect_truth(lab)
