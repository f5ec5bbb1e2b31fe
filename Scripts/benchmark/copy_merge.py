#!/usr/bin/env python3
"""Ad-insight rows into PostgreSQL by psql alone: COPY into a temporary table and one merge for each batch.

What our own loads are compared with. Each batch is a transaction of its own, on a throw-away server with its defaults,
fsync on. The ways to merge:

  upsert   INSERT … ON CONFLICT DO UPDATE … WHERE … IS DISTINCT FROM. A conflict locks the row, which writes to it
           though nothing has changed.
  joined   the same, but of rows that a join with the table finds new or changed.
  looked   the same, with a look into the index for each row: the planner knows nothing of the temporary table.

`plain` is COPY into the table itself in one transaction: the least that a first load can cost.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmark import postgres, programs  # noqa: E402
from benchmark.programs import Failed  # noqa: E402
from pgserver import control, system  # noqa: E402
from pgserver.cluster import Cluster  # noqa: E402

# As docs/data-tables.md has them, with the two that every table has.
COLUMNS = {
    "account_id": "text NOT NULL", "date": "date NOT NULL", "campaign_id": "text", "campaign_name": "text",
    "adset_id": "text", "adset_name": "text", "ad_id": "text NOT NULL", "ad_name": "text", "impressions": "bigint",
    "clicks": "bigint", "reach": "bigint", "frequency": "double precision", "spend_micros": "bigint",
    "inline_link_clicks": "bigint", "ctr": "double precision", "cpc_micros": "bigint", "cpm_micros": "bigint",
    "actions": "JSON", "action_values": "JSON", "purchases": "bigint", "purchase_value_micros": "bigint",
    "extra": "JSON", "synced_at": "timestamptz NOT NULL"}
KEY = ["account_id", "date", "ad_id"]
COMPARED = [name for name in COLUMNS if name not in [*KEY, "synced_at"]]
TABLE = "meta_ad_insights"
ADS = 2000
WAYS = ["upsert", "joined", "looked"]
ACTIONS = [
    "link_click", "post_engagement", "page_engagement", "post_reaction", "landing_page_view", "video_view",
    "omni_purchase", "offsite_conversion.fb_pixel_purchase"]


@dataclass(frozen=True)
class Result:
    merge: str
    batch: int
    what: str
    rows: int
    wall: float
    psql_cpu: float
    server_cpu: float
    wal_bytes: int

    def __str__(self) -> str:
        million = self.rows / 1e6
        cells = [
            self.merge, f"{self.batch:,}", self.what, f"{self.wall:.1f}", f"{self.rows / self.wall:,.0f}",
            f"{self.server_cpu / million:.1f}", f"{self.psql_cpu / million:.1f}", f"{self.wal_bytes / self.rows:.0f}"]
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| merge | rows a batch | rows | wall s | rows/s | server CPU s/million | psql CPU s/million | WAL bytes/row |\n"
    + "|---" * 8 + "|")


def lines(rows: int) -> Iterator[str]:
    """In the form of COPY, day by day, about 850 bytes each."""
    dice = random.Random(7)
    for number in range(rows):
        day, ad = divmod(number, ADS)
        shown = dice.randrange(200, 5000)
        clicks = shown // 50
        actions = [{"action_type": name, "value": str(clicks + place)} for place, name in enumerate(ACTIONS)]
        values = [{"action_type": name, "value": f"{clicks * 7 + place}.25"} for place, name in enumerate(ACTIONS[6:])]
        fields = [
            "1000001", date(2024, 1, 1) + timedelta(day), f"12020000100000{ad // 100:04}",
            f'Chiến dịch {ad // 100} – "Sale" 50%/ngày', f"12020000200000{ad // 10:04}",
            f"Nhóm {ad // 10} | 25-34 \\\\ Hà Nội", f"12020000300000{ad:04}", f"Quảng cáo {ad} 🎯", shown, clicks,
            shown * 3 // 4, 1.351473, shown * 41_468_120, clicks - 2, 1.845637, 2_246_818_181, 41_468_120_805,
            json.dumps(actions), json.dumps(values), clicks, clicks * 7_250_000, "\\N", "2026-11-26T22:41:56.620Z"]
        yield "\t".join(map(str, fields)) + "\n"


def comparable(side: str, name: str) -> str:
    """`json` has no equality; its text has."""
    return f"{side}.{name}::text" if COLUMNS[name] == "JSON" else f"{side}.{name}"


def merge_sql(way: str) -> str:
    names = ", ".join(COLUMNS)
    new, old = (", ".join(comparable(side, name) for name in COMPARED) for side in ("s", "t"))
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in KEY)
    conflict = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {updates}"
    if way == "upsert":
        excluded = ", ".join(comparable("excluded", name) for name in COMPARED)
        return f"INSERT INTO {TABLE} AS t SELECT * FROM stage {conflict} WHERE ({old}) IS DISTINCT FROM ({excluded});\n"
    return (
        f"INSERT INTO {TABLE} ({names}) SELECT s.* FROM stage s LEFT JOIN {TABLE} t USING ({', '.join(KEY)})"
        f" WHERE t.ad_id IS NULL OR ({new}) IS DISTINCT FROM ({old}) {conflict};\n")


def write_script(path: Path, data: Path, way: str, batch: int) -> None:
    """All that psql is to do, data included."""
    with path.open("w") as script, data.open() as source:
        if way == "plain":
            script.write(f"COPY {TABLE} FROM STDIN;\n")
            script.writelines(source)
            script.write("\\.\n")
            return
        script.write(f"CREATE TEMPORARY TABLE stage (LIKE {TABLE}) ON COMMIT DELETE ROWS;\n")
        if way == "looked":
            script.write("SET enable_hashjoin = off;\nSET enable_mergejoin = off;\n")
        merge, number = merge_sql(way), -1
        for number, line in enumerate(source):
            if number % batch == 0:
                script.write((f"\\.\n{merge}COMMIT;\n" if number else "") + "BEGIN;\nCOPY stage FROM STDIN;\n")
            script.write(line)
        script.write(f"\\.\n{merge}COMMIT;\n" if number >= 0 else "")


def run(cluster: Cluster, script: Path, **labels) -> Result:
    admin = cluster.primary
    admin.sql("CHECKPOINT")
    url = admin.url("sluice", "sluice")
    place, server = admin.sql("SELECT pg_current_wal_insert_lsn()"), postgres.server_cpu(cluster)
    begun = time.monotonic()
    with script.open() as source:
        process = subprocess.Popen(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", url], stdin=source, env=system.ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    if process.returncode != 0:
        raise Failed(f"psql ended with {process.returncode}")
    server = postgres.server_cpu(cluster) - server
    written = int(admin.sql(f"SELECT pg_current_wal_insert_lsn() - '{place}'::pg_lsn"))
    return Result(
        wall=wall, psql_cpu=usage.ru_utime + usage.ru_stime, server_cpu=server, wal_bytes=written, **labels)


def create(cluster: Cluster, json_type: str) -> None:
    columns = ", ".join(f"{name} {kind.replace('JSON', json_type)}" for name, kind in COLUMNS.items())
    postgres.psql(
        cluster.primary.url("sluice", "sluice"),
        f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} ({columns}, PRIMARY KEY ({', '.join(KEY)}));")


def save(url: str, data: Path) -> None:
    """The rows of a table in the order in which they came."""
    postgres.psql(url, f"\\copy (SELECT {', '.join(COLUMNS)} FROM {TABLE}) TO '{data}'\n")


def load(cluster: Cluster, data: Path, way: str, batch: int, rows: int) -> Result:
    """Rows that were saved, into an empty table of the types that it had."""
    script = data.with_name("script")
    create(cluster, "json")
    write_script(script, data, way, batch)
    return run(cluster, script, merge=way, batch=batch, rows=rows, what="new")


def measure(cluster: Cluster, folder: Path, options: argparse.Namespace) -> Iterator[Result]:
    data, script = folder / "data", folder / "script"
    with data.open("w") as file:
        file.writelines(lines(options.rows))
    print(f"{data.stat().st_size / options.rows:.0f} bytes a row", file=sys.stderr)
    for way, batch in [("plain", options.rows)] + [(way, batch) for way in options.merge for batch in options.batch]:
        create(cluster, options.json)
        write_script(script, data, way, batch)
        labels = {"merge": way, "batch": batch, "rows": options.rows}
        yield run(cluster, script, what="new", **labels)
        if way != "plain":
            cluster.primary.sql(f"VACUUM ANALYZE {TABLE}", database="sluice")
            yield run(cluster, script, what="unchanged", **labels)
        check(cluster, options.rows)


def check(cluster: Cluster, rows: int) -> None:
    told = cluster.primary.sql(f"SELECT count(*) FROM {TABLE}", database="sluice")
    if int(told) != rows:
        raise Failed(f"the table has {told} rows of {rows}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Ad-insight rows into PostgreSQL by psql alone.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, nargs="+", default=[500, 20_000])
    parser.add_argument("--merge", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--json", choices=["text", "json", "jsonb"], default="text", help="type of the JSON columns")
    parser.add_argument("--scratch", type=Path, help="a folder for 2 GB of input")
    options = parser.parse_args()
    control.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="sluice-copy-", dir=options.scratch) as folder, Cluster() as cluster:
        programs.listed(HEAD, measure(cluster, Path(folder), options))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as trouble:
        sys.exit(f"copy_merge.py: {trouble}")
