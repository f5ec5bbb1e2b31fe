"""Messages of a conversation (platforms.md 2.4; 2.7 points 3 and 7)."""
import time

from checks import control, equal, filled
from pancake.calls import (
    LONG, PAGE, TIME, WORLD, all_messages, every, failed, ids, instant, is_sorted, large, listing, messages, paged,
    rows, switch)


def known(conversation, page=PAGE):
    """Ids of the conversation's messages by the oracle, the newest first."""
    return control(f"messages?page={page}")[conversation][::-1]


@WORLD.check("30 messages come at once, the newest first, and current_count skips what one has", pages=LONG)
def message_pages():
    long = large()
    whole = all_messages(long)
    flat = [message for found in whole for message in found]
    equal([len(found) for found in whole[:-1]], [30] * (len(whole) - 1))
    equal((len(set(ids(flat))), is_sorted(flat, "inserted_at")), (len(flat), True))
    equal(ids(messages(long)), ids(flat[:30]))
    equal(ids(messages(long, current_count=7)), ids(flat[7:37]))
    equal(ids(flat), known(long))
    equal(messages(long, current_count=len(flat)), [])


@WORLD.check("all messages of a page are what the oracle says, with no customer named")
def whole_page():
    for row in filled(every("web_3301")):
        equal(ids(sum(all_messages(row["id"], "web_3301"), [])), known(row["id"], "web_3301"))
    count = sum(len(one) for one in control("messages?page=web_3301").values())
    equal(count, control("truth?account=web_3301")["rows"]["pancake_messages"])


ANSWER = {
    "success", "conversation_id", "messages", "customers", "conv_customers", "conv_phone_numbers",
    "conv_recent_phone_numbers", "read_watermarks", "activities", "notes", "recent_orders", "post", "can_inbox",
    "is_banned", "banned_count", "reported_count", "comment_count", "gender", "birthday", "lives_in",
    "reports_by_phone", "extra_info",
}
MESSAGE = {
    "id", "conversation_id", "page_id", "type", "message", "original_message", "from", "inserted_at", "seen",
    "has_phone", "is_hidden", "is_removed", "parent_id", "attachments", "phone_info", "message_tags", "edit_history",
}


@WORLD.check("an answer of messages has the fields of the sheet, and a message has; some lack what is optional")
def message_fields():
    found, lacking, kinds, answers = set(), set(), set(), set()
    for row in listing()[:40]:
        answer = paged("GET", f"conversations/{row['id']}/messages")
        answers |= set(answer.json)
        equal(answer.json["conversation_id"], row["id"])
        for message in filled(rows(answer, "messages")):
            found |= set(message)
            lacking |= MESSAGE - set(message)
            kinds |= {attachment["type"] for attachment in message.get("attachments") or []}
            equal((message["conversation_id"], message["page_id"]), (row["id"], PAGE))
            equal((message["type"], bool(TIME.fullmatch(message["inserted_at"]))), (row["type"], True))
        for mark in answer.json.get("read_watermarks", []):
            equal((sorted(mark), mark["watermark"] > 10 ** 12), (["message_id", "psid", "watermark"], True))
    equal((ANSWER - answers, MESSAGE - found, bool(lacking)), (set(), set(), True))
    equal({"photo", "video", "sticker", "template", "system_message", "link"} - kinds, set())


@WORLD.check("messages of one answer come oldest first when so set", pages=LONG, reading={"oldestFirst": True})
def oldest_first():
    long = large()
    first, second = all_messages(long)[:2]
    for found in (first, second):
        times_ = [instant(message["inserted_at"]) // 1_000_000 for message in found]
        equal(times_, sorted(times_))
    equal(instant(second[-1]["inserted_at"]) // 1_000_000 <= instant(first[0]["inserted_at"]) // 1_000_000, True)


@WORLD.check("messages need no customer_id, nor are they wrong with one")
def customer_not_needed():
    row = next(row for row in listing() if row.get("customer_id"))
    equal(ids(messages(row["id"], customer_id=row["customer_id"])), ids(messages(row["id"])))


@WORLD.check("messages need customer_id when so set", reading={"needsCustomer": True})
def customer_needed():
    row = next(row for row in listing() if row.get("customer_id"))
    failed(paged("GET", f"conversations/{row['id']}/messages"))
    equal(len(messages(row["id"], customer_id=row["customer_id"])) > 0, True)


@WORLD.check("a message that comes in between two pages is repeated by one, one that goes is missed by one", pages=LONG)
def drift():
    long = large()
    whole = ids(sum(all_messages(long), []))
    first = ids(messages(long))
    switch("message", PAGE, long)
    equal(ids(messages(long, current_count=30)), whole[29:59])
    switch("delete", PAGE, long, message=first[0])
    switch("delete", PAGE, long, message=first[1])
    equal(ids(messages(long, current_count=30)), whole[31:61])


@WORLD.check("lists of messages grow by themselves when so set", pages=LONG, reading={"growsAfterPages": 1})
def grows():
    long = large()
    found = ids(messages(long) + messages(long, current_count=30))
    equal((len(found), len(set(found))), (60, 59))


@WORLD.check("lists of messages shrink by themselves when so set", pages=LONG, reading={"shrinksAfterPages": 1})
def shrinks():
    long = large()
    whole = known(long)
    found = ids(messages(long) + messages(long, current_count=30))
    equal((found[:30], len(set(found)), found[30:] == whole[31:61]), (whole[:30], 60, True))


@WORLD.check("messages are edited, hidden and removed later; they stay in the list, and nothing else tells it")
def changed_messages():
    row = next(row for row in listing() if row["message_count"] > 5)
    before = messages(row["id"])
    plain = [one for one in before if one.get("edit_history", 0) is None and not one["attachments"]]
    plain = [one for one in plain if not one["is_hidden"] and not one["is_removed"]]
    edited, hidden, removed = plain[:3]
    for name, message in (("edit", edited), ("hide", hidden), ("remove", removed)):
        switch(name, PAGE, row["id"], message=message["id"])
    after = {message["id"]: message for message in messages(row["id"])}
    equal(list(after), ids(before))
    equal(after[edited["id"]]["original_message"] != edited["original_message"], True)
    equal(bool(after[edited["id"]]["edit_history"]), True)
    equal((after[hidden["id"]]["is_hidden"], after[removed["id"]]["is_removed"]), (True, True))
    equal(next(one for one in listing() if one["id"] == row["id"])["updated_at"], row["updated_at"])


@WORLD.check("some old messages are edited, hidden or removed from the beginning")
def old_changes():
    seen = set()
    for row in filled(every()):
        for message in messages(row["id"]):
            seen |= {key for key in ("is_hidden", "is_removed", "edit_history") if message.get(key)}
    equal(seen, {"is_hidden", "is_removed", "edit_history"})


@WORLD.check("a conversation changes before its message is listed when so set", traffic={"messageDelay": 2})
def late_message():
    row = listing()[5]
    before = ids(messages(row["id"]))
    switch("message", PAGE, row["id"])
    top = listing()[0]
    equal((top["id"], instant(top["updated_at"]) > instant(row["updated_at"])), (row["id"], True))
    equal(ids(messages(row["id"])), before)
    time.sleep(2.1)
    equal(ids(messages(row["id"]))[1:], before[:29])


@WORLD.check("a lively page gets messages by itself", traffic={"messagesPerHour": 36_000})
def lively():
    first = listing()[0]
    time.sleep(2.1)
    equal(instant(listing()[0]["updated_at"]) > instant(first["updated_at"]), True)
