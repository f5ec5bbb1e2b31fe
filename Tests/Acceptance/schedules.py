"""When schedules are due, compared with croniter and zoneinfo over ten years, moment by moment.

    schedules.py BINARY [--seed N] [--seconds N]

Each case is a recurrence drawn from a seed, a zone, and a begin; `sluice schedules preview` says when it is due. What
it should say comes from `croniter`, which knows the calendar but is asked without a zone, and from `zoneinfo`, which
turns the time of the clocks into a moment. Where clocks are changed there is no common practice, so these rules are
ours, in `moment` and `twice` below: a time that the clocks leave out is due at the first moment behind the gap, one
that they show twice is due the first time only, unless the hour of the expression begins with `*`. (croniter with a
zone of its own lets everything be due twice, and each cron has rules of its own.)

Left out, because we read it otherwise on purpose: a range from a value to itself (`5-5`), which croniter takes for the
whole field; and days that are all of them without being `*` (`0-6`, `1-31`), which croniter takes for a `*` when the
other field of days has a star in it (`*/10`), and for days that were given when it has none. Here days are given when
they are not `*`.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = [
    "Asia/Ho_Chi_Minh", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Africa/Cairo", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Africa/Casablanca", "Europe/London",
    "America/Havana", "Asia/Beirut", "Etc/UTC",
]
YEARS = 10
# A case is cut there: ten years of every minute prove no more.
MOST = 6000
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()
INTERVALS = {"10m": 10, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "12h": 720, "24h": 1440}


# MARK: The truth

def utc(text: datetime) -> str:
    return text.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show `local`, by our rules."""
    aware = local.replace(tzinfo=zone)
    back = aware.astimezone(timezone.utc).astimezone(zone)
    if back.replace(tzinfo=None) == local:
        return aware.astimezone(timezone.utc)
    # Left out: the gap ends where the offset changes. Before it the old one holds, `fold=0`.
    early = local - timedelta(hours=26)
    late = local + timedelta(hours=26)
    low = int(early.replace(tzinfo=timezone.utc).timestamp())
    high = int(late.replace(tzinfo=timezone.utc).timestamp())
    before = aware.utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = datetime.fromtimestamp(middle, zone).utcoffset() == before
        low, high = (middle, high) if same else (low, middle)
    return datetime.fromtimestamp(high, timezone.utc)


def twice(locals_, zone: ZoneInfo, after: datetime, through: datetime):
    """The moments of times of the clock, in order, those too that are shown again."""
    due: list[datetime] = []
    day = None
    for local in locals_:
        if local.date() != day:
            # All moments of a day come before those of the next.
            yield from (moment for moment in sorted(set(due)) if after < moment <= through)
            day, due = local.date(), []
        due.append(moment(local, zone))
        if due[-1] > through:
            break
        again = local.replace(tzinfo=zone, fold=1).astimezone(timezone.utc)
        if again > due[-1] and again.astimezone(zone).replace(tzinfo=None) == local:
            due.append(again)
    yield from (moment for moment in sorted(set(due)) if after < moment <= through)


def by_clock(locals_, zone: ZoneInfo, after: datetime, through: datetime):
    """The moments of times of the clock, in order, none twice."""
    last = after
    for local in locals_:
        due = moment(local, zone)
        if due > through:
            return
        if due > last:
            yield due
            last = due


def cron(expression: str, zone: ZoneInfo, after: datetime, through: datetime):
    begin = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=2)
    times = croniter(expression, begin, ret_type=datetime, max_years_between_matches=30)
    isOfEveryHour = expression == "@hourly" or expression.split()[1:2] and expression.split()[1].startswith("*")
    yield from (twice if isOfEveryHour else by_clock)(iter(times.get_next, None), zone, after, through)


def daily(times: list[str], days: list[str], zone: ZoneInfo, after: datetime, through: datetime):
    def locals_():
        day = after.astimezone(zone).date() - timedelta(days=2)
        while True:
            if not days or day.strftime("%a").lower() in days:
                for text in sorted(times):
                    hour, minute = map(int, text.split(":"))
                    yield datetime(day.year, day.month, day.day, hour, minute)
            day += timedelta(days=1)

    yield from by_clock(locals_(), zone, after, through)


def every(minutes: int, zone: ZoneInfo, after: datetime, through: datetime):
    day = after.astimezone(zone).date() - timedelta(days=2)
    length = timedelta(minutes=minutes)
    while True:
        begin = moment(datetime(day.year, day.month, day.day), zone)
        day += timedelta(days=1)
        end = moment(datetime(day.year, day.month, day.day), zone)
        due = begin
        while due < end:
            if due > through:
                return
            # None is nearer than half its length to the next midnight, which is one itself.
            if due > after and (due == begin or due + length / 2 < end):
                yield due
            due += length


# MARK: Cases

def field(dice: random.Random, low: int, high: int, names: list[str] | None = None, dense: float = 0.3) -> str:
    def value(number: int) -> str:
        return dice.choice([names[number - low], names[number - low].upper()]) if names and dice.random() < 0.4 \
            else str(number)

    def part() -> str:
        kind = dice.random()
        if kind < dense:
            return f"*/{dice.randint(2, max(2, (high - low) // 2))}"
        first, second = dice.sample(range(low, high + 1), 2)
        if kind < dense + 0.25:
            first, second = min(first, second), max(first, second)
            return f"{value(first)}-{value(second)}" + (f"/{dice.randint(2, 7)}" if dice.random() < 0.4 else "")
        if kind < dense + 0.3:
            # Past the end and on at the begin.
            return f"{value(max(first, second))}-{value(min(first, second))}"
        if kind < dense + 0.35:
            return f"{first}/{dice.randint(2, 9)}"
        return value(first)

    return ",".join(part() for _ in range(dice.choice([1, 1, 1, 2, 3])))


def expression(dice: random.Random) -> str:
    if dice.random() < 0.05:
        return dice.choice(["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"])
    star = dice.random
    minute = field(dice, 0, 59, dense=0.15)
    hour = "*" if star() < 0.15 else field(dice, 0, 23, dense=0.15)
    day = "*" if star() < 0.5 else "L" if star() < 0.25 else field(dice, 1, 31)
    month = "*" if star() < 0.6 else field(dice, 1, 12, MONTHS)
    week = "*" if star() < 0.5 else field(dice, 0, 6, WEEKDAYS) if star() < 0.9 else "7"
    if day != "*" and week != "*" and (is_whole(day, 31, 2) or is_whole(week, 7, 4)):
        return expression(dice)
    return f"{minute} {hour} {day} {month} {week}"


def is_whole(text: str, count: int, index: int) -> bool:
    fields = ["0", "0", "*", "*", "*"]
    fields[index] = text
    values = croniter.expand(" ".join(fields))[0][index]
    return values == ["*"] or len(values) == count


class Case:
    def __init__(self, seed: int):
        dice = random.Random(seed)
        self.seed = seed
        self.zone = dice.choice(ZONES)
        # The ten years lie where the rules of all zones are known.
        begin = date(2015, 1, 1) + timedelta(days=dice.randint(0, 364))
        self.after = datetime(begin.year, begin.month, begin.day, dice.randint(0, 23), dice.randint(0, 59),
                              tzinfo=timezone.utc)
        self.through = self.after + timedelta(days=YEARS * 3653 // 10)
        zone = ZoneInfo(self.zone)
        kind = dice.random()
        if kind < 0.7:
            text = expression(dice)
            self.options = ["--cron", text]
            self.truth = lambda: cron(text, zone, self.after, self.through)
        elif kind < 0.88:
            times = [f"{dice.choice([0, 1, 2, 3, dice.randint(0, 23)]):02}:{dice.choice([0, 15, 30, 59]):02}"
                     for _ in range(dice.randint(1, 3))]
            days = dice.sample(WEEKDAYS, dice.choice([0, 1, 2, 5]))
            self.options = ["--at", ",".join(times)] + (["--on", ",".join(days)] if days else [])
            self.truth = lambda: daily(sorted(set(times)), days, zone, self.after, self.through)
        else:
            text = dice.choice(list(INTERVALS))
            self.options = ["--every", text]
            self.truth = lambda: every(INTERVALS[text], zone, self.after, self.through)

    def __str__(self) -> str:
        return f"seed {self.seed}: {' '.join(map(repr, self.options))} in {self.zone} after {utc(self.after)}"

    def asked(self, binary: str) -> list[str] | str:
        """What the program says; its complaint when it refuses."""
        command = [
            binary, "schedules", "preview", *self.options, "--zone", self.zone, "--after", utc(self.after),
            "--through", utc(self.through), "--count", str(MOST), "--json",
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            return done.stderr.strip()
        return [json.loads(line)["at"].replace(".000Z", "Z") for line in done.stdout.splitlines()]

    def wanted(self) -> list[str] | str:
        found: list[str] = []
        try:
            for due in self.truth():
                found.append(utc(due))
                if len(found) == MOST:
                    break
        except ValueError as error:  # croniter found none, or finds the expression wrong.
            return str(error) if not found else found
        return found


# MARK: Comparing

def difference(case: Case, binary: str) -> tuple[int, str | None]:
    """How many moments agree, and what does not."""
    asked, wanted = case.asked(binary), case.wanted()
    if isinstance(asked, str) or isinstance(wanted, str):
        # An expression that is never due is refused here and finds nothing there.
        isNever = isinstance(asked, str) and "is never due" in asked and (isinstance(wanted, str) or wanted == [])
        return 0, None if isNever else f"{case}\n  sluice: {str(asked)[:300]}\n  truth: {str(wanted)[:300]}"
    if asked == wanted:
        return len(asked), None
    for index, (one, other) in enumerate(zip(asked + ["nothing"], wanted + ["nothing"])):
        if one != other:
            return index, f"{case}\n  moment {index + 1}: sluice says {one}, the truth is {other}"
    return 0, f"{case}\n  {len(asked)} moments instead of {len(wanted)}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, help="the first one; of the day unless given")
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--only", action="store_true", help="that seed alone")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else date.today().toordinal() * 1000
    end = time.monotonic() + options.seconds
    seeds = iter([first]) if options.only else iter(range(first, first + 1_000_000))
    good, bad, moments = 0, 0, 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        while time.monotonic() < end:
            cases = [Case(seed) for _, seed in zip(range(8), seeds)]
            if not cases:
                break
            for agreed, wrong in pool.map(lambda case: difference(case, options.binary), cases):
                moments += agreed
                good, bad = (good + 1, bad) if wrong is None else (good, bad + 1)
                if wrong:
                    print(wrong, flush=True)
    print(f"Seeds from {first} on: {moments} moments of {YEARS} years agree with croniter and zoneinfo.")
    if bad:
        print(f"One again: {sys.argv[0]} BINARY --only --seed N")
    print(f"{good} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
