"""The newest backend's ingest, and the batch that is only proposed (platforms.md 3.3, 3.4; 3.6 point 5)."""
from checks import equal
from folkform.calls import WORLD, ask, conversation, data, invalid, message, stored, upload

NEWEST = {"cioIngest": True}
PROPOSED = {"batchUpsert": True}


def ingest(domain, body, **key):
    return ask("POST", "cio/ingest", {"domain": domain, "filter": key, "data": body})


def day(number):
    return f"2025-11-{number:02}T02:13:07.000000"


@WORLD.check("neither ingest nor batch is there unless it is switched on")
def switched_off():
    equal(ingest("interaction_conversation", conversation(), conversationId="1101_5550001").status, 404)
    equal(ask("POST", "facebook/conversation/batch-upsert", {}).status, 404)


@WORLD.check("the newest backend has ingest and no upsert-messages", features=NEWEST)
def newest():
    equal(upload([message(1)]).status, 404)
    data(ingest("interaction_conversation", conversation(), conversationId="1101_5550001"))
    equal(stored("facebook/conversation"), 1)


@WORLD.check("ingest skips what is no newer than the stored, and says so", features=NEWEST)
def skip_rule():
    for number, is_skipped in ((5, False), (5, True), (4, True), (6, False), (5, True)):
        body = conversation("k-1", day(number), snippet=f"of day {number}")
        answer = ingest("interaction_conversation", body, conversationId="k-1")
        if is_skipped:
            equal(answer.json, {"code": 200, "data": None, "skipped": True, "status": "success"})
        else:
            equal(data(answer)["panCakeData"]["snippet"], f"of day {number}")
    found = data(ask("GET", "facebook/conversation/find"))
    equal([one["panCakeData"]["snippet"] for one in found], ["of day 6"])


@WORLD.check("ingest takes messages of a conversation", features=NEWEST)
def ingest_messages():
    body = {
        "pageId": "1101", "pageUsername": "tiemmau", "conversationId": "k-1", "customerId": "c-1", "hasMore": False,
        "panCakeData": {"messages": [message(1), message(2)], "can_inbox": True}}
    data(ingest("interaction_message", body, conversationId="k-1"))
    equal((stored("facebook/message"), stored("facebook/message-item")), (1, 2))


@WORLD.check("ingest takes customers, orders, what is of the shop, and what is of Meta", features=NEWEST)
def domains():
    kinds = ("fb_customer", "order", "pos_product", "pos_order", "pos_shop", "pos_customer", "meta_campaign", "meta_ad")
    answers = {}
    for domain in kinds:
        body = {"panCakeData": {"id": "k-1", "updated_at": day(5)}}
        answers[domain] = [ingest(domain, body, mark=domain).status for _ in range(2)]
    equal(answers, {domain: [200, 200] for domain in kinds})
    equal((stored("fb-customer"), stored("pancake/order"), stored("pancake-pos/product")), (1, 1, 1))


@WORLD.check("ingest refuses an unknown domain and an incomplete body", features=NEWEST)
def bad_ingest():
    invalid(ingest("nothing", conversation(), conversationId="k-1"))
    invalid(ask("POST", "cio/ingest", {}))
    invalid(ask("POST", "cio/ingest", {"domain": "interaction_conversation", "filter": {"conversationId": "k-1"}}))
    equal(stored("facebook/conversation"), 0)


def batch(*conversations, **changes):
    body = {"pageId": "1101", "pageUsername": "tiemmau", "conversations": list(conversations), **changes}
    body = {key: value for key, value in body.items() if value is not None}
    return ask("POST", "facebook/conversation/batch-upsert", body)


def row(name, number):
    return {"id": name, "customer_id": "c-1", "updated_at": day(number)}


@WORLD.check("a batch tells for all its items what became of them", features=PROPOSED)
def whole_batch():
    wanted = {"upserted": 3, "modified": 0, "skipped": 0, "failed": []}
    equal(data(batch(row("a", 5), row("b", 5), row("c", 5))), wanted)
    found = data(ask("GET", "facebook/conversation/find", options={"sort": {"conversationId": 1}}))
    equal([(one["conversationId"], one["pageId"]) for one in found], [("a", "1101"), ("b", "1101"), ("c", "1101")])


@WORLD.check("a batch with items that cannot be stored stores the others and names those", features=PROPOSED)
def part_of_batch():
    found = data(batch(row("a", 5), {"updated_at": day(5)}, row("b", 5), 7))
    equal((found["upserted"], [one["index"] for one in found["failed"]]), (2, [1, 3]))
    equal({tuple(sorted(one)) for one in found["failed"]}, {("code", "index", "message")})
    equal(stored("facebook/conversation"), 2)


@WORLD.check("a batch lays nothing older over what is newer", features=PROPOSED)
def order_of_batch():
    batch(row("a", 5), row("b", 5))
    equal(data(batch(row("a", 4), row("b", 6), row("c", 1))), {
        "upserted": 1, "modified": 1, "skipped": 1, "failed": []})
    found = data(ask("GET", "facebook/conversation/find", options={"sort": {"conversationId": 1}}))
    equal([one["panCakeData"]["updated_at"] for one in found], [day(5), day(6), day(1)])


@WORLD.check("a batch needs its page and its conversations", features=PROPOSED)
def bad_batch():
    for changes in ({"pageId": None}, {"pageUsername": None}, {"conversations": {}}, {"conversations": None}):
        invalid(batch(row("a", 5), **changes))
    equal(stored("facebook/conversation"), 0)
