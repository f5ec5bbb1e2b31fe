"""Calls per second, and events that Pancake would post (platforms.md 2.6; 2.7 points 4 and 8)."""
import time

from checks import control, equal, filled
from pancake.calls import OTHER, PAGE, V1, V2, WORLD, current, listing, paged, switch, user

FIVE = {"callsPerSecond": WORLD.declared["reading"]["callsPerSecond"]}
TOO_MANY = {"message": "Too many requests", "success": False, "error_code": 429}


def statuses(count, page=PAGE):
    """Statuses of calls by turns of all kinds that belong to one page."""
    token = current(page)
    kinds = [(V1, "tags"), (V2, "conversations"), (V1, "conversations/x/messages")]
    return [paged("GET", kinds[n % 3][1], page, token=token, base=kinds[n % 3][0]).status for n in range(count)]


@WORLD.check("the demo world has the documented limit: 5 calls per second and page", reading=FIVE)
def five():
    equal(FIVE["callsPerSecond"], 5)
    equal(statuses(6), [200] * 5 + [429])


@WORLD.check("a call too many is HTTP 429 with error_code 429, and nothing says for how long", reading=FIVE)
def too_many():
    token = current()
    answer = [paged("GET", "tags", token=token) for _ in range(6)][-1]
    equal((answer.status, answer.json, answer.headers["Retry-After"]), (429, TOO_MANY, None))


@WORLD.check("pages are counted apart, and the user API is not counted to any", reading=FIVE)
def apart():
    equal(statuses(6), [200] * 5 + [429])
    equal(statuses(6, OTHER), [200] * 5 + [429])
    equal([user("GET", "pages").status for _ in range(12)], [200] * 12)


@WORLD.check("the second slides: what was called within the last 1000 ms counts", reading=FIVE)
def slides():
    start = time.monotonic()
    equal(statuses(3), [200] * 3)
    time.sleep(0.7)
    equal(statuses(2), [200] * 2)
    time.sleep(max(0.0, start + 1.15 - time.monotonic()))
    equal(statuses(4), [200] * 3 + [429])
    time.sleep(1.1)
    equal(statuses(5), [200] * 5)


@WORLD.check("429 is drawn as a failure too, though nobody called too often")
def drawn():
    control("faults", {"rules": [{"kind": "throttled", "target": "conversations"}]})
    answer = paged("GET", "conversations", base=V2)
    equal((answer.status, answer.json), (429, TOO_MANY))


def events(count, **webhooks):
    """Events of so many new messages, in a world with those settings; and the ids of the messages in their order."""
    WORLD.fresh(webhooks={"isOn": True, **webhooks})
    row = listing()[0]
    for _ in range(count):
        switch("message", PAGE, row["id"])
    found, conversation = [], row["id"]
    while part := control("webhooks?take=50", {})["events"]:
        found += part
    return found, control(f"messages?page={PAGE}")[conversation][-count:], conversation


def of_messages(found):
    return [event["data"]["message"]["id"] for event in found if event["event_type"] == "messaging"]


@WORLD.check("without webhooks there are no events")
def no_events():
    switch("message", PAGE, listing()[0]["id"])
    equal(control("webhooks?take=50", {})["events"], [])


@WORLD.check("a message is an event with page_id, event_type and data")
def event():
    found, known, conversation = events(20, duplicates=0, reordered=0)
    equal(of_messages(found), known)
    for one in filled(found):
        equal((sorted(one), one["page_id"]), (["data", "event_type", "page_id"], PAGE))
        equal(one["event_type"] in ("messaging", "conversation", "post", "subscription", "connect_status"), True)
        equal(set(one["data"]) <= {"conversation", "message", "post"}, True)
        equal(one["data"]["conversation"]["id"], conversation)


@WORLD.check("events come twice, and in another order")
def twice_and_mixed():
    found, known, _ = events(20, duplicates=1000, reordered=0)
    equal(sorted(of_messages(found)), sorted(known * 2))
    found, known, _ = events(20, duplicates=0, reordered=1000)
    equal((sorted(of_messages(found)), of_messages(found) == known), (sorted(known), False))


@WORLD.check("webhooks are suspended with more than 80 % of errors and at least 300 of them")
def suspended():
    for delivered, failures, wanted in ((0, 299, False), (75, 300, False), (74, 300, True), (0, 300, True)):
        WORLD.fresh(webhooks={"isOn": True, "duplicates": 0, "reordered": 0})
        control(f"webhooks/outcome?ok={delivered}&failed={failures}", {})
        equal((delivered, failures, control("webhooks")["suspended"]), (delivered, failures, wanted))
        switch("message", PAGE, listing()[0]["id"])
        equal(len(control("webhooks?take=50", {})["events"]), 0 if wanted else 1)
