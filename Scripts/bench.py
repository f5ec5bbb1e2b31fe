#!/usr/bin/env python3
"""Measures the release binary and prints the table of docs/benchmarks.md.

The program runs as users run it: as a process, against the sandbox in another process, over real HTTP.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmark import measures, platforms, report, server, web
from benchmark.measures import Size
from benchmark.programs import Failed

ROOT = Path(__file__).resolve().parent.parent
MEASUREMENTS = {
    "loads": measures.loads, "quota": measures.under_quota, "faults": measures.with_faults, "engine": measures.engine,
    "start": measures.to_first_row, "idle": measures.idle,
    # The other platforms; folkform waits for ten minutes.
    "pancake": platforms.pancake, "folkform": platforms.folkform, "shopee": platforms.shopee,
    "admitad": platforms.admitad,
    # The page, over a database of ten million rows.
    "web": web.web,
    # On PostgreSQL.
    "pgengine": server.engine, "pgothers": server.others, "pgrows": server.rows, "pgquota": server.quota,
    "pgrecovery": server.recovery}
SIZES = [Size(1000, 100), Size(2000, 500), Size(4000, 835, accounts=3)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures the release binary.")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/sluice")
    parser.add_argument("--large", action="store_true", help="ten million rows, too: 20 GB of disk")
    parser.add_argument("--quick", action="store_true", help="small worlds of Pancake, FolkForm, Shopee and Admitad")
    parser.add_argument("--only", nargs="+", choices=list(MEASUREMENTS), default=list(MEASUREMENTS))
    parser.add_argument("--scratch", type=Path, help="a folder on the disk that is to be measured")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("what small worlds show is not for the page")
    if not options.binary.exists():
        parser.error(f"{options.binary} does not exist; make release builds it")
    return options


def measure(bench: measures.Bench, names: list[str]) -> tuple[list[measures.Line], list[str]]:
    lines: list[measures.Line] = []
    troubles: list[str] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            found = MEASUREMENTS[name](bench)
            for line in found:
                print(f"  {line.what}: {line.measured}", file=sys.stderr, flush=True)
            lines += found
        except Failed as trouble:
            troubles.append(f"{name}: {trouble}")
            print(f"  {trouble}", file=sys.stderr)
    return lines, troubles


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-", dir=options.scratch) as scratch:
        sizes = SIZES if options.large else SIZES[:2]
        bench = measures.Bench(options.binary.resolve(), Path(scratch), sizes, quick=options.quick)
        lines, troubles = measure(bench, options.only)
    parts = [report.machine(options.binary), report.table(lines), report.details(bench.details), *bench.notes]
    text = "\n\n".join(part for part in parts if part)
    print(text)
    if options.write and not troubles:
        page = ROOT / "docs/benchmarks.md"
        page.write_text(report.replaced(page.read_text(), text))
    for trouble in troubles:
        print(f"not measured: {trouble}", file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
