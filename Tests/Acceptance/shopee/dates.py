"""Dates of reports, in the calendar of the shop's region (platforms.md 1.8, 1.12, 1.16.7)."""
from checks import check, equal

from .client import fresh, shops_with
from .reports import DAILY, GMS, GMS_ITEMS, HOURLY, SHOP_DAILY, SHOP_HOURLY, ago, campaigns, text, today

ZONES = {"VN": 7, "TH": 7, "ID": 7, "SG": 8, "MY": 8, "PH": 8, "TW": 8, "BR": -3}


def ranged(shop):
    """Each report over a range of dates, as a function of its first and last day."""
    ids = campaigns()[-2:]
    return [
        lambda first, last: shop.get(SHOP_DAILY, start_date=first, end_date=last),
        lambda first, last: shop.get(DAILY, campaign_id_list=ids, start_date=first, end_date=last),
        lambda first, last: shop.post(GMS, start_date=first, end_date=last),
        lambda first, last: shop.post(GMS_ITEMS, start_date=first, end_date=last),
    ]


def hourly(shop):
    ids = campaigns()[-2:]
    return [
        lambda day: shop.get(SHOP_HOURLY, performance_date=day),
        lambda day: shop.get(HOURLY, campaign_id_list=ids, performance_date=day),
    ]


def code(answer, wanted):
    equal(answer.json["error"], wanted)


@check("dates are DD-MM-YYYY and nothing else")
def format_of_dates():
    shop = fresh()
    good = text(ago(3))
    for bad in (str(ago(3)), ago(3).strftime("%d/%m/%Y"), ago(3).strftime("%d%m%Y"), "31-02-2026", "00-11-2026",
                "05-13-2026", "5-11-2026", "05-11-26", "yesterday", "", None):
        for call in ranged(shop):
            code(call(bad, good), "error_param")
            code(call(good, bad), "error_param")
        for call in hourly(shop):
            code(call(bad), "error_param")


@check("the future is ads.performance.error_date_in_future")
def future():
    shop = fresh()
    for call in ranged(shop):
        code(call(text(ago(2)), text(ago(-1))), "ads.performance.error_date_in_future")
        code(call(text(ago(2)), text(today())), "")
    for call in hourly(shop):
        code(call(text(ago(-1))), "ads.performance.error_date_in_future")
        code(call(text(today())), "")


@check("a start later than the end is ads.performance.error_start_later_than_end")
def later():
    for call in ranged(fresh()):
        code(call(text(ago(2)), text(ago(3))), "ads.performance.error_start_later_than_end")


@check("a month at most: thirty days are good, thirty-two are ads.performance.error_date_range_too_long")
def month():
    for call in ranged(fresh()):
        code(call(text(ago(31)), text(ago(2))), "")
        code(call(text(ago(33)), text(ago(2))), "ads.performance.error_date_range_too_long")
    for call in ranged(fresh(performance={"mostDays": 7})):
        code(call(text(ago(8)), text(ago(2))), "")
        code(call(text(ago(9)), text(ago(2))), "ads.performance.error_date_range_too_long")


@check("half a year back at most, then ads.performance.error_date_too_old")
def old():
    shop = fresh()
    for call in ranged(shop):
        code(call(text(ago(180)), text(ago(170))), "")
        code(call(text(ago(186)), text(ago(170))), "ads.performance.error_date_too_old")
    for call in hourly(shop):
        code(call(text(ago(180))), "")
        code(call(text(ago(186))), "ads.performance.error_date_too_old")
    for call in ranged(fresh(performance={"oldestMonths": 2})):
        code(call(text(ago(64)), text(ago(50))), "ads.performance.error_date_too_old")


@check("equal dates are good, and ads.performance.error_same_start_end_dates if set so")
def same():
    for call in ranged(fresh())[:2]:
        code(call(text(ago(2)), text(ago(2))), "")
    for call in ranged(fresh(performance={"refusesSameDay": True}))[:2]:
        code(call(text(ago(2)), text(ago(2))), "ads.performance.error_same_start_end_dates")
        code(call(text(ago(3)), text(ago(2))), "")


@check("today is today in the zone of the shop's region")
def zones():
    for region, zone in ZONES.items():
        shop = fresh(shops=shops_with(region=region))
        equal(shop.get("shop/get_shop_info").json["region"], region)
        code(shop.get(SHOP_HOURLY, performance_date=text(today(zone))), "")
        code(shop.get(SHOP_HOURLY, performance_date=text(ago(-1, zone))), "ads.performance.error_date_in_future")
        code(shop.get(SHOP_DAILY, start_date=text(ago(2, zone)), end_date=text(today(zone))), "")
        code(shop.get(SHOP_DAILY, start_date=text(ago(2, zone)), end_date=text(ago(-1, zone))),
             "ads.performance.error_date_in_future")
