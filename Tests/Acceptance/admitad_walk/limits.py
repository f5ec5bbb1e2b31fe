"""The quota of calls, and what else is 503 (platforms.md 4.2; 4.8 point 2)."""
import time

from admitad_walk.calls import WORLD, Reader, refused
from checks import control, equal

QUOTA = WORLD.declared["reading"]["callsPerMinute"]


def granted(reader, most):
    """How many calls are answered before one is refused, of at most so many; and that one."""
    for count in range(most):
        answer = reader.get("/websites/", limit=1)
        if answer.status != 200:
            return count, answer
    return most, None


@WORLD.check("600 calls a minute are answered, and the next is 503 error_code 4", reading={"callsPerMinute": QUOTA})
def quota():
    equal(QUOTA, 600)
    count, answer = granted(Reader(), 620)
    # The call for the token may count as well.
    equal(count in (599, 600), True)
    refused(answer, 503, 4)


@WORLD.check("the quota is the application's: another token of it has no calls left", reading={"callsPerMinute": 8})
def of_application():
    first, second = Reader(), Reader(["websites"])
    count, _ = granted(first, 20)
    equal(count <= 8, True)
    refused(second.get("/websites/"), 503, 4)


@WORLD.check("the minute slides: calls come back 60 s after they were made, and not at once",
             reading={"callsPerMinute": 6})
def slides():
    start = time.monotonic()
    reader = Reader()
    equal(granted(reader, 2), (2, None))
    time.sleep(8)
    late, answer = granted(reader, 9)
    refused(answer, 503, 4)
    equal(late in (3, 4), True)
    time.sleep(max(0.0, start + 61.5 - time.monotonic()))
    early, answer = granted(reader, 9)
    refused(answer, 503, 4)
    equal(early, 6 - late)


@WORLD.check("a quota that is drawn as a failure has error_code 4; an outage is 503 without JSON, an error 500")
def drawn():
    reader = Reader()
    control("faults", {"rules": [{"kind": "throttled", "target": "/websites/"}]})
    refused(reader.get("/websites/"), 503, 4)
    control("faults", {"rules": [{"kind": "outage", "target": "/websites/"}]})
    answer = reader.get("/websites/")
    equal((answer.status, answer.json), (503, None))
    control("faults", {"rules": [{"kind": "serverError", "target": "/websites/"}]})
    answer = reader.get("/websites/")
    equal((answer.status, "error" in answer.json), (500, True))
