"""Checks of every page with every sample: markup, texts without a translation, inline styles and scripts, weight."""

import re
from collections.abc import Iterator

import html5lib
from pages import MORE_SCRIPTS, MORE_STYLES, SCRIPTS, STYLES, Site, joined, language_of, page_names, stories

# What the policy of the server forbids, and what a template that was not filled leaves behind.
FORBIDDEN = {
    "style attribute": r"<[^>]*\sstyle=",
    "style element": r"<style",
    "event attribute": r"<[^>]*\son[a-z]+=",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "script address": r"javascript:",
    "text mark left": r"\[\[|\]\]",
    "tag left": r"\{\{|\}\}",
}
REFERENCE = re.compile(r'(?:for|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"')
# Files that a page loads together, and how many kB they may have.
WEIGHTS = [
    (STYLES, 20),
    (SCRIPTS, 14),
    (["icons.svg"], 5),
    (MORE_STYLES, 48),
    (MORE_SCRIPTS, 16),
]


def forbidden_parts(html: str) -> Iterator[str]:
    for name, pattern in FORBIDDEN.items():
        for match in re.finditer(pattern, html):
            around = html[max(0, match.start() - 30) : match.end() + 40]
            yield f"{name} {around}"


def parse_errors(html: str) -> Iterator[str]:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    lines = html.splitlines()
    for (line, column), code, _ in parser.errors:
        around = lines[line - 1][max(0, column - 60) : column + 20]
        yield f"line {line}: {code}: {around}"


def broken_references(html: str) -> Iterator[str]:
    """Ids that are there twice, icons that are not there, labels and descriptions of nothing."""
    ids = re.findall(r'\sid="([^"]+)"', html)
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"id twice: {twice}"
    icons = set(re.findall(r'href="#(i-[^"]+)"', html))
    for icon in sorted(icons - set(ids)):
        yield f"no icon {icon}"
    for reference in sorted(set(REFERENCE.findall(html))):
        for name in reference.split():
            if name not in ids:
                yield f"points at nothing: {name}"


def check_page(page: str, story: str) -> int:
    """Prints what is wrong with a page, or its size. Returns the number of findings."""
    site = Site(language_of(story))
    try:
        html = site.render(page, story)
    except Exception as error:
        print(page, story, "does not render:", repr(error))
        return 1
    found = [f"no Vietnamese: {text}" for text in sorted(site.missing)]
    found += [*forbidden_parts(html), *parse_errors(html), *broken_references(html)]
    for finding in found:
        print(page, story, finding)
    if not found:
        print(f"ok      {page}.{story}: {len(html.encode()) / 1000:.1f} kB")
    return len(found)


def check_weights() -> int:
    findings = 0
    for names, limit in WEIGHTS:
        size = len(joined(names).encode()) / 1000
        print(" + ".join(names), f"{size:.1f} kB of {limit}")
        if size > limit:
            print("too heavy")
            findings += 1
    return findings


def check() -> int:
    """How many pages and files are not as they should be; the last line is `N passed, N failed`."""
    results = [check_page(page, story) for page in page_names() for story in stories(page)]
    results.append(check_weights())
    failed = sum(count > 0 for count in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return failed
