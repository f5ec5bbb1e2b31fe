"""The fault suite compares every day once, and sees what differs."""

import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faults import truth  # noqa: E402
from faults.databases import SQLite  # noqa: E402


class Truth(unittest.TestCase):
    def test_slices_hold_each_day_once_and_what_lies_beyond(self) -> None:
        db = sqlite3.connect(":memory:")
        db.execute("CREATE TABLE days (date)")
        days = ["2026-01-31", *(f"2026-02-{day:02}" for day in range(1, 29)), "2026-03-01"]
        db.executemany("INSERT INTO days VALUES (?)", [(day,) for day in days])

        for rows in (1, 100_000, 1_000_000, 100_000_000):
            slices = list(truth.slices("2026-02-01", "2026-02-28", rows))
            found = [day for _, _, bounds in slices for (day,) in db.execute(f"SELECT date FROM days WHERE {bounds}")]
            with self.subTest(rows=rows):
                self.assertEqual(sorted(found), days)
                self.assertEqual((slices[0][0], slices[-1][1]), ("2026-02-01", "2026-02-28"))

    def test_one_cell_of_one_day_is_told(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            a, b = (SQLite(Path(folder) / name) for name in ("a", "b"))
            for database, clicks in ((a, 5), (b, 6)):
                db = sqlite3.connect(database.path)
                db.execute("CREATE TABLE meta_ads (date, clicks, name, synced_at)")
                db.execute("INSERT INTO meta_ads VALUES ('2026-01-01', 1, NULL, 'now'), ('2026-01-02', ?, 'x', ?)", [
                    clicks, str(database.path)])
                db.commit()

            self.assertEqual(truth.unlike_cells(a, a), [])
            self.assertIn("lacks 1 ['2026-01-02|1|", truth.unlike_cells(a, b)[0])


if __name__ == "__main__":
    unittest.main()
