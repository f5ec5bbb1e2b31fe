"""A day of the whole plant in ticks: jobs fall due, wait, are claimed, and share calls, processors and the database.

A fluid model in small: some thousand accounts stand for all of them, and whatever is shared is scaled down alike.
Within a tick every account with an open job gets the same part of what there is, up to what it can use, as the engine's
fair queue does it. A job is done when its calls are.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .model import DAY, Plan, Work, day_sizes, first_sync, heavy_sync, job_rate, light_sync

TICK = 30.0
WARM_UP = 2 * 3600.0
MOST_ACCOUNTS = 2000
LOOK = 600.0
# Claims leave that much of the database to the work itself.
CLAIMS_AT_MOST = 0.9


@dataclass
class Job:
    account: int
    begun: float
    work: Work
    left: float
    # Calls a second that its account's limit and its own chunks allow.
    most: float
    database_cpu: float
    process_cpu: float
    chunks: float


@dataclass
class Result:
    """Of the day behind the warm-up; uses are parts of what there is, the mean of the day."""

    stale_median: float
    stale_99: float
    stale_most: float
    use: dict[str, float]
    # Accounts with an open job: the mean and the most of any tick; in all, not in the model's few.
    waiting: float
    waiting_most: float
    claim_seconds: float
    # Calls a second that one more job would have got, in the middle of the day's ticks.
    offered: float
    # After an outage: seconds until no more jobs wait than before it; None when that did not come.
    recovered: float | None
    # Jobs that were not handed over because the one before was still open: a part of all.
    skipped: float


class Simulation:
    def __init__(self, plan: Plan, accounts: int = MOST_ACCOUNTS, hours: float = 24) -> None:
        self.plan = plan
        self.count = min(accounts, plan.accounts)
        # One account of the model stands for so many.
        self.weight = plan.accounts / self.count
        self.end = WARM_UP + hours * 3600
        self.sizes = day_sizes(plan, self.count)
        self.random = random.Random(plan.seed)
        self.every = plan.every_hours * 3600
        self.phases = [self.random.random() * self.every if plan.is_spread else 0.0 for _ in self.sizes]
        self.heavy_at = [self.random.random() * DAY for _ in self.sizes]
        self.read_at = [phase - self.every for phase in self.phases]
        self.open: dict[int, Job] = {}
        self.handed = self.skipped = 0
        # Chunks a second of the tick before: what claims have to hand out.
        self.chunk_rate = 0.0
        # Jobs that came in this tick, and those that would have used more than they got in the one before: an account
        # that waits for its own limit has nothing ready.
        self.fresh = self.starved = 0
        self.ages: list[float] = []
        self.used = dict.fromkeys(("calls in flight", "worker CPU", "database CPU", "claims", "the app's calls"), 0.0)
        self.waiting: list[int] = []
        self.claims: list[float] = []
        self.offers: list[float] = []

    def run(self) -> Result:
        due = sorted((phase, account) for account, phase in enumerate(self.phases))
        outage, recovered, calm = self._outage(), None, 0.0
        position, round_start, now, next_look = 0, 0.0, 0.0, WARM_UP
        ticks = 0
        while now < self.end:
            while round_start + due[position][0] <= now:
                self._hand_over(due[position][1], now)
                position += 1
                if position == len(due):
                    position, round_start = 0, round_start + self.every
            is_counted = now >= WARM_UP
            if outage and outage[0] <= now < outage[1]:
                self.starved, self.fresh = len(self.open), 0
            else:
                self._work(now, is_counted)
            if is_counted:
                ticks += 1
                self.waiting.append(len(self.open))
                if outage and now < outage[0]:
                    calm = max(calm, len(self.open))
                if outage and recovered is None and now >= outage[1] and len(self.open) <= max(calm, 1):
                    recovered = now - outage[1]
            if now >= next_look:
                self.ages += [now - moment for moment in self.read_at]
                next_look += LOOK
            now += TICK
        return self._result(ticks, recovered)

    def _outage(self) -> tuple[float, float] | None:
        begin = WARM_UP + 6 * 3600
        return (begin, begin + self.plan.outage_minutes * 60) if self.plan.outage_minutes else None

    def _hand_over(self, account: int, now: float) -> None:
        """An account whose job is still open keeps that."""
        self.handed += 1
        if account in self.open:
            self.skipped += 1
            return
        plan, size = self.plan, self.sizes[account]
        is_heavy = (now - self.heavy_at[account]) % DAY < self.every
        work = heavy_sync(plan, size) if is_heavy else light_sync(plan, size)
        self.fresh += 1
        self.open[account] = Job(
            account, now, work, work.calls,
            most=job_rate(plan, size, work.calls),
            database_cpu=work.database_cpu(plan) / work.calls, process_cpu=work.process_cpu(plan) / work.calls,
            chunks=work.chunks / work.calls)

    def _work(self, now: float, is_counted: bool) -> None:
        plan, jobs = self.plan, list(self.open.values())
        # Who came in this tick waits about a second, not all of it.
        ready = self.starved + self.fresh / TICK
        claiming, chunks_at_most, claim = self._claiming(ready * self.weight)
        self.fresh = 0
        database = plan.database_cores - claiming
        limits = {"calls in flight": plan.slots / plan.assumed.latency, "the app's calls": plan.assumed.app_calls}
        if jobs:
            mean = 1 / len(jobs)
            limits["database CPU"] = database / max(sum(job.database_cpu for job in jobs) * mean, 1e-12)
            limits["worker CPU"] = (
                plan.machines * plan.machine_cores / max(sum(job.process_cpu for job in jobs) * mean, 1e-12))
            limits["claims"] = chunks_at_most / max(sum(job.chunks for job in jobs) * mean, 1e-12)
        calls = min(limits.values()) * TICK / self.weight
        done = dict(shares(jobs, calls))
        self.starved = sum(
            share < min(jobs[index].left, jobs[index].most * TICK) - 1e-9 for index, share in done.items())
        self.chunk_rate = sum(jobs[index].chunks * share for index, share in done.items()) * self.weight / TICK
        if is_counted:
            self._count(jobs, done, claiming, claim, calls)
        for index, share in done.items():
            job = jobs[index]
            job.left -= share
            if job.left <= 1e-6:
                del self.open[job.account]
                self.read_at[job.account] = job.begun

    def _claiming(self, waiting: float) -> tuple[float, float, float]:
        """Cores that claims take, the most chunks a second that they can hand out, and the seconds of one claim. A
        process has one claim under way at a time, for all its free workers; when claims are quick there is one for each
        chunk."""
        plan, measured = self.plan, self.plan.measured
        looked = min(waiting, plan.lanes) if plan.lanes else waiting
        seconds = measured.claim_cpu + measured.lane_cpu * looked
        most = min(plan.machines, CLAIMS_AT_MOST * plan.database_cores) / seconds
        claims = min(max(self.chunk_rate, plan.machines), most)
        return claims * seconds, most * plan.workers, seconds

    def _count(
        self, jobs: list[Job], done: dict[int, float], claiming: float, claim: float, calls: float
    ) -> None:
        plan, factor = self.plan, self.weight / TICK
        made = sum(done.values()) * factor
        database = sum(jobs[index].database_cpu * share for index, share in done.items()) * factor
        process = sum(jobs[index].process_cpu * share for index, share in done.items()) * factor
        self.used["calls in flight"] += made * plan.assumed.latency / plan.slots
        self.used["the app's calls"] += made / plan.assumed.app_calls
        self.used["worker CPU"] += process / (plan.machines * plan.machine_cores)
        self.used["database CPU"] += (database + claiming) / plan.database_cores
        self.used["claims"] += claiming / plan.database_cores
        self.claims.append(claim)
        spare = max(0.0, calls - sum(done.values()))
        self.offers.append(max(spare, calls / (len(jobs) + 1)) * factor)

    def _result(self, ticks: int, recovered: float | None) -> Result:
        ages = sorted(self.ages)
        offers = sorted(self.offers)
        return Result(
            stale_median=ages[len(ages) // 2], stale_99=ages[int(len(ages) * 0.99)], stale_most=ages[-1],
            use={name: value / ticks for name, value in self.used.items()},
            waiting=sum(self.waiting) / len(self.waiting) * self.weight,
            waiting_most=max(self.waiting) * self.weight, claim_seconds=sum(self.claims) / max(len(self.claims), 1),
            offered=offers[len(offers) // 2] if offers else 0.0, recovered=recovered,
            skipped=self.skipped / self.handed)


def shares(jobs: list[Job], calls: float) -> Iterator[tuple[int, float]]:
    """Equal parts of `calls`; what one cannot use goes to the others."""
    wants = sorted((min(job.left, job.most * TICK), index) for index, job in enumerate(jobs))
    for place, (want, index) in enumerate(wants):
        share = min(want, calls / (len(wants) - place))
        calls -= share
        yield index, share


def first_days(plan: Plan, result: Result, size: float) -> float:
    """Seconds until the last 90 days of a new account with `size` rows a day are there, beside everything else."""
    calls = first_sync(size).calls
    rate = min(job_rate(plan, size, calls), max(result.offered, 1e-9))
    # One behind the other: what the account is, its lists, two passes over its insights.
    return max(calls / rate, 4 * plan.assumed.latency)
