"""Disks that are full, and power that goes."""

import errno
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

from .case import FaultCase, fault, option
from .databases import SQLite
from .lab import Lab
from .processes import eventually
from .sandbox import world


class SmallDisk:
    """A file system of a few megabytes."""

    def __init__(self, place: Path, size: str) -> None:
        self.place = place
        place.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, text=True, check=False)
        self.is_there = done.returncode == 0

    def fill(self) -> None:
        """To the last page, though others write meanwhile."""
        with (self.place / "ballast").open("ab") as file:
            size = 0
            for step in (1 << 20, 1 << 16, 1 << 12):
                try:
                    while True:
                        os.posix_fallocate(file.fileno(), size, step)
                        size += step
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        (self.place / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        if self.is_there:
            subprocess.run(["umount", "--lazy", self.place], check=False)


def small_lab(case: FaultCase, engine: str) -> tuple:
    """A lab on a small disk, and how it is filled and freed."""
    size = {"ads": 12, "days": 90}
    slow = world(page=10, latency=60)
    if engine == "postgres":
        server = case.server("--fast", "--disk", "96M")

        def fill() -> None:
            # The server takes space while we do.
            eventually("the disk is full", lambda: Lab.patiently(lambda: server("fill"))(), 30)

        def free() -> None:
            server("free")
            if not server("status")["primary"]["pid"]:
                server("start")

        return case.lab(engine, slow, server.url, **size), fill, free
    lab = case.lab(engine, slow, **size)
    disk = SmallDisk(lab.folder / "disk", "64M")
    lab.closing.append(disk.close)
    if not disk.is_there:
        case.skipTest("only root can mount a small disk")
    lab.database = SQLite(disk.place / "data.sqlite")
    lab.url = lab.database.url
    return lab, disk.fill, disk.free


class DiskCases(FaultCase):
    @fault("F14", "the disk is full in the midst of the work; later space is freed",
           "the worker stays and says so on /readyz; no corruption; it goes on without a hand")
    def test_F14_full_disk(self, engine: str) -> None:
        lab, fill, free = small_lab(self, engine)
        lab.detach()
        worker = lab.worker("--workers", "3")
        lab.wait_for_chunks(6)
        fill()
        eventually("it is not ready", lambda: worker.probe("/readyz")[0] == 503, 60)
        ready, alive = worker.probe("/readyz"), worker.probe("/healthz")[0]
        time.sleep(2)
        free()
        begun = time.monotonic()
        eventually("it is ready again", lambda: worker.probe("/readyz")[0] == 200, 60)
        back = time.monotonic() - begun
        lab.wait()
        self.stop(worker)

        self.assertEqual(alive, 200)
        self.saw(1, f"\"{ready[1].strip()}\"; back after {back:.0f} s; equal".replace("|", "/"))
        self.expect_truth(lab)

    @fault("F15", "SIGKILL of the server, its backends and the worker at once, fsync on, at random moments",
           "the database recovers; at most the unfinished batches run again; tables equal the truth", "postgres")
    def test_F15_killed_server_and_worker(self, engine: str) -> None:
        server = self.server()
        latency, days = option("F15_LATENCY", 40, 60), int(option("F15_DAYS", 60, 900))
        lab = self.lab(engine, world(page=10, latency=latency), server.url, ads=12, days=days)
        lab.detach()
        dice, done, wanted = random.Random(15), 0, int(option("F15_KILLS", 4, 60))
        while done < wanted and not lab.is_done():
            worker = lab.worker("--workers", "4")
            time.sleep(0.3 + dice.random() * 1.2)
            known = set(lab.database.rows("SELECT id, finished_at FROM sync_chunks WHERE status = 'completed'"))
            server("kill")
            worker.kill()
            lab.database.close()
            server("start")
            still = set(lab.database.rows("SELECT id, finished_at FROM sync_chunks WHERE status = 'completed'"))
            self.assertEqual(known - still, set(), "completed chunks are gone")
            done += 1
            lab.expire()
        in_time = not lab.is_done()
        worker = lab.worker("--workers", "8")
        lab.hurry()
        self.stop(worker)

        self.assertTrue(in_time, f"the work ended before all kills were done: {done}")
        self.saw(done, "no completed chunk was lost; equal")
        self.expect_truth(lab)
