#!/usr/bin/env python3
"""How much of one quota four worker processes use together, and whether they ever cross it.

On a throw-away PostgreSQL with its defaults. The limit is set with `sync --detach --quota` before the workers start;
the platform tells no usage (`warmUp`), so all of it can be used.
The sandbox counts each point that it is asked for, and refuses, with a block of five seconds, what goes beyond 4 % more
than the limit: that is a crossing. What counts are seconds behind the burst at the start.

SLUICE_BINARY names the program, else .build/release/sluice. Prints one line; the code is 1 when it is not as wanted.
"""

import argparse
import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faults.lab import Lab  # noqa: E402
from faults.processes import Ended, eventually  # noqa: E402
from faults.sandbox import world  # noqa: E402
from pgserver import control  # noqa: E402
from pgserver.cluster import Cluster  # noqa: E402

RATE = 50
WORKERS = 4
LEAST = 98.0
DAYS = 600


def share(lab: Lab, seconds: float) -> dict:
    """Of the seconds behind the first burst."""
    # A range is planned as a whole, so there are more chunks than calls at once.
    today = date.today()
    lab.detach(
        "--streams", "insights", "--from", str(today - timedelta(DAYS)), "--to", str(today - timedelta(2)), "--quota",
        f"account={RATE}/s:{RATE}")
    workers = [lab.worker("--workers", "5") for _ in range(WORKERS)]
    eventually("they read reports", lambda: lab.chunks("stream = 'ad_insights' AND batches > 0") > 0)
    time.sleep(5)
    samples = [points(lab)]
    while samples[-1][0] - samples[0][0] < seconds:
        time.sleep(max(0, samples[0][0] + len(samples) / 5 - time.monotonic()))
        samples.append(points(lab))
    if lab.is_done():
        raise Ended("the work ended before the time was over")
    each = [worker.metric("sluice_api_calls_total") for worker in workers]
    limits = lab.database.rows("SELECT limit_points, limit_period, pace FROM quotas WHERE key LIKE 'meta/account/%'")
    refused = sum(lab.sandbox.counters["refused"].values())
    for worker in workers:
        worker.stop()
    (begun, before), (ended, after) = samples[0], samples[-1]
    return {
        "percent": 100 * (after - before) / (RATE * (ended - begun)), "points": after - before,
        "seconds": ended - begun, "crossings": refused, "busiest": busiest(samples), "each": each, "limits": limits}


def points(lab: Lab) -> tuple[float, int]:
    """What was asked for so far, and when: the middle of the question."""
    begun = time.monotonic()
    counters = lab.sandbox.counters
    asked = counters["score"] + counters["refused"].get("account", 0)
    return (begun + time.monotonic()) / 2, asked


def busiest(samples: list[tuple[float, int]]) -> float:
    """Points a second in the fullest second."""
    return max((later[1] - first[1]) / (later[0] - first[0]) for first, later in zip(samples, samples[5:]))


def main() -> int:
    parser = argparse.ArgumentParser(description="How much of one quota four worker processes use together.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    control.stop_on_signals()
    limits = {"isOn": True, "score": RATE * 104 // 100, "scoreSeconds": 1, "blockSeconds": 5, "warmUp": 1_000_000_000}
    # 1.75 rows a day for each ad, with ad sets and campaigns, in pages of ten.
    ads = int((options.seconds + 45) * RATE * 10 / DAYS / 1.75)
    with Cluster() as cluster:
        lab = Lab(
            "postgres", cluster.primary.url("sluice", "sluice"), world(page=10, latency=100, limits=limits),
            ads=ads, days=DAYS + 30)
        try:
            found = share(lab, options.seconds)
        finally:
            lab.close()
    print(json.dumps(found) if options.json else (
        f"{WORKERS} workers, {RATE} points/s, {found['seconds']:.0f} s: {found['percent']:.1f} % used "
        f"({found['points']:,} points, at most {found['busiest']:.0f} in a second), {found['crossings']} crossings"))
    return 0 if found["percent"] >= LEAST and not found["crossings"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AssertionError as trouble:
        sys.exit(f"quota_share.py: {trouble}")
