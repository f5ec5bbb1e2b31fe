"""The page and its API over a database like after years of use."""

import http.client
import json
import re
import selectors
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path
from statistics import median

from . import programs, years
from .measures import Bench, Line, Size
from .programs import ENVIRONMENT, Failed, Sandbox

# Of one account; 10,500 rows of insights. The copies of it make up the rest.
TEMPLATE = Size(60, 100)
# Of a sync that goes on while others ask: answers take as long as the platform's do.
BUSY = {"latency": {"base": 300_000, "jitter": 200_000}}
BUSY_SIZE = "ads=2000,days=120,accounts=3"
PAGES = [
    "/", "/?page=20", "/accounts", "/accounts/{account}", "/accounts/{account}?table=1", "/accounts/{account}/progress",
    "/accounts/{account}/data", "/accounts/{account}/data?sort=-purchases", "/accounts/{account}/runs",
    "/accounts/{account}/certificates", "/accounts/{account}/settings", "/sync/logs", "/sync/logs?status=failed",
    "/sync/logs?text=999", "/sync/logs?kind=quick", "/sync/logs/{run}", "/sync/schedules", "/sync/schedules/create",
    "/sync/quick", "/sync/settings", "/sync/settings/quotas", "/sync/settings/people", "/sync/settings/tokens",
    "/sync/settings/notifications", "/sync/settings/audit", "/sync/settings/backup", "/sync/settings/you",
    "/notices", "/find?q=999", "/connect"]
RATE, LEAST_RATE = 3300, 3000
LIVE = 500


class Server:
    """`sluice serve`, and the browser of its owner."""

    def __init__(self, binary: Path, database: Path) -> None:
        self.binary, self.database = binary, database
        self.process = subprocess.Popen(
            [str(binary), "serve", "--listen", "127.0.0.1:0", "--database", str(database)], env=ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        self.lines: list[str] = []
        code = None
        while code is None:
            line = self.process.stdout.readline()
            if not line:
                raise Failed(f"the server did not start: {' '.join(self.lines[-2:])}")
            self.lines.append(line)
            code = re.search(r"http://127\.0\.0\.1:(\d+)/setup\?code=(\S+)", line)
        self.port = int(code.group(1))
        # Nobody waits for what it says.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        form = urllib.parse.urlencode({
            "code": code.group(2), "workspace": "Bench", "name": "Bench", "email": "bench@sluice.example",
            "password": "a password for a while"})
        answer = self.ask("/setup", form)
        self.cookie = next(
            (value.split(";")[0] for name, value in answer[1] if name == "set-cookie" and "sluice=" in value), "")

    cookie = ""

    def ask(self, path: str, form: str | None = None, accept: str = "application/json") -> tuple[int, list, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Accept": accept, "Cookie": self.cookie, "Accept-Language": "en"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request("GET" if form is None else "POST", path, form, headers)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], body

    def json(self, path: str, form: str | None = None) -> dict:
        status, _, body = self.ask(path, form)
        if status >= 400:
            raise Failed(f"{path} answered {status}: {body[:200]!r}")
        return json.loads(body)

    def memory(self) -> int:
        return programs.resident_bytes(self.process.pid)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def sync(self, sandbox: Sandbox, account: str) -> int:
        """Hands a first sync over to the server; its job."""
        done = subprocess.run(
            [word for word in sandbox.sync_command(self.binary, self.database, "--detach", account=account)
             if word != "--json"], env=sandbox.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"the sync did not start: {programs.last_line(done.stderr)}")
        return int(done.stdout.split()[-1])

    def took(self, job: int, limit: float = 600) -> float:
        end = time.monotonic() + limit
        while time.monotonic() < end:
            log = self.json(f"/sync/logs/{job}")["log"]
            if log["status"] in ("completed", "failed"):
                return float(log["actual_duration_seconds"] or log["duration_seconds"])
            time.sleep(1)
        raise Failed(f"run {job} goes on and on")


def filled(bench: Bench, size: years.Years) -> Path:
    path = bench.fresh("years")
    with bench.sandbox(TEMPLATE) as sandbox:
        programs.sync(bench.binary, sandbox, path)
    begun = time.monotonic()
    bench.notes.append(f"The page's database: {years.told(years.grow(path, size), begun)}.")
    return path


def web(bench: Bench) -> list[Line]:
    size = years.Years(accounts=20, runs=10) if bench.quick else years.Years()
    path = filled(bench, size)
    with Server(bench.binary, path) as server:
        lines = pages(server, size, bench)
        with Sandbox(bench.binary, "--world", "bench", "--size", BUSY_SIZE, world=BUSY) as sandbox:
            lines += asked(server, sandbox, bench) + live(server, sandbox)
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    return lines


def pages(server: Server, size: years.Years, bench: Bench) -> list[Line]:
    """The time to the last byte, seen from outside: the first call, and the middle of five."""
    first: dict[str, float] = {}
    usual: dict[str, float] = {}
    for form in PAGES:
        path = form.format(account=size.accounts // 2, run=size.accounts * size.runs // 2)
        times = []
        for _ in range(6):
            begun = time.monotonic()
            status, _, _ = server.ask(path, accept="text/html")
            times.append((time.monotonic() - begun) * 1000)
            if status >= 400:
                raise Failed(f"{path} answered {status}")
            time.sleep(0.25)
        first[path], usual[path] = times[0], median(times[1:])
    slow = sorted(usual, key=lambda each: -usual[each])
    bench.notes.append("Pages, first and usual time in ms: " + ", ".join(
        f"`{path}` {first[path]:.0f}/{usual[path]:.0f}" for path in slow))
    worst = usual[slow[0]]
    weight = paint(server)
    return [
        Line("the slowest page over that database", "100 ms or less", f"{worst:.0f} ms ({slow[0]})", worst <= 100),
        Line("first paint of the dashboard, uncompressed, in all", "under 100 kB", f"{weight / 1000:.0f} kB",
             weight < 100_000)]


def paint(server: Server) -> int:
    """The dashboard, and what its head asks for before it is drawn."""
    _, _, page = server.ask("/", accept="text/html")
    head = page.decode().partition("</head>")[0]
    wanted = set(re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"(?![^>]*data-late)', head))
    wanted |= set(re.findall(r'<script[^>]* src="([^"]+)"', head))
    if any("//" in each for each in wanted):
        raise Failed("the dashboard asks somebody else for something")
    return len(page) + sum(len(server.ask(each)[2]) for each in wanted)


def asked(server: Server, sandbox: Sandbox, bench: Bench) -> list[Line]:
    """What polls of the progress cost, and what they cost the sync that they ask about."""
    accounts = [f"act_{1_000_001 + number}" for number in range(2)]
    # The first fills caches and learns sizes, as one in use has.
    alone = server.took(server.sync(sandbox, accounts[0]))
    job = server.sync(sandbox, accounts[1])
    clients = 32
    # hey paces each client by itself.
    command = [
        "hey", "-z", "20s", "-c", str(clients), "-q", str(RATE // clients), "-H", f"Cookie: {server.cookie}", "-H",
        "Accept: application/json", f"http://127.0.0.1:{server.port}/facebook/sync/progress"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    beside = server.took(job)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    late = re.search(r"99% in ([\d.]+) secs", said)
    codes = re.findall(r"\[(\d+)\]\s+(\d+) responses", said)
    if not rate or not late or [code for code, _ in codes] != ["200"]:
        raise Failed(f"the load did not go well: {codes} {programs.last_line(said)}")
    slower = (beside / alone - 1) * 100
    bench.notes.append(f"The sync took {alone:.1f} s alone and {beside:.1f} s beside 20 s of polls.")
    return [
        Line("`GET /facebook/sync/progress` while a sync runs", f"{LEAST_RATE:,} a second or more",
             f"{float(rate.group(1)):,.0f} of {RATE:,} that were sent", float(rate.group(1)) >= LEAST_RATE),
        Line("99 % of them within", "30 ms or less", f"{float(late.group(1)) * 1000:.1f} ms",
             float(late.group(1)) <= 0.03),
        Line("how much longer the sync takes beside them", "10 % or less", f"{slower:+.0f} %", slower <= 10)]


def live(server: Server, sandbox: Sandbox) -> list[Line]:
    """Live pages of a sync that goes on, and of the dashboard."""
    job = server.sync(sandbox, "act_1000003")
    account = server.json(f"/sync/logs/{job}")["log"]["account_id"]
    targets = [f"/live?page=/accounts/{account}/progress", "/live?page=/"]
    chooser = selectors.DefaultSelector()
    heard: dict[socket.socket, int] = {}
    for number in range(LIVE):
        line = socket.create_connection(("127.0.0.1", server.port))
        line.sendall(
            f"GET {targets[number % 2]} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {server.cookie}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode())
        line.setblocking(False)
        heard[line] = 0
        chooser.register(line, selectors.EVENT_READ)
    peak, end = 0, time.monotonic() + 20
    while time.monotonic() < end:
        for key, _ in chooser.select(0.2):
            data = key.fileobj.recv(1 << 16)
            heard[key.fileobj] += data.count(b"event: regions")
        peak = max(peak, server.memory())
    silent = sum(count == 0 for count in heard.values())
    for line in heard:
        line.close()
    if silent:
        raise Failed(f"{silent} of {LIVE} live pages heard nothing")
    return [Line(f"memory with {LIVE} live pages, a sync going on", "under 200 MB", f"{peak / 1e6:.0f} MB",
                 peak < 200e6)]
