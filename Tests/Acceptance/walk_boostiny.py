#!/usr/bin/env python3
"""Walks through the sandbox of Boostiny along platforms.md 5.7, with nothing but the fact sheet in hand.

Usage: walk_boostiny.py BASE_URL [PART...]

SANDBOX_KEY is the key that the sandbox printed. Prints one line per check and `N passed, N failed`; exits with 1 when
a check failed.
"""
import importlib
import sys

import checks
from boostiny import client

# Each a module of the folder `boostiny`.
PARTS = ("envelope", "rows", "changes", "detector")

if __name__ == "__main__":
    client.connect(sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: walk_boostiny.py BASE_URL"))
    for part in sys.argv[2:] or PARTS:
        importlib.import_module(f"boostiny.{part}")
    checks.run(finish=client.fresh)
