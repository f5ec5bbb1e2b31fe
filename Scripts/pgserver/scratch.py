"""Temporary folders that nothing outlives: not even those of a program that was killed."""

import fcntl
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import system

PREFIX = "sluice-postgres-"
# A folder without a lock that is younger than this is being made.
SETTLED_SECONDS = 60


class Scratch:
    """A folder for the user who runs the servers. We hold a lock in it as long as we live; whoever makes the next one
    removes those that nobody holds. Their servers have ended with those who started them."""

    def __init__(self) -> None:
        remove_left_over()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        system.give(self.path)
        # It gets its name when it is ours: another program must not find it before.
        fresh = self.path / "new-lock"
        self._lock = fresh.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        fresh.rename(self.path / "lock")

    def remove(self) -> None:
        remove(self.path)
        self._lock.close()


def remove_left_over() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if not (folder / "lock").exists() and time.time() - folder.stat().st_mtime < SETTLED_SECONDS:
                continue
            with (folder / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(folder)
        except OSError:
            # Someone's who lives, or of another user.
            continue


def remove(folder: Path) -> None:
    disk = folder / "disk"
    if disk.is_mount():
        # A backend that is still ending may hold a file: then the kernel waits for it, not we.
        subprocess.run(["umount", "--lazy", disk], check=False)
    # Backends remove files while we do.
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)
