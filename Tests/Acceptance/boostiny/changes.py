"""What real data does (platforms.md 5.4, 5.7.4, 5.7.5)."""
import datetime

from checks import check, each, equal, filled

from .client import CAMPAIGNS, PERFORMANCE, TODAY, ago, everything, fault, fresh, get, moment, sums, window


@check("gross grows for days and rests then; net falls through cancellations for weeks")
def drift():
    fresh(performance={"corrected": 0, "lateCodes": 0})

    def of(name):
        """Ten days as they were known one day after the last of them, two days, and so on."""
        return [sum(one[name] for one in sums(150, 141, moment(ago(141 - age))).values()) for age in range(1, 60)]

    for name in ("orders", "revenue_micros"):
        gross = of(name)
        equal((name, gross == sorted(gross), gross[0] < gross[-1]), (name, True, True))
        equal(len(set(gross[10:])), 1)
        net = of(f"net_{name}")
        equal((name, net[10:] == sorted(net[10:], reverse=True)), (name, True))
        equal(len(set(net[10:])) > 4 and len(set(net[50:])) == 1, True)
        each(one <= other for one, other in zip(net, gross))


@check("last_updated_at belongs to a campaign, lies in the past and is another one for others")
def last_updated():
    fresh()
    seen = {}
    for row in filled(everything(PERFORMANCE, **window(30, 2))):
        seen.setdefault(row["campaign_id"], set()).add(row["last_updated_at"])
    equal({len(moments) for moments in seen.values()}, {1})
    moments = [next(iter(one)) for one in seen.values()]
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    equal((max(moments) <= now, len(set(moments)) > 1), (True, True))


@check("codes may be reported days late")
def late_codes():
    def first(day, ages):
        return [age for age in ages if sums(day, day, moment(ago(day - age)))]

    fresh(performance={"lateCodes": 0})
    early = first(100, range(1, 30))
    fresh(performance={"lateCodes": 1000})
    late = first(100, range(1, 30))
    equal((min(early) <= 2, min(late) > min(early), max(late)), (True, True, 29))


@check("a closed month may be corrected afterwards")
def corrected():
    last = TODAY.replace(day=1) - datetime.timedelta(days=1)
    month = (last.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    after = (month + datetime.timedelta(days=32)).replace(day=12)
    age = (TODAY - month).days

    def of_month(day):
        return [one["revenue_micros"] for one in sums(age, age - 4, moment(day)).values()]

    for share, is_changed in ((0, False), (1000, True)):
        fresh(performance={"corrected": share, "lateCodes": 0})
        before = of_month(after - datetime.timedelta(days=2))
        equal((share, before != of_month(after + datetime.timedelta(days=6))), (share, is_changed))


@check("summary rows may stand among the others")
def summary_rows():
    fresh()
    rows = everything(PERFORMANCE, **window(20, 2))
    fresh(performance={"hasSummaryRows": True})
    number, found = 1, []
    while page := get(PERFORMANCE, page=number, limit=1000, **window(20, 2)).payload["data"]:
        found, number = found + page, number + 1
    extra = [row for row in found if row.get("report_type") == "summary"]
    equal((len(extra) > 0, len(found) - len(extra)), (True, len(rows)))
    for row in filled(extra):
        equal("campaign_id" in row and row["campaign_id"] is not None, False)
        equal((row["period_from"], row["period_to"]), (str(ago(20)), str(ago(2))))


@check("codes and countries may be missing")
def missing():
    fresh(performance={"missingCodes": 500, "missingCountries": 500})
    rows = everything(PERFORMANCE, **window(30, 2))
    for name in ("code", "country"):
        equal((name, {bool(row.get(name)) for row in rows}), (name, {True, False}))


@check("campaigns of different ids may have one name")
def same_names():
    fresh()
    equal(len({row["name"] for row in everything(CAMPAIGNS)}), 24)
    fresh(performance={"sameNames": 500})
    rows = everything(CAMPAIGNS)
    equal((len({row["id"] for row in rows}), len({row["name"] for row in rows}) < 24), (24, True))
    rows = everything(PERFORMANCE, **window(60, 2))
    equal(len({row["campaign_name"] for row in rows}) < len({row["campaign_id"] for row in rows}), True)


@check("a campaign may be renamed within a window, which has rows of both names then")
def renamed():
    fresh(performance={"renamed": 1000})
    names = {}
    for row in filled(everything(PERFORMANCE, **window(120, 1))):
        names.setdefault(row["campaign_id"], set()).add(row["campaign_name"])
    equal(max(len(found) for found in names.values()), 2)
    now = {str(row["id"]): row["name"] for row in everything(CAMPAIGNS)}
    each(now[campaign] in found for campaign, found in names.items() if len(found) == 2)


@check("rows may come twice")
def twice():
    fresh()
    fault("duplicateRow")
    rows = get(PERFORMANCE, limit=1000, **window(9, 2)).payload["data"]
    equal(len({(row["campaign_id"], row["code_id"], row["date"]) for row in rows}) < len(rows), True)
