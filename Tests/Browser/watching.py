"""A sync as people watch it: to its end, held up, stopped, in part failed, and over a server that dies."""
import json
import re

from script import SLOW, SMALL, arrives, expect, is_same, journey, region, says, shows, stays, syncing


@journey("watch a first sync to its end, without reloading")
def watch(lab):
    page = syncing(lab)
    first = page.locator(".tape").inner_text()
    stays(page)
    page.locator(".tape").filter(has_not_text=first).wait_for()
    expect(is_same(page), "the page was loaded again")
    page.wait_for_url(re.compile(r"/accounts/1/done"), timeout=120_000)
    says(page, "Your recent data is ready")
    page.goto(lab.address + "/")
    says(page, "1 of 1 account is complete and current.")
    return page


@journey("the last 90 days end: the open page goes on to what came of them; history ends: a toast, and no badge")
def phases(lab):
    page = syncing(lab, "--world", "bench", "--size", "ads=1000,days=900")
    stays(page)
    # Nothing but the stream leads an open page elsewhere.
    page.wait_for_url(re.compile(r"/accounts/1/done$"), timeout=120_000)
    says(page, "Your recent data is ready")
    other = lab.page(page.context)
    other.goto(lab.address + "/")
    badge = other.locator(".pill", has_text=re.compile(r"History\s+\d+ %"))
    badge.wait_for()
    stays(other)
    badge.hover()
    details = other.locator(".pop.history")
    shows(details, r"\d+ of \d+ months")
    shows(details, r"Bench · (about|less than|Time left)")
    other.mouse.move(0, 0)
    other.locator(".toast", has_text="History of Bench is complete.").wait_for(timeout=180_000)
    other.locator(".pill").wait_for(state="detached")
    expect(is_same(other), "the page was loaded again")
    return other


@journey("a throttle is explained: who blocks, until when, what goes on; then it goes on by itself")
def throttle(lab):
    # Meta blocks the account for a few seconds in the middle of the work.
    world = lab.file("throttle.json", json.dumps({
        "faults": {"rules": [{"kind": "accountThrottle", "target": "/insights", "calls": [6], "times": 1}]}}))
    page = syncing(lab, *SLOW, "--config", world, moves=r"Last 90 days: \d")
    stays(page)
    card = region(page, "quotas").locator("article", has_text="Blocked until").first
    card.wait_for(timeout=60_000)
    text = card.inner_text()
    expect(re.search(r"Blocked until \d\d:\d\d", text), text)
    expect("to go" in text and "Its work waits; all else goes on." in text, text)
    shows(region(page, "quotas"), r"1 blocked; its work waits, the rest goes on")
    expect(is_same(page), "the page was loaded again")
    return page


def chunks(page):
    return re.search(r"\d+ of \d+ chunks", page.locator(".pace-line").inner_text()).group()


@journey("all work is paused: open pages say so at once, a new process keeps to it, and one button lets it go on")
def everything(lab):
    page = syncing(lab)
    stays(page)
    other = lab.page(page.context)
    other.goto(lab.address + "/sync/settings")
    other.get_by_role("button", name="Pause all work").click()
    says(other, "All work is paused")
    banner = region(page, "shell-paused")
    shows(banner, "All work is paused,")
    shows(region(page, "shell-status"), "Paused")
    expect(is_same(page), "the page was loaded again")
    port = lab.port
    lab.server.end()
    lab.serve(port)
    page.goto(lab.address + "/accounts/1/progress")
    # How long it takes goes on, the chunks do not.
    before = chunks(page)
    page.wait_for_timeout(3000)
    expect(chunks(page) == before, f"work goes on: {before}, then {chunks(page)}")
    banner.get_by_role("button", name="Go on").click()
    page.locator(".banner", has_text="All work is paused").wait_for(state="detached")
    arrives(page)
    lab.forgive(
        "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
    return page


@journey("stop a sync by its button: the question names it, its rows stay, and the logs know who did it")
def stop(lab):
    page = syncing(lab)
    page.get_by_role("button", name="Stop").click()
    question = page.get_by_role("dialog")
    expect("Stop this sync of" in question.inner_text(), question.inner_text())
    expect(re.search(r"[\d,]+ rows? stay", question.inner_text()), question.inner_text())
    question.get_by_role("button", name="Stop").click()
    page.goto(lab.address + "/accounts/1/progress")
    says(page, "stopped")
    expect(re.search(r"[1-9][\d,]* rows", page.locator(".pace-line").inner_text()), "its rows")
    page.goto(lab.address + "/sync/logs?status=cancelled")
    expect(page.locator("[data-row]").count() == 1, page.locator("main").inner_text())
    return page


@journey("whoever thinks again keeps the sync going")
def kept(lab):
    page = syncing(lab)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(page.get_by_role("dialog").count() == 0, "the question is gone")
    arrives(page)
    return page


@journey("chunks that failed say why, and one click brings them in")
def failed(lab):
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    sandbox = lab.sandbox("meta", *SMALL)
    sandbox.strike({"kind": "permission", "target": "/adsets"})
    lab.sync(sandbox)
    page.goto(lab.address + "/accounts/1/progress")
    says(page, "failed", 60)
    problem = region(page, "problems")
    shows(problem, r"1 chunk gave up")
    sandbox.strike()
    problem.get_by_role("button", name="Retry 1 chunk").click()
    # The run tells of all its tries.
    says(page, r"All \d+ chunks arrived", 60)
    page.goto(lab.address + "/")
    says(page, "1 of 1 account is complete and current.")
    return page


@journey("the server is killed in the middle of a sync: the page says so and recovers, and nothing is lost")
def killed(lab):
    page = syncing(lab)
    port = lab.port
    lab.server.end(9)
    page.get_by_text("Not live since").wait_for()
    lab.serve(port)
    arrives(page, 150)
    expect(page.get_by_text("Not live since").count() == 0, "the banner is gone")
    # What the browser says of a server that is not there.
    lab.forgive(
        "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
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
    expect(page.locator(".stages li").count() == 8, "the stages")
    # With a script the live parts do this.
    expect(page.locator("head noscript").count() == 1, "it reads itself anew")
    page.goto(lab.address + "/sync/schedules/create")
    page.get_by_label("Name").fill("Evening")
    page.locator("details", has_text="Add account").locator("summary").click()
    page.locator("[name=target]").first.check()
    page.get_by_role("button", name="Preview").click()
    expect("Evening" == page.get_by_label("Name").input_value(), "what was typed stays")
    expect(page.get_by_text("Next five runs").count() == 1, "the preview")
    page.get_by_role("button", name="Save schedule").click()
    page.wait_for_url("**/sync/schedules")
    expect(page.get_by_text("Evening").count() > 0, "the schedule")
    return page
