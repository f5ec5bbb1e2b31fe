"""Throw-away servers start, break as they are told, and leave nothing."""

import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import urlsplit

from servers import SCRIPT, Program, needs_bouncer, needs_postgres, psql, value

from pgserver.server import is_alive, wait_for  # found by `servers`


def folder_of(facts: dict) -> Path:
    return Path(facts["log"]).parent


@needs_postgres
class Serve(unittest.TestCase):
    def test_it_answers_and_leaves_nothing_when_its_input_closes(self) -> None:
        with Program("serve", "--fast", "--conf", "work_mem=5MB") as server:
            facts = server.facts
            told = value(
                facts["url"], "SELECT current_user, current_database(), current_setting('work_mem'), "
                "current_setting('server_encoding'), current_setting('fsync')")
            stored = value(facts["admin"], "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'sluice'")
            wrong = psql(facts["url"].replace("sluice:", "sluice:no"), "SELECT 1")
            status = server.close()

        self.assertEqual(told, "sluice|sluice|5MB|UTF8|off")
        self.assertEqual(stored, "SCRAM-SHA-256")
        self.assertIn("password authentication failed", wrong.stderr)
        self.assertEqual((status, is_alive(facts["pid"]), folder_of(facts).exists()), (0, False, False))

    def test_it_ends_with_its_parent(self) -> None:
        # The input stays open: only the parent's death tells.
        reading, writing = os.pipe()
        self.addCleanup(os.close, writing)
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "output"
            parent = subprocess.Popen(
                ["sh", "-c", f'"$0" serve --fast > "{output}" & wait', SCRIPT], stdin=reading)
            os.close(reading)
            self.assertTrue(wait_for(lambda: output.exists() and "url" in output.read_text(), 30))
            place = Path(output.read_text().split('"log": "')[1].split('"')[0]).parent
            parent.kill()
            parent.wait()

            self.assertTrue(wait_for(lambda: not place.exists(), 10))

    def test_it_leaves_nothing_after_a_signal_and_the_next_one_removes_what_a_killed_one_left(self) -> None:
        with Program("serve", "--fast") as killed:
            killed.process.kill()
            self.assertTrue(wait_for(lambda: not is_alive(killed.facts["pid"]), 10))
        with Program("serve", "--fast") as server:
            self.assertFalse(folder_of(killed.facts).exists())
            server.process.terminate()
            server.process.wait(timeout=30)

        self.assertEqual((is_alive(server.facts["pid"]), folder_of(server.facts).exists()), (False, False))

    def test_faults_keep_what_was_committed(self) -> None:
        with Program("serve", "--fast") as server:
            url = server.facts["url"]
            value(url, "CREATE TABLE t(x int)")
            for number, command in enumerate(["restart fast", "restart immediate", "kill"]):
                value(url, f"INSERT INTO t VALUES ({number})")
                server(command)
            refused = psql(url, "SELECT 1")
            again = server("start")
            count = value(url, "SELECT count(*) FROM t")
            answers = [server(command) for command in ("start", "stop slowly", "stop fast other", "jump", "fill")]

        self.assertIn("Connection refused", refused.stderr)
        self.assertEqual((again["port"], count), (server.facts["port"], "3"))
        self.assertEqual([list(answer) for answer in answers], [["error"]] * 5)


@needs_postgres
class Failover(unittest.TestCase):
    def test_a_standby_takes_over_and_what_it_did_not_receive_is_lost(self) -> None:
        with Program("serve", "--fast", "--tls") as server:
            url = server.facts["url"]
            secure = value(url, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            plain = psql(url.replace("verify-full", "disable"), "SELECT 1")
            value(url, "CREATE TABLE t(x int)")
            standby = server("standby sync")
            value(url, "INSERT INTO t VALUES (1)")
            refused = psql(standby["url"], "INSERT INTO t VALUES (2)")
            # A primary that waits for a standby would wait for ever.
            value(server.facts["admin"], "ALTER SYSTEM RESET synchronous_standby_names")
            value(server.facts["admin"], "SELECT pg_reload_conf()")
            server("detach")
            value(url, "INSERT INTO t VALUES (3)")
            server("kill")
            server("promote")
            rows = value(standby["urls"], "INSERT INTO t VALUES (4); SELECT string_agg(x::text, ' ') FROM t")

        self.assertEqual(secure, "t")
        self.assertIn("no encryption", plain.stderr)
        self.assertIn("read-only", refused.stderr)
        self.assertEqual(rows, "1 4")


@needs_postgres
class Run(unittest.TestCase):
    def test_the_command_has_the_url_and_its_status_counts(self) -> None:
        command = 'psql -X -A -t "$SLUICE_TEST_POSTGRES" -c "SELECT 6 * 7"; exit 3'
        done = subprocess.run(
            [SCRIPT, "run", "--fast", "--", "sh", "-c", command], capture_output=True, text=True, check=False)

        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, "42\n", ""))

    def test_a_signal_ends_the_command(self) -> None:
        process = subprocess.Popen(
            [SCRIPT, "run", "--fast", "--", "sh", "-c", "echo $$; exec sleep 60"], stdout=subprocess.PIPE, text=True)
        command = int(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()

        self.assertFalse(is_alive(command))


@needs_postgres
class Disk(unittest.TestCase):
    def test_a_full_disk_is_an_error_until_there_is_space(self) -> None:
        with Program("serve", "--fast", "--disk", "80M") as server:
            if reason := server.facts.get("skipped"):
                self.skipTest(reason)
            url = server.facts["url"]
            value(url, "CREATE TABLE t(x text)")
            left = server("fill 1000000")["left"]
            full = psql(url, "INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
            server("free")
            # A server that could not write its log has ended itself.
            if server("status")["primary"]["pid"] is None:
                server("start")
            self.assertTrue(wait_for(lambda: psql(url, "INSERT INTO t VALUES ('again')").returncode == 0, 10))
            rows = value(url, "SELECT count(*) FROM t")

        self.assertLessEqual(left, 1_000_000)
        self.assertRegex(full.stderr, "free disk space|No space left|server closed the connection")
        self.assertEqual(rows, "1")


@needs_bouncer
class Bouncer(unittest.TestCase):
    def test_transactions_share_connections(self) -> None:
        with Program("serve", "--fast") as server, Program("bouncer", server.facts["url"], "--pool", "1") as bouncer:
            url = bouncer.facts["url"]
            # Both clients would hold the one connection, were it not for the mode.
            holder = subprocess.Popen(
                ["psql", "-X", "-q", "-A", "-t", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            print("SELECT pg_backend_pid();", file=holder.stdin, flush=True)
            backend = holder.stdout.readline().strip()
            other = value(url, "SELECT pg_backend_pid()")
            wrong = psql(url.replace("sluice:", "sluice:no"), "SELECT 1")
            holder.communicate()
            status = bouncer.close()

        self.assertEqual(backend, other)
        self.assertIn("authentication failed", wrong.stderr)
        self.assertEqual((status, urlsplit(url).path), (0, "/sluice"))
        self.assertFalse(folder_of(bouncer.facts).exists())


if __name__ == "__main__":
    unittest.main()
