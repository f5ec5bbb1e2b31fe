"""The burst detector (platforms.md 5.6, 5.7.3)."""
import re
import threading
import time

from checks import check, control, equal

from .client import CAMPAIGNS, COUPONS, PERFORMANCE, fault, fresh, get, refused, usual, window


def locked(answer):
    """The text and the seconds of a lock-out."""
    message = refused(answer, 429)
    equal(re.search(r"Retry after \d+ minutes?", message) is not None, True)
    return int(answer.headers["Retry-After"])


@check("more than ten calls a minute lock the key for ten minutes, all of its calls")
def burst():
    fresh(limits=usual["limits"])
    equal([get(CAMPAIGNS).status for _ in range(10)], [200] * 10)
    equal(590 <= locked(get(CAMPAIGNS)) <= 600, True)
    for path in (COUPONS, PERFORMANCE, CAMPAIGNS):
        equal(590 <= locked(get(path, **window(3, 2))) <= 600, True)
    equal(590 <= control("blocked")["key"] <= 600, True)
    control("unlock", {})
    equal((get(CAMPAIGNS).status, control("blocked")), (200, {}))


@check("two calls at the same time lock the key")
def concurrent():
    fresh(limits=usual["limits"], latency={"base": 500000})
    answers = []
    workers = [threading.Thread(target=lambda: answers.append(get(CAMPAIGNS))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    equal(429 in {answer.status for answer in answers}, True)
    locked(get(CAMPAIGNS))


@check("calls one after the other are fine, whatever they take")
def sequential():
    fresh(limits={"mostInFlight": 1, "perMinute": 0}, latency={"base": 20000})
    equal({get(CAMPAIGNS).status for _ in range(15)}, {200})


@check("a lock-out ends by itself, and its length is a setting")
def lock_ends():
    fresh(limits={"perMinute": 2, "lockSeconds": 2})
    equal([get(CAMPAIGNS).status for _ in range(3)], [200, 200, 429])
    equal(locked(get(CAMPAIGNS)) <= 2, True)
    time.sleep(2.2)
    equal(control("blocked"), {})


@check("a lock-out may come without a reason")
def lock_fault():
    fresh()
    fault("lock", times=1)
    locked(get(CAMPAIGNS))
    locked(get(COUPONS))
