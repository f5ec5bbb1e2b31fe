"""The benchmark reads what the binary prints and leaves, and says so when it cannot."""

import sys
import tempfile
import unittest
import unittest.mock
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmark import database, measures, platforms, programs, quota_share, report, server  # noqa: E402
from benchmark.measures import Size  # noqa: E402


class Benchmark(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bench = measures.Bench(
            HERE / "fake_sluice.py", Path(folder.name), sizes=[Size(10, 20), Size(40, 25), Size(30, 20, accounts=2)],
            quota_world=Size(5, 5), fault_world=Size(20, 20), limit=30)

    def test_loads_give_cost_growth_and_peak(self) -> None:
        lines = measures.loads(self.bench)

        self.assertIn("(1,000 rows)", lines[0].what)
        self.assertEqual(len(lines), 7)
        self.assertIn("15 columns", lines[4].what)
        # Of two accounts each load is told; the table's size at the end counts.
        self.assertEqual(len(self.bench.details), 9)
        self.assertIn("0.0012 M:", lines[2].measured)
        self.assertTrue(lines[-1].holds)

    def test_a_failed_sync_is_told_with_its_last_words(self) -> None:
        with self.assertRaisesRegex(programs.Failed, "ended with 1 .*The platform is gone"):
            measures.load(self.bench, Size(666, 1))

    def test_faults_are_compared_by_values_and_calls(self) -> None:
        lines = measures.with_faults(self.bench)

        self.assertEqual(lines[0].measured, "400 of 400, values the same")
        self.assertEqual(lines[1].measured, "4.0 % (104 for 100)")
        self.assertEqual([line.holds for line in lines], [True, True])

    def test_a_watching_process_is_weighed_and_stopped(self) -> None:
        lines = measures.idle(self.bench, settle=0.5)

        self.assertRegex(lines[0].measured, r"^\d+ MB$")

    def test_the_first_row_is_waited_for(self) -> None:
        lines = measures.to_first_row(self.bench, times=1)

        self.assertIn("median of 1", lines[0].measured)

    def test_the_quota_run_is_compared_with_its_rate(self) -> None:
        lines = measures.under_quota(self.bench)

        self.assertIn("104 points", lines[0].what)
        self.assertTrue(lines[1].holds)

    def test_the_busiest_page_is_compared_with_its_limit(self) -> None:
        lines = platforms.pancake(self.bench)

        self.assertIn("(9 calls)", lines[0].what)
        self.assertEqual(lines[1].measured, "2 of 2, values the same; 0")
        self.assertEqual([line.holds for line in lines], [True, True, True, None, True])

    def test_a_message_with_another_text_is_told(self) -> None:
        stored = {("c1", "m1"): "one", ("c1", "m2"): "another"}
        with unittest.mock.patch.object(platforms, "stored_messages", return_value=stored):
            lines = platforms.pancake(self.bench)

        self.assertEqual(lines[1].measured, "2 of 2, values DIFFERENT; 0")
        self.assertFalse(lines[1].holds)

    def test_earnings_are_told_by_day_state_and_currency(self) -> None:
        sums = {"pending": {"EUR": {"count": 2, "paymentMicros": 5}}, "declined": {"USD": {"count": 1}}}
        sums["declined"]["USD"]["paymentMicros"] = 0

        self.assertEqual(
            platforms.earnings({"2026-11-05": {"count": 3, "sums": sums}}),
            {("2026-11-05", "pending", "EUR"): (2, 5), ("2026-11-05", "declined", "USD"): (1, 0)})

    def test_what_goes_at_once_does_not_count_as_waiting(self) -> None:
        pace = platforms.Pace(calls=101, rate=5, burst=1, wall=21)

        self.assertAlmostEqual(pace.strict, 1.05)
        self.assertAlmostEqual(pace.plain, 21 / 20.2)

    def test_a_message_that_came_twice_and_a_refused_call_are_told(self) -> None:
        lines = platforms.folkform(self.bench)

        self.assertIn("(4 calls)", lines[0].what)
        self.assertEqual([line.measured[:4] for line in lines[1:3]], ["1; 0", "2 of"])
        self.assertEqual([line.holds for line in lines[1:]], [False, False, True, True])

    def test_what_never_came_is_missing(self) -> None:
        got = platforms.Received(Counter([("c1", "m1")]), Counter(["c1"]), {})

        self.assertEqual(got.missing({("c1", "m1"): "", ("c1", "m2"): "", ("c2", "m3"): ""}), 3)
        self.assertEqual(got.twice, 0)

    def test_the_engine_tells_its_own_numbers(self) -> None:
        lines = measures.engine(self.bench)

        self.assertEqual([line.measured for line in lines], ["12,000/s", "30.0 ms"])
        self.assertEqual([line.holds for line in lines], [True, False])

    def test_what_a_fault_case_left_is_a_line(self) -> None:
        result = {
            "test": "faults.test_server.ServerCases.test_F07_killed_backends_postgres", "passed": False, "seen": ""}

        line = server.recovered(result)

        self.assertIn("killed twice a second for 60 s", line.what)
        self.assertIn(f"| {line.wanted} | it did not come so far | **missed** |", report.table([line]))

    def test_the_busiest_second_is_found(self) -> None:
        samples = [(number / 5, count) for number, count in enumerate([0, 0, 10, 60, 60, 60, 61, 61])]

        self.assertAlmostEqual(quota_share.busiest(samples), 61)

    def test_output_that_is_no_summary_is_refused(self) -> None:
        for text in ("", "done\n", "[1]\n", '{"status": "completed"}\n'):
            with self.subTest(text=text), self.assertRaises(programs.Failed):
                programs.parse_summary(text)

    def test_a_fingerprint_ignores_only_the_moment_of_writing(self) -> None:
        with self.bench.sandbox(Size(3, 3)) as sandbox:
            for name in ("a", "b"):
                self.bench.sync(sandbox, self.bench.fresh(name))
        with self.bench.sandbox(Size(3, 2)) as sandbox:
            self.bench.sync(sandbox, self.bench.fresh("c"))

        a, b, c = (database.fingerprint(self.bench.scratch / f"{name}.sqlite", measures.TABLE) for name in "abc")

        self.assertEqual(a, b)
        self.assertNotEqual(a, c)
        self.assertEqual(database.days(self.bench.scratch / "a.sqlite", measures.TABLE), ("2026-01-01", "2026-01-03"))

    def test_the_page_keeps_all_but_the_measured_part(self) -> None:
        page = f"top\n{report.BEGIN}\nold\n{report.END}\nbottom\n"

        self.assertEqual(report.replaced(page, "new"), f"top\n{report.BEGIN}\n\nnew\n\n{report.END}\nbottom\n")
        with self.assertRaises(ValueError):
            report.replaced("no marks", "new")


if __name__ == "__main__":
    unittest.main()
