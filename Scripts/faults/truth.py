"""Compares a database with the truth of the sandbox: row by row, or by sums of each day when there are many."""

from .databases import Database
from .sandbox import LEVELS, Sandbox

# Above this many rows of a table the rows of each day are compared by number and sums.
MOST_ROWS = 60_000
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
    level, column = LEVELS[table]
    name = f"{table} of {account}"
    if truth["rows"][table] <= MOST_ROWS:
        own = database.rows(
            f"SELECT date, {column}, spend_micros, impressions, clicks FROM {table} WHERE account_id = '{account}'")
        return unlike(name, own, sandbox.insights(account, table, truth["from"], truth["to"]))
    own = database.rows(
        f"SELECT date, count(*), count(DISTINCT {column}), sum(spend_micros), sum(impressions), sum(clicks) "
        f"FROM {table} WHERE account_id = '{account}' GROUP BY date")
    sums = sandbox.ask("sums", account=account, level=level)
    real = [
        f"{day}|{sum['rows']}|{sum['rows']}|{sum['spendMicros']}|{sum['impressions']}|{sum['clicks']}"
        for day, sum in sums.items()]
    return unlike(f"{name}, sums of the days", own, real)


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
