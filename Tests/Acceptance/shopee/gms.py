"""GMV Max shop campaigns (platforms.md 1.14, 1.16.6, 1.16.9)."""
from checks import check, control, equal, filled

from .client import BIG, LITTLE, fresh, refused, shape, shops_with
from .reports import CAMPAIGN_ROW, GMS, GMS_ITEMS, ago, campaigns, near, over, summed, window
from .writes import DUPLICATE, ILLEGAL, day, error

CREATE = "ads/create_gms_product_campaign"
EDIT = "ads/edit_gms_product_campaign"
ITEMS = "ads/edit_gms_item_product_campaign"
DELETED = "ads/list_gms_user_deleted_item"
NOT_FOUND = "ads_error_product_gms_campaign_not_found"
REPORT = {name: kind for name, kind in CAMPAIGN_ROW.items() if name not in ("date", "direct_gmv", "ctr")}
SUMS = ("impression", "clicks", "expense", "broad_gmv", "broad_order", "direct_order")


def draft(**other):
    made = {"reference_id": "g1", "start_date": day(), "daily_budget": 500000, "roas_target": 6} | other
    return {name: value for name, value in made.items() if value is not None}


def of_shop(account=BIG):
    """The GMS campaign that the oracle knows, by its id."""
    [found] = [(int(key), value) for key, value in control(f"budgets?account={account}")["campaigns"].items()
               if value["kind"] == "gms" and value["status"] not in ("ended", "deleted", "closed")]
    return found


@check("a shop without a GMS campaign creates one, which is in no product list")
def create():
    shop = fresh(LITTLE)
    for path in (EDIT, ITEMS):
        answer = shop.post(path, edit_action="pause" if path == EDIT else "remove", item_id_list=[70001])
        equal(error(answer), NOT_FOUND)
    got = shop.post(CREATE, **draft()).response
    shape(got, {"campaign_id": int})
    equal(of_shop(LITTLE)[0], got["campaign_id"])
    equal(got["campaign_id"] in campaigns(LITTLE), False)
    equal(shop.get("ads/check_create_gms_product_campaign_eligibility").response["reason"], "active_campaign")


@check("one active GMS campaign per shop; the code of a second one is a setting")
def exclusive():
    shop = fresh(LITTLE)
    shop.post(CREATE, **draft()).response
    refused(shop.post(CREATE, **draft(reference_id="g2")), 400, "error_param")
    refused(fresh().post(CREATE, **draft()), 400, "error_param")
    equal(error(fresh(writing={"activeGMSCode": "ads_active"}).post(CREATE, **draft())), "ads_active")


@check("a GMS campaign needs a place on the list")
def not_whitelisted():
    shop = fresh(shops=shops_with(hasGMS=False, isWhitelistedForGMS=False))
    equal(error(shop.post(CREATE, **draft())), "ads_error_not_whitelisted_for_product_gms")


@check("the target is cut to one decimal; zero or none is automatic bidding; below zero is ads_invalid_roas_target")
def target():
    shop = fresh(LITTLE)
    equal(error(shop.post(CREATE, **draft(roas_target=-1))), "ads_invalid_roas_target")
    shop.post(CREATE, **draft(roas_target=10.19)).response
    equal(of_shop(LITTLE)[1]["roas_target_tenths"], 101)
    shop.post(EDIT, edit_action="change_roas_target", roas_target=4.99).response
    equal(of_shop(LITTLE)[1]["roas_target_tenths"], 49)
    equal(error(shop.post(EDIT, edit_action="change_roas_target", roas_target=-1)), "ads_invalid_roas_target")
    for automatic in (0, None):
        fresh(LITTLE).post(CREATE, **draft(roas_target=automatic)).response
        equal(of_shop(LITTLE)[1].get("roas_target_tenths", 0), 0)


@check("reference ids of GMS campaigns are good once, and may be left out")
def reference():
    shop = fresh(LITTLE)
    equal(error(shop.post(CREATE, **draft(daily_budget=5))) != "", True)
    shop.post(CREATE, **draft()).response
    edit = {"reference_id": "e1", "edit_action": "pause"}
    equal(error(shop.post(EDIT, **edit)), "")
    equal(shop.post(EDIT, **edit).refusal, DUPLICATE)
    equal(error(shop.post(EDIT, edit_action="resume")), "")
    fresh(LITTLE).post(CREATE, **draft(reference_id=None)).response


@check("budgets and dates of a GMS campaign have the bounds of the others")
def bounds():
    shop = fresh(LITTLE)
    for bad in (99999, -1):
        equal(error(shop.post(CREATE, **draft(daily_budget=bad))) in
              ("ads.campaign.error_daily_budget_range", "ads.campaign.error_budget_range"), True)
    equal(error(shop.post(CREATE, **draft(start_date=day(2)))), "ads.campaign.invalid_start_date")
    equal(error(shop.post(CREATE, **draft(start_date=day(3), end_date=day(2)))), "ads.campaign.error_date_setting")
    for bad in (draft(start_date="2026-11-05"), draft(start_date=None), draft(daily_budget=None)):
        refused(shop.post(CREATE, **bad), 400, "error_param")
    shop.post(CREATE, **draft(end_date=day(20))).response


@check("a GMS campaign is paused, resumed and changed, and what is illegal is ads.edit.invalid_action")
def edits():
    shop = fresh()
    campaign, _ = of_shop()

    def edit(action, **other):
        return error(shop.post(EDIT, campaign_id=campaign, edit_action=action, **other))

    equal((edit("resume"), edit("pause"), of_shop()[1]["status"]), (ILLEGAL, "", "paused"))
    equal((edit("pause"), edit("resume"), of_shop()[1]["status"]), (ILLEGAL, "", "ongoing"))
    equal(edit("change_budget", daily_budget=700000), "")
    equal(of_shop()[1]["budget_micros"], 700000 * 10 ** 6)
    equal(edit("change_budget", daily_budget=5) != "", True)
    equal(edit("change_duration", start_date=day(), end_date=day(9)), "")
    equal(error(shop.post(EDIT, campaign_id=campaigns()[0], edit_action="pause")) in
          (NOT_FOUND, "ads.shop.campaign_not_match"), True)
    for bad in ("stop", "delete", "other"):
        equal(edit(bad) in ("error_param", ILLEGAL), True)
    equal(of_shop()[1]["status"], "ongoing")


@check("items are taken out of a GMS campaign and put in again, one to thirty at a time")
def items():
    shop = fresh()

    def edit(action, ids):
        return shop.post(ITEMS, edit_action=action, item_id_list=ids)

    def deleted(**page):
        got = shop.post(DELETED, **page).response
        shape(got, {"campaign_id": int, "item_id_list": list, "total": int, "has_next_page": bool})
        return got["item_id_list"], got["total"], got["has_next_page"]

    own = [row["item_id"] for row in
           shop.post(GMS_ITEMS, limit=100, **window(20, 2)).response["result_list"]][:30]
    equal(len(own) == 30 and deleted() == ([], 0, False), True)
    equal(edit("remove", own).response, {"campaign_id": of_shop()[0]})
    equal((sorted(deleted()[0]), deleted()[1:]), (sorted(own), (30, False)))
    first, total, more = deleted(offset=0, limit=20)
    rest = deleted(offset=20, limit=20)
    equal((len(first), total, more, len(rest[0]), rest[1:]), (20, 30, True, 10, (30, False)))
    equal(sorted(first + rest[0]), sorted(own))
    edit("add", own[:5]).response
    equal(sorted(deleted(limit=100)[0]), sorted(own[5:]))
    for bad in (edit("remove", []), edit("remove", list(range(70001, 70032))), edit("other", own[:1]),
                shop.post(DELETED, limit=101), shop.post(DELETED, offset=-1)):
        refused(bad, 400, "error_param")


@check("the report of a GMS campaign is one sum, without direct_gmv and ctr")
def report():
    shop = fresh()
    got = shop.post(GMS, **window(9, 2)).response
    shape(got, {"campaign_id": int, "report": dict})
    shape(got["report"], REPORT)
    equal(got["campaign_id"], of_shop()[0])
    equal(shop.post(GMS, campaign_id=got["campaign_id"], **window(9, 2)).response, got)
    equal(error(shop.post(GMS, campaign_id=campaigns()[0], **window(9, 2))) != "", True)
    near(got["report"]["broad_roi"], over(got["report"]["broad_gmv"], got["report"]["expense"]))
    near(got["report"]["cpc"], over(got["report"]["expense"], got["report"]["broad_order"]))
    near(got["report"]["cr"], over(got["report"]["broad_order"], got["report"]["clicks"], 100))


@check("days of a GMS campaign add up to its window, and are what the oracle has")
def days():
    shop = fresh()
    whole = summed([shop.post(GMS, **window(9, 2)).response["report"]], SUMS)
    single = [shop.post(GMS, **window(days, days)).response["report"] for days in range(2, 10)]
    equal(summed(single, SUMS), whole)
    sums = control(f"sums?level=gms&account={BIG}&from={ago(9)}&to={ago(2)}").values()
    for name in SUMS:
        wanted = sum(one.get(f"{name}_micros", 0) or one.get(name, 0) * 10 ** 6 for one in sums)
        equal((name, whole[name] * 10 ** 6), (name, wanted))


@check("items of a GMS campaign come in pages by item id, and add up to the campaign")
def item_report():
    shop = fresh()

    def page(**asked):
        got = shop.post(GMS_ITEMS, **window(9, 2), **asked).response
        shape(got, {"campaign_id": int, "result_list": list, "total": int, "has_next_page": bool})
        return got

    def rows(limit):
        found, offset = [], 0
        while True:
            got = page(offset=offset, limit=limit)
            found += got["result_list"]
            equal(len(got["result_list"]) <= limit, True)
            if not got["has_next_page"]:
                equal(len(found), got["total"])
                return found
            offset += limit

    found = rows(100)
    for row in filled(found):
        shape(row, {"item_id": int, "report": dict})
        shape(row["report"], REPORT)
    ids = [row["item_id"] for row in found]
    equal(ids, sorted(set(ids)))
    equal([row["item_id"] for row in rows(7)], ids)
    equal(len(page()["result_list"]), min(50, len(ids)))
    whole = shop.post(GMS, **window(9, 2)).response["report"]
    equal(summed([row["report"] for row in found], SUMS), summed([whole], SUMS))
    for bad in ({"limit": 101}, {"limit": 0}, {"offset": -1}, {"limit": "x"}):
        refused(shop.post(GMS_ITEMS, **window(9, 2), **bad), 400, "error_param")


@check("one day alone is good for a GMS campaign, even where daily reports refuse equal dates")
def single_day():
    shop = fresh(performance={"refusesSameDay": True})
    for path in (GMS, GMS_ITEMS):
        equal(error(shop.post(path, **window(3, 3))), "")


@check("items without delivery are not in the report")
def item_delivery():
    for row in filled(fresh().post(GMS_ITEMS, limit=100, **window(2, 2)).response["result_list"]):
        equal(row["report"]["impression"] > 0, True)


@check("an item with sales has orders, and no more direct ones than all")
def item_orders():
    rows = fresh().post(GMS_ITEMS, limit=100, **window(9, 2)).response["result_list"]
    equal([row["item_id"] for row in rows
           if (row["report"]["broad_gmv"] > 0) != (row["report"]["broad_order"] > 0)], [])
    equal([row["item_id"] for row in rows if row["report"]["direct_order"] > row["report"]["broad_order"]], [])


@check("a shop without a GMS campaign has no report of one")
def no_report():
    shop = fresh(LITTLE)
    for path in (GMS, GMS_ITEMS, DELETED):
        equal(error(shop.post(path, **window(9, 2))), NOT_FOUND)
