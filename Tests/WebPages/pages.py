"""The pages of Sluice from their templates and samples, as the server renders them.

A sample is `samples/PAGE.STORY.json`; its `shell` is laid over `samples/shell.LANG.json`; `"frame": "plain"` chooses
the frame without rail. Shapes that the server computes are written as `{"$cells": ...}` (shapes.py).
"""

import json
import re
from pathlib import Path

import chevron
import shapes

HERE = Path(__file__).resolve().parent
WEB_ASSETS = HERE.parents[1] / "Sources" / "WebAssets"
TEMPLATES = WEB_ASSETS / "Templates"
ASSETS = WEB_ASSETS / "Assets"
SAMPLES = HERE / "samples"

# The dashboard loads the first style and script only; its second style comes after the first paint.
STYLES = ["base.css"]
MORE_STYLES = ["pages.css", "forms.css"]
SCRIPTS = ["sluice.js"]
MORE_SCRIPTS = ["sluice-days.js", "sluice-forms.js"]

ADDRESSES = {
    "css": "/app.css",
    "js": "/app.js",
    "moreCss": "/more.css",
    "moreJs": "/more.js",
    "icon": "/favicon.svg",
}
# Keys of a sample whose values nobody reads: they do not grow in a page with longer texts.
NOT_READ = set(
    "href icon tone state d now class clip kind calm grid states stream notes first section code isCurrent name value "
    "id language theme live path type method action".split()
)


def joined(names: list[str]) -> str:
    """The text of assets, those that there are."""
    return "\n".join((ASSETS / name).read_text() for name in names if (ASSETS / name).exists())


def translations(language: str) -> dict[str, str]:
    """Vietnamese by English; English needs no table."""
    table: dict[str, str] = {}
    if language != "vi":
        return table
    for path in sorted(TEMPLATES.glob("vi*.txt")):
        for line in path.read_text().splitlines():
            if " = " in line and not line.startswith("#"):
                english, vietnamese = line.split(" = ", 1)
                table[english.strip()] = vietnamese.strip()
    return table


def lengthened(text: str) -> str:
    """The text with words that make it 30 % longer."""
    more = max(2, round(len(text) * 0.3))
    return text + (" mmmmm" * 99)[:more]


def with_longer_texts(value, key: str = ""):
    """A sample in which every text that people read is 30 % longer."""
    if isinstance(value, dict):
        return {name: with_longer_texts(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_longer_texts(inner, key) for inner in value]
    is_words = isinstance(value, str) and re.search("[a-zA-Z]{3}", value)
    if is_words and key not in NOT_READ and value[0] not in "/?#":
        return lengthened(value)
    return value


class Site:
    """All templates in one language. `missing` collects the texts that have no translation."""

    def __init__(self, language: str, long: bool = False):
        self.language = language
        self.long = long
        self.missing: set[str] = set()
        self.table = translations(language)
        files = [*TEMPLATES.glob("*.mustache"), *HERE.glob("*.mustache")]
        self.templates = {file.stem: self.translated(file.read_text()) for file in files}

    def translated(self, template: str) -> str:
        """The same with each `[[text]]` said."""
        return re.sub(r"\[\[(.+?)\]\]", lambda mark: self.said(mark.group(1)), template)

    def said(self, english: str) -> str:
        text = self.table.get(english, english)
        if self.language == "vi" and english not in self.table:
            self.missing.add(english)
        if self.long:
            text = lengthened(text)
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    def model(self, page: str, story: str) -> dict:
        """The sample in its shell, with the shapes drawn."""
        sample = json.loads((SAMPLES / f"{page}.{story}.json").read_text())
        shell = json.loads((SAMPLES / f"shell.{self.language}.json").read_text())
        shell.update(sample.get("shell", {}))
        shell.setdefault("assets", {**ADDRESSES, "hasMore": page != "dashboard"})
        for item in shell["nav"]:
            item["isCurrent"] = item["id"] == shell.get("section")
        sample["shell"] = shell
        if self.long:
            sample = with_longer_texts(sample)
        return shapes.expand_all(sample)

    def render(self, page: str, story: str, theme: str = "") -> str:
        model = self.model(page, story)
        model["shell"]["theme"] = theme
        content = chevron.render(self.templates[page], model, partials_dict=self.templates)
        frame = "frame-plain" if model.get("frame") == "plain" else "layout"
        shell = dict(model["shell"], content=content, icons=(ASSETS / "icons.svg").read_text())
        return chevron.render(self.templates[frame], shell, partials_dict=self.templates)


def page_names() -> list[str]:
    """Every page that has a sample."""
    return sorted({file.name.split(".")[0] for file in SAMPLES.glob("*.*.json")} - {"shell"})


def stories(page: str) -> list[str]:
    """The samples of a page."""
    return sorted(file.name.split(".")[1] for file in SAMPLES.glob(f"{page}.*.json"))


def language_of(story: str) -> str:
    return "vi" if story.startswith("vi") else "en"
