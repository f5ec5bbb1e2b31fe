#!/usr/bin/env python3
"""Stands for the binary in tests of the benchmark: the same command line, no work."""

import json
import os
import signal
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


def option(name: str, otherwise: str = "") -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


# A page of one conversation with two messages, and what FolkForm got of it: one message twice.
PANCAKE = {
    "counters": {"calls": 12, "byPage": {"1101": 9}, "mostCallsInSecond": {"1101": 4}, "throttled": 0},
    "truth": {"rows": {"pancake_messages": 2}, "fewestCalls": 7}, "world": {"pages": [{"id": "1101"}]},
    "texts": {"c1": {"m1": "one", "m2": "two"}}}
FOLKFORM = {
    "counters": {"calls": 4, "throttled": 1, "mostCallsInWindow": 4},
    "uploads": [
        {"kind": "conversation", "conversationId": "c1", "messageIds": []},
        {"kind": "messages", "conversationId": "c1", "messageIds": ["m1", "m2"]},
        {"kind": "messages", "conversationId": "c1", "messageIds": ["m2"]}],
    "documents": [
        {"conversationId": "c1", "messageId": id, "messageData": {"original_message": text}}
        for id, text in (("m1", "one"), ("m2", "two"))]}
ORACLES = {"meta": {"counters": {"score": 104}}, "pancake": PANCAKE, "folkform": FOLKFORM}


class Oracles(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        _, _, path = self.path.partition("/sandbox/")
        told = ORACLES[sys.argv[2]].get(path.partition("?")[0])
        self.send_response(404 if told is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        pass


def sandbox() -> None:
    world = json.load(open(option("--config"), encoding="utf-8")) if "--config" in sys.argv else {}
    # What the sandbox knows travels in its address.
    faults = len(world.get("faults", {}).get("rules", []))
    with HTTPServer(("127.0.0.1", 0), Oracles) as server:
        print(f"url http://127.0.0.1:{server.server_port}/{option('--size')}/{faults}")
        print("token TOKEN\napp_secret SECRET\naccount act_7", flush=True)
        server.serve_forever()


def sync_pancake() -> None:
    if os.environ.get("SLUICE_PANCAKE_TOKEN") != "TOKEN" or option("--account") != "all":
        sys.exit(2)
    if ("--into" in sys.argv) != ("SLUICE_FOLKFORM_URL" in os.environ):
        sys.exit(2)
    db = sqlite3.connect(option("--database"))
    db.execute("CREATE TABLE quotas (key, limit_burst, set_burst)")
    db.executemany(
        "INSERT INTO quotas VALUES (?, ?, NULL)", [("pancake/page/1101", 1.5), ("folkform/client/default", 1)])
    db.execute("CREATE TABLE pancake_messages (conversation_id, id, original_message)")
    db.executemany("INSERT INTO pancake_messages VALUES ('c1', ?, ?)", [("m1", "one"), ("m2", "two")])
    db.commit()
    print(json.dumps({
        "job_id": 1, "status": "completed", "rows": {"pancake_messages": 2}, "requests": 12, "throttled": 0,
        "retries": 0, "seconds": 0.1, "chunks": {"completed": 3, "failed": 0}}))


def sync() -> None:
    if os.environ.get("SLUICE_META_TOKEN") != "TOKEN":
        sys.exit(2)
    if "--workers" in sys.argv:
        signal.pause()
    size, faults = option("--base-url").split("/")[3], int(option("--base-url").split("/")[4])
    ads, days = (int(part.split("=")[1]) for part in size.split(",")[:2])
    if ads == 666:
        print("The platform is gone.", file=sys.stderr)
        sys.exit(1)
    db = sqlite3.connect(option("--database"))
    table = f"meta_{option('--streams', 'ad_insights')}"
    reports = json.load(open(option("--reports"), encoding="utf-8")) if "--reports" in sys.argv else []
    if table != "meta_ad_insights" and table not in [f"meta_{report['name']}" for report in reports]:
        sys.exit(2)
    columns = "account_id, ad_id, date_start, clicks, synced_at, UNIQUE (account_id, ad_id, date_start)"
    db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    for ad in range(ads):
        rows = [(option("--account"), str(ad), f"2026-01-{day + 1:02}", ad * day, time.time()) for day in range(days)]
        db.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?)", rows)
    db.commit()
    requests = 100 + faults
    print(json.dumps({
        "job_id": 1, "status": "completed", "rows": {table: ads * days}, "requests": requests,
        "throttled": 0, "retries": faults, "seconds": 0.1, "chunks": {"completed": 3, "failed": 0}}))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    if sys.argv[1] == "sandbox":
        sandbox()
    elif sys.argv[1] == "sync":
        sync() if sys.argv[2] == "meta" else sync_pancake()
    elif sys.argv[1] == "bench-engine":
        print('{"chunks_per_second": 12000.5, "claim_to_start_p99_ms": 30}')
    else:
        print("sluice 0.0.0")
