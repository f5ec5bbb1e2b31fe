"""Compares a database with the truth of the sandbox, row by row."""

from collections.abc import Iterator
from datetime import date, timedelta

from .databases import Database
from .sandbox import LEVELS, Sandbox

# So many rows of a table are compared at once.
SLICE_ROWS = 60_000
OPEN_STATES = "('pending', 'in_progress', 'waiting')"


def differences(database: Database, sandbox: Sandbox, accounts: list[str]) -> list[str]:
    """What is wrong, in sentences; nothing for a database that holds the truth. Opens the sandbox."""
    sandbox.open()
    found: list[str] = []
    for account in accounts:
        truth = sandbox.ask("truth", account=account)
        for table in LEVELS:
            found += insights(database, sandbox, account, table, truth)
        for stream in ("campaigns", "ad_sets", "ads"):
            own = database.rows(f"SELECT id FROM meta_{stream} WHERE account_id = '{account}'")
            found += unlike(f"meta_{stream} of {account}", own, sandbox.ask("ids", account=account, stream=stream))
    return found + shared(database, sandbox) + jobs(database) + watched(database)


def insights(database: Database, sandbox: Sandbox, account: str, table: str, truth: dict) -> list[str]:
    _, column = LEVELS[table]
    found: list[str] = []
    for first, last, days in slices(truth["from"], truth["to"], truth["rows"][table]):
        own = database.rows(
            f"SELECT date, {column}, spend_micros, impressions, clicks FROM {table} WHERE account_id = '{account}' "
            f"AND {days}")
        found += unlike(f"{table} of {account}, {first} to {last}", own, sandbox.insights(account, table, first, last))
    return found


def slices(first: str, last: str, rows: int) -> Iterator[tuple[str, str, str]]:
    """First and last day of each, and the condition for its rows; the outer ones take what lies beyond them."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    total = (end - begin).days + 1
    length = timedelta(max(1, total * SLICE_ROWS // max(1, rows)))
    start = begin
    while start <= end:
        stop = min(start + length - timedelta(1), end)
        bounds = [f"date >= '{start}'" if start > begin else "", f"date <= '{stop}'" if stop < end else ""]
        yield str(start), str(stop), " AND ".join(bound for bound in bounds if bound) or "1 = 1"
        start = stop + timedelta(1)


def shared(database: Database, sandbox: Sandbox) -> list[str]:
    rows = sandbox.ask("truth")["rows"]
    return unlike(
        "what accounts share", [f"{table}: {database.count(table)}" for table in ("meta_pages", "meta_posts")],
        [f"{table}: {rows[table]}" for table in ("meta_pages", "meta_posts")])


def unlike(what: str, own: list[str], real: list[str]) -> list[str]:
    if sorted(own) == sorted(real):
        return []
    lacks, extra = sorted(set(real) - set(own)), sorted(set(own) - set(real))
    return [
        f"{what}: {len(own)} stored ({len(own) - len(set(own))} of them twice), {len(real)} real; lacks {len(lacks)} "
        f"{lacks[:3]}, has too much {len(extra)} {extra[:3]}"]


def jobs(database: Database) -> list[str]:
    """Nothing is under way, and each job's numbers are those of its chunks."""
    found = []
    for state in database.rows("SELECT status, count(*) FROM sync_chunks WHERE status <> 'completed' GROUP BY 1"):
        found.append(f"chunks that are not completed: {state}")
    if left := database.rows(f"SELECT id, status FROM sync_jobs WHERE status IN {OPEN_STATES}"):
        found.append(f"jobs that did not end: {left}")
    own = database.rows(
        "SELECT id, total_chunks, completed_chunks, failed_chunks, cancelled_chunks, open_chunks, requests "
        "FROM sync_jobs WHERE is_pruned = 0 ORDER BY id")
    real = database.rows(
        """
        SELECT j.id, count(c.id), sum(CASE WHEN c.status = 'completed' THEN 1 ELSE 0 END),
            sum(CASE WHEN c.status = 'failed' THEN 1 ELSE 0 END),
            sum(CASE WHEN c.status = 'cancelled' THEN 1 ELSE 0 END),
            sum(CASE WHEN c.status IN ('pending', 'in_progress', 'waiting') THEN 1 ELSE 0 END), sum(c.requests)
        FROM sync_jobs j JOIN sync_chunks c ON c.job_id = j.id WHERE j.is_pruned = 0 GROUP BY j.id ORDER BY j.id
        """)
    found += unlike("numbers of jobs (id, total, completed, failed, cancelled, open, requests)", own, real)
    for stream in ("campaign", "ad_set", "ad"):
        cells = database.number(f"SELECT sum(rows) FROM coverage WHERE stream = '{stream}_insights'")
        rows = database.count(f"meta_{stream}_insights")
        if cells != rows:
            found.append(f"coverage says {cells} rows of {stream}_insights, the table has {rows}")
    return found


def watched(database: Database) -> list[str]:
    """Completed stays completed, and once."""
    try:
        left = database.rows("SELECT chunk, became FROM fault_log WHERE was = 'completed'")
    except AssertionError:
        return []
    twice = database.rows("SELECT chunk FROM fault_log WHERE became = 'completed' GROUP BY chunk HAVING count(*) > 1")
    found = [f"chunks that were completed and did not stay so: {left}"] if left else []
    return found + ([f"chunks that were completed twice: {twice}"] if twice else [])


def unlike_cells(database: Database, other: Database) -> list[str]:
    """Every cell of every data table but the moments of writing."""
    found = unlike("data tables", database.data_tables(), other.data_tables())
    for table in database.data_tables():
        found += unlike(f"digests of {table}", database.digests(table), other.digests(table))
    return found
