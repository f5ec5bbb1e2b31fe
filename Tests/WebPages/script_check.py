#!/usr/bin/env python3
"""Uses the pages as a person would, with a Chromium: live parts, keys, calendar, dialogs, filters, theme.

    script_check.py [DIRECTORY]    with a directory: also pictures of what opens
"""

import json
import os
import sys
from pathlib import Path

from page_server import PageHandler, serve
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("SLUICE_CHROMIUM", "/usr/bin/chromium")
IS_OPEN = "document.querySelector('.top details').open"
VISIBLE_ROWS = "[...document.querySelectorAll('tr[data-row]')].filter(n => n.getClientRects().length).length"
PICKED_DAYS = "document.querySelector('form[data-price]')"
# Of the drawing of an account's days: its width, and left edges of cells (columns and gaps between weeks).
DRAWING_WIDTH = 681
DAY_14, DAY_16 = 12 * 47 + 6 * 3, 12 * 49 + 7 * 3


def region(name: str) -> str:
    return f"document.querySelector('[data-region={name}]').innerHTML"


class Visit:
    """A tab, the site in it, and what went wrong so far."""

    def __init__(self, tab, site: str, pictures: Path | None):
        self.tab = tab
        self.site = site
        self.pictures = pictures
        self.failures: list[str] = []
        self.passed = 0
        tab.on("pageerror", lambda error: self.fail(str(error)))
        tab.on("console", self.on_message)

    def on_message(self, message):
        if message.type == "error" and "Content Security" in message.text:
            self.fail(message.text)

    def fail(self, text: str):
        self.failures.append(text)
        print("FAIL", text)

    def check(self, name: str, got, want=True):
        if got == want:
            self.passed += 1
            print("ok  ", name)
        else:
            self.failures.append(name)
            print("FAIL", name, f"{got!r} instead of {want!r}")

    def check_script(self, name: str, script: str, want=True):
        self.check(name, self.tab.evaluate(script), want)

    def open(self, address: str):
        self.tab.goto(self.site + address)

    def press(self, *keys: str):
        for key in keys:
            self.tab.keyboard.press(key)

    def picture(self, name: str):
        if self.pictures:
            self.tab.screenshot(path=str(self.pictures / name))


def live_parts(visit: Visit):
    """New numbers arrive while details are open and a button has the focus."""
    tab = visit.tab
    visit.open("/dashboard?lang=en&theme=light")
    tab.evaluate(f"{IS_OPEN} = true")
    tab.focus(".why .btn")
    accounts = tab.evaluate(region("accounts")).replace("14:03", "14:09", 1).replace("18,642,300", "18,700,000")
    history = tab.evaluate(region("shell-history")).replace("62 %", "63 %")
    PageHandler.events.append(("regions", json.dumps({"accounts": accounts, "shell-history": history})))
    tab.wait_for_function("() => document.body.innerText.includes('18,700,000')")
    visit.check_script("a live part keeps the focus", "document.activeElement.matches('.why .btn')")
    visit.check_script("a live part keeps open details", IS_OPEN)
    visit.check_script("text of a live part changes", "document.querySelector('.pill').innerText.includes('63')")
    PageHandler.events.append(("toast", '<div class="toast ok"><p>Saved.</p></div>'))
    tab.wait_for_selector(".toast")


# The accounts as they come: those of the last group turned around, and the one that was last in the first group.
TURNED = """text => {
  const table = document.createElement('table');
  table.innerHTML = text;
  const first = table.tBodies[0], last = table.tBodies[table.tBodies.length - 1];
  for (const row of [...last.querySelectorAll('[data-row]')].reverse()) last.append(row);
  first.querySelector('.group').after(last.querySelector('[data-row]'));
  return table.innerHTML;
}"""
# Without what the script marks.
PLAIN = """text => {
  const table = document.createElement('table');
  table.innerHTML = text;
  table.querySelectorAll('.on').forEach(row => row.classList.remove('on'));
  return table.innerHTML;
}"""


def order(visit: Visit):
    """Accounts change places while one of them is chosen with the keyboard: it stays the chosen one."""
    tab = visit.tab
    PageHandler.events.clear()
    visit.open("/dashboard?lang=en")
    rows = tab.locator("[data-row]")
    count = rows.count()
    visit.press(*"j" * count)
    chosen = "document.querySelector('[data-row].on')?.dataset.row"
    focused = "document.activeElement.closest('[data-row]')?.dataset.row"
    last = tab.evaluate(chosen)
    visit.check_script("j reaches the last account", focused, last)
    seen = tab.evaluate(PLAIN, tab.evaluate(region("accounts")))
    for name, wanted in [("moves up", tab.evaluate(TURNED, seen)), ("moves back", seen)]:
        tab.evaluate("document.querySelector('[data-region=accounts] thead').title = 'old'")
        PageHandler.events.append(("regions", json.dumps({"accounts": wanted})))
        tab.wait_for_function("() => !document.querySelector('[data-region=accounts] thead').title")
        visit.check_script(f"the chosen account is the same when it {name}", chosen, last)
        visit.check_script(f"and has the focus when it {name}", focused, last)
        visit.check("and every account is at its place", tab.evaluate(PLAIN, tab.evaluate(region("accounts"))),
                    wanted)
    # Of what comes, one account is gone, and with it its row.
    gone = tab.evaluate("""text => {
      const table = document.createElement('table');
      table.innerHTML = text;
      table.querySelector('[data-row]').remove();
      return table.innerHTML;
    }""", seen)
    PageHandler.events.append(("regions", json.dumps({"accounts": gone})))
    tab.wait_for_function("count => document.querySelectorAll('[data-row]').length < count", arg=count)
    visit.check("an account that is gone leaves no row", rows.count(), count - 1)
    PageHandler.events.clear()


def keys_and_theme(visit: Visit):
    """On the dashboard as the live parts have left it."""
    tab = visit.tab
    visit.press("j", "j")
    second_row = "document.querySelectorAll('[data-row]')[1].classList.contains('on')"
    visit.check_script("j reaches the second row", second_row)
    link = "document.activeElement.getAttribute('href')"
    visit.check_script("j focuses its link", link, "/accounts/tra-sen-tay-ho")
    visit.press("Escape")
    visit.check_script("Esc closes details first", IS_OPEN, False)
    visit.press("/")
    visit.check_script("/ focuses the search", "document.activeElement.name", "text")
    visit.press("Escape", "?")
    tab.wait_for_selector("dialog.keys-d:modal")
    visit.check("? shows the keys", tab.locator("dialog h1").inner_text(), "Keyboard")
    visit.picture("keys-dialog.png")
    visit.press("Escape")
    tab.wait_for_function("() => !document.querySelector('dialog')")
    visit.check("Esc closes the dialog", tab.locator("dialog").count(), 0)
    tab.click(".to-dark")
    tab.wait_for_function("() => document.documentElement.className === 'dark'")
    visit.check("the theme is kept by the server", PageHandler.posts[-1][1], "back=%2F&theme=dark")
    visit.press("g", "a")
    tab.wait_for_url("**/accounts")
    visit.check("g a goes to accounts", True)


def badge(visit: Visit):
    """The badge of history opens under the pointer; a click keeps it open."""
    tab = visit.tab
    # What was sent of it before was open.
    PageHandler.events.clear()
    tab.mouse.move(0, 0)
    visit.open("/dashboard?lang=en")
    is_open, is_shut = tab.locator("details[open] > .pill"), tab.locator("details:not([open]) > .pill")
    visit.check("the badge is shut", is_shut.count(), 1)
    tab.hover(".pill")
    is_open.wait_for()
    visit.check("and tells months under the pointer", "of 24 months" in tab.locator(".pop.history").inner_text())
    tab.hover(".pop.history")
    tab.wait_for_timeout(500)
    visit.check("it stays while they are read", is_open.count(), 1)
    tab.hover("h1")
    is_shut.wait_for()
    tab.hover(".pill")
    is_open.wait_for()
    tab.click(".pill")
    tab.hover("h1")
    tab.wait_for_timeout(500)
    visit.check("a click keeps it", is_open.count(), 1)
    visit.press("Escape")
    visit.check("Esc shuts it", is_shut.count(), 1)


def filters(visit: Visit):
    visit.open("/connect-accounts?lang=en")
    visit.tab.fill("[data-filter]", "lụa")
    visit.check_script("a filter leaves what fits", VISIBLE_ROWS, 1)


def confirmation(visit: Visit):
    tab = visit.tab
    visit.open("/progress?lang=en")
    tab.click("[data-confirm] .btn:visible")
    question = tab.locator("dialog:modal h2").inner_text()
    visit.check("stopping asks first", question, "Stop the first sync of Mộc Nhiên – Chăm sóc da?")
    visit.picture("confirm-dialog.png")
    with tab.expect_request("**/sync/jobs/900/cancel"):
        tab.click("dialog .kill")
    visit.check("and then stops", True)


def days(visit: Visit):
    """Days of an account are picked with the pointer and with keys."""
    tab = visit.tab
    visit.open("/account?lang=en")
    row = tab.locator('svg[data-stream="ads"]')
    box = row.bounding_box()

    def move_to(left: int):
        tab.mouse.move(box["x"] + (left + 4) * box["width"] / DRAWING_WIDTH, box["y"] + 10)

    move_to(DAY_14)
    tip = tab.locator(".tip").inner_text()
    visit.check("a day says what it is", tip.split("\n")[0], "Ads, Sat 14 Nov")
    visit.picture("tip.png")
    tab.mouse.down()
    move_to(DAY_16)
    tab.mouse.up()
    first_and_last = f"{PICKED_DAYS}.from.value + ' ' + {PICKED_DAYS}.to.value"
    visit.check_script("days are picked with the pointer", first_and_last, "2026-11-14 2026-11-16")
    visit.check("their number is said", tab.locator("[data-lead]").inner_text(), "3 days of Ads selected")
    visit.check("they are in the address", "from=2026-11-14" in tab.url)
    row.focus()
    visit.press("ArrowLeft", "Shift+ArrowLeft")
    visit.check_script("days are picked with keys", f"{PICKED_DAYS}.to.value >= {PICKED_DAYS}.from.value")
    visit.press("Escape")
    visit.check_script("Esc lets them go", f"{PICKED_DAYS}.hidden")


def chart(visit: Visit):
    tab = visit.tab
    visit.open("/account?lang=vi&story=vi")
    box = tab.locator("[data-chart] svg").first.bounding_box()
    tab.mouse.move(box["x"] + box["width"] * 0.81, box["y"] + 40)
    visit.check("a chart says the day", tab.locator(".tip b").inner_text(), "T4 11/11")


def main():
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    site = f"http://127.0.0.1:{serve(0)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        visit = Visit(browser.new_page(viewport={"width": 1440, "height": 900}), site, pictures)
        for part in [live_parts, keys_and_theme, order, badge, filters, confirmation, days, chart]:
            part(visit)
        browser.close()
    print(f"{visit.passed} passed, {len(visit.failures)} failed")
    sys.exit(1 if visit.failures else 0)


if __name__ == "__main__":
    main()
