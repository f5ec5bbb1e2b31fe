"""What a case works in: a folder, a sandbox, a database, and the runs of the program under test."""

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from . import truth
from .databases import Database, Postgres, SQLite
from .processes import BINARY, ENVIRONMENT, Ended, Helper, Outcome, Process, eventually
from .sandbox import Sandbox

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Lab:
    """Everything that it started ends with `close`."""

    def __init__(self, engine: str, server: str | None = None, world: dict | None = None, **size: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-faults-"))
        self.closing: list[Callable[[], object]] = [lambda: shutil.rmtree(self.folder, ignore_errors=True)]
        self.processes: list[Process] = []
        self.database: Database
        if engine == "sqlite":
            self.database = SQLite(self.folder / "data.sqlite")
        else:
            assert server
            home, name = Postgres(server), f"faults_{secrets.token_hex(4)}"
            home.rows(f"CREATE DATABASE {name}")
            self.database = home.sibling(name)
            self.closing.append(lambda: drop(home, name))
        self.closing.append(self.database.close)
        # What the programs are given: a relay stands between them and the server in some cases.
        self.url = self.database.url
        self.environment = ENVIRONMENT | {"SLUICE_SECRET_KEY": KEY}
        self.sandbox = Sandbox(self.folder, world, **size)
        self.processes.append(self.sandbox.process)
        self.relay: Helper | None = None

    def close(self) -> None:
        for process in self.processes:
            if process.is_running:
                process.kill()
        for close in reversed(self.closing):
            close()

    def add_relay(self) -> Helper:
        """Programs that start from now on go through it."""
        self.relay = Helper("relay", self.database.url)
        self.closing.append(self.relay.close)
        self.url = self.relay.url
        return self.relay

    # Running.

    def start(self, *arguments: str, wrapper: tuple[str, ...] = (), preexec: Callable | None = None,
              **environment: str) -> Process:
        process = Process(
            [*wrapper, str(BINARY), *arguments], self.folder, self.environment | environment, preexec)
        self.processes.append(process)
        return process

    def run(self, *arguments: str, seconds: float = 90, **environment: str) -> Outcome:
        return self.start(*arguments, **environment).wait(seconds)

    def command(self, name: str, *arguments: str, seconds: float = 90) -> Outcome:
        """status, jobs, retry, cancel."""
        return self.run(name, *arguments, "--database", self.url, seconds=seconds)

    def start_sync(self, *more: str, account: str | None = None, wrapper: tuple[str, ...] = (), **environment: str
                   ) -> Process:
        return self.start(
            "sync", "meta", "--account", account or self.sandbox.accounts[0], "--base-url", self.sandbox.url,
            "--database", self.url, *more, wrapper=wrapper, SLUICE_META_TOKEN=self.sandbox.token, **environment)

    def sync(self, *more: str, account: str | None = None, seconds: float = 120) -> Outcome:
        return self.start_sync("--json", *more, account=account).wait(seconds)

    def detach(self, *more: str, account: str | None = None) -> int:
        """Hands a job over; gives its number. The first time the watch over completed chunks begins."""
        ended = self.sync("--detach", *more, account=account)
        if ended.code != 0:
            raise Ended(f"sync --detach: {ended!r}")
        try:
            self.database.count("fault_log")
        except AssertionError:
            self.database.watch()
        return int(ended.json["job_id"])

    def worker(self, *more: str, wrapper: tuple[str, ...] = (), preexec: Callable | None = None, **environment: str
               ) -> Process:
        worker = self.start(
            "worker", "--database", self.url, "--listen", "127.0.0.1:0", *more, wrapper=wrapper, preexec=preexec,
            **environment)
        worker.listening
        return worker

    def serve(self, port: int = 0, *more: str, **environment: str) -> Process:
        server = self.start(
            "serve", "--database", self.url, "--listen", f"127.0.0.1:{port}", *more, **environment)
        server.listening
        return server

    # Looking.

    def chunks(self, where: str = "1 = 1") -> int:
        return self.database.count("sync_chunks", where)

    def number_of_jobs(self, where: str) -> int:
        """Those that have such chunks."""
        return self.database.number(f"SELECT count(DISTINCT job_id) FROM sync_chunks WHERE {where}")

    def completed(self) -> int:
        return self.chunks("status = 'completed'")

    def batches(self) -> int:
        """How far the work is: written pages."""
        return self.database.number("SELECT sum(batches) FROM sync_chunks")

    def wait_for_chunks(self, least: int, seconds: float = 90) -> None:
        eventually(f"{least} chunks are completed", lambda: self.completed() >= least, seconds)

    def is_done(self) -> bool:
        return self.database.count("sync_jobs", f"status IN {truth.OPEN_STATES}") == 0

    def wait(self, seconds: float = 120) -> None:
        """Until no job is open."""
        try:
            eventually("all jobs end", self.patiently(self.is_done), seconds, pause=0.2)
        except Ended as error:
            states = self.database.rows(
                "SELECT status, wait_reason, count(*), min(run_after), max(error_message) FROM sync_chunks "
                "GROUP BY 1, 2")
            words = [f"{each.command[1]}: {each.out[-600:]} {each.err[-300:]}" for each in self.processes if each.out]
            raise Ended(f"{error}: {states} {self.standing()} {words[1:]}") from error

    def standing(self) -> list[str]:
        """What stands still, and what its workers say of themselves."""
        found = self.database.rows(
            f"SELECT id, stream, fence, batches, worker, lease_until - {self.database.now_micros} FROM "
            "sync_chunks WHERE status = 'in_progress' LIMIT 5")
        for worker in self.processes:
            if worker.is_running and "worker" in worker.command[1:3]:
                found += [line for line in worker.probe("/metrics")[1].splitlines() if re.match(
                    "sluice_(workers_busy|workers|chunk_outcomes_total|api_calls_total|database_up|draining)", line)]
        return found

    def hurry(self, seconds: float = 300) -> None:
        """The rest of the work at full speed."""
        self.sandbox.change("world", {"latency": {"base": 0, "jitter": 0}})
        self.wait(seconds)

    @staticmethod
    def patiently(condition: Callable[[], object]) -> Callable[[], object]:
        """False while the database does not answer."""
        def look() -> object:
            try:
                return condition()
            except AssertionError:
                return False

        return look

    def expire(self, where: str = "1 = 1") -> int:
        """Lets leases run out now; gives how many."""
        return len(self.database.rows(
            f"UPDATE sync_chunks SET lease_until = 1 WHERE status = 'in_progress' AND {where} RETURNING id"))

    def rate(self, seconds: float) -> float:
        """Written pages a second."""
        before, begun = self.batches(), time.monotonic()
        time.sleep(seconds)
        return (self.batches() - before) / (time.monotonic() - begun)

    def differences(self, *accounts: str) -> list[str]:
        found = truth.differences(self.database, self.sandbox, list(accounts) or self.sandbox.accounts)
        if isinstance(self.database, SQLite) and (integrity := self.database.integrity()) != "ok":
            found.append(f"integrity_check: {integrity}")
        return found


def drop(home: Postgres, name: str) -> None:
    try:
        home.rows(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except AssertionError:
        # The server itself may be gone.
        pass
    home.close()


def port_of(url: str) -> int:
    return urlsplit(url).port or 5432
