"""The two databases as a test sees them: text in, lines of text out."""

import hashlib
import sqlite3
import subprocess
import time
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from pgserver.system import ENVIRONMENT

MARK = "--- end of the answer ---"
# Notes each chunk that becomes completed and each that stops to be (invariant I4), whoever does it.
SQLITE_WATCH = """
CREATE TABLE fault_log (chunk integer, was text, became text);
CREATE TRIGGER fault_watch AFTER UPDATE OF status ON sync_chunks
WHEN (OLD.status = 'completed') <> (NEW.status = 'completed')
BEGIN INSERT INTO fault_log VALUES (NEW.id, OLD.status, NEW.status); END;
"""
POSTGRES_WATCH = """
CREATE TABLE fault_log (chunk bigint, was text, became text);
CREATE FUNCTION fault_note() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO fault_log VALUES (NEW.id, OLD.status, NEW.status); RETURN NULL; END $$;
CREATE TRIGGER fault_watch AFTER UPDATE OF status ON sync_chunks FOR EACH ROW
WHEN ((OLD.status = 'completed') <> (NEW.status = 'completed')) EXECUTE FUNCTION fault_note();
"""


class SQLFailed(AssertionError):
    """The database refused a statement of the test."""


class Database:
    """What both can do with `rows`."""

    url = ""

    def rows(self, sql: str) -> list[str]:
        raise NotImplementedError

    def value(self, sql: str) -> str:
        found = self.rows(sql)
        return found[0] if found else ""

    def number(self, sql: str) -> int:
        return int(float(self.value(sql) or 0))

    def count(self, table: str, where: str = "1 = 1") -> int:
        return self.number(f"SELECT count(*) FROM {table} WHERE {where}")

    def watch(self) -> None:
        raise NotImplementedError

    def columns(self, table: str) -> list[str]:
        """In their order."""
        raise NotImplementedError

    def data_tables(self) -> list[str]:
        raise NotImplementedError

    def digests(self, table: str) -> list[str]:
        """Of each day, or of the whole of a table without days: the number of rows and a digest of all their cells but
        the moment of writing."""
        raise NotImplementedError

    def cells(self, table: str) -> tuple[str, str]:
        """The columns that are compared, and the day or what stands for it."""
        names = [name for name in self.columns(table) if name != "synced_at"]
        return ", ".join(f'"{name}"' for name in names), "date" if "date" in names else "'all'"

    def close(self) -> None:
        pass


class SQLite(Database):
    name = "sqlite"
    now_micros = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = str(path)

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise SQLFailed("there is no file")
        return sqlite3.connect(self.path, timeout=20, isolation_level=None)

    def rows(self, sql: str) -> list[str]:
        connection = self._open()
        try:
            found = connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise SQLFailed(f"{error}: {sql[:200]}") from error
        finally:
            connection.close()
        return ["|".join("" if value is None else str(value) for value in row) for row in found]

    def watch(self) -> None:
        connection = self._open()
        connection.executescript(SQLITE_WATCH)
        connection.close()

    def columns(self, table: str) -> list[str]:
        return self.rows(f"SELECT name FROM pragma_table_info('{table}') ORDER BY cid")

    def data_tables(self) -> list[str]:
        return self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'meta~_%' ESCAPE '~'")

    def digests(self, table: str) -> list[str]:
        names, day = self.cells(table)
        connection, found = self._open(), []
        for key, rows in groupby(
                connection.execute(f"SELECT {day}, {names} FROM {table} ORDER BY {day}, {names}"), lambda row: row[0]):
            digest, count = hashlib.md5(usedforsecurity=False), 0
            for row in rows:
                digest.update(repr(row).encode())
                count += 1
            found.append(f"{key}|{count}|{digest.hexdigest()}")
        connection.close()
        return found

    def integrity(self) -> str:
        return self.value("PRAGMA integrity_check")


class Postgres(Database):
    """One session of psql that is kept; a lost one is opened anew."""

    name = "postgres"
    now_micros = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    def __init__(self, url: str) -> None:
        self.url = url
        self._process: subprocess.Popen | None = None

    def _session(self) -> subprocess.Popen:
        if self._process and self._process.poll() is None:
            return self._process
        self.close()
        self._process = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT | {"PGCONNECT_TIMEOUT": "10"})
        return self._process

    def rows(self, sql: str) -> list[str]:
        session = self._session()
        assert session.stdin and session.stdout and session.stderr
        try:
            session.stdin.write(f"{sql.rstrip().rstrip(';')};\n\\echo {MARK}\n")
            session.stdin.flush()
        except BrokenPipeError:
            pass
        found = []
        while line := session.stdout.readline():
            if line.rstrip("\n") == MARK:
                return found
            found.append(line.rstrip("\n"))
        trouble = session.stderr.read().strip()
        self.close()
        raise SQLFailed(f"{trouble[-300:]}: {sql[:200]}")

    def patiently(self, sql: str, seconds: float = 60) -> list[str]:
        """Over the time in which the server is away."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.rows(sql)
            except SQLFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def watch(self) -> None:
        self.rows(POSTGRES_WATCH)

    def columns(self, table: str) -> list[str]:
        return self.rows(
            f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' "
            "AND table_schema = 'public' ORDER BY ordinal_position")

    def data_tables(self) -> list[str]:
        return self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'meta~_%' "
                         "ESCAPE '~'")

    def digests(self, table: str) -> list[str]:
        names, day = self.cells(table)
        return self.rows(
            f"SELECT day, count(*), md5(string_agg(cells, '' ORDER BY cells)) FROM (SELECT {day} AS day, "
            f"ROW({names})::text AS cells FROM {table}) all_rows GROUP BY day ORDER BY day")

    def sibling(self, name: str) -> "Postgres":
        """The same server and user, another database."""
        return Postgres(urlsplit(self.url)._replace(path=f"/{name}").geturl())

    def close(self) -> None:
        if not self._process:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                if pipe:
                    pipe.close()
            except BrokenPipeError:
                pass
        self._process = None
