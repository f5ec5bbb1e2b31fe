"""What a plan needs on average, against what it has. Exact: no simulation."""

from dataclasses import dataclass

from .model import DAY, HISTORY_DAYS, MONTH_DAYS, Plan, Work, call_rate, day_sizes, first_sync, heavy_sync, light_sync

SAMPLE = 2000


@dataclass(frozen=True)
class Demand:
    """Of all accounts, a second."""

    jobs: float
    work: Work
    # What new accounts add to `work`: their first sync, history included.
    loading: Work
    process_cpu: float
    database_cpu: float
    transactions: float
    # New rows, that stay, and those that are only written again.
    new_rows: float
    # The account that uses most of its own limit.
    worst_account: float

    def use(self, plan: Plan) -> dict[str, float]:
        """Of each resource the part that is in use. What claims cost comes from the simulation."""
        calls = self.work.calls + self.loading.calls
        return {
            "calls in flight": calls * plan.assumed.latency / plan.slots,
            "worker CPU": self.process_cpu / (plan.machines * plan.machine_cores),
            "database CPU": self.database_cpu / plan.database_cores,
            "the app's calls": calls / plan.assumed.app_calls,
            "the busiest account's calls": self.worst_account,
        }


def times(work: Work, factor: float) -> Work:
    return Work(work.calls * factor, work.chunks * factor, work.read * factor, work.written * factor)


def daily(plan: Plan, day: float) -> Work:
    """All syncs of one day of one account. With less than one sync a day each is a heavy one."""
    syncs = plan.syncs_per_day
    if syncs <= 1:
        return times(heavy_sync(plan, day), syncs)
    return heavy_sync(plan, day) + times(light_sync(plan, day), syncs - 1)


def demand(plan: Plan) -> Demand:
    sizes = day_sizes(plan, min(plan.accounts, SAMPLE))
    each = plan.accounts / len(sizes) / DAY
    work = loading = Work(0, 0, 0, 0)
    worst = 0.0
    for size in sizes:
        today = daily(plan, size)
        work += times(today, each)
        loading += times(first_sync(size, HISTORY_DAYS), each * plan.assumed.growth)
        worst = max(worst, today.calls / DAY / call_rate(plan, size))
    syncs = max(plan.syncs_per_day, 1e-9)
    jobs = plan.accounts * syncs / DAY
    # `Work.transactions` counts one job: what a job costs beside its calls is added once per job.
    both = work + loading
    transactions = (
        Work(0, 0, 0, 0).transactions(plan) * jobs + both.calls * plan.measured.call_transactions
        + plan.machines * plan.measured.idle_transactions)
    measured = plan.measured
    return Demand(
        jobs=jobs, work=work, loading=loading, process_cpu=both.process_cpu(plan),
        database_cpu=transactions * measured.cores / measured.commits + both.written * measured.row_cpu,
        transactions=transactions,
        new_rows=plan.rows_per_month / MONTH_DAYS / DAY + loading.written, worst_account=worst)


@dataclass(frozen=True)
class Growth:
    """Bytes a month."""

    rows: float
    history: float
    jobs: float
    log_per_day: float


def growth(plan: Plan, need: Demand) -> Growth:
    month = MONTH_DAYS * DAY
    measured = plan.measured
    return Growth(
        rows=plan.rows_per_month * measured.row_bytes, history=need.loading.written * month * measured.row_bytes,
        jobs=need.jobs * month * measured.job_bytes,
        log_per_day=(need.work.written + need.loading.written) * DAY * measured.wal_bytes)
