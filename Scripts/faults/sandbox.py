"""The simulated platform as a process: its switches, and what is true in it."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

from .processes import BINARY, ENVIRONMENT, Process, eventually, get

LEVELS = {
    "meta_campaign_insights": ("campaign", "campaign_id"), "meta_ad_set_insights": ("adset", "adset_id"),
    "meta_ad_insights": ("ad", "ad_id")}
# Nothing fails, limits or hides: for reading the truth.
OPEN = {
    "faults": {"rules": []}, "limits": {"isOn": False}, "latency": {"base": 0, "jitter": 0, "row": 0},
    "insights": {"mostLimit": 1_000_000, "hidesUnlisted": False, "shortPages": 0, "emptyPages": 0},
    "size": {"syncRows": 100_000_000, "pageRows": 100_000_000, "rowMicroseconds": 0}}


def world(page: int = 20, latency: float = 0, **more: dict) -> dict:
    """Pages of so many rows, answers after so many milliseconds."""
    made: dict = {
        "insights": {"mostLimit": page}, "reading": {"mostLimit": max(page, 5)},
        "latency": {"base": int(latency * 1000), "jitter": int(latency * 300)}}
    for name, part in more.items():
        made[name] = made.get(name, {}) | part
    return made


class Sandbox:
    def __init__(
        self, folder: Path, config: dict | None = None, *, ads: int = 12, days: int = 40, accounts: int = 1,
        environment: dict[str, str] | None = None
    ) -> None:
        command = [
            str(BINARY), "sandbox", "meta", "--world", "bench", "--size",
            f"ads={ads},days={days},accounts={accounts}"]
        file = folder / "world.json"
        file.write_text(json.dumps(config or world()))
        self.accounts = [str(1_000_001 + index) for index in range(accounts)]
        self.process = Process(
            [*command, "--config", str(file)], folder, ENVIRONMENT | (environment or {}))
        eventually(
            f"the sandbox starts: {self.process.err}",
            lambda: "account " in self.process.out or not self.process.is_running)
        facts = dict(re.findall(r"^(\w+) (\S+)$", self.process.out, re.MULTILINE))
        self.url, self.token = facts["url"], facts["token"]

    def ask(self, path: str, **query: object) -> dict:
        code, text = get(f"{self.url}/sandbox/{path}?{urlencode(query)}", 120)
        assert code == 200, text
        return json.loads(text)

    def change(self, path: str, value: dict) -> None:
        code, text = get(f"{self.url}/sandbox/{path}", 60, json.dumps(value).encode())
        assert code == 200, text

    def fail(self, *rules: dict) -> None:
        """From now on by these rules; by none without."""
        self.change("faults", {"rules": list(rules)})

    def open(self) -> None:
        """Starts it anew: counters too."""
        self.change("world", OPEN)

    @property
    def counters(self) -> dict:
        return self.ask("counters")

    @property
    def calls(self) -> int:
        return self.counters["calls"]

    def insights(self, account: str, table: str, first: str, last: str) -> list[str]:
        """`day|entity|spend in millionths|impressions|clicks` of each row; the sandbox must be open."""
        level, column = LEVELS[table]
        query = {
            "level": level, "fields": f"{column},spend,impressions,clicks", "time_increment": 1, "limit": 1_000_000,
            "time_range": json.dumps({"since": first, "until": last}), "access_token": self.token}
        code, text = get(f"{self.url}/v26.0/act_{account}/insights?{urlencode(query)}", 120)
        answer = json.loads(text)
        assert code == 200 and "next" not in answer.get("paging", {}), text[:300]
        return sorted(
            f"{row['date_start']}|{row[column]}|{micros(row['spend'])}|{row['impressions']}|{row['clicks']}"
            for row in answer["data"])


def micros(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 1_000_000 + int((part + "000000")[:6])
