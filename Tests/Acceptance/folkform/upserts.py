"""Upserts of documents, and calls for pages, posts, conversations and agents (platforms.md 3.2, 3.3)."""
from checks import equal
from folkform.calls import WORLD, ask, conversation, data, invalid, refused, stored, upserted

PLACE = "pancake-pos/product"


@WORLD.check("upsert-one makes what its filter does not find, then changes that")
def upsert_one():
    first = data(ask("POST", f"{PLACE}/upsert-one", {"sku": "a", "n": 1, "old": True}, filter={"sku": "a"}))
    second = data(ask("POST", f"{PLACE}/upsert-one", {"sku": "a", "n": 2}, filter={"sku": "a"}))
    equal((second["id"], second["n"], second["createdAt"]), (first["id"], 2, first["createdAt"]))
    equal(stored(PLACE), 1)
    invalid(ask("POST", f"{PLACE}/upsert-one", {"sku": "a"}))


@WORLD.check("a conversation's id, customer and time of change are taken out of panCakeData")
def extraction():
    own = data(upserted(conversation(customer_id="c-9")))
    equal((own["conversationId"], own["customerId"], own["pageId"]), ("1101_5550001", "c-9", "1101"))
    # Of 2025-11-05T02:13:07 UTC; whether in seconds or in milliseconds the sheet does not say.
    equal(own["panCakeUpdatedAt"] in (1762308787, 1762308787412), True)
    equal(own["panCakeData"]["updated_at"], "2025-11-05T02:13:07.412000")
    equal(data(upserted(conversation(customer_id="c-9")))["id"], own["id"])
    equal(stored("facebook/conversation"), 1)


@WORLD.check("upsert-many has one filter for all items, so that they meet in one document")
def upsert_many():
    items = [{"sku": sku, "n": n} for n, sku in enumerate(("a", "b", "c"))]
    data(ask("POST", f"{PLACE}/upsert-many", items, filter={"shelf": 1}))
    found = data(ask("GET", f"{PLACE}/find"))
    equal([(one["sku"], one["n"], one["shelf"]) for one in found], [("c", 2, 1)])


@WORLD.check("a page is found by its id, is synced unless told otherwise, and keeps the token that agents share")
def page():
    data(ask("POST", "facebook/page/upsert-one", {"pageId": "1101", "pageName": "Tiệm"}, filter={"pageId": "1101"}))
    own = data(ask("GET", "facebook/page/find-by-page-id/1101"))
    equal((own["pageName"], own["isSync"]), ("Tiệm", True))
    data(ask("PUT", "facebook/page/update-token", {"pageId": "1101", "pageAccessToken": "eyJ-1"}))
    data(ask("PUT", "facebook/page/update-token", {"pageId": "1101", "pageAccessToken": "eyJ-2"}))
    own = data(ask("GET", "facebook/page/find-by-page-id/1101"))
    equal((own["pageAccessToken"], own["pageName"], stored("facebook/page")), ("eyJ-2", "Tiệm", 1))
    data(ask("POST", "facebook/page/insert-one", {"pageId": "1102", "isSync": False}))
    equal(data(ask("GET", "facebook/page/find-by-page-id/1102"))["isSync"], False)


@WORLD.check("a token needs its page and both fields")
def token_of_nothing():
    refused(ask("PUT", "facebook/page/update-token", {"pageId": "9", "pageAccessToken": "eyJ"}), 404, "DB_002")
    invalid(ask("PUT", "facebook/page/update-token", {"pageId": "1101"}))
    invalid(ask("PUT", "facebook/page/update-token", {"pageAccessToken": "eyJ"}))


@WORLD.check("a post is found by its id")
def post():
    data(ask("POST", "facebook/post/insert-one", {"pageId": "1101", "postId": "1101_88"}))
    equal(data(ask("GET", "facebook/post/find-by-post-id/1101_88"))["pageId"], "1101")


@WORLD.check("conversations come by the time of their change, the newest first, in pages and of one page")
def by_change():
    days = [5, 9, 1, 7, 3]
    for day in days:
        data(upserted(conversation(f"c-{day}", f"2025-11-{day:02}T00:00:00.000000")))
    other = conversation("x-1", "2025-11-08T00:00:00.000000")
    data(upserted({**other, "pageId": "1102"}))
    path = "facebook/conversation/sort-by-api-update"
    found = data(ask("GET", path, page=1, limit=10, pageId="1101"))
    equal([one["conversationId"] for one in found["items"]], ["c-9", "c-7", "c-5", "c-3", "c-1"])
    equal(sorted(found), ["itemCount", "items", "limit", "page", "total", "totalPage"])
    second = data(ask("GET", path, page=2, limit=2, pageId="1101"))
    equal([one["conversationId"] for one in second["items"]], ["c-5", "c-3"])
    equal((second["total"], second["totalPage"]), (5, 3))
    newest = data(ask("GET", path, page=1, limit=2))
    equal([one["conversationId"] for one in newest["items"]], ["c-9", "x-1"])


@WORLD.check("an agent checks in and out")
def agent():
    own = data(ask("POST", "agent/insert-one", {"name": "agent-1"}))
    data(ask("POST", f"agent/check-in/{own['id']}"))
    data(ask("POST", f"agent/check-out/{own['id']}"))
    equal((data(ask("GET", f"agent/find-by-id/{own['id']}"))["name"], stored("agent")), ("agent-1", 1))
