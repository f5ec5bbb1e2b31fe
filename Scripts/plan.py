#!/usr/bin/env python3
"""How many machines, how large a database, and what breaks first: calculated from measurements, and simulated.

  plan.py                                       the tables of docs/scaling.md
  plan.py --write                               … written into that page
  plan.py --one --accounts 5000 --every 6       one plant of your own, sized; or as --machines and --database-cores say

What was measured and what is assumed stands in planning/model.py; --set changes either: --set latency=2 row_cpu=9e-6.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

from planning import tables
from planning.model import TIERS, Assumed, Measured, Plan

PAGE = Path(__file__).resolve().parent.parent / "docs/scaling.md"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    usual = Plan()
    parser = argparse.ArgumentParser(
        description=__doc__.strip(), formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("--accounts", type=int, default=usual.accounts)
    parser.add_argument("--rows-per-month", type=float, default=None, help="new rows of all; 10,000 an account")
    parser.add_argument("--every", type=float, default=usual.every_hours, metavar="HOURS", help="between two syncs")
    parser.add_argument("--tier", choices=list(TIERS), default=usual.tier, help="of your app at Meta")
    parser.add_argument("--workers", type=int, default=usual.workers, help="calls in flight of one machine's process")
    parser.add_argument("--machine-cores", type=float, default=usual.machine_cores)
    parser.add_argument("--machines", type=int, help="else as many as use half of themselves")
    parser.add_argument("--database-cores", type=float, help="else as many as use half of themselves")
    parser.add_argument("--lanes", type=int, default=usual.lanes, help="most accounts that a claim looks at; 0 for all")
    parser.add_argument("--at-once", action="store_true", help="all jobs at the begin of the interval")
    parser.add_argument("--outage", type=float, default=0.0, metavar="MINUTES", help="the database is away so long")
    parser.add_argument("--scheduled", action="store_true", help="no process for each job that is handed over")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="NAME=NUMBER")
    parser.add_argument("--one", action="store_true", help="this plant alone")
    parser.add_argument("--write", action="store_true", help="the tables into docs/scaling.md")
    return parser.parse_args(words)


def plan(options: argparse.Namespace) -> Plan:
    """Throws ValueError with a sentence."""
    measured, assumed = Measured(), Assumed()
    for one in options.set:
        name, _, text = one.partition("=")
        value = float(text)
        if name in {field.name for field in fields(Measured)}:
            measured = replace(measured, **{name: value})
        elif name in {field.name for field in fields(Assumed)}:
            assumed = replace(assumed, **{name: value})
        else:
            raise ValueError(f"there is no {name} to set; planning/model.py has the names")
        if value < 0:
            raise ValueError(f"{name} cannot be {text}")
    rows = options.accounts * 10_000.0 if options.rows_per_month is None else options.rows_per_month
    made = Plan(
        accounts=options.accounts, rows_per_month=rows, every_hours=options.every, tier=options.tier,
        workers=options.workers, machine_cores=options.machine_cores, lanes=options.lanes,
        is_spread=not options.at_once, is_detached=not options.scheduled, outage_minutes=options.outage,
        seed=options.seed, measured=measured, assumed=assumed)
    made = tables.sized(made)
    if options.machines is not None:
        made = replace(made, machines=options.machines)
    if options.database_cores is not None:
        made = replace(made, database_cores=options.database_cores)
    return made


def one(made: Plan) -> Iterator[str]:
    found = tables.outcome(made)
    yield tables.NEEDS
    yield tables.needs_row(found)
    yield ""
    yield tables.GIVES
    yield tables.gives_row(found)
    yield ""
    yield tables.CHANGES
    yield tables.change_row("this plant", found)


def put(page: str, name: str, lines: list[str]) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{PAGE.name} has no place for the table {name}")
    return "".join([before, begin, "\n\n", "\n".join(lines), "\n\n", end, after])


def main() -> int:
    options = arguments()
    try:
        made = plan(options)
        if options.one:
            print(*one(made), sep="\n")
            return 0
        found = {
            "alone": list(tables.alone(made)), "sizes": list(tables.sizes(made)),
            "changes": list(tables.changes(made))}
        if options.write:
            page = PAGE.read_text(encoding="utf-8")
            for name, lines in found.items():
                page = put(page, name, lines)
            PAGE.write_text(page, encoding="utf-8")
        for lines in found.values():
            print(*lines, "", sep="\n")
    except ValueError as trouble:
        sys.exit(f"plan.py: {trouble}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
