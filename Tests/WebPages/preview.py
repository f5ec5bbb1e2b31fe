#!/usr/bin/env python3
"""Renders the pages of Sluice from their templates and samples, as the server does, and takes pictures of them.

    preview.py PAGE [--lang vi] [--dark] [--width 1440] [--height 900] [--scale 1] [--out DIR] [--long] [--story NAME]
    preview.py --all       every page with every sample, light and dark, into --out
    preview.py --check     every page: markup, texts without a translation, inline styles and scripts, weight
    preview.py --serve     the pages on http://127.0.0.1:8099/PAGE?lang=en

Needs the packages of requirements.txt and, for pictures, a Chromium at /usr/bin/chromium.
"""

import argparse
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from page_checks import check
from page_server import serve
from pages import language_of, page_names, stories


@dataclass(frozen=True)
class Picture:
    """One page to take a picture of; `long` has longer texts."""

    page: str
    story: str
    dark: bool = False
    long: bool = False

    @property
    def address(self) -> str:
        theme = "dark" if self.dark else "light"
        long = "&long=1" if self.long else ""
        return f"/{self.page}?lang={language_of(self.story)}&story={self.story}&theme={theme}{long}"

    def file_name(self, width: int) -> str:
        dark = ".dark" if self.dark else ""
        long = ".long" if self.long else ""
        return f"{self.page}.{self.story}{dark}.{width}{long}.png"


def take(tab, picture: Picture, site: str, out: Path, width: int):
    """Takes the picture; prints its name, and what the page complains about or is too wide for."""

    def on_message(message):
        if message.type in ("error", "warning"):
            print(picture.page, "console:", message.text)

    tab.on("console", on_message)
    tab.on("pageerror", lambda error: print(picture.page, "error:", error))
    tab.goto(site + picture.address)
    page_width = tab.evaluate("document.documentElement.scrollWidth")
    if page_width > width:
        print(picture.page, picture.story, f"is {page_width} wide in {width}")
    file = out / picture.file_name(width)
    tab.screenshot(path=str(file), full_page=True)
    print(file)


def take_all(pictures: list[Picture], out: Path, width: int, height: int, scale: float):
    from playwright.sync_api import sync_playwright  # the other uses of this script do without

    site = f"http://127.0.0.1:{serve(0)}"
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        for picture in pictures:
            context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
            take(context.new_page(), picture, site, out, width)
            context.close()
        browser.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("page", nargs="?")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--story")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "sluice-pages")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    if options.check:
        sys.exit(1 if check() else 0)
    if options.serve:
        print(serve(8099))
        threading.Event().wait()
    if options.all:
        pictures = [
            Picture(page, story, dark) for page in page_names() for story in stories(page) for dark in (False, True)
        ]
    else:
        pictures = [Picture(options.page, options.story or options.lang, options.dark, options.long)]
    take_all(pictures, options.out, options.width, options.height, options.scale)


if __name__ == "__main__":
    main()
