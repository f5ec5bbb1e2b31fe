"""upsert-messages and what reads them (platforms.md 3.3; 3.6 point 4)."""
import time

from checks import equal
from folkform.calls import (
    OTHER_ROLE, WORLD, ask, data, headers, invalid, message, refused, stored, upload)

NAME = "1101_5550001"
AT = 1762308787


def items(name=NAME, given=None, **query):
    return data(ask("GET", f"facebook/message-item/find-by-conversation/{name}", given=given, **query))


def metadata():
    return data(ask("GET", "facebook/message/find-one", filter={"conversationId": NAME}))


@WORLD.check("the reply is the conversation's document, without the messages, with their count")
def reply():
    before = time.time() * 1000 - 2
    own = data(upload([message(1), message(2)], pancake={"can_inbox": True}, hasMore=True))
    equal((own["conversationId"], own["pageId"], own["totalMessages"]), (NAME, "1101", 2))
    equal((own["panCakeData"], own["hasMore"]), ({"can_inbox": True}, True))
    equal(before <= own["lastSyncedAt"] <= time.time() * 1000 + 2, True)
    equal(metadata(), own)
    equal((stored("facebook/message"), stored("facebook/message-item")), (1, 2))


@WORLD.check("pageId, pageUsername, conversationId and customerId are required, and customerId is not empty")
def required():
    for field in ("pageId", "pageUsername", "customerId"):
        for value in (None, ""):
            invalid(upload([message(1)], **{field: value}))
    invalid(upload([message(1)], name=None))
    invalid(upload([message(1)], panCakeData=None))
    equal((stored("facebook/message"), stored("facebook/message-item")), (0, 0))


@WORLD.check("metadata is merged one level deep, and objects below that are replaced")
def merge():
    upload([], pancake={"a": 1, "b": {"x": 1, "y": {"p": 1}}, "list": [1, 2]})
    upload([], pancake={"c": 3, "b": {"z": 2, "y": {"q": 2}}, "list": [3]})
    wanted = {"a": 1, "b": {"x": 1, "y": {"q": 2}, "z": 2}, "c": 3, "list": [3]}
    equal(metadata()["panCakeData"], wanted)


@WORLD.check("an old upload overwrites newer metadata: nothing looks at versions")
def no_guard():
    upload([], pancake={"updated_at": "2025-11-06T00:00:00.000000", "snippet": "new"}, hasMore=False)
    upload([], pancake={"updated_at": "2025-11-05T00:00:00.000000", "snippet": "old"}, hasMore=True)
    own = metadata()
    equal((own["panCakeData"]["snippet"], own["hasMore"]), ("old", True))


@WORLD.check("a message has its data and the second of its insertion")
def item():
    upload([message(1, message="<div>x</div>")])
    own = data(ask("GET", "facebook/message-item/find-by-message-id/m_0001"))
    equal((own["messageId"], own["conversationId"], own["insertedAt"]), ("m_0001", NAME, AT))
    equal(own["messageData"], message(1, message="<div>x</div>"))
    refused(ask("GET", "facebook/message-item/find-by-message-id/m_9"), 404, "DB_002")


@WORLD.check("a time with another precision than six digits, or with a Z, is stored as 0 and sorts last")
def strict_times():
    fractions = ["", ".1", ".123", ".12345", ".1234567", ".000000Z", "Z"]
    upload([message(n, fraction=text) for n, text in enumerate(fractions)] + [message(20, 8, ".123456")])
    upload([{"id": "m_0030"}, {"id": "m_0031", "inserted_at": None}, {"id": "m_0032", "inserted_at": AT}])
    found = items()["data"]
    equal((found[0]["messageId"], found[0]["insertedAt"]), ("m_0020", AT + 1))
    equal({one["insertedAt"] for one in found[1:]}, {0})
    equal(len(found), len(fractions) + 4)


@WORLD.check("messages without an id that is text are left out without a word")
def silent_skip():
    own = data(upload([message(1), {"inserted_at": "2025-11-05T02:13:07.000000"}, {"id": 7}, {"id": None}]))
    equal((own["totalMessages"], stored("facebook/message-item")), (1, 1))


@WORLD.check("the same upload again changes nothing but its times, and the count stays")
def idempotent():
    batch = [message(n, n) for n in range(30)]
    for _ in range(3):
        own = data(upload(batch))
    equal((own["totalMessages"], stored("facebook/message-item"), stored("facebook/message")), (30, 30, 1))


@WORLD.check("messages have only their id for a key: a later upload replaces them, and takes them along")
def keyed_by_id():
    upload([message(1, text="a"), message(2, text="b")])
    own = data(upload([message(2, text="edited"), message(3)]))
    equal((own["totalMessages"], stored("facebook/message-item")), (3, 3))
    second = data(ask("GET", "facebook/message-item/find-by-message-id/m_0002"))
    equal(second["messageData"]["text"], "edited")
    upload([message(1, text="moved")], name="other")
    first = data(ask("GET", "facebook/message-item/find-by-message-id/m_0001"))
    equal((first["conversationId"], stored("facebook/message-item")), ("other", 3))


@WORLD.check("messages of a conversation come newest first, 50 at once unless asked for up to 100")
def listing():
    batch = [message(n, n % 60) for n in range(120)]
    upload(batch[:60])
    upload(batch[60:])
    first = items()
    equal((sorted(first), sorted(first["pagination"])), (["data", "pagination"], ["limit", "page", "total"]))
    equal((len(first["data"]), first["pagination"]), (50, {"page": 1, "limit": 50, "total": 120}))
    times = [one["insertedAt"] for one in first["data"]]
    equal(times, sorted(times, reverse=True))
    found = [one["messageId"] for page in (1, 2, 3, 4) for one in items(page=page, limit=40)["data"]]
    equal((len(found), len(set(found))), (120, 120))
    equal(len(items(limit=100)["data"]), 100)
    more = ask("GET", f"facebook/message-item/find-by-conversation/{NAME}", limit=101)
    equal(more.status == 400 or len(data(more)["data"]) <= 100, True)


@WORLD.check("an organization does not see another's messages")
def organizations():
    upload([message(1)], pancake={"snippet": "ours"})
    theirs = headers(role=OTHER_ROLE)
    equal(items(given=theirs)["data"], [])
    refused(ask("GET", "facebook/message-item/find-by-message-id/m_0001", given=theirs), 404, "DB_002")
    own = data(upload([message(2)], given=theirs, pancake={"snippet": "theirs"}))
    equal((own["totalMessages"], metadata()["panCakeData"]["snippet"]), (1, "ours"))
    equal((len(items()["data"]), len(items(given=theirs)["data"])), (1, 1))
