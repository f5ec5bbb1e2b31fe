#!/usr/bin/env python3
"""Checks that Meta's own SDK is content with the sandbox (meta.md, end of section 12).

Usage: meta_sdk.py [BASE_URL]

Without an address it takes SLUICE_SANDBOX_URL, and without that it starts `$SLUICE_BINARY sandbox meta --port 0`.
Prints one line per check and `N passed, N failed`; exits with 1 when a check failed. Works under unittest as well.
"""
import datetime
import json
import os
import subprocess
import sys
import time
import unittest

from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.adobjects.business import Business
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

import checks
from checks import check, control, equal, raised

STATUSES = ["ACTIVE", "PAUSED", "ARCHIVED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "PENDING_REVIEW"]
process = None


def faults(*rules):
    control("faults", {"rules": [{"target": "", "method": "", "share": 1000, "calls": [], **rule} for rule in rules]})


def error_of(call):
    """The error that a call surfaces as, in the SDK's own class."""
    return raised(FacebookRequestError, call)


def started():
    """The address of a sandbox of our own; it ends with us."""
    global process
    binary = os.environ.get("SLUICE_BINARY")
    if not binary:
        sys.exit("usage: meta_sdk.py BASE_URL (or set SLUICE_SANDBOX_URL or SLUICE_BINARY)")
    process = subprocess.Popen([binary, "sandbox", "meta", "--port", "0"], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        name, _, value = line.strip().partition(" ")
        if name == "url":
            return value
    raise RuntimeError("the sandbox did not start")


def prepare(address=None):
    global world, auth, token, secret, account_id, account, truth, api, week
    base = checks.connect(address or os.environ.get("SLUICE_SANDBOX_URL") or started())
    world = control("world")
    # Short pages are part of life; empty pages with a `next` end an SDK's loop by its own fault (meta.md 0.3).
    world["reading"].update(shortPages=100, emptyPages=0)
    world["insights"].update(shortPages=100, emptyPages=0)
    world["runs"].update(medianSeconds=1, spread=0)
    world["latency"].update(base=0, jitter=0, row=0)
    control("world", {key: world[key] for key in ("reading", "insights", "runs", "latency")})
    auth = world["auth"]
    token, secret, account_id = auth["tokens"][0]["value"], auth["appSecret"], world["accounts"][0]["id"]
    truth = control(f"truth?account={account_id}")
    last = datetime.date.fromisoformat(truth["to"])
    week = {
        "since": (last - datetime.timedelta(days=40)).isoformat(),
        "until": (last - datetime.timedelta(days=33)).isoformat(),
    }
    FacebookSession.GRAPH = base
    api = FacebookAdsApi.init(auth["appID"], secret, token, api_version="v26.0", crash_log=False)
    account = AdAccount(f"act_{account_id}")


def finish():
    if process:
        process.terminate()
        process.wait()
        process.stdout.close()


ACCOUNT_FIELDS = ["account_id", "name", "currency", "timezone_name", "account_status", "created_time"]


@check("me/adaccounts arrives over three pages or more")
def accounts_over_pages():
    before = control("counters")["byRoute"].get("GET User/adaccounts", 0)
    accounts = list(User("me").get_ad_accounts(fields=ACCOUNT_FIELDS, params={"limit": 1}))
    pages = control("counters")["byRoute"]["GET User/adaccounts"] - before
    equal(sorted(a["account_id"] for a in accounts), sorted(a["id"] for a in world["accounts"]))
    equal(pages >= 3, True)


@check("an account is read by its id, with nested fields")
def account_node():
    got = account.api_get(fields=ACCOUNT_FIELDS + ["business{id,name}"])
    equal(got["id"], f"act_{account_id}")
    equal(got["currency"], world["accounts"][0]["currency"])
    equal(got["business"]["name"], world["businesses"][0]["name"])


@check("businesses and their accounts and pages are listed")
def businesses():
    found = list(User("me").get_businesses(fields=["id", "name", "created_time"]))
    equal([b["id"] for b in found], [b["id"] for b in world["businesses"]])
    business = Business(found[0]["id"])
    owned = {a["id"] for a in business.get_owned_ad_accounts(fields=["id"])}
    client = {a["id"] for a in business.get_client_ad_accounts(fields=["id"])}
    wanted = {f"act_{a['id']}" for a in world["accounts"] if a.get("business") == 0}
    equal(owned | client, wanted)
    pages = list(business.get_owned_pages(fields=["id"])) + list(business.get_client_pages(fields=["id"]))
    equal(len(pages), world["pages"]["count"])


def listed(edge, kind, stream, fields):
    found = list(edge(fields=fields, params={"limit": 100, "effective_status": STATUSES_OF[kind]}))
    equal(len(found), truth["rows"][stream])
    equal(sorted(item["id"] for item in found), sorted(control(f"ids?account={account_id}&stream={stream}")))
    unfiltered = list(edge(fields=["id", "effective_status"], params={"limit": 100}))
    equal(len(unfiltered), truth["unfiltered"][stream])
    equal([u["id"] for u in unfiltered if u["effective_status"] in ("ARCHIVED", "DELETED")], [])
    return found


STATUSES_OF = {
    Campaign: ["ACTIVE", "PAUSED", "ARCHIVED"],
    AdSet: ["ACTIVE", "PAUSED", "ARCHIVED", "CAMPAIGN_PAUSED"],
    Ad: STATUSES,
}


@check("campaigns are listed whole, archived ones when asked for")
def campaigns():
    found = listed(account.get_campaigns, Campaign, "campaigns", ["name", "objective", "status", "updated_time"])
    equal(all(isinstance(c["name"], str) and c["objective"].startswith("OUTCOME_") for c in found), True)


@check("ad sets are listed whole, with nested campaign and targeting")
def ad_sets():
    found = listed(account.get_ad_sets, AdSet, "ad_sets", ["name", "campaign{id,name}", "targeting", "daily_budget"])
    equal(all(a["campaign"]["id"].isdigit() and a["targeting"]["age_min"] >= 13 for a in found), True)


@check("ads are listed whole, with their creative")
def ads():
    found = listed(account.get_ads, Ad, "ads", ["name", "adset_id", "campaign_id", "creative{id}", "created_time"])
    equal(all(int(a["id"]) > 2 ** 53 for a in found), True)


@check("filtering by updated_time and by parent returns exactly the matching ads")
def filtering():
    params = {"limit": 200, "date_format": "U"}
    everything = list(account.get_ads(fields=["updated_time", "campaign_id"], params=params))
    times = sorted(int(a["updated_time"]) for a in everything)
    middle = times[len(times) // 2]
    newer = {"field": "ad.updated_time", "operator": "GREATER_THAN", "value": middle}
    found = list(account.get_ads(fields=["id"], params={"limit": 200, "filtering": [newer]}))
    equal(len(found), sum(time > middle for time in times))
    parent = everything[0]["campaign_id"]
    of_parent = {"field": "campaign.id", "operator": "IN", "value": [parent]}
    found = list(account.get_ads(fields=["id"], params={"limit": 200, "filtering": [of_parent]}))
    equal({a["id"] for a in found}, {a["id"] for a in everything if a["campaign_id"] == parent})
    equal({a["id"] for a in Campaign(parent).get_ads(params={"limit": 200})}, {a["id"] for a in found})


@check("summary counts the whole listing")
def summary():
    cursor = account.get_campaigns(fields=["id"], params={"limit": 5})
    cursor.load_next_page()
    equal(cursor.total(), truth["unfiltered"]["campaigns"])


def sums(rows):
    """Spend in millionths and impressions, in integers."""
    spend = sum(int(round(float(row["spend"]) * 1_000_000)) for row in rows)
    return spend, sum(int(row["impressions"]) for row in rows)


def oracle(days, level="account"):
    since, until = days["since"], days["until"]
    found = control(f"sums?account={account_id}&level={level}&from={since}&to={until}").values()
    return sum(d["spendMicros"] for d in found), sum(d["impressions"] for d in found), sum(d["rows"] for d in found)


EVERY_STATUS = [{"field": "ad.effective_status", "operator": "IN", "value": STATUSES + ["DELETED"]}]
METRICS = [
    AdsInsights.Field.account_id, AdsInsights.Field.ad_id, AdsInsights.Field.impressions, AdsInsights.Field.clicks,
    AdsInsights.Field.spend, AdsInsights.Field.reach, AdsInsights.Field.actions, AdsInsights.Field.action_values,
]


@check("a synchronous report per ad and day adds up to the account")
def sync_insights():
    params = {"level": "ad", "time_increment": 1, "time_range": week, "limit": 200, "filtering": EVERY_STATUS}
    rows = list(account.get_insights(fields=METRICS, params=params))
    spend, impressions, count = oracle(week, "ad")
    equal(len(rows), count)
    equal(len({(row["ad_id"], row["date_start"]) for row in rows}), count)
    equal(sums(rows), (spend, impressions))
    equal(all(isinstance(row["impressions"], str) and row["date_start"] == row["date_stop"] for row in rows), True)


@check("without a filter on the status, rows of archived ads are missing and the account's total is not")
def unlisted():
    params = {"level": "ad", "time_increment": 1, "time_range": week, "limit": 500}
    rows = list(account.get_insights(fields=["spend", "impressions"], params=params))
    total = list(account.get_insights(fields=["spend", "impressions"], params={"time_range": week}))
    equal(len(total), 1)
    equal(sums(total), oracle(week)[:2])
    equal(sums(rows)[1] <= sums(total)[1], True)


@check("breakdowns add up to the whole")
def breakdowns():
    whole = list(account.get_insights(fields=["impressions", "spend"], params={"time_range": week}))
    parts = account.get_insights(
        fields=["impressions", "spend"], params={"time_range": week, "breakdowns": ["age", "gender"], "limit": 100})
    parts = list(parts)
    equal(sums(parts)[1], sums(whole)[1])
    equal({"age", "gender"} <= set(parts[0].export_all_data()), True)


@check("an asynchronous report is submitted, polled and read")
def async_insights():
    params = {"level": "campaign", "time_increment": 1, "time_range": week}
    run = account.get_insights_async(fields=["campaign_id", "impressions", "spend"], params=params)
    equal(isinstance(run["report_run_id"], str), True)
    for _ in range(60):
        run = run.api_get()
        if run[AdReportRun.Field.async_status] == "Job Completed":
            break
        time.sleep(0.25)
    equal(run[AdReportRun.Field.async_percent_completion], 100)
    rows = list(run.get_insights(params={"limit": 100}))
    sync = list(account.get_insights(
        fields=["campaign_id", "impressions", "spend"], params={**params, "limit": 500}))
    equal(sorted((r["campaign_id"], r["date_start"], r["spend"]) for r in rows),
          sorted((r["campaign_id"], r["date_start"], r["spend"]) for r in sync))
    equal([r["spend"] for r in run.get_result(params={"limit": 100})], [r["spend"] for r in rows])


@check("a batch of 50 with a null item is complete after another round")
def batch():
    ids = control(f"ids?account={account_id}&stream=ads")[:50]
    faults({"kind": "nullItem", "calls": [17]})
    got, rounds = {}, 0
    pending = api.new_batch()
    for ad_id in ids:
        def keep(response, ad_id=ad_id):
            got[ad_id] = response.json()["id"]
        def fail(response):
            raise AssertionError(response.error())
        Ad(ad_id).api_get(fields=["name"], batch=pending, success=keep, failure=fail)
    while pending is not None:
        pending = pending.execute()
        rounds += 1
    equal(got, {ad_id: ad_id for ad_id in ids})
    equal(rounds, 2)


@check("items of a batch fail alone and carry their own headers")
def batch_errors():
    good = control(f"ids?account={account_id}&stream=ads")[0]
    seen = []
    pending = api.new_batch()
    for ad_id in (good, "999"):
        Ad(ad_id).api_get(batch=pending, success=seen.append, failure=seen.append)
    equal(pending.execute(), None)
    equal([r.is_success() for r in seen], [True, False])
    equal(seen[1].error().api_error_code(), 100)
    equal(any(h["name"] == "X-Ad-Account-Usage" for h in seen[0].headers()), True)


@check("status, name and budget are written and read back, and updated_time moves")
def writes():
    live = {"limit": 200, "effective_status": ["ACTIVE", "PAUSED", "CAMPAIGN_PAUSED"]}
    for candidate in account.get_ad_sets(fields=["daily_budget", "updated_time", "name"], params=live):
        if candidate["daily_budget"] != "0":
            break
    before = candidate["updated_time"]
    written = AdSet(candidate["id"])
    written.api_update(params={"status": "PAUSED", "daily_budget": 150000, "name": "Đã đổi \"tên\""})
    after = written.api_get(fields=["status", "daily_budget", "name", "updated_time"])
    equal((after["status"], after["daily_budget"], after["name"]), ("PAUSED", "150000", "Đã đổi \"tên\""))
    equal(after["updated_time"] > before, True)
    written.api_update(params={"status": "ACTIVE"})


@check("a deleted ad leaves the listing and is still read by its id")
def delete():
    victim = list(account.get_ads(fields=["id"], params={"limit": 1}))[0]["id"]
    Ad(victim).api_delete()
    equal(Ad(victim).api_get(fields=["effective_status"])["effective_status"], "DELETED")
    equal(victim in {a["id"] for a in account.get_ads(fields=["id"], params={"limit": 500})}, False)


@check("several objects are read by their ids in one call")
def multi_get():
    ids = control(f"ids?account={account_id}&stream=campaigns")[:7]
    found = Campaign.get_by_ids(ids, fields=["name", "status"])
    equal([c["id"] for c in found], ids)


@check("posts are read with a page's own token, and refused with the user's")
def posts():
    pages = list(User("me").get_accounts(fields=["id", "name", "access_token"]))
    equal(len(pages), world["pages"]["count"])
    first = pages[0]
    equal(error_of(lambda: list(Page(first["id"]).get_posts(fields=["id"]))).api_error_code(), 210)
    of_page = FacebookAdsApi(FacebookSession(auth["appID"], secret, first["access_token"]), "v26.0")
    fields = ["id", "message", "created_time", "permalink_url", "shares", "comments.limit(0).summary(true)"]
    found = list(Page(first["id"], api=of_page).get_posts(fields=fields, params={"limit": 100}))
    equal(len({p["id"] for p in found}), truth["rows"]["posts"] // world["pages"]["count"])
    equal(found[0]["comments"]["summary"]["total_count"] >= 0, True)
    error = error_of(lambda: list(Page(first["id"], api=of_page).get_posts(params={"limit": 101})))
    equal(error.api_error_code(), 100)


@check("usage headers come with every answer")
def usage():
    response = api.call("GET", (f"act_{account_id}", "insights"), params={"date_preset": "yesterday"})
    headers = {name.lower(): value for name, value in response.headers().items()}
    equal(json.loads(headers["x-ad-account-usage"])["ads_api_access_tier"], "standard_access")
    types = [entry["type"] for entry in json.loads(headers["x-business-use-case-usage"])[account_id]]
    equal(set(types), {"ads_insights", "ads_management"})
    equal("acc_id_util_pct" in json.loads(headers["x-fb-ads-insights-throttle"]), True)
    equal(headers["facebook-api-version"], "v26.0")


@check("the token is inspected and exchanged")
def tokens():
    app = FacebookAdsApi(FacebookSession(access_token=f"{auth['appID']}|{secret}"), "v26.0")
    data = app.call("GET", ("debug_token",), params={"input_token": token}).json()["data"]
    equal((data["is_valid"], data["app_id"]), (True, auth["appID"]))
    params = {"grant_type": "fb_exchange_token", "client_id": auth["appID"], "client_secret": secret,
              "fb_exchange_token": token}
    fresh = app.call("GET", ("oauth", "access_token"), params=params).json()["access_token"]
    own = FacebookAdsApi(FacebookSession(auth["appID"], secret, fresh), "v26.0")
    equal(own.call("GET", ("me",)).json()["id"], "10001")
    granted = {p["permission"] for p in own.call("GET", ("me", "permissions")).json()["data"]}
    equal({"ads_read", "business_management"} <= granted, True)


ERRORS = [
    ("unknown (1)", {"kind": "unknown"}, 1, None, 500),
    ("unavailable (2)", {"kind": "unavailable"}, 2, None, 503),
    ("error inside of HTTP 200", {"kind": "okWithError"}, 2, None, 200),
    ("too much data", {"kind": "tooMuch"}, 1, None, 500),
    ("account throttle", {"kind": "accountThrottle"}, 17, 2446079, 400),
    ("use case throttle", {"kind": "useCaseThrottle"}, 80004, 2446079, 400),
    ("abuse", {"kind": "abuse"}, 613, None, 400),
    ("permission", {"kind": "permission"}, 200, None, 403),
] + [
    (f"token ({sub})", {"kind": "token", "code": str(sub)}, 190, sub, 401)
    for sub in (458, 459, 460, 463, 464, 467, 492)
]

for name, rule, code, subcode, status in ERRORS:
    @check(f"error: {name}")
    def injected(rule=rule, code=code, subcode=subcode, status=status):
        faults(rule)
        error = error_of(lambda: account.get_campaigns(fields=["id"]))
        equal((error.api_error_code(), error.api_error_subcode(), error.http_status()), (code, subcode, status))


@check("error: unknown field names the field")
def unknown_field():
    error = error_of(lambda: account.api_get(fields=["no_such_field"]))
    equal((error.api_error_code(), "no_such_field" in error.api_error_message()), (100, True))


@check("error: unknown object (100/33)")
def unknown_object():
    error = error_of(lambda: Ad("120200003999999999").api_get())
    equal((error.api_error_code(), error.api_error_subcode()), (100, 33))


@check("error: unknown alias (803) with status 404")
def unknown_alias():
    error = error_of(lambda: api.call("GET", ("nobody",)))
    equal((error.api_error_code(), error.http_status()), (803, 404))


@check("error: reports older than 37 months (3018)")
def too_old():
    old = {"since": "2015-01-01", "until": "2015-01-02"}
    error = error_of(lambda: account.get_insights(fields=["spend"], params={"time_range": old}))
    equal(error.api_error_code(), 3018)


@check("error: a budget that is too low blames the field (1885272)")
def blamed():
    live = {"limit": 1, "effective_status": ["ACTIVE"]}
    ad_set = list(account.get_ad_sets(fields=["id"], params=live))[0]
    error = error_of(lambda: AdSet(ad_set["id"]).api_update(params={"daily_budget": 1}))
    equal((error.api_error_code(), error.api_error_subcode()), (100, 1885272))
    equal(error.body()["error"]["error_data"]["blame_field_specs"], [["daily_budget"]])


@check("error: a wrong proof is refused")
def wrong_proof():
    wrong = FacebookAdsApi(FacebookSession(auth["appID"], "not the secret", token), "v26.0")
    equal(error_of(lambda: wrong.call("GET", ("me",))).api_error_code(), 100)


@check("error: a token that nobody gave out")
def wrong_token():
    wrong = FacebookAdsApi(FacebookSession(access_token="EAAGnonsense"), "v26.0")
    equal(error_of(lambda: wrong.call("GET", ("me",))).api_error_code(), 190)


def setUpModule():
    prepare()


def tearDownModule():
    finish()


class MetaSDK(unittest.TestCase):
    """The checks under unittest, in their order."""


for number, (title, action) in enumerate(checks.CHECKS):
    def method(self, action=action):
        action()
    method.__doc__ = title
    setattr(MetaSDK, f"test_{number:02}", method)


if __name__ == "__main__":
    prepare(sys.argv[1] if len(sys.argv) > 1 else None)
    checks.run(finish)
