"""A database like after years of use. The program syncs one account; the others, and older runs, are copies of that.

Columns are copied whatever they are called, so a new column needs nothing here."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

# Chunks of one run among the copies.
CHUNKS = 10


@dataclass(frozen=True)
class Years:
    accounts: int = 1000
    # Of each account, each of `CHUNKS` chunks.
    runs: int = 100


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    # Generated ones cannot be written.
    return [row[1] for row in db.execute(f'PRAGMA table_xinfo("{table}")') if row[6] == 0]


def copies(db: sqlite3.Connection, table: str, source: str, changes: dict[str, str]) -> int:
    """Copies rows of the table, `source` (a FROM clause where `t` is the table) says which and how often."""
    names = columns(db, table)
    made = ", ".join(changes.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    return db.execute(f'INSERT INTO "{table}" ({listed}) SELECT {made} FROM {source}').rowcount


def grow(path: Path, size: Years) -> dict[str, int]:
    """Copies the only account of the database; how many rows were made, by table."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -500000"]:
        db.execute(f"PRAGMA {pragma}")
    account, number = db.execute("SELECT id, external_id FROM accounts").fetchone()
    db.execute("CREATE TEMP TABLE a (n INTEGER PRIMARY KEY)")
    db.execute("CREATE TEMP TABLE r (n INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO a VALUES (?)", [(each,) for each in range(1, size.accounts)])
    db.executemany("INSERT INTO r VALUES (?)", [(each,) for each in range(size.runs)])
    made: dict[str, int] = {}

    def keep(table: str, source: str, changes: dict[str, str]) -> None:
        made[table] = copies(db, table, source, changes)

    new, name = f"{account} + a.n", f"CAST({number} + a.n AS TEXT)"
    db.execute("BEGIN")
    keep("accounts", "accounts AS t, a", {
        "id": new, "external_id": name, "name": "'Tài khoản số ' || a.n", "virtual_time": "0"})
    keep("quotas", f"quotas AS t, a WHERE t.key LIKE '%/{number}'", {"key": f"replace(t.key, '{number}', {name})"})
    for (table,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
        if "account_id" not in columns(db, table) or table in ("sync_jobs", "sync_chunks", "events"):
            continue
        kind = next(row[2] for row in db.execute(f'PRAGMA table_xinfo("{table}")') if row[1] == "account_id")
        # Tables of data know accounts by the platform's numbers, those of the program by its own.
        keep(table, f'"{table}" AS t, a ORDER BY a.n', {"account_id": name if kind == "TEXT" else new})
    history(db, account, size, keep)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return made


def history(db: sqlite3.Connection, account: int, size: Years, keep) -> None:
    """Runs of years, of every account: one every few hours; a few failed, a few waited for a limit."""
    job = db.execute("SELECT max(id) FROM sync_jobs").fetchone()[0]
    chunk = db.execute("SELECT max(id) FROM sync_chunks").fetchone()[0]
    db.execute("INSERT INTO a VALUES (0)")
    run = f"({job} + 1 + r.n * {size.accounts} + a.n)"
    hour = f"'-' || ((({size.runs} - r.n) * 6)) || ' hours', '-' || (a.n * 20) || ' seconds'"

    def shifted(column: str) -> str:
        return f"strftime('%Y-%m-%dT%H:%M:%fZ', t.{column}, {hour})"

    failed = "(a.n + r.n * 7) % 40 = 0"
    when = {name: shifted(name) for name in ["created_at", "started_at", "finished_at"]}
    keep("sync_jobs", f"r, a, sync_jobs AS t WHERE t.id = {job} ORDER BY r.n, a.n", when | {
        "id": run, "account_id": f"{account} + a.n",
        "kind": "CASE r.n WHEN 0 THEN 'initial' ELSE CASE r.n % 9 WHEN 0 THEN 'quick' ELSE 'scheduled' END END",
        "status": f"CASE WHEN {failed} THEN 'failed' ELSE 'completed' END", "total_chunks": str(CHUNKS),
        "failed_chunks": failed, "completed_chunks": f"{CHUNKS} - ({failed})", "throttled": "r.n % 12 = 0",
        "error_message": f"CASE WHEN {failed} THEN 'Meta did not answer in time.' END",
        "error_class": f"CASE WHEN {failed} THEN 'retry_now' END"})
    each = f"(t.id - {chunk - CHUNKS})"
    keep("sync_chunks", f"r, a, sync_chunks AS t WHERE t.id > {chunk - CHUNKS} ORDER BY r.n, a.n, t.id", when | {
        "id": f"{chunk} + (({run} - {job} - 1) * {CHUNKS}) + {each}", "job_id": run, "account_id": f"{account} + a.n",
        "status": f"CASE WHEN {failed} AND {each} = 3 THEN 'failed' ELSE 'completed' END",
        "error_message": f"CASE WHEN {failed} AND {each} = 3 THEN 'Meta did not answer in time.' END",
        "error_class": f"CASE WHEN {failed} AND {each} = 3 THEN 'retry_now' END"})


def told(made: dict[str, int], begun: float) -> str:
    rows = sum(count for table, count in made.items() if table.endswith("_insights"))
    return (f"{made['sync_chunks']:,} chunks of {made['sync_jobs']:,} runs, {made['accounts'] + 1:,} accounts, "
            f"{rows:,} rows of insights, made in {time.monotonic() - begun:.0f} s")
