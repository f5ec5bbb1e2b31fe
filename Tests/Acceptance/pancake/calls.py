"""Calls of Pancake and what every part of the walk looks at."""
import datetime
import re
import urllib.parse

import checks
from checks import control, equal
from wire import World, call

USER = checks.credential("token")

# Nothing moves but by our hand, and calls are not counted, unless a check says otherwise.
WORLD = World(
    latency={"base": 0, "jitter": 0}, traffic={"messagesPerHour": 0}, reading={"callsPerSecond": 0},
    webhooks={"isOn": False})
PAGE, OTHER = "1101", "1102"
V1, V2 = "/api/public_api/v1", "/api/public_api/v2"
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z?")
DAY = 86_400
# A few long conversations.
LONG = [{**page, "conversations": 12, "messages": 80} for page in WORLD.original["pages"]]


def user(method, path, token=USER, **more):
    return call(method, f"/api/v1/{path}", {"access_token": token, **more})


def renewed(page=PAGE):
    """A new token of the page, which ends the one before it."""
    answer = user("POST", f"pages/{page}/generate_page_access_token")
    equal((answer.status, answer.json["success"], sorted(answer.json)), (200, True, ["page_access_token", "success"]))
    return answer.json["page_access_token"]


def current(page=PAGE):
    """The token that the page has, by the oracle."""
    return control(f"token?page={page}")["page_access_token"]


def paged(method, path, page=PAGE, token=None, base=V1, body=None, **query):
    return call(method, f"{base}/pages/{page}/{path}", {"page_access_token": token or current(page), **query}, body)


def rows(answer, key):
    equal((answer.status, answer.json.get("success"), answer.json.get("error_code")), (200, True, None))
    return answer.json[key]


def listing(page=PAGE, **query):
    return rows(paged("GET", "conversations", page, base=V2, **query), "conversations")


def scan(page=PAGE, **query):
    """All pages of the list of conversations: each goes on behind the last row of the one before; empty is the end."""
    pages = [listing(page, **query)]
    while pages[-1]:
        pages.append(listing(page, last_conversation_id=pages[-1][-1]["id"], **query))
    return pages[:-1]


def every(page=PAGE, **query):
    return [row for found in scan(page, **query) for row in found]


def messages(conversation, page=PAGE, **query):
    path = f"conversations/{conversation}/messages"
    return rows(paged("GET", path, page, **query), "messages")


def all_messages(conversation, page=PAGE, step=30, **query):
    """Every answer of up to 30 messages, until one is empty."""
    answers, skipped = [], 0
    while True:
        found = messages(conversation, page, current_count=skipped, **query)
        if not found:
            return answers
        answers.append(found)
        skipped += min(step, len(found))


def instant(text):
    """Microseconds since 1970 of a naive time in UTC."""
    stamp, fraction = TIME.fullmatch(text).groups()
    seconds = datetime.datetime.fromisoformat(stamp).replace(tzinfo=datetime.timezone.utc).timestamp()
    return int(seconds) * 1_000_000 + int((fraction or "0").ljust(6, "0"))


def ids(found):
    return [row["id"] for row in found]


def is_sorted(found, key="updated_at"):
    """The newest first, by the second: some times lack their fraction."""
    times = [instant(row[key]) // 1_000_000 for row in found]
    return times == sorted(times, reverse=True)


def switch(name, page, conversation, **query):
    given = urllib.parse.urlencode({"page": page, "conversation": conversation, **query})
    return control(f"{name}?{given}", {})


def refused(answer, code, status=200):
    """An error has a code and a message beside `success`, and comes with 200 unless told otherwise."""
    equal((answer.status, answer.json.get("success"), answer.json.get("error_code")), (status, False, code))
    equal(sorted(answer.json), ["error_code", "message", "success"])
    equal(isinstance(answer.json["message"], str), True)


def failed(answer):
    """`success` is false, whatever the code is."""
    equal((answer.status, answer.json["success"]), (200, False))


def large():
    """A conversation with more than two answers of messages, in a world of LONG ones."""
    return next(row["id"] for row in every() if row["message_count"] > 75)
