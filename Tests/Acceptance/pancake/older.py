"""Endpoints of the page API v1 that page by number (platforms.md 2.3, 2.5; 2.7 point 6)."""
import re
import time

from checks import equal, filled
from pancake.calls import (
    DAY, OTHER, PAGE, V1, WORLD, every, failed, ids, instant, is_sorted, paged, refused, rows, user)
from wire import call

NOW = int(time.time()) + 1


def numbered(name, key=None, page=PAGE, **query):
    """All pages of a list that pages by number, and its total."""
    found, number = [], 1
    while True:
        answer = paged("GET", name, page, page_number=number, **query)
        part = rows(answer, key or name)
        found += part
        if not part:
            return found, answer.json["total"]
        number += 1


@WORLD.check("lists of v1 need since and until")
def needs_window():
    for name in ("conversations", "page_customers", "posts"):
        for query in ({}, {"since": NOW - DAY}, {"until": NOW}):
            failed(paged("GET", name, page_number=1, page_size=10, **query))
        key = name.removeprefix("page_")
        rows(paged("GET", name, page_number=1, page_size=10, since=NOW - DAY, until=NOW), key)


@WORLD.check("v1 lists conversations by page_number, with a total, in a range of a month at most")
def conversations():
    since = NOW - 29 * DAY
    found, total = numbered("conversations", since=since, until=NOW)
    wanted = [row["id"] for row in every() if instant(row["updated_at"]) >= since * 1_000_000]
    equal((sorted(ids(found)), total), (sorted(wanted), len(wanted)))
    rows(paged("GET", "conversations", page_number=1, since=since, until=NOW), "conversations")
    failed(paged("GET", "conversations", page_number=1, since=NOW - 33 * DAY, until=NOW))
    failed(paged("GET", "conversations", page_number=0, since=since, until=NOW))


@WORLD.check("customers of a page are listed whole, up to 100 at once, with a total and the sheet's fields")
def customers():
    window = {"since": NOW - 90 * DAY, "until": NOW}
    found, total = numbered("page_customers", "customers", page_size=100, **window)
    equal((len(found), len(set(ids(found)))), (total, total))
    equal(total > 100, True)
    people = {row["customer_id"] for row in every() if row.get("customer_id")}
    equal({row["customer_id"] for row in found}, people)
    for row in filled(found):
        wanted = {
            "id", "psid", "customer_id", "name", "gender", "birthday", "phone_numbers", "inserted_at", "updated_at",
            "recent_orders", "notes"}
        equal(wanted - row.keys(), set())
        equal([note for note in row["notes"] if note["created_at"] < 10 ** 12], [])
    answer = paged("GET", "page_customers", page_number=1, page_size=100, **window)
    equal((sorted(answer.json), len(answer.json["customers"])), (["customers", "success", "total"], 100))
    failed(paged("GET", "page_customers", page_number=1, page_size=101, **window))


@WORLD.check("customers are ordered and filtered by inserted_at or by updated_at")
def customer_order():
    for key in ("inserted_at", "updated_at"):
        whole, _ = numbered(
            "page_customers", "customers", page_size=100, order_by=key, since=NOW - 90 * DAY, until=NOW)
        equal((key, is_sorted(whole, key)), (key, True))
        since, until = NOW - 20 * DAY, NOW - 5 * DAY
        found, total = numbered("page_customers", "customers", page_size=100, order_by=key, since=since, until=until)
        wanted = [row["id"] for row in whole if since <= instant(row[key]) // 1_000_000 <= until]
        equal((ids(found), total, len(found) > 0), (wanted, len(wanted), True))


@WORLD.check("a customer is changed, and is read back so")
def change_customer():
    window = {"since": NOW - 90 * DAY, "until": NOW}
    before, _ = numbered("page_customers", "customers", page_size=100, **window)
    changes = {"name": "Chị Lan", "gender": "female"}
    rows(paged("PUT", f"page_customers/{before[0]['id']}", body={"changes": changes}), "success")
    after, _ = numbered("page_customers", "customers", page_size=100, **window)
    changed = next(row for row in after if row["id"] == before[0]["id"])
    equal((changed["name"], changed["gender"], len(after)), ("Chị Lan", "female", len(before)))


@WORLD.check("posts are listed up to 30 at once, and by type; comments name posts that are listed")
def posts():
    window = {"since": NOW - 400 * DAY, "until": NOW}
    found, total = numbered("posts", page_size=30, **window)
    equal((len(set(ids(found))), len(found)), (total, total))
    failed(paged("GET", "posts", page_number=1, page_size=31, **window))
    equal({row["type"] for row in found} <= {"video", "photo", "text", "livestream"}, True)
    for kind in ("video", "photo", "text", "livestream"):
        typed, _ = numbered("posts", page_size=30, type=kind, **window)
        equal(ids(typed), [row["id"] for row in found if row["type"] == kind])
    equal({row["post_id"] for row in every() if row["type"] == "COMMENT"} <= set(ids(found)), True)


@WORLD.check("tags and users of a page are listed, and conversations use those tags")
def tags_and_users():
    tags = {tag["id"]: tag["text"] for tag in rows(paged("GET", "tags"), "tags")}
    used = {tag["id"]: tag["text"] for row in every() for tag in row["tags"] if tag}
    equal((used.items() <= tags.items(), len(used) > 0), (True, True))
    users = {one["id"] for one in rows(paged("GET", "users"), "users")}
    assigned = {one for row in every() for one in row.get("assignee_ids", [])}
    equal((assigned <= users, len(assigned) > 0), (True, True))


@WORLD.check("users in turn are listed, logs of calls 30 at once")
def others():
    rows(paged("GET", "round_robin_users"), "success")
    rows(paged("GET", "sip_call_logs", page_number=1, page_size=30, since=NOW - DAY, until=NOW), "success")
    failed(paged("GET", "sip_call_logs", page_number=1, page_size=31, since=NOW - DAY, until=NOW))


@WORLD.check("statistics are there; feedback spans 2592000 s, users want a range of dates in words")
def statistics():
    window = {"since": NOW - 2_592_000, "until": NOW}
    for name in ("pages_campaigns", "ads", "customer_engagements", "customer_feedbacks", "pages", "tags"):
        rows(paged("GET", f"statistics/{name}", **window), "success")
    failed(paged("GET", "statistics/customer_feedbacks", since=NOW - 2_592_001, until=NOW))
    spoken = "01/11/2025 00:00:00 - 30/11/2025 23:59:59"
    rows(paged("GET", "statistics/users", date_range=spoken), "success")
    failed(paged("GET", "statistics/users", date_range="2025-11-01 - 2025-11-30"))


@WORLD.check("20 ads at once are read by their ids, not 21")
def ads():
    rows(paged("GET", "ads", ad_ids=",".join(str(one) for one in range(20))), "success")
    failed(paged("GET", "ads", ad_ids=",".join(str(one) for one in range(21))))


@WORLD.check("a person's picture is a redirect for everybody")
def avatar():
    answer = call("GET", f"/api/v1/pages/{PAGE}/avatar/{every()[0]['from']['id']}")
    equal((answer.status, bool(re.match("https?://", answer.headers["Location"] or ""))), (301, True))


@WORLD.check("v1 asks for the page's own token everywhere")
def tokens_of_v1():
    for name in ("conversations", "page_customers", "posts", "tags", "users"):
        refused(call("GET", f"{V1}/pages/{PAGE}/{name}"), 102)
        refused(paged("GET", name, OTHER, token="junk"), 102)
    equal(user("GET", "pages").json["success"], True)
