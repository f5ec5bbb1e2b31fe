"""Coming in, and how it looks to whom."""
import re

from lab import PASSWORD
from script import expect, journey


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
