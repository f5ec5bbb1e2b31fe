"""Rows of performance, campaigns and coupons (platforms.md 5.2 to 5.5)."""
import urllib.parse
from decimal import Decimal

from checks import check, equal, filled

from .client import (
    CAMPAIGNS, COUPONS, LINKS, NUMBERS, PERFORMANCE, RATES, REPORT, SUMMARY, ago, everything, fresh, get, near,
    sums, total, window,
)


@check("days of performance are what the oracle has")
def against_oracle():
    fresh()
    rows = everything(PERFORMANCE, **window(40, 1))
    wanted = sums(40, 1)
    equal(sorted({row["date"] for row in rows}), sorted(wanted))
    for day, one in wanted.items():
        of_day = [row for row in rows if row["date"] == day]
        for name in ("orders", "net_orders"):
            equal((day, total(of_day, name)), (day, one[name]))
        for name in ("revenue", "net_revenue"):
            equal((day, total(of_day, name) * 10 ** 6), (day, one[f"{name}_micros"]))


@check("the summary is the sum of all rows, whichever page")
def summary():
    fresh()
    rows = everything(PERFORMANCE, **window(20, 2))
    for number in (1, 3):
        found = get(PERFORMANCE, page=number, limit=10, **window(20, 2)).payload["summary"]
        for name in SUMMARY[1:-1]:
            equal((name, Decimal(found[name])), (name, total(rows, name)))
        near(found["aov_usd"], total(rows, "sales_amount_usd") / total(rows, "orders"), "0.01")


@check("net is no more than gross, and rates of cancellation are percents of the gross")
def rates():
    fresh()
    rows = everything(PERFORMANCE, **window(90, 20))
    for row in filled(rows):
        for name in RATES:
            gross, net = Decimal(row[name]), Decimal(row[f"net_{name}"])
            if name != "aov_usd":
                equal((name, net <= gross), (name, True))
                if gross:
                    near(row[f"{name}_cancellation_rate"], 100 * (gross - net) / gross, "0.1")
        near(row["aov_usd"], Decimal(row["sales_amount_usd"]) / Decimal(row["orders"]), "0.01")
        if Decimal(row["net_orders"]):
            near(row["net_aov_usd"], Decimal(row["net_sales_amount_usd"]) / Decimal(row["net_orders"]), "0.01")
    equal(total(rows, "net_orders") < total(rows, "orders"), True)


@check("without dates and countries a row is the sum of a campaign and a code over the window")
def aggregates():
    fresh()
    daily = everything(PERFORMANCE, **window(20, 2))
    fresh(performance={"hasDate": False, "hasCountry": False})
    rows = everything(PERFORMANCE, **window(20, 2))
    equal("date" in rows[0] or "country" in rows[0], False)
    equal(len({(row["campaign_id"], row["code_id"]) for row in rows}), len(rows))
    for row in filled(rows):
        own = [one for one in daily if (one["campaign_id"], one["code_id"]) == (row["campaign_id"], row["code_id"])]
        for name in ("orders", "net_orders", "revenue", "net_revenue", "sales_amount_usd"):
            equal((name, Decimal(row[name])), (name, total(own, name)))


@check("one day asked for alone is the day of a longer window")
def single_day():
    fresh()
    longer = [row for row in everything(PERFORMANCE, **window(9, 2)) if row["date"] == str(ago(5))]
    one = everything(PERFORMANCE, **window(5, 5))

    def bare(rows):
        return [{name: value for name, value in row.items() if name != "full_count"} for row in rows]

    equal(bare(one), bare(longer))
    equal(bool(one), True)


@check("campaign_id and campaign_name filter performance, and the name filters links")
def filters():
    fresh()
    rows = everything(PERFORMANCE, **window(30, 2))
    one = rows[len(rows) // 2]
    wanted = [row["date"] for row in rows if row["campaign_id"] == one["campaign_id"]]
    by_id = everything(PERFORMANCE, campaign_id=one["campaign_id"], **window(30, 2))
    equal(({row["campaign_id"] for row in by_id}, len(by_id)), ({one["campaign_id"]}, len(wanted)))
    for path in (PERFORMANCE, LINKS):
        by_name = everything(path, campaign_name=one["campaign_name"], **window(30, 2))
        equal({row["campaign_name"] for row in by_name}, {one["campaign_name"]})
    equal(everything(PERFORMANCE, campaign_id="1", **window(30, 2)), [])


@check("rows split by customers, new and returning, add up to those that are not")
def customers():
    fresh()
    rows = everything(PERFORMANCE, **window(20, 10))
    fresh(performance={"split": "customerType"})
    split = everything(PERFORMANCE, **window(20, 10))
    equal({row["customer_type"] for row in split}, {"new", "returning"})
    for name in ("orders", "net_orders", "revenue", "net_revenue", "sales_amount_usd"):
        equal((name, total(split, name)), (name, total(rows, name)))


@check("rows split by orders have an order id of their own, which others never have")
def orders():
    fresh()
    rows = everything(PERFORMANCE, **window(12, 10))
    equal([row for row in rows if "order_id" in row or "network_order_id" in row], [])
    fresh(performance={"split": "order"})
    split = everything(PERFORMANCE, **window(12, 10))
    equal((len({row["order_id"] for row in split}), {row["orders"] for row in split}), (len(split), {"1"}))
    for name in ("orders", "net_orders", "revenue", "net_revenue"):
        equal((name, total(split, name)), (name, total(rows, name)))


@check("rows of links have a link and no code, and the same numerals")
def links():
    fresh(performance={"hasDate": False, "hasCountry": False})
    rows = everything(LINKS, **window(30, 2))
    equal(bool(rows), True)
    for row in filled(rows):
        equal(set(NUMBERS) <= set(row) and "code" not in row, True)
        equal({type(row[name]) for name in NUMBERS}, {str})


@check("the report builder has the asked dimensions and metrics, the metrics as strings")
def report():
    fresh()
    query = urllib.parse.urlencode([
        ("dimensions[]", "campaign_networks"), ("dimensions[]", "traffic_source"), ("metrics[]", "orders"),
        ("metrics[]", "revenue"), ("metrics[]", "sales_amount_usd"), ("type", "gross"), ("limit", 1000),
        *window(30, 2).items()])
    page = get(f"{REPORT}?{query}").payload
    metrics = ("orders", "revenue", "sales_amount_usd")
    for row in filled(page["data"]):
        equal(set(metrics) | {"campaign_networks", "traffic_source"} <= set(row), True)
        equal({type(row[name]) for name in metrics}, {str})
    rows = everything(LINKS, **window(30, 2))
    for name in metrics:
        equal((name, total(page["data"], name)), (name, total(rows, name)))


CAMPAIGN = {
    "id": int, "name": str, "campaign_type": str, "status": str, "logo": (str, type(None)),
    "category": (str, type(None)), "campaign_manager": (str, type(None)), "advertiser": dict,
    "campaign_description": dict, "targetCountries": list, "tracking_link_details": dict, "coupons": list,
    "payouts": list}
PAYOUT = ["end_date", "groups", "is_global", "level", "model", "start_date"]
GROUP = ["capping", "conditions", "coupons", "id", "priority", "product_categories", "type", "value"]


@check("campaigns have the names and kinds of the sheet; their id is an int here and a string in performance")
def campaigns():
    fresh()
    rows = everything(CAMPAIGNS)
    for row in filled(rows):
        equal(sorted(row), sorted(CAMPAIGN))
        equal([name for name, kind in CAMPAIGN.items() if not isinstance(row[name], kind)], [])
        equal(sorted(row["advertiser"]), ["logo", "name"])
        equal(sorted(row["campaign_description"]),
              ["creatives", "description", "dos_and_donts", "promotion", "website_url"])
        equal([list(country) for country in row["targetCountries"]], [["name"]] * len(row["targetCountries"]))
        for coupon in row["coupons"]:
            equal(sorted(coupon), ["account_manager", "ad_set", "countries", "coupon", "start_date"])
        for payout in row["payouts"]:
            equal(sorted(payout), PAYOUT)
            for group in payout["groups"]:
                equal(sorted(group), GROUP)
                equal((type(group["value"]), type(group["priority"])), (str, int))
    for name in ("logo", "category", "campaign_manager"):
        equal((name, {type(row[name]) for row in rows}), (name, {str, type(None)}))
    equal({row["campaign_id"] for row in everything(PERFORMANCE, **window(60, 2))} <= {str(row["id"]) for row in rows},
          True)


@check("target countries have names as people write them, countries of coupons are codes")
def countries():
    fresh()
    for row in filled(everything(CAMPAIGNS)):
        equal([country["name"] for country in row["targetCountries"] if len(country["name"]) == 2], [])
        for coupon in row["coupons"]:
            equal([code for code in coupon["countries"] if len(code) != 2], [])


@check("coupons are those of the campaigns, with the names of the sheet; the name of the code is a setting")
def coupons():
    fresh()
    embedded = {(row["id"], coupon["coupon"]) for row in everything(CAMPAIGNS) for coupon in row["coupons"]}
    rows = everything(COUPONS)
    for row in filled(rows):
        equal(sorted(row), ["account_manager", "ad_set", "advertiser", "campaign_id", "campaign_name", "countries",
                            "coupon", "end_date", "id", "start_date"])
    equal({(row["campaign_id"], row["coupon"]) for row in rows}, embedded)
    equal(len(rows), len({row["id"] for row in rows}))
    fresh(reading={"couponKey": "code"})
    equal({(row["campaign_id"], row["code"]) for row in everything(COUPONS)}, embedded)


@check("codes of performance are coupons of their campaign")
def codes():
    fresh()
    known = {(str(row["campaign_id"]), str(row["id"]), row["coupon"]) for row in everything(COUPONS)}
    rows = everything(PERFORMANCE, **window(90, 2))
    equal({(row["campaign_id"], row["code_id"], row["code"]) for row in rows} <= known, True)
