"""Exports, read with what others have written: Python's csv and json, and openpyxl.

    exports.py BINARY URL

Syncs campaigns and insights of a sandbox of Meta, puts rows beside them whose values are at the ends of what they may
be, exports both tables in all three forms, and compares every value with what SQLite holds.
"""
import csv
import datetime
import decimal
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

import openpyxl

from checks import credential, equal

binary, url = sys.argv[1:3]
folder = tempfile.mkdtemp(prefix="sluice-exports-")
database = os.path.join(folder, "a.sqlite")
passed, failed = 0, 0

TEXTS = [
    "", " ", "=1+1", "+84 90 123", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "a,b", 'a"b""c', "a\r\nb\nc", "'=1", "a;b",
    "_x0041_", "a_x000D_b", "\x01\x1f\x7f", "🦑👩‍👩‍👧", "\u202eمرحبا", "ă\u0301Đầm", "＝1+1", "NULL", "true", "1e5",
    "00123", "12345678901234567890", "\ufffe", "\u2028", "=HYPERLINK(\"http://x\",\"y\")", "<a>&amp;</a>", "x" * 40_000,
    "🦑" * 20_000, "]]>", "\\x00", "2026-11-21", "a\tb",
]
NUMBERS = [
    0, 1, -1, 999_999, 1_000_000, -12_500_000, 150_000_000_000, 2**53, 2**53 + 1, -(2**63), 2**63 - 1,
    999_999_999_999_999, 10**15, 123_456_789_012_345_678, 8_410_000, 9_200_000, 1_234_567_890_123_450_000, None,
]
REALS = [0.0, 0.1, -2.5, 1e-300, 1.7976931348623157e308, 1 / 3, 2 / 3, 100.0, 1e16, None]
DAYS = ["2026-11-21", "1900-03-01", "1900-02-28", "0001-01-01", "9999-12-31", "2024-02-29", "1969-12-31"]
MOMENTS = [
    "2026-11-21T03:04:05.678Z", "1900-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000001Z",
    "1970-01-01T00:00:00.000Z", "2026-06-30T12:00:00.001Z", None,
]
JSONS = ['{"a":[1.0,1e2,"\\u0000"],"b":"=1"}', "[]", "{}", '["🦑",null,true]', None]
EXTRAS = ['{"n":12345678901234567890.5}', None]


def sluice(*arguments, ok=True):
    done = subprocess.run([binary, *arguments], capture_output=True, env=environment)
    if ok and done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done


def sync():
    sluice(
        "sync", "meta", "--account", credential("account"), "--base-url", url, "--database", database, "--streams",
        "campaigns,campaign_insights", "--range", "last_7_days")


def pick(values, number):
    return values[number % len(values)]


def fill():
    """Rows with such values in columns of each kind; the rest of a row is empty."""
    with sqlite3.connect(database) as db:
        for number in range(len(TEXTS) * 2):
            row = {
                "account_id": "1", "id": f"nasty {number:03}", "name": pick(TEXTS, number),
                "daily_budget_micros": pick(NUMBERS, number), "lifetime_budget_micros": pick(NUMBERS, number + 7),
                "start_time": pick(MOMENTS, number), "issues_info": pick(JSONS, number), "extra": pick(EXTRAS, number),
                "synced_at": "2026-11-21T00:00:00.000Z",
            }
            insert(db, "meta_campaigns", row)
            insert(db, "meta_campaign_insights", {
                "account_id": "1", "campaign_id": f"nasty {number:03}", "date": pick(DAYS, number),
                "clicks": pick(NUMBERS, number), "spend_micros": pick(NUMBERS, number + 3), "ctr": pick(REALS, number),
                "synced_at": "2026-11-21T00:00:00.000Z",
            })


def insert(db, table, row):
    names = ", ".join(f'"{name}"' for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def kinds(table):
    """What each column of the documented schema is."""
    lines = subprocess.run([binary, "schema-docs"], capture_output=True, check=True).stdout.decode().split("\n")
    start = lines.index(f"## {table}")
    found = {"extra": "JSON", "synced_at": "instant"}
    for line in lines[start + 1:]:
        if line.startswith("## "):
            break
        if match := re.match(r"\| \**(\w+?)\** \| ([^|]+?) \|", line):
            found[match[1]] = match[2]
    return found


def stored(table):
    with sqlite3.connect(database) as db:
        db.row_factory = sqlite3.Row
        key = "id" if table == "meta_campaigns" else "campaign_id, date"
        if table == "meta_campaign_insights":
            key = ", ".join(row[1] for row in sorted(
                (row for row in db.execute(f"PRAGMA table_info({table})") if row[5]), key=lambda row: row[5]))
        else:
            key = "account_id, id"
        return [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY {key}")]


def heading(name, kind):
    return name.removesuffix("_micros") if kind.startswith("money") else name


def amount(micros):
    return decimal.Decimal(micros) / 1_000_000


def in_csv(value, kind):
    if value is None:
        return ""
    if kind.startswith("money"):
        return amount(value)
    if kind == "real":
        return float(value)
    if kind.startswith("boolean"):
        return "true" if value else "false"
    if kind in ("text", "JSON") and value[:1] in tuple("=+-@\t\r\n\0＝＋－＠") and value:
        return "'" + value
    return str(value)


def compare_csv(table, mark):
    arguments = ["--bom"] if mark else []
    data = sluice("export", table, "--database", database, *arguments).stdout
    equal(data.startswith(b"\xef\xbb\xbf"), mark)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    known, truth = kinds(table), stored(table)
    equal(rows[0], [heading(name, known[name]) for name in truth[0]])
    equal(len(rows) - 1, len(truth))
    for got, wanted in zip(rows[1:], truth):
        for text, (name, value) in zip(got, wanted.items()):
            expected = in_csv(value, known[name])
            if isinstance(expected, decimal.Decimal):
                text = decimal.Decimal(text)
            elif isinstance(expected, float):
                text = float(text)
            equal((name, text), (name, expected))


def in_json(value, kind):
    if value is None:
        return None
    if kind.startswith("boolean"):
        return bool(value)
    return json.loads(value, parse_float=decimal.Decimal) if kind == "JSON" else value


def compare_json(table):
    data = sluice("export", table, "--database", database, "--format", "jsonl").stdout
    known, truth = kinds(table), stored(table)
    lines = data.decode().split("\n")
    equal(lines.pop(), "")
    equal(len(lines), len(truth))
    for line, wanted in zip(lines, truth):
        got = json.loads(line, parse_float=decimal.Decimal)
        equal(list(got), list(wanted))
        for name, value in wanted.items():
            expected = in_json(value, known[name])
            found = float(got[name]) if isinstance(expected, float) else got[name]
            equal((name, found), (name, expected))


def unescaped(text):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def in_excel(value, kind):
    """What a cell must hold."""
    if value is None or value == "":
        return None
    if kind.startswith("money"):
        digits = len(str(abs(value)).rstrip("0"))
        return float(amount(value)) if digits <= 15 else f"{amount(value):f}"
    if kind == "integer":
        return value if abs(value) < 10**15 else str(value)
    if kind.startswith("boolean"):
        return bool(value)
    if kind == "real":
        # More than Excel takes: as Swift writes it.
        return value if abs(value) < 9.99999999999999e307 else repr(value)
    if kind == "date":
        return datetime.datetime.fromisoformat(value) if value >= "1900-03-01" else value
    if kind == "instant":
        finer = len(value) > len("2026-11-21T03:04:05.678Z")
        if value < "1900-03-01" or finer:
            return value
        return datetime.datetime.fromisoformat(value[:-1])
    if kind in ("text", "JSON"):
        units = len(value.encode("utf-16-le")) // 2
        return value if units <= 32767 else ("cut", value[:1000])
    return value


def same(cell, expected):
    if isinstance(expected, tuple):
        text = unescaped(cell.value)
        size = len(text.encode("utf-16-le")) // 2
        return text.endswith("…") and text.startswith(expected[1]) and 32_700 < size <= 32_767
    if isinstance(expected, datetime.datetime):
        # openpyxl reckons in days as doubles.
        return isinstance(cell.value, datetime.datetime) and abs(cell.value - expected) < datetime.timedelta(
            milliseconds=1)
    if isinstance(expected, bool) or expected is None:
        return cell.value is expected
    if isinstance(expected, float):
        if isinstance(cell.value, (int, float)):
            return cell.value == expected or abs(cell.value / expected - 1) < 1e-15
        return False
    if isinstance(expected, str):
        # XML has one end of a line.
        return cell.data_type in ("s", "inlineStr") and unescaped(cell.value) == expected
    return cell.value == expected


def compare_excel(table):
    path = os.path.join(folder, f"{table}.xlsx")
    done = sluice("export", table, "--database", database, "--output", path)
    if table == "meta_campaigns":
        equal(b"4 texts longer than a cell of Excel takes were cut" in done.stderr, True)
    sheet = openpyxl.load_workbook(path)[table]
    known, truth = kinds(table), stored(table)
    rows = list(sheet.iter_rows())
    equal([cell.value for cell in rows[0]], [heading(name, known[name]) for name in truth[0]])
    equal(len(rows) - 1, len(truth))
    for cells, wanted in zip(rows[1:], truth):
        for cell, (name, value) in zip(cells, wanted.items()):
            expected = in_excel(value, known[name])
            if cell.data_type == "f" or not same(cell, expected):
                raise AssertionError(f"{name}: got {cell.value!r} ({cell.data_type}), wanted {expected!r}")
    # Amounts of the synced account show the decimals of its currency.
    with sqlite3.connect(database) as db:
        currency = dict(db.execute("SELECT external_id, currency FROM accounts"))
    decimals = {"VND": "#,##0", "USD": "#,##0.00"}
    for cells in rows[1:]:
        values = {name: cell for name, cell in zip(truth[0], cells)}
        money = next((cell for name, cell in values.items() if name in ("spend_micros", "daily_budget_micros")
                      and isinstance(cell.value, (int, float))), None)
        if money is not None and values["account_id"].value in currency:
            equal(money.number_format, decimals[currency[values["account_id"].value]])
    equal(zipfile.ZipFile(path).testzip(), None)


def many_sheets():
    """More rows than a sheet takes go on in the next one."""
    count = 1_048_576 + 10
    with sqlite3.connect(database) as db:
        db.execute("""CREATE TABLE meta_many (account_id TEXT NOT NULL, n INTEGER NOT NULL, extra TEXT,
            synced_at TEXT NOT NULL, PRIMARY KEY (account_id, n)) STRICT""")
        db.execute("""INSERT INTO meta_many WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
            WHERE n < ?) SELECT '1', n, NULL, '2026-11-21T00:00:00.000Z' FROM c""", [count])
    path = os.path.join(folder, "many.xlsx")
    sluice("export", "meta_many", "--columns", "n", "--database", database, "--output", path)
    book = openpyxl.load_workbook(path, read_only=True)
    equal(book.sheetnames, ["meta_many", "meta_many (2)"])
    found = 0
    for sheet in book:
        for index, row in enumerate(sheet.iter_rows(values_only=True)):
            if index == 0:
                equal(row[0], "n")
            else:
                found += 1
                if row[0] != found:
                    raise AssertionError(f"row {found} of the file holds {row[0]}")
    equal(found, count)


environment = {**os.environ, "SLUICE_META_TOKEN": credential("token")}
sync()
fill()
CHECKS = [("more rows than a sheet takes", many_sheets)]
for name in ("meta_campaigns", "meta_campaign_insights"):
    CHECKS += [
        (f"{name} as CSV", lambda name=name: compare_csv(name, False)),
        (f"{name} as CSV for Excel", lambda name=name: compare_csv(name, True)),
        (f"{name} as JSON Lines", lambda name=name: compare_json(name)),
        (f"{name} as a workbook", lambda name=name: compare_excel(name)),
    ]
for name, action in CHECKS:
    try:
        action()
        passed += 1
        print(f"ok      {name}", flush=True)
    except Exception as error:  # a failing check must not end the others
        failed += 1
        print(f"FAILED  {name}: {str(error)[:600]}", flush=True)
subprocess.run(["rm", "-r", folder], check=True)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
