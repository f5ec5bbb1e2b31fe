"""Tokens and the list of pages (platforms.md 2.1, 2.2, 2.6; 2.7 points 1 and 5)."""
import re

from checks import control, each, equal
from pancake.calls import (
    OTHER, PAGE, USER, V1, V2, WORLD, current, failed, ids, listing, paged, refused, renewed, rows, user)
from wire import call, claims


@WORLD.check("the user's token and a page's are JWTs, and the page's carries the page's id")
def jwts():
    each(isinstance(part, dict) for part in claims(USER))
    for page in (PAGE, OTHER):
        equal(page in claims(renewed(page))[1].values(), True)


@WORLD.check("a missing, malformed or unknown user token is 102 in an answer of HTTP 200")
def user_token_102():
    refused(call("GET", "/api/v1/pages"), 102)
    for token in ("", "junk", USER + "x", USER[:-1]):
        refused(user("GET", "pages", token), 102)
        refused(user("POST", f"pages/{PAGE}/generate_page_access_token", token), 102)


@WORLD.check("tokens are taken from the query and from nowhere else")
def query_only():
    bearer = {"Authorization": f"Bearer {USER}"}
    refused(call("GET", "/api/v1/pages", headers=bearer), 102)
    bearer = {"Authorization": f"Bearer {current()}"}
    refused(call("GET", f"{V2}/pages/{PAGE}/conversations", headers=bearer), 102)


@WORLD.check("a page's token on the user API is 102")
def page_token_on_user_api():
    refused(user("GET", "pages", current()), 102)
    refused(user("POST", f"pages/{PAGE}/generate_page_access_token", current()), 102)


@WORLD.check("the user's token on both page APIs is 102, under either name")
def user_token_on_page_api():
    for base, path in ((V2, "conversations"), (V1, "tags"), (V1, "conversations/x/messages")):
        refused(paged("GET", path, token=USER, base=base), 102)
        refused(call("GET", f"{base}/pages/{PAGE}/{path}", {"access_token": USER}), 102)


@WORLD.check("a page's token opens no other page")
def token_of_another_page():
    refused(paged("GET", "conversations", OTHER, token=current(), base=V2), 102)


@WORLD.check("a token that the page never had is 102, one that it had is 105")
def renewed_or_invalid():
    old = renewed()
    head, payload, signature = old.split(".")
    forged = f"{head}.{payload}.{'A' * len(signature)}"
    refused(paged("GET", "conversations", token=forged, base=V2), 102)
    new = renewed()
    equal(old != new, True)
    refused(paged("GET", "conversations", token=old, base=V2), 105)
    refused(paged("GET", "tags", token=old), 105)
    refused(paged("GET", "conversations", token=forged, base=V2), 102)
    rows(paged("GET", "conversations", token=new, base=V2), "conversations")


@WORLD.check("every token but the last stays 105, and other pages keep theirs")
def regenerate():
    other = renewed(OTHER)
    old = [renewed() for _ in range(3)]
    for token in old[:-1]:
        refused(paged("GET", "conversations", token=token, base=V2), 105)
    listing(token=old[-1])
    listing(OTHER, token=other)


@WORLD.check("when someone else renews a page's token, ours is 105 at once")
def renewed_elsewhere():
    ours = renewed()
    listing(token=ours)
    theirs = control(f"regenerate?page={PAGE}", {})["page_access_token"]
    refused(paged("GET", "conversations", token=ours, base=V2), 105)
    listing(token=theirs)


@WORLD.check("the user's token expires with 103, and pages' tokens go on")
def expired_user():
    token = renewed()
    WORLD.fresh(auth={"expiresAt": 1})
    refused(user("GET", "pages"), 103)
    refused(user("POST", f"pages/{PAGE}/generate_page_access_token"), 103)
    listing(token=current())
    equal(claims(token)[1].get("exp"), None)


@WORLD.check("errors come with 4xx when so set, with the same body", auth={"strictStatuses": True})
def strict():
    answer = user("GET", "pages", "junk")
    refused(answer, 102, answer.status)
    equal(400 <= answer.status < 500, True)
    old = renewed()
    renewed()
    answer = paged("GET", "conversations", token=old, base=V2)
    refused(answer, 105, answer.status)
    equal(400 <= answer.status < 500, True)


@WORLD.check("who is no admin gets no token: success is false, with a code or without one")
def not_admin():
    pages = [{**page, "isAdmin": page["id"] != OTHER} for page in WORLD.original["pages"]]
    for code in (107, None):
        WORLD.fresh(pages=pages, auth={"notAdminCode": code})
        answer = user("POST", f"pages/{OTHER}/generate_page_access_token")
        failed(answer)
        equal(answer.json.get("error_code"), code)
        renewed()


@WORLD.check("an admin's right that is lost meanwhile ends renewing")
def right_lost():
    renewed()
    control(f"admin?page={PAGE}&granted=false", {})
    failed(user("POST", f"pages/{PAGE}/generate_page_access_token"))
    renewed(OTHER)
    control(f"admin?page={PAGE}&granted=true", {})
    renewed()


@WORLD.check("a page that the user does not have gets no token")
def unknown_page():
    failed(user("POST", "pages/9999/generate_page_access_token"))


@WORLD.check("102, 103, 105 and 106 are answered by drawn failures as well")
def drawn_codes():
    for kind, code in (("invalidToken", 102), ("expiredToken", 103), ("renewedToken", 105), ("denied", 106)):
        control("faults", {"rules": [{"kind": kind, "target": "conversations"}]})
        refused(paged("GET", "conversations", base=V2), code)


@WORLD.check("pages are listed by activation, as live servers do, the inactive ones too")
def pages_grouped():
    answer = user("GET", "pages")
    found = rows(answer, "categorized")
    equal(sorted(answer.json), ["categorized", "success"])
    equal(sorted(found), ["activated", "activated_page_ids", "inactivated"])
    equal(ids(found["activated"]), found["activated_page_ids"])
    wanted = {page["id"]: page["isActivated"] for page in WORLD.original["pages"]}
    pages = found["activated"] + found["inactivated"]
    equal({page["id"]: page["is_activated"] for page in pages}, wanted)
    equal([page["is_activated"] for page in found["activated"]], [True] * len(found["activated"]))
    equal(len(found["inactivated"]) > 0, True)
    for page in pages:
        equal({"id", "name", "username", "platform", "is_activated"} <= set(page), True)
        equal(isinstance(page["id"], str), True)
        # Only pages of Facebook have a bare number.
        prefix = {"facebook": r"\d+", "instagram": r"igo_.+", "web": r"web_.+", "zalo": r"zl_.+"}[page["platform"]]
        equal(bool(re.fullmatch(prefix, page["id"])), True)


@WORLD.check("pages are listed flat when so set, as the documentation has it", reading={"listsPagesFlat": True})
def pages_flat():
    answer = user("GET", "pages")
    equal(sorted(answer.json), ["pages", "success"])
    equal(sorted(ids(rows(answer, "pages"))), sorted(page["id"] for page in WORLD.original["pages"]))
