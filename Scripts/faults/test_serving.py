"""The server with its page, its streams and its API, when it, its neighbour or its database goes away."""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta

from .case import fault, option
from .lab import Lab
from .processes import eventually
from .sandbox import world
from .test_disk import small_lab
from .visitors import PAGES, Answer, Poller, Stream, VisitedCase, Visitor, port


def progress(visitor: Visitor) -> Answer:
    return visitor.ask("/facebook/sync/progress")


class ServingCases(VisitedCase):
    def expect_whole_events(self, lab: Lab, stream: Stream, connections: int) -> int:
        """One snapshot, then each event of the journal once, over all connections; gives how many."""
        newest = lab.database.number("SELECT max(id) FROM events")
        eventually("the stream is at the end of the journal", lambda: stream.messages[-1][1] >= newest, 20)
        stream.close()
        first, *rest = stream.messages
        kinds = [event for _, _, event, _ in stream.messages]
        self.assertEqual((kinds[0], kinds.count("snapshot")), ("snapshot", 1), "it was not resumed")
        self.assertEqual(stream.connections, connections)
        told = [event["id"] for _, _, _, events in rest for event in events]
        stored = lab.database.rows(
            f"SELECT id FROM events WHERE account_id IS NOT NULL AND id > {first[1]} ORDER BY id")
        self.assertEqual([str(one) for one in told], stored, "lost, doubled or out of order")
        return len(told)

    def expect_live(self, stream: Stream, fresh: Stream, connections: int) -> None:
        """Numbers without a gap over all connections, each of which begins with all parts; and what the parts come to
        is what a page has that is opened now."""
        eventually("the page is as one that is opened now", lambda: stream.regions() == fresh.regions(), 30)
        stream.close()
        self.assertEqual(stream.connections, connections)
        self.assertEqual([number for _, number, _, _ in stream.messages], list(range(1, len(stream.messages) + 1)))
        for connection in range(1, connections + 1):
            parts = stream.of(connection)[0][3]
            self.assertGreaterEqual(set(parts), set(stream.of(1)[0][3]), "no snapshot")

    @fault("S1", "SIGKILL of the server in the midst of a sync, with live pages, programs' streams and polls; started "
           "again at the same port",
           "streams go on from the id that they had, each event once; sessions hold; polls never go back; tables equal "
           "the truth")
    def test_S01_killed_server(self, engine: str) -> None:
        kills = int(option("S01_KILLS", 2, 25))
        lab = self.lab(engine, world(page=10, latency=60), ads=12, days=int(option("S01_DAYS", 60, 600)))
        server = lab.serve()
        owner = Visitor.first(server)
        job = lab.detach()
        self.assertEqual(owner.ask("/facebook/sync/ads", {}).json["jobs"], [job])
        programs = [Stream(owner, "/events") for _ in range(3)]
        lives = [Stream(owner, path) for path in ("/live?page=/accounts/1/progress", "/live?page=/sync/logs/1")]
        polls = Poller(owner, progress)
        dice, back = random.Random(1), []
        for number in range(kills):
            eventually("all listen", lambda: all(
                each.connections == number + 1 and each.of(number + 1)
                for each in lives) and all(each.connections == number + 1 for each in programs), 30)
            pages = lab.batches()
            eventually("it works", lambda: lab.batches() > pages + 3, 60)
            time.sleep(dice.random())
            server.kill()
            begun = time.monotonic()
            lab.patiently(lab.expire)()
            server = lab.serve(owner.port)
            eventually("pages are there", lambda: owner.page("/").status == 200, 60)
            back.append(time.monotonic() - begun)
        in_time = not lab.is_done()
        lab.hurry()
        answers = polls.close()
        fresh = [Stream(owner, live.path) for live in lives]
        events = [self.expect_whole_events(lab, program, kills + 1) for program in programs]
        for live, other in zip(lives, fresh, strict=True):
            self.expect_live(live, other, kills + 1)
            other.close()
        eventually("polls are told the end", lambda: progress(owner).json["progress"]["stage"] == "completed", 20)
        last = progress(owner)
        self.stop(server)

        self.assertTrue(in_time, "the work ended before all kills were done")
        self.expect_statuses(answers, 0, 200, 503)
        counts = [answer.json["counts"]["insights"] for answer in answers if answer.status == 200]
        self.assertEqual(counts, sorted(counts), "the rows that polls are told went back")
        self.assertEqual(last.json["progress"]["percent"], 100, last)
        self.saw(kills, f"pages back after {max(back):.1f} s at most; {events[0]} events once each in "
                 f"{len(programs)} streams, {sum(len(live.messages) for live in lives)} parts of live pages; "
                 f"{len(answers)} polls; equal")
        self.expect_truth(lab)

    @fault("S2", "two servers on one database are restarted one after the other, as a rollout does, while visitors "
           "start syncs and look",
           "every sync that is there was accepted, and once; a call is refused with 503 or 429 and Retry-After, or cut "
           "before anything was done; both show the same; tables equal the truth", "postgres")
    def test_S02_rolling_restart(self, engine: str) -> None:
        rounds = int(option("S02_ROUNDS", 2, 30))
        lab = self.lab(engine, world(page=20, latency=5), ads=6, days=int(option("S02_DAYS", 40, 500)))
        servers = [lab.serve()]
        owner = Visitor.first(servers[0])
        servers.append(lab.serve())
        ports = [port(server) for server in servers]
        lab.detach()
        lab.wait()
        days = (date.today() - timedelta(number) for number in range(10, 10_000))
        turn = iter(range(10_000_000))

        def anywhere(path: str, body: dict | None = None) -> Answer:
            """As through a balancer: at the other one where nobody listens."""
            first = next(turn)
            for number in (first, first + 1):
                answer = owner.at(ports[number % 2]).ask(path, body)
                if answer.status != 0 or "Refused" not in answer.text:
                    break
            return answer

        def start(_: Visitor) -> Answer:
            day = str(next(days))
            return anywhere("/sync/manual", {"accounts": "1", "date_from": day, "date_to": day})

        starts = [Poller(owner, start, pause=0.25)]
        looks = [Poller(owner, lambda _, path=path: anywhere(path), pause=0.1) for path in ("/accounts", "/sync/logs")]
        for number in range(2 * rounds):
            time.sleep(0.7)
            ended = servers[number % 2].stop()
            self.assertEqual(ended.code, 0, repr(ended))
            servers[number % 2] = lab.serve(ports[number % 2])
            eventually("it serves", lambda: owner.at(ports[number % 2]).ask("/accounts").status == 200, 60)
        started = [answer for poller in starts for answer in poller.close()]
        looked = [answer for poller in looks for answer in poller.close()]
        lab.hurry()
        accepted = [answer.json for answer in started if answer.status == 202]
        stored = sorted(lab.database.rows(
            "SELECT r.id, j.id FROM sync_requests r JOIN sync_request_jobs x ON x.request_id = r.id "
            "JOIN sync_jobs j ON j.id = x.job_id"))
        told = [f"{one['sync_id']}|{job}" for one in accepted for job in one["jobs"]]
        pages = [path for path in PAGES if path != "/accounts/1/progress"]
        for path in pages:
            eventually(f"both show the same at {path}", lambda path=path: len(
                {owner.at(each).page(path).text for each in ports}) == 1, 30)
        self.stop(*servers)

        self.expect_statuses(started, 202, 429, 503, 0)
        self.expect_statuses(looked, 200, 429, 503, 0)
        # A connection that came as the server closed its door: nothing of it was taken.
        torn = [answer for answer in started + looked if answer.status == 0]
        self.assertEqual(sorted(told), stored, "accepted and not there, there twice, or there and nobody was told")
        self.assertGreater(len(accepted), 2 * rounds)
        self.saw(f"{2 * rounds} restarts", f"{len(accepted)} syncs accepted, all there once; {len(started + looked)} "
                 f"calls, {sum(answer.status == 503 for answer in started + looked)} told 503, {len(torn)} cut; "
                 f"{len(pages)} pages the same; equal")
        self.expect_truth(lab)

    @fault("S4", "the database goes away under a server with visitors, and comes back",
           "pages say 503 at once, with Retry-After, and look again by themselves, never 500; then all works without a "
           "restart, live pages and programs' streams too; tables equal the truth", "postgres")
    def test_S04_database_away(self, engine: str) -> None:
        server = self.server("--fast")
        lab = self.lab(engine, world(page=10, latency=60), server.url, ads=12, days=int(option("S04_DAYS", 60, 300)))
        self.go_away(lab, lambda: server("stop fast"), lambda: server("start"))

    @fault("S4", "the disk of a server with visitors is full; later space is freed",
           "pages are there, what would be written is told 503 with Retry-After, never 500; then all works without a "
           "restart, live pages and programs' streams too; tables equal the truth", "sqlite")
    def test_S04_full_disk(self, engine: str) -> None:
        lab, fill, free = small_lab(self, engine)
        self.go_away(lab, fill, free)

    def go_away(self, lab: Lab, leave: Callable, come_back: Callable) -> None:
        served = lab.serve(0, "--workers", "3")
        owner = Visitor.first(served)
        lab.detach()
        program, live = Stream(owner, "/events"), Stream(owner, "/live?page=/accounts/1/progress")
        lab.wait_for_chunks(4)
        times = int(option("S04_TIMES", 1, 5))
        looked, asked, pages, back = [], [], [], []
        wish = {"accounts": "1", "date_range": "yesterday"}
        for _ in range(times):
            polls = Poller(owner, progress)
            leave()
            eventually("it is not ready", lambda: served.probe("/readyz")[0] == 503, 60)
            # Until a moment ago callers waited for it to come back.
            away = "/accounts" if lab.database.name == "postgres" else "/readyz"
            eventually("it is told", lambda away=away: owner.ask(away, seconds=5).status == 503, 60)
            deadline = time.monotonic() + option("S04_SECONDS", 2, 20)
            while time.monotonic() < deadline:
                asked.append(owner.ask("/sync/quick", wish))
                pages += [owner.page(path) for path in PAGES]
            come_back()
            begun = time.monotonic()
            lab.database.close()
            eventually("pages are there", lambda: owner.page("/").status == 200, 60)
            eventually("syncs are taken", lambda: owner.ask("/sync/quick", wish).status == 202, 60, pause=0.5)
            back.append(time.monotonic() - begun)
            looked += polls.close()
        self.assertTrue(served.is_running)
        lab.hurry()
        connections = program.connections, live.connections
        events = self.expect_whole_events(lab, program, connections[0])
        fresh = Stream(owner, live.path)
        eventually("the page is as one that is opened now", lambda: live.regions() == fresh.regions(), 30)
        for each in (live, fresh):
            each.close()
        self.stop(served)

        self.expect_statuses(looked, 200, 503)
        self.expect_statuses(asked, 503, 429)
        self.expect_statuses(pages, *([503, 429] if lab.database.name == "postgres" else [200, 429]))
        for each in pages:
            if each.status == 503:
                self.assertIn("http-equiv=\"refresh\"", each.text)
        told = [answer for answer in asked + pages if answer.status == 503]
        slowest = max((answer.seconds for answer in told), default=0)
        self.saw(times, f"{len(told)} of {len(asked + pages)} calls told 503, within {slowest:.1f} s; all back after "
                 f"{max(back):.1f} s; {events} events once each over {connections[0]} connections; equal")
        self.assertGreater(len(told), 0)
        self.expect_truth(lab)
        # Not after the half minute that a caller waits for a server that restarts.
        self.expect_speed(lab.database.name == "sqlite" or slowest <= 5, self.seen["seen"])
