"""Pages, order and parameters (platforms.md 4.3; 4.8 points 3, 4 and 5)."""
from admitad_walk.calls import ACTIONS, PAST, WORLD, Reader, day, ids, incorrect, moment, now, number, second
from checks import control, equal


@WORLD.check("a page has 20 rows unless asked for 1 to 500; what is outside of that is 20 without a word")
def limits():
    reader = Reader()
    for limit, wanted in ((None, 20), (1, 1), (499, 499), (500, 500), (501, 20), (0, 20), (-3, 20), (9999, 20)):
        query = {} if limit is None else {"limit": limit}
        rows, meta = reader.page(ACTIONS, **query)
        equal((limit, len(rows), meta["limit"], meta["offset"]), (limit, wanted, wanted, 0))
    equal(reader.page(ACTIONS, limit="many")[1]["limit"], 20)


@WORLD.check("pages by offset hold every row once, and behind the last there is an empty one")
def offsets():
    reader = Reader()
    query = {"date_end": day(now() - 3 * PAST), "order_by": "datetime"}
    found, count = [], reader.count(ACTIONS, **query)
    for offset in range(0, count, 500):
        rows, meta = reader.page(ACTIONS, limit=500, offset=offset, **query)
        equal((meta["count"], meta["offset"], len(rows)), (count, offset, min(500, count - offset)))
        found += rows
    equal((len(found), len(set(ids(found)))), (count, count))
    equal(reader.page(ACTIONS, limit=500, offset=count, **query), ([], {"count": count, "limit": 500, "offset": count}))


@WORLD.check("the rows are those that the oracle knows")
def oracle():
    reader = Reader()
    first, last = now() - 40 * PAST, now() - 10 * PAST
    found = reader.all(ACTIONS, date_start=day(first), date_end=day(last))
    equal(sorted(ids(found)), control(f"ids?from={first.date()}&to={last.date()}"))
    equal({moment(row["action_date"]).date() for row in found} <= {
        (first + n * PAST).date() for n in range(31)}, True)


@WORLD.check("order_by may be repeated, and - turns it round")
def order():
    reader = Reader()
    window = {"date_start": day(now() - 20 * PAST), "date_end": day(now() - 10 * PAST)}
    up = [moment(row["action_date"]) for row in reader.all(ACTIONS, order_by="datetime", **window)]
    down = [moment(row["action_date"]) for row in reader.all(ACTIONS, order_by="-datetime", **window)]
    equal((up, down), (sorted(up), sorted(up, reverse=True)))
    rows = reader.all(ACTIONS, order_by=["campaign", "-datetime"], **window)
    for first, then in zip(rows, rows[1:]):
        if first["advcampaign_id"] == then["advcampaign_id"]:
            equal(moment(first["action_date"]) >= moment(then["action_date"]), True)
    # By a programme's id or its name: the sheet does not say.
    programs = [row["advcampaign_id"] for row in rows]
    blocks = [one for n, one in enumerate(programs) if n == 0 or one != programs[n - 1]]
    equal(len(blocks), len(set(programs)))


KEYS = {
    "action": "action", "banner_id": "banner_id", "cart": "cart", "click_date": "click_date",
    "conv_time": "conversion_time", "payment": "payment", "status": "status", "subid": "subid", "subid1": "subid1",
    "website": "website_id"}


@WORLD.check("the library's other orders are orders too")
def other_orders():
    reader = Reader()
    window = {"date_start": day(now() - 20 * PAST), "date_end": day(now() - 14 * PAST)}
    for name, field in KEYS.items():
        values = [row[field] for row in reader.all(ACTIONS, order_by=name, **window)]
        values = [value for value in values if value is not None]
        if field in ("cart", "payment"):
            values = [number(value) for value in values]
        if field == "click_date":
            values = [moment(value) for value in values]
        if field == "status":
            # In whatever order, but each status in one piece.
            pieces = [one for n, one in enumerate(values) if n == 0 or one != values[n - 1]]
            equal((name, len(pieces)), (name, len(set(values))))
        else:
            equal((name, values == sorted(values)), (name, True))


@WORLD.check("a repeated key finds the rows of each of its values")
def repeated():
    reader = Reader()
    window = {"date_start": day(now() - 20 * PAST), "date_end": day(now() - 10 * PAST)}
    programs = sorted({row["advcampaign_id"] for row in reader.all(ACTIONS, **window)})[:2]
    found = reader.all(ACTIONS, campaign=programs, **window)
    equal({row["advcampaign_id"] for row in found}, set(programs))
    equal(len(found), sum(reader.count(ACTIONS, campaign=one, **window) for one in programs))
    for name, values in (("status", (1, 3)), ("action_type", ("lead", "sale")), ("website", (3301, 3302))):
        counts = [reader.count(ACTIONS, **{name: value}, **window) for value in values]
        equal((name, reader.count(ACTIONS, **{name: values}, **window)), (name, sum(counts)))


@WORLD.check("parameters that nobody knows are ignored: start_date finds all there is")
def unknown_parameters():
    reader = Reader()
    whole = reader.count(ACTIONS, date_end=day(now() - 3 * PAST))
    known = reader.count(ACTIONS, date_end=day(now() - 3 * PAST), date_start=day(now() - 9 * PAST))
    wrong = reader.count(ACTIONS, date_end=day(now() - 3 * PAST), start_date=day(now() - 9 * PAST), nothing="1")
    equal((wrong, known < whole), (whole, True))


@WORLD.check("days are dd.mm.yyyy, and other forms are 400 error_code 3")
def days():
    reader = Reader()
    for name in ("date_start", "date_end", "closing_date_start", "closing_date_end"):
        equal(reader.get(ACTIONS, **{name: day(now() - 9 * PAST)}).status, 200)
        for text in (str((now() - PAST).date()), "11/30/2025", "31.02.2025", "2025.11.01", "yesterday"):
            incorrect(reader.get(ACTIONS, **{name: text}))
    for path in ("/statistics/dates/", "/statistics/campaigns/"):
        incorrect(reader.get(path, date_start="2025-11-01"))


@WORLD.check("times of status_updated are dd.mm.yyyy HH:MM:SS, and other forms are 400 error_code 3")
def times():
    reader = Reader()
    for name in ("status_updated_start", "status_updated_end"):
        equal(reader.get(ACTIONS, **{name: second(now() - PAST)}).status, 200)
        for text in ("2025-11-01 00:00:00", "01.11.2025T00:00:00", "01.11.2025 25:00:00", "1730419200"):
            incorrect(reader.get(ACTIONS, **{name: text}))


@WORLD.check("a status_updated_end in the future is refused, a minute ago is not; a switch allows it")
def future():
    reader = Reader()
    incorrect(reader.get(ACTIONS, status_updated_end=second(now() + PAST / 24)))
    equal(reader.get(ACTIONS, status_updated_end=second(now() - PAST / 1440)).status, 200)
    equal(reader.get(ACTIONS, date_end=day(now() + 9 * PAST)).status, 200)
    WORLD.fresh(reading={"refusesFuture": False})
    equal(Reader().get(ACTIONS, status_updated_end=second(now() + PAST)).status, 200)


@WORLD.check("no span is too long unless one is set")
def spans():
    window = {"date_start": "01.01.2015", "date_end": day(now())}
    equal(Reader().get(ACTIONS, **window).status, 200)
    WORLD.fresh(reading={"mostDays": 31})
    reader = Reader()
    incorrect(reader.get(ACTIONS, **window))
    equal(reader.get(ACTIONS, date_start=day(now() - 20 * PAST), date_end=day(now())).status, 200)


@WORLD.check("conversions that come in between pages are found by the order of time and by their ids",
             reading={"insertsAfterPages": 1})
def inserted():
    reader = Reader()
    query = {"date_start": day(now() - 60 * PAST), "order_by": "datetime", "limit": 100}
    first = reader.page(ACTIONS, offset=0, **query)[1]["count"]
    found, offset = [], 0
    while True:
        rows, meta = reader.page(ACTIONS, offset=offset, **query)
        found += rows
        offset += len(rows)
        if offset >= meta["count"] or not rows:
            break
    equal((meta["count"] > first, len(set(ids(found))) >= first), (True, True))


@WORLD.check("pages are shorter than asked for, or empty, before the end when drawn so")
def short():
    reader = Reader()
    whole = reader.count(ACTIONS)
    for kind in ("shortPage", "emptyPage"):
        control("faults", {"rules": [{"kind": kind, "target": ACTIONS}]})
        rows, meta = reader.page(ACTIONS, limit=500)
        equal((len(rows) < 500, kind == "shortPage" or not rows), (True, True))
        equal(meta["count"] >= whole, True)
