"""Looks into the files that a sync leaves, read-only."""

import hashlib
import sqlite3
from pathlib import Path

DAY_COLUMNS = ("date", "date_start")


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def data_tables(db: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'meta\\_%' ESCAPE '\\' ORDER BY name"
    return [name for (name,) in db.execute(query)]


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def has_row(path: Path) -> bool:
    """Whether any data table holds a committed row; False while there is no file or no table."""
    try:
        db = connect(path)
    except sqlite3.OperationalError:
        return False
    try:
        return any(db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in data_tables(db))
    except sqlite3.OperationalError:
        return False
    finally:
        db.close()


def days(path: Path, table: str) -> tuple[str, str]:
    """The first and the last stored day."""
    db = connect(path)
    try:
        day = next(name for name in DAY_COLUMNS if name in columns(db, table))
        return db.execute(f"SELECT min({day}), max({day}) FROM {table}").fetchone()
    finally:
        db.close()


def fingerprint(path: Path, table: str) -> tuple[int, str]:
    """The number of rows, and a hash of all values but the moment of writing."""
    db = connect(path)
    try:
        names = ", ".join(name for name in columns(db, table) if name != "synced_at")
        digest, count = hashlib.sha256(), 0
        for row in db.execute(f"SELECT {names} FROM {table} ORDER BY {names}"):
            digest.update(repr(row).encode())
            count += 1
        return count, digest.hexdigest()
    finally:
        db.close()
