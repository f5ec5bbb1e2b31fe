#!/usr/bin/env python3
"""The fault suite (docs/reliability.md): breaks processes, servers, networks and the platform, and compares what is in
the tables with what is true.

  torture.py                     the short versions of all cases, a few at once: a step of Scripts/test.sh
  torture.py --long [--write]    the long versions, one after the other; --write puts the table into the page
  torture.py --only F01 B03      some, by the beginning of their names
  torture.py --long --set SOAK_SECONDS=21600 --only F35

The binary is .build/release/sluice; SLUICE_BINARY names another one. Counts and durations that `--set` changes are
listed by --options.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from faults import table
from faults.processes import BINARY, Helper
from pgserver.system import Failed, Unavailable, binaries

HERE = Path(__file__).resolve().parent
SLOW = ("B02", "B06", "F01", "F06", "F07", "F08", "F10", "F11", "F12", "F17", "F19")
CPU = "processor seconds: "
SECONDS = {False: 180, True: 7200}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.strip(), formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true", help="the long versions")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE")
    parser.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", dest="settings")
    parser.add_argument("--lanes", type=int, help="cases at once: 10, with --long 1")
    parser.add_argument("--write", action="store_true", help="put the results into docs/reliability.md")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="add the results to this file, and use what it has")
    parser.add_argument("--options", action="store_true", help="list what --set can change")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def names(only: list[str]) -> list[str]:
    """All cases, those first that wait longest."""
    found: list[str] = []

    def collect(suite: unittest.TestSuite) -> None:
        for each in suite:
            if isinstance(each, unittest.TestSuite):
                collect(each)
            else:
                found.append(each.id())

    collect(unittest.defaultTestLoader.discover(str(HERE / "faults"), top_level_dir=str(HERE)))
    wanted = [name for name in found if not only or any(f".test_{case}" in name for case in only)]
    return sorted(wanted, key=lambda name: (not is_slow(name), name.rsplit(".", 1)[1]))


def is_slow(name: str) -> bool:
    return any(f"test_{case}_" in name for case in SLOW)


def run_one(name: str) -> int:
    result = unittest.TextTestRunner(verbosity=0, stream=sys.stdout).run(
        unittest.defaultTestLoader.loadTestsFromName(name))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{CPU}{sum(one.ru_utime + one.ru_stime for one in used):.1f}")
    return 0 if result.wasSuccessful() else 1


def attempt(name: str, environment: dict[str, str], seconds: float) -> tuple[str, bool, str, float]:
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "torture.py"), "--one", name], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    try:
        out = process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        # SIGINT, so that it ends what it has started.
        process.send_signal(2)
        out = process.communicate()[0] + f"\nNot done within {seconds:.0f} s."
    return name, process.returncode == 0, out, time.monotonic() - begun


def show(name: str, passed: bool, out: str, seconds: float) -> None:
    short = name.rsplit(".", 1)[1].removeprefix("test_")
    notes = {
        "skipped=": " (skipped)", "expected failures=": " (fails as known)", "unexpected successes=": " (passes now)"}
    skipped = next((note for word, note in notes.items() if word in out), "")
    used = out.rpartition(CPU)[2].strip()
    print(f"{'ok  ' if passed else 'FAIL'} {short} {seconds:.1f} s, of the processor {used} s{skipped}", flush=True)
    if not passed:
        # Indented, so that nobody takes its last line for that of the suite.
        print(textwrap.indent(out, "    "), flush=True)


def attempt_all(
    wanted: list[str], environment: dict[str, str], options: argparse.Namespace, lanes: int
) -> dict[str, str]:
    """What those said that failed."""
    failed = {}
    with ThreadPoolExecutor(lanes) as pool:
        running = [pool.submit(attempt, name, environment, SECONDS[options.long]) for name in wanted]
        for done in as_completed(running):
            show(*done.result())
            name, passed, out, _ = done.result()
            if not passed:
                failed[name] = out
    return failed


def run(options: argparse.Namespace, results: Path) -> int:
    environment = os.environ | {"SLUICE_FAULTS_RESULTS": str(results), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {f"SLUICE_FAULTS_{one.split('=')[0]}": one.split("=")[1] for one in options.settings}
    if options.long:
        environment["SLUICE_FAULTS_LONG"] = "1"
    server = Helper("serve", "--fast", "--conf", "max_connections=200")
    begun = time.monotonic()
    failed: dict[str, str] = {}
    try:
        environment["SLUICE_FAULTS_POSTGRES"] = server.url
        wanted, lanes = names(options.only), options.lanes or (1 if options.long else 10)
        failed = attempt_all(wanted, environment, options, lanes)
        slow = [name for name, out in failed.items() if "faults.case.TooSlow" in out]
        if lanes > 1 and slow:
            print("again, one at a time:", flush=True)
            failed = {name: out for name, out in failed.items() if name not in slow}
            failed |= attempt_all(slow, environment, options, 1)
    finally:
        server.close()
    # As unittest ends: Scripts/test.sh reads it.
    print(f"Ran {len(wanted)} tests in {time.monotonic() - begun:.1f}s\n")
    print(f"FAILED (failures={len(failed)})" if failed else "OK")
    return 1 if failed else 0


def list_options() -> None:
    found = set()
    for file in sorted((HERE / "faults").glob("test_*.py")):
        found |= set(re.findall(r'option\("(\w+)", ([^)]+)\)', file.read_text()))
    for name, lengths in sorted(found):
        print(f"{name}: {lengths} (short, long)")


def main() -> int:
    options = arguments()
    if options.options:
        list_options()
        return 0
    if options.one:
        return run_one(options.one)
    if not BINARY.exists():
        print(f"{BINARY} does not exist; `make release` makes it, or SLUICE_BINARY names another one.", file=sys.stderr)
        return 2
    try:
        binaries()
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        print(f"Skipped: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="sluice-torture-") as folder:
        results = options.keep.resolve() if options.keep else Path(folder) / "results"
        try:
            return run(options, results)
        except Failed as trouble:
            print(f"torture.py: {trouble}", file=sys.stderr)
            return 1
        finally:
            if options.write and results.exists():
                table.write(results, is_long=options.long)


if __name__ == "__main__":
    sys.exit(main())
