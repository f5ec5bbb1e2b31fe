"""Processes that die, or stop for a while."""

import random
import signal
import time

from .case import FaultCase, fault, option
from .lab import Lab
from .processes import PATIENCE, Process, eventually
from .sandbox import world

HALF_WRITTEN = "status = 'in_progress' AND batches > 0"


class KillCases(FaultCase):
    def slow_lab(self, engine: str, latency: float = 60, **size: int) -> Lab:
        lab = self.lab(engine, world(page=20, latency=latency), **({"ads": 12, "days": 60} | size))
        lab.detach()
        return lab

    def kill_in_mid_chunk(self, lab: Lab, worker: Process) -> tuple[str, int]:
        """The chunk that had rows and no end, and its fence."""
        eventually("a chunk is half written", lambda: lab.chunks(HALF_WRITTEN) > 0, pause=0.01)
        worker.kill()
        left = lab.database.rows(f"SELECT id, fence FROM sync_chunks WHERE {HALF_WRITTEN} ORDER BY id LIMIT 1")
        self.assertTrue(left, "the chunk got done before the kill")
        chunk, fence = left[0].split("|")
        return chunk, int(fence)

    @fault("F1", "SIGKILL of a worker in mid-chunk: rows written, cursor not at its end",
           "the chunk runs elsewhere within 60 s; tables equal the truth; 0 lost, 0 doubled")
    def test_F01_kill_in_mid_chunk(self, engine: str) -> None:
        lab = self.slow_lab(engine)
        chunk, fence = self.kill_in_mid_chunk(lab, lab.worker("--workers", "3"))
        begun = time.monotonic()
        other = lab.worker("--workers", "3")

        again = f"id = {chunk} AND (fence > {fence} OR status = 'completed')"
        eventually("the chunk runs elsewhere", lambda: lab.chunks(again) == 1, 75)
        waited = time.monotonic() - begun
        lab.wait()
        self.stop(other)

        self.saw(1, f"taken over after {waited:.0f} s; equal")
        self.assertLess(waited, 60)
        self.expect_truth(lab)

    @fault("F2", "SIGKILL right after a commit that completes a chunk",
           "the chunk is seen completed and does not run again")
    def test_F02_kill_after_the_commit(self, engine: str) -> None:
        lab = self.slow_lab(engine, latency=30, days=int(option("F02_DAYS", 60, 1000)))
        kills = int(option("F02_KILLS", 6, 40))
        seen: dict[str, str] = {}
        dice = random.Random(2)
        done = 0
        while done < kills and not lab.is_done():
            worker = lab.worker("--workers", "2")
            before = lab.completed()
            eventually("one more is completed", lambda: lab.completed() > before or lab.is_done(), pause=0.005)
            time.sleep(dice.random() * 0.01)
            worker.kill()
            done += 1
            for line in lab.database.rows(
                    "SELECT id, fence, requests, finished_at FROM sync_chunks WHERE status = 'completed'"):
                self.assertEqual(seen.setdefault(line.split("|")[0], line), line, "a completed chunk has changed")
            lab.expire()
        last = lab.worker("--workers", "4")
        lab.wait()
        self.stop(last)

        self.saw(done, f"{len(seen)} chunks were completed before a kill, none ran again; equal")
        self.expect_truth(lab)

    @fault("F3", "SIGSTOP of a worker for twice its lease, then SIGCONT",
           "another finishes the chunk; the first is refused when it writes; one completion of each chunk")
    def test_F03_stopped_for_two_leases(self, engine: str) -> None:
        lab = self.slow_lab(engine, latency=150)
        worker = lab.worker("--workers", "3")
        eventually("a chunk is half written", lambda: lab.chunks(HALF_WRITTEN) > 0, pause=0.01)
        worker.send(signal.SIGSTOP)
        stop = option("F03_SECONDS", 0, 90)
        time.sleep(stop)
        if not stop:
            lab.expire()
        held = lab.chunks("status = 'in_progress' OR worker IS NOT NULL")
        others = [] if engine == "sqlite" else [lab.worker("--workers", "1")]
        if others:
            eventually("the other has rescued them", lambda: others[0].metric(
                'sluice_chunk_outcomes_total{outcome="rescued"}') >= 1 or "taken over" in others[0].out, PATIENCE)
        worker.send(signal.SIGCONT)
        lab.wait()
        lost = worker.metric('sluice_chunk_outcomes_total{outcome="lost"}')
        self.stop(worker, *others)

        how = f"{stop:.0f} s" if stop else "leases let run out"
        self.saw(f"{held} chunks ({how})", f"{lost:.0f} stale attempts refused; equal")
        if others:
            self.assertGreaterEqual(lost, 1)
        self.expect_truth(lab)

    @fault("F4", "leases run out at any moment of the work, so that rescue races completion",
           "completed is never overwritten, no chunk is completed twice")
    def test_F04_rescue_races_completion(self, engine: str) -> None:
        lab = self.lab(engine, world(page=5, latency=10), ads=10, days=int(option("F04_DAYS", 150, 1000)))
        lab.detach()
        workers = [lab.worker("--workers", "3") for _ in range(1 if engine == "sqlite" else 3)]
        wanted, forced, dice = int(option("F04_RACES", 60, 1000)), 0, random.Random(4)
        while forced < wanted and not lab.is_done():
            time.sleep(dice.random() * 0.05)
            forced += self.rescue(lab)
        lab.wait(600)
        self.stop(*workers)

        log = lab.database.count("fault_log", "was = 'completed'")
        self.saw(forced, f"{log} completed chunks overwritten; equal")
        self.assertGreater(forced, wanted / 4)
        self.expect_truth(lab)

    @staticmethod
    def rescue(lab: Lab) -> int:
        """What a rescuer does to one chunk whose lease ran out: back to pending, while its owner works on."""
        pick = f"SELECT id FROM sync_chunks WHERE {HALF_WRITTEN} ORDER BY random() LIMIT 1"
        return len(lab.database.rows(
            "UPDATE sync_chunks SET status = 'pending', worker = NULL, lease_until = NULL "
            f"WHERE status = 'in_progress' AND id = ({pick}) RETURNING id"))

    @fault("F28", "a chunk that kills its worker each time, as the kernel does when memory is short",
           "at most 3 deaths, then the chunk is set aside, its siblings are completed, the owner is told")
    def test_F28_poison_chunk(self, engine: str) -> None:
        lab = self.slow_lab(engine, latency=100, days=20)
        deaths, fence = 0, 0
        worker = lab.worker("--workers", "1")
        eventually("there are reports to read", lambda: lab.chunks("stream = 'ad_insights'") > 0)
        poison = lab.database.value(
            "SELECT min(id) FROM sync_chunks WHERE stream = 'ad_insights' AND status <> 'completed'")
        # No page of it ever comes: a chunk that gets on is no poison.
        lab.sandbox.fail({"kind": "late", "target": "level=ad&", "method": "", "share": 1000, "calls": []})
        while deaths < 6 and not lab.chunks(f"id = {poison} AND status = 'failed'"):
            bites = f"SELECT id FROM sync_chunks WHERE id = {poison} AND fence > {fence} AND status = 'in_progress'"
            is_aside = f"id = {poison} AND status = 'failed'"
            eventually("it bites or is set aside", lab.patiently(
                lambda: lab.database.rows(bites) or lab.chunks(is_aside)), 60, pause=0.003)
            if not lab.database.rows(bites):
                break
            worker.kill()
            fence = lab.database.number(f"SELECT fence FROM sync_chunks WHERE id = {poison}")
            deaths += 1
            lab.expire()
            worker = lab.worker("--workers", "1")
        lab.sandbox.fail()
        lab.hurry()
        self.stop(worker)

        state = lab.database.value(f"SELECT status, error_class FROM sync_chunks WHERE id = {poison}")
        rest = lab.chunks(f"id <> {poison} AND status <> 'completed'")
        told = lab.database.count("events", "kind = 'chunk_failed'")
        self.saw(deaths, f"{deaths} deaths, then {state.replace('|', ', ')}; {rest} siblings left behind; {told} event")
        self.assertEqual((state, rest, told), ("failed|quarantined", 0, 1))
        self.assertLessEqual(deaths, 3)
        job = lab.database.value("SELECT max(id) FROM sync_jobs")
        self.assertEqual(lab.command("retry", job).code, 0)
        self.assertEqual(lab.sync().code, 0)
        self.expect_truth(lab)
