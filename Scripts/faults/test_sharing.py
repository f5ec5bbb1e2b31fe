"""Several processes, machines and tenants on one database."""

import random
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from . import truth
from .case import FaultCase, fault, option
from .lab import Lab
from .processes import eventually
from .sandbox import world

RUNNING = "status = 'in_progress'"


class SharingCases(FaultCase):
    @fault("F16", "a second worker, and a second sync, on an SQLite file that a worker works on",
           "exit 2 with one clear sentence; status, jobs and --detach are served", "sqlite")
    def test_F16_two_processes_on_one_file(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=60), days=60)
        lab.detach()
        worker = lab.worker("--workers", "2")
        lab.wait_for_chunks(2)
        second = lab.run("worker", "--database", lab.url)
        sync = lab.sync()
        looks = [lab.command("status").code, lab.command("jobs").code, lab.sync("--detach").code]
        lab.wait()
        self.stop(worker)

        self.assertEqual((second.code, sync.code), (2, 2), f"{second!r} {sync!r}")
        for text in (second.err, sync.err):
            self.expect_sentence(text)
            self.assertIn(str(worker.pid), text)
        self.assertEqual(looks, [0, 0, 0])
        self.saw(2, f"\"{second.err.strip()}\"")
        self.expect_truth(lab)

    @fault("F25", "cancel from another machine while workers run the job",
           "handlers stop within 5 s; no chunk starts any more; the job is cancelled")
    def test_F25_cancel_from_elsewhere(self, engine: str) -> None:
        lab = self.lab(engine, world(page=5, latency=300), ads=12, days=120)
        job = lab.detach()
        workers = [lab.worker("--workers", "4") for _ in range(1 if engine == "sqlite" else 2)]
        eventually("several run", lambda: lab.chunks(RUNNING) >= 3)
        begun = time.monotonic()
        told = lab.command("cancel", str(job))
        eventually("all have stopped", lambda: lab.chunks(f"{RUNNING} OR worker IS NOT NULL") == 0, 30)
        took = time.monotonic() - begun
        calls, chunks = lab.sandbox.calls, lab.chunks()
        time.sleep(2)
        more = (lab.sandbox.calls - calls, lab.chunks() - chunks)
        state = lab.database.value(f"SELECT status, open_chunks FROM sync_jobs WHERE id = {job}")
        again = lab.command("retry", str(job))
        lab.hurry()
        self.stop(*workers)

        self.assertEqual((told.code, again.code, state, more), (0, 0, "cancelled|0", (0, 0)), f"{told!r} {again!r}")
        self.saw(1, f"stopped {took:.1f} s after `cancel` was typed; none started; retried: equal")
        self.assertLessEqual(took, 5)
        self.expect_truth(lab)

    @fault("F26", "20,000 chunks of one account are waiting when another account's ten come",
           "the ten start within 2 s", "postgres sqlite")
    def test_F26_fair_share(self, engine: str) -> None:
        lab = self.lab(engine, world(page=5000, latency=400), ads=12, days=60, accounts=2)
        # What the same takes when nothing else waits, to tell beside it.
        first = lab.detach("--range", "yesterday", account=lab.sandbox.accounts[1])
        worker = lab.worker("--workers", "4")
        lab.wait()
        calm = max(float(line) for line in lab.database.rows(self.waits(engine, first))[:10])
        big = lab.detach("--streams", "ad_insights", account=lab.sandbox.accounts[0])
        reports = f"job_id = {big} AND stream = 'ad_insights'"
        eventually("the first has reports to read", lambda: lab.chunks(reports) > 0, pause=0.02)
        copies = self.multiply(lab, big, int(option("F26_CHUNKS", 20_000, 1_000_000)))
        lab.sandbox.change("world", {"latency": {"base": 40_000, "jitter": 0}})
        time.sleep(1)
        small = lab.detach(account=lab.sandbox.accounts[1])
        ours = f"job_id = {small} AND started_at IS NOT NULL"
        eventually("ten of the second have started", lambda: lab.chunks(ours) >= 10, 60, pause=0.1)
        waits = [float(line) for line in lab.database.rows(self.waits(engine, small))][:10]
        left = lab.chunks(f"job_id = {big} AND status = 'pending'")
        lab.command("cancel", str(big))
        lab.wait()
        self.stop(worker)

        self.assertGreater(left, copies / 2)
        self.saw(1, f"the slowest of ten started {max(waits):.2f} s after it was stored, {calm:.2f} s when nothing "
                 f"else waited; {left:,} of {copies:,} still waited")
        self.expect_speed(max(waits) <= 2, f"{max(waits):.1f} s")

    @staticmethod
    def waits(engine: str, job: int) -> str:
        took = "extract(epoch FROM started_at - created_at)" if engine == "postgres" else (
            "(julianday(started_at) - julianday(created_at)) * 86400")
        return f"SELECT {took} FROM sync_chunks WHERE job_id = {job} AND started_at IS NOT NULL ORDER BY started_at"

    @staticmethod
    def multiply(lab: Lab, job: int, copies: int) -> int:
        """Stores a pending chunk of the job so often again."""
        columns = [line.split("|")[0] for line in lab.database.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'sync_chunks'"
            if lab.database.name == "postgres" else "SELECT name FROM pragma_table_info('sync_chunks')")]
        kept = [f'"{name}"' for name in columns if name != "id"]
        # As if they had been planned: pending, never started.
        fresh = {name: "NULL" for name in (
            "started_at", "finished_at", "worker", "lease_until", "wait_reason", "run_after")}
        fresh |= {"status": "'pending'", "requests": "0"}
        values = ", ".join(fresh.get(name, f"c.{name}") for name in columns if name != "id")
        series = f"generate_series(1, {copies})" if lab.database.name == "postgres" else (
            f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) SELECT i FROM n)")
        source = f"(SELECT * FROM sync_chunks WHERE job_id = {job} AND stream = 'ad_insights' ORDER BY id LIMIT 1)"
        lab.database.rows(
            f"INSERT INTO sync_chunks ({', '.join(kept)}) SELECT {values} FROM {source} c CROSS JOIN {series} n")
        lab.database.rows(
            f"UPDATE sync_jobs SET step_chunks = step_chunks + {copies}, open_chunks = open_chunks + {copies}, "
            f"total_chunks = total_chunks + {copies} WHERE id = {job}")
        return copies

    @fault("F27", "the same job is handed over by many processes at once",
           "exactly one row; all others are told its number")
    def test_F27_unique_job(self, engine: str) -> None:
        lab = self.lab(engine, world(page=50, latency=20), ads=4, days=10)
        lab.detach("--range", "yesterday")
        lab.database.rows("DELETE FROM fault_log")
        calls = int(option("F27_CALLS", 24, 100))
        with ThreadPoolExecutor(10) as lanes:
            told = list(lanes.map(lambda _: lab.sync("--detach"), range(calls)))
        bad = [each for each in told if each.code != 0]
        numbers = {each.json["job_id"] for each in told if each.code == 0}
        open_jobs = lab.database.count("sync_jobs", "kind = 'initial'")
        worker = lab.worker()
        lab.wait()
        self.stop(worker)

        self.saw(calls, f"{open_jobs} job, {calls - len(bad)} told the number {sorted(numbers)}; equal")
        self.assertEqual((len(bad), len(numbers), open_jobs), (0, 1, 1), repr(bad[:1]))
        self.expect_truth(lab)

    @fault("K1", "kill -9 of random workers of four (SQLite: of the one) during one sync, each started anew at once",
           "tables equal the truth, and in every cell those of a sync without faults")
    def test_K01_kill_random_workers(self, engine: str) -> None:
        kills = int(option("K01_KILLS", 6, 100))
        size = {"ads": int(option("K01_ADS", 20, 1200)), "days": int(option("K01_DAYS", 60, 480))}
        page, latency = int(option("K01_PAGE", 10, 100)), option("K01_LATENCY", 150, 300)
        lab = self.lab(engine, world(page=page, latency=latency), **size)
        lab.detach()
        dice, done = random.Random(100), 0
        workers = [lab.worker("--workers", "4") for _ in range(1 if engine == "sqlite" else 4)]
        least = latency / 300 if engine == "sqlite" else 0
        while done < kills and not lab.is_done():
            time.sleep(least + dice.random() * option("K01_PAUSE", 0.6, 1.5))
            victim = dice.randrange(len(workers))
            # Whoever holds a chunk that has lost two workers without getting on is spared: it would be set aside (F28).
            workers[victim].send(signal.SIGSTOP)
            if lab.chunks(f"crash_count >= 2 AND worker IN {self.names(lab, workers[victim:victim + 1])}"):
                workers[victim].send(signal.SIGCONT)
                continue
            workers[victim].kill()
            workers[victim] = lab.worker("--workers", "4")
            done += 1
            if option("K01_EXPIRE", 1, 0):
                lab.expire(f"fence >= 0 AND worker NOT IN {self.names(lab, workers)}")
        in_time = not lab.is_done()
        lab.hurry(1800)
        self.stop(*workers)
        calm = self.lab(engine, world(page=5000), **size)
        self.assertEqual(calm.sync(seconds=900).code, 0)

        rows = sum(lab.database.count(f"meta_{level}_insights") for level in ("campaign", "ad_set", "ad"))
        self.saw(done, f"{rows:,} rows of reports; equal, each cell")
        self.assertEqual((done, in_time), (kills, True), "the sync ended before all kills were done")
        self.expect_truth(lab)
        different = truth.unlike_cells(lab.database, calm.database)
        self.assertEqual(different, [], "\n".join(different))

    @staticmethod
    def names(lab: Lab, workers: list) -> str:
        """The names under which these processes hold chunks, as a list in SQL."""
        names = lab.database.rows("SELECT DISTINCT worker FROM sync_chunks WHERE worker IS NOT NULL")
        pids = {str(worker.pid) for worker in workers}
        theirs = [name for name in names if set(re.findall(r"\d+", name)) & pids]
        return "(" + ", ".join(f"'{name}'" for name in [*theirs, "nobody"]) + ")"

    @fault("K2", "SIGTERM to workers one after the other, as a rollout does",
           "each hands its chunks back and ends with code 0; no attempt is used", "postgres")
    def test_K02_rolling_restart(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=80), ads=12, days=int(option("K02_DAYS", 60, 900)))
        lab.detach()
        workers = [lab.worker("--workers", "2") for _ in range(2)]
        done = 0
        while not lab.is_done() and done < int(option("K02_TIMES", 6, 60)):
            time.sleep(0.8)
            worker = workers.pop(0)
            worker.send(signal.SIGTERM)
            workers.append(lab.worker("--workers", "2"))
            self.assertEqual(worker.wait(30).code, 0)
            done += 1
        lab.wait()
        self.stop(*workers)
        used = lab.chunks("retry_count > 0 OR crash_count > 0")

        self.saw(done, f"{used} attempts used; equal")
        self.assertEqual(used, 0)
        self.expect_truth(lab)
