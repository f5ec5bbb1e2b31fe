"""The calls that every collection has (platforms.md 3.2; 3.6 point 3)."""
import time

from checks import equal
from folkform.calls import COLLECTIONS, WORLD, ask, data, invalid, refused, stored

PLACE = "pancake-pos/product"


def filled(count=25):
    """So many products with numbers."""
    return data(ask("POST", f"{PLACE}/insert-many", [{"name": f"p{n % 5}", "n": n} for n in range(count)]))


def numbers(**query):
    return [one["n"] for one in data(ask("GET", f"{PLACE}/find", **query))]


@WORLD.check("all collections of the sheet are there, and begin empty")
def all_collections():
    for place in COLLECTIONS:
        equal((place, data(ask("GET", f"{place}/count"))), (place, 0))
        equal(data(ask("GET", f"{place}/find")), [])


@WORLD.check("every collection inserts, finds, changes and deletes")
def all_verbs():
    for place in COLLECTIONS:
        keys = {"messageId": "m-1", "conversationId": "c-1", "pageId": "p-1", "postId": "q-1"}
        own = data(ask("POST", f"{place}/insert-one", {**keys, "mark": 1}))
        equal((place, own["mark"], data(ask("GET", f"{place}/count"))), (place, 1, 1))
        equal(data(ask("GET", f"{place}/find-by-id/{own['id']}")), own)
        equal(data(ask("GET", f"{place}/find-one", filter={"mark": 1})), own)
        equal(data(ask("POST", f"{place}/find-by-ids", {"ids": [own["id"]]})), [own])
        equal(data(ask("GET", f"{place}/exists", filter={"mark": 1})), True)
        data(ask("PUT", f"{place}/update-by-id/{own['id']}", {"mark": 2}))
        data(ask("PUT", f"{place}/update-one", {"mark": 3}, filter={"mark": 2}))
        data(ask("PUT", f"{place}/find-one-and-update", {"mark": 4}, filter={"mark": 3}))
        data(ask("PUT", f"{place}/update-many", {"mark": 5}, filter={"mark": 4}))
        equal(data(ask("GET", f"{place}/distinct", field="mark")), [5])
        data(ask("DELETE", f"{place}/delete-by-id/{own['id']}"))
        equal((place, data(ask("GET", f"{place}/count"))), (place, 0))


@WORLD.check("delete-one, delete-many and find-one-and-delete take what the filter finds")
def deletes():
    filled(10)
    data(ask("DELETE", f"{PLACE}/delete-one", filter={"n": 3}))
    equal(data(ask("DELETE", f"{PLACE}/find-one-and-delete", filter={"n": 4}))["n"], 4)
    data(ask("DELETE", f"{PLACE}/delete-many", filter={"n": {"$gte": 7}}))
    equal(sorted(numbers()), [0, 1, 2, 5, 6])


@WORLD.check("what is not found is 404 DB_002")
def not_found():
    for method, name in (
            ("GET", "find-one"), ("PUT", "update-one"), ("PUT", "find-one-and-update"),
            ("DELETE", "find-one-and-delete")):
        body = {"a": 1} if method == "PUT" else None
        refused(ask(method, f"{PLACE}/{name}", body, filter={"n": 99}), 404, "DB_002")
    nobody = "65b0000000000000000000ff"
    for method, name in (("GET", "find-by-id"), ("PUT", "update-by-id"), ("DELETE", "delete-by-id")):
        body = {"a": 1} if method == "PUT" else None
        refused(ask(method, f"{PLACE}/{name}/{nobody}", body), 404, "DB_002")
    for path in ("facebook/page/find-by-page-id/9", "facebook/post/find-by-post-id/9"):
        refused(ask("GET", path), 404, "DB_002")


@WORLD.check("createdAt and updatedAt are milliseconds, and only updatedAt moves")
def own_times():
    before = time.time() * 1000 - 2
    own = data(ask("POST", f"{PLACE}/insert-one", {"n": 1}))
    time.sleep(0.02)
    after = data(ask("PUT", f"{PLACE}/update-by-id/{own['id']}", {"n": 2}))
    equal(before <= own["createdAt"] <= time.time() * 1000 + 2, True)
    equal((after["createdAt"], after["updatedAt"] > own["updatedAt"]), (own["createdAt"], True))


@WORLD.check("a key that is there already is 409 DB_002 on inserts, of one and of many")
def duplicate_insert():
    keys = [("facebook/message-item", {"messageId": "m-1", "conversationId": "c-1"})]
    keys += [("facebook/conversation", {"conversationId": "c-1"}), ("facebook/page", {"pageId": "1101"})]
    for place, key in keys:
        data(ask("POST", f"{place}/insert-one", key))
        refused(ask("POST", f"{place}/insert-one", key), 409, "DB_002")
        refused(ask("POST", f"{place}/insert-many", [key]), 409, "DB_002")
        equal(stored(place), 1)


@WORLD.check("filters compare with $eq, $gt, $gte, $lt, $lte, $in, $nin and $exists, alone and together")
def operators():
    filled()
    data(ask("POST", f"{PLACE}/insert-one", {"n": 100, "extra": None}))
    for given, wanted in (
            ({"n": 7}, [7]), ({"n": {"$eq": 7}}, [7]), ({"n": {"$gt": 22}}, [23, 24, 100]),
            ({"n": {"$gte": 23}}, [23, 24, 100]), ({"n": {"$lt": 2}}, [0, 1]), ({"n": {"$lte": 1}}, [0, 1]),
            ({"n": {"$in": [3, 4, 99]}}, [3, 4]), ({"n": {"$nin": list(range(24))}}, [24, 100]),
            ({"extra": {"$exists": True}}, [100]), ({"name": {"$exists": False}}, [100]),
            ({"name": "p1", "n": {"$gt": 5, "$lte": 16}}, [6, 11, 16])):
        equal((given, sorted(numbers(filter=given))), (given, wanted))
        equal(data(ask("GET", f"{PLACE}/count", filter=given)), len(wanted))


@WORLD.check("a filter of more than 10 fields, with another operator, or that is no JSON is 400")
def bad_filters():
    equal(numbers(filter={f"f{n}": 1 for n in range(10)}), [])
    invalid(ask("GET", f"{PLACE}/find", filter={f"f{n}": 1 for n in range(11)}))
    for operator in ("$ne", "$regex", "$where", "$not", "$or", "$elemMatch"):
        invalid(ask("GET", f"{PLACE}/find", filter={"n": {operator: "1"}}))
    for text in ("{bad", "[]", "7"):
        invalid(ask("GET", f"{PLACE}/find", filter=text))


@WORLD.check("a filter must not name password, token, secret, key or hash")
def forbidden_names():
    for word in ("password", "token", "secret", "key", "hash"):
        for name in (word, f"user_{word}", f"page{word.capitalize()}", word.upper()):
            invalid(ask("GET", f"{PLACE}/find", filter={name: "1"}))
    invalid(ask("GET", "facebook/page/find", filter={"pageAccessToken": "x"}))


@WORLD.check("options project, sort, limit up to 1000 and skip")
def options():
    filled()
    equal(numbers(options={"sort": {"n": -1}, "limit": 3}), [24, 23, 22])
    equal(numbers(options={"sort": {"n": 1}, "limit": 3, "skip": 5}), [5, 6, 7])
    found = data(ask("GET", f"{PLACE}/find", options={"projection": {"n": 1}}))
    equal({tuple(sorted(set(one) - {"id", "_id"})) for one in found}, {("n",)})
    equal(len(numbers(options={"limit": 1000})), 25)
    invalid(ask("GET", f"{PLACE}/find", options={"limit": 1001}))
    invalid(ask("GET", f"{PLACE}/find", options="{bad"))


@WORLD.check("lists are paged from 1 by 10, with page, limit, itemCount, items, total and totalPage")
def pages():
    filled()
    first = data(ask("GET", f"{PLACE}/find-with-pagination"))
    equal(sorted(first), ["itemCount", "items", "limit", "page", "total", "totalPage"])
    equal((first["page"], first["limit"], first["itemCount"]), (1, 10, 10))
    equal((first["total"], first["totalPage"], len(first["items"])), (25, 3, 10))
    found = []
    for page, count in ((1, 10), (2, 10), (3, 5), (4, 0)):
        one = data(ask("GET", f"{PLACE}/find-with-pagination", page=page, options={"sort": {"n": 1}}))
        equal((one["page"], one["itemCount"], len(one["items"])), (page, count, count))
        found += [item["n"] for item in one["items"]]
    equal(found, list(range(25)))
    one = data(ask("GET", f"{PLACE}/find-with-pagination", page=2, limit=7, filter={"n": {"$lt": 9}}))
    equal((one["limit"], one["itemCount"], one["total"], one["totalPage"]), (7, 2, 9, 2))
