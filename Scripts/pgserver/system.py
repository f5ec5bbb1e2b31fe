"""What of the machine is needed: the programs of PostgreSQL, a user who may run them, a free port."""

import ctypes
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

OLDEST = 14
HOST = "127.0.0.1"
# Whoever starts us may have a server of his own; neither his settings nor his files must lead our clients there.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
ENVIRONMENT["HOME"] = "/nonexistent"
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """What could not be done, in a sentence."""


class Unavailable(Failed):
    """The machine lacks something; a test that needs it is skipped."""


def binaries() -> Path:
    """The folder of the newest installed PostgreSQL; SLUICE_POSTGRES_BIN names another one."""
    if chosen := os.environ.get("SLUICE_POSTGRES_BIN"):
        if not (Path(chosen) / "postgres").exists():
            raise Unavailable(f"there is no PostgreSQL in {chosen}")
        return Path(chosen)
    found = list(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve())
    versions = {version(path): path.parent for path in found}
    if not versions or max(versions) < OLDEST:
        raise Unavailable(f"no PostgreSQL of version {OLDEST} or later is installed; Scripts/packages.sh test does it")
    return versions[max(versions)]


def version(postgres: Path) -> int:
    told = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\) (\d+)", told)
    return int(match[1]) if match else 0


def program(name: str) -> str:
    """Debian keeps some programs where only root looks."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not found:
        raise Unavailable(f"{name} is not installed; Scripts/packages.sh test does it")
    return found


def identity() -> dict:
    """Arguments of Popen: neither PostgreSQL nor PgBouncer runs as root, so root runs them as `postgres`."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError as error:
        raise Unavailable("we are root, and there is no user postgres") from error
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """The file or folder to the user who runs the servers."""
    if who := identity():
        os.chown(path, who["user"], who["group"])


def free_port() -> int:
    """A port that nobody has, from below those that the kernel hands out.

    A client that keeps calling a port of the kernel's range while no one listens there is connected with itself
    sooner or later, and then the server cannot have its port back.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for _ in range(200):
        port = random.randrange(max(1024, lowest - 12_000), lowest)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    raise Failed("no port is free")


def run(command: list, folder: Path, **environment: str) -> str:
    """What the program printed; a program that fails is our failure, with its last words."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=ENVIRONMENT | environment, capture_output=True, text=True,
        check=False, **identity())
    if done.returncode != 0:
        words = done.stderr.strip() or done.stdout.strip()
        raise Failed(f"{Path(command[0]).name} ended with {done.returncode}: {words[-1000:]}")
    return done.stdout


def start(command: list, folder: Path, log: Path, *, end_by: int = signal.SIGINT) -> subprocess.Popen:
    """A server that gets that signal when we die, however we die. (To be called by the main thread: the kernel
    watches the thread, not the process.)"""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, end_by), **identity())


def tail(log: Path, lines: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
