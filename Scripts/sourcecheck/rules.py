"""The rules, each a function from a file to findings."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import scan, tables

CODE = {".swift", ".h", ".cpp", ".py", ".sh"}
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\(\w+\))?[ \t]+)*(?:(?:package|public|internal|private|fileprivate)[ \t]+)?"
    r"import[ \t]+(?:(?:struct|class|enum|func|protocol|typealias|var)[ \t]+)?(\w+)",
    re.MULTILINE,
)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str
    is_note: bool = False

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'note' if self.is_note else 'error'}: [{self.rule}] {self.text}"


@dataclass(frozen=True)
class Source:
    """One file of the tree; `path` is relative to the root."""

    root: Path
    path: str
    text: str

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.path)[1]

    @property
    def target(self) -> str | None:
        parts = self.path.split("/")
        return parts[1] if parts[0] in {"Sources", "Tests"} and len(parts) > 2 else None

    def line_of(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


def check(source: Source) -> Iterator[Finding]:
    if source.suffix in CODE:
        yield from sizes(source)
    if source.suffix == ".swift":
        code = scan.blanked(source.text)
        yield from functions(source, scan.swift_bodies(code))
        yield from forbidden(source, code)
        yield from layers(source, code)
    elif source.suffix in {".h", ".cpp"}:
        yield from functions(source, scan.cxx_bodies(scan.blanked(source.text)))
    elif source.suffix == ".py":
        yield from functions(source, python_bodies(source.text))
    elif source.suffix == ".md":
        yield from links(source)
    yield from left_over(source)
    yield from places(source)


def sizes(source: Source) -> Iterator[Finding]:
    lines = source.text.splitlines()
    if len(lines) > tables.HARD_FILE and not tables.SIZE_MARKER.search(source.text):
        yield Finding(source.path, 1, "size", f"{len(lines)} lines, at most {tables.HARD_FILE}")
    elif len(lines) > tables.SOFT_FILE:
        yield Finding(source.path, 1, "size", f"{len(lines)} lines, better {tables.SOFT_FILE}", is_note=True)
    for number, line in enumerate(lines, 1):
        if len(line) > tables.LINE:
            yield Finding(source.path, number, "line", f"{len(line)} columns, at most {tables.LINE}")


def functions(source: Source, bodies: list[scan.Body]) -> Iterator[Finding]:
    for body in bodies:
        if body.kind in scan.TYPES or body.lines <= tables.SOFT_FUNCTION:
            continue
        hard = body.lines > tables.HARD_FUNCTION
        limit = f"at most {tables.HARD_FUNCTION}" if hard else f"better {tables.SOFT_FUNCTION}"
        yield Finding(source.path, body.line, "function", f"{body.name}: {body.lines} lines, {limit}", not hard)
    is_suite = source.path.startswith("Tests/")
    for body, count in scan.functions_by_type(bodies).items():
        if count > tables.SOFT_TYPE and not is_suite:
            text = f"{body.name}: {count} functions, better {tables.SOFT_TYPE}"
            yield Finding(source.path, body.line, "type", text, is_note=True)


def python_bodies(text: str) -> list[scan.Body]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return [scan.Body("func", n.name, n.lineno, (n.end_lineno or n.lineno) - n.lineno + 1, 0, 0) for n in nodes]


def forbidden(source: Source, code: str) -> Iterator[Finding]:
    for name, (pattern, why, allowed) in tables.FORBIDDEN.items():
        if any(source.path == place or source.path.startswith(place.rstrip("/") + "/") for place in allowed):
            continue
        for match in re.finditer(pattern, code):
            yield Finding(source.path, source.line_of(match.start()), "forbidden", f"{name} ({why})")


def layers(source: Source, code: str) -> Iterator[Finding]:
    if source.target is None:
        return
    is_test = source.path.startswith("Tests/")
    may = tables.LAYERS.get(source.target)
    for match in IMPORT.finditer(code):
        module = match[1]
        line = source.line_of(match.start(1))
        if module in tables.NOBODY_IMPORTS and source.target != tables.NOBODY_IMPORTS[module]:
            yield Finding(source.path, line, "layer", f"nobody imports {module}")
        elif module in tables.ONLY_TESTS_IMPORT and not is_test:
            yield Finding(source.path, line, "layer", f"only tests import {module}")
        elif may is not None and not is_test and module not in may | tables.EVERYWHERE:
            yield Finding(source.path, line, "layer", f"{source.target} may not import {module}")


def links(source: Source) -> Iterator[Finding]:
    folder = (source.root / source.path).parent
    for match in LINK.finditer(source.text):
        target = match[1].split("#")[0]
        if target and "://" not in target and not (folder / target).exists():
            yield Finding(source.path, source.line_of(match.start()), "link", f"{target} does not exist")


# Spelled in two halves, so that this file is no finding.
LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")


def left_over(source: Source) -> Iterator[Finding]:
    for match in LEFT_OVER.finditer(source.text):
        yield Finding(source.path, source.line_of(match.start()), "left over", "finish it or open an issue")


def places(source: Source) -> Iterator[Finding]:
    """Paths that mean something on one machine only, and paths that lead out of the repository."""
    for place in {str(source.root), str(Path.home())} - {"/"}:
        for match in re.finditer(rf"(?<![\w.]){re.escape(place)}(?!\w)", source.text):
            yield Finding(source.path, source.line_of(match.start()), "place", "a path of this machine")
    folder = (source.root / source.path).parent
    for match in re.finditer(r"(?<![\w./])(?:\.\./)+[\w./-]+", source.text):
        target = Path(os.path.normpath(folder / match[0].rstrip(".")))
        if source.root not in target.parents:
            yield Finding(source.path, source.line_of(match.start()), "place", f"{match[0]} leaves the repository")
