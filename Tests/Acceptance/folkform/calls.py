"""Calls of FolkForm and what every part of the walk looks at."""
import json

import checks
from checks import control, equal
from wire import World, call

TOKEN, ROLE = checks.credential("token"), checks.credential("role")

# Calls are not counted and answered at once, unless a check says otherwise. Whatever was stored is gone in each check.
WORLD = World(latency={"base": 0, "jitter": 0}, limits={"requests": 0})
AUTH = WORLD.original["auth"]
OTHER_ROLE = AUTH["roles"][1]["id"]

# Collections by their prefix (3.2).
COLLECTIONS = [
    "facebook/page", "facebook/post", "facebook/conversation", "facebook/message", "facebook/message-item",
    "fb-customer", "pc-pos-customer", "pancake/order", "pancake-pos/shop", "pancake-pos/warehouse",
    "pancake-pos/product", "pancake-pos/variation", "pancake-pos/category", "pancake-pos/order", "access-token",
    "agent"]


def headers(token=TOKEN, role=ROLE):
    given = {"Authorization": f"Bearer {token}", "X-Active-Role-ID": role}
    return {name: value for name, value in given.items() if value is not None}


def ask(method, path, body=None, given=None, timeout=30, **query):
    """A call with token and role, unless other headers are given. Objects in the query go as JSON."""
    query = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in query.items()}
    given = headers() if given is None else given
    return call(method, f"/api/v1/{path}", query, body, headers=given, timeout=timeout)


def data(answer):
    """`data` of a success, whose code is the number 200."""
    equal((answer.status, answer.json), (200, {**answer.json, "code": 200, "status": "success"}))
    equal((sorted(answer.json), type(answer.json["code"])), (["code", "data", "message", "status"], int))
    return answer.json["data"]


def refused(answer, status, *codes):
    """An error has one of those codes, a string, and `details` that is null."""
    equal(answer.status, status)
    equal(sorted(answer.json), ["code", "details", "message", "status"])
    equal((answer.json["status"], answer.json["details"]), ("error", None))
    equal((answer.json["code"] in codes, codes), (True, codes))


def invalid(answer):
    refused(answer, 400, "VAL_001", "VAL_002")


def stored(collection):
    """How many documents a collection has, by the oracle."""
    return control("counts")["rows"][collection]


def conversation(name="1101_5550001", updated="2025-11-05T02:13:07.412000", **pancake):
    """A body of a conversation for upsert-one."""
    known = {"id": name, "customer_id": "c-1", "updated_at": updated, **pancake}
    return {"pageId": "1101", "pageUsername": "tiemmau", "panCakeData": known, "customerId": "c-1"}


def upserted(body, given=None):
    """A conversation, by the one call that upserts one."""
    key = {"conversationId": body["panCakeData"]["id"]}
    return ask("POST", "facebook/conversation/upsert-one", body, given, filter=key)


def upload(messages, name="1101_5550001", given=None, timeout=30, pancake=None, **changes):
    """upsert-messages of one conversation (3.3)."""
    body = {
        "pageId": "1101", "pageUsername": "tiemmau", "conversationId": name, "customerId": "c-1",
        "panCakeData": {"messages": messages, **(pancake or {})}, "hasMore": False, **changes}
    body = {key: value for key, value in body.items() if value is not None}
    return ask("POST", "facebook/message/upsert-messages", body, given, timeout=timeout)


def message(number, second=7, fraction=".000000", **more):
    return {"id": f"m_{number:04}", "inserted_at": f"2025-11-05T02:13:{second:02}{fraction}", **more}
