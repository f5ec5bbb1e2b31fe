"""Reports of shops and campaigns: dates, shapes and sums (platforms.md 1.10 to 1.12, 1.16.4, 1.16.6, 1.16.7)."""
import datetime

from checks import check, control, each, equal, filled

from .client import BIG, BIGGER, LITTLE, Decimal, fresh, plain, refused, shape, shops_with

SHOP_DAILY = "ads/get_all_cpc_ads_daily_performance"
SHOP_HOURLY = "ads/get_all_cpc_ads_hourly_performance"
DAILY = "ads/get_product_campaign_daily_performance"
HOURLY = "ads/get_product_campaign_hourly_performance"
GMS = "ads/get_gms_campaign_performance"
GMS_ITEMS = "ads/get_gms_item_performance"
MONEY = (Decimal,)
RATE = (Decimal,)
SHOP_ROW = {
    "date": str, "impression": int, "clicks": int, "ctr": RATE, "direct_order": int, "broad_order": int,
    "direct_conversions": RATE, "broad_conversions": RATE, "direct_item_sold": int, "broad_item_sold": int,
    "direct_gmv": MONEY, "broad_gmv": MONEY, "expense": MONEY, "cost_per_conversion": MONEY, "direct_roas": RATE,
    "broad_roas": RATE}
CAMPAIGN_ROW = {
    "date": str, "impression": int, "clicks": int, "ctr": RATE, "expense": MONEY, "broad_gmv": MONEY,
    "broad_order": int, "broad_order_amount": int, "broad_roi": RATE, "broad_cir": RATE, "cr": RATE, "cpc": MONEY,
    "direct_order": int, "direct_order_amount": int, "direct_gmv": MONEY, "direct_roi": RATE, "direct_cir": RATE,
    "direct_cr": RATE, "cpdc": MONEY}
# What hours add up to days and campaigns to shops.
COUNTS = ("impression", "clicks", "expense", "broad_gmv", "broad_order", "direct_gmv", "direct_order")


def today(zone=7):
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=zone))).date()


def ago(days, zone=7):
    return today(zone) - datetime.timedelta(days=days)


def text(day):
    return day.strftime("%d-%m-%Y")


def window(first, last):
    """Days from `first` to `last` days ago."""
    return {"start_date": text(ago(first)), "end_date": text(ago(last))}


def campaigns(account=BIG):
    return sorted(map(int, control(f"ids?account={account}")))


def of_campaigns(shop, path, account, **dates):
    """The rows of all campaigns of a shop by campaign, in calls of a hundred."""
    ids, found = campaigns(account), {}
    for at in range(0, len(ids), 100):
        for row in filled(shop.get(path, campaign_id_list=ids[at:at + 100], **dates).response["campaign_list"]):
            equal(row["campaign_id"] in found, False)
            found[row["campaign_id"]] = row["metrics_list"]
    return found


def summed(rows, names=COUNTS):
    return {name: sum(row[name] for row in rows) for name in names}


def near(got, wanted):
    """Ratios have some places; theirs are not published."""
    equal((got, abs(Decimal(got) - wanted) <= max(Decimal("0.01"), abs(wanted) * Decimal("0.001"))), (got, True))


def over(one, other, times=1):
    return Decimal(one) * times / other if other else Decimal(0)


@check("rows of a shop have the names and kinds of the sheet, by hour with the hour")
def shop_rows():
    shop = fresh()
    rows = shop.get(SHOP_DAILY, **window(8, 2)).response
    equal([row["date"] for row in rows], [text(ago(days)) for days in range(8, 1, -1)])
    for row in filled(rows):
        shape(row, SHOP_ROW)
    rows = shop.get(SHOP_HOURLY, performance_date=text(ago(2))).response
    for row in filled(rows):
        shape(row, SHOP_ROW | {"hour": int})
        equal(row["date"], text(ago(2)))
    hours = [row["hour"] for row in rows]
    equal((len(set(hours)), set(hours) <= set(range(24)), len(hours) > 20), (len(hours), True, True))


@check("item_sold may be missing in rows of a shop")
def item_sold():
    shop = fresh(performance={"hasItemSold": False})
    wanted = {name: kind for name, kind in SHOP_ROW.items() if not name.endswith("item_sold")}
    for row in filled(shop.get(SHOP_DAILY, **window(3, 2)).response):
        shape(row, wanted)
    for row in filled(shop.get(SHOP_HOURLY, performance_date=text(ago(2))).response):
        shape(row, wanted | {"hour": int})


@check("rows of campaigns have the names and kinds of the sheet, by hour with the hour")
def campaign_rows():
    shop = fresh()
    ids = campaigns()[-100:]
    for path, more, dates in ((DAILY, {}, window(8, 2)), (HOURLY, {"hour": int}, {"performance_date": text(ago(2))})):
        got = shop.get(path, campaign_id_list=ids, **dates).response
        shape(got, {"shop_id": int, "region": str, "campaign_list": list})
        equal((got["shop_id"], got["region"], len(got["campaign_list"]) > 0), (BIG, "VN", True))
        for campaign in got["campaign_list"]:
            shape(campaign, {"campaign_id": int, "ad_type": str, "campaign_placement": str, "ad_name": str,
                             "metrics_list": list})
            equal(campaign["campaign_id"] in ids, True)
            for row in campaign["metrics_list"]:
                shape(row, CAMPAIGN_ROW | more)


@check("campaign reports come as an object or as an array around it, and change in a mixed world")
def shapes():
    def of(shop):
        return [type(shop.get(path, campaign_id_list=ids, **dates).response)
                for path, dates in ((DAILY, window(3, 2)), (HOURLY, {"performance_date": text(ago(2))}))]

    ids = campaigns()[-5:]
    equal(of(fresh()), [dict, dict])
    shop = fresh(envelope={"performance": "array"})
    equal(of(shop), [list, list])
    [inner] = shop.get(DAILY, campaign_id_list=ids, **window(3, 2)).response
    equal(inner, fresh().get(DAILY, campaign_id_list=ids, **window(3, 2)).response)
    shop = fresh(envelope={"performance": "mixed"})
    equal({kind for _ in range(20) for kind in of(shop)}, {dict, list})


@check("ratios of a campaign are percents, its cpc a cost per conversion")
def campaign_ratios():
    found = of_campaigns(fresh(), DAILY, BIG, **window(9, 2))
    for row in (row for rows in found.values() for row in rows):
        near(row["ctr"], over(row["clicks"], row["impression"], 100))
        near(row["broad_roi"], over(row["broad_gmv"], row["expense"]))
        near(row["direct_roi"], over(row["direct_gmv"], row["expense"]))
        near(row["broad_cir"], over(row["expense"], row["broad_gmv"], 100))
        near(row["direct_cir"], over(row["expense"], row["direct_gmv"], 100))
        near(row["cr"], over(row["broad_order"], row["clicks"], 100))
        near(row["direct_cr"], over(row["direct_order"], row["clicks"], 100))
        near(row["cpc"], over(row["expense"], row["broad_order"]))
        near(row["cpdc"], over(row["expense"], row["direct_order"]))


@check("ratios of a shop are no percents")
def shop_ratios():
    for row in filled(fresh().get(SHOP_DAILY, **window(9, 2)).response):
        near(row["ctr"], over(row["clicks"], row["impression"]))
        near(row["direct_conversions"], over(row["direct_order"], row["clicks"]))
        near(row["broad_conversions"], over(row["broad_order"], row["clicks"]))
        near(row["direct_roas"], over(row["direct_gmv"], row["expense"]))
        near(row["broad_roas"], over(row["broad_gmv"], row["expense"]))
        near(row["cost_per_conversion"], over(row["expense"], row["broad_order"]))


@check("clicks are no more than impressions, direct no more than broad, and orders no more than units")
def sane():
    found = of_campaigns(fresh(), DAILY, BIG, **window(29, 2))
    rows = [row for rows in found.values() for row in rows]
    for row in filled(rows):
        for less, more in (("clicks", "impression"), ("direct_order", "broad_order"), ("direct_gmv", "broad_gmv"),
                           ("broad_order", "broad_order_amount"), ("direct_order", "direct_order_amount"),
                           ("direct_order_amount", "broad_order_amount")):
            equal((less, row[less], row[less] <= row[more]), (less, row[less], True))
        equal((row["broad_gmv"] > 0) == (row["broad_order"] > 0), True)


@check("some orders have more than one unit: quantities are not counts of orders")
def units():
    found = of_campaigns(fresh(), DAILY, BIG, **window(29, 2))
    rows = [row for rows in found.values() for row in rows]
    equal(sum(row["broad_order_amount"] for row in rows) > sum(row["broad_order"] for row in rows), True)


@check("hours of a shop add up to its day")
def shop_hours():
    for account in (BIG, BIGGER):
        shop = fresh(account)
        for days in (2, 40):
            [day] = shop.get(SHOP_DAILY, **window(days, days)).response
            hours = shop.get(SHOP_HOURLY, performance_date=day["date"]).response
            names = (*COUNTS, "direct_item_sold", "broad_item_sold")
            equal(summed(hours, names), summed([day], names))


@check("hours of each campaign add up to its day")
def campaign_hours():
    shop = fresh()
    names = (*COUNTS, "broad_order_amount", "direct_order_amount")
    for days in (2, 30):
        daily = of_campaigns(shop, DAILY, BIG, **window(days, days))
        hourly = of_campaigns(shop, HOURLY, BIG, performance_date=text(ago(days)))
        equal(sorted(hourly), sorted(daily))
        for campaign, rows in daily.items():
            equal(summed(hourly[campaign], names), summed(rows, names))


@check("a day of a shop is its campaigns and the GMS campaign")
def reconcile():
    for has_gms in (True, False):
        shop = fresh(shops=shops_with(hasGMS=has_gms))
        for days in (2, 9, 60):
            found = of_campaigns(shop, DAILY, BIG, **window(days, days)).values()
            total = summed(shop.get(SHOP_DAILY, **window(days, days)).response)
            parts = summed([row for rows in found for row in rows])
            if not has_gms:
                equal(parts, total)
                continue
            # Its report has no direct_gmv.
            names = [name for name in COUNTS if name != "direct_gmv"]
            gms = summed([shop.post(GMS, **window(days, days)).response["report"]], names)
            equal({name: parts[name] + gms[name] for name in names}, {name: total[name] for name in names})


@check("an hour of a shop is its campaigns and the GMS campaign")
def reconcile_hours():
    asked = {"performance_date": text(ago(3))}
    shop = fresh()
    with_gms = {hour["hour"]: hour for hour in shop.get(SHOP_HOURLY, **asked).response}
    gms = summed([shop.post(GMS, **window(3, 3)).response["report"]], ("impression", "clicks", "expense"))
    shop = fresh(shops=shops_with(hasGMS=False))
    found = of_campaigns(shop, HOURLY, BIG, **asked)
    hours = shop.get(SHOP_HOURLY, **asked).response
    equal(len(hours) > 20, True)
    for hour in hours:
        rows = [row for rows in found.values() for row in rows if row["hour"] == hour["hour"]]
        equal(summed(rows), summed([hour]))
    for name, rest in gms.items():
        equal((name, sum(hour[name] for hour in with_gms.values())), (name, sum(hour[name] for hour in hours) + rest))


@check("reports are what the oracle has for the days")
def oracle():
    asked = window(9, 2)
    query = f"from={ago(9)}&to={ago(2)}&account={BIG}"
    for level, rows in (
            ("shop", fresh().get(SHOP_DAILY, **asked).response),
            ("campaign", [row for rows in of_campaigns(fresh(), DAILY, BIG, **asked).values() for row in rows])):
        sums = control(f"sums?level={level}&{query}")
        equal(len(sums), 8)
        for day, wanted in sums.items():
            of_day = [row for row in rows if row["date"] == text(datetime.date.fromisoformat(day))]
            for name in COUNTS:
                micros = f"{name}_micros"
                got = sum(row[name] for row in of_day)
                equal((name, got * 10 ** 6 if micros in wanted else got), (name, wanted.get(micros, wanted.get(name))))


@check("the same question has the same answer, whatever the order of ids and the rest of the window")
def deterministic():
    shop = fresh()
    ids = campaigns()[-100:]
    once = shop.get(DAILY, campaign_id_list=ids, **window(20, 10)).response["campaign_list"]
    again = fresh().get(DAILY, campaign_id_list=ids[::-1], **window(30, 5)).response["campaign_list"]
    inner = {text(ago(days)) for days in range(10, 21)}
    again = {row["campaign_id"]: [day for day in row["metrics_list"] if day["date"] in inner] for row in again}
    equal({key: rows for key, rows in again.items() if rows}, {row["campaign_id"]: row["metrics_list"] for row in once})


@check("orders and sales of a day grow for seven days, and rest then")
def growth():
    day = datetime.date.fromisoformat(plain["anchor"]) - datetime.timedelta(days=20)
    begin = int(datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc).timestamp()) - 7 * 3600

    def at(days):
        moment = begin + int(days * 86400)
        return control(f"sums?level=shop&account={BIGGER}&from={day}&to={day}&at={moment}")[str(day)]

    seen = [at(days) for days in range(1, 20)]
    for name in ("broad_order", "direct_order", "broad_gmv_micros", "direct_gmv_micros"):
        numbers = [one[name] for one in seen]
        equal(numbers == sorted(numbers) and numbers[0] < numbers[7], True)
        equal(sum(one < other for one, other in zip(numbers, numbers[1:8])) >= 4, True)
        equal(set(numbers[8:]), {numbers[8]})
    for name in ("impression", "clicks", "expense_micros"):
        equal((name, len({one[name] for one in seen[1:]})), (name, 1))
    equal(at(0.5)["clicks"] < seen[0]["clicks"], True)


@check("how long numbers grow is a setting")
def growth_setting():
    day = datetime.date.fromisoformat(plain["anchor"]) - datetime.timedelta(days=20)
    begin = int(datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc).timestamp()) - 7 * 3600
    fresh(performance={"attributionDays": 2})
    query = f"sums?level=shop&account={BIGGER}&from={day}&to={day}&at="
    early, later, last = (control(f"{query}{begin + days * 86400}")[str(day)]["broad_order"] for days in (1, 4, 9))
    equal(early < later == last, True)


@check("days without data are absent, and so are campaigns without delivery, unless set to be empty")
def absent():
    ids = campaigns()[:100]
    shop = fresh()
    found = shop.get(DAILY, campaign_id_list=ids, **window(29, 2)).response["campaign_list"]
    equal(0 < len(found) < 100, True)
    each(row["metrics_list"] for row in found)
    equal(any(len(row["metrics_list"]) < 28 for row in found), True)
    empty = fresh(performance={"emptyCampaigns": "empty"})
    found_empty = empty.get(DAILY, campaign_id_list=ids, **window(29, 2)).response["campaign_list"]
    equal(sorted(row["campaign_id"] for row in found_empty), ids)
    equal(sum(not row["metrics_list"] for row in found_empty), 100 - len(found))


@check("a shop has no rows for days before it began")
def before():
    shop = fresh(shops=shops_with(days=60))
    since = (today() - datetime.date.fromisoformat(plain["anchor"])).days + 60
    rows = shop.get(SHOP_DAILY, **window(since + 9, since - 20)).response
    dates = [datetime.datetime.strptime(row["date"], "%d-%m-%Y").date() for row in rows]
    each(date >= ago(since) for date in dates)


@check("today is reported up to now")
def until_now():
    hour = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).hour
    rows = fresh().get(SHOP_HOURLY, performance_date=text(today())).response
    equal([row["hour"] for row in rows if row["hour"] > hour], [])
    # Nobody may have looked in the first hours of a day.
    equal(hour < 3 or bool(rows), True)


@check("reports take at most a hundred ids, all of the shop")
def ids_of_reports():
    shop = fresh()
    ids = campaigns()
    for path, dates in ((DAILY, window(3, 2)), (HOURLY, {"performance_date": text(ago(2))})):
        shop.get(path, campaign_id_list=ids[:100], **dates).response
        for bad in (ids[:101], [], ["x"]):
            refused(shop.get(path, campaign_id_list=bad, **dates), 400, "error_param")
        refused(shop.get(path, **dates), 400, "error_param")
        for bad in (campaigns(LITTLE)[:1], [*ids[:3], 1]):
            equal(shop.get(path, campaign_id_list=bad, **dates).json["error"], "ads.shop.campaign_not_match")


@check("money is a JSON float in the shop's currency: VND without decimals, others with two")
def money():
    def decimals(region):
        rows = fresh(shops=shops_with(region=region)).get(SHOP_DAILY, **window(9, 3)).response
        return {-row[name].normalize().as_tuple().exponent for row in rows for name in ("expense", "broad_gmv")}

    equal(max(decimals("VN")) <= 0, True)
    equal(0 < max(decimals("SG")) <= 2, True)
    for row in filled(fresh().get(SHOP_DAILY, **window(3, 2)).response):
        equal([name for name in ("expense", "broad_gmv", "direct_gmv") if "." not in str(row[name])], [])


@check("ids above 2^53 are exact")
def long_ids():
    first = 9_007_199_254_740_993
    shop = fresh(shops=shops_with(firstCampaign=first))
    ids = campaigns()
    equal(ids[0], first)
    page = shop.get("ads/get_product_level_campaign_id_list", limit=5000).response["campaign_list"]
    equal(sorted(row["campaign_id"] for row in page), ids)
    equal(set(of_campaigns(shop, DAILY, BIG, **window(3, 2))) <= set(ids), True)
