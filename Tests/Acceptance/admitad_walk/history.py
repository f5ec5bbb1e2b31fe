"""What happens to conversions in the course of time (platforms.md 4.2, 4.4; 4.8 point 4)."""
import datetime
import time

from admitad_walk.calls import ACTIONS, PAST, WORLD, Reader, day, ids, moment, now, number, second
from checks import control, equal, filled
from wire import merged

AT_ONCE = {"shownAfter": 0, "shownBefore": 0}


def clock(at):
    """Seconds since 1970."""
    return int(at.replace(tzinfo=datetime.timezone.utc).timestamp())


def sums(first, last, at):
    """Conversions of days, by status, as they were shown at a moment."""
    found = control(f"actions?from={first.date()}&to={last.date()}&at={clock(at)}")
    counts = {}
    for one in found.values():
        for status, by_currency in one["sums"].items():
            counts[status] = counts.get(status, 0) + sum(part["count"] for part in by_currency.values())
    return counts


@WORLD.check("conversions are pending at first and decided in the course of months")
def decided():
    first, last = now() - 170 * PAST, now() - 140 * PAST
    shares = []
    for age in (0, 15, 45, 90, 130):
        counts = sums(first, last, last + PAST + age * PAST)
        shares.append(counts.get("pending", 0) / sum(counts.values()))
    equal((shares, shares[0] > 0.5, shares[-1] < 0.1), (sorted(shares, reverse=True), True, True))
    equal(shares[2] > 0, True)


@WORLD.check("approved conversions are declined after all in rare cases", actions={"reversed": 200})
def reversed_():
    first, last = now() - 170 * PAST, now() - 140 * PAST
    counts = [sums(first, last, now() - age * PAST) for age in (80, 0)]
    equal(counts[1]["declined"] > counts[0]["declined"], True)
    equal(0 < WORLD.original["actions"]["reversed"] < 100, True)


@WORLD.check("the feed shows what the oracle knows of each status")
def feed_and_oracle():
    first, last = now() - 100 * PAST, now() - 20 * PAST
    rows = Reader().all(ACTIONS, date_start=day(first), date_end=day(last))
    seen = {}
    for row in filled(rows):
        seen[row["status"]] = seen.get(row["status"], 0) + 1
    equal(seen, sums(first, last, now()))


@WORLD.check("old conversions changed long after they were made, some after their closing date")
def late_changes():
    rows = Reader().all(ACTIONS, date_start=day(now() - 170 * PAST), date_end=day(now() - 100 * PAST))
    ages = sorted((moment(row["status_updated"]) - moment(row["action_date"])).days for row in rows)
    equal((ages[len(ages) // 2] > 7, ages[-1] > 45), (True, True))
    equal(any(moment(row["status_updated"]) > moment(row["closing_date"]) for row in rows), True)
    equal(sum(row["paid"] for row in rows) > len(rows) / 3, True)


@WORLD.check("a window of changes finds old conversions that a window of days does not")
def changes_of_old():
    reader = Reader()
    start = now() - 3 * PAST
    changed = reader.all(ACTIONS, status_updated_start=second(start), status_updated_end=second(now() - PAST / 1440))
    fresh = set(ids(reader.all(ACTIONS, date_start=day(start))))
    old = [row for row in changed if row["action_id"] not in fresh]
    equal((len(old) > 10, min(moment(row["action_date"]) for row in old) < now() - 20 * PAST), (True, True))


# A conversion every half minute since yesterday.
BUSY = {"anchor": str(now().date()), "actions": {"days": 1, "perDay": 3000, "late": 0}}


def fed():
    """What the feed shows of today and yesterday, and the seconds between which it was read."""
    before = int(time.time())
    rows = Reader().all(ACTIONS, date_start=day(now() - 2 * PAST))
    return before, set(ids(rows)), int(time.time())


def known(at):
    return set(control(f"ids?at={at}"))


# Counted from when it came in, which is minutes after it happened: exactly, however long the reading takes.
@WORLD.check("what came in is shown after 15 to 30 minutes, and all of it then", **BUSY)
def delay():
    declared = WORLD.declared["actions"]
    equal((declared["shownAfter"], declared["shownBefore"]), (900, 1800))
    before, delayed, after = fed()
    WORLD.fresh(**merged(BUSY, {"actions": AT_ONCE}))
    old, ripe = known(before - 1800), known(after - 900)
    equal((old - delayed, delayed - ripe), (set(), set()))
    equal((len(old) > 0, len(delayed - old) > 0, len(ripe - delayed) > 0), (True, True, True))
    before, whole, after = fed()
    equal((known(before) - whole, whole - known(after)), (set(), set()))


@WORLD.check("some conversions come in days after they happened", actions={"late": 300})
def late_arrival():
    first, last = now() - 60 * PAST, now() - 50 * PAST
    counts = [sum(sums(first, last, last + age * PAST).values()) for age in (1.1, 10)]
    equal((counts[1] > counts[0], WORLD.declared["actions"]["late"] > 0), (True, True))


@WORLD.check("status_updated moves with each change: status, amounts, payout", actions=AT_ONCE)
def each_change():
    reader = Reader()
    one = control("actions?count=1", {})["ids"][0]
    seen = [reader.rows(ACTIONS, action_id=one)[0]]
    for change in ("payment_micros=5500000", "cart_micros=99000000", "status=approved", "paid=1", "status=declined"):
        time.sleep(1.1)
        control(f"action?id={one}&{change}", {})
        seen.append(reader.rows(ACTIONS, action_id=one)[0])
    times = [moment(row["status_updated"]) for row in seen]
    equal((len(set(times)), times), (6, sorted(times)))
    equal((number(seen[1]["payment"]), number(seen[2]["cart"])), (number("5.5"), number(99)))
    equal([row["status"] for row in seen[3:]], ["approved", "approved", "declined"])
    equal((seen[2]["paid"], seen[4]["paid"], {row["action_date"] for row in seen}), (0, 1, {seen[0]["action_date"]}))
    found = reader.all(ACTIONS, status_updated_start=second(times[-1]))
    equal(one in ids(found), True)


@WORLD.check("amounts are corrected meanwhile")
def corrections():
    first, last = now() - 120 * PAST, now() - 60 * PAST
    totals = []
    for at in (last + PAST, now()):
        found = control(f"actions?from={first.date()}&to={last.date()}&at={clock(at)}")
        parts = [part for one in found.values() for by in one["sums"].values() for part in by.values()]
        totals.append(sum(part["paymentMicros"] for part in parts))
    equal(totals[0] != totals[1], True)


@WORLD.check("nothing comes in after the anchor when that is switched off", actions={"isLive": False, "late": 0})
def not_live():
    anchor = datetime.datetime.fromisoformat(WORLD.original["anchor"])
    equal(Reader().count(ACTIONS, date_start=day(anchor + PAST)), 0)


@WORLD.check("the platform's clock may be ahead of UTC", actions={"utcOffset": 10_800, **AT_ONCE})
def zone():
    one = control("actions?count=1", {})["ids"][0]
    row = Reader().rows(ACTIONS, action_id=one)[0]
    ahead = moment(row["action_date"]) - now()
    equal(abs(ahead - datetime.timedelta(hours=3)) < datetime.timedelta(minutes=1), True)
