"""Failures of the server, and what they leave behind (platforms.md 3.1, 3.6 point 6)."""
import concurrent.futures
import http.client

from checks import control, equal
from folkform.calls import WORLD, ask, conversation, data, message, refused, stored, upload, upserted


def draw(kind, target="upsert"):
    control("faults", {"rules": [{"kind": kind, "target": target}]})


def heal():
    control("faults", {"rules": []})


@WORLD.check("a database that does not answer is 503 DB_001, one that fails 500 DB_002, and nothing is written")
def database():
    for kind, status, code in (("databaseDown", 503, "DB_001"), ("databaseError", 500, "DB_002")):
        draw(kind)
        refused(upserted(conversation()), status, code)
        refused(upload([message(1)]), status, code)
    counts = control("counts")["rows"]
    equal({name: count for name, count in counts.items() if count}, {})


@WORLD.check("a panic is 500 in a form of its own")
def panic():
    draw("panic")
    answer = upserted(conversation())
    equal((answer.status, sorted(answer.json)), (500, ["code", "message", "success"]))
    equal((answer.json["success"], answer.json["code"]), (False, 500))


@WORLD.check("an upsert that lost the race for a new key is 500 DB, and succeeds when it is tried again")
def lost_race():
    draw("duplicateKey")
    refused(upserted(conversation()), 500, "DB")
    heal()
    data(upserted(conversation()))
    equal(stored("facebook/conversation"), 1)


@WORLD.check("only a new key can lose a race, and plain inserts answer 409")
def no_race():
    data(upserted(conversation()))
    draw("duplicateKey", "")
    data(upserted(conversation(updated="2025-11-06T02:13:07.000000")))
    refused(ask("POST", "facebook/conversation/insert-one", {"conversationId": "1101_5550001"}), 409, "DB_002")


@WORLD.check("many who upsert one new key at once leave one document, each with 200 or 500 DB")
def race():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: upserted(conversation(snippet=str(n))), range(24)))
    seen = {(answer.status, answer.json["code"]) for answer in answers}
    equal((seen <= {(200, 200), (500, "DB")}, (200, 200) in seen), (True, True))
    equal(stored("facebook/conversation"), 1)


@WORLD.check("500 between metadata and messages: the first are there, and the same upload again adds the rest")
def halfway():
    draw("halfway")
    refused(upload([message(1), message(2)], pancake={"can_inbox": True}), 500, "DB", "DB_002")
    equal((stored("facebook/message"), stored("facebook/message-item")), (1, 0))
    heal()
    own = data(upload([message(1), message(2)], pancake={"can_inbox": True}))
    equal((own["totalMessages"], stored("facebook/message"), stored("facebook/message-item")), (2, 1, 2))


def unanswered(kind):
    """An upload whose answer is lost, or too late to wait for."""
    draw(kind, "upsert-messages")
    try:
        return upload([message(1), message(2)], timeout=1).status
    except (http.client.HTTPException, OSError):
        return None
    finally:
        heal()


@WORLD.check("an answer that is lost, cut or late belongs to an upload that was carried out")
def applied():
    for kind in ("late", "reset", "truncated"):
        WORLD.fresh()
        equal((kind, unanswered(kind)), (kind, None))
        equal((kind, stored("facebook/message-item")), (kind, 2))
        equal(data(upload([message(1), message(2)]))["totalMessages"], 2)


@WORLD.check("429 and 401 are drawn as failures too, and a gateway's 502 is no JSON")
def others():
    draw("throttled")
    answer = upserted(conversation())
    equal((answer.status, answer.json["code"], "details" in answer.json), (429, "BIZ_002", False))
    draw("unauthorized")
    refused(upserted(conversation()), 401, "AUTH_001")
    draw("outage")
    answer = upserted(conversation())
    equal((answer.status, answer.json), (502, None))
    equal(stored("facebook/conversation"), 0)
