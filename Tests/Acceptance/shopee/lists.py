"""The id list, settings and advice (platforms.md 1.6, 1.10, 1.11, 1.16.5)."""
import datetime
import time

from checks import check, control, each, equal, filled

from .client import BIG, LITTLE, Caller, Decimal, fresh, plain, refused, shape, shops_with

IDS = "ads/get_product_level_campaign_id_list"
SETTINGS = "ads/get_product_level_campaign_setting_info"
ROI = "ads/get_product_recommended_roi_target"
BUDGET = "ads/get_create_product_ad_budget_suggestion"
ELIGIBLE = "ads/check_create_gms_product_campaign_eligibility"
MONEY = (Decimal,)
GROUPS = ("common_info", "manual_bidding_info", "auto_bidding_info", "auto_product_ads_info")


def campaigns(account=BIG):
    """Kind and status of each campaign by its id, without the GMS campaign."""
    found = control(f"budgets?account={account}")["campaigns"]
    return {int(key): value for key, value in found.items() if value["kind"] != "gms"}


def pages(shop, limit, **query):
    rows, offset = [], 0
    while True:
        page = shop.get(IDS, offset=offset, limit=limit, **query).response
        rows.append([row["campaign_id"] for row in page["campaign_list"]])
        if not page["has_next_page"]:
            return rows
        offset += limit


def settings(shop, ids, kinds=(1, 2, 3, 4)):
    return shop.get(SETTINGS, campaign_id_list=ids, info_type_list=kinds).response["campaign_list"]


@check("shop info stands at the top level, complete")
def shop_info():
    for account, merchant in ((BIG, int), (LITTLE, type(None))):
        body = fresh(account).get("shop/get_shop_info").json
        body.pop("warning", None)
        shape(body, {
            "error": str, "message": str, "request_id": str, "shop_name": str, "region": str, "status": str,
            "auth_time": int, "expire_time": int, "is_cb": bool, "is_sip": bool, "sip_affi_shops": list,
            "merchant_id": merchant, "is_main_shop": bool, "is_direct_shop": bool, "is_upgraded_cbsc": bool,
            "shop_fulfillment_flag": str})
        equal((body["region"], body["status"]), ("VN", "NORMAL"))


@check("the profile stands under response")
def profile():
    shape(fresh().get("shop/get_profile").response,
          {"shop_logo": str, "description": str, "shop_name": str, "invoice_issuer": str})


@check("balance and toggles have their time")
def balance():
    shop = fresh()
    got = shop.get("ads/get_total_balance").response
    shape(got, {"data_timestamp": int, "total_balance": MONEY})
    equal(abs(got["data_timestamp"] - time.time()) < 86400, True)
    shape(shop.get("ads/get_shop_toggle_info").response,
          {"data_timestamp": int, "auto_top_up": bool, "campaign_surge": bool})


@check("the id list has each campaign once, ended and deleted ones too, and no GMS campaign")
def whole_list():
    for account in (BIG, LITTLE):
        shop = fresh(account)
        page = shop.get(IDS, limit=5000).response
        shape(page, {"shop_id": int, "region": str, "has_next_page": bool, "campaign_list": list})
        equal((page["shop_id"], page["region"], page["has_next_page"]), (account, "VN", False))
        for row in filled(page["campaign_list"]):
            shape(row, {"ad_type": str, "campaign_id": int})
        wanted = campaigns(account)
        equal({row["campaign_id"]: row["ad_type"] for row in page["campaign_list"]},
              {key: value["kind"] for key, value in wanted.items()})
        equal(len(page["campaign_list"]), len(wanted))
        equal(sorted(map(str, wanted)), sorted(control(f"ids?account={account}")))
    equal({"ended", "deleted"} <= {value["status"] for value in campaigns().values()}, True)


@check("the id list comes in pages while has_next_page, and an offset past the end is empty")
def paging():
    shop = fresh()
    for limit in (7, 100, 344, 345):
        found = pages(shop, limit)
        equal(sorted(sum(found, [])), sorted(campaigns()))
        equal({len(page) for page in found[:-1]} <= {limit}, True)
    page = shop.get(IDS, offset=5000, limit=10).response
    equal((page["has_next_page"], page["campaign_list"]), (False, []))


@check("without a limit a page has the default, and a limit above the cap is cut silently; both are settings")
def limits():
    def size(shop, **query):
        page = shop.get(IDS, **query).response
        return len(page["campaign_list"]), page["has_next_page"]

    shop = fresh()
    whole = len(campaigns())
    equal(size(shop), (100, True))
    equal(size(shop, limit=5000), (whole, False))
    equal(size(shop, limit=10 ** 9), (whole, False))
    equal(size(fresh(reading={"mostLimit": 20, "defaultLimit": 9}), limit=5000), (20, True))
    equal(size(Caller()), (9, True))


@check("ad_type filters the list: all and empty are both kinds")
def by_type():
    shop = fresh()
    kinds = campaigns()
    for asked, wanted in (("", {"auto", "manual"}), ("all", {"auto", "manual"}), ("auto", {"auto"}),
                          ("manual", {"manual"})):
        page = shop.get(IDS, ad_type=asked, limit=5000).response["campaign_list"]
        equal(sorted(row["campaign_id"] for row in page),
              sorted(key for key, value in kinds.items() if value["kind"] in wanted))


@check("offset, limit and ad_type that are none are error_param")
def bad_paging():
    shop = fresh()
    for query in ({"limit": "x"}, {"offset": "x"}, {"offset": -1}, {"limit": -1}, {"ad_type": "gms"}):
        refused(shop.get(IDS, **query), 400, "error_param")


@check("the list is in no order that one may count on, and in another one for each listing if set so")
def unstable():
    shop = fresh()
    first = sum(pages(shop, 100), [])
    equal(first != sorted(first) and first != sorted(first, reverse=True), True)
    equal(first == sum(pages(shop, 100), []), True)
    shop = fresh(reading={"order": "perListing"})
    orders = [sum(pages(shop, 5000), []) for _ in range(4)]
    equal(len({tuple(order) for order in orders}) > 1, True)
    for order in orders:
        equal(sorted(order), sorted(first))
    ascending = sum(pages(fresh(reading={"order": "ascending"}), 100), [])
    equal(ascending, sorted(first))


@check("ids may come twice or be left out between pages, if set so")
def between_pages():
    found = pages(fresh(reading={"repeats": 1000}), 50)
    equal([page[0] for page in found[1:]], [page[-1] for page in found[:-1]])
    equal(len(sum(found, [])) > len(set(sum(found, []))), True)
    left = set(campaigns()) - set(sum(pages(fresh(reading={"skips": 1000}), 50), []))
    equal(0 < len(left) <= 6, True)


@check("campaigns are created as days go by, and are in the list from then on")
def appear():
    anchor = datetime.date.fromisoformat(plain["anchor"])
    for sooner in (0, 30):
        shop = fresh(anchor=str(anchor - datetime.timedelta(days=sooner)))
        days = (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date() - anchor).days + sooner
        equal(len(shop.get(IDS, limit=5000).response["campaign_list"]), 335 + days // 3)


@check("setting info has the groups that were asked for, where a campaign has them")
def groups():
    shop = fresh()
    ids = sorted(campaigns())[:100]
    for kinds in ((1,), (2,), (3,), (4,), (1, 3), (1, 2, 3, 4)):
        allowed = {GROUPS[kind - 1] for kind in kinds} | {"campaign_id"}
        found = settings(shop, ids, kinds)
        equal([row["campaign_id"] for row in found], ids)
        each(set(row) <= allowed for row in found)
        equal(set().union(*found), allowed)
        equal(all("common_info" in row for row in found), 1 in kinds)


@check("a setting has names, kinds and values of the sheet")
def values():
    shop = fresh()
    known = campaigns()
    ids = sorted(known)
    for at in range(0, len(ids), 100):
        for row in settings(shop, ids[at:at + 100]):
            common(row["common_info"])
            equal(row["common_info"]["ad_type"], known[row["campaign_id"]]["kind"])
            equal(row["common_info"]["campaign_status"], known[row["campaign_id"]]["status"])
            manual(row.get("manual_bidding_info"))
            if row.get("auto_bidding_info"):
                shape(row["auto_bidding_info"], {"roas_target": MONEY})
            for item in row.get("auto_product_ads_info") or []:
                shape(item, {"product_name": str, "status": str, "item_id": int})
                equal(item["status"] in ("learning", "ongoing", "paused", "ended", "unavailable"), True)


def common(info):
    shape(info, {
        "ad_type": str, "ad_name": str, "campaign_status": str, "bidding_method": str, "campaign_placement": str,
        "campaign_budget": MONEY, "campaign_duration": dict, "item_id_list": list})
    shape(info["campaign_duration"], {"start_time": int, "end_time": int})
    equal(info["campaign_duration"]["start_time"] > 0, True)
    equal(info["campaign_duration"]["end_time"] == 0
          or info["campaign_duration"]["end_time"] > info["campaign_duration"]["start_time"], True)
    equal(info["campaign_status"] in ("ongoing", "scheduled", "ended", "paused", "deleted", "closed"), True)
    equal(info["bidding_method"] in ("auto", "manual"), True)
    equal(info["campaign_placement"] in ("search", "discovery", "all"), True)
    equal(info["ad_type"] in ("auto", "manual"), True)
    equal(info["ad_type"] == "auto" or len(info["item_id_list"]) == 1, True)
    equal(info["campaign_budget"] == 0 or 100000 <= info["campaign_budget"] <= 9999999999, True)


def manual(info):
    if info is None:
        return
    shape(info, {"enhanced_cpc": bool, "selected_keywords": list, "discovery_ads_locations": list})
    for keyword in info["selected_keywords"]:
        shape(keyword, {"keyword": str, "status": str, "match_type": str, "bid_price_per_click": MONEY})
        equal(keyword["status"] in ("deleted", "normal", "reserved", "blacklist"), True)
        equal(keyword["match_type"] in ("exact", "broad"), True)
    for location in info["discovery_ads_locations"]:
        shape(location, {"location": str, "status": str, "bid_price": MONEY})
        equal(location["location"] in ("daily_discover", "you_may_also_like"), True)


@check("groups that a campaign does not have are missing or null, as set")
def missing_groups():
    ids = sorted(campaigns())[:60]
    missing = settings(fresh(), ids)
    equal(any(len(row) < 5 for row in missing) and None not in [v for row in missing for v in row.values()], True)
    null = settings(fresh(reading={"groups": "null"}), ids)
    equal({len(row) for row in null}, {5})
    equal(None in [value for row in null for value in row.values()], True)
    shop = fresh(reading={"groups": "mixed"})
    mixed = [row for _ in range(12) for row in settings(shop, ids[:5])]
    equal(any(len(row) < 5 for row in mixed) and None in [v for row in mixed for v in row.values()], True)


@check("a hundred ids are good, a hundred and one are error_param, and so is none")
def most_ids():
    shop = fresh()
    ids = sorted(campaigns())
    equal(len(settings(shop, ids[:100], (1,))), 100)
    for bad in (ids[:101], [], ["x"]):
        refused(shop.get(SETTINGS, campaign_id_list=bad, info_type_list=1), 400, "error_param")
    refused(shop.get(SETTINGS, info_type_list=1), 400, "error_param")
    for bad in ("", "5", "0", "x", "1,9"):
        refused(shop.get(SETTINGS, campaign_id_list=ids[:1], info_type_list=bad), 400, "error_param")
    refused(shop.get(SETTINGS, campaign_id_list=ids[:1]), 400, "error_param")


@check("ids of another shop and ids of nobody are ads.shop.campaign_not_match")
def foreign():
    shop = fresh()
    own, other = sorted(campaigns())[0], sorted(campaigns(LITTLE))[0]
    for ids in ([other], [own, other], [own, 1]):
        equal(shop.get(SETTINGS, campaign_id_list=ids, info_type_list=1).json["error"], "ads.shop.campaign_not_match")


@check("recommended items are an array, with the values of real life")
def items():
    rows = fresh().get("ads/get_recommended_item_list").response
    equal(isinstance(rows, list) and len(rows) > 0, True)
    for row in filled(rows):
        shape(row, {"item_id": int, "item_status_list": list, "sku_tag_list": list, "ongoing_ad_type_list": list})
    equal("normal" in {status for row in rows for status in row["item_status_list"]}, True)
    equal({kind for row in rows for kind in row["ongoing_ad_type_list"]}, {"product_ads", "no_ongoing_promotion"})


@check("recommended keywords are empty without a word, and need an item")
def keywords():
    shop = fresh()
    path = "ads/get_recommended_keyword_list"
    item = shop.get("ads/get_recommended_item_list").response[0]["item_id"]
    got = shop.get(path, item_id=item, input_keyword="ao gio").response
    shape(got, {"item_id": int, "input_keyword": str, "suggested_keywords": list})
    equal((got["item_id"], got["input_keyword"], len(got["suggested_keywords"]) > 0), (item, "ao gio", True))
    for row in filled(got["suggested_keywords"]):
        shape(row, {"keyword": str, "quality_score": int, "search_volume": int, "suggested_bid": MONEY})
    equal(shop.get(path, item_id=item).response["suggested_keywords"], [])
    refused(shop.get(path), 400, "error_param")


@check("a budget is suggested within the bounds of the region")
def budget():
    shop = fresh()
    asked = {"reference_id": "a", "product_selection": "manual", "campaign_placement": "all",
             "bidding_method": "auto", "item_id": 77001, "enhanced_cpc": "false", "roas_target": "5.5"}
    got = shop.get(BUDGET, **asked).response
    shape(got, {"budget": dict})
    shape(got["budget"], {"recommended_budget": MONEY, "min_budget": MONEY, "max_budget": MONEY})
    equal((got["budget"]["min_budget"], got["budget"]["max_budget"]), (100000, 9999999999))
    equal(100000 <= got["budget"]["recommended_budget"] <= 9999999999, True)
    for name in ("reference_id", "product_selection", "campaign_placement", "bidding_method"):
        refused(shop.get(BUDGET, **{key: value for key, value in asked.items() if key != name}), 400, "error_param")
    for name in ("product_selection", "campaign_placement", "bidding_method", "enhanced_cpc"):
        refused(shop.get(BUDGET, **asked | {name: "other"}), 400, "error_param")
    brazil = fresh(shops=shops_with(region="BR")).get(BUDGET, **asked).response["budget"]
    equal(brazil["min_budget"], 10)


@check("a return is recommended, lower to upper, for an item")
def roi():
    shop = fresh()
    got = shop.get(ROI, reference_id="a", item_id=77001).response
    shape(got, {"lower_bound": dict, "exact": dict, "upper_bound": dict})
    for bound in got.values():
        shape(bound, {"value": MONEY, "percentile": int})
    for name in ("value", "percentile"):
        equal(got["lower_bound"][name] < got["exact"][name] < got["upper_bound"][name], True)
    refused(shop.get(ROI, reference_id="a"), 400, "error_param")
    refused(shop.get(ROI, item_id=77001), 400, "error_param")


@check("the rate of the Brazilian programme stands at the top level, in Brazil alone")
def facil():
    body = fresh(shops=shops_with(region="BR")).get("ads/get_ads_facil_shop_rate").json
    equal((isinstance(body["rate"], Decimal), isinstance(body["update_at"], int)), (True, True))
    equal(fresh().get("ads/get_ads_facil_shop_rate").json["error"] != "", True)


@check("a shop may create a GMS campaign unless one is active or it is not on the list")
def eligibility():
    def of(account=BIG, **changes):
        got = fresh(account, **changes).get(ELIGIBLE).response
        equal(set(got) <= {"is_eligible", "reason"}, True)
        return got["is_eligible"], got.get("reason")

    equal(of(), (False, "active_campaign"))
    equal(of(LITTLE)[0], True)
    equal(of(shops=shops_with(hasGMS=False, isWhitelistedForGMS=False)), (False, "not_whitelisted"))
    equal(of(shops=shops_with(hasGMS=False, campaigns=0, newEvery=0)), (False, "not_have_enough_sku"))
