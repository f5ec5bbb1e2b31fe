"""Programmes and coupons (platforms.md 4.6)."""
import re

from admitad_walk.calls import PAST, WORLD, Reader, day, ids, now
from checks import equal, filled

PROGRAMS = WORLD.original["programs"]
CORE = {
    "id", "name", "site_url", "status", "currency", "rating", "ecpc", "epc", "cr", "ecpc_trend", "epc_trend",
    "cr_trend", "image", "description", "raw_description", "regions", "categories", "traffics", "actions",
    "actions_detail", "avg_hold_time", "max_hold_time", "avg_money_transfer_time", "goto_cookie_lifetime",
    "allow_deeplink",
}
REST = {
    "show_products_links", "products_xml_link", "products_csv_link", "feeds_info", "exclusive", "moderation",
    "geotargeting", "coupon_iframe_denied", "denynewwms", "retag", "activation_date", "modified_date",
    "action_countries", "allow_actions_all_countries", "actions_limit", "actions_limit_24", "action_testing_limit",
    "landing_code", "landing_title", "mobile_os", "mobile_os_type", "mobile_device_type", "rate_of_approve",
}
COUPON = {
    "id", "name", "short_name", "status", "rating", "campaign", "description", "exclusive", "date_start", "date_end",
    "regions", "language", "discount", "types", "image", "species", "categories",
}


@WORLD.check("programmes are listed whole and read by id, with the sheet's fields")
def programs():
    reader = Reader()
    rows = reader.all("/advcampaigns/")
    equal((len(rows), len(set(ids(rows, "id")))), (PROGRAMS["count"],) * 2)
    for row in filled(rows):
        equal((CORE | REST) - row.keys(), set())
        texts = ("rating", "ecpc_trend", "epc_trend", "cr_trend", "rate_of_approve")
        equal([name for name in texts if not isinstance(row[name], str)], [])
        equal([sorted(region) for region in row["regions"] if sorted(region) != ["region"]], [])
        for name, fields in (
                ("categories", {"id", "name", "parent", "language"}), ("traffics", {"id", "name", "enabled", "type"}),
                ("actions", {"id", "name", "type", "payment_size", "hold_time"})):
            equal((name, [one for one in row[name] if fields - one.keys()], len(row[name]) > 0), (name, [], True))
        equal([one for one in row["actions_detail"] if "tariffs" not in one], [])
    equal(any(row["avg_hold_time"] is None for row in rows), True)
    equal(reader.one(f"/advcampaigns/{rows[5]['id']}/"), rows[5])


@WORLD.check("programmes of a website have its connection and its link, and are found by connection")
def for_website():
    reader = Reader()
    site = reader.rows("/websites/")[0]["id"]
    rows = reader.all(f"/advcampaigns/website/{site}/")
    equal(len(rows), PROGRAMS["count"])
    equal([row["id"] for row in rows if not {"connection_status", "gotolink"} <= row.keys()], [])
    for status in ("active", "pending", "declined"):
        found = reader.all(f"/advcampaigns/website/{site}/", connection_status=status)
        equal(ids(found, "id"), [row["id"] for row in rows if row["connection_status"] == status])
        equal(len(found) > 0, True)
    equal(reader.one(f"/advcampaigns/{rows[2]['id']}/website/{site}/"), rows[2])
    equal(reader.get("/advcampaigns/website/9/").status, 404)


@WORLD.check("programmes are filtered by tool and by traffic, and take a website and a language")
def program_filters():
    reader = Reader()
    rows = reader.all("/advcampaigns/")
    found = reader.all("/advcampaigns/", has_tool="deeplink")
    equal(ids(found, "id"), [row["id"] for row in rows if row["allow_deeplink"]])
    equal(0 < len(found) < len(rows), True)
    equal(0 < len(reader.all("/advcampaigns/", has_tool="coupons")) <= len(rows), True)
    both = reader.all("/advcampaigns/", has_tool=["deeplink", "coupons"])
    equal(len(both) > 0, True)
    known = rows[0]["traffics"][0]["id"]
    equal(reader.count("/advcampaigns/", traffic_id=known) > 0, True)
    equal(reader.count("/advcampaigns/", traffic_id=999_999), 0)
    for query in ({"website": reader.rows("/websites/")[0]["id"]}, {"language": "en"}):
        equal(reader.count("/advcampaigns/", **query) > 0, True)


@WORLD.check("coupons are listed whole and read by id, with the sheet's fields; some have no end")
def coupons():
    reader = Reader()
    rows = reader.all("/coupons/")
    equal((len(rows), len(set(ids(rows, "id")))), (PROGRAMS["coupons"],) * 2)
    for row in filled(rows):
        equal((COUPON - row.keys(), sorted(row["campaign"])), (set(), ["id", "name", "site_url"]))
        equal((type(row["rating"]), row["species"] in ("promocode", "action")), (str, True))
        equal([one for name in ("types", "categories") for one in row[name] if not {"id", "name"} <= one.keys()], [])
        equal(bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", row["date_start"])), True)
    equal({row["species"] for row in rows}, {"promocode", "action"})
    equal(any(row["date_end"] is None for row in rows), True)
    equal(reader.one(f"/coupons/{rows[7]['id']}/"), rows[7])
    equal(reader.get("/coupons/9/").status, 404)


@WORLD.check("coupons are filtered by programme, categories, type, words, region and language")
def coupon_filters():
    reader = Reader()
    rows = reader.all("/coupons/")
    some = next(row for row in rows if row["categories"] and row["types"] and row["regions"])
    programs_ = {row["id"]: {one["id"] for one in row["categories"]} for row in reader.all("/advcampaigns/")}
    of_program = next(iter(programs_[some["campaign"]["id"]]))
    cases = [
        ("campaign", some["campaign"]["id"], lambda row: row["campaign"]["id"] == some["campaign"]["id"]),
        ("category", some["categories"][0]["id"],
         lambda row: some["categories"][0]["id"] in ids(row["categories"], "id")),
        ("campaign_category", of_program, lambda row: of_program in programs_[row["campaign"]["id"]]),
        ("type", some["types"][0]["id"], lambda row: some["types"][0]["id"] in ids(row["types"], "id")),
        ("search", some["name"], lambda row: some["name"].lower() in row["name"].lower()),
        ("region", some["regions"][0], lambda row: some["regions"][0] in row["regions"]),
        ("language", some["language"], lambda row: row["language"] == some["language"]),
    ]
    for name, value, is_found in cases:
        found = ids(reader.all("/coupons/", **{name: value}), "id")
        wanted = [row["id"] for row in rows if is_found(row)]
        equal((name, sorted(found), len(found) > 0), (name, sorted(wanted), True))
        nothing = "zz" if isinstance(value, str) else 999_999
        equal((name, reader.count("/coupons/", **{name: nothing})), (name, 0))
    two = sorted({row["campaign"]["id"] for row in rows})[:2]
    equal({row["campaign"]["id"] for row in reader.all("/coupons/", campaign=two)}, set(two))


@WORLD.check("coupons are filtered by days and ordered by name, rating, first and last day")
def coupon_order():
    reader = Reader()
    for name in ("name", "rating", "date_start", "date_end"):
        values = [row[name] for row in reader.all("/coupons/", order_by=name) if row[name] is not None]
        values = [float(value) if name == "rating" else value for value in values]
        equal((name, values), (name, sorted(values)))
        values = [row[name] for row in reader.all("/coupons/", order_by=f"-{name}") if row[name] is not None]
        values = [float(value) if name == "rating" else value for value in values]
        equal((name, values), (name, sorted(values, reverse=True)))
    starts = sorted(row["date_start"] for row in reader.all("/coupons/"))
    year, month, number = starts[len(starts) // 2][:10].split("-")
    found = reader.all("/coupons/", date_start=f"{number}.{month}.{year}")
    equal(0 < len(found) < PROGRAMS["coupons"], True)
    equal(reader.get("/coupons/", date_start="2025-11-01").status, 400)


@WORLD.check("coupons of a website have a code and a link", programs={"couponLink": "goto_link"})
def coupons_for_website():
    reader = Reader()
    site = reader.rows("/websites/")[0]["id"]
    rows = reader.all(f"/coupons/website/{site}/")
    equal(len(rows) > 0, True)
    for row in filled(rows):
        equal((COUPON | {"promocode", "goto_link"}) - row.keys(), set())
        equal((row["species"] == "promocode") == bool(row["promocode"]), True)
    equal(reader.one(f"/coupons/{rows[0]['id']}/website/{site}/"), rows[0])
    WORLD.fresh(programs={"couponLink": "frameset"})
    equal("frameset" in Reader().rows(f"/coupons/website/{site}/")[0], True)


@WORLD.check("categories of coupons are listed, and coupons use those")
def categories():
    reader = Reader()
    known = set(ids(reader.all("/coupons/categories/"), "id"))
    used = {one["id"] for row in reader.all("/coupons/") for one in row["categories"]}
    equal((used <= known, len(used) > 0), (True, True))


@WORLD.check("conversions name programmes, websites and currencies that are listed")
def consistent():
    reader = Reader()
    programs_ = {row["id"]: (row["name"], row["currency"]) for row in reader.all("/advcampaigns/")}
    sites = {row["id"]: row["name"] for row in reader.all("/websites/")}
    for row in filled(reader.all("/statistics/actions/", date_start=day(now() - 20 * PAST))):
        equal(programs_[row["advcampaign_id"]], (row["advcampaign_name"], row["currency"]))
        equal(sites[row["website_id"]], row["website_name"])
