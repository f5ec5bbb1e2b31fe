#!/usr/bin/env python3
"""Ad-insight rows into PostgreSQL by `sluice sync`, and the same rows by psql: COPY and one merge for each batch.

A throw-away server with its defaults, fsync on, on the machine of the program. The platform is the sandbox over HTTP;
its processor time is told, but it is nobody's. What is loaded:

  new        into an empty table
  unchanged  again: rows are known by their digests
  compared   again without digests: rows are compared with the stored ones
  changed    again without digests, after half of the rows were changed by hand
"""

import argparse
import base64
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark import copy_merge, postgres, programs  # noqa: E402
from benchmark.programs import Failed, Sandbox  # noqa: E402
from pgserver import control  # noqa: E402
from pgserver.cluster import Cluster  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = copy_merge.TABLE
KEY = ", ".join(copy_merge.KEY)
# What rows cost is measured, not what limits and reports make them wait.
OPTIONS = ["--streams", "ad_insights", "--quota", "reports=10/s:30", "--quota", "account=1000/s:1000"]
WORLD = {"runs": {"medianSeconds": 1}}
BEFORE = {
    "new": "", "unchanged": "", "compared": "DELETE FROM sync_digests",
    "changed": f"DELETE FROM sync_digests; UPDATE {TABLE} SET clicks = clicks + 1 WHERE ctid::text ~ '[02468].$'"}


@dataclass(frozen=True)
class Result:
    program: str
    what: str
    rows: int
    wall: float
    cpu: float
    server_cpu: float
    sandbox_cpu: float
    wal_bytes: int
    peak_bytes: int

    def __str__(self) -> str:
        million = self.rows / 1e6
        cells = [
            self.program, self.what, f"{self.rows:,}", f"{self.wall / million:.1f}", f"{self.cpu / million:.2f}",
            f"{self.server_cpu / million:.1f}", f"{self.sandbox_cpu / million:.1f}",
            f"{self.wal_bytes / self.rows:.0f}", f"{self.peak_bytes / 1e6:.0f}"]
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| program | rows | number | wall s/million | CPU s/million | server CPU s/million | sandbox CPU s/million "
    "| WAL bytes/row | peak MB |\n" + "|---" * 9 + "|")


def sync(binary: Path, sandbox: Sandbox, cluster: Cluster, what: str, program: str, *options: str) -> Result:
    admin = cluster.primary
    if BEFORE[what]:
        admin.sql(BEFORE[what], database="sluice")
    if what != "new":
        admin.sql("VACUUM ANALYZE", database="sluice")
    admin.sql("CHECKPOINT")
    place, server = admin.sql("SELECT pg_current_wal_insert_lsn()"), postgres.server_cpu(cluster)
    played = sandbox.cpu()
    run = programs.sync(binary, sandbox, admin.url("sluice", "sluice"), *OPTIONS, *options)
    server = postgres.server_cpu(cluster) - server
    written = int(admin.sql(f"SELECT pg_current_wal_insert_lsn() - '{place}'::pg_lsn"))
    return Result(
        program, what, run.rows(TABLE), run.wall, run.cpu, server, sandbox.cpu() - played, written, run.peak_bytes)


def syncs(options: argparse.Namespace, binary: Path, cluster: Cluster, folder: Path) -> Iterator[Result]:
    """The last leaves all rows in `folder`, in the order in which they came."""
    admin = cluster.primary
    program = binary.name if binary.name != "sluice" else str(binary.parent.parent.name)
    sandbox_options = ["--world", "bench", "--size", f"ads={options.ads},days={options.days}"]
    with Sandbox(options.sandbox or binary, *sandbox_options, world=WORLD) as sandbox:
        days: list[str] = []
        for what in options.what:
            yield sync(binary, sandbox, cluster, what, program, *days)
            first, last = admin.sql(f"SELECT min(date), max(date) FROM {TABLE}", database="sluice").split("|")
            days = ["--from", first, "--to", last]
            if what == "new":
                copy_merge.save(admin.url("sluice", "sluice"), folder / "data")


def by_psql(cluster: Cluster, folder: Path, batches: list[int], rows: int) -> Iterator[Result]:
    for batch in batches:
        new = copy_merge.load(cluster, folder / "data", "upsert", batch, rows)
        cluster.primary.sql(f"VACUUM ANALYZE {TABLE}", database="sluice")
        again = copy_merge.run(cluster, folder / "script", merge="upsert", batch=batch, rows=rows, what="compared")
        for one in (new, again):
            yield Result(
                f"psql, {batch:,} a batch", one.what, rows, one.wall, one.psql_cpu, one.server_cpu, 0, one.wal_bytes, 0)


def measure(options: argparse.Namespace, folder: Path) -> Iterator[Result]:
    rows = 0
    programs.ENVIRONMENT["SLUICE_SECRET_KEY"] = base64.b64encode(bytes(32)).decode()
    for binary in options.binary:
        with Cluster() as cluster:
            for result in syncs(options, binary.resolve(), cluster, folder):
                rows = result.rows
                yield result
    if options.batch:
        with Cluster() as cluster:
            yield from by_psql(cluster, folder, options.batch, rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Ad-insight rows into PostgreSQL, by sluice and by psql.")
    parser.add_argument("--binary", type=Path, nargs="+", default=[ROOT / ".build/release/sluice"])
    parser.add_argument("--sandbox", type=Path, help="the binary that plays the platform, if it is another")
    parser.add_argument("--ads", type=int, default=1000)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--what", nargs="+", choices=list(BEFORE), default=list(BEFORE))
    parser.add_argument("--batch", type=int, nargs="*", default=[20_000], help="psql's batches")
    parser.add_argument("--scratch", type=Path, help="a folder for 2 GB of input for each million rows")
    options = parser.parse_args()
    control.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="sluice-rows-", dir=options.scratch) as folder:
        programs.listed(HEAD, measure(options, Path(folder)))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as trouble:
        sys.exit(f"rows.py: {trouble}")
