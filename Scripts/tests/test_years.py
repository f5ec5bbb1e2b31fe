"""Copies of an account are whole accounts, and their runs add up."""

import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark import years  # noqa: E402

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, external_id TEXT, name TEXT, virtual_time REAL);
CREATE TABLE quotas (key TEXT PRIMARY KEY, pace REAL);
CREATE TABLE coverage (account_id INTEGER, date TEXT, PRIMARY KEY (account_id, date));
CREATE TABLE meta_ad_insights (account_id TEXT, date TEXT, clicks INTEGER, twice INTEGER AS (clicks * 2));
CREATE TABLE sync_jobs (id INTEGER PRIMARY KEY, account_id INTEGER, kind TEXT, status TEXT, created_at TEXT,
    started_at TEXT, finished_at TEXT, total_chunks INTEGER, completed_chunks INTEGER, failed_chunks INTEGER,
    throttled INTEGER, error_message TEXT, error_class TEXT);
CREATE TABLE sync_chunks (id INTEGER PRIMARY KEY, job_id INTEGER, account_id INTEGER, status TEXT, created_at TEXT,
    started_at TEXT, finished_at TEXT, error_message TEXT, error_class TEXT);
INSERT INTO accounts VALUES (1, '1000001', 'Bench', 20);
INSERT INTO quotas VALUES ('meta/account/1000001', 1), ('meta/app/9', 1);
INSERT INTO coverage VALUES (1, '2026-01-01'), (1, '2026-01-02');
INSERT INTO meta_ad_insights VALUES ('1000001', '2026-01-01', 5), ('1000001', '2026-01-02', 6);
INSERT INTO sync_jobs VALUES (1, 1, 'initial', 'completed', '2026-01-02T10:00:00.000Z', '2026-01-02T10:00:00.000Z',
    '2026-01-02T10:00:09.000Z', 12, 12, 0, 0, NULL, NULL);
"""


class Copies(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "small.sqlite"
        with sqlite3.connect(self.path) as db:
            db.executescript(SCHEMA)
            db.executemany(
                "INSERT INTO sync_chunks VALUES (?, 1, 1, 'completed', '2026-01-02T10:00:00.000Z',"
                " '2026-01-02T10:00:01.000Z', '2026-01-02T10:00:02.000Z', NULL, NULL)", [(n,) for n in range(1, 13)])

    def ask(self, text: str) -> list:
        db = sqlite3.connect(self.path)
        self.addCleanup(db.close)
        return db.execute(text).fetchall()

    def test_every_account_has_its_own_rows_and_limits(self) -> None:
        made = years.grow(self.path, years.Years(accounts=4, runs=3))

        self.assertEqual(made["accounts"], 3)
        self.assertEqual(
            self.ask("SELECT account_id, count(*), sum(clicks) FROM meta_ad_insights GROUP BY 1"),
            [("1000001", 2, 11), ("1000002", 2, 11), ("1000003", 2, 11), ("1000004", 2, 11)])
        self.assertEqual(self.ask("SELECT count(*), count(DISTINCT account_id) FROM coverage"), [(8, 4)])
        self.assertEqual(self.ask("SELECT count(*) FROM quotas"), [(5,)])

    def test_runs_reach_back_and_their_chunks_add_up(self) -> None:
        years.grow(self.path, years.Years(accounts=4, runs=50))

        self.assertEqual(
            self.ask("SELECT count(*) FROM sync_jobs AS j WHERE id > 1 AND total_chunks !="
                     " (SELECT count(*) FROM sync_chunks AS c WHERE c.job_id = j.id)"), [(0,)])
        self.assertEqual(
            self.ask("SELECT sum(failed_chunks) FROM sync_jobs"),
            self.ask("SELECT count(*) FROM sync_chunks WHERE status = 'failed'"))
        self.assertEqual(
            self.ask("SELECT count(*) FROM sync_chunks AS c JOIN sync_jobs AS j ON j.id = c.job_id"
                     " WHERE c.account_id != j.account_id"), [(0,)])
        days = self.ask("SELECT min(date(created_at)), max(date(created_at)) FROM sync_jobs WHERE id > 1")
        self.assertEqual(days, [("2025-12-20", "2026-01-02")])


if __name__ == "__main__":
    unittest.main()
