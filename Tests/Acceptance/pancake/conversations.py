"""The list of conversations (platforms.md 2.3; 2.7 point 2 and 7)."""
import re
import time

from checks import control, equal, filled
from pancake.calls import (
    OTHER, PAGE, TIME, V2, WORLD, every, ids, instant, is_sorted, listing, messages, paged, rows, scan, switch)


@WORLD.check("60 conversations come at once, the last changed first, with no total")
def first_page():
    answer = paged("GET", "conversations", base=V2)
    equal(sorted(answer.json), ["conversations", "success"])
    found = rows(answer, "conversations")
    equal((len(found), is_sorted(found)), (60, True))


@WORLD.check("behind the last one's id follow the next 60, until an empty list ends it")
def cursor():
    for page in (PAGE, OTHER, "web_3301"):
        pages = scan(page)
        found = [row for rows_ in pages for row in rows_]
        equal([len(rows_) for rows_ in pages[:-1]], [60] * (len(pages) - 1))
        equal(len(found), control(f"truth?account={page}")["rows"]["pancake_conversations"])
        equal((len(set(ids(found))), is_sorted(found)), (len(found), True))
        equal({row["page_id"] for row in found}, {page})


@WORLD.check("a page without conversations has an empty list")
def no_conversations():
    equal(listing("1105"), [])


BLOCKS = {
    "id": str, "page_id": str, "type": str, "snippet": (str, type(None)), "message_count": int, "seen": bool,
    "has_phone": bool, "inserted_at": str, "updated_at": str, "from": dict, "tags": list,
}
OPTIONAL = {
    "last_sent_by": dict, "customer_id": (str, type(None)), "customers": list, "page_customer": (dict, type(None)),
    "tag_histories": list, "assignee_ids": list, "assignee_group_id": (str, type(None)), "current_assign_users": list,
    "assignee_histories": list, "recent_phone_numbers": list, "ad_ids": list, "ads": list,
    "post_id": (str, type(None)),
}


@WORLD.check("a conversation has the fields of the sheet and their kinds; some lack what is optional")
def conversation_fields():
    found = every()
    lacking = set()
    for row in filled(found):
        equal([key for key, kind in BLOCKS.items() if not isinstance(row.get(key), kind)], [])
        equal([key for key, kind in OPTIONAL.items() if key in row and not isinstance(row[key], kind)], [])
        lacking |= OPTIONAL.keys() - row.keys()
        equal({"id", "name", "email"} <= set(row["from"]), True)
        if "last_sent_by" in row:
            equal({"id", "name"} <= set(row["last_sent_by"]), True)
    equal(len(lacking) > 0, True)
    equal(OPTIONAL.keys() - {key for row in found for key in row}, set())


@WORLD.check("ids of inboxes are page and person, those of comments post and comment; comments know their post")
def conversation_ids():
    found = every()
    equal({row["type"] for row in found}, {"INBOX", "COMMENT"})
    for row in filled(found):
        first, second = row["id"].rsplit("_", 1)
        if row["type"] == "INBOX":
            equal((first, second, row.get("post_id")), (PAGE, row["from"]["id"], None))
        else:
            equal((bool(re.fullmatch(r"\d+", first)), row["post_id"].endswith(first)), (True, True))


@WORLD.check("times are naive UTC, mostly of six digits; others have fewer digits, none, or a Z")
def times():
    texts = [row[key] for page in (PAGE, OTHER) for row in every(page) for key in ("inserted_at", "updated_at")]
    equal([text for text in texts if not TIME.fullmatch(text)], [])
    six = [text for text in texts if re.fullmatch(r".*\.\d{6}", text)]
    equal((len(six) > len(texts) * 0.9, len(six) < len(texts)), (True, True))
    newest = max(instant(text) for text in texts) // 1_000_000
    equal(newest < time.time() + 1, True)


@WORLD.check("tags hold nulls beside tags, and snippets can be null")
def nulls():
    found = every() + every(OTHER)
    tags = [tag for row in found for tag in row["tags"]]
    equal((None in tags, any(row["snippet"] is None for row in found)), (True, True))
    for tag in filter(None, tags):
        equal(sorted(tag), ["color", "id", "is_deactive", "is_lead_event", "text"])


@WORLD.check("some conversations have no customer")
def without_customer():
    equal(any(not row.get("customer_id") and not row.get("customers") for row in every()), True)


@WORLD.check("since and until filter by the time of the last change, in seconds")
def window():
    found = every()
    times_ = [instant(row["updated_at"]) // 1_000_000 for row in found]
    since, until = times_[150] + 1, times_[50] - 1
    wanted = [row["id"] for row, second in zip(found, times_) if since <= second <= until]
    equal((ids(every(since=since, until=until)), len(wanted) > 60), (wanted, True))
    equal(ids(every(since=since)), [row["id"] for row, second in zip(found, times_) if second >= since])
    equal(ids(every(until=until)), [row["id"] for row, second in zip(found, times_) if second <= until])


@WORLD.check("ordered by inserted_at, the list goes on and is filtered by that time")
def by_birth():
    found = every(order_by="inserted_at")
    equal((is_sorted(found, "inserted_at"), sorted(ids(found))), (True, sorted(ids(every()))))
    times_ = [instant(row["inserted_at"]) // 1_000_000 for row in found]
    since, until = times_[150] + 1, times_[50] - 1
    wanted = [row["id"] for row, second in zip(found, times_) if since <= second <= until]
    equal(ids(every(order_by="inserted_at", since=since, until=until)), wanted)
    equal(ids(every(order_by="updated_at")), ids(every()))


@WORLD.check("conversations are filtered by type, by post, and by tag, and unread ones come first when asked")
def filters():
    found = every()
    for kind in ("INBOX", "COMMENT"):
        equal(ids(every(**{"type[]": kind})), [row["id"] for row in found if row["type"] == kind])
    equal(ids(every(**{"type[]": ["INBOX", "COMMENT"]})), ids(found))
    post = next(row["post_id"] for row in found if row["type"] == "COMMENT")
    wanted = [row["id"] for row in found if row.get("post_id") == post]
    equal(ids(every(**{"type[]": "COMMENT", "post_ids[]": post})), wanted)
    tagged = [row["id"] for row in found if any(tag and tag["id"] == 12 for tag in row["tags"])]
    equal((ids(every(tags=12)), len(tagged) > 0), (tagged, True))
    unread = every(unread_first="true")
    equal([row["seen"] for row in unread], sorted(row["seen"] for row in found))
    equal(sorted(ids(unread)), sorted(ids(found)))


@WORLD.check("a new message moves its conversation to the top, with another count, time and snippet")
def message_moves():
    before = every()
    moved = before[130]
    switch("message", PAGE, moved["id"])
    after = every()
    equal(ids(after), [moved["id"]] + [one for one in ids(before) if one != moved["id"]])
    equal(after[0]["message_count"], moved["message_count"] + 1)
    equal(instant(after[0]["updated_at"]) > instant(before[0]["updated_at"]), True)
    newest = messages(moved["id"])[0]
    equal(instant(newest["inserted_at"]) // 1_000_000 <= instant(after[0]["updated_at"]) // 1_000_000, True)


@WORLD.check("a message to a later conversation during a scan makes the scan miss it")
def skipped_in_scan():
    first = listing()
    victim = listing(last_conversation_id=first[-1]["id"])[-1]["id"]
    switch("message", PAGE, victim)
    rest, last = [], first[-1]["id"]
    while found := listing(last_conversation_id=last):
        rest += found
        last = found[-1]["id"]
    equal(victim in ids(first) + ids(rest), False)
    equal(ids(listing())[0], victim)


@WORLD.check("a message to the cursor's own conversation is no error")
def moved_cursor():
    first = listing()
    switch("message", PAGE, first[-1]["id"])
    listing(last_conversation_id=first[-1]["id"])


@WORLD.check("conversations move by themselves during a scan when so set", reading={"movesAfterPages": 1})
def moves_by_itself():
    before = ids(listing())
    scan()
    equal(ids(listing()) == before, False)


@WORLD.check("a new conversation comes to the top")
def new_conversation():
    before = ids(every())
    new = control(f"conversation?page={PAGE}", {})["id"]
    equal(ids(every()), [new] + before)


@WORLD.check("behind an unknown id nothing follows")
def unknown_cursor():
    equal(listing(last_conversation_id=f"{PAGE}_1"), [])


@WORLD.check("behind an unknown id the list begins again when so set", reading={"unknownCursorRestarts": True})
def unknown_cursor_restarts():
    equal(ids(listing(last_conversation_id=f"{PAGE}_1")), ids(listing()))


@WORLD.check("a short page is not the end", reading={"shortPages": 1000})
def short_pages():
    pages = scan()
    equal(min(len(found) for found in pages[:-1]) < 60, True)
    found = [row["id"] for rows_ in pages for row in rows_]
    equal((len(found), len(set(found))), (control(f"truth?account={PAGE}")["rows"]["pancake_conversations"],) * 2)


@WORLD.check("since and until miss some conversations when so set, a full scan none", reading={"windowMisses": 200})
def window_misses():
    whole = ids(every())
    found = ids(every(since=1))
    equal(set(found) <= set(whole), True)
    share = 1 - len(found) / len(whole)
    equal((0.1 < share < 0.3, len(whole)), (True, control(f"truth?account={PAGE}")["rows"]["pancake_conversations"]))
