"""Requests per window, the largest body, the longest reading (platforms.md 3.1; 3.6 point 2)."""
import http.client
import time

from checks import control, equal
from folkform.calls import WORLD, ask, data, headers, stored
from wire import call

DECLARED = WORLD.declared["limits"]


def statuses(count, address=None):
    given = headers() | ({"X-Forwarded-For": address} if address else {})
    return [ask("GET", "facebook/page/count", given=given).status for _ in range(count)]


def is_limited(answer):
    """429 has a code, a message and a status, but no details."""
    equal((answer.status, sorted(answer.json)), (429, ["code", "message", "status"]))
    equal((answer.json["code"], answer.json["status"]), ("BIZ_002", "error"))


@WORLD.check("100 requests are answered within 60 seconds, and the next is 429 BIZ_002 without details",
             limits={"requests": DECLARED["requests"]})
def hundred():
    equal((DECLARED["requests"], DECLARED["windowSeconds"]), (100, 60))
    equal(set(statuses(100)), {200})
    is_limited(ask("GET", "facebook/page/count"))
    is_limited(ask("POST", "facebook/page/insert-one", {"pageId": "1101"}))
    control("settings", {"limits": {"requests": 0}})
    equal(stored("facebook/page"), 0)


@WORLD.check("the window is fixed: it ends as a whole, however late the calls in it were",
             limits={"requests": 4, "windowSeconds": 2})
def window():
    start = time.monotonic()
    equal(statuses(1), [200])
    time.sleep(1.4)
    equal(statuses(4), [200] * 3 + [429])
    time.sleep(max(0.0, start + 2.2 - time.monotonic()))
    equal(statuses(5), [200] * 4 + [429])


@WORLD.check("health and OPTIONS are not counted and always answered", limits={"requests": 2})
def exempt():
    for _ in range(4):
        equal(call("GET", "/health").status, 200)
        equal(call("OPTIONS", "/api/v1/facebook/page/find").status < 300, True)
    equal(statuses(3), [200, 200, 429])
    equal(call("GET", "/health").status, 200)
    equal(call("OPTIONS", "/api/v1/facebook/page/find").status < 300, True)


@WORLD.check("clients are counted by their address", limits={"requests": 2})
def addresses():
    # As a proxy before the server tells it: a sandbox sees no other.
    for address in ("198.51.100.1", "198.51.100.2", None):
        equal(statuses(3, address), [200, 200, 429])


@WORLD.check("a body of 10 MB is taken, a byte more is 413 and writes nothing")
def body_size():
    equal(DECLARED["bodyBytes"], 10 * 1024 * 1024)
    frame = b'{"pageId":"1101","panCakeData":{"text":"%s"}}'
    room = DECLARED["bodyBytes"] - len(frame) + 2
    equal(ask("POST", "facebook/page/insert-one", frame % (b"x" * (room + 1))).status, 413)
    equal(stored("facebook/page"), 0)
    data(ask("POST", "facebook/page/insert-one", frame % (b"x" * room)))


@WORLD.check("a request that the server gave up reading is answered late or not, and writes nothing",
             limits={"readTimeoutSeconds": 1})
def read_timeout():
    equal(DECLARED["readTimeoutSeconds"], 15)
    control("faults", {"rules": [{"kind": "readTimeout", "target": "insert-one"}]})
    start = time.monotonic()
    try:
        status = ask("POST", "facebook/page/insert-one", {"pageId": "1101"}, headers()).status
    except (http.client.HTTPException, OSError):
        status = 0
    equal((status in (0, 408), time.monotonic() - start >= 1), (True, True))
    equal(stored("facebook/page"), 0)
