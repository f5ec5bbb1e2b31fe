"""Scripts/test.sh adds up what the steps print, and fails when a step does."""

import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from servers import needs_postgres

RUNNER = Path(__file__).resolve().parent.parent / "test.sh"

# Stands for the Swift command: what it prints depends on the filter.
FAKE = """#!/bin/sh
case "$*" in
    build*) echo 'Build complete!' ;;
    *SyncCoreTests*)
        echo '✔ Test "Nothing failed after 3 seconds" passed after 0.1 seconds.'
        echo '➜ Test off() skipped: "why"'
        echo '✔ Test run with 12 tests in 2 suites passed after 0.1 seconds.' ;;
    *StoreConformanceTests*)
        echo '✘ Test "A bad one" failed after 0.001 seconds with 2 issues.'
        echo '✘ Test "Many" with 3 test cases failed after 0.001 seconds with 2 issues.'
        echo '✘ Suite "A suite" failed after 0.001 seconds with 4 issues.'
        echo '✘ Test run with 5 tests in 1 suite failed after 0.001 seconds with 4 issues.'
        exit 1 ;;
    *SystemTests*)
        psql -X -A -t "$SLUICE_TEST_POSTGRES" -c "SELECT 'at ' || inet_server_port()" &&
            echo '✔ Test run with 2 tests in 1 suite passed after 0.1 seconds.' ;;
    *'--skip ^'*) echo '✔ Test run with 3 tests in 1 suite passed after 0.001 seconds.' ;;
    *SyncHTTPTests*) echo '✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.' ;;
    *SyncEngineTests*) echo 'Fatal error: index out of range'; exit 132 ;;
esac
"""


class Runner(unittest.TestCase):
    def run_steps(self, *steps: str, postgres: str = "postgres://none") -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            fake = Path(folder) / "swift"
            fake.write_text(FAKE)
            fake.chmod(0o755)
            environment = os.environ | {"SWIFT": str(fake), "TEST_LOGS": folder, "SLUICE_TEST_POSTGRES": postgres}
            done = subprocess.run([str(RUNNER), *steps], env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()

    def test_passing_steps_are_added_up_and_skipped_tests_are_not_passed(self) -> None:
        status, lines = self.run_steps("unit")

        # 11 of 12 tests, and the build.
        self.assertEqual((status, lines[-2:]), (0, ["1 skipped", "12 passed, 0 failed"]))

    def test_failed_tests_are_counted_once_each(self) -> None:
        status, lines = self.run_steps("store")

        self.assertEqual((status, lines[-1]), (1, "4 passed, 2 failed"))
        self.assertIn("FAILED: store;", lines[-2])
        # What failed is told again at the end.
        again = lines[lines.index("== what failed in store") :]
        self.assertIn('✘ Test "A bad one" failed after 0.001 seconds with 2 issues.', again)

    def test_a_filter_that_matches_nothing_fails(self) -> None:
        status, lines = self.run_steps("http")

        self.assertEqual((status, lines[-1]), (1, "4 passed, 1 failed"))

    def test_a_crash_fails_and_later_steps_still_run(self) -> None:
        status, lines = self.run_steps("simulation", "unit")

        self.assertEqual((status, lines[-1]), (1, "12 passed, 1 failed"))

    @needs_postgres
    def test_steps_share_a_server_that_ends_with_them(self) -> None:
        status, lines = self.run_steps("system", "http", "system", postgres="")
        ports = {line for line in lines if line.startswith("at ")}

        self.assertEqual((status, lines[-1]), (1, "8 passed, 1 failed"))
        self.assertEqual(len(ports), 1)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(ports.pop().split()[1])))


if __name__ == "__main__":
    unittest.main()
