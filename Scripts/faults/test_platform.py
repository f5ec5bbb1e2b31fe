"""A platform that fails, throttles, forgets and changes its mind."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .case import FaultCase, fault, option
from .lab import Lab
from .processes import eventually
from .sandbox import world

ONE = "1000001"
TWO = "1000002"


def rule(kind: str, **more: object) -> dict:
    return {"kind": kind, "target": "", "method": "", "share": 1000, "calls": []} | more


class PlatformCases(FaultCase):
    @fault("F17", "one of two accounts is throttled with code 17, with and without a time of recovery",
           "at most one probe for each estimate; the other account keeps ≥ 90 % of its rate; no attempt is used")
    def test_F17_throttled_account(self, engine: str) -> None:
        seconds = option("F17_SECONDS", 15, 600)
        lab = self.lab(engine, world(page=5, latency=250), ads=20, days=int(150 + 1.5 * seconds), accounts=2)
        lab.detach("--streams", "insights", account=TWO)
        # One call less than there are streams: when the first one ends the rate stays.
        worker = lab.worker("--workers", "2")
        eventually("it is under way", lambda: lab.batches() > 10)
        # Alone before and after it: what else the machine does changes meanwhile.
        alone = [lab.rate(10)]
        lab.sandbox.fail(rule("accountThrottle", target=f"act_{ONE}/insights"), rule("noRegainTime", share=500))
        throttled = lab.detach("--streams", "insights", account=ONE)
        eventually("it meets the block", lambda: self.struck(lab) > 0)
        of_two = ("SELECT sum(batches) FROM sync_chunks WHERE account_id IN "
                  f"(SELECT id FROM accounts WHERE external_id = '{TWO}')")
        before, begun = lab.database.number(of_two), time.monotonic()
        time.sleep(seconds)
        rate = (lab.database.number(of_two) - before) / (time.monotonic() - begun)
        probes = self.struck(lab)
        used = lab.chunks("retry_count > 0 OR crash_count > 0 OR status = 'failed'")
        blocked = lab.database.count("quotas", "blocked_until IS NOT NULL")
        lab.command("cancel", str(throttled))
        alone.append(lab.rate(10))
        self.assertFalse(lab.is_done(), "the other account has nothing left to do")
        percent = 100 * rate / (sum(alone) / len(alone))
        self.stop(worker)

        self.saw(f"{seconds:.0f} s",
                 f"{probes} calls met the block ({blocked} durable), {used} attempts used; the other account at "
                 f"{percent:.0f} % of its rate")
        self.assertEqual(used, 0)
        # One for each call that was in flight, then one for each estimate: a minute, then two, then more.
        self.assertLessEqual(probes, 3 + 1 + seconds // 60)
        self.expect_speed(percent >= 90, f"{percent:.1f} %")

    @staticmethod
    def struck(lab: Lab) -> int:
        return lab.sandbox.counters["faults"].get("accountThrottle", 0)

    @fault("F18", "20 % of answers are 5xx, 1 % are cut, each takes long (long run: 5 s)",
           "the sync completes; ≤ 10 % more calls than the failures themselves; no page counted in part")
    def test_F18_failing_platform(self, engine: str) -> None:
        latency = option("F18_MILLISECONDS", 300, 5000)
        size = {"ads": 12, "days": 60}
        calm = self.lab(engine, world(page=20), **size)
        self.assertEqual(calm.sync().code, 0)
        least = calm.sandbox.calls
        lab = self.lab(engine, world(page=20, latency=latency), **size)
        lab.detach()
        asked = lab.sandbox.calls
        lab.sandbox.fail(rule("unavailable", share=100), rule("text503", share=100), rule("truncated", share=10))
        worker = lab.worker()
        lab.wait(600)
        counters = lab.sandbox.counters
        struck = sum(counters["faults"].values())
        self.stop(worker)

        over = 100 * (counters["calls"] - asked - struck - least) / least
        self.saw(f"{struck} of {counters['calls']} calls", f"{over:+.0f} % calls beyond the failures; equal")
        self.assertGreater(struck, 5)
        self.assertLessEqual(over, 10)
        self.expect_truth(lab)

    @fault("F19", "reports that fail, are skipped, are not found or not readable; long run: also stuck at 0 and 99 %",
           "asked for again or split without a hand")
    def test_F19_stuck_reports(self, engine: str) -> None:
        stuck = int(option("F19_STUCK", 0, 60))
        lab = self.lab(engine, world(
            page=500, size={"syncRows": 5, "asyncRows": 100_000, "pageRows": 100_000_000},
            runs={"medianSeconds": 1, "spread": 2, "fails": 120, "skips": 120, "notFoundAfterSubmit": 100,
                  "unreadableResults": 60, "stuckAtZero": stuck, "stuckAt99": stuck}), ads=12, days=10)
        lab.detach()
        worker = lab.worker()
        # A report that stands still is given up after five minutes at 0 % and fifteen elsewhere. One in eight does, so
        # four in a row for any of forty chunks are as good as impossible.
        lab.wait(4 * 900 if stuck else 150)
        runs = lab.sandbox.counters["byRoute"]
        self.stop(worker)

        submitted = sum(count for route, count in runs.items() if route.startswith("POST") and "insights" in route)
        self.saw(f"{submitted} reports", "all read without a hand; equal")
        self.assertGreater(submitted, 0, runs)
        self.expect_truth(lab)

    @fault("F20", "the platform says \"reduce the amount of data\" for anything over a week",
           "split by itself; the size is remembered: the second run meets none")
    def test_F20_too_much_data(self, engine: str) -> None:
        ads, days = 12, 90
        lab = self.lab(engine, world(
            page=500, size={"syncRows": ads * 7, "asyncRows": ads * 7, "pageRows": 100_000_000},
            runs={"medianSeconds": 1, "spread": 1}), ads=ads, days=days)
        first = lab.sync()
        refused = self.refused(lab)
        second = lab.sync("--range", "last_90_days")
        more = self.refused(lab) - refused

        self.saw(refused, f"{refused} refusals in the first run, {more} in the second; equal")
        self.assertEqual((first.code, second.code), (0, 0), f"{first!r} {second!r}")
        self.assertGreater(refused, 0)
        self.expect_truth(lab)
        self.assertEqual(more, 0)

    @staticmethod
    def refused(lab: Lab) -> int:
        """Refusals for size: at once, or by a report that failed."""
        counters = lab.sandbox.counters
        return sum(counters["byStatus"].get(status, 0) for status in ("400", "500"))

    @fault("F21", "the token is made invalid in mid-run; later a good one is given",
           "the connection is parked, its owner told once, no further call; then it goes on at the same chunk")
    def test_F21_invalid_token(self, engine: str) -> None:
        lab = self.lab(engine, world(page=5, latency=60), ads=12, days=60)
        lab.detach()
        worker = lab.worker("--workers", "3", "--json")
        lab.wait_for_chunks(6)
        lab.sandbox.fail(rule("token", subcode=460))
        eventually("it is parked", lambda: lab.chunks("wait_reason = 'credential'") > 0
                   and lab.chunks("status = 'in_progress'") == 0)
        time.sleep(1)
        calls, states = lab.sandbox.calls, self.cursors(lab)
        time.sleep(5)
        further = lab.sandbox.calls - calls
        told = lab.database.count("events", "kind LIKE '%parked%' OR kind LIKE '%credential%'")
        lab.sandbox.fail()
        connect = lab.run("connect", "meta", "--base-url", lab.sandbox.url, "--database", lab.url,
                          SLUICE_META_TOKEN=lab.sandbox.token)
        lab.wait()
        self.stop(worker)

        self.saw(1, f"{further} calls while parked, {told} event, {len(states)} chunks went on from their cursors; "
                 "equal")
        self.assertEqual((connect.code, further, told), (0, 0, 1), repr(connect))
        self.assertEqual(lab.chunks("retry_count > 0 OR crash_count > 0"), 0)
        self.expect_truth(lab)

    @staticmethod
    def cursors(lab: Lab) -> list[str]:
        return lab.database.rows("SELECT id, batches FROM sync_chunks WHERE status = 'waiting' AND batches > 0")

    @fault("F22", "rows delivered twice, pages short or empty, order not the same",
           "the table is identical")
    def test_F22_rows_twice(self, engine: str) -> None:
        lab = self.lab(engine, world(page=10), ads=12, days=60)
        lab.sandbox.fail(rule("duplicateRow", share=300), rule("shortPage", share=200), rule("emptyPage", share=50))
        ended = lab.sync()
        struck = lab.sandbox.counters["faults"]

        self.saw(sum(struck.values()), "equal")
        self.assertEqual(ended.code, 0, repr(ended))
        self.assertGreater(struck.get("duplicateRow", 0), 3)
        self.expect_truth(lab)

    @fault("F23", "the platform changes the numbers of all past days after the first read",
           "the days within the lookback have the new values")
    def test_F23_changed_numbers(self, engine: str) -> None:
        lab = self.lab(engine, world(page=500), ads=12, days=60)
        self.assertEqual(lab.sync().code, 0)
        before = lab.database.rows("SELECT date, sum(spend_micros) FROM meta_ad_insights GROUP BY date ORDER BY date")
        lab.sandbox.change("world", {"seed": 8})
        ended = lab.sync("--range", "last_30_days")
        after = lab.database.rows("SELECT date, sum(spend_micros) FROM meta_ad_insights GROUP BY date ORDER BY date")
        changed = sorted(day.split("|")[0] for day in set(after) - set(before))
        # The world's last day is yesterday in UTC, which is two days ago where the account's day has begun already.
        today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        first = str(today - timedelta(days=29))
        stored = sorted(day.split("|")[0] for day in before if day.split("|")[0] >= first)
        real = lab.sandbox.ask("sums", level="ad")
        wrong = [day for day in changed if f"{day}|{real[day]['spendMicros']}" not in after]

        self.saw(1, f"{len(changed)} days rewritten from {min(changed)} on, all as the platform has them; "
                 "there is no log of revisions yet")
        self.assertEqual((ended.code, wrong), (0, []), repr(ended))
        self.assertEqual(changed, stored)
        self.assertGreaterEqual(len(stored), 28)

    @fault("F24", "a new field appears, numbers come as texts and texts as numbers, a field is withheld",
           "no run fails; the new field is kept in `extra`; the column of the withheld one stays")
    def test_F24_changed_fields(self, engine: str) -> None:
        lab = self.lab(engine, world(page=50, reading={"surpriseField": "brand_new"}), ads=12, days=30)
        lab.sandbox.fail(rule("looseTypes", share=500))
        first = lab.sync()
        kept = lab.database.count("meta_ad_insights", "CAST(extra AS TEXT) LIKE '%brand_new%'")
        rows = lab.database.count("meta_ad_insights")
        accounts = lab.sandbox.ask("world")["accounts"]
        accounts[0]["gatedFields"] = ["funding_source_details"]
        lab.sandbox.change("world", {"accounts": accounts, "reading": {"surpriseField": "brand_new"}})
        second = lab.sync("--streams", "accounts")

        self.assertEqual((first.code, second.code), (0, 0), f"{first!r} {second!r}")
        self.assertEqual((kept, rows), (rows, 360))
        lab.database.value("SELECT max(CAST(funding_source_details AS TEXT)) FROM meta_ad_accounts")
        self.saw(2, f"{kept} of {rows} rows keep the new field; equal")
        self.expect_truth(lab)
