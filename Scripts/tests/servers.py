"""What tests of the PostgreSQL scripts share: the programs as their users start them."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "postgres.py"
sys.path.insert(0, str(SCRIPT.parent))

from pgserver import system  # noqa: E402


class Program:
    """`with Program("serve", "--fast") as server`: its first line is `facts`; `server(words)` is a command."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [str(SCRIPT), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts = self._read()

    def __call__(self, command: str) -> dict:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline() or '{"error": "it ended"}')

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def close(self) -> int:
        """Closes its input; gives its status."""
        assert self.process.stdin is not None and self.process.stdout is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status


def psql(url: str, *statements: str, seconds: int = 5) -> subprocess.CompletedProcess:
    """Each statement as a message of its own, on one connection; stops at the first error."""
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    for statement in statements:
        command += ["-c", statement]
    environment = system.ENVIRONMENT | {"PGCONNECT_TIMEOUT": str(seconds)}
    return subprocess.run([*command, url], env=environment, capture_output=True, text=True, check=False, timeout=30)


def value(url: str, statement: str) -> str:
    done = psql(url, statement)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def is_available(*programs: str) -> bool:
    """In CI everything is, or the tests fail."""
    if os.environ.get("CI") == "true":
        return True
    try:
        system.binaries()
        for program in programs:
            system.program(program)
    except system.Unavailable:
        return False
    return True


needs_postgres = unittest.skipUnless(is_available("psql"), "needs PostgreSQL: Scripts/packages.sh test")
needs_bouncer = unittest.skipUnless(is_available("psql", "pgbouncer"), "needs PgBouncer: Scripts/packages.sh test")
