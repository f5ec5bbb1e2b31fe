#!/usr/bin/env python3
"""No-op jobs per second of other queues on PostgreSQL, each with the settings that suit it best on this machine.

Both run on a throw-away server with its defaults, fsync on. Jobs are enqueued first; then two worker processes start,
connect, wait for each other, and what counts is the time until both find the queue empty.
"""

import argparse
import json
import subprocess
import sys
import time
import venv
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmark import postgres  # noqa: E402
from benchmark.programs import Failed  # noqa: E402
from pgserver import control  # noqa: E402
from pgserver.cluster import Cluster  # noqa: E402

ROOT = HERE.parent.parent
REQUIREMENTS = HERE / "peers-requirements.txt"
PROCESSES = 2
# A setting must get through this in seconds, so the slower queue gets fewer.
JOBS = {"pgqueuer": 40_000, "procrastinate": 6_000}
SETTINGS: dict[str, list[dict]] = {
    "pgqueuer": [
        # First the defaults; its own benchmark has five managers with batches of 10.
        {"managers": managers, "batch": batch} for managers in (1, 2, 5) for batch in (10, 100, 500, 1000)],
    "procrastinate": [
        # First the defaults.
        {"concurrency": concurrency, "connections": concurrency + 2, "delete": delete}
        for concurrency in (1, 4, 10, 30) for delete in ("never", "successful")]}
DONE = {
    "pgqueuer": "SELECT count(*) FILTER (WHERE status = 'successful') FROM pgqueuer_log",
    "procrastinate": "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"}


@dataclass(frozen=True)
class Result:
    queue: str
    settings: dict
    jobs: int
    wall: float
    worker_cpu: float
    server_cpu: float

    @property
    def rate(self) -> float:
        return self.jobs / self.wall

    def __str__(self) -> str:
        chosen = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        cells = [
            self.queue, chosen, f"{self.jobs:,}", f"{self.wall:.2f}", f"{self.rate:,.0f}",
            f"{self.worker_cpu / self.jobs * 1e6:.0f}", f"{self.server_cpu / self.jobs * 1e6:.0f}"]
        return f"| {' | '.join(cells)} |"


HEAD = "| queue | settings | jobs | wall s | jobs/s | worker CPU µs/job | server CPU µs/job |\n" + "|---" * 7 + "|"


def environment(folder: Path) -> Path:
    """The Python of a virtual environment with the queues; made anew when the requirements change."""
    python, stamp = folder / "bin/python", folder / "installed"
    if not stamp.exists() or stamp.read_text() != REQUIREMENTS.read_text():
        venv.create(folder, with_pip=True, clear=True)
        pip = "-m pip install --quiet --disable-pip-version-check --requirement".split()
        if subprocess.run([python, *pip, REQUIREMENTS], check=False).returncode != 0:
            raise Failed("the queues could not be installed from PyPI")
        stamp.write_text(REQUIREMENTS.read_text())
    return python


class Worker:
    def __init__(self, python: Path, queue: str, url: str, settings: dict) -> None:
        self.process = subprocess.Popen(
            [python, HERE / "peer_worker.py", queue, "work", url, json.dumps(settings)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def wait_for(self, word: str) -> list[str]:
        assert self.process.stdout is not None
        words = self.process.stdout.readline().split()
        if words[:1] != [word]:
            raise Failed(f"a worker ended before it was {word}")
        return words

    def go(self) -> None:
        assert self.process.stdin is not None
        print(file=self.process.stdin, flush=True)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def measure(cluster: Cluster, python: Path, queue: str, settings: dict, jobs: int) -> Result:
    """In a database of its own."""
    admin = cluster.primary
    admin.sql("DROP DATABASE IF EXISTS peer")
    admin.sql("CREATE DATABASE peer OWNER sluice")
    url = admin.url("sluice", "peer")
    subprocess.run([python, HERE / "peer_worker.py", queue, "prepare", url, str(jobs)], check=True)
    # As after a while of work, and with nothing left to be written that is not theirs.
    admin.sql("VACUUM ANALYZE", database="peer")
    admin.sql("CHECKPOINT")
    workers = [Worker(python, queue, url, settings) for _ in range(PROCESSES)]
    try:
        for worker in workers:
            worker.wait_for("ready")
        server, begun = postgres.server_cpu(cluster), time.monotonic()
        for worker in workers:
            worker.go()
        used = [float(worker.wait_for("done")[1]) for worker in workers]
        wall, server = time.monotonic() - begun, postgres.server_cpu(cluster) - server
    finally:
        for worker in workers:
            worker.end()
    check(queue, url, jobs)
    return Result(queue, settings, jobs, wall, sum(used), server)


def check(queue: str, url: str, jobs: int) -> None:
    """That all was done. (Procrastinate may delete what it has done.)"""
    told = int(postgres.psql(url, DONE[queue]))
    if told != (jobs if queue == "pgqueuer" else 0):
        raise Failed(f"{queue} did not do its {jobs} jobs: {DONE[queue]} gives {told}")


def compare(cluster: Cluster, python: Path, queue: str, jobs: int, settings: list[dict]) -> list[Result]:
    """Each setting once, then two more times the fastest one; gives the defaults and the best."""
    tried = []
    for setting in settings:
        tried.append(measure(cluster, python, queue, setting, jobs))
        print(tried[-1], file=sys.stderr, flush=True)
    fastest = max(tried, key=lambda one: one.rate)
    again = [measure(cluster, python, queue, fastest.settings, jobs) for _ in range(2)]
    return [tried[0], max([fastest, *again], key=lambda one: one.rate)]


def main() -> int:
    parser = argparse.ArgumentParser(description="No-op jobs per second of other queues on PostgreSQL.")
    parser.add_argument("--only", nargs="+", choices=list(JOBS), default=list(JOBS))
    parser.add_argument("--scale", type=float, default=1, help="so many times the usual jobs")
    parser.add_argument("--environment", type=Path, default=ROOT / ".build/peers")
    options = parser.parse_args()
    control.stop_on_signals()
    python = environment(options.environment)
    print(HEAD, file=sys.stderr)
    with Cluster() as cluster:
        results = []
        for queue in options.only:
            results += compare(cluster, python, queue, int(JOBS[queue] * options.scale), SETTINGS[queue])
    print(HEAD, *results, sep="\n")
    print(json.dumps([asdict(one) | {"rate": one.rate} for one in results]))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as trouble:
        sys.exit(f"peers.py: {trouble}")
