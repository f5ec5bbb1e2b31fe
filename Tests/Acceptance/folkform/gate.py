"""Who may call, and the two forms of an answer (platforms.md 3.1; 3.6 point 1)."""
from checks import equal
from folkform.calls import (
    AUTH, OTHER_ROLE, ROLE, TOKEN, WORLD, ask, conversation, data, headers, invalid, refused, upserted)
from wire import call, claims

USER = AUTH["users"][0]


def login(device, token=USER["idToken"]):
    body = {"idToken": token, "hwid": device}
    body = {key: value for key, value in body.items() if value is not None}
    return ask("POST", "auth/login/firebase", body, {})


def roles(**permissions):
    """The world's roles, those by their place with other permissions."""
    return [
        {**role, "permissions": permissions.get(f"role{place}", role.get("permissions"))}
        for place, role in enumerate(AUTH["roles"])]


@WORLD.check("a login gives each device a token of its own, and all of them work")
def device_tokens():
    tokens = [data(login(device))["token"] for device in ("d-1", "d-2")]
    equal(len({*tokens, TOKEN}), 3)
    for token in (*tokens, TOKEN):
        data(ask("GET", "facebook/page/find", given=headers(token)))


@WORLD.check("tokens are JWTs")
def jwts():
    for token in (TOKEN, data(login("d-1"))["token"]):
        equal([type(part) for part in claims(token)], [dict, dict])


@WORLD.check("a login lacks a field, has a wrong idToken, or is a blocked user's")
def bad_logins():
    invalid(login(None))
    invalid(login("d-1", None))
    refused(login("d-1", "wrong"), 401, "AUTH_002")
    WORLD.fresh(auth={"users": [{**USER, "isBlocked": True}]})
    refused(login("d-1"), 403, "AUTH_002")
    refused(ask("GET", "facebook/page/find"), 403, "AUTH_002")


@WORLD.check("roles and profile are read without the header of a role, but not without a token")
def roles_and_profile():
    found = data(ask("GET", "auth/roles", given=headers(role=None)))
    equal([role["id"] for role in found], [role["id"] for role in AUTH["roles"]])
    data(ask("GET", "auth/profile", given=headers(role=None)))
    for path in ("auth/roles", "auth/profile"):
        refused(ask("GET", path, given={}), 401, "AUTH_001")


@WORLD.check("a logout ends the token of its device and no other")
def logout():
    first, second = (data(login(device))["token"] for device in ("d-1", "d-2"))
    data(ask("POST", "auth/logout", given=headers(first, None)))
    refused(ask("GET", "auth/profile", given=headers(first, None)), 401, "AUTH_001")
    data(ask("GET", "auth/profile", given=headers(second, None)))


@WORLD.check("a token that is missing, invalid or expired is 401 AUTH_001, whatever the role is")
def tokens():
    for given in (
            {}, headers(None), headers("junk"), headers(""), headers(None, None), {"X-Active-Role-ID": ROLE},
            {"Authorization": TOKEN, "X-Active-Role-ID": ROLE}, headers(TOKEN[:-1]), headers("junk", "zz")):
        refused(ask("GET", "facebook/page/find", given=given), 401, "AUTH_001")
    WORLD.fresh(auth={"users": [{**USER, "expiresAt": 1}]})
    refused(ask("GET", "facebook/page/find"), 401, "AUTH_001")


@WORLD.check("without the header of a role it is 400 AUTH_003, with one that is badly formed VAL_001 or VAL_002")
def role_header():
    refused(ask("GET", "facebook/page/find", given=headers(role=None)), 400, "AUTH_003")
    for role in ("zz", ROLE[:-1], ROLE + "0", "g" * 24):
        invalid(ask("GET", "facebook/page/find", given=headers(role=role)))


@WORLD.check("a role that is not held is 403 AUTH_003")
def role_not_held():
    refused(ask("GET", "facebook/page/find", given=headers(role="6" * 24)), 403, "AUTH_003")
    WORLD.fresh(auth={"users": [{**USER, "roles": [0]}]})
    data(ask("GET", "facebook/page/find"))
    refused(ask("GET", "facebook/page/find", given=headers(role=OTHER_ROLE)), 403, "AUTH_003")


VERBS = {
    "Read": [("GET", "find", None), ("GET", "count", None)],
    "Insert": [("POST", "insert-one", {"conversationId": "c"})],
    "Update": [("PUT", "update-many", {"a": 1}), ("POST", "upsert-one", conversation())],
    "Delete": [("DELETE", "delete-many", None)],
}


@WORLD.check("each permission opens its own calls, and an absent one is 403 AUTH_003; upserts need Update")
def permissions():
    for held in VERBS:
        WORLD.fresh(auth={"roles": roles(role0=[f"FbConversation.{held}"])})
        for needed, calls in VERBS.items():
            for method, name, body in calls:
                key = {"conversationId": "1101_5550001"}
                answer = ask(method, f"facebook/conversation/{name}", body, filter=key)
                data(answer) if needed == held else refused(answer, 403, "AUTH_003")
        refused(ask("GET", "facebook/page/find"), 403, "AUTH_003")


@WORLD.check("an organization sees, counts, changes and deletes nothing of another")
def organizations():
    theirs = headers(role=OTHER_ROLE)
    own = data(upserted(conversation()))
    path, key = "facebook/conversation", {"conversationId": "1101_5550001"}
    equal(data(ask("GET", f"{path}/find", given=theirs)), [])
    equal(data(ask("GET", f"{path}/count", given=theirs)), 0)
    equal(data(ask("GET", f"{path}/sort-by-api-update", given=theirs, page=1, limit=10))["total"], 0)
    refused(ask("GET", f"{path}/find-by-id/{own['id']}", given=theirs), 404, "DB_002")
    refused(ask("PUT", f"{path}/update-by-id/{own['id']}", {"a": 1}, theirs), 404, "DB_002")
    ask("PUT", f"{path}/update-many", {"a": 1}, theirs, filter=key)
    ask("DELETE", f"{path}/delete-many", None, theirs, filter=key)
    equal(data(ask("GET", f"{path}/find-by-id/{own['id']}")), own)


@WORLD.check("a code is a number in a success and a string in an error")
def codes():
    data(ask("GET", "facebook/page/find"))
    refused(ask("GET", "facebook/page/find-by-id/65b0000000000000000000ff"), 404, "DB_002")


@WORLD.check("a body that is no JSON is 400")
def bad_json():
    for body in (b"{bad", b"", b"7"):
        invalid(ask("POST", "facebook/page/insert-one", body))
        invalid(ask("POST", "facebook/message/upsert-messages", body))


@WORLD.check("what is at no route is 404")
def no_route():
    for path in ("facebook/nothing/find", "nothing", "facebook/page/nothing"):
        equal(ask("GET", path).status, 404)
    equal(call("GET", "/facebook/page/find", headers=headers()).status, 404)
