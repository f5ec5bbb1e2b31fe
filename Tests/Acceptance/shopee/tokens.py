"""Consent, codes and tokens (platforms.md 1.4, 1.5, 1.16.2)."""
import threading
import time
import urllib.parse

from checks import check, control, equal, raised

from .client import (
    BIG, BIGGER, LITTLE, MAIN_ACCOUNT, MERCHANT, PREFIX, REFRESH, Caller, apps_with, fresh, refused, send, shape,
)

BALANCE = "ads/get_total_balance"
LINK = "shop/auth_partner"
WORDS = "Your refresh token or shop_id is wrong"
PAIR = {"error": str, "message": str, "request_id": str, "access_token": str, "refresh_token": str, "expire_in": int}


def code_of(**asked):
    """What the redirect brings after a person agreed."""
    return dict(urllib.parse.parse_qsl(control("consent", asked)["query"]))


def pair(answer, **more):
    """The new tokens, in the shape that is promised."""
    body = {name: value for name, value in answer.json.items() if name != "warning"}
    equal((answer.status, body["error"]), (200, ""))
    shape(body, PAIR | more)
    return body["access_token"], body["refresh_token"]


def works(shop, token, answer=""):
    equal(shop.call("GET", BALANCE, access_token=token).json["error"], answer)


def used_up(answer):
    refused(answer, 400, "error_param")
    equal(answer.json["message"].startswith(WORDS), True)


def link(shop, path=LINK, redirect="https://tool.example/back?state=s%201&x=2", **other):
    return shop.call("GET", path, {"redirect": redirect}, kind="public", **other)


@check("the consent page sends back to the redirect, with its own query kept, a code and whose it is")
def consent():
    answer = link(fresh())
    equal(answer.status, 302)
    url = urllib.parse.urlsplit(answer.headers["Location"])
    equal((url.scheme, url.netloc, url.path), ("https", "tool.example", "/back"))
    query = dict(urllib.parse.parse_qsl(url.query))
    equal(sorted(query), ["code", "main_account_id", "state", "x"])
    equal((query["state"], query["x"], query["main_account_id"]), ("s 1", "2", str(MAIN_ACCOUNT)))


@check("a single shop comes back as shop_id")
def consent_of_shop():
    answer = link(fresh(auth={"consentShop": LITTLE}))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
    equal(sorted(query), ["code", "shop_id", "state", "x"])
    equal(query["shop_id"], str(LITTLE))


@check("an authorization link is signed and is valid for five minutes")
def consent_signed():
    shop = fresh()
    refused(link(shop, key="wrong"), 400, "error_sign")
    refused(link(shop, timestamp=int(time.time()) - 305), 400, "error_sign")


@check("only the domain of the redirect is checked")
def redirect():
    shop = fresh(apps=apps_with(redirectDomain="tool.example"))
    for good in ("https://tool.example", "https://tool.example/any/path?state=1"):
        equal(link(shop, redirect=good).status, 302)
    for bad in ("https://other.example/back", "https://tool.example.other.example/"):
        equal(link(shop, redirect=bad).status in (400, 403), True)


@check("cancelling ends what a shop has granted")
def cancelled():
    shop = fresh(auth={"mainAccount": None, "consentShop": BIG})
    equal(shop.get(BALANCE).json["error"], "")
    equal(link(shop, "shop/cancel_auth_partner").status, 302)
    equal(shop.get(BALANCE).json["error"] != "", True)
    equal(shop.refreshed().json["error"] != "", True)


@check("a code brings tokens of a shop, once")
def exchange():
    shop = fresh()
    code = code_of(shop_id=BIG)
    equal(sorted(code), ["code", "shop_id"])
    access, refresh = pair(shop.exchanged(code["code"], shop_id=BIG))
    works(shop, access)
    equal(shop.exchanged(code["code"], shop_id=BIG).json["error"], "invalid_code")
    pair(shop.refreshed(refresh), partner_id=int, shop_id=int)


@check("a code of a main account brings the lists of its shops and merchants")
def exchange_of_main_account():
    shop = fresh()
    code = code_of()
    equal(code["main_account_id"], str(MAIN_ACCOUNT))
    answer = shop.exchanged(code["code"], main_account_id=MAIN_ACCOUNT)
    access, _ = pair(answer, shop_id_list=list, merchant_id_list=list)
    equal((answer.json["expire_in"], sorted(answer.json["shop_id_list"]), answer.json["merchant_id_list"]),
          (14400, [BIG, BIGGER, LITTLE], [MERCHANT]))
    works(shop, access)
    works(Caller(LITTLE), access)


@check("a code is worth nothing for another shop, another app or without any")
def code_of_others():
    shop = fresh()
    code = code_of(shop_id=BIG)["code"]
    for answer in (shop.exchanged(code, shop_id=LITTLE), Caller(app="erp").exchanged(code, shop_id=BIG),
                   shop.exchanged("0" * 32, shop_id=BIG), shop.exchanged(code)):
        equal(answer.json["error"] in ("invalid_code", "error_param"), True)


@check("a code is forgotten after its time (a setting, ten minutes)")
def code_life():
    shop = fresh(auth={"codeLife": 1})
    code = code_of(shop_id=BIG)["code"]
    time.sleep(2.1)
    equal(shop.exchanged(code, shop_id=BIG).json["error"], "invalid_code")


@check("a refresh brings a new pair and uses the refresh token up at once")
def refresh():
    shop = fresh()
    access, token = pair(shop.refreshed(), partner_id=int, shop_id=int)
    equal(len({shop.access, shop.refresh, access, token}), 4)
    works(shop, access)
    used_up(shop.refreshed())
    pair(shop.refreshed(token), partner_id=int, shop_id=int)
    used_up(shop.refreshed(token))


@check("a refresh says whose tokens they are, and that they last four hours")
def refresh_fields():
    body = fresh().refreshed().json
    equal((body["partner_id"], body["shop_id"], body["expire_in"]), (1000001, BIG, 14400))


@check("the former access token works on, five minutes unless set otherwise")
def former():
    shop = fresh()
    shop.refreshed()
    works(shop, shop.access)
    shop = fresh(auth={"formerAccessLife": 1})
    access, _ = pair(shop.refreshed(), partner_id=int, shop_id=int)
    time.sleep(2.1)
    works(shop, shop.access, "invalid_acceess_token")
    works(shop, access)


@check("an access token ends after its life, and its refresh token does not")
def access_life():
    shop = fresh(auth={"accessLife": 1})
    shop.refreshed()
    shop = Caller()
    time.sleep(2.1)
    refused(shop.get(BALANCE), 403, "invalid_acceess_token")
    equal(shop.refreshed().json["expire_in"], 1)


@check("an expired access token is invalid_acceess_token with its text, whose code is a setting")
def access_expired():
    shop = fresh()
    control("expire", {"what": "access", "shop_id": BIG})
    refused(shop.get(BALANCE), 403, "invalid_acceess_token")
    refused(shop.get("shop/get_shop_info"), 403, "invalid_acceess_token")
    equal(shop.get(BALANCE).json["message"], "Invalid access_token, please have a check.")
    works(shop, shop.refreshed().json["access_token"])
    for code in ("error_auth", "invalid_access_token", "error_access_token"):
        fresh(auth={"accessCode": code})
        refused(shop.call("GET", BALANCE, access_token="none"), 403, code)


@check("a refresh token is refresh_token_expired after 30 days")
def refresh_expired():
    shop = fresh()
    control("expire", {"what": "refresh"})
    equal(shop.refreshed().json["error"], "refresh_token_expired")
    works(shop, shop.access)
    shop = fresh(auth={"firstAge": 30 * 86400 + 1})
    equal(shop.refreshed().json["error"], "refresh_token_expired")
    equal(fresh(auth={"firstAge": 30 * 86400 - 60}).refreshed().json["error"], "")


@check("a grant that is over is shop_access_expired, for calls and for refreshes")
def grant_expired():
    shop = fresh()
    control("expire", {"what": "grant", "shop_id": BIG})
    equal(shop.get(BALANCE).json["error"], "shop_access_expired")
    equal(shop.refreshed().json["error"], "shop_access_expired")
    works(Caller(LITTLE), Caller(LITTLE).access)


@check("a grant lasts a year, and shop info says from when to when")
def grant_year():
    body = fresh().get("shop/get_shop_info").json
    equal(body["expire_time"] - body["auth_time"], 365 * 86400)
    equal(body["auth_time"] < time.time() < body["expire_time"], True)
    equal(fresh(auth={"grantAge": 500}).get(BALANCE).json["error"], "shop_access_expired")


@check("what a person revoked is refused, and only that")
def revoked():
    shop = fresh()
    control("revoke", {"shop_id": BIG, "app": "ads"})
    equal(shop.get(BALANCE).json["error"] in ("shop_no_linked", "error_auth", "invalid_acceess_token"), True)
    equal(shop.refreshed().json["error"] != "", True)
    works(Caller(LITTLE), Caller(LITTLE).access)
    equal(Caller(app="erp").get("shop/get_shop_info").json["error"], "")


@check("revoked shops are missing in get_shops_by_partner, which comes in pages")
def shops_by_partner():
    shop = fresh()

    def page(number, size=2):
        query = {"page_no": number, "page_size": size}
        body = shop.call("GET", "public/get_shops_by_partner", query, kind="public").json
        return [row["shop_id"] for row in body["authed_shop_list"]], body["more"]

    equal(page(1), ([BIG, BIGGER], True))
    equal(page(2), ([LITTLE], False))
    control("revoke", {"shop_id": BIGGER})
    equal(page(1, 100), ([BIG, LITTLE], False))


@check("shops of a main account share the first tokens and go separate ways with the first refresh")
def lineages():
    big = fresh()
    little = Caller(LITTLE)
    equal((big.access, big.refresh), (little.access, little.refresh))
    big_access, big_refresh = pair(big.refreshed(), partner_id=int, shop_id=int)
    used_up(big.refreshed())
    little_access, little_refresh = pair(little.refreshed(), partner_id=int, shop_id=int)
    used_up(little.refreshed())
    equal(len({big_access, little_access}) + len({big_refresh, little_refresh}), 4)
    works(little, big_access, "invalid_acceess_token")
    works(big, little_access, "invalid_acceess_token")
    used_up(big.refreshed(little_refresh))
    pair(big.refreshed(big_refresh), partner_id=int, shop_id=int)
    pair(little.refreshed(little_refresh), partner_id=int, shop_id=int)


@check("shops without a main account have tokens of their own")
def separate():
    big = fresh(auth={"mainAccount": None})
    little = Caller(LITTLE)
    equal(len({big.access, little.access}) + len({big.refresh, little.refresh}), 4)
    works(big, little.access, "invalid_acceess_token")
    used_up(big.refreshed(little.refresh))
    works(little, little.access)


@check("a merchant refreshes on its own, and its token is none of a shop")
def merchant():
    shop = fresh()
    access, token = pair(shop.refreshed(merchant_id=MERCHANT), partner_id=int, merchant_id=int)
    works(shop, access, "invalid_acceess_token")
    used_up(shop.refreshed(token))
    works(shop, shop.refreshed().json["access_token"])
    pair(shop.refreshed(token, merchant_id=MERCHANT), partner_id=int, merchant_id=int)


@check("a refresh names exactly one owner, and the app that signs")
def owners():
    shop = fresh()
    both = shop.refreshed(shop_id=BIG, merchant_id=MERCHANT)
    none = shop.public(REFRESH, refresh_token=shop.refresh, partner_id=shop.partner)
    other = shop.public(REFRESH, refresh_token=shop.refresh, partner_id=1000002, shop_id=BIG)
    missing = shop.public(REFRESH, partner_id=shop.partner, shop_id=BIG)
    for answer in (both, none, other, missing):
        refused(answer, 400, "error_param")
    pair(shop.refreshed(), partner_id=int, shop_id=int)


@check("of workers that refresh at the same time one wins")
def race():
    shop = fresh()
    answers = []
    workers = [threading.Thread(target=lambda: answers.append(shop.refreshed())) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    equal(sorted(answer.json["error"] for answer in answers), [""] + ["error_param"] * 7)
    winner = next(answer for answer in answers if answer.json["error"] == "")
    works(shop, winner.json["access_token"])


@check("a refresh whose answer was lost has rotated the tokens, and a resend code brings them")
def lost():
    shop = fresh()
    control("faults", {"rules": [{"kind": "reset", "target": REFRESH, "times": 1}]})
    raised(OSError, shop.refreshed)
    used_up(shop.refreshed())
    code = control("resend", {"shop_id": BIG, "app": "ads"})["resend_code"]
    answer = shop.public("public/get_token_by_resend_code", resend_code=code)
    access = answer.json["access_token"]
    works(shop, access)
    equal(access != shop.access and bool(answer.json["refresh_token"]), True)


@check("without a resend code a lost refresh needs a new consent, which works")
def lost_for_good():
    shop = fresh()
    control("faults", {"rules": [{"kind": "reset", "target": REFRESH, "times": 1}]})
    raised(OSError, shop.refreshed)
    equal(shop.public("public/get_token_by_resend_code", resend_code="none").json["error"], "invalid_code")
    access, token = pair(shop.exchanged(code_of(shop_id=BIG)["code"], shop_id=BIG))
    works(shop, access)
    pair(shop.refreshed(token), partner_id=int, shop_id=int)


@check("a refused refresh has changed nothing")
def refused_refresh():
    shop = fresh()
    control("faults", {"rules": [{"kind": "refused", "target": REFRESH, "times": 1}]})
    raised(OSError, shop.refreshed)
    works(shop, shop.access)
    pair(shop.refreshed(), partner_id=int, shop_id=int)


@check("token calls are signed as public calls, not as shop calls")
def token_class():
    shop = fresh()
    body = {"refresh_token": shop.refresh, "partner_id": shop.partner, "shop_id": BIG}
    refused(send("POST", PREFIX + REFRESH, shop.common(PREFIX + REFRESH), body), 400, "error_sign")
    pair(shop.refreshed(), partner_id=int, shop_id=int)
