"""A database server that is cut off, restarted, exhausted or slowed down."""

import random
import time
from pathlib import Path

from .case import FaultCase, fault, option
from .databases import Postgres
from .lab import Lab
from .load import Histogram, IdleConnections, Load, steady_size, steady_world
from .processes import Helper, eventually
from .sandbox import world

LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
OF_PROGRAM = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND usename = current_user AND application_name NOT LIKE 'psql%'")


class ServerCases(FaultCase):
    def own_lab(self, seconds: float, *options: str) -> tuple[Helper, Lab]:
        server = self.server("--fast", *options)
        return server, self.lab("postgres", steady_world(), server.url, **steady_size(seconds))

    def expect_recovery(self, load: Load, times: int | str, words: str = "") -> None:
        rate, at = load.after()
        self.assertTrue(load.are_running, "a worker ended")
        fresh = "" if load.share(rate) >= 95 else load.replace_workers()
        load.finish()
        self.stop(*load.workers)
        percent = load.share(rate)
        self.saw(times, f"{load.before:.0f} pages/s before, {rate:.0f} after ({percent:.0f} %) at {at:.0f} s{fresh}"
                 f"{words}; equal")
        self.expect_truth(load.lab)
        self.expect_speed(percent >= 95, f"{percent:.1f} %")

    @fault("F5", "the connection is cut at COMMIT, before, during or after it is done: the outcome is unknown",
           "the worker looks what became of it; nothing is applied twice", "postgres")
    def test_F05_cut_during_commit(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=5), ads=12, days=60)
        lab.detach()
        relay = lab.add_relay()
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        dice, cuts, wanted = random.Random(5), 0, int(option("F05_CUTS", 45, 1000))
        while not lab.is_done():
            if cuts < wanted:
                relay(f"unknown {dice.choice(['sent', 'done', 'lost'])} {dice.randint(1, 2)} COMMIT")
            time.sleep(dice.random() * 0.2)
            cuts = relay("status")["unknown"]
            if cuts >= wanted:
                relay("unknown sent 0")
        self.stop(*workers)

        self.saw(cuts, "equal")
        self.assertGreater(cuts, min(wanted / 3, 15))
        self.expect_truth(lab)

    @fault("F6", "the server stops, stays away (long run: 30 s) and comes back",
           "all workers stay and reconnect, listeners too; ≥ 95 % of the rate within 30 s; 0 lost", "postgres")
    def test_F06_restart(self, engine: str) -> None:
        away = option("F06_SECONDS", 5, 30)
        server, lab = self.own_lab(30 + away)
        load = Load(lab)
        listeners = lab.database.number(LISTENERS)
        server("stop fast")
        time.sleep(away)
        ready = load.workers[0].probe("/readyz")
        alive = load.workers[0].probe("/healthz")
        server("start")
        eventually("listeners are back", lab.patiently(lambda: lab.database.number(LISTENERS) == listeners), 30)

        self.assertEqual((ready[0], alive[0], listeners), (503, 200, 2), ready)
        self.expect_recovery(load, f"1 × {away:.0f} s", f"; {listeners} listeners back")

    @fault("F6", "the server stops under a sync that a person watches, and comes back",
           "it says so, says when it is back, and ends with the truth", "postgres")
    def test_F06_watched_sync(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, world(page=10, latency=40), server=server.url, ads=12, days=90)
        lab.detach()
        watcher, sync = lab.start_sync("--workers", "0"), lab.start_sync("--workers", "3")
        lab.wait_for_chunks(4)
        server("stop fast")
        # Longer than anybody waits for a connection in the long run.
        time.sleep(option("F06_WATCHED_SECONDS", 2, 45))
        for one in (sync, watcher):
            eventually("it says that the database is away", lambda: "The database is away" in one.err, 90)
        server("start")
        lab.database.close()
        ended = [one.wait(90) for one in (sync, watcher)]

        for one in ended:
            self.assertEqual(one.code, 0, repr(one))
            self.assertEqual(one.err.count("The database is away"), 1, one.err)
            self.assertIn("The database is back after", one.err)
        self.saw(1, "told once by each; equal")
        self.expect_truth(lab)

    @fault("F7", "pg_terminate_backend of all of a worker's connections, twice a second (long run: 5 min)",
           "no worker ends; ≥ 95 % of the rate within 30 s after; 0 lost, 0 doubled", "postgres")
    def test_F07_killed_backends(self, engine: str) -> None:
        seconds = option("F07_SECONDS", 8, 300)
        lab = self.lab(engine, steady_world(), **steady_size(25 + seconds))
        load = Load(lab)
        killed, during = 0, lab.batches()
        for _ in range(int(2 * seconds)):
            killed += len(lab.database.rows(f"SELECT pg_terminate_backend(pid) {OF_PROGRAM}"))
            time.sleep(0.5)
        during = (lab.batches() - during) / seconds
        self.expect_recovery(load, f"{killed} backends", f"; {during:.0f} meanwhile")

    @fault("F8", "idle connections take all that the server has, and those of the workers are killed",
           "back-pressure, no worker ends; ≥ 95 % of the rate within 30 s after", "postgres")
    def test_F08_exhausted_server(self, engine: str) -> None:
        seconds = option("F08_SECONDS", 6, 60)
        server, lab = self.own_lab(30 + seconds, "--conf", "max_connections=300")
        load = Load(lab)
        folder = Path(server.facts["data"]).parent
        admin = Postgres(server.facts["admin"])
        self.addCleanup(admin.close)
        idle = IdleConnections(folder, server.facts["port"], "sluice", "sluice")
        self.addCleanup(idle.close)
        held = idle.take(300)
        name = lab.database.value("SELECT current_database()")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            admin.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            held = idle.take(300)
            time.sleep(0.2)
        ready = load.workers[0].probe("/readyz")
        idle.close()
        eventually("the server lets us in", lab.patiently(lambda: lab.batches() > 0), 20)

        self.expect_recovery(load, f"{held} connections", f"; /readyz said {ready[0]} meanwhile")

    @fault("F9", "a transaction that stays open and idle (long run: 10 min), so that nothing can be vacuumed",
           "≥ 70 % of the rate; dead rows stay bounded", "postgres")
    def test_F09_idle_in_transaction(self, engine: str) -> None:
        seconds = option("F09_SECONDS", 8, 600)
        lab = self.lab(engine, steady_world(), **steady_size(25 + seconds))
        load = Load(lab)
        holder = Postgres(lab.database.url)
        self.addCleanup(holder.close)
        holder.rows(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); SELECT count(*) FROM sync_chunks")
        rate = lab.rate(seconds)
        dead = lab.database.value(
            "SELECT string_agg(relname || ' ' || n_dead_tup, ', ' ORDER BY n_dead_tup DESC) FROM (SELECT relname, "
            "n_dead_tup FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 3) most")
        holder.rows("ROLLBACK")
        # Before and after it: what else the machine does changes in ten minutes.
        percent = 100 * rate / ((load.before + lab.rate(5)) / 2)
        self.assertFalse(lab.is_done(), "the work ended before the time was over")
        load.finish()
        self.stop(*load.workers)

        self.saw(f"{seconds:.0f} s", f"{percent:.0f} % of the rate; dead rows: {dead}; equal")
        self.expect_truth(lab)
        self.expect_speed(percent >= 70, f"{percent:.1f} %")

    @fault("F10", "long REPEATABLE READ reports on the tables that the work uses",
           "p99 of claims up to 250 ms", "postgres")
    def test_F10_long_reports(self, engine: str) -> None:
        seconds = option("F10_SECONDS", 8, 120)
        lab = self.lab(engine, steady_world(), **steady_size(25 + seconds * 1.5))
        load = Load(lab)
        calm = self.slowest_claim(load, seconds / 2)
        claims = Histogram(load.workers, "sluice_claim_duration_seconds")
        reader = Postgres(lab.database.url)
        self.addCleanup(reader.close)
        reader.rows("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reads, deadline = 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            reader.rows(
                "SELECT count(*), sum(a.rows) FROM sync_chunks a JOIN sync_chunks b ON a.stream = b.stream "
                "JOIN coverage c ON c.stream = a.stream WHERE a.id < 40 AND b.id < 40")
            reads += 1
        reader.rows("ROLLBACK")
        slowest = claims.percentile(0.99)
        self.assertFalse(lab.is_done(), "the work ended before the time was over")
        load.finish()
        self.stop(*load.workers)

        self.saw(f"{reads} reports in {seconds:.0f} s", f"p99 of claims at most {slowest * 1000:.0f} ms, without "
                 f"reports {calm * 1000:.0f}; equal")
        self.expect_truth(lab)
        # A machine that is busy with something else is slow without reports, too.
        self.expect_speed(slowest <= max(0.25, calm), self.seen["seen"])

    def slowest_claim(self, load: Load, seconds: float) -> float:
        claims = Histogram(load.workers, "sluice_claim_duration_seconds")
        time.sleep(seconds)
        return claims.percentile(0.99)

    @fault("F11", "the primary dies; the standby, which lacks its last commits, is promoted",
           "workers follow; what was lost is read again; tables equal the truth", "postgres")
    def test_F11_failover_with_loss(self, engine: str) -> None:
        self.fail_over("async")

    @fault("F11", "the primary dies; its synchronous standby is promoted",
           "workers follow; nothing that was committed is lost", "postgres")
    def test_F11_failover_without_loss(self, engine: str) -> None:
        self.fail_over("sync")

    def fail_over(self, mode: str) -> None:
        server = self.server("--fast")
        lab = self.lab("postgres", world(page=10, latency=60), server.url, ads=12, days=90)
        primary = lab.database.value("SELECT current_database()")
        lab.url = server(f"standby {mode}")["urls"].replace("/sluice?", f"/{primary}?")
        lab.detach()
        workers = [lab.worker("--workers", "3") for _ in range(2)]
        lab.wait_for_chunks(8)
        if mode == "async":
            server("detach standby")
            time.sleep(1.5)
        before, pages = lab.completed(), lab.batches()
        server("kill")
        server("promote standby")
        lab.database.close()
        lab.database = Postgres(lab.url)
        self.addCleanup(lab.database.close)
        lab.database.patiently("SELECT 1")
        lost, lost_pages = before - lab.completed(), pages - lab.batches()
        running = all(worker.is_running for worker in workers)
        lab.wait()
        self.stop(*workers)

        self.saw(1, f"{max(lost, 0)} completed chunks and {max(lost_pages, 0)} pages lost and read again; equal")
        self.assertTrue(running)
        if mode == "async":
            self.assertGreater(lost_pages, 0, "nothing was lost: the case shows nothing")
        else:
            self.assertLessEqual(lost_pages, 0)
        self.expect_truth(lab)
