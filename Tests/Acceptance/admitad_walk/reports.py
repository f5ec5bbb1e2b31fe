"""Reports that add up conversions (platforms.md 4.5; 4.8 point 6)."""
import re

from admitad_walk.calls import ACTIONS, PAST, WORLD, Reader, day, moment, now, number
from checks import equal, filled

WINDOW = {"date_start": day(now() - 70 * PAST), "date_end": day(now() - 5 * PAST)}
METRICS = {"clicks", "cr", "ecpc", "leads_sum", "sales_sum", "currency"}
MONEY = ("payment_sum_open", "payment_sum_approved", "payment_sum_declined")

# Address, the field that tells rows apart, and its value for a conversion.
REPORTS = [
    ("websites", "website_id", lambda row: str(row["website_id"])),
    ("campaigns", "advcampaign_id", lambda row: row["advcampaign_id"]),
    ("dates", "date", lambda row: str(moment(row["action_date"]).date())),
    ("sub_ids", "subid", lambda row: row["subid"]),
    ("sub_ids1", "subid1", lambda row: row["subid1"]),
    ("sub_ids2", "subid2", lambda row: row["subid2"]),
    ("sub_ids3", "subid3", lambda row: row["subid3"]),
    ("sub_ids4", "subid4", lambda row: row["subid4"]),
    ("keywords", "keyword", lambda row: row["keyword"]),
]


def column(status):
    return {"declined": MONEY[2], "pending": MONEY[0]}.get(status, MONEY[1])


def added(rows, key):
    """Sums by key and currency of conversions, as a report must have them; stalled ones are approved."""
    found = {}
    for row in filled(rows):
        one = found.setdefault((key(row), row["currency"]), dict.fromkeys((*MONEY, "leads_sum", "sales_sum"), 0))
        one[column(row["status"])] += number(row["payment"])
        one["leads_sum" if row["action_type"] == "lead" else "sales_sum"] += 1
    return found


def reported(rows, field):
    found = {
        (row[field], row["currency"]): {
            **{name: number(row[name]) for name in MONEY}, "leads_sum": row["leads_sum"],
            "sales_sum": row["sales_sum"]}
        for row in rows}
    equal(len(found), len(rows))
    return found


def differing(got, wanted):
    """Keys that have other sums; what has no conversions at all may be there or not."""
    empty = dict.fromkeys((*MONEY, "leads_sum", "sales_sum"), 0)
    return [key for key in got.keys() | wanted.keys() if got.get(key, empty) != wanted.get(key, empty)]


@WORLD.check("reports by website, programme, day, sub id and keyword add up the conversions, a row per currency")
def cross_checks():
    reader = Reader()
    rows = reader.all(ACTIONS, **WINDOW)
    for name, field, key in REPORTS:
        report = reader.all(f"/statistics/{name}/", **WINDOW)
        equal((name, METRICS - report[0].keys()), (name, set()))
        equal((name, differing(reported(report, field), added(rows, key))[:3]), (name, []))


@WORLD.check("reports by month and by source add up to the conversions")
def months_and_sources():
    reader = Reader()
    rows = reader.all(ACTIONS, **WINDOW)
    wanted = sum(number(row["payment"]) for row in rows)
    for name in ("months", "sources"):
        report = reader.all(f"/statistics/{name}/", **WINDOW)
        equal((name, sum(number(row[field]) for row in report for field in MONEY)), (name, wanted))
        equal(sum(row["leads_sum"] + row["sales_sum"] for row in report), len(rows))


@WORLD.check("a website's row has its id as a string, name, views, clicks, ratios, sums and currency")
def website_row():
    wanted = METRICS | {*MONEY, "website_id", "website_name", "views", "ctr", "ecpm"}
    for row in filled(Reader().all("/statistics/websites/", **WINDOW)):
        equal((wanted - row.keys(), type(row["website_id"])), (set(), str))


@WORLD.check("a programme's row has its id and name, a day's its date, a sub id's the sub id")
def other_rows():
    reader = Reader()
    for row in filled(reader.all("/statistics/campaigns/", **WINDOW)):
        equal(({"advcampaign_id", "advcampaign_name", *MONEY} | METRICS) - row.keys(), set())
    for row in filled(reader.all("/statistics/dates/", **WINDOW)):
        equal(bool(re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"])), True)
    for row in filled(reader.all("/statistics/sub_ids/", **WINDOW)):
        equal((METRICS | {*MONEY, "subid"}) - row.keys(), set())


@WORLD.check("reports are filtered by website, programme and sub id, and ordered")
def filters():
    reader = Reader()
    rows = reader.all(ACTIONS, **WINDOW)
    some = next(row for row in rows if row["subid"])
    for name, field in (("website", "website_id"), ("campaign", "advcampaign_id"), ("subid", "subid")):
        report = reader.all("/statistics/dates/", **{name: some[field]}, **WINDOW)
        wanted = sum(number(row["payment"]) for row in rows if row[field] == some[field])
        equal((name, sum(number(row[one]) for row in report for one in MONEY)), (name, wanted))
    dates = [row["date"] for row in reader.all("/statistics/dates/", order_by="-date", **WINDOW)]
    equal(dates, sorted(dates, reverse=True))


@WORLD.check("total=1 adds a report up")
def total():
    reader = Reader()
    for name, _, _ in REPORTS:
        path = f"/statistics/{name}/"
        whole = sum(number(row[field]) for row in reader.all(path, **WINDOW) for field in MONEY)
        sums = reader.one(path, total=1, **WINDOW)["results"]
        equal((name, sum(number(row[field]) for row in sums for field in MONEY)), (name, whole))
        currencies = [row["currency"] for row in sums]
        equal(len(currencies), len(set(currencies)))


@WORLD.check("reports page like lists")
def pages():
    reader = Reader()
    whole = reader.all("/statistics/dates/", order_by="date", **WINDOW)
    rows, meta = reader.page("/statistics/dates/", order_by="date", limit=7, offset=14, **WINDOW)
    equal((rows, meta), (whole[14:21], {"count": len(whole), "limit": 7, "offset": 14}))
    equal(len(reader.rows("/statistics/dates/", limit=501, **WINDOW)), 20)
