"""A small server of the pages, with the headers of the real one and a live stream that a check can fill."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pages import ASSETS, HERE, MORE_SCRIPTS, MORE_STYLES, SAMPLES, SCRIPTS, STYLES, Site, joined, language_of

POLICY = "; ".join([
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
])
ASSET_FILES = {
    "/favicon.svg": "image/svg+xml",
    "/manifest.webmanifest": "application/manifest+json",
}


def asset(path: str) -> tuple[str, str] | None:
    """Kind and text of a style, a script or another file; None when the path is that of a page."""
    if path == "/app.css":
        return "text/css", joined(STYLES)
    if path == "/more.css":
        return "text/css", joined(MORE_STYLES) + (HERE / "components.css").read_text()
    if path == "/app.js":
        return "text/javascript", joined(SCRIPTS)
    if path == "/more.js":
        return "text/javascript", joined(MORE_SCRIPTS)
    file = ASSETS / path[1:]
    if path in ASSET_FILES and file.exists():
        return ASSET_FILES[path], file.read_text()
    return None


def rendered(path: str, query: str) -> str | None:
    """The page of an address like `/account?lang=vi&story=vi&theme=dark&long=1`; None when there is none."""
    options = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
    page = path[1:] or "dashboard"
    story = options.get("story", options.get("lang", "en"))
    if not (SAMPLES / f"{page}.{story}.json").exists():
        return None
    site = Site(options.get("lang") or language_of(story), "long" in options)
    return site.render(page, story, options.get("theme", ""))


class PageHandler(BaseHTTPRequestHandler):
    # What /live sends next, each (name, text): the check of the script puts them here.
    events: list[tuple[str, str]] = []
    # What was posted, each (path, body): the check of the script reads them here.
    posts: list[tuple[str, str]] = []

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/live":
            self.stream()
            return
        found = asset(path)
        if found:
            self.answer(200, *found)
            return
        page = rendered(path, query)
        if page is None:
            self.answer(404, "text/html; charset=utf-8", "no such page")
        else:
            self.answer(200, "text/html; charset=utf-8", page)

    def answer(self, status: int, kind: str, text: str):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        """Sends the events as they come, for a minute."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        sent = 0
        try:
            for _ in range(600):
                while sent < len(PageHandler.events):
                    name, text = PageHandler.events[sent]
                    sent += 1
                    self.wfile.write(f"id: {sent}\nevent: {name}\ndata: {text}\n\n".encode())
                self.wfile.write(b": here\n\n")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass  # the tab is closed

    def do_POST(self):
        size = int(self.headers.get("Content-Length") or 0)
        PageHandler.posts.append((self.path, self.rfile.read(size).decode()))
        self.send_response(204 if self.path == "/preferences" else 303)
        self.send_header("Location", self.headers.get("Referer", "/"))
        self.end_headers()

    def log_message(self, *_):
        pass


def serve(port: int) -> int:
    """Serves the pages in the background; 0 takes a free port. Returns the port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), PageHandler)
    server.handle_error = lambda *_: None  # a tab that was closed
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
