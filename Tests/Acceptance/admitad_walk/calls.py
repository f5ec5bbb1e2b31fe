"""Calls of Admitad and what every part of the walk looks at."""
import base64
import datetime
import decimal
import re
import time

import checks
from checks import equal
from wire import World, call

CLIENT, SECRET = checks.credential("client_id"), checks.credential("client_secret")

# Answers come at once, calls are not counted, and there is half a year of conversions, unless a check says otherwise.
WORLD = World(latency={"base": 0, "jitter": 0}, reading={"callsPerMinute": 0}, actions={"days": 180})
SCOPES = WORLD.original["auth"]["scopes"]
ACTIONS = "/statistics/actions/"
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
PAST = datetime.timedelta(days=1)


def basic(secret=SECRET):
    given = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


def ask_token(scopes=SCOPES, headers=None, **changes):
    """POST /token/ for client credentials."""
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "scope": " ".join(scopes), **changes}
    return call("POST", "/token/", form=form, headers=basic() if headers is None else headers)


def ask_refresh(refresh, **changes):
    form = {
        "grant_type": "refresh_token", "client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh,
        **changes}
    return call("POST", "/token/", form=form)


def minted(scopes=SCOPES):
    answer = ask_token(scopes)
    equal(answer.status, 200)
    return answer.json["access_token"]


class Reader:
    """Calls with a token of its own."""

    def __init__(self, scopes=SCOPES):
        self.token = minted(scopes)

    def get(self, path, method="GET", **query):
        return call(method, path, query, headers={"Authorization": f"Bearer {self.token}"})

    def page(self, path, **query):
        """`results` and `_meta`, which are all there is."""
        answer = self.get(path, **query)
        equal((answer.status, sorted(answer.json or {})), (200, ["_meta", "results"]))
        equal(sorted(answer.json["_meta"]), ["count", "limit", "offset"])
        return answer.json["results"], answer.json["_meta"]

    def rows(self, path, **query):
        return self.page(path, **query)[0]

    def count(self, path, **query):
        return self.page(path, limit=1, **query)[1]["count"]

    def all(self, path, **query):
        """All rows in pages of 500."""
        found = []
        while True:
            rows, meta = self.page(path, limit=500, offset=len(found), **query)
            found += rows
            if not rows or len(found) >= meta["count"]:
                return found

    def one(self, path, **query):
        answer = self.get(path, **query)
        equal((answer.status, type(answer.json)), (200, dict))
        return answer.json


def refused(answer, status, code):
    """An error has a word, a sentence and a code; one of the token has the header that says so."""
    equal((answer.status, (answer.json or {}).get("error_code")), (status, code))
    equal(sorted(answer.json), ["error", "error_code", "error_description"])
    if status in (401, 403) and code in (0, 1, 2):
        equal((answer.headers["WWW-Authenticate"] or "").startswith("Bearer"), True)


def incorrect(answer):
    refused(answer, 400, 3)


def number(value):
    """A number, a numeric string, or nothing for null."""
    return decimal.Decimal(0) if value is None else decimal.Decimal(str(value))


def moment(text):
    return datetime.datetime.fromisoformat(" ".join(TIME.fullmatch(text).groups()))


def now():
    """The platform's clock."""
    ahead = WORLD.original["actions"]["utcOffset"]
    return datetime.datetime.fromtimestamp(time.time() + ahead, datetime.timezone.utc).replace(tzinfo=None)


def day(when):
    return when.strftime("%d.%m.%Y")


def second(when):
    return when.strftime("%d.%m.%Y %H:%M:%S")


def ids(rows, key="action_id"):
    return [row[key] for row in rows]
