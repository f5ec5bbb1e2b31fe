"""What the journeys share: how one is told, what it expects, and the worlds that it happens in."""
import re

JOURNEYS = []

# A sync that takes half a minute, and one that is over at once.
SLOW = ("--world", "bench", "--size", "ads=3000,days=200")
SMALL = ("--world", "small")
WHERE = '[data-region="{}"]'


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


def arrives(page, seconds=120):
    """Waits until the recent days are there: an open page of progress goes to what came of it by itself."""
    says(page, "All days: complete|Your recent data is ready", seconds)


def region(page, name):
    """A part of the page that is kept live."""
    return page.locator(WHERE.format(name))


def shows(place, pattern, seconds=20):
    """Waits until the part of the page holds the text."""
    place.filter(has_text=re.compile(pattern)).first.wait_for(timeout=seconds * 1000)


def stays(page):
    """Marks the page; `is_same` tells whether it was loaded again since."""
    page.evaluate("window.same = true")


def is_same(page):
    return page.evaluate("window.same === true")


def syncing(lab, *world, moves=r"Last 90 days: [1-9]"):
    """The page of progress of a first sync that is on its way."""
    lab.serve()
    page = lab.page(lab.context())
    lab.set_up(page)
    lab.sync(lab.sandbox("meta", *(world or SLOW)))
    page.goto(lab.address + "/accounts/1/progress")
    says(page, moves)
    return page


def synced(lab, page, *world, **environment):
    """An owner, and an account of Meta of which everything is there. Its sandbox."""
    sandbox = lab.sandbox("meta", *(world or SMALL))
    lab.serve(**environment)
    lab.set_up(page)
    lab.sync(sandbox)
    page.goto(lab.address + "/accounts/1/progress")
    arrives(page)
    return sandbox
