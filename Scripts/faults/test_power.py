"""Power that goes: SQLite files with pages that were written and never synced."""

import random
import struct
from collections.abc import Iterator
from pathlib import Path

from .case import FaultCase, fault, option
from .databases import SQLite
from .lab import Lab
from .preload import built
from .sandbox import world

WRITTEN, CUT, SYNCED, REMOVED = 1, 2, 3, 4
NAMES = {1: "data.sqlite", 2: "data.sqlite-wal"}
SECTOR = 512


class Notes:
    """What a program did to its files, in order (see power.c)."""

    def __init__(self, path: Path) -> None:
        self.all = list(read(path.read_bytes()))

    def after_failure(self, at: int, dice: random.Random, folder: Path) -> None:
        """The files as a disk may have them when the power went after so many notes: all that was synced, and any of
        the rest, each sector for itself."""
        synced = {file: 0 for file in NAMES}
        for place, (op, file, _, _) in enumerate(self.all[:at]):
            if op == SYNCED:
                synced[file] = place
        files: dict[int, bytearray | None] = {1: None, 2: None}
        for place, (op, file, offset, data) in enumerate(self.all[:at]):
            is_sure = place < synced[file]
            if op == REMOVED:
                files[file] = None
            elif op == CUT and (is_sure or dice.random() < 0.5):
                content = files[file] or bytearray()
                files[file] = content[:offset].ljust(offset, b"\0")
            elif op == WRITTEN:
                files[file] = apply(files[file] or bytearray(), offset, data, None if is_sure else dice)
        for file, content in files.items():
            if content is not None:
                (folder / NAMES[file]).write_bytes(content)


def read(notes: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    at = 0
    while at + 32 <= len(notes):
        op, file, offset, length = struct.unpack_from("qqqq", notes, at)
        yield op, file, offset, notes[at + 32:at + 32 + length]
        at += 32 + length


def apply(content: bytearray, offset: int, data: bytes, dice: random.Random | None) -> bytearray:
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    if dice is None:
        content[offset:offset + len(data)] = data
        return content
    for start in range(0, len(data), SECTOR):
        if dice.random() < 0.5:
            content[offset + start:offset + min(start + SECTOR, len(data))] = data[start:start + SECTOR]
    return content


class PowerCases(FaultCase):
    @fault("F15", "the power goes at a random moment: unsynced sectors are lost or not, each for itself",
           "the file opens, it is sound, rows and progress agree; what was lost is read again; tables equal the truth",
           "sqlite")
    def test_F15_power_loss(self, engine: str) -> None:
        lab = self.lab(engine, world(page=20, latency=5), ads=12, days=60)
        notes = lab.folder / "notes"
        lab.detach()
        # The file as it is before the worker: from here on all is noted.
        begin = {name: (lab.folder / name).read_bytes() for name in NAMES.values() if (lab.folder / name).exists()}
        worker = lab.worker("--workers", "4", LD_PRELOAD=str(built("power", lab.folder)), POWER_LOG=str(notes))
        lab.wait()
        chunks = lab.completed()
        self.stop(worker)
        self.prepend(notes, begin)
        story, dice = Notes(notes), random.Random(15)
        points = int(option("F15_POINTS", 40, 500))
        resumed = 0
        for number in range(points):
            with_worker = number % max(1, points // int(option("F15_RESUMES", 3, 20))) == 0
            self.look(lab, story, dice, number, with_worker)
            resumed += with_worker

        self.saw(points, f"{len(story.all):,} writes noted, {chunks} chunks; every file sound, rows and coverage "
                 f"agree; {resumed} resumed: equal")
        self.expect_truth(lab)

    @staticmethod
    def prepend(notes: Path, begin: dict[str, bytes]) -> None:
        head = b""
        for file, name in NAMES.items():
            if data := begin.get(name):
                head += struct.pack("qqqq", WRITTEN, file, 0, len(data)) + data
                head += struct.pack("qqqq", SYNCED, file, 0, 0)
        notes.write_bytes(head + notes.read_bytes())

    def look(self, lab: Lab, story: Notes, dice: random.Random, number: int, with_worker: bool) -> None:
        folder = lab.folder / f"point-{number}"
        folder.mkdir()
        # The first with all that was written: the file as the worker left it.
        at = dice.randrange(4, len(story.all)) if number else len(story.all)
        story.after_failure(at, dice, folder)
        own = SQLite(folder / "data.sqlite")
        self.assertEqual(own.integrity(), "ok", f"after {at} of {len(story.all)} writes")
        if not number:
            self.assertEqual(own.count("sync_chunks", "status = 'completed'"), lab.completed(), "notes are missing")
        for stream in ("campaign", "ad_set", "ad"):
            unread = ("SELECT count(*) FROM sync_chunks c WHERE status = 'completed' AND stream = "
                      f"'{stream}_insights' AND NOT EXISTS (SELECT 1 FROM coverage v WHERE v.stream = c.stream "
                      "AND v.date BETWEEN c.start_date AND c.end_date)")
            self.assertEqual(own.number(unread), 0, f"a completed chunk of {stream} without coverage")
            cells = own.number(
                f"SELECT sum(rows) FROM coverage WHERE stream = '{stream}_insights' AND open_chunks = 0")
            rows = own.count(f"meta_{stream}_insights")
            self.assertLessEqual(cells, rows, "coverage counts rows that are not there")
        if with_worker:
            self.resume(lab, own)

    def resume(self, lab: Lab, own: SQLite) -> None:
        first, url = lab.database, lab.url
        lab.database, lab.url = own, own.url
        worker = lab.worker("--workers", "8")
        lab.wait()
        self.stop(worker)
        self.expect_truth(lab)
        lab.database, lab.url = first, url
