#!/usr/bin/env python3
"""Throw-away PostgreSQL servers for tests, benchmarks and faults.

  postgres.py serve [--fast] …          a server until the standard input closes; commands on it break the server
  postgres.py run [--fast] -- COMMAND…  a command with SLUICE_TEST_POSTGRES in its environment
  postgres.py relay URL                 a relay in front of a server; commands break the connections
  postgres.py relay HOST:PORT           the same in front of anything that speaks TCP
  postgres.py bouncer URL               PgBouncer in front of a server, in transaction mode

All but `run` print a line of JSON when they are ready and answer each line of their input with one. What they print
first: url, port, pid, and of a server admin (the URL of the superuser), data and log as well.

Commands to `serve`. SERVER is `primary` (the default) or the name of a standby:
  status                                all servers
  stop [fast|immediate|smart] [SERVER]  start [SERVER]  restart [fast|immediate] [SERVER]
  kill [SERVER]                         SIGKILL to the postmaster
  standby [async|sync] [NAME]           a streaming standby; `urls` of the answer names both hosts
  detach [NAME]                         the standby receives nothing from here on
  promote [NAME]                        the standby becomes a primary
  fill [BYTES]  free                    with --disk: leaves so many bytes of the disk; gives the space back
Commands to `relay`: see pgserver/relay.py. Commands to `bouncer`: status, kill.
"""

import argparse
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

from pgserver import control
from pgserver.bouncer import Bouncer
from pgserver.cluster import Cluster
from pgserver.relay import Relay
from pgserver.system import HOST, Failed, Unavailable

# What a test runner takes for "skipped".
SKIPPED = 77


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.strip(), formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    actions = parser.add_subparsers(dest="action", required=True)
    for name in ("serve", "run"):
        action = actions.add_parser(name)
        action.add_argument("--fast", action="store_true", help="no fsync: for tests that do not test durability")
        action.add_argument("--tls", action="store_true", help="TLS only, with an authority of its own")
        action.add_argument("--disk", metavar="SIZE", help="the data on a file system of that size, such as 64M")
        action.add_argument("--icu", metavar="LOCALE", help="a database that sorts as people of that place do")
        action.add_argument("--conf", metavar="NAME=VALUE", nargs="+", action="extend", default=[])
    actions.choices["run"].add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    relay = actions.add_parser("relay")
    relay.add_argument("target", metavar="URL|HOST:PORT")
    relay.add_argument("--listen", type=int, default=0, metavar="PORT")
    bouncer = actions.add_parser("bouncer")
    bouncer.add_argument("target", metavar="URL")
    bouncer.add_argument("--pool", type=int, default=20, help="connections to the server")
    bouncer.add_argument("--conf", metavar="NAME=VALUE", nargs="+", action="extend", default=[])
    return parser.parse_args()


def settings(options: argparse.Namespace) -> dict[str, str]:
    return dict(one.split("=", 1) for one in options.conf)


def cluster(options: argparse.Namespace) -> Cluster:
    return Cluster(
        fast=options.fast, tls=options.tls, disk=options.disk, icu=options.icu, settings=settings(options))


def serve(options: argparse.Namespace) -> int:
    with cluster(options) as server:
        control.serve(server.facts(), server.commands())
    return 0


def run(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise Failed("run needs a command: run --fast -- COMMAND")
    with cluster(options) as server:
        environment = os.environ | {"SLUICE_TEST_POSTGRES": server.primary.url("sluice", "sluice")}
        status = run_command(command, environment)
    return status if status >= 0 else 128 - status


def run_command(command: list[str], environment: dict[str, str]) -> int:
    """We end when the command does. Ctrl-C reaches it without us; what only we are told is passed on."""
    process: subprocess.Popen | None = None
    told: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        told.append(number)
        if process:
            process.send_signal(number)

    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGHUP, pass_on)
    process = subprocess.Popen(command, env=environment)
    # A signal may have come before there was whom to tell.
    for number in told:
        process.send_signal(number)
    return process.wait()


def relay(options: argparse.Namespace) -> int:
    is_postgres = "://" in options.target
    target = urlsplit(options.target if is_postgres else f"//{options.target}")
    if not target.hostname or not target.port:
        raise Failed(f"{options.target} names no host and port")
    with Relay(target.port, target.hostname, listen=options.listen, is_postgres=is_postgres) as server:
        login, at, _ = target.netloc.rpartition("@")
        own = target._replace(netloc=f"{login}{at}{HOST}:{server.port}").geturl().removeprefix("//")
        control.serve({"url": own, "port": server.port, "pid": os.getpid()}, server.commands())
    return 0


def bouncer(options: argparse.Namespace) -> int:
    with Bouncer(options.target, pool=options.pool, settings=settings(options)) as server:
        control.serve(server.facts(), server.commands())
    return 0


def main() -> int:
    options = arguments()
    control.stop_on_signals()
    try:
        return {"serve": serve, "run": run, "relay": relay, "bouncer": bouncer}[options.action](options)
    except Unavailable as reason:
        control.tell({"skipped": str(reason)})
        return SKIPPED
    except Failed as trouble:
        print(f"postgres.py: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
