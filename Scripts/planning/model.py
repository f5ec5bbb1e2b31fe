"""What a plan is calculated from: measurements, assumptions, accounts, and what one sync of an account costs."""

import math
import random
from dataclasses import dataclass, fields

DAY = 86_400.0
MONTH_DAYS = 30
# Meta's score limit by tier, points a second and those that may go at once (Sluice takes 9 tenths of them), and its
# hourly quota of insights: base, and more for each active ad.
TIERS = {"standard": (9000 / 300, 8100, 190_000, 400), "development": (60 / 300, 54, 600, 400)}
# Streams of insights, and the passes over each: of active entities, of archived ones.
STREAMS, PASSES = 3, 2
PAGE = 500
RECENT_DAYS = 90
HISTORY_DAYS = 37 * 30


@dataclass(frozen=True)
class Measured:
    """Taken on two cores that client and server shared (docs/scaling.md, "What was measured")."""

    cores: float = 2.0
    # COMMITs a second over 32 connections.
    commits: float = 17_540.0
    # Server CPU-seconds for a row that is new or has changed, in batches of 500.
    row_cpu: float = 18e-6
    # Process CPU-seconds for a row: new, and the same as before.
    new_row_cpu: float = 6.0e-6
    same_row_cpu: float = 2.6e-6
    # Process CPU-seconds for a chunk that does nothing, with PostgreSQL and 64 at once.
    chunk_cpu: float = 105e-6
    # Transactions of a job beside its calls, of each call, and of `sync --detach` that hands the job over.
    job_transactions: float = 37.0
    call_transactions: float = 1.23
    handover_transactions: float = 60.0
    # Of a worker that has nothing to do, a second.
    idle_transactions: float = 7.0
    # Server CPU-seconds of a claim: its own, and for each account that has something ready.
    claim_cpu: float = 0.3e-3
    lane_cpu: float = 7e-6
    # Bytes of a row in the table with its index and digest, in the log, and of a job that is over.
    row_bytes: float = 1_000.0
    wal_bytes: float = 1_029.0
    job_bytes: float = 950.0


@dataclass(frozen=True)
class Assumed:
    """Nobody measured these at Meta with your accounts: set them."""

    # Seconds that Meta takes for a call.
    latency: float = 1.0
    # Calls a second that Meta allows the app over all accounts; it does not tell.
    app_calls: float = 1000.0
    # Of the rows read again: the part that has changed, by the age of the day.
    changed_new: float = 0.5
    changed_week: float = 0.3
    changed_month: float = 0.1
    # Spread of sizes: the sigma of a log-normal distribution. With 2 the largest hundredth of the accounts has more
    # than a third of the rows.
    spread: float = 2.0
    # New accounts a day, as a part of all.
    growth: float = 0.001
    # Process CPU-seconds of a call beside its rows: TLS and HTTP, which the loopback of the benchmarks has not.
    call_cpu: float = 1e-3
    # Chunks of one job in hand at once.
    parallel: float = 8.0


@dataclass(frozen=True)
class Plan:
    accounts: int = 100_000
    rows_per_month: float = 1e9
    every_hours: float = 1.0
    machines: int = 20
    workers: int = 64
    machine_cores: float = 4.0
    database_cores: float = 32.0
    tier: str = "standard"
    # Most accounts that a claim looks at (`Claims.window`); 0 for all that have something ready.
    lanes: int = 256
    # Whether jobs are handed over through the whole interval, or all at its begin.
    is_spread: bool = True
    # Whether `sync --detach` hands each job over, a process for each.
    is_detached: bool = True
    outage_minutes: float = 0.0
    seed: int = 7
    measured: Measured = Measured()
    assumed: Assumed = Assumed()

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                least = 0 if one.name in ("lanes", "outage_minutes", "seed") else 1e-9
                if not math.isfinite(value) or value < least:
                    raise ValueError(f"{one.name} cannot be {value}")
        if self.tier not in TIERS:
            raise ValueError(f"there is no tier {self.tier}; tiers: {' '.join(TIERS)}")

    @property
    def slots(self) -> float:
        """Calls in flight."""
        return self.machines * self.workers

    @property
    def syncs_per_day(self) -> float:
        return 24 / self.every_hours


def day_sizes(plan: Plan, count: int) -> list[float]:
    """Rows that one day has, for `count` accounts that stand for all of them, in a random order. The quantiles of a
    log-normal distribution and not draws from it: the sum is right with few accounts, and so is the tail."""
    quantile = Normal.quantile
    sizes = [math.exp(plan.assumed.spread * quantile((place + 0.5) / count)) for place in range(count)]
    scale = plan.rows_per_month / MONTH_DAYS / plan.accounts * count / sum(sizes)
    sizes = [size * scale for size in sizes]
    random.Random(plan.seed).shuffle(sizes)
    return sizes


class Normal:
    @staticmethod
    def quantile(share: float) -> float:
        """By bisection of the error function; called some thousand times."""
        low, high = -9.0, 9.0
        for _ in range(48):
            middle = (low + high) / 2
            if 0.5 * math.erfc(-middle / math.sqrt(2)) < share:
                low = middle
            else:
                high = middle
        return (low + high) / 2


@dataclass(frozen=True)
class Work:
    """What one job of one account costs."""

    calls: float
    chunks: float
    # Rows that are read, and those of them that are written.
    read: float
    written: float

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.calls + other.calls, self.chunks + other.chunks, self.read + other.read,
            self.written + other.written)

    def process_cpu(self, plan: Plan) -> float:
        measured = plan.measured
        return (
            self.calls * plan.assumed.call_cpu + self.chunks * measured.chunk_cpu + self.written * measured.new_row_cpu
            + (self.read - self.written) * measured.same_row_cpu)

    def transactions(self, plan: Plan) -> float:
        measured = plan.measured
        handed = measured.handover_transactions if plan.is_detached else 0
        return handed + measured.job_transactions + self.calls * measured.call_transactions

    def database_cpu(self, plan: Plan) -> float:
        """Without claims: what those cost depends on how many accounts wait."""
        measured = plan.measured
        return self.transactions(plan) * measured.cores / measured.commits + self.written * measured.row_cpu


def insights(day: float, days: float, changed: float) -> Work:
    """Days of an account's insights that are read together, in one run."""
    rows = day * days
    chunks = STREAMS * max(1.0, rows / STREAMS / 5000)
    return Work(calls=max(chunks * PASSES, rows / PAGE), chunks=chunks, read=rows, written=rows * changed)


# Businesses, accounts, campaigns, ad sets, ads, pages, posts: one call each when little has changed.
LISTS = Work(calls=7, chunks=7, read=7, written=1)


def light_sync(plan: Plan, day: float) -> Work:
    """Today, and yesterday when its last look is an hour old."""
    return LISTS + insights(day, 2, plan.assumed.changed_new)


def heavy_sync(plan: Plan, day: float) -> Work:
    """The first sync of a day: days 2 to 7 daily, 8 to 28 every third, and the 35th once (docs/concepts.md). The lists
    are read whole: as many entities as a day has rows, 200 to a page."""
    whole = Work(calls=day / 200, chunks=0, read=day, written=day / 100)
    return (
        light_sync(plan, day) + whole + insights(day, 6, plan.assumed.changed_week)
        + insights(day, 21 / 3 + 1, plan.assumed.changed_month))


def first_sync(day: float, days: float = RECENT_DAYS) -> Work:
    whole = Work(calls=day / 200, chunks=0, read=day, written=day)
    return LISTS + whole + insights(day, days, 1.0)


def call_rate(plan: Plan, day: float) -> float:
    """Calls a second that Meta allows one account for long. Active ads: most of a day's rows are those of ads."""
    score, _, base, each_ad = TIERS[plan.tier]
    return min(score, (base + each_ad * day * 0.6) / 3600)


def job_rate(plan: Plan, day: float, calls: float) -> float:
    """Calls a second that a job of so many calls makes where nothing but its account's limit and its own chunks hold
    it up. The first ones go at once."""
    own = plan.assumed.parallel / plan.assumed.latency
    limited = max(calls - TIERS[plan.tier][1], 0) / call_rate(plan, day)
    return calls / max(calls / own, limited)
