"""Tokens, scopes and codes of errors (platforms.md 4.1, 4.2; 4.8 point 1)."""
import time

from admitad_walk.calls import (
    ACTIONS, CLIENT, SCOPES, SECRET, WORLD, Reader, ask_refresh, ask_token, basic, minted, refused)
from checks import control, equal
from wire import call


def bearer(token, path="/websites/"):
    return call("GET", path, headers={"Authorization": f"Bearer {token}"})


@WORLD.check("client credentials give a token with the sheet's fields, for a week, and its scopes")
def client_credentials():
    answer = ask_token(["statistics", "websites"])
    equal(answer.status, 200)
    wanted = {
        "access_token", "refresh_token", "token_type", "expires_in", "scope", "username", "first_name", "last_name",
        "language", "group"}
    equal(wanted - answer.json.keys(), set())
    equal((answer.json["token_type"], answer.json["expires_in"]), ("bearer", 604800))
    equal(sorted(answer.json["scope"].split()), ["statistics", "websites"])
    equal(bearer(answer.json["access_token"]).status, 200)


@WORLD.check("wrong, missing or badly formed Basic credentials give no token")
def bad_basic():
    for headers in ({}, basic("wrong"), {"Authorization": "Basic x"}, {"Authorization": f"Bearer {SECRET}"}):
        answer = ask_token(headers=headers)
        equal((answer.status, "access_token" in answer.json), (401, False))
    equal(ask_token(client_id="nobody").status in (400, 401), True)
    equal(ask_token(client_id=CLIENT).status, 200)


@WORLD.check("another grant_type is 400 error_code 3")
def grants():
    refused(ask_token(grant_type="password"), 400, 3)
    refused(ask_token(grant_type=""), 400, 3)
    equal(call("GET", "/token/", headers=basic()).status in (400, 404, 405), True)


@WORLD.check("a token is refreshed without Basic and keeps its scopes; a refresh token serves once")
def refresh():
    first = ask_token(["statistics", "websites"]).json
    fresh = ask_refresh(first["refresh_token"])
    equal((fresh.status, sorted(fresh.json["scope"].split())), (200, ["statistics", "websites"]))
    equal(fresh.json["access_token"] != first["access_token"], True)
    equal(bearer(fresh.json["access_token"]).status, 200)
    refused(ask_refresh(first["refresh_token"]), 400, 5)
    equal(ask_refresh(fresh.json["refresh_token"]).status, 200)


@WORLD.check("a refresh token that is unknown is error_code 5, and the secret must be right")
def bad_refresh():
    refused(ask_refresh("nothing"), 400, 5)
    good = ask_token().json["refresh_token"]
    equal(ask_refresh(good, client_secret="wrong").status, 401)
    equal(ask_refresh(good).status, 200)


@WORLD.check("an unknown or missing token is 401 error_code 1 with WWW-Authenticate")
def invalid():
    for headers in ({}, {"Authorization": "Bearer nothing"}, {"Authorization": "Bearer "}, basic()):
        answer = call("GET", "/websites/", headers=headers)
        refused(answer, 401, 1)
        equal(answer.json["error"], "invalid_token")
    refused(call("GET", "/websites/", {"access_token": minted()}), 401, 1)


@WORLD.check("a token that is revoked is 401 error_code 1")
def revoked():
    reader = Reader()
    equal(reader.get("/websites/").status, 200)
    control("revoke", {})
    refused(reader.get("/websites/"), 401, 1)


@WORLD.check("a token that is too old is 401 error_code 0", auth={"tokenLife": 1})
def expired():
    answer = ask_token()
    equal(answer.json["expires_in"], 1)
    equal(bearer(answer.json["access_token"]).status, 200)
    time.sleep(1.2)
    refused(bearer(answer.json["access_token"]), 401, 0)
    equal(bearer(minted()).status, 200)


GUARDED = {
    "statistics": [
        ACTIONS, "/statistics/websites/", "/statistics/campaigns/", "/statistics/dates/", "/statistics/months/",
        "/statistics/sub_ids/", "/statistics/sub_ids1/", "/statistics/sources/", "/statistics/keywords/"],
    "advcampaigns": ["/advcampaigns/", "/advcampaigns/6001/"],
    "advcampaigns_for_website": ["/advcampaigns/website/3301/", "/advcampaigns/6001/website/3301/"],
    "coupons": ["/coupons/", "/coupons/501/"],
    "coupons_for_website": ["/coupons/website/3301/"],
    "websites": ["/websites/"],
    "public_data": ["/coupons/categories/"],
    "private_data": ["/me/"],
}


@WORLD.check("each scope opens its own endpoints, and a missing one is 403 error_code 2 insufficient_scope")
def scopes():
    for scope, paths in GUARDED.items():
        with_it, without = Reader([scope]), Reader([one for one in SCOPES if one != scope])
        for path in paths:
            equal((path, with_it.get(path).status), (path, 200))
            answer = without.get(path)
            refused(answer, 403, 2)
            equal("insufficient_scope" in answer.text, True)
        WORLD.fresh()


@WORLD.check("a token keeps its old scopes whatever later ones have")
def old_scopes():
    old, _ = Reader(["websites"]), Reader(["websites", "statistics"])
    refused(old.get(ACTIONS), 403, 2)
    equal(old.get("/websites/").status, 200)


@WORLD.check("too many tokens are error_code 6, the others go on, and old ones make room", auth={"mostTokens": 4})
def most_tokens():
    known = [ask_token().json for _ in range(4)]
    answer = ask_token()
    equal((answer.status in (400, 401, 403), answer.json["error_code"]), (True, 6))
    equal({bearer(token["access_token"]).status for token in known}, {200})
    WORLD.fresh(auth={"mostTokens": 2, "tokenLife": 1})
    equal([ask_token().status for _ in range(2)], [200, 200])
    time.sleep(1.2)
    equal(ask_token().status, 200)


@WORLD.check("scopes that the application lacks are left out, or refused when so set")
def foreign_scopes():
    equal(ask_token(["statistics", "manage_advcampaigns"]).json["scope"], "statistics")
    WORLD.fresh(auth={"refusesScopes": True})
    answer = ask_token(["statistics", "manage_advcampaigns"])
    equal((answer.status, answer.json["error"]), (400, "invalid_scope"))


@WORLD.check("codes 0, 1 and 2 are drawn as failures too")
def drawn():
    reader = Reader()
    for kind, status, code in (("tokenExpired", 401, 0), ("tokenInvalid", 401, 1), ("forbidden", 403, 2)):
        control("faults", {"rules": [{"kind": kind, "target": "/websites/"}]})
        refused(reader.get("/websites/"), status, code)


@WORLD.check("a wrong address is 404, and all addresses end with a slash")
def addresses():
    reader = Reader()
    for path in ("/nothing/", "/statistics/nothing/", "/statistics/actions", "/websites", "/advcampaigns/1/"):
        equal((path, reader.get(path).status), (path, 404))
