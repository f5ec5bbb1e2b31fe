"""Starts the binary, as a sandbox or as a sync, and measures the process."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

# Nothing of the caller's environment decides what is measured.
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent", "SLUICE_LANG": "en"}


# A database server needs a key from the environment; there is nothing secret here.
KEY = {"SLUICE_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}


def listed(head: str, results: Iterable) -> None:
    """Each result on standard error as it comes, in the end all as a table and as one line of JSON."""
    kept = []
    for result in results:
        kept.append(result)
        print(result, file=sys.stderr, flush=True)
    print(head, *kept, sep="\n")
    print(json.dumps([asdict(one) for one in kept]))


class Failed(Exception):
    """The binary did not do what a measurement needs; says what it said last."""


@dataclass(frozen=True)
class Run:
    """One sync from start to exit."""

    summary: dict
    wall: float
    cpu: float
    peak_bytes: int

    @property
    def requests(self) -> int:
        return int(self.summary["requests"])

    @property
    def throttled(self) -> int:
        return int(self.summary["throttled"])

    def rows(self, table: str) -> int:
        return int(self.summary["rows"].get(table, 0))


class Sandbox:
    """A sandbox process; `with Sandbox(...) as sandbox` stops it at the end."""

    def __init__(
        self, binary: Path, *options: str, world: dict | None = None, platform: str = "meta"
    ) -> None:
        self.platform = platform
        self._file = None
        command = [str(binary), "sandbox", platform, "--port", "0", *options]
        if world is not None:
            self._file = tempfile.NamedTemporaryFile("w", suffix=".json", prefix="sluice-world-")
            json.dump(world, self._file)
            self._file.flush()
            command += ["--config", self._file.name]
        self._process = subprocess.Popen(
            command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.facts = self._read()

    def _read(self) -> dict[str, str]:
        facts: dict[str, str] = {}
        assert self._process.stdout is not None and self._process.stderr is not None
        while "account" not in facts:
            line = self._process.stdout.readline()
            if not line:
                self._process.wait()
                raise Failed(f"the sandbox did not start: {last_line(self._process.stderr.read())}")
            name, _, value = line.rstrip("\n").partition(" ")
            facts[name] = value
        return facts

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        if self._file is not None:
            self._file.close()

    @property
    def variables(self) -> dict[str, str]:
        """What the program must be told of this platform: its address, and its credential by fields."""
        return {
            f"SLUICE_{self.platform.upper()}_{name.upper()}": value for name, value in self.facts.items()
            if name != "account"}

    @property
    def environment(self) -> dict[str, str]:
        return ENVIRONMENT | self.variables

    def ask(self, path: str):
        """What an oracle of the sandbox says: `truth?account=1101`."""
        with urllib.request.urlopen(f"{self.facts['url']}/sandbox/{path}", timeout=60) as answer:
            return json.load(answer)

    def score(self) -> int:
        """Points that calls have cost their accounts: to have a report made costs three."""
        return self.ask("counters")["score"]

    def cpu(self) -> float:
        """Seconds that the process has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def sync_command(self, binary: Path, database: Path | str, *options: str, account: str | None = None) -> list[str]:
        return [
            str(binary), "sync", self.platform, "--account", account or self.facts["account"], "--base-url",
            self.facts["url"], "--database", str(database), "--json", *options]


def sync(
    binary: Path, sandbox: Sandbox, database: Path | str, *options: str, account: str | None = None,
    limit: float = 3600, variables: dict[str, str] | None = None
) -> Run:
    """Runs one sync to its end. Processor time and peak memory are the kernel's own figures for the child.

    The peak that Linux reports for a child begins with that of this script at the time of the start, about
    20 MB, so smaller peaks cannot be told.
    """
    command = sandbox.sync_command(binary, database, *options, account=account)
    environment = sandbox.environment | (KEY if "://" in str(database) else {}) | (variables or {})
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=errors)
        watchdog = threading.Timer(limit, process.kill)
        watchdog.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            watchdog.cancel()
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        told = errors.read().decode(errors="replace")
        printed = output.read().decode(errors="replace")
    if process.returncode != 0:
        raise Failed(f"sluice sync ended with {process.returncode} after {wall:.0f} s: {last_line(told)}")
    return Run(parse_summary(printed), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def parse_summary(printed: str) -> dict:
    """What `sync --json` ends with."""
    return json_object(printed, "status", "rows", "requests", "throttled", "retries")


def no_op_chunks(binary: Path, database: Path | str, *options: str) -> tuple[float, float]:
    """Chunks that do nothing, a second, and 99 % of their milliseconds from claim to start; it measures itself."""
    command = [str(binary), "bench-engine", "--database", str(database), "--json", *options]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"sluice bench-engine ended with {done.returncode}: {last_line(done.stderr)}")
    told = json_object(done.stdout, "chunks_per_second", "claim_to_start_p99_ms")
    return float(told["chunks_per_second"]), float(told["claim_to_start_p99_ms"])


def json_object(printed: str, *members: str) -> dict:
    """The JSON object of the last line; it must have these members."""
    line = last_line(printed)
    try:
        told = json.loads(line)
    except ValueError as error:
        raise Failed(f"the last line of output is not JSON: {line[:200]!r}") from error
    missing = [name for name in members if not isinstance(told, dict) or name not in told]
    if missing:
        raise Failed(f"the last line lacks {', '.join(missing)}: {line[:200]}")
    return told


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(nothing)"


def resident_bytes(process_id: int) -> int:
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Failed("the process has no memory any more")


def interrupt(process: subprocess.Popen, patience: float = 30) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
