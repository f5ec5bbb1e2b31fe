"""The server with many visitors, slow or hasty ones, and with a clock that jumps."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles

from .case import fault, option
from .processes import eventually
from .sandbox import world
from .test_clock import Clock
from .visitors import PAGES, Answer, VisitedCase, Visitor

# A state of TCP in /proc/net/tcp.
ESTABLISHED = "01"


class CrowdCases(VisitedCase):
    @fault("S3", "200 live pages that nobody reads, and 50 connections that send a byte of a header each second",
           "95 % of others' pages within 0.5 s, or three times what they took before; at most 100 MB more memory; long "
           "run: the slow ones are let go")
    def test_S03_slow_clients(self, engine: str) -> None:
        seconds = option("S03_SECONDS", 5, 240)
        lab = self.lab(engine, world(page=5, latency=200), ads=12, days=int(option("S03_DAYS", 200, 900)))
        server = lab.serve(0, "--workers", "3")
        owner = Visitor.first(server)
        lab.detach()
        lab.wait_for_chunks(3)
        before, memory = self.slowest(owner, 3), server.resident
        unread = [self.silent(owner, f"{owner.asking('/live?page=/accounts/1/progress')}\r\n") for _ in range(200)]
        slow = [self.silent(owner, "GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ") for _ in range(50)]
        for each in unread + slow:
            self.addCleanup(each.close)
        begun, peak, times = time.monotonic(), 0, []
        while time.monotonic() - begun < seconds and held(owner.port, unread + slow):
            for each in slow:
                self.push(each)
            times.append(owner.page(PAGES[len(times) % len(PAGES)]))
            peak = max(peak, server.resident - memory)
            time.sleep(0.5 if seconds < 30 else 1)
        left, lasted = (held(owner.port, unread), held(owner.port, slow)), time.monotonic() - begun
        self.expect_statuses(times, 200, 429)
        during = percentile([answer.seconds for answer in times])
        lab.hurry()
        self.stop(server)

        self.saw("200 and 50", f"95 % of pages within {during * 1000:.0f} ms, before {before * 1000:.0f}; memory "
                 f"{peak / 1e6:+.0f} MB; after {lasted:.0f} s {left[0]} and {left[1]} were still held")
        self.assertLess(peak, 100e6)
        if seconds >= 120:
            self.assertEqual(left, (0, 0), "still held")
        self.expect_truth(lab)
        self.expect_speed(during <= max(0.5, 3 * before), self.seen["seen"])

    def slowest(self, visitor: Visitor, times: int) -> float:
        """The time within which 95 of 100 pages come."""
        answers = [visitor.page(path) for _ in range(times) for path in PAGES]
        self.expect_statuses(answers, 200)
        return percentile([answer.seconds for answer in answers])

    @staticmethod
    def silent(visitor: Visitor, text: str) -> socket.socket:
        """A connection that says this and takes nothing."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.connect(("127.0.0.1", visitor.port))
        line.sendall(text.encode())
        return line

    @staticmethod
    def push(line: socket.socket) -> None:
        try:
            line.send(b"x")
        except OSError:
            pass

    @fault("S5", "people click and programs call a hundred times at once: the sync of everything, the sync of a day, a "
           "schedule's \"run now\"",
           "at most one open job for an account and a wish; each answer is true: 202, 409 or 429; the audit chain is "
           "whole")
    def test_S05_storm_of_clicks(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=100), ads=8, days=30)
        server = lab.serve()
        owner = Visitor.first(server)
        people = [owner, *(owner.colleague(number) for number in range(1, 3))]
        lab.detach("--streams", "campaigns")
        lab.wait()
        made = owner.ask("/sync/schedules", {
            "name": "Night", "targets": ["account:1"], "recurrence": "interval", "interval": "24h",
            "time_zone": "Asia/Ho_Chi_Minh", "date_range": "last_7_days"})
        self.assertEqual(made.status, 201, made)
        night = made.json["schedule"]["id"]
        wishes = [("/facebook/sync/ads", {}), ("/sync/manual", {"accounts": "1", "date_range": "yesterday"}),
                  (f"/sync/schedules/{night}/run", {})]
        rounds = int(option("S05_ROUNDS", 1, 20))
        answers: list[tuple[str, Answer]] = []
        for _ in range(rounds):
            # One of them clicks more than anybody may.
            calls = [(people[0 if number < 70 else number % 3], *wishes[number % 3]) for number in range(100)]
            with ThreadPoolExecutor(100) as pool:
                got = list(pool.map(lambda call: (call[1], call[0].ask(call[1], call[2])), calls))
            answers += got
            if rounds > 1:
                time.sleep(20)
        lab.hurry()
        audit = owner.ask("/sync/settings/audit?limit=100").json["chain"]
        acts = lab.database.count("audit_log", "action IN ('Started a sync', 'Ran a schedule now')")
        self.stop(server)

        self.expect_statuses([answer for _, answer in answers], 202, 409, 429)
        taken = [(path, answer.json) for path, answer in answers if answer.status == 202]
        for path, _ in wishes:
            own = {job for taken_path, answer in taken if taken_path == path for job in answer["jobs"]}
            times = lab.database.rows(
                "SELECT created_at, finished_at FROM sync_jobs "
                f"WHERE id IN ({', '.join(map(str, own)) or 0}) ORDER BY 1")
            self.assertEqual(len(times), len(own), f"{path}: jobs that are not there")
            self.assertGreater(len(own), 0, f"nobody was let in at {path}")
            ends = [each.split("|")[1] for each in times]
            begins = [each.split("|")[0] for each in times]
            self.assertTrue(all(end <= begin for end, begin in zip(ends, begins[1:])), f"{path}: two at once: {times}")
        refused = [answer for _, answer in answers if answer.status == 429]
        self.assertGreater(len(refused), 0, "nobody was too quick")
        self.assertEqual(acts, len(taken), "acts that are not on record, or records of none")
        self.assertEqual((audit["is_intact"], audit["missing"]), (True, 0), audit)
        statuses = [answer.status for _, answer in answers]
        jobs = len({job for _, answer in taken for job in answer["jobs"]})
        self.saw(f"{rounds} × 100", f"{statuses.count(202)} told 202 ({jobs} jobs), {statuses.count(409)} 409, "
                 f"{statuses.count(429)} 429; {audit['count']} records, the chain is whole; equal")
        self.expect_truth(lab)

    @fault("S6", "the clock of the machine is put an hour ahead under a server with visitors, and set right again",
           "sessions hold and nobody is told to wait for an hour; one run of a schedule for what was left out; tables "
           "equal the truth", "sqlite")
    def test_S06_clock_jumps(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10, latency=50), ads=12, days=40)
        clock = Clock(lab.folder)
        server = lab.serve(0, "--workers", "2", **clock.environment)
        owner = Visitor.first(server)
        lab.detach()
        made = owner.ask("/sync/schedules", {
            "name": "Often", "targets": ["account:1"], "recurrence": "interval", "interval": "30m",
            "time_zone": "Asia/Ho_Chi_Minh", "date_range": "yesterday", "missed_policy": "once"})
        self.assertEqual(made.status, 201, made)
        lab.wait_for_chunks(4)
        answers: list[Answer] = []
        for offset in (0, 3600, 0):
            clock.set(offset)
            answers += [owner.page(path) for path in PAGES]
            answers += [owner.ask("/facebook/sync/ads", {}) for _ in range(3)]
            if offset:
                eventually("the schedule has run", lambda: lab.database.count("schedule_runs") > 0)
            time.sleep(2)
        lab.hurry()
        runs = lab.database.count("schedule_runs")
        self.stop(server)

        self.expect_statuses(answers, 200, 202)
        self.saw("+1 h, -1 h", f"{len(answers)} calls answered; {runs} run of the schedule; equal")
        # One for all that the jump left out; and half an hour may end just now.
        self.assertLessEqual(runs, 2)
        self.expect_truth(lab)


def held(door: int, lines: list[socket.socket]) -> int:
    """Those that the other side has not ended, as the kernel has it there: who does not read hears of no end."""
    own = {f"{line.getsockname()[1]:04X}" for line in lines}
    found = 0
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, state, *_ = row.split()
        found += here.endswith(f":{door:04X}") and there.split(":")[1] in own and state == ESTABLISHED
    return found


def percentile(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]
