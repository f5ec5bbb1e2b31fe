"""Speaks to the sandbox of Boostiny as platforms.md 5.1 and 5.3 say, with nothing of ours in between."""
import datetime
from decimal import Decimal

import checks
import wire
from checks import control, credential, equal

CAMPAIGNS, COUPONS = "/publisher/campaigns", "/publisher/coupons"
PERFORMANCE, LINKS = "/publisher/performance", "/publisher/link-performance"
REPORT = "/reports/link-performance/data"
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
RATES = ("orders", "revenue", "sales_amount", "sales_amount_usd", "aov_usd")
NUMBERS = [f"{net}{name}" for name in RATES for net in ("", "net_")] + [f"{name}_cancellation_rate" for name in RATES]
SUMMARY = ["full_count", "orders", "net_orders", "revenue", "net_revenue", "sales_amount_usd", "net_sales_amount_usd",
           "aov_usd"]
ROW = ["full_count", "campaign_id", "campaign_name", "campaign_logo", "automation", "last_updated_at", "code",
       "code_id", *NUMBERS]
KEY = credential("key")

# The demo world as it was at the start, and without what makes a walk slow: each check begins in the latter.
usual, plain = {}, {}


def connect(address):
    checks.connect(address)
    usual.update(control("world"))
    plain.update(usual | {"latency": {"base": 0, "jitter": 0, "row": 0}})
    plain["limits"] = usual["limits"] | {"mostInFlight": 0, "perMinute": 0}


class Answer(wire.Answer):
    number = Decimal

    @property
    def payload(self):
        if self.status != 200:
            raise AssertionError(f"{self.status} {self.text[:300]}")
        equal(list(self.json), ["payload"])
        return self.json["payload"]


def get(path, key=KEY, method="GET", **query):
    headers = {"Accept": "application/json"} | ({} if key is None else {"Authorization": key})
    return wire.call(method, path, query, headers=headers, timeout=20, kind=Answer)


def fresh(**changes):
    """The demo world again, without latency and detector, with these settings changed."""
    control("world", wire.merged(plain, changes))


def fault(kind, **rule):
    control("faults", {"rules": [{"kind": kind, **rule}]})


def everything(path, limit=1000, **query):
    """All rows in pages of `limit`, while there are more."""
    rows, number = [], 1
    while True:
        page = get(path, page=number, limit=limit, **query).payload
        rows += page["data"]
        paging = page["pagination"]
        equal((paging["currentPage"], paging["perPage"]), (number, limit))
        if number * limit >= paging["total"]:
            equal(len(rows), paging["total"])
            return rows
        number += 1


def ago(days):
    return TODAY - datetime.timedelta(days=days)


def window(first, last):
    """Days from `first` to `last` days ago."""
    return {"from": str(ago(first)), "to": str(ago(last))}


def total(rows, name):
    return sum(Decimal(row[name]) for row in rows)


def refused(answer, status):
    """The text of an error, which stands under payload.errors.message."""
    equal(answer.status, status)
    message = answer.json["payload"]["errors"]["message"]
    equal(isinstance(message, str) and message != "", True)
    return message


def sums(first, last, at=None):
    asked = f"from={ago(first)}&to={ago(last)}" + (f"&at={at}" if at else "")
    return control(f"sums?{asked}")


def moment(day):
    """Noon of a day in seconds."""
    return int(datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc).timestamp())


def near(got, wanted, most):
    equal((got, wanted, abs(Decimal(got) - wanted) <= Decimal(most)), (got, wanted, True))
