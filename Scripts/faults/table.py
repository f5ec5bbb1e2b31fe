"""The table of results in docs/reliability.md."""

import json
import re
import subprocess
import time
from pathlib import Path

from benchmark import report

from .processes import BINARY, SCRIPTS

PAGE = SCRIPTS.parent / "docs/reliability.md"


def write(results: Path, *, is_long: bool) -> None:
    PAGE.write_text(report.replaced(PAGE.read_text(), text(results, is_long=is_long)))


def text(results: Path, *, is_long: bool) -> str:
    newest: dict[str, dict] = {}
    for line in results.read_text().splitlines():
        entry = json.loads(line)
        newest[entry["test"]] = entry
    head = ["| case | on | injected | how often | expected | seen |", "|---|---|---|---|---|---|"]
    rows = [row(entry) for entry in sorted(newest.values(), key=lambda entry: (place(entry), entry["engine"]))]
    return f"{when(is_long)}\n\n" + "\n".join(head + rows)


def place(entry: dict) -> tuple[str, int]:
    letter, number = re.match(r"([A-Z])(\d+)", entry["case"]).groups()
    return letter, int(number)


def row(entry: dict) -> str:
    engine = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[entry["engine"]]
    seen = entry["seen"] if entry["passed"] else f"**not so** ({entry.get('known') or 'new'}); {entry['seen']}"
    cells = [entry["case"], engine, entry["injected"], entry["times"], entry["expected"], seen]
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def when(is_long: bool) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime())
    program = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True, check=False).stdout.strip()
    commit = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=SCRIPTS, capture_output=True, text=True, check=False).stdout
    kind = "The long versions" if is_long else "The short versions, as in `make test`,"
    return (
        f"{kind} were run on {day}, commit {commit.strip()}, {program} (release build), on a shared virtual "
        f"machine: {report.processor()}, {report.os.cpu_count()} cores, {report.memory()}, {report.system()}.")
