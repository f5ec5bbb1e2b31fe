"""Logs, phones, the keyboard, and what holds for every page."""
import re

from script import expect, journey, region, shows, synced

# Every page of a workspace with an account of Meta, a schedule and runs.
PAGES = [
    "/", "/accounts", "/accounts/1", "/accounts/1/progress", "/sync/schedules", "/sync/schedules/create",
    "/sync/schedules/1/edit", "/sync/schedules/1/delete", "/sync/quick", "/sync/logs", "/sync/logs?status=failed",
    "/sync/logs/1", "/connect", "/connect/meta", "/connect/shopee", "/connect/pancake", "/connect/admitad",
    "/connect/boostiny", "/connect/folkform", "/connect/meta/accounts?connection=1", "/connections/1/reconnect",
    "/connections/1/delete", "/sync/settings", "/sync/settings/quotas", "/sync/settings/people",
    "/sync/settings/tokens", "/sync/settings/audit", "/sync/settings/backup", "/sync/settings/you", "/workspaces",
    "/keys", "/nowhere"]


def furnished(lab, page):
    """Something to see on each page."""
    synced(lab, page)
    made = page.request.post(lab.address + "/sync/schedules", headers={"Accept": "application/json"}, data={
        "name": "Mỗi sáng: số liệu của một cái tên dài thật dài để không chỗ nào bị tràn ra ngoài", "accounts": [1],
        "times": ["06:00"], "weekdays": ["mon", "fri"]})
    expect(made.status == 201, made.text())
    again = page.request.post(lab.address + "/sync/quick", headers={"Accept": "application/json"}, data={
        "accounts": [1], "date_range": "yesterday"})
    expect(again.status == 202, again.text())


@journey("logs: filters stand in the address, text narrows, an empty filter offers the way out, a run tells its story")
def logs(lab):
    page = lab.page(lab.context())
    furnished(lab, page)
    page.goto(lab.address + "/sync/logs")
    rows = page.locator("[data-row]:visible")
    shows(region(page, "rows"), r"2 of|quick")
    expect(rows.count() == 2, f"{rows.count()} rows")
    page.locator("details.has-pop", has_text="Kind").locator("summary").click()
    page.locator(".pop").get_by_role("link", name=re.compile("^quick$", re.I)).click()
    page.wait_for_url(re.compile(r"kind=quick"))
    expect(rows.count() == 1, f"{rows.count()} rows of quick syncs")
    page.get_by_role("link", name="Remove this filter").click()
    page.wait_for_url(re.compile(r"/sync/logs$|/sync/logs\?$"))
    page.get_by_label("Text in name, cause, id").fill("nothing is called so")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"text=nothing"))
    page.get_by_text("No run matches these filters.").wait_for()
    page.get_by_role("link", name="Clear filters").first.click()
    expect(rows.count() == 2, "all are back")
    rows.last.get_by_role("link").first.click()
    page.wait_for_url(re.compile(r"/sync/logs/\d+"))
    expect(page.locator(".facts dt").count() >= 4, "its facts")
    expect(page.locator(WHERE_TIMELINE + " svg").count() >= 1, "its time line")
    return page


WHERE_TIMELINE = '[data-region="timeline"]'


@journey("a phone shows every page, and nothing is wider than its screen, in either language")
def phone(lab):
    page = lab.page(lab.context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    furnished(lab, page)
    told = []
    for language in ["en", "vi"]:
        page.request.post(lab.address + "/preferences", form={"language": language})
        for path in PAGES:
            page.goto(lab.address + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > 390:
                told.append(f"{path} ({language}) is {wide} wide")
    expect(not told, "\n".join(told))
    page.request.post(lab.address + "/preferences", form={"language": "en"})
    page.goto(lab.address + "/accounts")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Dashboard").click()
    page.wait_for_url(lab.address + "/")
    return page


@journey("every page at a desk, light and dark: one headline, a title, its language, and no complaint of the browser")
def every(lab):
    page = lab.page(lab.context())
    furnished(lab, page)
    told = []
    for language in ["en", "vi"]:
        page.request.post(lab.address + "/preferences", form={"language": language})
        for path in PAGES:
            page.emulate_media(color_scheme="dark" if language == "vi" else "light")
            answer = page.goto(lab.address + path)
            # The last of them is not there.
            if answer.status != (404 if path == "/nowhere" else 200):
                told.append(f"{path} answers {answer.status}")
                continue
            if page.locator("h1:visible").count() != 1:
                told.append(f"{path} has {page.locator('h1:visible').count()} headlines")
            if page.evaluate("document.documentElement.lang") != language:
                told.append(f"{path} is not in {language}")
            if page.evaluate("document.documentElement.scrollWidth") > 1440:
                told.append(f"{path} scrolls sideways at a desk")
            if re.search(r"\{\{|\[\[|nil\b|Optional\(", page.locator("body").inner_text()):
                told.append(f"{path} shows what is not for people")
            if page.locator("[id]").evaluate_all("all => all.length - new Set(all.map(one => one.id)).size"):
                told.append(f"{path} has an id twice")
    expect(not told, "\n".join(told))
    return page


@journey("the keyboard alone: help, going about, searching, rows, making a schedule")
def keyboard(lab):
    page = lab.page(lab.context())
    furnished(lab, page)
    page.goto(lab.address + "/")

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    def focus():
        return page.evaluate("document.activeElement.textContent.trim()")

    press("Tab")
    expect(focus() == "Skip to content", "the first stop")
    press("?")
    page.get_by_role("dialog").wait_for()
    press("Escape")
    expect(page.get_by_role("dialog").count() == 0, "the map is gone")
    for key, path in [("a", "/accounts"), ("q", "/sync/quick"), ("l", "/sync/logs"), ("s", "/sync/settings"),
                      ("c", "/sync/schedules")]:
        press("g", key)
        page.wait_for_url(lab.address + path)
    press("n")
    page.wait_for_url("**/sync/schedules/create")
    page.get_by_label("Name").focus()
    page.keyboard.type("By keys alone")
    page.locator("details", has_text="Add account").locator("summary").focus()
    press("Enter", "Tab", "Space")
    page.get_by_label("Name").focus()
    press("Control+Enter")
    page.wait_for_url("**/sync/schedules")
    row = page.locator("[data-row].on")
    # A browser takes no keys while one page changes into the next.
    for _ in range(20):
        press("j")
        if row.count():
            break
        page.wait_for_timeout(200)
    expect(row.count() == 1, "a row is reached")
    press("e")
    page.wait_for_url(re.compile(r"/sync/schedules/\d+/edit"))
    press("g", "l")
    page.wait_for_url(lab.address + "/sync/logs")
    press("/")
    expect(page.evaluate("document.activeElement.tagName") == "INPUT", "the search has the focus")
    press("Escape", "j", "Enter")
    page.wait_for_url(re.compile(r"/sync/logs/\d+"))
    press("g", "d")
    page.wait_for_url(lab.address + "/")
    return page
