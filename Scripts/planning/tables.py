"""The tables of docs/scaling.md: plants of several sizes, and what breaks first when something changes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .demand import Demand, demand, growth
from .model import HISTORY_DAYS, RECENT_DAYS, TIERS, Plan, day_sizes, first_sync, job_rate
from .simulation import Result, Simulation, first_days

# Half of everything stays free for a backlog, for a machine that is gone and for what was assumed wrongly.
AIM = 0.5
GIGA = 1e9


def sized(plan: Plan) -> Plan:
    """The plan with as many machines and database cores as it takes to use half of them, and a database core for every
    two processes: each may be looking for work at any moment."""
    need = demand(plan)
    calls = need.work.calls + need.loading.calls
    machines = max(calls * plan.assumed.latency / plan.workers, need.process_cpu / plan.machine_cores) / AIM
    count = max(1, math.ceil(machines))
    cores = max(2, math.ceil(count / 2), math.ceil(need.database_cpu / AIM))
    return replace(plan, machines=count, database_cores=float(cores))


@dataclass(frozen=True)
class Outcome:
    plan: Plan
    need: Demand
    result: Result

    @property
    def use(self) -> dict[str, float]:
        """What is asked for, which may be more than there is; claims as the simulation has them."""
        asked = self.need.use(self.plan)
        return asked | {"database CPU": asked["database CPU"] + self.result.use["claims"]}

    @property
    def first(self) -> tuple[str, float]:
        return max(self.use.items(), key=lambda item: item[1])

    def ninety_days(self) -> list[float]:
        """Of the median account, the one above 99 % and the largest."""
        sizes = sorted(day_sizes(self.plan, min(self.plan.accounts, 2000)))
        places = [len(sizes) // 2, int(len(sizes) * 0.99), len(sizes) - 1]
        return [first_days(self.plan, self.result, sizes[place]) for place in places]


def outcome(plan: Plan, *, accounts: int = 2000, hours: float = 24) -> Outcome:
    return Outcome(plan, demand(plan), Simulation(plan, accounts, hours).run())


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def share(value: float) -> str:
    return f"{value * 100:.0f} %" if value >= 0.0095 else "< 1 %"


def size(gigabytes: float) -> str:
    return f"{gigabytes / 1000:.1f} TB" if gigabytes >= 1000 else f"{number(gigabytes)} GB"


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def head(*cells: str) -> str:
    return row(*cells) + "\n" + "|---" * len(cells) + "|"


NEEDS = head(
    "accounts", "new rows a month", "sync every", "machines", "database cores", "calls/s", "transactions/s",
    "rows/s read", "rows/s written", "in use: calls in flight", "worker CPU", "database CPU", "the app's calls",
    "the busiest account's calls")
GIVES = head(
    "accounts", "sync every", "age of the data, median", "99 %", "first 90 days, median", "99 %", "largest",
    "log a day", "grows a month", "most used")


def needs_row(one: Outcome) -> str:
    plan, need, use = one.plan, one.need, one.use
    return row(
        f"{plan.accounts:,}", f"{plan.rows_per_month:,.0f}", f"{plan.every_hours:g} h", str(plan.machines),
        f"{plan.database_cores:g}", number(need.work.calls + need.loading.calls), number(need.transactions),
        number(need.work.read + need.loading.read), number(need.work.written + need.loading.written),
        *map(share, use.values()))


def gives_row(one: Outcome) -> str:
    plan, grown, result = one.plan, growth(one.plan, one.need), one.result
    return row(
        f"{plan.accounts:,}", f"{plan.every_hours:g} h", duration(result.stale_median), duration(result.stale_99),
        *map(duration, one.ninety_days()), size(grown.log_per_day / GIGA),
        size((grown.rows + grown.history + grown.jobs) / GIGA), "{}, {}".format(one.first[0], share(one.first[1])))


def plants(base: Plan) -> Iterator[Outcome]:
    for accounts, every in [
        (20, 1.0), (1000, 1.0), (10_000, 1.0), (100_000, 24.0), (100_000, 6.0), (100_000, 1.0), (1_000_000, 6.0)
    ]:
        rows = base.rows_per_month * accounts / base.accounts
        yield outcome(sized(replace(base, accounts=accounts, rows_per_month=rows, every_hours=every)))


def sizes(base: Plan) -> Iterator[str]:
    found = list(plants(base))
    yield NEEDS
    yield from map(needs_row, found)
    yield ""
    yield GIVES
    yield from map(gives_row, found)


# Rows a day of an account.
ALONE = (50, 500, 5000, 50_000)


def alone(base: Plan) -> Iterator[str]:
    """A first sync by a worker that has nothing else to do: what the tier makes of it."""
    yield head(
        "rows a day", "calls, 90 days", "standard tier", "development tier", "calls, 37 months", "standard tier",
        "development tier")
    for rows in ALONE:
        cells = [f"{rows:,}"]
        for days in (RECENT_DAYS, HISTORY_DAYS):
            calls = first_sync(rows, days).calls
            cells.append(number(calls))
            for tier in TIERS:
                plan = replace(base, tier=tier)
                cells.append(duration(max(calls / job_rate(plan, rows, calls), 4 * plan.assumed.latency)))
        yield row(*cells)


CHANGES = head(
    "what changes", "most used", "database CPU for claims", "one claim", "most accounts waiting",
    "age of the data, median", "99 %", "jobs not handed over", "back to normal after")


def change_row(what: str, one: Outcome) -> str:
    result = one.result
    name, used = one.first
    return row(
        what, f"{name}, {share(used)}", share(result.use["claims"]), f"{result.claim_seconds * 1000:.1f} ms",
        number(result.waiting_most), duration(result.stale_median), duration(result.stale_99), share(result.skipped),
        "" if not one.plan.outage_minutes else "never" if result.recovered is None else duration(result.recovered))


def changes(base: Plan) -> Iterator[str]:
    """One thing at a time, with the plant that was sized for `base`. Fewer accounts stand for all: some drown."""
    plan = sized(base)
    assumed = plan.assumed
    ten = replace(plan, accounts=10 * plan.accounts, rows_per_month=10 * plan.rows_per_month)
    rows = replace(plan, rows_per_month=10 * plan.rows_per_month)
    away = replace(plan, outage_minutes=60.0)
    claims = "if claims looked at all accounts"
    cases = {
        "nothing": plan,
        "10 times the accounts and the rows": ten,
        "10 times the rows": rows,
        f"10 times the rows, {claims}": replace(rows, lanes=0),
        "Meta is 3 times as slow": replace(plan, assumed=replace(assumed, latency=3 * assumed.latency)),
        "Meta allows the app half as much": replace(plan, assumed=replace(assumed, app_calls=assumed.app_calls / 2)),
        "all jobs at the full hour": replace(plan, is_spread=False),
        f"all jobs at the full hour, {claims}": replace(plan, is_spread=False, lanes=0),
        "the database is away for an hour": away,
        f"the database is away for an hour, {claims}": replace(away, lanes=0),
        "every account in the development tier": replace(plan, tier="development"),
    }
    yield CHANGES
    for what, case in cases.items():
        yield change_row(what, outcome(case, accounts=1500, hours=12))
