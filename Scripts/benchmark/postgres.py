"""What measurements with PostgreSQL share: the server's processor time, psql."""

import os
import subprocess
from pathlib import Path

from pgserver import system
from pgserver.cluster import Cluster
from pgserver.server import children

from .programs import Failed

TICK = os.sysconf("SC_CLK_TCK")


def server_cpu(cluster: Cluster) -> float:
    """Seconds of the postmaster, of the processes that it has now, and of those that it had."""
    postmaster = cluster.primary.pid
    if postmaster is None:
        raise Failed("the server does not run")
    while True:
        before = children(postmaster)
        used = sum(ticks(postmaster)) + sum(sum(ticks(child)[:2]) for child in before)
        # One that ended meanwhile would be counted twice or not at all.
        if children(postmaster) == before:
            return used / TICK


def ticks(process: int) -> list[int]:
    """Of the process in user and kernel mode, and of its ended children."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0]
    return [int(field) for field in fields[11:15]]


def psql(url: str, script: str, *options: str) -> str:
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *options, url]
    done = subprocess.run(
        command, input=script, env=system.ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"psql ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
