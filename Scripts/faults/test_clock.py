"""Clocks that jump."""

import time
import unittest
from pathlib import Path

from .case import FaultCase, fault
from .databases import Postgres
from .processes import Process
from .sandbox import world

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


@unittest.skipUnless(LIBRARY, "needs faketime: Scripts/packages.sh test")
class ClockCases(FaultCase):
    @staticmethod
    def fake(offset: str) -> dict[str, str]:
        # Periods are measured with the monotonic clock, which no jump touches.
        return {
            "LD_PRELOAD": str(LIBRARY), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1"}

    @fault("F12", "the clock of one worker is an hour ahead, that of another an hour behind",
           "no early rescue, no chunk runs twice; tables equal the truth")
    def test_F12_wrong_clock_of_a_worker(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=50), ads=12, days=60)
        lab.detach()
        offsets = ["+1h", "-1h"]
        workers: list[Process] = []
        if engine == "postgres":
            workers = [lab.worker("--workers", "2", **self.fake(offset)) for offset in offsets] + [lab.worker()]
        else:
            # One process works on a file: one after the other.
            for offset in offsets:
                worker = lab.worker("--workers", "2", **self.fake(offset))
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
        clock = probe.folder / "clock"
        probe.folder.chmod(0o755)
        clock.write_text("+0\n")
        server = self.server("--fast", **{
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
        lab = self.lab(engine, world(page=5, latency=150), server.url, ads=20, days=150)
        lab.detach()
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        lab.wait_for_chunks(5)
        rates = []
        for offset in ("-5s", "-3600s", "+0"):
            before = Postgres.value(lab.database, "SELECT extract(epoch FROM clock_timestamp())")
            clock.write_text(offset + "\n")
            after = lab.database.value("SELECT extract(epoch FROM clock_timestamp())")
            rates.append(lab.rate(5))
            self.assertNotEqual(round(float(after) - float(before)), 0, "the clock did not jump")
            time.sleep(0.5)
        rescued = sum(worker.metric('sluice_chunk_outcomes_total{outcome="rescued"}') for worker in workers)
        lab.wait()
        self.stop(*workers)

        told = " ".join(f"{rate:.0f}" for rate in rates)
        self.saw("−5 s, −1 h, +1 h", f"{rescued:.0f} rescues; pages/s after each jump: {told}; equal")
        self.assertGreater(min(rates), 0)
        self.expect_truth(lab)
