"""Writing product campaigns (platforms.md 1.13, 1.16.4, 1.16.9)."""
import datetime
import threading

from checks import check, control, equal

from .client import BIG, LITTLE, Decimal, fresh, refused, shape, shops_with

CREATE = "ads/create_manual_product_ads"
EDIT = "ads/edit_manual_product_ads"
SETTINGS = "ads/get_product_level_campaign_setting_info"
ILLEGAL = "ads.edit.invalid_action"
DUPLICATE = (400, "error_param")


def day(after=0):
    """A day of the shop after today, as the platform writes it."""
    zone = datetime.timezone(datetime.timedelta(hours=7))
    return (datetime.datetime.now(zone) + datetime.timedelta(days=after)).strftime("%d-%m-%Y")


def midnight(after=0):
    zone = datetime.timezone(datetime.timedelta(hours=7))
    date = datetime.datetime.now(zone).date() + datetime.timedelta(days=after)
    return int(datetime.datetime.combine(date, datetime.time(), zone).timestamp())


def draft(reference="r1", **other):
    made = {"reference_id": reference, "item_id": 77006, "bidding_method": "auto", "budget": 200000,
            "start_date": day(), "roas_target": 5.5} | other
    return {name: value for name, value in made.items() if value is not None}


def created(shop, reference="r1", **other):
    return shop.post(CREATE, **draft(reference, **other)).response["campaign_id"]


def setting(shop, campaign):
    return shop.get(SETTINGS, campaign_id_list=[campaign], info_type_list="1,2,3,4").response["campaign_list"][0]


def status(shop, campaign):
    return setting(shop, campaign)["common_info"]["campaign_status"]


def error(answer):
    return answer.json["error"]


class Editor:
    """Edits one campaign, each time under a reference id of its own."""

    def __init__(self, shop, campaign):
        self.shop, self.campaign, self.count = shop, campaign, 0

    def __call__(self, action, **other):
        self.count += 1
        return self.shop.post(EDIT, reference_id=f"{self.campaign}/{self.count}", campaign_id=self.campaign,
                              edit_action=action, **other)


@check("a manual campaign is created, listed and read back as it was asked for")
def create():
    shop = fresh()
    got = shop.post(CREATE, **draft(end_date=day(10))).response
    shape(got, {"campaign_id": int})
    campaign = got["campaign_id"]
    page = shop.get("ads/get_product_level_campaign_id_list", limit=5000).response["campaign_list"]
    equal([row["ad_type"] for row in page if row["campaign_id"] == campaign], ["manual"])
    info = setting(shop, campaign)
    common = info["common_info"]
    equal((common["ad_type"], common["bidding_method"], common["campaign_budget"], common["item_id_list"]),
          ("manual", "auto", 200000, [77006]))
    equal(common["campaign_status"] in ("ongoing", "scheduled"), True)
    equal(info["auto_bidding_info"]["roas_target"], Decimal("5.5"))
    duration = common["campaign_duration"]
    equal(duration["start_time"], midnight())
    equal(midnight(10) <= duration["end_time"] <= midnight(11), True)


@check("a campaign of manual bids has its keywords, places and enhanced bids")
def create_by_hand():
    shop = fresh()
    words = [{"keyword": "ao gio", "match_type": "exact", "bid_price_per_click": 900},
             {"keyword": "ao khoac", "match_type": "broad", "bid_price_per_click": 1200}]
    campaign = created(shop, bidding_method="manual", roas_target=None, selected_keywords=words, enhanced_cpc=True,
                       discovery_ads_locations=[{"location": "daily_discover", "bid_price": 800}])
    info = setting(shop, campaign)["manual_bidding_info"]
    equal([(word["keyword"], word["status"], word["match_type"], word["bid_price_per_click"])
           for word in info["selected_keywords"]],
          [("ao gio", "normal", "exact", 900), ("ao khoac", "normal", "broad", 1200)])
    equal([(place["location"], place["bid_price"]) for place in info["discovery_ads_locations"]],
          [("daily_discover", 800)])
    equal(info["enhanced_cpc"], True)


@check("a campaign without an end date is open and must start today")
def open_end():
    shop = fresh()
    equal(setting(shop, created(shop))["common_info"]["campaign_duration"]["end_time"], 0)
    for start in (day(1), day(30)):
        equal(error(shop.post(CREATE, **draft("r2", start_date=start))), "ads.campaign.invalid_start_date")


@check("a campaign that starts later is scheduled")
def scheduled():
    shop = fresh()
    campaign = created(shop, start_date=day(3), end_date=day(9))
    equal(status(shop, campaign), "scheduled")
    equal(error(Editor(shop, campaign)("resume")), ILLEGAL)


@check("dates that make no sense are refused")
def dates():
    shop = fresh()
    for start, end in ((day(5), day(3)), (day(-3), day(3)), (day(-3), day(-2))):
        equal(error(shop.post(CREATE, **draft(start_date=start, end_date=end))), "ads.campaign.error_date_setting")
    for start in ("2026-11-05", "31-02-2026", "", None, 5):
        refused(shop.post(CREATE, **draft(start_date=start)), 400, "error_param")


@check("a create without what it must have, or with what there is not, is error_param")
def bad_create():
    shop = fresh()
    for name in ("reference_id", "item_id", "bidding_method", "budget", "start_date"):
        refused(shop.post(CREATE, **draft(**{name: None}) if name != "reference_id" else draft(None)),
                400, "error_param")
    for other in ({"bidding_method": "other"}, {"item_id": "x"}, {"budget": "x"}, {"smart_creative_setting": "x"},
                  {"reference_id": ""}):
        refused(shop.post(CREATE, **draft() | other), 400, "error_param")
    for good in ("", "default", "on", "off"):
        created(shop, f"good {good}", smart_creative_setting=good)


@check("budgets below the least of the region are refused, zero is without limit")
def budgets():
    shop = fresh()
    out = "ads.campaign.error_daily_budget_range"
    for bad in (1, 99999, -1, 10 ** 12):
        equal(error(shop.post(CREATE, **draft(budget=bad))), out)
    campaign = created(shop, budget=0)
    equal(setting(shop, campaign)["common_info"]["campaign_budget"], 0)
    created(shop, "r2", budget=100000)
    shop = fresh(shops=shops_with(region="BR"))
    start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=-3))).strftime("%d-%m-%Y")
    equal(error(shop.post(CREATE, **draft(budget=9.99, start_date=start))), out)
    created(shop, budget=10, start_date=start)


@check("a reference id is good once: after a success it fails, and nothing is made twice")
def reference():
    shop = fresh()
    campaign = created(shop)
    count = len(control("budgets")["campaigns"])
    equal(shop.post(CREATE, **draft()).refusal, DUPLICATE)
    equal(shop.post(CREATE, **draft(budget=300000)).refusal, DUPLICATE)
    equal(len(control("budgets")["campaigns"]), count)
    edit = {"reference_id": "e1", "campaign_id": campaign, "edit_action": "pause"}
    equal(error(shop.post(EDIT, **edit)), "")
    equal(shop.post(EDIT, **edit).refusal, DUPLICATE)
    equal(len(control("budgets")["writes"]), 2)


@check("of calls under one reference id at the same time one is carried out")
def race():
    shop = fresh()
    answers = []
    workers = [threading.Thread(target=lambda: answers.append(shop.post(CREATE, **draft()))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    equal(sorted(map(error, answers)), [""] + ["error_param"] * 7)
    equal(len(control("budgets")["writes"]), 1)


@check("a reference id that failed is good for another try")
def reference_after_failure():
    shop = fresh()
    equal(error(shop.post(CREATE, **draft(budget=5))), "ads.campaign.error_daily_budget_range")
    campaign = created(shop)
    edit = {"reference_id": "e1", "campaign_id": campaign}
    equal(error(shop.post(EDIT, **edit, edit_action="resume")), ILLEGAL)
    equal(error(shop.post(EDIT, **edit, edit_action="pause")), "")


@check("a suggestion under the reference id of the later create does not use it up")
def reference_of_suggestion():
    shop = fresh()
    shop.get("ads/get_product_recommended_roi_target", reference_id="r1", item_id=77006).response
    shop.get("ads/get_create_product_ad_budget_suggestion", reference_id="r1", product_selection="manual",
             campaign_placement="all", bidding_method="auto").response
    created(shop)


@check("each shop has reference ids of its own, and the code of a duplicate is a setting")
def references_of_shops():
    shop = fresh(writing={"duplicateCode": "error_reference_id"})
    created(shop)
    equal(error(shop.post(CREATE, **draft())), "error_reference_id")
    shop = fresh(LITTLE)
    created(shop, item_id=shop.get("ads/get_recommended_item_list").response[0]["item_id"])


@check("campaigns go from ongoing to paused and back, end, and are deleted")
def machine():
    shop = fresh()
    edit = Editor(shop, created(shop))
    steps = (("pause", "paused"), ("resume", "ongoing"), ("pause", "paused"), ("stop", "ended"), ("delete", "deleted"))
    for action, wanted in steps:
        shape(edit(action).response, {"campaign_id": int})
        equal((action, status(shop, edit.campaign)), (action, wanted))
    edit = Editor(shop, created(shop, "r2", start_date=day(3), end_date=day(5)))
    for action, wanted in (("start", "ongoing"), ("delete", "deleted")):
        equal((action, error(edit(action)), status(shop, edit.campaign)), (action, "", wanted))


@check("what is illegal for a status is ads.edit.invalid_action and changes nothing")
def illegal():
    shop = fresh()
    edit = Editor(shop, created(shop))

    def all_refused(*actions):
        before = status(shop, edit.campaign)
        for action in actions:
            equal((action, error(edit(action))), (action, ILLEGAL))
        equal(status(shop, edit.campaign), before)

    all_refused("resume", "start")
    edit("pause").response
    all_refused("pause")
    edit("stop").response
    all_refused("pause", "resume", "stop")
    edit("delete").response
    all_refused("start", "pause", "resume", "stop", "delete")
    for action, more in (("change_budget", {"budget": 300000}), ("change_roas_target", {"roas_target": 3})):
        equal((action, error(edit(action, **more))), (action, ILLEGAL))


@check("an edit_action that there is not, and one of nobody's campaign")
def bad_edit():
    shop = fresh()
    edit = Editor(shop, created(shop))
    for action in ("other", "", None):
        equal(error(edit(action)) in ("error_param", ILLEGAL), True)
    equal(error(Editor(shop, int(control(f"ids?account={LITTLE}")[0]))("pause")), "ads.shop.campaign_not_match")
    equal(error(Editor(shop, 1)("pause")), "ads.shop.campaign_not_match")
    refused(shop.post(EDIT, campaign_id=edit.campaign, edit_action="pause"), 400, "error_param")
    refused(shop.post(EDIT, reference_id="x", edit_action="pause"), 400, "error_param")


@check("budget, dates and return are changed and read back")
def changes():
    shop = fresh()
    edit = Editor(shop, created(shop))
    edit("change_budget", budget=350000).response
    edit("change_roas_target", roas_target=7.5).response
    edit("change_duration", start_date=day(), end_date=day(5)).response
    info = setting(shop, edit.campaign)
    equal((info["common_info"]["campaign_budget"], info["auto_bidding_info"]["roas_target"]), (350000, Decimal("7.5")))
    equal(midnight(5) <= info["common_info"]["campaign_duration"]["end_time"] <= midnight(6), True)
    equal(error(edit("change_budget", budget=5)), "ads.campaign.error_daily_budget_range")
    equal(error(edit("change_duration", start_date=day(), end_date=day(-1))), "ads.campaign.error_date_setting")
    for action in ("change_budget", "change_roas_target", "change_duration"):
        refused(edit(action), 400, "error_param")
    equal(setting(shop, edit.campaign), info)


@check("smart creatives, places and enhanced bids are changed")
def other_changes():
    shop = fresh()
    words = [{"keyword": "ao gio", "match_type": "exact", "bid_price_per_click": 900}]
    edit = Editor(shop, created(shop, bidding_method="manual", roas_target=None, selected_keywords=words))
    edit("change_smart_creative", smart_creative_setting="on").response
    edit("change_enhanced_cpc", enhanced_cpc=True).response
    edit("change_location", discovery_ads_locations=[{"location": "you_may_also_like", "bid_price": 700}]).response
    info = setting(shop, edit.campaign)["manual_bidding_info"]
    equal(info["enhanced_cpc"], True)
    equal([(place["location"], place["bid_price"]) for place in info["discovery_ads_locations"]
           if place["status"] == "active"], [("you_may_also_like", 700)])


@check("replies to writes come as an object or as an array around it")
def write_shapes():
    shop = fresh(envelope={"writes": "array"})
    [made] = shop.post(CREATE, **draft()).response
    shape(made, {"campaign_id": int})
    edit = Editor(shop, made["campaign_id"])
    equal(edit("pause").response, [{"campaign_id": made["campaign_id"]}])
    shop = fresh(envelope={"writes": "mixed"})
    equal({type(shop.post(CREATE, **draft(f"r{count}")).response) for count in range(20)}, {dict, list})


@check("the calls for automatic campaigns are ads_deprecated, unless set to work; five items at most")
def automatic():
    shop = fresh()
    asked = {"reference_id": "a1", "item_id_list": [77001, 77006], "budget": 200000, "start_date": day()}
    for path in ("ads/create_auto_product_ads", "ads/edit_auto_product_ads"):
        equal(error(shop.post(path, **asked)), "ads_deprecated")
    shop = fresh(writing={"allowsAutoAds": True})
    campaign = shop.post("ads/create_auto_product_ads", **asked).response["campaign_id"]
    equal(setting(shop, campaign)["common_info"]["ad_type"], "auto")
    equal(sorted(setting(shop, campaign)["common_info"]["item_id_list"]), [77001, 77006])
    many = [77001, 77006, 77011, 77016, 77021, 77026]
    refused(shop.post("ads/create_auto_product_ads", **asked | {"reference_id": "a2", "item_id_list": many}),
            400, "error_param")
    shop.post("ads/edit_auto_product_ads", reference_id="a3", campaign_id=campaign, edit_action="pause").response
    equal(status(shop, campaign), "paused")


@check("shops on holiday and shops that are not normal create nothing")
def shop_states():
    equal(error(fresh(shops=shops_with(isInHolidayMode=True)).post(CREATE, **draft())), "ads.shop.in_holiday_mode")
    equal(error(fresh(shops=shops_with(status="FROZEN")).post(CREATE, **draft())), "ads.shop.status_not_normal")


@check("what a person changes in the seller's pages is there for the API")
def by_hand():
    shop = fresh()
    campaign = created(shop)
    control("budget", {"campaign_id": campaign, "budget": "450000"})
    control("status", {"campaign_id": campaign, "status": "paused"})
    common = setting(shop, campaign)["common_info"]
    equal((common["campaign_budget"], common["campaign_status"]), (450000, "paused"))
    equal(error(Editor(shop, campaign)("pause")), ILLEGAL)


@check("a budget is a decimal number as JSON, exact to the currency's last place")
def exact_budget():
    shop = fresh(shops=shops_with(region="SG"))
    start = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%d-%m-%Y")
    campaign = created(shop, budget=123.45, start_date=start)
    equal(setting(shop, campaign)["common_info"]["campaign_budget"], Decimal("123.45"))
    equal(control("budgets")["campaigns"][str(campaign)]["budget_micros"], 123450000)
    equal(campaign in {int(key) for key in control(f"budgets?account={BIG}")["campaigns"]}, True)
