"""How a program here is used by another one: it prints a line of JSON when it is ready, then answers each line of its
standard input with a line of JSON, and ends when that closes, when it is told by a signal, or when its parent dies."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator

from .system import Failed

Command = Callable[..., dict]
# How often we look whether the parent still lives. (The kernel could tell, but it means the thread that started us.)
WATCH_SECONDS = 0.5


def stop_on_signals() -> None:
    """A signal ends the program through its `finally` and `with`, which further signals do not disturb."""
    def stop(number: int, frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(0)

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, stop)


def serve(greeting: dict, commands: dict[str, Command]) -> None:
    tell(greeting)
    for line in lines(sys.stdin.fileno(), os.getppid()):
        words = line.split()
        if words:
            tell(answer(words, commands))


def answer(words: list[str], commands: dict[str, Command]) -> dict:
    if words[0] not in commands:
        return {"error": f"there is no command {words[0]}; commands: {' '.join(commands)}"}
    try:
        return {"ok": words[0], **commands[words[0]](*words[1:])}
    except (Failed, TypeError, ValueError, OSError) as error:
        return {"error": str(error)}


def lines(source: int, parent: int) -> Iterator[str]:
    """Until the end of the input or of the parent."""
    rest = b""
    while os.getppid() == parent:
        if not select.select([source], [], [], WATCH_SECONDS)[0]:
            continue
        read = os.read(source, 65536)
        if not read:
            return
        *whole, rest = (rest + read).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")


def tell(facts: dict) -> None:
    try:
        print(json.dumps(facts), flush=True)
    except BrokenPipeError as error:
        raise SystemExit(0) from error
