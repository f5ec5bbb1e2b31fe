#!/usr/bin/env python3
"""Checks that the `admitad` package is content with the sandbox (platforms.md 4).

Usage: admitad_client.py BASE_URL

Prints one line per check and `N passed, N failed`; exits with 1 when a check failed.
"""
import base64
import datetime
import sys

import admitad.constants

import checks
from checks import check, control, equal, raised

BASE = checks.connect(sys.argv[1]) if len(sys.argv) > 1 else sys.exit("usage: admitad_client.py BASE_URL")

# The package puts its addresses together when its modules are loaded.
admitad.constants.BASE_URL = f"{BASE}/"
admitad.constants.TOKEN_URL = f"{BASE}/token/"

from admitad import api, transport  # noqa: E402
from admitad.exceptions import HttpException  # noqa: E402


def error_of(call):
    """Status and body of the error that a call surfaces as, in the package's own class."""
    error = raised(HttpException, call)
    return error.status, error.message


def everything(get, **filters):
    """All rows of a listing in pages of 500."""
    rows = []
    while True:
        page = get(limit=500, offset=len(rows), **filters)
        rows += page["results"]
        if not page["results"] or len(rows) >= page["_meta"]["count"]:
            return rows


control("world", {"latency": {"base": 0, "jitter": 0}})
WORLD = control("world")
AUTH = WORLD["auth"]
SCOPES = " ".join(AUTH["scopes"])
LAST = datetime.date.fromisoformat(WORLD["anchor"]) - datetime.timedelta(days=1)
FIRST = LAST - datetime.timedelta(days=6)
client = api.get_oauth_client_client(AUTH["clientID"], AUTH["clientSecret"], SCOPES)


@check("a token comes for client credentials, and is refreshed once")
def tokens():
    data = {"client_id": AUTH["clientID"], "client_secret": AUTH["clientSecret"]}
    token = transport.oauth_client_authorization({**data, "scopes": "statistics websites"})
    equal(token["scope"], "statistics websites")
    equal(token["expires_in"], 604800)
    data["refresh_token"] = token["refresh_token"]
    fresh = transport.oauth_refresh_access_token(data)
    equal(fresh["scope"], "statistics websites")
    api.get_oauth_client_token(fresh["access_token"]).Websites.get()
    status, body = error_of(lambda: transport.oauth_refresh_access_token(data))
    equal((status, body["error_code"]), (400, 5))


@check("wrong credentials are refused")
def wrong_credentials():
    status, _ = error_of(lambda: api.get_oauth_client_client(AUTH["clientID"], "wrong", SCOPES))
    equal(status, 401)


@check("a missing scope is 403 with insufficient_scope")
def missing_scope():
    narrow = api.get_oauth_client_client(AUTH["clientID"], AUTH["clientSecret"], "websites")
    status, body = error_of(narrow.StatisticActions.get)
    equal((status, body["error"], body["error_code"]), (403, "insufficient_scope", 2))


@check("the publisher and its websites are read")
def websites():
    equal(client.Me()["username"], "sluice-publisher")
    found = client.Websites.get()["results"]
    equal(len(found), WORLD["programs"]["websites"])
    equal(client.Websites.getOne(found[0]["id"])["name"], found[0]["name"])


@check("programmes are listed, read by id, and seen by a website")
def programs():
    rows = everything(client.Campaigns.get)
    equal(len(rows), WORLD["programs"]["count"])
    equal(client.Campaigns.getOne(rows[3]["id"])["name"], rows[3]["name"])
    website = client.Websites.get()["results"][0]["id"]
    page = client.CampaignsForWebsite.get(website, limit=5)
    equal((len(page["results"]), page["_meta"]["count"]), (5, len(rows)))
    one = client.CampaignsForWebsite.getOne(website, rows[0]["id"])
    equal(one["connection_status"] in ("active", "pending", "declined"), True)


@check("coupons are listed and ordered, and a website gets codes and links")
def coupons():
    rows = everything(client.Coupons.get, order_by="-rating")
    equal(len(rows), WORLD["programs"]["coupons"])
    ratings = [float(row["rating"]) for row in rows]
    equal(ratings, sorted(ratings, reverse=True))
    website = client.Websites.get()["results"][0]["id"]
    own = client.CouponsForWebsite.get(website, limit=500)["results"]
    equal(all(row["goto_link"] for row in own) and len(own) > 0, True)
    campaign = rows[0]["campaign"]["id"]
    equal({row["campaign"]["id"] for row in everything(client.Coupons.get, campaign=[campaign])}, {campaign})
    equal(client.CouponsCategories.get()["_meta"]["count"], 5)


@check("conversions of a week arrive whole, in the order of time, as the oracle has them")
def actions():
    rows = everything(client.StatisticActions.get, date_start=FIRST, date_end=LAST, order_by="datetime")
    days = control(f"actions?from={FIRST}&to={LAST}")
    equal(len(rows), sum(day["count"] for day in days.values()))
    equal(len({row["action_id"] for row in rows}), len(rows))
    times = [row["action_date"].replace("T", " ") for row in rows]
    equal(times, sorted(times))


@check("conversions are found by status, programme and time of their last change")
def filters():
    get = client.StatisticActions.get
    declined = everything(get, date_start=FIRST, date_end=LAST, status=3)
    equal({row["status"] for row in declined}, {"declined"})
    campaign = declined[0]["advcampaign_id"]
    equal({row["advcampaign_id"] for row in everything(get, campaign=campaign, date_start=FIRST)}, {campaign})
    start = datetime.datetime.combine(FIRST, datetime.time())
    end = datetime.datetime.combine(LAST, datetime.time(12))
    changed = everything(get, status_updated_start=start, status_updated_end=end)
    stamps = [row["status_updated"].replace("T", " ") for row in changed]
    equal(all(str(start) <= stamp <= str(end) for stamp in stamps) and len(stamps) > 0, True)


@check("reports by day, month, website, programme and sub id add up to the conversions")
def reports():
    window = {"date_start": FIRST, "date_end": LAST}
    rows = everything(client.StatisticActions.get, **window)

    def total(found):
        names = ("payment_sum_open", "payment_sum_approved", "payment_sum_declined")
        return round(sum(float(row[name]) for row in found for name in names), 4)

    wanted = round(sum(float(row["payment"] or 0) for row in rows), 4)
    for name in ("Days", "Months", "Websites", "Campaigns", "SubIds"):
        equal((name, total(everything(getattr(client, f"Statistic{name}").get, **window))), (name, wanted))
    equal(total(client.StatisticDays.get(total=1, **window)["results"]), wanted)


@check("a quota that is used up is 503 with error_code 4, an outage is 503 without JSON")
def throttle():
    control("faults", {"rules": [{"kind": "throttled", "target": "/websites/"}]})
    status, body = error_of(client.Websites.get)
    equal((status, body["error_code"]), (503, 4))
    control("faults", {"rules": [{"kind": "outage", "target": "/websites/"}]})
    status, body = error_of(client.Websites.get)
    equal((status, isinstance(body, bytes)), (503, True))


@check("an unknown token is 401 with error_code 1")
def unknown_token():
    wrong = base64.b64encode(b"nobody").decode()
    status, body = error_of(api.get_oauth_client_token(wrong).Websites.get)
    equal((status, body["error_code"]), (401, 1))


if __name__ == "__main__":
    checks.run()
