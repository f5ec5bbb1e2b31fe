"""The publisher, payments, links and postbacks (platforms.md 4.6)."""
from admitad_walk.calls import SCOPES, WORLD, Reader, ids, refused
from checks import equal

MORE = {"scopes": [*SCOPES, "payments", "opt_codes", "deeplink_generator", "manage_advcampaigns"]}


@WORLD.check("the publisher and its websites are read")
def me():
    reader = Reader()
    equal({"id", "username", "first_name", "last_name", "language"} - reader.one("/me/").keys(), set())
    rows = reader.all("/websites/")
    equal(len(rows), WORLD.original["programs"]["websites"])
    equal(reader.one(f"/websites/{rows[0]['id']}/"), rows[0])


@WORLD.check("payments are listed, and each has its statement", auth=MORE)
def payments():
    reader = Reader(["payments"])
    rows = reader.all("/payments/")
    equal(len(rows) > 0, True)
    for row in rows[:3]:
        lines = reader.all(f"/payments/{row['id']}/statement/", detailed=1)
        equal(len(lines) > 0, True)
        for line in lines:
            equal({"id", "processing_time", "datetime", "currency", "payment"} - line.keys(), set())
            equal(isinstance(line["payment"], str), True)
    refused(Reader(["statistics"]).get("/payments/"), 403, 2)


@WORLD.check("postbacks are listed", auth=MORE)
def postbacks():
    Reader(["opt_codes"]).page("/opt_codes/")
    refused(Reader(["statistics"]).get("/opt_codes/"), 403, 2)


@WORLD.check("links into a shop are made", auth=MORE)
def deeplinks():
    reader = Reader(["deeplink_generator", "advcampaigns", "websites"])
    program = next(row for row in reader.all("/advcampaigns/") if row["allow_deeplink"])
    site = ids(reader.rows("/websites/"), "id")[0]
    path = f"/deeplink/{site}/advcampaign/{program['id']}/"
    equal(reader.get(path, ulp=program["site_url"], subid="s1").status, 200)
    refused(Reader(["statistics"]).get(path, ulp=program["site_url"]), 403, 2)
