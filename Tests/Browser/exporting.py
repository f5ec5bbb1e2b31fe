"""Files that the pages export: opened as others open them, beside what the page shows and what the database holds."""
import csv
import datetime
import decimal
import io
import json
import re
import sqlite3

import openpyxl

from script import expect, journey, synced

# 75 campaigns on 60 days: more than a page shows.
WORLD = ("--world", "bench", "--size", "ads=300,days=60")
FORMATS = {"CSV": ".csv", "JSON Lines": ".jsonl", "Excel": ".xlsx"}


def database(lab, statement, *values):
    with sqlite3.connect(f"file:{lab.database}?mode=ro", uri=True) as db:
        return db.execute(statement, values).fetchall()


def saved(lab, page, press, name):
    """The file that a control of the page downloads."""
    with page.expect_download() as coming:
        press()
    download = coming.value
    path = lab.folder / name
    download.save_as(path)
    return download.suggested_filename, path.read_bytes()


def rows(name, data):
    """Head and rows of a file as text; nothing is an empty text."""
    if name.endswith(".csv"):
        expect(data.startswith(b"\xef\xbb\xbf"), "Excel does not know the CSV as UTF-8")
        head, *body = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        return head, [[plain(value) for value in row] for row in body]
    if name.endswith(".jsonl"):
        objects = [json.loads(line, parse_float=decimal.Decimal) for line in data.decode().splitlines()]
        head = list(objects[0])
        expect(all(list(each) == head for each in objects), "a line of JSON has other names than the first")
        # Programs get money as it is stored.
        body = [[value / decimal.Decimal(1_000_000) if column.endswith("_micros") else value
                 for column, value in each.items()] for each in objects]
        return [column.removesuffix("_micros") for column in head], [[plain(value) for value in row] for row in body]
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).active
    head, *body = sheet.iter_rows(values_only=True)
    return list(head), [[plain(value) for value in row] for row in body]


def plain(value):
    """One text for a value, whatever kind a file gives it."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    text = str(value)
    if re.fullmatch(r"-?\d{1,15}(\.\d+)?", text):
        number = decimal.Decimal(text)
        return str(int(number)) if number == number.to_integral_value() else str(number.normalize())
    return text


def shown(page):
    """The rows of the page: names and cells, numbers without their separators."""
    return page.locator("table.data tbody tr").evaluate_all(
        """rows => rows.map(row => [row.querySelector("th bdi, th span span")?.textContent ?? "",
            ...[...row.querySelectorAll("td")].map(cell => cell.textContent.replaceAll(",", ""))])""")


def all_shown(page):
    """Those of all pages, in their order."""
    found = shown(page)
    older = page.get_by_role("link", name="Older", exact=True)
    while older.count():
        with page.expect_navigation():
            older.click()
        found += shown(page)
    return found


def alike(found, wanted, what):
    pairs = list(zip(found, wanted))
    wrong = [f"{number}: {one} instead of {other}" for number, (one, other) in enumerate(pairs) if one != other]
    expect(not wrong and len(found) == len(wanted), f"{what}: {len(found)} of {len(wanted)} rows; {wrong[:3]}")


def opened(page, label):
    """A menu of the page, open."""
    menu = page.locator("details.has-pop", has=page.locator("summary", has_text=label)).first
    menu.locator("summary").click()
    return menu


@journey("rows of an account: filtered, sorted and with chosen columns by hand, and three files that hold just those")
def data(lab):
    page = lab.page(lab.context())
    synced(lab, page, *WORLD)
    page.goto(lab.address + "/accounts/1/data")
    page.get_by_role("link", name="By campaign").click()
    opened(page, re.compile(r" to ")).get_by_role("link", name="Last 7 days").click()
    page.wait_for_url(re.compile("days=last_7_days"))
    least = database(lab, """
        SELECT sum(clicks) FROM meta_campaign_insights WHERE date >= ? GROUP BY campaign_id
        ORDER BY sum(clicks) DESC LIMIT 1 OFFSET 60""", week(lab)[0])[0][0]
    field = opened(page, "Filter").locator("form", has_text="Clicks, at least")
    field.get_by_role("textbox").fill(str(least))
    field.get_by_role("button", name="Add").click()
    page.wait_for_url(re.compile(r"\.clicks="))
    expect(page.locator(".fchip", has_text="Clicks").count() == 1, "the filter is told")
    menu = opened(page, "Columns")
    for name in ["Impressions", "Orders", "Revenue"]:
        menu.locator("label", has_text=name).locator("input").uncheck()
    menu.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("column="))
    page.locator("table.data thead a", has_text="Clicks").click()
    page.wait_for_url(re.compile("sort=-clicks"))
    address = page.url
    expect(page.locator("table.data thead th").all_inner_texts() == ["Campaign", "Spend, ₫", "Clicks"], "the columns")

    wanted = database(lab, """
        SELECT campaign_id, sum(spend_micros), sum(clicks) AS clicks FROM meta_campaign_insights
        WHERE date BETWEEN ? AND ? GROUP BY campaign_id HAVING sum(clicks) >= ? ORDER BY clicks DESC, campaign_id""",
        *week(lab), least)
    names = dict(database(lab, "SELECT id, name FROM meta_campaigns"))
    stored = [[names[id], plain(decimal.Decimal(spend) / 1_000_000), plain(clicks), id]
              for id, spend, clicks in wanted]
    expect(len(stored) >= 60, f"{len(stored)} campaigns")
    visible = all_shown(page)
    # The page tells dong; the files tell all that is stored.
    alike([[name, spend, clicks] for name, spend, clicks in visible],
          [[name, plain(round(decimal.Decimal(spend))), clicks] for name, spend, clicks, _ in stored], "the page")
    page.goto(address)
    for label, extension in FORMATS.items():
        menu = opened(page, "Export")
        expect(f"{len(stored)} rows by the filter" in menu.inner_text(), menu.inner_text())
        name, content = saved(lab, page, menu.get_by_role("button", name=label).click, "data" + extension)
        page.keyboard.press("Escape")
        expect(name == "_".join(["meta_campaign_insights_1000001", *week(lab)]) + extension, name)
        head, body = rows(name, content)
        expect(head == ["campaign_name", "spend", "clicks", "campaign_id"], f"{label}: {head}")
        alike(body, stored, label)
    menu = opened(page, "Export")
    menu.locator("label", has_text="Whole table").locator("input").check()
    name, content = saved(lab, page, menu.get_by_role("button", name="CSV").click, "whole.csv")
    count = database(lab, "SELECT count(*) FROM meta_campaign_insights")[0][0]
    expect(len(rows(name, content)[1]) == count, f"{len(rows(name, content)[1])} of {count} rows of the whole table")
    return page


def week(lab):
    """The seven days to the day of today of the account, or to yesterday, as the last sync has left them."""
    last = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date()
    return (last - datetime.timedelta(days=6)).isoformat(), last.isoformat()


@journey("logs: the files hold the runs that the filters let through, as the page and the database have them")
def runs(lab):
    page = lab.page(lab.context())
    synced(lab, page)
    for _ in range(2):
        quick = page.request.post(lab.address + "/sync/quick", headers={"Accept": "application/json"}, data={
            "accounts": [1], "date_range": "yesterday"})
        expect(quick.status == 202, quick.text())
        for _ in range(100):
            if not database(lab, "SELECT 1 FROM sync_jobs WHERE finished_at IS NULL"):
                break
            page.wait_for_timeout(200)
    page.goto(lab.address + "/sync/logs")
    opened(page, "Kind").get_by_role("link", name=re.compile("^quick$", re.I)).click()
    page.wait_for_url(re.compile("kind=quick"))
    visible = page.locator("[data-row]:visible").evaluate_all(
        "rows => rows.map(row => row.querySelector('a[href*=\"/sync/logs/\"]').getAttribute('href').split('/').pop())")
    stored = database(lab, """
        SELECT id, status, rows_received, requests FROM sync_logs WHERE sync_type = 'quick' ORDER BY id DESC""")
    expect(visible == [str(row[0]) for row in stored] and len(stored) == 2, f"{visible} and {stored}")
    for label, extension in FORMATS.items():
        menu = opened(page, "Export")
        name, content = saved(lab, page, menu.get_by_role("link", name=label).click, "logs" + extension)
        page.keyboard.press("Escape")
        head, body = rows(name, content)
        places = [head.index(column) for column in ["id", "status", "rows_received", "requests"]]
        alike([[row[place] for place in places] for row in body],
              [[plain(value) for value in row] for row in stored], label)
    return page
