"""Connecting a platform in the browser."""
import re

from script import SMALL, arrives, expect, journey, says, shows


@journey("connect Meta by a token: a wrong one is refused with its reason, the right one brings accounts and a sync")
def token(lab):
    sandbox = lab.sandbox("meta", *SMALL)
    lab.serve(SLUICE_META_BASE_URL=sandbox["url"])
    page = lab.page(lab.context())
    lab.set_up(page)
    page.locator("main a[href=\"/connect/meta\"]").first.click()
    page.wait_for_url("**/connect/meta")
    field = page.get_by_label("Access token")
    expect(field.get_attribute("type") == "password", "the token is hidden")
    field.fill("EAAGnobodyknowsthis0000000000")
    page.locator("#credential button.go").click()
    page.locator("#h-token .error").wait_for()
    page.get_by_label("Access token").fill(sandbox["token"])
    page.locator("#credential button.go").click()
    page.get_by_text("works.").first.wait_for()
    expect(sandbox["token"] not in page.content(), "the token is in the page")
    expect(page.locator(".perms code", has_text="ads_read").count() == 1, "what it may read")
    page.locator("#credential .f-end button").click()
    page.wait_for_url(re.compile("/connect/meta/accounts"))
    expect(sandbox["token"] not in page.url, "the token is in the address")
    boxes = page.locator("input[name=account]:not(:disabled)")
    expect(boxes.count() >= 1, "accounts to choose from")
    boxes.first.check()
    page.locator("form#accounts button.go").click()
    page.wait_for_url(re.compile(r"/accounts/\d+/progress"))
    arrives(page, 60)
    page.goto(lab.address + "/accounts")
    shows(page.locator("main"), "Complete and current")
    return page


@journey("connect a shop by its consent: the link leads to Shopee, and the way back to the shop")
def consent(lab):
    sandbox = lab.sandbox("shopee", "--world", "small")
    lab.serve(SLUICE_SHOPEE_BASE_URL=sandbox["url"])
    page = lab.page(lab.context(), others=[sandbox["url"]])
    lab.set_up(page)
    page.goto(lab.address + "/connect/shopee")
    page.get_by_label("Partner id").fill(sandbox["partner_id"])
    page.get_by_label("Partner key").fill(sandbox["partner_key"])
    page.locator("#credential button.go").click()
    page.get_by_text("Shopee knows the app.").wait_for()
    link = page.locator("#credential a.go")
    expect(link.get_attribute("href").startswith(sandbox["url"]), "the link leads to Shopee")
    expect(sandbox["partner_key"] not in page.content(), "the key is in the page")
    link.click()
    page.wait_for_url(re.compile("/connect/shopee/accounts"))
    boxes = page.locator("input[name=account]:not(:disabled)")
    boxes.first.check()
    page.locator("form#accounts button.go").click()
    page.wait_for_url(re.compile(r"/accounts/\d+/progress"))
    says(page, r"\d+ %|complete", 60)
    return page
