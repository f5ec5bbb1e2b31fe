#!/usr/bin/env python3
"""Walks through the sandbox of Shopee along platforms.md 1.16, with nothing but the fact sheet in hand.

Usage: walk_shopee.py BASE_URL [PART...]

Prints one line per check and `N passed, N failed`; exits with 1 when a check failed.
"""
import importlib
import sys

import checks
from shopee import client

# Each a module of the folder `shopee`, in the order of the sheet.
PARTS = ("signing", "tokens", "envelope", "lists", "reports", "dates", "writes", "keywords", "gms", "limits")

if __name__ == "__main__":
    client.connect(sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: walk_shopee.py BASE_URL"))
    for part in sys.argv[2:] or PARTS:
        importlib.import_module(f"shopee.{part}")
    checks.run(finish=client.fresh)
