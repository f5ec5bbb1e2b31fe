"""Upgrades, keys, a long history, a long time."""

import re
import time

from .case import FaultCase, fault, option
from .lab import Lab
from .processes import eventually, get
from .sandbox import world

OTHER_KEY = "OTg3NjU0MzIxMGFiY2RlZjk4NzY1NDMyMTBhYmNkZWY="


class UpgradeCases(FaultCase):
    @fault("F29", "a newer version, compatible with this one, migrates the database under load, and is taken back",
           "old workers go on; no job fails; a process of this version can start", "postgres")
    def test_F29_compatible_upgrade(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=60), ads=12, days=60)
        lab.detach()
        workers = [lab.worker("--workers", "2") for _ in range(2)]
        lab.wait_for_chunks(5)
        newest = lab.database.number("SELECT max(version) FROM schema_versions")
        # What a first step of a migration does: it adds. Like one, it tries again when workers are in its way.
        lab.database.patiently(
            "BEGIN; ALTER TABLE sync_chunks ADD COLUMN of_tomorrow text; ALTER TABLE sync_jobs ADD COLUMN of_tomorrow "
            f"integer NOT NULL DEFAULT 0; INSERT INTO schema_versions VALUES ({newest + 1}, {newest}, now()); COMMIT")
        lab.wait_for_chunks(lab.completed() + 3)
        self.stop(workers.pop())
        workers.append(lab.worker("--workers", "2"))
        looks = [lab.command("status").code, lab.command("jobs").code]
        looks.append(lab.sync("--detach", "--range", "yesterday").code)
        lab.database.patiently(
            "BEGIN; ALTER TABLE sync_chunks DROP COLUMN of_tomorrow; ALTER TABLE sync_jobs DROP COLUMN of_tomorrow; "
            f"DELETE FROM schema_versions WHERE version > {newest}; COMMIT")
        lab.wait()
        self.stop(*workers)

        failed = lab.chunks("status = 'failed' OR retry_count > 0")
        self.saw(1, f"{failed} chunks failed or were repeated; equal")
        self.assertEqual((looks, failed), ([0, 0, 0], 0))
        self.expect_truth(lab)

    @fault("F29", "a newer version takes away what this one needs, while this one works",
           "workers of this version end with exit 2 and one sentence; new ones refuse with exit 2",
           "postgres")
    def test_F29_incompatible_upgrade(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=60), ads=12, days=60)
        lab.detach()
        worker = lab.worker("--workers", "2")
        lab.wait_for_chunks(4)
        lab.database.rows("INSERT INTO schema_versions VALUES (99, 99, now())")
        late = lab.run("worker", "--database", lab.url)
        began, before = time.monotonic(), lab.batches()
        running = worker.wait(30)
        seconds, more = time.monotonic() - began, lab.batches() - before

        self.assertEqual((late.code, running.code), (2, 2), repr((late, running)))
        self.expect_sentence(late.err)
        self.assertIn(late.err.strip(), running.err)
        self.saw(1, f"\"{late.err.strip()}\"; the running worker ended {seconds:.0f} s later, after {more} more pages")

    @fault("F33", "a worker with another key on a database whose credentials are sealed with the first",
           "told in one sentence; no call with a wrong credential; nothing is lost; the right key goes on")
    def test_F33_wrong_key(self, engine: str) -> None:
        lab = self.lab(engine, world(page=20), ads=12, days=30)
        job = lab.detach()
        calls = lab.sandbox.calls
        wrong = lab.start("worker", "--database", lab.url, "--listen", "127.0.0.1:0", SLUICE_SECRET_KEY=OTHER_KEY)
        eventually("it says so or ends", lambda: "key" in wrong.out + wrong.err or not wrong.is_running, 30)
        time.sleep(2)
        told = [line for line in (wrong.out + wrong.err).splitlines() if " key" in line]
        used = lab.sandbox.calls - calls
        lost = lab.chunks("status = 'failed' OR retry_count > 0")
        if wrong.is_running:
            wrong.stop()
        right = lab.worker()
        try:
            lab.wait(40)
            how = "the right key went on by itself"
        except AssertionError:
            again = lab.run("connect", "meta", "--base-url", lab.sandbox.url, "--database", lab.url,
                            SLUICE_META_TOKEN=lab.sandbox.token)
            self.assertEqual(again.code, 0, repr(again))
            how = f"after `connect` it went on ({self.state(lab, job)})"
            lab.wait()
        self.stop(right)

        self.assertEqual((used, lost), (0, 0), told)
        self.assertEqual(len(told), 1, told)
        self.saw(1, f"\"{told[0][:200]}\"; {how}; equal")
        self.expect_truth(lab)

    @fault("F33", "a sync with a token and another key on a server's database",
           "refused in one sentence, exit 2; workers with the right key go on", "postgres")
    def test_F33_sync_with_wrong_key(self, engine: str) -> None:
        lab = self.lab(engine, world(page=20), ads=12, days=30)
        lab.detach()
        wrong = lab.start_sync("--detach", SLUICE_SECRET_KEY=OTHER_KEY).wait(60)
        worker = lab.worker()
        lab.wait()
        self.stop(worker)

        self.saw(1, f"\"{wrong.err.strip()}\"; equal")
        self.assertEqual(wrong.code, 2, repr(wrong))
        self.expect_sentence(wrong.err)
        self.expect_truth(lab)

    @staticmethod
    def state(lab: Lab, job: int) -> str:
        return lab.database.value(f"SELECT status, wait_reason FROM sync_jobs WHERE id = {job}").replace("|", " ")


class HistoryCases(FaultCase):
    @fault("F34", "a long history of finished jobs and chunks, and 5,000 that wait (long run: 1 million jobs)",
           "`status` and `jobs` at most 0.5 s more than on an empty database; /metrics up to 100 ms; memory flat")
    def test_F34_long_history(self, engine: str) -> None:
        jobs = int(option("F34_JOBS", 20_000, 1_000_000))
        lab = self.lab(engine, world(page=100), ads=4, days=5)
        self.assertEqual(lab.sync().code, 0)
        before = self.looks(lab)
        self.fill(lab, jobs)
        worker = lab.worker()
        lab.sandbox.change("world", {"latency": {"base": 2_000_000, "jitter": 0}})
        memory = worker.resident
        after = self.looks(lab)
        times = []
        for _ in range(12):
            begun = time.monotonic()
            self.assertEqual(get(worker.listening + "/metrics")[0], 200)
            times.append(time.monotonic() - begun)
            time.sleep(0.25)
        grown = worker.resident - memory
        self.stop(worker)

        slowest = 1000 * sorted(times)[-2]
        words = ", ".join(f"{name} {before[name]:.2f} → {after[name]:.2f} s" for name in before)
        self.saw(f"{jobs:,} jobs, {3 * jobs:,} chunks",
                 f"{words}; /metrics {slowest:.0f} ms; memory {grown / 1e6:+.0f} MB")
        for name in before:
            self.assertLess(after[name] - before[name], 0.5, words)
        self.assertLess(slowest, 100 + 150 * (not option("F34_STRICT", 0, 1)))
        self.assertLess(grown, 60_000_000)

    @staticmethod
    def looks(lab: Lab) -> dict[str, float]:
        times = {}
        for name in ("status", "jobs"):
            best = 99.0
            for _ in range(3):
                begun = time.monotonic()
                ended = lab.command(name, "--json")
                best = min(best, time.monotonic() - begun)
                assert ended.code == 0, repr(ended)
            times[name] = best
        return times

    @staticmethod
    def fill(lab: Lab, jobs: int) -> None:
        """Copies of the job that is there and of three of its chunks; then 5,000 chunks that are to be done."""
        def columns(table: str) -> list[str]:
            if lab.database.name == "postgres":
                found = lab.database.rows(
                    f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' "
                    "AND table_schema = 'public' AND is_generated = 'NEVER'")
            else:
                found = lab.database.rows(f"SELECT name FROM pragma_table_info('{table}')")
            return [name for name in found if name != "id"]

        series = f"generate_series(1, {jobs})" if lab.database.name == "postgres" else (
            f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs}) SELECT i FROM n)")
        kept = ", ".join(columns("sync_jobs"))
        lab.database.rows(
            f"INSERT INTO sync_jobs ({kept}) SELECT {kept} FROM (SELECT * FROM sync_jobs WHERE id = 1) j "
            f"CROSS JOIN {series} n")
        names = columns("sync_chunks")
        values = ", ".join({"job_id": "j.id"}.get(name, f"c.{name}") for name in names)
        lab.database.rows(
            f"INSERT INTO sync_chunks ({', '.join(names)}) SELECT {values} FROM sync_jobs j "
            "CROSS JOIN (SELECT * FROM sync_chunks WHERE job_id = 1 ORDER BY id LIMIT 3) c WHERE j.id > 1")
        job = lab.detach()
        states = {"job_id": str(job), "status": "'pending'", "finished_at": "NULL", "started_at": "NULL"}
        values = ", ".join(states.get(name, f"c.{name}") for name in names)
        lab.database.rows(
            f"INSERT INTO sync_chunks ({', '.join(names)}) SELECT {values} FROM (SELECT * FROM sync_chunks "
            f"WHERE job_id = 1 AND stream = 'ad_insights' ORDER BY id LIMIT 1) c "
            f"CROSS JOIN {series.replace(str(jobs), '5000')} n")
        if lab.database.name == "postgres":
            lab.database.rows("ANALYZE sync_jobs; ANALYZE sync_chunks")

    @fault("F35", "work for a long time (by argument; long run: 10 min)",
           "memory does not grow: at most 1 MB/h once warm, in so far as the time can tell; pickup as at the start")
    def test_F35_soak(self, engine: str) -> None:
        seconds = option("SOAK_SECONDS", 20, 600)
        lab = self.lab(engine, world(page=20, latency=30), ads=12, days=200)
        lab.detach()
        worker = lab.worker("--workers", "4")
        samples: list[tuple[float, float]] = []
        begun, jobs = time.monotonic(), 1
        while (now := time.monotonic() - begun) < seconds:
            if lab.is_done():
                lab.detach("--range", "last_90_days")
                jobs += 1
            samples.append((now, worker.resident / 1e6))
            time.sleep(min(2, seconds / 40))
        lab.hurry()
        claims = self.mean(worker, "sluice_claim_duration_seconds")
        self.stop(worker)

        late = [sample for sample in samples if sample[0] > seconds / 3]
        slope = trend(late) * 3600
        self.saw(f"{seconds:.0f} s, {jobs} jobs",
                 f"memory {samples[0][1]:.0f} → {samples[-1][1]:.0f} MB, trend of the last two thirds "
                 f"{slope:+.1f} MB/h; a claim takes {claims * 1000:.1f} ms; equal")
        self.expect_truth(lab)
        if seconds >= 600:
            self.assertLess(late[-1][1] - late[0][1], 8, samples[:: len(samples) // 20 + 1])

    @staticmethod
    def mean(worker, name: str) -> float:
        text = worker.probe("/metrics")[1]
        found = {
            part: float(re.search(rf"^{name}_{part}\S* (\S+)", text, re.MULTILINE)[1]) for part in ("sum", "count")}
        return found["sum"] / max(1, found["count"])


def trend(samples: list[tuple[float, float]]) -> float:
    """The slope of the straight line through them."""
    count = len(samples)
    middle = (sum(x for x, _ in samples) / count, sum(y for _, y in samples) / count)
    below = sum((x - middle[0]) ** 2 for x, _ in samples)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in samples) / below if below else 0
