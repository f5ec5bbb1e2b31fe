"""Rows of the feed of conversions and its filters (platforms.md 4.4; 4.8 point 5)."""
import numbers

from admitad_walk.calls import ACTIONS, PAST, TIME, WORLD, Reader, day, ids, moment, now, number, second
from checks import each, equal, filled

FIELDS = {
    "action_id", "status", "action", "action_type", "advcampaign_id", "advcampaign_name", "website_id",
    "website_name", "order_id", "cart", "payment", "currency", "promocode", "action_date", "click_date",
    "closing_date", "status_updated", "conversion_time", "processed", "paid", "tariff_id", "banner_id", "comment",
    "keyword", "click_user_referer", "subid", "subid1", "subid2", "subid3", "subid4", "positions",
}
STATUSES = {"pending", "approved", "declined", "approved_but_stalled"}


def window(first=120, last=3):
    return {"date_start": day(now() - first * PAST), "date_end": day(now() - last * PAST)}


@WORLD.check("a conversion has the sheet's fields and no others, and a surprise only when it is set")
def fields():
    rows = Reader().all(ACTIONS, **window(20))
    equal({frozenset(row) for row in rows}, {frozenset(FIELDS)})
    equal({type(row["action_id"]) for row in rows}, {int})
    equal({row["status"] for row in rows} <= STATUSES, True)
    equal({row["action_type"] for row in rows}, {"sale", "lead"})
    WORLD.fresh(reading={"surpriseField": "new_field"})
    equal("new_field" in Reader().rows(ACTIONS, limit=1)[0], True)


@WORLD.check("all four statuses occur, and another one when it is set")
def statuses():
    reader = Reader()
    equal({row["status"] for row in reader.all(ACTIONS, **window())}, STATUSES)
    WORLD.fresh(actions={"oddStatuses": 1000})
    equal({row["status"] for row in Reader().all(ACTIONS, **window())} - STATUSES, {"on_hold"})


@WORLD.check("cart and payment are numbers, numeric strings or null, in several currencies")
def money():
    rows = Reader().all(ACTIONS, **window())
    for field in ("cart", "payment"):
        values = [row[field] for row in rows]
        kinds = {
            "null" if value is None else "number" if isinstance(value, numbers.Number) else "text"
            for value in values}
        equal((field, kinds), (field, {"null", "number", "text"}))
        equal(min(number(value) for value in values) >= 0, True)
    equal(len({row["currency"] for row in rows}) > 1, True)
    equal(all(number(row["payment"]) <= number(row["cart"]) for row in rows if row["cart"] is not None
              and row["action_type"] == "sale"), True)


@WORLD.check("times have a space or a T, and nothing of a zone")
def times():
    rows = Reader().all(ACTIONS, **window())
    names = ("action_date", "click_date", "closing_date", "status_updated")
    texts = [row[name] for row in rows for name in names if row[name] is not None]
    equal([text for text in texts if not TIME.fullmatch(text)], [])
    equal({text[10] for text in texts}, {" ", "T"})


@WORLD.check("a conversion is clicked, made, changed; conversion_time is between the first two")
def order_of_times():
    for row in filled(Reader().all(ACTIONS, **window())):
        click, made, changed = (moment(row[name]) for name in ("click_date", "action_date", "status_updated"))
        equal((click <= made <= changed <= now(), made < moment(row["closing_date"])), (True, True))
        equal(row["conversion_time"], int((made - click).total_seconds()))


@WORLD.check("declined conversions tell why, and only what is approved is paid")
def reasons():
    rows = Reader().all(ACTIONS, **window())
    each(row["comment"] for row in rows if row["status"] == "declined")
    equal({row["status"] for row in rows if row["paid"]}, {"approved"})
    equal({(row["processed"], row["paid"]) for row in rows} <= {(0, 0), (1, 0), (1, 1)}, True)
    equal({row["processed"] for row in rows if row["status"] == "pending"}, {0})


def found_by(name, value, is_found):
    """The filter finds exactly the rows of the whole window for which that holds."""
    reader = Reader()
    whole = reader.all(ACTIONS, **window(60))
    wanted = [row["action_id"] for row in whole if is_found(row)]
    found = ids(reader.all(ACTIONS, **{name: value}, **window(60)))
    equal((name, len(found), sorted(found) == sorted(wanted)), (name, len(wanted), True))
    equal((name, 0 < len(found) < len(whole)), (name, True))


@WORLD.check("filters by website, programme, action and its type, its id, keyword and sub ids")
def filters():
    row = next(row for row in Reader().all(ACTIONS, **window(60)) if row["keyword"] and row["subid1"])
    for name, field in (
            ("website", "website_id"), ("campaign", "advcampaign_id"), ("action_type", "action_type"),
            ("action_id", "action_id"), ("keyword", "keyword"), ("subid", "subid"), ("subid1", "subid1")):
        WORLD.fresh()
        found_by(name, row[field], lambda one: one[field] == row[field])  # noqa: B023


@WORLD.check("filters by sub ids that no conversion has find none")
def other_sub_ids():
    reader = Reader()
    for name in ("subid2", "subid3", "subid4"):
        equal(reader.count(ACTIONS, **{name: "nothing"}), 0)


@WORLD.check("filters by status are numbers: 1 pending, 2 approved, 3 declined")
def by_status():
    for value, words in ((1, {"pending"}), (2, {"approved", "approved_but_stalled"}), (3, {"declined"})):
        found_by("status", value, lambda row: row["status"] in words)  # noqa: B023


@WORLD.check("what a number of the filter means can be set", actions={"statusNumbers": {
    "pending": 3, "approved": 1, "declined": 2, "approved_but_stalled": 1}})
def other_numbers():
    found_by("status", 3, lambda row: row["status"] == "pending")
    found_by("status", 2, lambda row: row["status"] == "declined")


@WORLD.check("filters by processed and by paid")
def flags():
    for name in ("processed", "paid"):
        for value in (0, 1):
            found_by(name, value, lambda row: row[name] == value)  # noqa: B023


@WORLD.check("the filter by source divides the conversions")
def sources():
    reader = Reader()
    counts = [reader.count(ACTIONS, source=source, **window(60)) for source in ("g", "y")]
    equal(min(counts) > 0 and sum(counts) <= reader.count(ACTIONS, **window(60)), True)


@WORLD.check("filters by days of the closing and by seconds of the last change")
def by_time():
    start, end = now() - 30 * PAST, now() - 20 * PAST
    reader = Reader()
    whole = reader.all(ACTIONS, date_start=day(now() - 150 * PAST), date_end=day(now() - 3 * PAST))
    base = {"date_start": day(now() - 150 * PAST), "date_end": day(now() - 3 * PAST)}
    found = reader.all(ACTIONS, closing_date_start=day(start), closing_date_end=day(end), **base)
    wanted = [row for row in whole if start.date() <= moment(row["closing_date"]).date() <= end.date()]
    equal((sorted(ids(found)), len(found) > 0), (sorted(ids(wanted)), True))
    found = reader.all(ACTIONS, status_updated_start=second(start), status_updated_end=second(end), **base)
    start, end = start.replace(microsecond=0), end.replace(microsecond=0)
    wanted = [row for row in whole if start <= moment(row["status_updated"]) <= end]
    equal((sorted(ids(found)), len(found) > 0), (sorted(ids(wanted)), True))


@WORLD.check("total=1 gives sums and no conversions")
def total():
    reader = Reader()
    rows = reader.all(ACTIONS, **window(60))
    sums = reader.one(ACTIONS, total=1, **window(60))["results"]
    equal([row for row in sums if "action_id" in row], [])
    names = ("payment_sum_open", "payment_sum_approved", "payment_sum_declined")
    equal(sum(number(row[name]) for row in sums for name in names), sum(number(row["payment"]) for row in rows))
