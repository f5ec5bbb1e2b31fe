"""The table, the machine, and the place in docs/benchmarks.md."""

import os
import platform
import subprocess
import time
from pathlib import Path

from .measures import Line

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


def table(lines: list[Line]) -> str:
    marks = {True: "ok", False: "**missed**", None: ""}
    head = ["| what | wanted | measured | result |", "|---|---|---|---|"]
    return "\n".join(head + [f"| {a.what} | {a.wanted} | {a.measured} | {marks[a.holds]} |" for a in lines])


def details(rows: list[str]) -> str:
    head = [
        "| run | ad-insight rows | calls | wall s | rows/s | CPU s | CPU s per million | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|"]
    return "\n".join(head + rows) if rows else ""


def machine(binary: Path) -> str:
    facts = {
        "program": first_line([str(binary), "--version"]),
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": memory(),
        "system": f"{system()}, Linux {platform.release()}",
        "compiler": first_line(["swift", "--version"]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    return "\n".join(f"- {name}: {value}" for name, value in facts.items() if value)


def first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0] if lines else ""


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory() -> str:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return f"{int(line.split()[1]) / 1024**2:.0f} GiB"
    return ""


def system() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def replaced(page: str, text: str) -> str:
    """The page with `text` between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
