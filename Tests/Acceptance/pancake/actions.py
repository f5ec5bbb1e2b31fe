"""What is done to conversations and what is sent (platforms.md 2.3, 2.4)."""
import time

from checks import equal, filled
from pancake.calls import PAGE, WORLD, every, failed, ids, instant, listing, messages, paged, rows


def act(conversation, name, body):
    return paged("POST", f"conversations/{conversation}/{name}", body=body)


def seen_again(conversation):
    return next(row for row in every() if row["id"] == conversation)


def comment(days_ago):
    """A conversation of comments whose newest message is a person's and so many days old, and that message."""
    for row in filled(every(**{"type[]": "COMMENT"})):
        last = messages(row["id"])[0]
        age = time.time() / 86_400 - instant(last["inserted_at"]) / 86_400_000_000
        if days_ago[0] <= age <= days_ago[1] and last["from"]["id"] != PAGE:
            return row, last
    raise AssertionError("there is no such comment")


@WORLD.check("a tag is added and taken away, and the conversation shows it")
def tags():
    row = next(row for row in listing() if not row["tags"])
    answer = act(row["id"], "tags", {"action": "add", "tag_id": 13})
    equal((rows(answer, "data"), sorted(answer.json)), ([13], ["data", "success", "timestamp"]))
    equal([tag["id"] for tag in seen_again(row["id"])["tags"]], [13])
    equal(rows(act(row["id"], "tags", {"action": "remove", "tag_id": 13}), "data"), [])
    equal(seen_again(row["id"])["tags"], [])


@WORLD.check("a conversation is assigned")
def assign():
    row = listing()[3]
    rows(act(row["id"], "assign", {"assignee_ids": ["u-7", "u-8"]}), "success")
    equal(seen_again(row["id"])["assignee_ids"], ["u-7", "u-8"])


@WORLD.check("a conversation is marked as read and as unread, with no message")
def read():
    row = listing()[3]
    for name, seen in (("unread", False), ("read", True), ("unread", False)):
        rows(act(row["id"], name, {}), "success")
        after = seen_again(row["id"])
        equal((after["seen"], after["message_count"]), (seen, row["message_count"]))


@WORLD.check("an inbox is answered: the page's message is the newest, and the conversation moves to the top")
def reply_inbox():
    row = next(row for row in listing()[5:] if row["type"] == "INBOX")
    rows(act(row["id"], "messages", {"action": "reply_inbox", "message": "còn hàng ạ"}), "success")
    newest = messages(row["id"])[0]
    equal((newest["original_message"], newest["from"]["id"]), ("còn hàng ạ", PAGE))
    equal(listing()[0]["id"], row["id"])
    rows(act(row["id"], "messages", {"action": "reply_inbox", "content_ids": ["c-1"]}), "success")


@WORLD.check("a reply with a message and with contents at once is HTTP 500")
def both():
    row = next(row for row in listing() if row["type"] == "INBOX")
    before = ids(messages(row["id"]))
    answer = act(row["id"], "messages", {"action": "reply_inbox", "message": "x", "content_ids": ["c-1"]})
    equal((answer.status, ids(messages(row["id"]))), (500, before))


@WORLD.check("a comment is answered")
def reply_comment():
    row, last = comment((0, 30))
    body = {"action": "reply_comment", "message_id": last["id"], "message": "dạ còn ạ"}
    rows(act(row["id"], "messages", body), "success")
    equal(messages(row["id"])[0]["original_message"], "dạ còn ạ")


@WORLD.check("a private reply to a comment is possible for 7 days; after them success is false in HTTP 200")
def private_replies():
    for days, is_late in (((0, 5), False), ((10, 60), True)):
        row, last = comment(days)
        answer = act(row["id"], "messages", {
            "action": "private_replies", "post_id": row["post_id"], "message_id": last["id"],
            "from_id": last["from"]["id"], "message": "shop nhắn riêng ạ"})
        failed(answer) if is_late else rows(answer, "success")
