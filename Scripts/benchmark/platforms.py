"""Pancake, FolkForm, Shopee and Admitad at their limits: how much longer a sync takes than its calls must.

The sandboxes keep the limits of the platforms themselves, count the calls, and know what a complete sync holds.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from . import database, programs
from .measures import Bench, Line
from .programs import Failed, Run, Sandbox

MOST_MEMORY = 120e6
# Times what the calls must take.
MOST = 1.05


@dataclass(frozen=True)
class Pace:
    """How long a sync took for `calls` at `rate` a second, of which the stored limit lets `burst` go at once."""

    calls: int
    rate: float
    burst: float
    wall: float

    @property
    def plain(self) -> float:
        """Against calls / rate."""
        return self.wall / (self.calls / self.rate)

    @property
    def strict(self) -> float:
        """Against the same without those that go at once."""
        return self.wall / ((self.calls - self.burst) / self.rate)


def pace(path: Path, quota: str, rate: float, calls: int, run: Run) -> Pace:
    """`quota` is the key of the row that keeps to the limit, as LIKE takes it."""
    [(burst,)] = rows(path, "SELECT max(coalesce(set_burst, limit_burst)) FROM quotas WHERE key LIKE ?", quota)
    if burst is None:
        raise Failed(f"no limit {quota} was kept")
    return Pace(calls, rate, burst, run.wall)


def sandbox(bench: Bench, platform: str, world: dict | None = None, **sizes: int) -> Sandbox:
    size = ",".join(f"{name}={value}" for name, value in sizes.items())
    return Sandbox(bench.binary, "--world", "bench", "--size", size, platform=platform, world=world)


def rows(path: Path, query: str, *values: str) -> list[tuple]:
    db = database.connect(path)
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def spared(played: Sandbox, run: Run) -> int:
    """Calls that were refused or made again: a sync that keeps to the limit has none."""
    return max(played.ask("counters")["throttled"], run.throttled) + int(run.summary["retries"])


def counted(path: Path, truth: dict) -> tuple[int, int]:
    """Rows of all tables that are there, and that must be; no table may have too many for another's too few."""
    wanted: dict[str, int] = truth["rows"]
    stored = {table: rows(path, f'SELECT count(*) FROM "{table}"')[0][0] for table in wanted}
    for table, count in stored.items():
        if count > wanted[table]:
            raise Failed(f"{table} has {count} rows of {wanted[table]}")
    return sum(stored.values()), sum(wanted.values())


def complete(where: str, found: tuple[int, int], troubles: int, same: bool) -> Line:
    """`same`: what the rows say is what the platform has."""
    values = "the same" if same else "DIFFERENT"
    return Line(
        f"rows of {where}; calls refused or made again", "all, 0",
        f"{found[0]:,} of {found[1]:,}, values {values}; {troubles}",
        found[0] == found[1] and same and troubles == 0)


def memory(where: str, runs: list[Run]) -> Line:
    peaks = [run.peak_bytes for run in runs]
    each = ", ".join(f"{peak / 1e6:.0f}" for peak in peaks)
    return Line(f"peak memory of {where}", "120 MB or less", f"{each} MB", max(peaks) <= MOST_MEMORY)


# MARK: Pancake and FolkForm


def inbox(bench: Bench) -> dict[str, int]:
    """Pages, conversations of each and messages of each conversation."""
    pages, conversations = (2, 30) if bench.quick else (10, 100)
    return {"pages": pages, "conversations": conversations, "messages": 50}


def sizes(world: dict[str, int]) -> str:
    return f"{world['pages']} pages × {world['conversations']} conversations × {world['messages']} messages"


Texts = dict[tuple[str, str], str]


def messages(played: Sandbox) -> Texts:
    """The text of every message that Pancake has, by conversation and id."""
    pages = [page["id"] for page in played.ask("world")["pages"]]
    return {
        (conversation, message): text for page in pages
        for conversation, every in played.ask(f"texts?page={page}").items() for message, text in every.items()}


def stored_messages(path: Path) -> Texts:
    found = rows(path, "SELECT conversation_id, id, original_message FROM pancake_messages")
    return {(conversation, message): text for conversation, message, text in found}


def pancake(bench: Bench) -> list[Line]:
    """All pages by one command. The busiest page counts: pages do not slow each other down."""
    world, path = inbox(bench), bench.fresh("pancake")
    with sandbox(bench, "pancake", latency=100, **world) as played:
        run = programs.sync(bench.binary, played, path, account="all", limit=bench.limit)
        counters, truth, troubles = played.ask("counters"), played.ask("truth"), spared(played, run)
        wanted = messages(played)
    same = wanted == stored_messages(path)
    page = pace(path, "pancake/page/%", 5, max(counters["byPage"].values()), run)
    crowd = max(counters["mostCallsInSecond"].values())
    return [
        Line(
            f"{sizes(world)} from Pancake, 100 ms latency: wall time against 5 calls/s for each page ({page.calls} "
            "calls)", f"{MOST} or less",
            f"{page.strict:.3f} ({run.wall:.1f} s; against calls / rate {page.plain:.3f})", page.strict <= MOST),
        complete("Pancake", counted(path, truth), troubles, same),
        Line("calls of one page there in any second, at most", "5", f"{crowd}", crowd <= 5),
        Line(
            "calls there, against the fewest that read each list to its end", "",
            f"{counters['calls']:,}, {truth['fewestCalls']:,}"),
        memory("Pancake", [run])]


@dataclass(frozen=True)
class Received:
    """What FolkForm got, by conversation and id of the message."""

    messages: Counter
    conversations: Counter
    texts: Texts

    @property
    def twice(self) -> int:
        return sum(count - 1 for got in (self.messages, self.conversations) for count in got.values())

    def missing(self, wanted: Texts) -> int:
        conversations = {conversation for conversation, _ in wanted}
        return len(wanted.keys() - self.messages.keys()) + len(conversations - self.conversations.keys())


def received(receiver: Sandbox) -> Received:
    uploads = receiver.ask("uploads")
    documents = receiver.ask("documents?collection=facebook/message-item")
    return Received(
        Counter((one["conversationId"], id) for one in uploads for id in one["messageIds"]),
        Counter(one["conversationId"] for one in uploads if one["kind"] == "conversation"),
        {(one["conversationId"], one["messageId"]): one["messageData"]["original_message"] for one in documents})


def folkform(bench: Bench) -> list[Line]:
    """The same on to FolkForm while it is read, to a server that takes conversations together: half of the calls."""
    world, path = inbox(bench), bench.fresh("folkform")
    batches = {"features": {"batchUpsert": True}}
    with (
        sandbox(bench, "pancake", latency=100, **world) as played,
        sandbox(bench, "folkform", batches, latency=100) as receiver,
    ):
        run = programs.sync(
            bench.binary, played, path, "--into", "folkform", account="all", limit=bench.limit,
            variables=receiver.variables)
        wanted, counters, got = messages(played), receiver.ask("counters"), received(receiver)
        found, troubles = counted(path, played.ask("truth")), spared(played, run) + counters["throttled"]
    same = wanted == stored_messages(path)
    client = pace(path, "folkform/client/%", 100 / 60, counters["calls"], run)
    twice, missing = got.twice, got.missing(wanted)
    return [
        Line(
            f"the same ({sizes(world)}) on to FolkForm, 100 ms latency: wall time against 100 calls/60 s "
            f"({client.calls:,} calls)", f"{MOST} or less",
            f"{client.strict:.3f} ({run.wall:.1f} s; against calls / rate {client.plain:.3f})", client.strict <= MOST),
        Line(
            "messages and conversations delivered twice; missing", "0; 0",
            f"{twice}; {missing} of {len(wanted):,} and {world['pages'] * world['conversations']:,}",
            twice == missing == 0 and not got.messages.keys() - wanted.keys()),
        complete("Pancake there", found, troubles, same and got.texts == wanted),
        Line(
            "calls of one of its windows of 60 s, at most", "100", f"{counters['mostCallsInWindow']}",
            counters["mostCallsInWindow"] <= 100),
        memory("FolkForm", [run])]


# MARK: Shopee and Admitad


def days(played: Sandbox, count: int) -> tuple[str, str]:
    """The last whole days of a world."""
    anchor = date.fromisoformat(played.ask("world")["anchor"])
    return str(anchor - timedelta(count)), str(anchor - timedelta(1))


SHOPEE = "shops,campaigns,campaign_daily,shop_daily"
SUMS = ["impression", "clicks", "expense_micros", "broad_order", "broad_gmv_micros"]


@dataclass(frozen=True)
class Shop:
    campaigns: int
    pace: Pace
    run: Run
    longest: float
    fewest: int
    line: Line


def shop(bench: Bench, campaigns: int) -> Shop:
    """A month by days, 300 ms an answer, 3 calls a second of the app."""
    path = bench.fresh(f"shopee-{campaigns}")
    with sandbox(bench, "shopee", campaigns=campaigns, days=30, latency=300, rate=3) as played:
        first, last = days(played, 30)
        run = programs.sync(
            bench.binary, played, path, "--streams", SHOPEE, "--from", first, "--to", last, limit=bench.limit)
        counters, truth, troubles = played.ask("counters"), truth_by_days(played, first, last), spared(played, run)
        sums = played.ask(f"sums?level=campaign&from={first}&to={last}")
    names = ", ".join(f"sum({name})" for name in SUMS)
    stored = rows(path, f"SELECT date, {names} FROM shopee_campaign_daily GROUP BY date")
    same = {day: values for day, *values in stored} == {day: [sums[day][name] for name in SUMS] for day in sums}
    longest = rows(path, "SELECT max(actual_duration_seconds) FROM sync_chunks")[0][0]
    return Shop(
        campaigns, pace(path, "shopee/app/%", 3, counters["calls"], run), run, longest,
        sum(truth["fewestCallsByTable"].values()),
        complete(f"the shop of {campaigns:,}", counted(path, truth), troubles, same))


def truth_by_days(played: Sandbox, first: str, last: str) -> dict:
    """Of the tables that are read: nothing by hours."""
    truth = played.ask(f"truth?from={first}&to={last}")
    return {
        name: {table: count for table, count in truth[name].items() if "hourly" not in table}
        for name in ("rows", "fewestCallsByTable")}


def shopee(bench: Bench) -> list[Line]:
    shops = [shop(bench, campaigns) for campaigns in ([335] if bench.quick else [335, 917, 10_000])]
    lines = [
        Line(
            f"a Shopee shop of {one.campaigns:,} campaigns, 30 days, 300 ms latency: wall time against calls / rate "
            f"({one.pace.calls} calls, 3/s)", f"{MOST} or less",
            f"{one.pace.plain:.3f} ({one.run.wall:.1f} s; without the calls that go at once {one.pace.strict:.3f})",
            one.pace.plain <= MOST)
        for one in shops]
    longest = ", ".join(f"{one.longest:.1f}" for one in shops)
    calls = "; ".join(f"{one.pace.calls}, {one.fewest}" for one in shops)
    return [
        *lines, *(one.line for one in shops),
        # A call that times out takes a minute.
        Line(
            "the longest chunk of each shop: no call timed out", "10 s or less", f"{longest} s",
            all(one.longest <= 10 for one in shops)),
        Line("calls of each shop, against the fewest for its rows", "", calls),
        memory("the shops", [one.run for one in shops])]


# What is held back is called pending there.
EARNED = """
    SELECT date, CASE status WHEN 'on_hold' THEN 'pending' ELSE status END AS state, currency, count(*),
        coalesce(sum(payment_micros), 0)
    FROM admitad_actions GROUP BY 1, 2, 3
"""


def earnings(told: dict) -> dict[tuple[str, str, str], tuple[int, int]]:
    """How many actions there are and what they bring, by day, state and currency."""
    return {
        (day, state, currency): (sums["count"], sums["paymentMicros"])
        for day, facts in told.items() for state, currencies in facts["sums"].items()
        for currency, sums in currencies.items()}


def admitad(bench: Bench) -> list[Line]:
    """A year of actions, with programmes and coupons; 600 calls a minute of the application."""
    count, path = (60 if bench.quick else 365), bench.fresh("admitad")
    with sandbox(bench, "admitad", actions=200, days=count, latency=100) as played:
        first, last = days(played, count)
        run = programs.sync(bench.binary, played, path, "--from", first, "--to", last, limit=bench.limit)
        counters, truth, troubles = played.ask("counters"), played.ask("truth"), spared(played, run)
        ids = set(played.ask(f"ids?from={first}&to={last}"))
        earned = earnings(played.ask(f"actions?from={first}&to={last}"))
    same = (
        {int(id) for (id,) in rows(path, "SELECT action_id FROM admitad_actions")} == ids
        and {tuple(key): (count, micros) for *key, count, micros in rows(path, EARNED)} == earned)
    app = pace(path, "admitad/app/%", 10, counters["calls"], run)
    return [
        Line(
            f"Admitad, {count} days of 200 actions, 100 ms latency: wall time against calls / rate ({app.calls} calls, "
            "600/min)", f"{MOST} or less",
            f"{app.plain:.3f} ({run.wall:.1f} s; without the calls that go at once {app.strict:.3f})",
            app.plain <= MOST),
        complete("Admitad", counted(path, truth), troubles, same),
        Line("calls there, against the fewest for its rows", "", f"{app.calls}, {truth['fewestCalls']}"),
        memory("Admitad", [run])]
