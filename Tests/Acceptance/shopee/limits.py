"""Limits of calls (platforms.md 1.9, 1.16.8). Numbers are not published: those of the world are settings."""
import time

from checks import check, control, equal

from .client import BIG, BIGGER, LITTLE, Caller, fresh, plain, refused, usual

BALANCE = "ads/get_total_balance"
API, APP, SHOP = (f"ads.rate_limit.exceed_{name}" for name in ("api", "partner_api", "shop_api"))
UNLIMITED = dict.fromkeys(("apiRate", "apiBurst", "appRate", "appBurst", "shopRate", "shopBurst"), 0)


def codes(caller, count):
    return [caller.get(BALANCE).json["error"] for _ in range(count)]


@check("the demo world has three calls per second and app")
def usual_limits():
    limits = usual["limits"]
    equal((limits["appRate"], limits["appBurst"]), (3, 3))
    shop = fresh(limits=limits)
    got = codes(shop, 8)
    equal((got[:3], APP in got), ([""] * 3, True))
    time.sleep(1.1)
    equal(codes(shop, 1), [""])


@check("too many calls of an app are exceed_partner_api, status 429, for all its shops and no other app")
def of_app():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 2}, apps=[
        app | {"hasAds": True} for app in plain["apps"]])
    equal(codes(shop, 3), ["", "", APP])
    refused(shop.get(BALANCE), 429, APP)
    refused(Caller(LITTLE).get(BALANCE), 429, APP)
    equal(codes(Caller(app=str(plain["apps"][1]["id"])), 2), ["", ""])


@check("too many calls of a shop are exceed_shop_api, and other shops go on")
def of_shop():
    shop = fresh(limits=UNLIMITED | {"shopRate": 1, "shopBurst": 2})
    equal(codes(shop, 4), ["", "", SHOP, SHOP])
    refused(shop.get(BALANCE), 429, SHOP)
    equal(codes(Caller(LITTLE), 2), ["", ""])


@check("too many calls of all are exceed_api, for every app and shop")
def of_api():
    shop = fresh(limits=UNLIMITED | {"apiRate": 1, "apiBurst": 2})
    equal(codes(shop, 3), ["", "", API])
    refused(Caller(BIGGER).get(BALANCE), 429, API)


@check("too many writes of a campaign are campaign_level, and other campaigns go on")
def of_campaign():
    shop = fresh(limits={"campaignWritesPerHour": 2})
    found = [int(key) for key, value in control("budgets")["campaigns"].items()
             if (value["kind"], value["status"]) == ("manual", "ongoing")]

    def edit(campaign, action, number):
        return shop.post("ads/edit_manual_product_ads", reference_id=f"{campaign}/{number}", campaign_id=campaign,
                         edit_action=action).json["error"]

    equal([edit(found[0], action, number) for number, action in enumerate(("pause", "resume", "pause"))],
          ["", "", "ads.rate_limit.campaign_level"])
    equal(edit(found[1], "pause", 0), "")


@check("limits are of ads paths alone")
def elsewhere():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1})
    codes(shop, 3)
    for _ in range(5):
        equal(shop.get("shop/get_shop_info").json["error"], "")
    equal(shop.refreshed().json["error"], "")


@check("a throttled call has not been carried out")
def not_carried_out():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1})
    campaign = next(int(key) for key, value in control("budgets")["campaigns"].items()
                    if (value["kind"], value["status"]) == ("manual", "ongoing"))
    codes(shop, 2)
    edit = {"reference_id": "e", "campaign_id": campaign, "edit_action": "pause"}
    refused(shop.post("ads/edit_manual_product_ads", **edit), 429, APP)
    equal(control("budgets")["writes"], [])
    time.sleep(1.1)
    equal(shop.post("ads/edit_manual_product_ads", **edit).json["error"], "")


@check("Retry-After is there when it is set")
def retry_after():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1})
    codes(shop, 1)
    equal(shop.get(BALANCE).headers["Retry-After"], None)
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1, "retryAfter": 7})
    codes(shop, 1)
    equal(shop.get(BALANCE).headers["Retry-After"], "7")


@check("calls per hour end with ads_rate_limit_total_api and a Retry-After of 120")
def total():
    shop = fresh(limits={"appPerHour": 3})
    equal(codes(shop, 3), [""] * 3)
    answer = shop.get(BALANCE)
    equal(answer.json["error"], "ads_rate_limit_total_api")
    equal((answer.status in (403, 429), answer.headers["Retry-After"]), (True, "120"))


@check("throttles may come without JSON")
def bare():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1, "bare": 1000})
    codes(shop, 1)
    answer = shop.get(BALANCE)
    equal((answer.status, answer.json), (429, None))


@check("who goes on over the limit is locked out, until a person lifts it")
def locked():
    shop = fresh(limits=UNLIMITED | {"appRate": 1, "appBurst": 1, "lockAfter": 5})
    codes(shop, 8)
    time.sleep(1.2)
    refused(shop.get(BALANCE), 403, "error_api_call_restricted")
    refused(Caller(LITTLE).get(BALANCE), 403, "error_api_call_restricted")
    equal(control("blocked"), {"1000001": -1})
    control("unlock", {})
    equal((control("blocked"), codes(shop, 1)), ({}, [""]))


@check("a lock-out may end by itself, and its code is a setting")
def lock_settings():
    shop = fresh(limits=UNLIMITED | {
        "appRate": 1, "appBurst": 1, "lockAfter": 3, "lockSeconds": 2, "lockCode": "error_permission"})
    codes(shop, 6)
    equal(codes(shop, 1), ["error_permission"])
    equal(0 < control("blocked")["1000001"] <= 2, True)
    time.sleep(2.2)
    equal((codes(shop, 1), control("blocked")), ([""], {}))


@check("counters tell what was called, throttled and refused")
def counters():
    shop = fresh(limits=UNLIMITED | {"shopRate": 1, "shopBurst": 1})
    codes(shop, 2)
    shop.call("GET", BALANCE, key="wrong")
    shop.refreshed()
    shop.refreshed()
    found = control("counters")
    equal((found["calls"], found["throttled"], found["rejectedSignatures"], found["refreshes"],
           found["refusedRefreshes"]), (5, 1, 1, 1, 1))
    equal((found["byCode"][SHOP], BIG), (1, shop.shop))
