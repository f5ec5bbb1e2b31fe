"""Databases that cannot be used, at the start and while a worker runs."""

import signal
import time
from urllib.parse import quote, urlsplit

from .case import SHARED, FaultCase, fault
from .databases import Postgres
from .lab import Lab
from .old_server import OldServer
from .processes import Outcome, eventually
from .sandbox import world

START = "exit 2 and one sentence without the password, of sync, worker and status"
AWAY = "sync: exit 2 and one sentence; a worker stays, /readyz is 503"
STAYS = "the worker stays, /readyz is 503 with the reason, and it goes on by itself"


class BadInputCases(FaultCase):
    def expect_refusal(self, lab: Lab, url: str, *words: str) -> None:
        """Of each command that opens a database."""
        login = urlsplit(url)
        lab.url = url
        told: list[tuple[str, Outcome]] = [
            ("sync", lab.sync()), ("worker", lab.run("worker", "--database", url)), ("status", lab.command("status"))]
        for name, ended in told:
            self.assertEqual(ended.code, 2, f"{name}: {ended!r}")
            self.expect_sentence(ended.err)
            if login.password:
                self.assertNotIn(login.password, ended.out + ended.err)
            for word in words:
                self.assertIn(word.lower(), ended.err.lower(), name)
        self.saw(len(told), f"\"{told[0][1].err.strip()}\"")

    def changed(self, **parts: str) -> str:
        return urlsplit(SHARED)._replace(**parts).geturl()

    @fault("B1", "a wrong password", START, "postgres")
    def test_B01_wrong_password(self, engine: str) -> None:
        lab = self.lab(engine, ads=1, days=2)
        self.expect_refusal(lab, lab.url.replace(urlsplit(lab.url).password or "", "not-the-password"), "password")

    @fault("B2", "a host that is not known", START, "postgres")
    def test_B02_unknown_host(self, engine: str) -> None:
        self.expect_refusal(
            self.lab(engine, ads=1, days=2), "postgres://sluice:s3cret-word@no-such-host.invalid/sluice", "host")

    @fault("B2", "a port where nobody listens", AWAY, "postgres")
    def test_B02_nobody_listens(self, engine: str) -> None:
        self.expect_away(self.lab(engine, ads=1, days=2), "postgres://sluice:s3cret-word@127.0.0.1:9/sluice")

    def expect_away(self, lab: Lab, url: str) -> None:
        """A database that may come: commands end, a worker waits."""
        lab.url = url
        worker = lab.start("worker", "--database", url, "--listen", "127.0.0.1:0")
        begun = time.monotonic()
        sync = lab.sync()
        took = time.monotonic() - begun
        ready = worker.probe("/readyz")
        self.stop(worker)

        self.assertEqual((sync.code, ready[0]), (2, 503), f"{sync!r} {ready}")
        self.assertNotIn(urlsplit(url).password or "?", worker.out + worker.err + ready[1] + sync.err)
        self.saw(2, f"\"{sync.err.strip()}\" (after {took:.0f} s); the worker stays")
        self.expect_sentence(sync.err)

    @fault("B3", "a server of version 13", START, "postgres")
    def test_B03_old_server(self, engine: str) -> None:
        old = OldServer()
        self.addCleanup(old.close)
        self.expect_refusal(
            self.lab(engine, ads=1, days=2), f"postgres://sluice:s3cret-word@127.0.0.1:{old.port}/sluice", "13", "14")

    @fault("B4", "a role that may not create tables", START, "postgres")
    def test_B04_no_permission(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, server=server.url, ads=1, days=2)
        admin = Postgres(server.facts["admin"])
        self.addCleanup(admin.close)
        if admin.number("SHOW server_version_num") < 150_000:
            self.skipTest("before version 15 everybody may create tables")
        admin.rows("CREATE ROLE guest LOGIN PASSWORD 'guest-word'")
        name = lab.database.value("SELECT current_database()")
        url = f"postgres://guest:guest-word@127.0.0.1:{server.facts['port']}/{name}"
        self.expect_refusal(lab, url)

    @fault("B5", "a database that a newer program has changed beyond this one", START)
    def test_B05_newer_schema(self, engine: str) -> None:
        lab = self.lab(engine, world(page=100), ads=2, days=5)
        self.assertEqual(lab.sync().code, 0)
        if engine == "postgres":
            lab.database.rows("INSERT INTO schema_versions VALUES (99, 99, now())")
        else:
            lab.database.rows("PRAGMA user_version = 99")
        self.expect_refusal(lab, lab.url, "newer")

    @fault("B6", "a standby, which only reads", AWAY, "postgres")
    def test_B06_standby(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, world(page=100), server=server.url, ads=2, days=5)
        self.assertEqual(lab.sync().code, 0)
        standby = server("standby async")
        name = lab.database.value("SELECT current_database()")
        self.expect_away(lab, urlsplit(standby["url"])._replace(path=f"/{name}").geturl())

    @fault("B7", "a URL without a database, one with a wrong port, one that is no URL", START, "postgres")
    def test_B07_bad_url(self, engine: str) -> None:
        lab = self.lab(engine, ads=1, days=2)
        host = f"127.0.0.1:{urlsplit(SHARED).port}"
        for url in (f"postgres://sluice:s3cret-word@{host}", f"postgres://sluice:s3cret-word@{host}/",
                    "postgres://sluice:s3cret-word@127.0.0.1:port/sluice", "postgres:///"):
            self.expect_refusal(lab, url)

    @fault("B7", "a database that does not exist", START, "postgres")
    def test_B07_unknown_database(self, engine: str) -> None:
        self.expect_refusal(self.lab(engine, ads=1, days=2), self.changed(path=f"/{quote('không có')}"), "no database")

    @fault("B8", "no key in the environment", "exit 2 and one sentence", "postgres")
    def test_B08_no_key(self, engine: str) -> None:
        lab = self.lab(engine, ads=1, days=2)
        lab.environment.pop("SLUICE_SECRET_KEY")
        ended = lab.sync()

        self.assertEqual(ended.code, 2, repr(ended))
        self.expect_sentence(ended.err)
        self.saw(1, f"\"{ended.err.strip()}\"")

    # While a worker runs.

    def working(self, server: str = "", days: int = 90) -> tuple:
        lab = self.lab("postgres", world(page=10, latency=60), server=server or SHARED, ads=12, days=days)
        lab.detach()
        worker = lab.worker("--workers", "3")
        lab.wait_for_chunks(4)
        return lab, worker

    def expect_stay(self, lab: Lab, worker, times: str) -> None:
        """After the trouble began; ends it with `lab.mend`."""
        eventually("it says that it is not ready", lambda: worker.probe("/readyz")[0] == 503, 60)
        time.sleep(3)
        ready, alive = worker.probe("/readyz"), worker.probe("/healthz")
        lab.mend()
        begun = time.monotonic()
        eventually("it is ready again", lambda: worker.probe("/readyz")[0] == 200, 60)
        took = time.monotonic() - begun
        lab.wait()
        self.stop(worker)

        self.assertEqual(alive[0], 200)
        self.assertNotIn(urlsplit(lab.url).password or "?", ready[1] + worker.out + worker.err)
        self.saw(times, f"{ready[1].strip()}; ready {took:.1f} s after; equal")
        self.expect_truth(lab)

    @fault("B9", "the password is changed under a worker, and changed back", STAYS, "postgres")
    def test_B09_password_changes(self, engine: str) -> None:
        server = self.server("--fast")
        lab, worker = self.working(server.url)
        admin = Postgres(server.facts["admin"])
        self.addCleanup(admin.close)
        old, name = urlsplit(server.url).password, lab.database.value("SELECT current_database()")
        admin.rows("ALTER ROLE sluice PASSWORD 'another'")
        admin.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        lab.database.close()
        lab.mend = lambda: admin.rows(f"ALTER ROLE sluice PASSWORD '{old}'")
        self.expect_stay(lab, worker, "1")

    @fault("B10", "the right to write is taken from a worker, and given back", STAYS, "postgres")
    def test_B10_rights_go(self, engine: str) -> None:
        server = self.server("--fast")
        lab, worker = self.working(server.url)
        name = lab.database.value("SELECT current_database()")
        admin = Postgres(server.facts["admin"]).sibling(name)
        self.addCleanup(admin.close)
        # Workers may be in its way.
        admin.patiently("REASSIGN OWNED BY sluice TO postgres")
        admin.rows("GRANT SELECT ON ALL TABLES IN SCHEMA public TO sluice")
        lab.mend = lambda: admin.rows("GRANT ALL ON ALL TABLES IN SCHEMA public TO sluice")
        self.expect_stay(lab, worker, "1")

    @fault("B11", "the server becomes read-only under a worker, and writable again", STAYS, "postgres")
    def test_B11_read_only(self, engine: str) -> None:
        server = self.server("--fast")
        lab, worker = self.working(server.url)
        admin = Postgres(server.facts["admin"])
        self.addCleanup(admin.close)
        name = lab.database.value("SELECT current_database()")

        def turn(is_read_only: str) -> None:
            admin.rows(f"ALTER DATABASE {name} SET default_transaction_read_only = {is_read_only}")
            admin.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            lab.database.close()

        turn("on")
        lab.mend = lambda: turn("off")
        self.expect_stay(lab, worker, "1")

    @fault("B13", "the server is stopped under a worker without work, then comes SIGTERM",
           "told in seconds, in the log and on /readyz; it ends at once, exit 0", "postgres")
    def test_B13_end_without_server(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, ads=1, days=2, server=server.url)
        self.assertEqual(lab.sync().code, 0)
        worker, early = lab.worker(), lab.worker()
        for one in (worker, early):
            eventually("the worker is ready", lambda: one.probe("/readyz")[0] == 200)
        server("stop fast")
        begun = time.monotonic()
        # Before anybody has noticed.
        self.stop(early)
        soon = time.monotonic() - begun
        eventually("its log tells it", lambda: "The database is away" in worker.out + worker.err)
        told = time.monotonic() - begun
        eventually("/readyz says why", lambda: "does not answer at 127.0.0.1" in worker.probe("/readyz")[1])
        ready = worker.probe("/readyz")
        begun = time.monotonic()
        ended = worker.stop()
        took = time.monotonic() - begun
        server("start")

        self.saw(2, f"told after {told:.1f} s; ended {soon:.1f} and {took:.1f} s after SIGTERM")
        self.assertEqual((ready[0], ended.code), (503, 0), f"{ready} {ended!r}")
        # A connection may have broken under a statement, which is told; that we gave up waiting is no outage.
        self.assertNotIn("cancelled", early.out)
        self.expect_speed(told <= 8 and max(soon, took) <= 5, f"{told:.1f} s, {soon:.1f} s, {took:.1f} s")

    @fault("B13", "the server is stopped under a sync and one that only watches, then comes Ctrl-C",
           "both end with exit 130 within 25 s and say nothing of their own doing", "postgres")
    def test_B13_interrupted_sync(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, world(page=10, latency=60), server=server.url, ads=12, days=90)
        lab.detach()
        syncs = [lab.start_sync("--workers", *more) for more in (["3"], ["0"], ["0", "--json"])]
        lab.wait_for_chunks(4)
        server("stop fast")
        time.sleep(3)
        begun = time.monotonic()
        for one in syncs:
            one.send(signal.SIGINT)
        ended = [one.wait(60) for one in syncs]
        took = time.monotonic() - begun
        server("start")
        lab.database.close()

        self.assertEqual([one.code for one in ended], [130] * 3, repr(ended))
        for one in ended:
            self.assertNotIn("cancelled", one.err)
        self.assertIn('"job_id"', ended[2].out)
        self.saw(3, f"ended after {took:.0f} s at most")
        self.expect_speed(took <= 25, f"{took:.1f} s")

    @fault("B14", "a role whose schema has a name with a capital letter and a space", "everything is made there",
           "postgres")
    def test_B14_quoted_schema(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, ads=2, days=5, server=server.url)
        name = lab.database.value("SELECT current_database()")
        admin = Postgres(server.facts["admin"])
        self.addCleanup(admin.close)
        lab.database.rows('CREATE SCHEMA "My App"')
        admin.rows(f"ALTER ROLE sluice IN DATABASE {name} SET search_path = \"My App\"")
        lab.database.close()
        ended = [lab.sync() for _ in range(2)]

        self.assertEqual([one.code for one in ended], [0, 0], repr(ended))
        place = "SELECT count(*) FROM pg_tables WHERE schemaname = 'My App' AND tablename = 'sync_jobs'"
        self.assertEqual(lab.database.number(place), 1)
        self.saw(2, "both syncs equal")
        self.expect_truth(lab)

    @fault("B15", "a database in which others use a name of ours, or whose search_path names no schema",
           "exit 2 and a sentence that says what to do; nothing is made", "postgres")
    def test_B15_of_others(self, engine: str) -> None:
        lab = self.lab(engine, ads=1, days=2)
        url = lab.url
        tables = "SELECT string_agg(relname, ' ' ORDER BY 1) FROM pg_class WHERE relnamespace = 'public'::regnamespace"

        lab.database.rows("CREATE TABLE settings (mine int)")
        taken = lab.sync()
        self.assertEqual((taken.code, lab.database.value(tables)), (2, "settings"), repr(taken))
        self.assertIn("a table settings that is not Sluice's", taken.err)
        self.expect_sentence(taken.err)

        lab.url = url + ("&" if "?" in url else "?") + "options=-csearch_path%3Dnowhere"
        nowhere = lab.sync()
        self.assertEqual(nowhere.code, 2, repr(nowhere))
        self.assertIn("search_path", nowhere.err)
        self.expect_sentence(nowhere.err)

        lab.database.rows("DROP TABLE settings; CREATE TABLE meta_campaigns (mine int)")
        lab.url = url
        other = lab.sync()
        self.assertEqual(other.code, 2, repr(other))
        self.assertIn("Rename that table", other.err)
        self.expect_sentence(other.err)
        self.saw(3, f"\"{taken.err.strip()}\"")

    @fault("B12", "the network swallows everything for a while, then is cut, and comes back", STAYS, "postgres")
    def test_B12_black_hole(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=60), ads=12, days=90)
        lab.detach()
        relay = lab.add_relay()
        worker = lab.worker("--workers", "3")
        lab.wait_for_chunks(4)
        relay("blackhole")
        lab.mend = lambda: relay("pass")
        self.expect_stay(lab, worker, "1")
