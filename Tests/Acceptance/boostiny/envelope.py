"""Keys, errors, envelopes and pages (platforms.md 5.1, 5.3, 5.7.1, 5.7.2, 5.7.6)."""
import datetime
import http.client
import re

from checks import check, control, equal, filled, raised

from .client import (
    CAMPAIGNS, COUPONS, KEY, LINKS, NUMBERS, PERFORMANCE, REPORT, ROW, SUMMARY, ago, everything, fault, fresh,
    get, refused, usual, window,
)


@check("the key stands in Authorization as it is")
def raw_key():
    fresh()
    equal(get(CAMPAIGNS).status, 200)
    for wrong in (f"Bearer {KEY}", f"bearer {KEY}", f"{KEY}x", KEY[:-1], KEY.upper(), "", None):
        refused(get(CAMPAIGNS, key=wrong), 401)


@check("every path wants the key")
def key_everywhere():
    fresh()
    for path in (CAMPAIGNS, COUPONS, PERFORMANCE, LINKS, REPORT):
        refused(get(path, key="other", **window(3, 2)), 401)


@check("a revoked key is 401, a forbidden one 403")
def revoked():
    fresh()
    control("revoke", {})
    refused(get(CAMPAIGNS), 401)
    fresh(isForbidden=True)
    refused(get(CAMPAIGNS), 403)


@check("paths that there are not are 404, those with a version and of conversions among them")
def unknown():
    fresh()
    for path in ("/publisher/nothing", "/v2/publisher/campaigns", "/publisher/conversions", "/publisher/purchases",
                 "/publisher/payments", "/"):
        refused(get(path), 404)


@check("methods but GET are 405")
def methods():
    fresh()
    for path in (CAMPAIGNS, COUPONS, PERFORMANCE):
        for method in ("POST", "PUT", "DELETE"):
            refused(get(path, method=method, **window(3, 2)), 405)


@check("dates that are none, and from after to, are refused, with a status that is a setting")
def bad_dates():
    fresh()
    day = str(ago(2))
    bad = [{"from": str(ago(1)), "to": day}, {"from": "2026-02-31", "to": day}, {"from": day, "to": "31-01-2026"},
           {"from": day, "to": "tomorrow"}, {"from": day}, {"to": day}, {}]
    for path in (PERFORMANCE, LINKS, REPORT):
        for query in bad:
            equal(400 <= get(path, **query).status < 500, True)
            refused(get(path, **query), usual["reading"]["badDateStatus"])
    fresh(reading={"badDateStatus": 400})
    refused(get(PERFORMANCE, **bad[0]), 400)


@check("errors and broken answers on purpose: 500, a 502 of HTML, resets, half an answer")
def failures():
    fresh()
    fault("error500")
    refused(get(CAMPAIGNS), 500)
    fault("html502")
    answer = get(CAMPAIGNS)
    equal((answer.status, answer.json, "<html" in answer.text.lower()), (502, None, True))
    for kind in ("refused", "reset"):
        fault(kind)
        raised(OSError, lambda: get(CAMPAIGNS))
    fault("truncated")
    raised((OSError, http.client.IncompleteRead), lambda: get(CAMPAIGNS))


@check("a page of performance has summary, data and pagination; numerals are strings, of pages they are ints")
def envelope():
    fresh(performance={"hasDate": False, "hasCountry": False})
    page = get(PERFORMANCE, **window(30, 2), limit=5).payload
    equal(sorted(page), ["data", "pagination", "summary"])
    equal(sorted(page["summary"]), sorted(SUMMARY))
    equal({type(value) for value in page["summary"].values()}, {str})
    equal({name: type(value) for name, value in page["pagination"].items()},
          {"total": int, "perPage": int, "currentPage": int})
    equal(page["summary"]["full_count"], str(page["pagination"]["total"]))
    for row in filled(page["data"]):
        equal(sorted(row), sorted(ROW))
        equal({type(row[name]) for name in (*NUMBERS, "full_count", "campaign_id", "code_id", "code")}, {str})
        equal(row["full_count"], str(page["pagination"]["total"]))
        for name in NUMBERS:
            equal((name, re.fullmatch(r"\d+(\.\d+)?", row[name]) is None), (name, False))
        datetime.datetime.strptime(row["last_updated_at"], "%Y-%m-%d %H:%M:%S")


@check("the default size of a page and its cap are settings; a limit above the cap is cut silently")
def page_sizes():
    def size(**query):
        page = get(PERFORMANCE, **window(60, 2), **query).payload
        return page["pagination"]["perPage"], len(page["data"])

    fresh()
    equal((size(), size(limit=7), size(limit=1000)), ((50, 50), (7, 7), (1000, 1000)))
    equal(size(limit=10_000_000)[0], 1000)
    fresh(reading={"perPage": 9, "mostPerPage": 20})
    equal((size(), size(limit=20), size(limit=21), size(limit=10_000_000)), ((9, 9), (20, 20), (20, 20), (20, 20)))


@check("pages go on while currentPage times perPage is below the total; the last one has the rest")
def pages():
    fresh()
    def keys(rows):
        return [tuple(row.get(name) for name in ("id", "campaign_id", "code_id", "date")) for row in rows]

    for path, query in ((CAMPAIGNS, {}), (COUPONS, {}), (PERFORMANCE, window(9, 2)), (LINKS, window(9, 2))):
        whole = everything(path, **query)
        equal(len(set(keys(whole))), len(whole))
        for limit in (7, len(whole), len(whole) - 1, len(whole) + 1):
            equal(keys(everything(path, limit=limit, **query)), keys(whole))
        past = get(path, page=99, limit=1000, **query).payload
        equal((past["data"], past["pagination"]["total"], past["pagination"]["currentPage"]), ([], len(whole), 99))


@check("rows of all days are as many as the oracle has, each once")
def whole():
    fresh()
    truth = control("truth")
    rows = everything(PERFORMANCE, **{"from": truth["from"], "to": truth["to"]})
    equal(len(rows), truth["rows"]["boostiny_performance"])
    equal(len({(row["campaign_id"], row["code_id"], row["date"]) for row in rows}), len(rows))
    equal(len(everything(CAMPAIGNS)), truth["rows"]["boostiny_campaigns"])
    equal(len(everything(COUPONS)), truth["rows"]["boostiny_coupons"])
