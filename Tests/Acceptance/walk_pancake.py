#!/usr/bin/env python3
"""Walks through the sandbox of Pancake along platforms.md 2.7, with nothing but the fact sheet in hand.

Usage: walk_pancake.py BASE_URL [PART...]

SANDBOX_TOKEN is the user's token that the sandbox printed.
Prints one line per check and `N passed, N failed`; exits with 1 when a check failed.
"""
import importlib
import sys

import checks

# Each a module of the folder `pancake`.
PARTS = ("tokens", "conversations", "messages", "actions", "older", "limits")

if __name__ == "__main__":
    checks.connect(sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: walk_pancake.py BASE_URL"))
    for part in sys.argv[2:] or PARTS:
        importlib.import_module(f"pancake.{part}")
    checks.run()
