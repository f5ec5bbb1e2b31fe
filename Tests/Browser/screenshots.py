"""A picture of each page, at a desk and on a phone, light and dark, in both languages: screenshots.py [PART OF A NAME]

They show a `sluice demo`: sandboxes, real syncs, and the page over what those brought. All go to .build/screenshots;
a few, small, to docs/images for the README, unless names are given.
"""
import base64
import itertools
import json
import pathlib
import re
import sys
import urllib.request

from lab import Lab
from script import expect

FOLDER = pathlib.Path(".build/screenshots")
IMAGES = pathlib.Path("docs/images")
SIZES = {"desk": {"viewport": {"width": 1440, "height": 960}},
         "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
                   "has_touch": True}}
# What still moves comes first.
PAGES = {
    "progress": "/accounts/{running}/progress", "dashboard": "/", "quick": "/sync/quick",
    "account": "/accounts/1", "account-table": "/accounts/1?table=1", "done": "/accounts/1/done",
    "data": "/accounts/1/data", "runs": "/accounts/1/runs", "certificates": "/accounts/1/certificates",
    "account-settings": "/accounts/1/settings", "notices": "/notices",
    "notifications": "/sync/settings/notifications", "notification-new": "/sync/settings/notifications?add=webhook",
    "schedules": "/sync/schedules", "schedule-new": "/sync/schedules/create",
    "schedule-edit": "/sync/schedules/1/edit", "schedule-delete": "/sync/schedules/1/delete", "logs": "/sync/logs",
    "logs-failed": "/sync/logs?status=failed", "run": "/sync/logs/1", "run-failed": "/sync/logs/{failed}",
    "connect": "/connect", "connect-meta": "/connect/meta", "connect-shopee": "/connect/shopee",
    "connect-accounts": "/connect/meta/accounts?connection=1", "reconnect": "/connections/{parked}/reconnect",
    "parked": "/accounts/{parked_account}", "system": "/sync/settings", "quotas": "/sync/settings/quotas",
    "people": "/sync/settings/people", "tokens": "/sync/settings/tokens", "audit": "/sync/settings/audit",
    "backup": "/sync/settings/backup", "you": "/sync/settings/you", "keys": "/keys", "nowhere": "/nowhere"}
# Name, size, theme, language, and what of it: those of the README.
CHOSEN = [("dashboard", "desk", "light", "en"), ("progress", "desk", "light", "en"),
          ("account", "desk", "dark", "en"), ("run", "desk", "light", "en"), ("schedules", "desk", "light", "en"),
          ("dashboard", "phone", "light", "vi"), ("progress", "phone", "dark", "vi")]
MOST_BYTES = 150_000


def named(sandbox, name, number):
    """The bench world under a name as people have it, and an id that no other account has."""
    with urllib.request.urlopen(sandbox["url"] + "/sandbox/world", timeout=20) as answer:
        accounts = json.load(answer)["accounts"]
    accounts[0] |= {"id": number, "name": name}
    sandbox["account"] = f"act_{number}"
    body = json.dumps({"accounts": accounts}).encode()
    urllib.request.urlopen(sandbox["url"] + "/sandbox/world", data=body, timeout=20).close()
    return sandbox


def call(page, address, **values):
    answer = page.request.post(address, headers={"Accept": "application/json"}, data=values)
    expect(answer.ok, f"{address}: {answer.status} {answer.text()}")
    return answer.json()


def furnish(lab, page):
    """Beside what a demo has: schedules, quick syncs, a sync that goes on, one that failed, an account signed out."""
    home = lab.address
    accounts = page.request.get(home + "/accounts", headers={"Accept": "application/json"}).json()["accounts"]
    every = [each["id"] for each in accounts]
    meta = [each["id"] for each in accounts if each["platform"] == "meta"]
    call(page, home + "/workspaces/1", name="An Nhiên Media")
    first = call(page, home + "/sync/schedules", name="Meta, số liệu mới", accounts=meta, interval="15m")
    call(page, home + "/sync/schedules", name="All shops, every morning", networks=["shopee"], times=["06:00", "13:30"])
    call(page, home + "/sync/schedules", name="Last month once more", accounts=every, cron="0 3 2 * *",
         date_range="previous_month", is_active=False)
    call(page, home + "/sync/quick", accounts=meta, date_range="yesterday")
    call(page, home + f"/sync/schedules/{first['schedule']['id']}/run")

    def run(job):
        return page.request.get(home + f"/sync/logs/{job}", headers={"Accept": "application/json"}).json()["log"]

    def sync(sandbox):
        job = lab.sync(sandbox)
        for _ in range(600):
            if run(job)["status"] in ("completed", "failed"):
                return job
            page.wait_for_timeout(200)
        raise AssertionError(f"run {job} does not end")

    broken = named(lab.sandbox("meta", "--world", "bench", "--size", "ads=40,days=60"), "Giày Bước Nhỏ", "1000102")
    broken.strike({"kind": "permission", "target": "/adsets"})
    failed = sync(broken)
    gone = named(lab.sandbox("meta", "--world", "bench", "--size", "ads=60,days=120"), "Mộc Decor", "1000103")
    parked = run(sync(gone))["account_id"]
    gone.strike({"kind": "token", "code": "460"})
    call(page, home + f"/accounts/{parked}/sync")
    slow = lab.file("slow.json", json.dumps({"latency": {"base": 900_000, "jitter": 400_000}, "faults": {"rules": [
        {"kind": "accountThrottle", "target": "/insights", "calls": [60], "times": 1}]}}))
    going = named(lab.sandbox("meta", "--world", "bench", "--size", "ads=4000,days=400", "--config", slow),
                  "Trà Sữa Mây", "1000104")
    running = run(lab.sync(going))
    page.goto(home + f"/accounts/{running['account_id']}/progress")
    # Before that the days are empty.
    page.locator(".stages li", has_text=re.compile(r"Insights\s*[1-9]")).wait_for(timeout=120_000)
    accounts = page.request.get(home + "/accounts", headers={"Accept": "application/json"}).json()["accounts"]
    connections = {each["id"]: each["connection_id"] for each in accounts}
    return {"running": running["account_id"], "failed": failed, "parked_account": parked, "parked": connections[parked]}


def small(page, source, target, width):
    """The picture as WebP, by the browser's own encoder; what is too large is drawn coarser."""
    text = "data:image/png;base64," + base64.b64encode(source.read_bytes()).decode()
    for quality in (0.9, 0.8, 0.65, 0.5):
        made = page.evaluate("""async ([text, width, quality]) => {
            const image = new Image();
            image.src = text;
            await image.decode();
            const canvas = document.createElement("canvas");
            canvas.width = width;
            canvas.height = Math.round(image.height * width / image.width);
            const pen = canvas.getContext("2d");
            pen.imageSmoothingQuality = "high";
            pen.drawImage(image, 0, 0, canvas.width, canvas.height);
            return canvas.toDataURL("image/webp", quality).split(",")[1];
        }""", [text, width, quality])
        picture = base64.b64decode(made)
        if len(picture) < MOST_BYTES:
            break
    target.write_bytes(picture)
    return len(picture)


def main(parts):
    FOLDER.mkdir(parents=True, exist_ok=True)
    lab = Lab()
    try:
        lab.server = lab.start("demo", "--database", lab.database, "--port", "0", "--listen", "127.0.0.1:0")
        found = lab.server.wait_for(r"(http://127\.0\.0\.1:\d+)(/enter\S+)", 900)
        lab.address = found.group(1)
        first = lab.context()
        page = first.new_page()
        page.goto(found.group(0))
        places = furnish(lab, page)
        keys = first.cookies()
        windows = {}
        for size, theme in itertools.product(SIZES, ("light", "dark")):
            window = lab.context(**SIZES[size], color_scheme=theme, reduced_motion="reduce")
            window.add_cookies(keys)
            windows[size, theme] = window.new_page()
        count = 0
        for name, path in PAGES.items():
            if parts and not any(part in name for part in parts):
                continue
            for language in ("en", "vi"):
                page.request.post(lab.address + "/preferences", form={"language": language})
                for (size, theme), view in windows.items():
                    view.goto(lab.address + path.format(**places), wait_until="load")
                    view.wait_for_timeout(400)
                    is_chosen = (name, size, theme, language) in CHOSEN
                    target = FOLDER / f"{name}-{size}-{theme}-{language}.png"
                    view.screenshot(path=str(target), full_page=True)
                    if is_chosen:
                        view.screenshot(path=str(target.with_suffix(".top.png")))
                    count += 1
            print(name, flush=True)
        print(f"{count} pictures in {FOLDER}")
        if not parts:
            IMAGES.mkdir(parents=True, exist_ok=True)
            # Pages forbid pictures of that kind, an empty one does not.
            page.goto("about:blank")
            for name, size, theme, language in CHOSEN:
                source = FOLDER / f"{name}-{size}-{theme}-{language}.top.png"
                target = IMAGES / f"{name}-{size}.webp"
                print(target, small(page, source, target, 1200 if size == "desk" else 520), "bytes")
    finally:
        lab.close()


if __name__ == "__main__":
    main(sys.argv[1:])
