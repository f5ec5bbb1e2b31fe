"""Scripts/packages.sh installs what is missing and nothing else."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "packages.sh"


class Packages(unittest.TestCase):
    def run_with(self, installed: list[str], *arguments: str) -> tuple[int, str, str]:
        with tempfile.TemporaryDirectory() as folder:
            known = " ".join(installed)
            programs = {
                "dpkg-query": f'for p in {known}; do [ "$3" = "$p" ] && printf installed; done; exit 0',
                "apt-get": f'echo "$@" >> {folder}/calls',
                "id": "echo 0",
            }
            for name, body in programs.items():
                path = Path(folder) / name
                path.write_text(f"#!/bin/sh\n{body}\n")
                path.chmod(0o755)
            environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
            done = subprocess.run(
                [str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, check=False)
            calls = Path(folder) / "calls"
            return done.returncode, done.stdout, calls.read_text() if calls.exists() else ""

    def test_nothing_happens_when_all_is_there(self) -> None:
        installed = ["libpq-dev", "libsqlite3-dev", "libsimdjson-dev", "libxlsxwriter-dev", "libcurl4-openssl-dev",
                     "zlib1g-dev"]

        self.assertEqual(self.run_with(installed), (0, "", ""))

    def test_what_is_missing_is_installed_after_the_lists_are_read(self) -> None:
        status, said, calls = self.run_with(
            [
                "libpq-dev", "libsqlite3-dev", "libxlsxwriter-dev", "libcurl4-openssl-dev", "zlib1g-dev", "postgresql",
                "pgbouncer", "chromium",
            ], "test")

        self.assertEqual((status, said), (0, "Installing libsimdjson-dev python3-venv\n"))
        self.assertEqual(calls.splitlines()[0], "update -qq")
        self.assertTrue(calls.splitlines()[1].endswith(" libsimdjson-dev python3-venv"))


if __name__ == "__main__":
    unittest.main()
