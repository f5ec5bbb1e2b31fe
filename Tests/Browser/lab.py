"""A real server, real sandboxes and a real browser: what the journeys of this folder stand on."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

from playwright.sync_api import sync_playwright

BINARY = pathlib.Path(os.environ.get("SLUICE_BINARY", ".build/debug/sluice")).resolve()
CHROMIUM = os.environ.get("SLUICE_CHROMIUM", "/usr/bin/chromium")
SHOTS = pathlib.Path(os.environ.get("SLUICE_SHOTS", ".build/test-logs/browser"))
PASSWORD = "cà phê sữa đá ngon"


class Running:
    """A program that runs until it is ended; what it prints is kept."""

    def __init__(self, *words, **environment):
        self.lines = []
        self.process = subprocess.Popen(
            [str(BINARY), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "SLUICE_LANG": "en", **environment})
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self):
        return "\n".join(self.lines)

    def wait_for(self, pattern, seconds=30):
        """The first match in what it has printed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.text)
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{self.process.args[1]} did not print {pattern}:\n{self.text}")

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(40)


class Sandbox(dict):
    """What a simulated platform has printed: `url`, `account` and the fields of its credential."""

    def strike(self, *rules):
        """From now on it fails by these rules; without any it behaves."""
        body = json.dumps({"rules": rules}).encode()
        with urllib.request.urlopen(self["url"] + "/sandbox/faults", data=body, timeout=20) as answer:
            assert answer.status == 200


class Lab:
    """One folder, one database, one server, one browser."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-browser-"))
        self.database = str(self.folder / "lab.sqlite")
        self.running = []
        self.server = None
        self.address = self.link = None
        # What browsers find wrong with the pages.
        self.complaints = []
        self.driver = sync_playwright().start()
        self.browser = self.driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        SHOTS.mkdir(parents=True, exist_ok=True)

    # MARK: Programs

    def start(self, *words, **environment):
        started = Running(*words, **environment)
        self.running.append(started)
        return started

    def serve(self, port=0, **environment):
        """Starts the server; its address, without a slash at the end."""
        self.server = self.start("serve", "--listen", f"127.0.0.1:{port}", "--database", self.database, **environment)
        said = self.server.wait_for(r"(?m)(http://127\.0\.0\.1:\d+)(/setup\?code=\S+|/)$")
        self.address, self.link = said.group(1), said.group(1) + said.group(2)
        return self.address

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def sandbox(self, platform="meta", *words):
        """A platform: its address, what it wants as credential, its account."""
        process = self.start("sandbox", platform, "--port", "0", *words)
        process.wait_for(r"(?m)^account \S+")
        return Sandbox(line.split(" ", 1) for line in process.lines if " " in line)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def sync(self, sandbox, *words):
        """Hands a sync of the sandbox's Meta account over to the server."""
        done = subprocess.run(
            [str(BINARY), "sync", "meta", "--account", sandbox["account"], "--base-url", sandbox["url"],
             "--database", self.database, "--detach", *words],
            env={**os.environ, "SLUICE_META_TOKEN": sandbox["token"], "SLUICE_LANG": "en"},
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]

    # MARK: The browser

    def context(self, **options):
        """A browser of its own, as of another person."""
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = self.browser.new_context(**settings)
        context.set_default_timeout(20_000)
        return context

    def page(self, context, others=()):
        """A page that fails the journey when its script fails, the policy is broken, a file is missing, or anybody but
        the server (and `others`) is asked for something."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self.hear(page, line))
        page.on("request", lambda request: self.look(request, others))
        page.on("response", lambda answer: self.check(answer))
        return page

    def hear(self, page, line):
        # What could not be loaded is judged by its answer.
        if line.type in ("error", "warning") and "Failed to load resource: the server responded" not in line.text:
            self.complaints.append(f"{page.url}: {line.text}")

    def look(self, request, others):
        homes = [self.address or "data:", "data:", "about:", "blob:", *others]
        if not any(request.url.startswith(home) for home in homes):
            self.complaints.append(f"{request.url} was asked for")

    def check(self, answer):
        if answer.status >= 400 and answer.request.resource_type != "document":
            self.complaints.append(f"{answer.url} answered {answer.status}")

    def forgive(self, *signs):
        """What a journey brings about itself."""
        self.complaints = [each for each in self.complaints if not any(sign in each for sign in signs)]

    def set_up(self, page):
        """The first user, by the link that was printed."""
        page.goto(self.link)
        page.get_by_label("Workspace").fill("An Nhiên Media")
        page.get_by_label("Your name").fill("Linh Trần")
        page.get_by_label("E-mail").fill("linh@annhien.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create the owner").click()
        page.wait_for_url(self.address + "/")

    def shot(self, page, name):
        page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)

    def close(self):
        self.browser.close()
        self.driver.stop()
        for process in reversed(self.running):
            process.end()
        shutil.rmtree(self.folder, ignore_errors=True)
