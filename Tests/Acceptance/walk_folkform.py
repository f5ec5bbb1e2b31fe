#!/usr/bin/env python3
"""Walks through the sandbox of FolkForm along platforms.md 3.6, with nothing but the fact sheet in hand.

Usage: walk_folkform.py BASE_URL [PART...]

SANDBOX_TOKEN and SANDBOX_ROLE are what the sandbox printed.
Prints one line per check and `N passed, N failed`; exits with 1 when a check failed.
"""
import importlib
import sys

import checks

# Each a module of the folder `folkform`.
PARTS = ("gate", "limits", "collections", "upserts", "messages", "batches", "failures")

if __name__ == "__main__":
    checks.connect(sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: walk_folkform.py BASE_URL"))
    for part in sys.argv[2:] or PARTS:
        importlib.import_module(f"folkform.{part}")
    checks.run()
