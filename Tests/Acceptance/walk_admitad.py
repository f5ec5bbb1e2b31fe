#!/usr/bin/env python3
"""Walks through the sandbox of Admitad along platforms.md 4.8, with nothing but the fact sheet in hand.

Usage: walk_admitad.py BASE_URL [PART...]

SANDBOX_CLIENT_ID and SANDBOX_CLIENT_SECRET are the application's.
Prints one line per check and `N passed, N failed`; exits with 1 when a check failed.
"""
import importlib
import sys

import checks

# Each a module of the folder `admitad_walk`, which cannot be named like the package from PyPI.
PARTS = ("tokens", "limits", "paging", "conversions", "history", "reports", "catalog", "others")

if __name__ == "__main__":
    checks.connect(sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: walk_admitad.py BASE_URL"))
    for part in sys.argv[2:] or PARTS:
        importlib.import_module(f"admitad_walk.{part}")
    checks.run()
