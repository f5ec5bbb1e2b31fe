"""The plan adds up, repeats, and shows what is known to happen."""

import contextlib
import io
import sys
import unittest
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

import plan as program  # noqa: E402
from planning import tables  # noqa: E402
from planning.demand import daily, demand, growth  # noqa: E402
from planning.model import (  # noqa: E402
    MONTH_DAYS, Assumed, Plan, Work, call_rate, day_sizes, first_sync, heavy_sync, light_sync)
from planning.simulation import Job, Result, Simulation, first_days, shares  # noqa: E402

SMALL = Plan(accounts=2000, rows_per_month=2e7, machines=2, database_cores=4)


def run(plan: Plan, hours: float = 4) -> Result:
    return Simulation(plan, accounts=200, hours=hours).run()


class Accounts(unittest.TestCase):
    def test_sizes_add_up_and_have_a_tail(self) -> None:
        sizes = sorted(day_sizes(SMALL, 500))

        self.assertAlmostEqual(sum(sizes) * SMALL.accounts / 500, SMALL.rows_per_month / MONTH_DAYS, delta=1)
        self.assertGreater(sum(sizes[-5:]), 0.3 * sum(sizes))
        self.assertEqual(day_sizes(SMALL, 500), day_sizes(SMALL, 500))
        self.assertNotEqual(day_sizes(SMALL, 500), day_sizes(replace(SMALL, seed=8), 500))

    def test_a_day_is_read_as_often_as_its_age_calls_for(self) -> None:
        # Today and yesterday each hour, six days once, seven of the older ones and the 35th: docs/concepts.md.
        size = 1e6
        read = daily(SMALL, size).read / size

        self.assertAlmostEqual(read, 24 * 2 + 6 + 7 + 1, delta=1.1)
        self.assertAlmostEqual(daily(replace(SMALL, every_hours=48), size).read, heavy_sync(SMALL, size).read / 2)

    def test_a_small_account_costs_the_calls_that_were_counted(self) -> None:
        # 13 to 15 were counted on a real server, where lists had changed.
        self.assertAlmostEqual(light_sync(SMALL, 50).calls, 13, delta=2)
        self.assertAlmostEqual(light_sync(SMALL, 50).chunks, 10)

    def test_a_first_sync_costs_about_the_calls_that_were_counted(self) -> None:
        # The demo's account: 396,585 rows of 730 days, 1,028 calls with its posts, 813 the fewest possible.
        self.assertAlmostEqual(first_sync(396_585 / 730, 730).calls, 813, delta=20)

    def test_limits_follow_the_tier(self) -> None:
        self.assertAlmostEqual(call_rate(SMALL, 50), 30)
        self.assertAlmostEqual(call_rate(replace(SMALL, tier="development"), 50), 0.2)


class Simulated(unittest.TestCase):
    def test_a_seed_repeats(self) -> None:
        self.assertEqual(run(SMALL), run(SMALL))

    def test_it_agrees_with_the_calculation_where_there_is_enough(self) -> None:
        steady = replace(SMALL, assumed=replace(Assumed(), growth=1e-9))
        asked, seen = demand(steady).use(steady), run(steady, hours=24).use

        for name in ("calls in flight", "the app's calls"):
            self.assertAlmostEqual(seen[name] / asked[name], 1, delta=0.1)

    def test_data_is_half_an_interval_old_where_there_is_enough(self) -> None:
        result = run(SMALL)

        self.assertAlmostEqual(result.stale_median, 1800, delta=120)
        self.assertLess(result.stale_99, 3800)
        self.assertEqual(result.skipped, 0)

    def test_too_few_calls_make_data_older_and_jobs_stay_open(self) -> None:
        result = run(replace(SMALL, assumed=replace(Assumed(), app_calls=1.0)))

        self.assertGreater(result.stale_median, 2 * 3600)
        self.assertGreater(result.skipped, 0.1)
        self.assertAlmostEqual(result.use["the app's calls"], 1, delta=0.01)

    def test_a_backlog_after_an_outage_ends(self) -> None:
        result = run(replace(SMALL, outage_minutes=30), hours=10)

        self.assertIsNotNone(result.recovered)
        self.assertGreater(result.stale_99, 3600)

    def test_claims_that_look_at_all_accounts_eat_a_small_database(self) -> None:
        drowned = Plan(accounts=100_000, machines=8, database_cores=4, is_spread=False, lanes=0)
        all_of_them, some = run(drowned, hours=2), run(replace(drowned, lanes=1000), hours=2)

        self.assertGreater(all_of_them.claim_seconds, 20 * some.claim_seconds)

    def test_parts_are_fair_and_nothing_is_left(self) -> None:
        def job(left: float) -> Job:
            return Job(0, 0, Work(1, 1, 1, 1), left, most=1e9, database_cpu=0, process_cpu=0, chunks=1)

        given = dict(shares([job(1), job(100), job(100)], 21))

        self.assertEqual(given, {0: 1, 1: 10, 2: 10})

    def test_the_first_days_wait_for_the_tier(self) -> None:
        result = run(SMALL)

        development = first_days(replace(SMALL, tier="development"), result, 3000)
        self.assertGreater(development, 5 * first_days(SMALL, result, 3000))
        # What may go at once suffices.
        self.assertEqual(first_days(replace(SMALL, tier="development"), result, 50), first_days(SMALL, result, 50))


class Tables(unittest.TestCase):
    def test_a_plant_that_was_sized_uses_half_of_itself(self) -> None:
        plan = tables.sized(Plan())
        used = demand(plan).use(plan)

        self.assertLessEqual(max(used["calls in flight"], used["worker CPU"], used["database CPU"]), 0.5)
        self.assertGreater(growth(plan, demand(plan)).rows, 0.9e12)

    def test_a_row_has_a_cell_for_each_head(self) -> None:
        found = tables.outcome(tables.sized(SMALL), accounts=100, hours=2)

        for head, line in [
            (tables.NEEDS, tables.needs_row(found)), (tables.GIVES, tables.gives_row(found)),
            (tables.CHANGES, tables.change_row("x", found)),
        ]:
            self.assertEqual(head.split("\n")[0].count(" | "), line.count(" | "))

    def test_an_account_alone_needs_what_its_tier_allows(self) -> None:
        lines = list(tables.alone(Plan()))

        self.assertEqual(len(lines), 1 + len(tables.ALONE))
        # What is quick to calculate is compared with the page.
        self.assertIn("\n".join(lines), (ROOT / "docs/scaling.md").read_text(encoding="utf-8"))
        self.assertRegex(lines[1], r"^\| 50 \| \d+ \| \d+ s \|")

    def test_the_page_has_a_place_for_all(self) -> None:
        page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
        for name in ("alone", "sizes", "changes"):
            page = program.put(page, name, [f"the table {name}"])

        self.assertIn("<!-- sizes -->\n\nthe table sizes\n\n<!-- /sizes -->", page)
        with self.assertRaisesRegex(ValueError, "no place"):
            program.put("nothing", "sizes", [])


class Options(unittest.TestCase):
    def test_they_make_a_plan(self) -> None:
        made = program.plan(program.arguments(
            "--accounts 500 --every 6 --tier development --set latency=2 row_cpu=9e-6 --database-cores 3".split()))

        self.assertEqual((made.accounts, made.rows_per_month, made.database_cores), (500, 5e6, 3))
        self.assertEqual((made.assumed.latency, made.measured.row_cpu), (2, 9e-6))

    def test_what_makes_no_sense_is_told(self) -> None:
        for words in ("--accounts 0", "--every -1", "--set nothing=1", "--rows-per-month nan", "--set latency=-1"):
            with self.subTest(words), self.assertRaises(ValueError):
                program.plan(program.arguments(words.split()))
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            program.arguments(["--tier", "gold"])


if __name__ == "__main__":
    unittest.main()
