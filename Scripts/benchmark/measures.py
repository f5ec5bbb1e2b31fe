"""The measurements on SQLite and of the process. Each gives lines for the table; what cannot be measured says why."""

import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from . import database, programs
from .programs import Failed, Run, Sandbox

TABLE = "meta_ad_insights"
STREAM = "ad_insights"
# The bench world's accounts are numbered from here.
FIRST_ACCOUNT = 1_000_001
# A report of 15 columns, with the account, the day, the ad and nothing that is a list.
LEAN = {
    "name": "ad_lean", "level": "ad",
    "fields": [
        "ad_name", "adset_id", "campaign_id", "impressions", "clicks", "reach", "frequency", "spend",
        "inline_link_clicks", "ctr", "cpc", "cpm"]}


@dataclass(frozen=True)
class Line:
    """One line of the table; `holds` is None where there is nothing to compare with."""

    what: str
    wanted: str
    measured: str
    holds: bool | None = None


@dataclass(frozen=True)
class Size:
    """Of a world. Meta keeps 37 months, so a very large table takes several accounts."""

    ads: int
    days: int
    accounts: int = 1


@dataclass
class Bench:
    binary: Path
    scratch: Path
    # Small to large.
    sizes: list[Size]
    quota_world: Size = Size(1500, 1000)
    fault_world: Size = Size(1000, 100)
    limit: float = 3600
    # Small worlds for a first look; what is small says less.
    quick: bool = False
    details: list[str] = field(default_factory=list)
    # Sentences behind the table.
    notes: list[str] = field(default_factory=list)

    def sandbox(self, size: Size, world: dict | None = None) -> Sandbox:
        return Sandbox(
            self.binary, "--world", "bench", "--size",
            f"ads={size.ads},days={size.days},accounts={size.accounts}", world=world)

    def sync(
        self, sandbox: Sandbox, database: Path | str, *options: str, stream: str = STREAM, account: str | None = None
    ) -> Run:
        return programs.sync(
            self.binary, sandbox, database, "--streams", stream, *options, account=account, limit=self.limit)

    def fresh(self, name: str) -> Path:
        path = self.scratch / f"{name}.sqlite"
        for old in self.scratch.glob(f"{name}.sqlite*"):
            old.unlink()
        return path


@dataclass(frozen=True)
class Load:
    """The first load of an account into a table that holds `stored` rows after it, and the re-read of its days."""

    rows: int
    stored: int
    first: Run
    again: Run
    peak: int

    @property
    def first_cpu(self) -> float:
        return self.first.cpu / (self.rows / 1e6)

    @property
    def again_cpu(self) -> float:
        return self.again.cpu / (self.rows / 1e6)


def load(bench: Bench, size: Size, report: dict | None = None) -> Load:
    """Of ad insights, or of a report of one's own. Of several accounts the last one counts: it is loaded into a table
    that holds the others."""
    path = bench.fresh(f"load-{size.ads}-{size.days}")
    stream, table, options = STREAM, TABLE, []
    if report:
        description = bench.scratch / "reports.json"
        description.write_text(json.dumps([report]))
        stream, table, options = report["name"], f"meta_{report['name']}", ["--reports", str(description)]
    # What is measured is what rows cost here, not what limits and reports make them wait.
    world = {"runs": {"medianSeconds": 1}}
    options += ["--quota", "reports=10/s:30", "--quota", "account=1000/s:1000"]
    with bench.sandbox(size, world=world) as sandbox:
        accounts = [f"act_{FIRST_ACCOUNT + number}" for number in range(size.accounts)]
        loads = [bench.sync(sandbox, path, *options, stream=stream, account=account) for account in accounts]
        first = loads[-1]
        rows = first.rows(table)
        if rows == 0:
            raise Failed(f"a load of {size.ads} ads and {size.days} days stored nothing in {table}")
        begin, end = database.days(path, table)
        again = bench.sync(
            sandbox, path, *options, "--from", begin, "--to", end, stream=stream, account=accounts[-1])
    if again.rows(table) != rows:
        raise Failed(f"the re-read left {again.rows(table)} rows of {rows}")
    if again.requests < rows / 10_000:
        raise Failed(f"the re-read made {again.requests} calls, so it did not read {rows} rows again")
    suffix = ", 15 columns" if report else ""
    stored = sum(one.rows(table) for one in loads)
    for count, one in enumerate(loads, 1):
        which = f" of account {count}" if len(loads) > 1 else ""
        bench.details += [detail(f"first load{which}{suffix}", one.rows(table), one)]
    bench.details += [detail(f"unchanged{suffix}", rows, again)]
    for file in bench.scratch.glob(f"{path.name}*"):
        file.unlink()
    return Load(rows, stored, first, again, max(one.peak_bytes for one in [*loads, again]))


def detail(what: str, rows: int, run: Run) -> str:
    cells = [
        what, f"{rows:,}", f"{run.requests:,}", f"{run.wall:.1f}", f"{rows / run.wall:,.0f}", f"{run.cpu:.2f}",
        f"{run.cpu / (rows / 1e6):.2f}", f"{run.peak_bytes / 1e6:.0f}"]
    return f"| {' | '.join(cells)} |"


def loads(bench: Bench) -> list[Line]:
    done = [load(bench, size) for size in bench.sizes]
    reference = done[min(1, len(done) - 1)]
    lines = [
        Line(
            f"CPU per million ad-insight rows, first load ({reference.rows:,} rows)", "5 s or less",
            f"{reference.first_cpu:.2f} s", reference.first_cpu <= 5),
        Line(
            "the same, rows unchanged", "3 s or less", f"{reference.again_cpu:.2f} s", reference.again_cpu <= 3)]
    if len(done) > 1:
        lines += [growth("first load", [(one.stored, one.first_cpu) for one in done])]
        lines += [growth("rows unchanged", [(one.stored, one.again_cpu) for one in done])]
    lean = load(bench, bench.sizes[min(1, len(done) - 1)], report=LEAN)
    lines += [
        Line(
            f"a report of 15 columns without lists, first load ({lean.rows:,} rows)", "5 s or less",
            f"{lean.first_cpu:.2f} s", lean.first_cpu <= 5),
        Line("the same, rows unchanged", "3 s or less", f"{lean.again_cpu:.2f} s", lean.again_cpu <= 3)]
    peak = max(one.peak for one in done)
    each = ", ".join(f"{one.peak / 1e6:.0f}" for one in done)
    return lines + [Line("peak memory of these runs", "80 MB or less, flat", f"{each} MB", peak <= 80e6)]


def growth(what: str, costs: list[tuple[int, float]]) -> Line:
    """How much more a row costs in the larger tables than in the smallest."""
    ratio = max(cost for _, cost in costs[1:]) / costs[0][1]
    each = ", ".join(f"{rows / 1e6:g} M: {cost:.2f} s" for rows, cost in costs)
    return Line(
        f"CPU per million rows as the table grows, {what}", "at most 15 % more", f"{(ratio - 1) * 100:+.0f} % ({each})",
        ratio <= 1.15)


def under_quota(bench: Bench) -> list[Line]:
    """A limit of 30 points a second and 20 at once, and 100 ms of latency. The sandbox bears 32 of both: what a busy
    machine delays comes a little closer together than it was sent."""
    rate, world = 30, {
        "latency": {"base": 100_000},
        # No usage headers: what is measured is the limiter against its limit, not its caution.
        "limits": {"isOn": True, "score": 32, "scoreSeconds": 1, "blockSeconds": 5, "warmUp": 1_000_000_000}}
    path = bench.fresh("quota")
    with bench.sandbox(bench.quota_world, world=world) as sandbox:
        run = bench.sync(sandbox, path, "--quota", f"account={rate}/s:20")
        points = sandbox.score()
    ratio = run.wall / (points / rate)
    return [
        Line(
            f"wall time under 30 points/s with 100 ms latency, {points:,} points, against points / rate",
            "1.05 or less", f"{ratio:.3f} ({run.wall:.1f} s)", ratio <= 1.05),
        Line("crossings of that limit", "0", f"{run.throttled}", run.throttled == 0)]


FAULTS = {"accountThrottle": 10, "unavailable": 50, "truncated": 10, "reset": 10}


def with_faults(bench: Bench) -> list[Line]:
    """The same world with and without faults (in thousandths of the calls) must leave the same rows."""
    rules = [
        {"kind": kind, "target": "", "method": "", "share": share, "calls": []} for kind, share in FAULTS.items()]
    # These throttles name no end, so the first costs a minute of waiting and the second two. Two are 1 % of the calls.
    rules[0]["times"] = 2
    faulty = {"faults": {"rules": rules}}
    clean_path, faulty_path = bench.fresh("clean"), bench.fresh("faulty")
    with bench.sandbox(bench.fault_world) as sandbox:
        clean = bench.sync(sandbox, clean_path)
    with bench.sandbox(bench.fault_world, world=faulty) as sandbox:
        run = bench.sync(sandbox, faulty_path)
    wanted, stored = database.fingerprint(clean_path, TABLE), database.fingerprint(faulty_path, TABLE)
    extra = run.requests / clean.requests - 1
    same = "the same" if wanted == stored else "DIFFERENT"
    return [
        Line(
            "1 % of calls throttled, 5 % failing, 1 % truncated, 1 % reset: rows", "none lost or doubled",
            f"{stored[0]:,} of {wanted[0]:,}, values {same}", wanted == stored),
        Line(
            "extra calls for that", "10 % or fewer", f"{extra * 100:.1f} % ({run.requests:,} for {clean.requests:,})",
            extra <= 0.10)]


def engine(bench: Bench) -> list[Line]:
    """Chunks that do nothing, through the whole engine and the database; the binary measures itself."""
    rate, wait = programs.no_op_chunks(bench.binary, bench.fresh("engine"))
    return [
        Line("durable no-op chunks through the whole engine", "10,000/s or more", f"{rate:,.0f}/s", rate >= 10_000),
        Line("claim to start, p99", "25 ms or less", f"{wait:.1f} ms", wait <= 25)]


def to_first_row(bench: Bench, times: int = 5) -> list[Line]:
    """From the start of the process to the first row that another process can read."""
    taken = []
    with bench.sandbox(Size(1000, 100)) as sandbox:
        for number in range(times):
            path = bench.fresh(f"start-{number}")
            begun = time.monotonic()
            process = subprocess.Popen(
                sandbox.sync_command(bench.binary, path), env=sandbox.environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            try:
                while not database.has_row(path):
                    if process.poll() is not None and not database.has_row(path):
                        raise Failed(f"the sync ended with {process.returncode} before it stored a row")
                    time.sleep(0.002)
                taken.append(time.monotonic() - begun)
            finally:
                programs.interrupt(process)
    middle = median(taken)
    return [
        Line(
            "start of the process to the first committed row", "0.5 s or less",
            f"{middle:.2f} s (median of {times}, slowest {max(taken):.2f} s)", middle <= 0.5)]


def idle(bench: Bench, settle: float = 5) -> list[Line]:
    """A process with the database open that only watches."""
    path = bench.fresh("idle")
    with bench.sandbox(Size(10, 10)) as sandbox:
        programs.sync(bench.binary, sandbox, path, limit=bench.limit)
        process = subprocess.Popen(
            sandbox.sync_command(bench.binary, path, "--workers", "0"), env=sandbox.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(settle)
            if process.poll() is not None:
                raise Failed(f"the watching process ended with {process.returncode}")
            memory = programs.resident_bytes(process.pid)
        finally:
            programs.interrupt(process)
    return [Line("idle memory", "40 MB or less", f"{memory / 1e6:.0f} MB", memory <= 40e6)]

