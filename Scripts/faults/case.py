"""What every case is: named by its number, on one or both engines, with a record of what was seen."""

import json
import os
import unittest
from collections.abc import Callable

from .lab import Lab
from .processes import Helper, Process

IS_LONG = bool(os.environ.get("SLUICE_FAULTS_LONG"))
# The server that all cases share; those that hurt theirs start their own.
SHARED = os.environ.get("SLUICE_FAULTS_POSTGRES", "")
RESULTS = os.environ.get("SLUICE_FAULTS_RESULTS")


def option(name: str, short: float, long: float) -> float:
    """A count or a duration of a case: SLUICE_FAULTS_NAME, else what the length of the run says."""
    return float(os.environ.get(f"SLUICE_FAULTS_{name}", long if IS_LONG else short))


def fault(
    number: str, injected: str, expected: str, engines: str = "sqlite postgres", known: str = ""
) -> Callable:
    """Marks a test method. It is run once for each engine, which it is given. `known` names a defect for which the
    case fails as yet; the day it passes, the suite says so."""
    def mark(method: Callable) -> Callable:
        method.fault = {"case": number, "injected": injected, "expected": expected}
        method.engines = engines.split()
        method.known = known
        return method

    return mark


class TooSlow(AssertionError):
    """All is right, only not as quick as it has to be: in a crowd that says little, so torture.py tries again alone."""


class FaultCase(unittest.TestCase):
    maxDiff = None

    def __init_subclass__(cls) -> None:
        for name, method in list(vars(cls).items()):
            for engine in getattr(method, "engines", []):
                setattr(cls, f"{name}_{engine}", bound(method, engine))
            if hasattr(method, "engines"):
                delattr(cls, name)

    def lab(self, engine: str, world: dict | None = None, server: str | None = None, **size: int) -> Lab:
        lab = Lab(engine, server or SHARED, world, **size)
        self.addCleanup(lab.close)
        return lab

    def server(self, *options: str, **environment: str) -> Helper:
        """A PostgreSQL of its own."""
        server = Helper("serve", *options, environment=environment)
        self.addCleanup(server.close)
        return server

    def saw(self, times: int | str, words: str) -> None:
        """What the table of results says of the case."""
        self.seen = {"times": str(times), "seen": words}

    def expect_truth(self, lab: Lab, *accounts: str) -> None:
        found = lab.differences(*accounts)
        self.assertEqual(found, [], "\n".join(found))

    def expect_speed(self, is_quick: bool, found: str) -> None:
        """To be asked last, when all else is known to be right."""
        if not is_quick:
            raise TooSlow(found)

    def expect_sentence(self, text: str) -> None:
        """One sentence on one line."""
        self.assertEqual(len(text.strip().splitlines()), 1, text)
        self.assertRegex(text.strip(), r"^[A-Z\"“/].*[^.]\.( \(SQLSTATE \w+\))?$")

    def stop(self, *workers: Process) -> None:
        for worker in workers:
            ended = worker.stop()
            self.assertEqual(ended.code, 0, repr(ended))


def bound(method: Callable, engine: str) -> Callable:
    def test(self: FaultCase) -> None:
        self.seen = {"times": "", "seen": ""}
        passed = False
        try:
            method(self, engine)
            passed = True
        except AssertionError as error:
            if not self.seen["seen"]:
                self.seen["seen"] = str(error).splitlines()[0][:160]
            raise
        finally:
            if RESULTS:
                with open(RESULTS, "a") as file:
                    line = method.fault | self.seen | {"engine": engine, "passed": passed, "known": method.known,
                        "test": self.id()}
                    file.write(json.dumps(line) + "\n")

    test.__doc__ = f"{method.fault['case']}: {method.fault['injected']}: {method.fault['expected']} ({engine})"
    return unittest.expectedFailure(test) if method.known else test
