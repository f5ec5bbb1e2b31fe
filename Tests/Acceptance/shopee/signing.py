"""Signatures and what is looked at in which order (platforms.md 1.2, 1.3, 1.16.1, 1.16.3)."""
import time

from checks import check, credential, equal

from .client import BIG, EXCHANGE, MERCHANT, PREFIX, Caller, apps_with, fresh, refused, send, shops_with, sign

BALANCE = "ads/get_total_balance"
IDS = "ads/get_product_level_campaign_id_list"
SETTINGS = "ads/get_product_level_campaign_setting_info"
WRITE = "ads/edit_manual_product_ads"


def wrong_sign(answer):
    refused(answer, 400, "error_sign")
    equal(answer.json["message"], "Wrong sign.")


@check("three signatures are those of the fact sheet")
def vectors():
    key, partner, at = "testkey-0123456789abcdef", 1000001, 1700000000
    equal(sign(key, partner, "/api/v2/auth/token/get", at),
          "b4c5250b326989181fde34988272fa477f8cf15a65d16abab047c7c67b6ac431")
    equal(sign(key, partner, "/api/v2/ads/get_total_balance", at, "acc-tok-A", 220011),
          "95b440c5aec4a3f429ecf788914046d73de13dfe4f396fef5f1fabbf06bc3d8d")
    equal(sign(key, partner, "/api/v2/merchant/get_merchant_info", at, "acc-tok-M", 330022),
          "24d79213c3c4112ef0b10889f826424017a8e3b91dfaf0b75eb635757daf4946")


@check("what the sandbox printed is what calls need")
def printed():
    shop = fresh()
    equal([credential(name) for name in ("partner_id", "partner_key", "access_token", "refresh_token", "account")],
          [str(shop.partner), shop.key, shop.access, shop.refresh, str(BIG)])


@check("calls signed as public, shop and merchant calls are accepted")
def classes():
    shop = fresh()
    equal(sorted(shop.get(BALANCE).response), ["data_timestamp", "total_balance"])
    # Past the signature: the code is looked at.
    equal(shop.exchanged("nonsense", shop_id=BIG).json["error"], "invalid_code")
    held = shop.refreshed(merchant_id=MERCHANT).json["access_token"]
    merchant = {"kind": "merchant", "access_token": held, "merchant_id": MERCHANT}
    equal(shop.call("GET", "merchant/get_merchant_info", **merchant).json["error"], "")


@check("any other signature is error_sign: key, case, class, path, token, shop, or none")
def mismatches():
    shop = fresh()
    path, query = PREFIX + BALANCE, shop.common(PREFIX + BALANCE)
    wrong_sign(shop.call("GET", BALANCE, key="testkey"))
    wrong_sign(shop.call("GET", BALANCE, key=shop.key + " "))
    wrong_sign(send("GET", path, query | {"sign": shop.common(path, "public")["sign"]}))
    wrong_sign(send("GET", path, query | {"sign": query["sign"].upper()}))
    wrong_sign(send("GET", path, query | {"sign": query["sign"][:-1]}))
    wrong_sign(send("GET", path, query | {"sign": ""}))
    wrong_sign(send("GET", path, query | {"timestamp": query["timestamp"] + 1}))
    wrong_sign(send("GET", path, query | {"access_token": "other"}))
    wrong_sign(send("GET", path, query | {"shop_id": 220012}))
    wrong_sign(send("GET", path, query | {"sign": shop.common(path + "/")["sign"]}))
    wrong_sign(send("GET", path, query | {"sign": shop.common(f"{path}?limit=1")["sign"]}))
    wrong_sign(send("GET", path, query | {"sign": shop.common(BALANCE)["sign"]}))
    for name in ("sign", "timestamp", "access_token", "shop_id"):
        wrong_sign(send("GET", path, {key: value for key, value in query.items() if key != name}))


@check("parameters of the business and bodies are not signed")
def unsigned():
    shop = fresh()
    path = PREFIX + IDS
    common = shop.common(path)
    for extra in ({"limit": 3}, {"limit": 7, "offset": 2}, {"ad_type": "auto"}):
        equal(send("GET", path, common | extra).json["error"], "")
    path = PREFIX + EXCHANGE
    common = shop.common(path, "public")
    for code in ("one", "another"):
        body = {"code": code, "partner_id": shop.partner, "shop_id": BIG}
        equal(send("POST", path, common, body).json["error"], "invalid_code")


@check("signatures of writes stand in the query; in the body they are none")
def in_query():
    shop = fresh()
    common = shop.common(PREFIX + WRITE)
    partner = {"partner_id": common.pop("partner_id")}
    wrong_sign(send("POST", PREFIX + WRITE, partner, common | {"reference_id": "r", "campaign_id": 1}))
    equal(shop.post(WRITE, reference_id="r", campaign_id=1, edit_action="pause").json["error"],
          "ads.shop.campaign_not_match")


@check("a timestamp may be five minutes off, in both directions, and no more")
def window():
    shop = fresh()
    now = int(time.time())
    for off in (-295, 295):
        equal(shop.call("GET", BALANCE, timestamp=now + off).json["error"], "")
    for off in (-305, 310, -86400):
        wrong_sign(shop.call("GET", BALANCE, timestamp=now + off))
        wrong_sign(shop.call("POST", EXCHANGE, body={}, kind="public", timestamp=now + off))
    wrong_sign(shop.call("GET", BALANCE, timestamp=f"{now}000"))
    wrong_sign(shop.call("GET", BALANCE, timestamp="now"))


@check("the window of timestamps is a setting")
def window_setting():
    shop = fresh(auth={"signWindow": 10})
    wrong_sign(shop.call("GET", BALANCE, timestamp=int(time.time()) - 12))
    equal(shop.call("GET", BALANCE).json["error"], "")


@check("an unknown partner is invalid_partner_id")
def unknown_partner():
    answer = fresh().call("GET", BALANCE, partner_id=2000002)
    equal(answer.json["error"], "invalid_partner_id")


@check("the signature is looked at first, then token, permission, and parameters last")
def order():
    shop = fresh()
    erp = Caller(app="erp")
    bad = {"campaign_id_list": "x"}
    wrong_sign(shop.call("GET", SETTINGS, bad, key="wrong", access_token="wrong"))
    wrong_sign(erp.call("GET", SETTINGS, bad, key="wrong"))
    refused(shop.call("GET", SETTINGS, bad, access_token="wrong"), 403, "invalid_acceess_token")
    refused(erp.call("GET", SETTINGS, bad, access_token="wrong"), 403, "invalid_acceess_token")
    refused(erp.call("GET", SETTINGS, bad), 403, "error_permission_denied")
    refused(shop.call("GET", SETTINGS, bad), 400, "error_param")


@check("an app without the Ads module is refused on every ads path, and elsewhere not")
def permission():
    fresh()
    erp = Caller(app="erp")
    equal(erp.partner != Caller().partner and erp.access != Caller().access, True)
    for path in (BALANCE, IDS, SETTINGS):
        refused(erp.get(path), 403, "error_permission_denied")
    refused(erp.post(WRITE, reference_id="r"), 403, "error_permission_denied")
    equal(erp.get("shop/get_shop_info").json["error"], "")


@check("the code of a missing permission is a setting")
def permission_setting():
    refused(fresh(app="erp", auth={"permissionCode": "error_permission"}).get(BALANCE), 403, "error_permission")


@check("tokens belong to one app: those of the ERP app are none of the Ads app")
def tokens_of_apps():
    ads = fresh()
    erp = Caller(app="erp")
    refused(ads.call("GET", BALANCE, access_token=erp.access), 403, "invalid_acceess_token")
    refused(ads.refreshed(erp.refresh), 400, "error_param")
    equal(ads.refreshed().json["error"], "")
    equal(erp.refreshed().json["error"], "")


@check("a caller whose address is not declared is source_ip_undeclared")
def address():
    shop = fresh(apps=apps_with(isAddressUndeclared=True))
    equal(shop.get(BALANCE).json["error"], "source_ip_undeclared")
    equal(shop.refreshed().json["error"], "source_ip_undeclared")


@check("a banned shop is shop_banned, an unknown one no shop, and its own info stays readable")
def shops():
    shop = fresh(shops=shops_with(status="BANNED"))
    equal(shop.get(BALANCE).json["error"], "shop_banned")
    equal(shop.get("shop/get_shop_info").json["status"], "BANNED")
    frozen = fresh(shops=shops_with(status="FROZEN"))
    equal(frozen.get("shop/get_shop_info").json["status"], "FROZEN")
    equal(fresh().call("GET", BALANCE, shop_id=999).json["error"] in
          ("invalid_shop_id", "shop_no_linked", "invalid_acceess_token"), True)


@check("a call with the other method is refused")
def methods():
    shop = fresh()
    for answer in (shop.post(BALANCE), shop.get(WRITE)):
        equal(answer.json["error"], "ads.api.http_method_not_allowed")
