"""The measurements on PostgreSQL: throw-away servers with their defaults, fsync on, on the machine of the program."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pgserver.cluster import Cluster
from pgserver.system import Failed as ServerFailed

from . import copy_merge, peers, postgres, programs
from .measures import TABLE, Bench, Line
from .programs import Failed

SCRIPTS = Path(__file__).resolve().parent.parent
# What stands in the table for each case of the fault suite that is run here; its long version takes longer.
RECOVERY = {
    "F06": ("the server away for 30 s", ["F06_SECONDS=30"]),
    "F07": ("all connections killed twice a second for 60 s", ["F07_SECONDS=60"]),
    "F08": ("no connection left for 30 s", ["F08_SECONDS=30"])}


@contextmanager
def server() -> Iterator[Cluster]:
    try:
        with Cluster() as cluster:
            yield cluster
    except ServerFailed as trouble:
        raise Failed(str(trouble)) from trouble


def url(cluster: Cluster) -> str:
    return cluster.primary.url("sluice", "sluice")


def output(command: list[str | Path], binary: Path) -> tuple[int, str]:
    """Of a script of this folder or the fault suite, which take the binary from the environment."""
    environment = os.environ | {"SLUICE_BINARY": str(binary)}
    done = subprocess.run(
        [sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def engine(bench: Bench) -> list[Line]:
    """Chunks that do nothing, through the whole engine, by two processes on one server."""
    with server() as cluster:
        rate, wait = programs.no_op_chunks(
            bench.binary, url(cluster), "--processes", "2", "--workers", "128", "--chunks", "30000")
    return [
        Line("durable no-op chunks on PostgreSQL, 2 processes", "8,000/s or more", f"{rate:,.0f}/s", rate >= 8000),
        Line("claim to start, p99, there", "25 ms or less", f"{wait:.1f} ms", wait <= 25)]


def others(bench: Bench) -> list[Line]:
    """Other queues on such a server, as they come and with the settings that suit them best."""
    lines = []
    python = peers.environment(peers.ROOT / ".build/peers")
    with server() as cluster:
        for queue, jobs in peers.JOBS.items():
            plain, best = peers.compare(cluster, python, queue, jobs // 2, peers.SETTINGS[queue])
            chosen = ", ".join(f"{name} {value}" for name, value in best.settings.items())
            lines.append(Line(
                f"no-op jobs there, 2 processes of {queue}", "", f"{plain.rate:,.0f}/s as it comes, {best.rate:,.0f}/s "
                f"at best ({chosen})"))
    return lines


def rows(bench: Bench) -> list[Line]:
    """The first load and the re-read of as many rows as on SQLite, against psql with COPY and a merge a batch."""
    size = bench.sizes[min(1, len(bench.sizes) - 1)]
    options = ["--quota", "reports=10/s:30", "--quota", "account=1000/s:1000"]
    with tempfile.TemporaryDirectory(prefix="copy-", dir=bench.scratch) as folder:
        data = Path(folder) / "data"
        with bench.sandbox(size, world={"runs": {"medianSeconds": 1}}) as sandbox, server() as cluster:
            base, used = url(cluster), []
            for _ in range(2):
                before = postgres.server_cpu(cluster)
                run = bench.sync(sandbox, base, *options, *(span(base) if used else []))
                used.append((run, postgres.server_cpu(cluster) - before))
                if len(used) == 1:
                    copy_merge.save(base, data)
        (first, first_server), (again, again_server) = used
        count = first.rows(TABLE)
        if count == 0 or again.rows(TABLE) != count:
            raise Failed(f"the load left {count} rows and the re-read {again.rows(TABLE)}")
        theirs, million = psql_seconds(data, count), count / 1e6
    ratio = first.wall / million / theirs
    return [
        Line(f"CPU per million ad-insight rows on PostgreSQL, first load ({count:,} rows)", "5 s or less",
             f"{first.cpu / million:.2f} s, and {first_server / million:.1f} s of the server",
             first.cpu / million <= 5),
        Line("the same, rows unchanged", "3 s or less",
             f"{again.cpu / million:.2f} s, and {again_server / million:.1f} s of the server",
             again.cpu / million <= 3),
        Line("wall time of the first load against psql's COPY and merge of the same rows", "1.5 times or less",
             f"{ratio:.2f} times ({first.wall / million:.1f} s a million, psql {theirs:.1f} s)", ratio <= 1.5)]


def span(database: str) -> list[str]:
    """What a second sync must be told so that it reads all days again."""
    first, last = postgres.psql(database, f"SELECT min(date), max(date) FROM {TABLE}").split("|")
    return ["--from", first, "--to", last]


def psql_seconds(data: Path, count: int) -> float:
    """For a million new rows, in batches: the fastest of two ways to merge and two sizes of a batch."""
    with server() as cluster:
        found = [
            copy_merge.load(cluster, data, way, batch, count).wall for way in ("upsert", "joined")
            for batch in (500, 20_000)]
    return min(found) / (count / 1e6)


def quota(bench: Bench) -> list[Line]:
    code, told = output([SCRIPTS / "benchmark/quota_share.py", "--json"], bench.binary)
    if not told.strip():
        raise Failed(f"quota_share.py ended with {code}")
    found = json.loads(told)
    return [
        Line("4 worker processes under one quota of 50 points/s for 60 s: what they use of it", "98 % or more",
             f"{found['percent']:.1f} % ({found['points']:,} points)", found["percent"] >= 98),
        Line("crossings of that limit", "0", f"{found['crossings']}", found["crossings"] == 0)]


def recovery(bench: Bench) -> list[Line]:
    """Cases of the fault suite, which compares the tables with the truth, too."""
    results = bench.scratch / "recovery"
    settings = [one for _, values in RECOVERY.values() for one in values]
    command = [
        SCRIPTS / "torture.py", "--only", *RECOVERY, "--lanes", "1", "--keep", results, "--set", *settings]
    told = output(command, bench.binary)[1]
    found = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    if len(found) != len(RECOVERY):
        raise Failed(f"not all cases were run: {programs.last_line(told)}")
    return [recovered(one) for one in sorted(found, key=lambda one: one["test"])]


def recovered(result: dict) -> Line:
    """Of a line that a case leaves."""
    name = next(name for name in RECOVERY if f"test_{name}_" in result["test"])
    return Line(
        f"{RECOVERY[name][0]}: pages a second within 30 s after it; no row lost or doubled", "95 % or more, 0",
        result["seen"] or "it did not come so far", result["passed"])
