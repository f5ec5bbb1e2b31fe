#!/usr/bin/env python3
"""Checks sizes, layers and forbidden calls: check-sources.py [--quiet] [ROOT].

Notes (soft limits) are printed and do no harm; errors end with exit code 1.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from sourcecheck import rules


def tree(root: Path) -> list[str]:
    """The files of the repository: tracked ones, and new ones that are not ignored."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True,
    ).stdout.decode()
    return sorted(path for path in set(listing.split("\0")) if path and (root / path).is_file())


def findings(root: Path, paths: list[str]) -> list[rules.Finding]:
    found: list[rules.Finding] = []
    for path in paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += rules.check(rules.Source(root, path, text))
    return sorted(found)


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks sizes, layers and forbidden calls.")
    parser.add_argument("root", nargs="?", default=Path(__file__).resolve().parent.parent, type=Path)
    parser.add_argument("--quiet", action="store_true", help="leave out the notes")
    options = parser.parse_args()
    paths = tree(options.root.resolve())
    found = findings(options.root.resolve(), paths)
    errors = [finding for finding in found if not finding.is_note]
    for finding in found:
        if finding in errors or not options.quiet:
            print(finding)
    print(f"{len(paths)} files, {len(found) - len(errors)} notes, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
