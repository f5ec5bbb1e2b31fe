"""What people do on the web page, in a real browser: journeys.py [NAME...]

Each journey has a server, sandboxes and a browser of its own. A picture of its last page is kept in
.build/test-logs/browser. The last line is `N passed, N failed`.
"""
import re
import sys
import traceback

from lab import Lab, PASSWORD

JOURNEYS = []


def journey(name):
    def keep(body):
        JOURNEYS.append((name, body))
        return body
    return keep


def expect(condition, told):
    if not condition:
        raise AssertionError(told)


def says(page, pattern, seconds=20):
    """Waits until the headline says so."""
    page.locator("h1", has_text=re.compile(pattern)).wait_for(timeout=seconds * 1000)


SLOW = ("--world", "bench", "--size", "ads=3000,days=200")
SMALL = ("--world", "small")


@journey("set up, sign out, sign in")
def set_up(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    expect(page.get_by_role("heading", level=1).inner_text().startswith("Connect an account"), "the empty page")
    page.locator("summary.avatar").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.goto(lab.address + "/accounts")
    page.wait_for_url(re.compile(r"/login\?next="))
    page.get_by_label("E-mail").fill("linh@annhien.example")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("do not fit together").wait_for()
    expect(page.get_by_label("E-mail").input_value() == "linh@annhien.example", "what was typed stays")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lab.address + "/accounts")
    page.goto(lab.link)
    page.wait_for_url(lab.address + "/*")
    expect("/setup" not in page.url, "the link that was used still sets up")
    return page


@journey("watch a first sync to its end, without reloading")
def watch(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SLOW))
    page.goto(lab.address + "/accounts/1/progress")
    headline = page.get_by_role("heading", level=1)
    says(page, r"Last 90 days: [1-9]")
    first = page.locator(".tape").inner_text()
    page.locator(".tape").filter(has_not_text=first).wait_for()
    page.evaluate("window.same = true")
    says(page, "All days: complete", 120)
    expect(page.evaluate("window.same === true"), "the page was loaded again")
    expect(headline.inner_text().startswith("All days: complete"), headline.inner_text())
    page.goto(lab.address + "/")
    expect("1 of 1 account is complete and current." in headline.inner_text(), headline.inner_text())
    return page


@journey("stop a sync, and find what it has read")
def stop(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SLOW))
    page.goto(lab.address + "/accounts/1/progress")
    says(page, r"Last 90 days: [1-9]")
    answer = page.request.post(lab.address + "/facebook/sync/stop", headers={"Accept": "application/json"})
    expect(answer.ok and answer.json()["stopped"] == 1, answer.text())
    says(page, "stopped")
    expect(re.search(r"[1-9][\d,]* rows", page.locator(".pace-line").inner_text()), "its rows")
    return page


@journey("another language, the dark, and both stay")
def language(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    page.get_by_role("button", name="VI").click()
    page.locator("html[lang=vi]").wait_for(state="attached")
    expect(page.get_by_role("heading", level=1).inner_text().startswith("Kết nối một tài khoản"), "Vietnamese")
    page.get_by_role("button", name="Tối").first.click()
    page.locator("html.dark").wait_for(state="attached")
    other = lab.page(lab.context())
    other.goto(lab.address + "/login")
    other.get_by_label("E-mail").fill("linh@annhien.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lab.address + "/")
    expect(other.evaluate("document.documentElement.lang + document.documentElement.className") == "vidark", "stays")
    return page


@journey("a phone shows it all, and nothing is wider than its screen")
def phone(lab):
    lab.serve()
    page = lab.page(lab.context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SMALL))
    for path in ["/", "/accounts/1", "/accounts/1/progress"]:
        page.goto(lab.address + path)
        page.wait_for_timeout(600)
        wide = page.evaluate("document.documentElement.scrollWidth")
        expect(wide <= 390, f"{path} is {wide} wide")
    page.goto(lab.address + "/accounts")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Dashboard").click()
    page.wait_for_url(lab.address + "/")
    return page


@journey("the keyboard alone: help, going about, searching")
def keyboard(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SMALL))
    page.goto(lab.address + "/")
    page.keyboard.press("Tab")
    expect(page.evaluate("document.activeElement.textContent") == "Skip to content", "the first stop")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url(lab.address + "/accounts")
    page.keyboard.press("/")
    expect(page.evaluate("document.activeElement.tagName") == "INPUT", "the search has the focus")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url(lab.address + "/")
    return page


@journey("the server is killed in the middle of a sync: the page says so and recovers, and nothing is lost")
def killed(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SLOW))
    page.goto(lab.address + "/accounts/1/progress")
    says(page, r"Last 90 days: [1-9]")
    port = lab.port
    lab.server.end(9)
    page.get_by_text("Not live since").wait_for()
    lab.serve(port)
    says(page, "All days: complete", 150)
    expect(page.get_by_text("Not live since").count() == 0, "the banner is gone")
    return page


@journey("without a script every page is whole, and forms work")
def scriptless(lab):
    lab.serve()
    page = lab.page(lab.context(java_script_enabled=False))
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *SMALL))
    page.goto(lab.address + "/accounts/1")
    page.get_by_role("button", name="Sync now").click()
    page.wait_for_url("**/accounts/1/progress")
    expect(page.locator("noscript").count() >= 0 and page.locator(".stages li").count() == 8, "the stages")
    return page


def run(names):
    passed = failed = 0
    for name, body in JOURNEYS:
        if names and not any(part in name for part in names):
            continue
        lab = Lab()
        page = None
        try:
            page = body(lab)
            expect(not page.complaints, f"the page complained: {page.complaints}")
            passed += 1
            print(f"ok      {name}", flush=True)
        except Exception:  # a failing journey must not end the others
            failed += 1
            print(f"FAILED  {name}", flush=True)
            traceback.print_exc(limit=4)
            print(lab.server.text if lab.server else "no server", flush=True)
        finally:
            pages = [page] if page else [each for context in lab.browser.contexts for each in context.pages]
            for number, each in enumerate(pages):
                lab.shot(each, re.sub(r"\W+", "-", name)[:40] + (f"-{number}" if number else ""))
            lab.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
