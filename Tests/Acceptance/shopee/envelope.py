"""Envelopes, error codes and failures on purpose (platforms.md 1.7, 1.8, 1.16.4, 1.16.10)."""
import http.client
import time

from checks import check, control, equal, raised

from .client import BIG, EXCHANGE, Caller, fresh, refused, shape

BALANCE = "ads/get_total_balance"
IDS = "ads/get_product_level_campaign_id_list"
EDIT = "ads/edit_manual_product_ads"

# Codes of 1.8 with the statuses that the sandbox gives them unless told otherwise.
CODES = {
    400: ["error_sign", "error_param", "invalid_partner_id"],
    403: ["error_auth", "invalid_acceess_token", "invalid_access_token", "error_access_token", "error_permission",
          "error_permission_denied", "error_api_call_restricted", "source_ip_undeclared"],
    429: ["ads.rate_limit.exceed_api", "ads.rate_limit.exceed_partner_api", "ads.rate_limit.exceed_shop_api",
          "ads.rate_limit.campaign_level", "ads_rate_limit_total_api", "error_rate_limit"],
    500: ["error_server", "error_inner", "error_network", "error_system_busy"],
}
# Those whose status nobody has seen.
OTHERS = [
    "common.error_param", "ads.performance.error_date_in_future", "error_shop_refresh_token",
    "refresh_token_expired", "error_refresh_token", "shop_access_expired", "invalid_shop_id", "shop_no_linked",
    "shop_banned", "error_not_found", "ads.account.status_not_normal", "ads.shop.in_holiday_mode",
    "ads.ads_account.invalid_status", "ads.item.sold_out", "ads_deprecated",
]


def faults(**rule):
    control("faults", {"rules": [rule]})


@check("a good answer has an empty error, message, warning, a request id and its response")
def good():
    shop = fresh()
    first, second = (shop.get(BALANCE) for _ in range(2))
    shape(first.json, {"error": str, "message": str, "warning": str, "request_id": str, "response": dict})
    equal((first.status, first.json["error"], first.json["message"], first.json["warning"]), (200, "", "", ""))
    equal(first.json["request_id"] != second.json["request_id"], True)
    equal(first.headers.get_content_type(), "application/json")


@check("a failed answer has a code, a message, a request id and no response")
def bad():
    body = fresh().get(IDS, limit="x").json
    equal((body["error"], bool(body["message"]), bool(body["request_id"])), ("error_param", True, True))
    equal(body.get("response"), None)


@check("what says that all went well may be empty, a dash, null or absent, and changes in a mixed world")
def success():
    for name, wanted in (("empty", ""), ("dash", "-"), ("null", None), ("absent", "absent")):
        shop = fresh(envelope={"success": name})
        for path in (BALANCE, "shop/get_shop_info"):
            equal(shop.get(path).json.get("error", "absent"), wanted)
        equal(shop.refreshed().json.get("error", "absent"), wanted)
        equal(shop.get(IDS, limit="x").json["error"], "error_param")
    shop = fresh(envelope={"success": "mixed"})
    seen = {shop.get(BALANCE).json.get("error", "absent") for _ in range(60)}
    equal(seen, {"", "-", None, "absent"})


@check("warning may be absent")
def warning():
    equal("warning" in fresh(envelope={"hasWarning": False}).get(BALANCE).json, False)


@check("each code of the catalogue comes with its status, behind the signature and without effect")
def catalogue():
    shop = fresh()
    for status, codes in CODES.items():
        for code in codes:
            faults(kind="error", code=code, target=BALANCE)
            refused(shop.get(BALANCE), status, code)
            refused(shop.call("GET", BALANCE, key="wrong"), 400, "error_sign")
    for code in OTHERS:
        faults(kind="error", code=code, target=BALANCE)
        equal(shop.get(BALANCE).json["error"], code)


@check("the status of a code is a setting, and 200 is one of them")
def statuses():
    for status in (200, 400, 403, 429, 503):
        shop = fresh(envelope={"statuses": {"error_param": status, "invalid_acceess_token": status}})
        refused(shop.get(IDS, limit="x"), status, "error_param")
        refused(shop.call("GET", BALANCE, access_token="x"), status, "invalid_acceess_token")
        refused(shop.call("GET", BALANCE, key="x"), 400, "error_sign")
    fresh(envelope={"statuses": {"error_param": 400, "invalid_acceess_token": 403}})


@check("what failed on purpose was not carried out")
def error_without_effect():
    shop = fresh()
    faults(kind="error", code="error_server", target="auth/access_token", times=1)
    refused(shop.refreshed(), 500, "error_server")
    equal(shop.refreshed().json["error"], "")


@check("a 502 of HTML, a 429 of HTML and an empty 429 are no JSON")
def no_json():
    shop = fresh()
    for kind, status in (("html502", 502), ("html429", 429), ("empty429", 429)):
        faults(kind=kind, target=BALANCE)
        answer = shop.get(BALANCE)
        equal((answer.status, answer.json), (status, None))
        equal("<html" in answer.text.lower(), kind.startswith("html"))
        equal(answer.text == "", kind == "empty429")
        faults(kind=kind, target="auth/access_token", times=1)
        equal(shop.refreshed().status, status)
        equal(shop.refreshed().json["error"], "")
        shop = Caller()


@check("connections end: at once, before the answer, or in its middle")
def connections():
    shop = fresh()
    for kind in ("refused", "reset"):
        faults(kind=kind, target=BALANCE)
        raised(OSError, lambda: shop.get(BALANCE))
    faults(kind="truncated", target=BALANCE)
    raised((OSError, http.client.IncompleteRead), lambda: shop.get(BALANCE))


@check("a write whose connection was reset has been applied: the same reference id is a duplicate then")
def applied():
    shop = fresh()
    campaign = next(int(key) for key, value in control("budgets")["campaigns"].items()
                    if (value["kind"], value["status"]) == ("manual", "ongoing"))
    edit = {"reference_id": "once", "campaign_id": campaign, "edit_action": "pause"}
    faults(kind="reset", target=EDIT, times=1)
    raised(OSError, lambda: shop.post(EDIT, **edit))
    equal(control("budgets")["campaigns"][str(campaign)]["status"], "paused")
    equal(len(control("budgets")["writes"]), 1)
    refused(shop.post(EDIT, **edit), 400, "error_param")
    equal(len(control("budgets")["writes"]), 1)


@check("a refused write has not been applied: the same reference id is good for it")
def not_applied():
    shop = fresh()
    campaign = next(int(key) for key, value in control("budgets")["campaigns"].items()
                    if (value["kind"], value["status"]) == ("manual", "ongoing"))
    edit = {"reference_id": "once", "campaign_id": campaign, "edit_action": "pause"}
    faults(kind="refused", target=EDIT, times=1)
    raised(OSError, lambda: shop.post(EDIT, **edit))
    equal(control("budgets")["writes"], [])
    equal(shop.post(EDIT, **edit).json["error"], "")


@check("rows and ids may come twice")
def twice():
    shop = fresh()
    faults(kind="duplicateRow", target=IDS)
    rows = shop.get(IDS, limit=5000).response["campaign_list"]
    equal(len(rows) > len({row["campaign_id"] for row in rows}), True)
    daily = "ads/get_all_cpc_ads_daily_performance"
    faults(kind="duplicateRow", target=daily)
    today = time.strftime("%d-%m-%Y", time.gmtime(time.time() - 2 * 86400))
    before = time.strftime("%d-%m-%Y", time.gmtime(time.time() - 6 * 86400))
    rows = shop.get(daily, start_date=before, end_date=today).response
    equal((len(rows) > 5, len({row["date"] for row in rows})), (True, 5))


@check("answers take as long as they are told, a minute if need be")
def latency():
    shop = fresh(latency={"base": 400000})
    begin = time.monotonic()
    shop.get(BALANCE)
    equal(0.4 <= time.monotonic() - begin < 4, True)
    shop = fresh(latency={"base": 55_000_000})
    raised(TimeoutError, lambda: shop.call("GET", BALANCE, patience=1))


@check("an answer that nobody waits for has been carried out")
def late():
    shop = fresh()
    faults(kind="late", target="auth/access_token", times=1)
    raised(TimeoutError, lambda: shop.refreshed(patience=1))
    refused(shop.refreshed(), 400, "error_param")


@check("an answer in pieces arrives whole")
def slow():
    shop = fresh()
    wanted = shop.get(IDS, limit=50).response
    faults(kind="slow", target=IDS)
    equal(shop.get(IDS, limit=50).response, wanted)


@check("failures can be drawn from a seed, and leave tokens alone")
def drawn():
    shop = fresh()

    def answers():
        """Whether the call ends as it should."""
        try:
            return shop.get(BALANCE).refusal == (200, "")
        except (OSError, http.client.HTTPException, TypeError):
            return False

    for seed in (1, 5, 9):
        control(f"faults?seed={seed}", {})
        drawn = control("world")["faults"]["rules"]
        ended = [answers() for _ in range(150)]
        equal(bool(drawn), True)
        equal(10 < sum(ended), True)
        equal(len(ended) - sum(ended) > 0, True)
        equal(shop.refreshed().json["error"], "")
        shop = fresh()


@check("a body that is no object, and one without what it must have, are error_param")
def no_body():
    shop = fresh()
    refused(shop.call("POST", EXCHANGE, body=[], kind="public"), 400, "error_param")
    refused(shop.public(EXCHANGE, partner_id=shop.partner, shop_id=BIG), 400, "error_param")
