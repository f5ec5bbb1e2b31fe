"""Reads Swift and C++ just well enough: blanks comments and texts, finds bodies and their lengths.

No grammar: braces, brackets and the words before them. That is right for code that the formatter has
laid out, and a wrong guess shows as a finding that a person looks at.
"""

import re
from dataclasses import dataclass

MODIFIER = (
    r"(?:@\w+(?:\([^)\n]*\))?|(?:package|public|private|internal|fileprivate|open)(?:\(set\))?|static|class|final|"
    r"mutating|nonmutating|override|required|convenience|consuming|borrowing|indirect|lazy|weak|"
    r"nonisolated(?:\(\w+\))?|isolated|prefix|postfix|infix)"
)
DECLARATION = re.compile(
    rf"^[ \t]*(?:{MODIFIER}[ \t]+)*"
    r"(?P<kind>func|init|deinit|subscript|var|struct|enum|actor|protocol|extension|class(?![ \t]+(?:func|var)))\b"
    r"[?!]?[ \t]*(?P<name>`[^`\n]+`|[^\s(<:{]*)",
    re.MULTILINE,
)
TYPES = {"struct", "class", "enum", "actor", "protocol", "extension"}
# A word that begins the next declaration: the one before it has no body.
NEXT_DECLARATION = re.compile(
    rf"\n[ \t]*(?:(?:{MODIFIER}[ \t]+)*(?:func|init|deinit|subscript|var|let|struct|enum|actor|protocol|extension|"
    r"typealias|associatedtype|case|import)\b|[}#@])"
)


# 'x' of C++, and not the marks inside 1'000'000. No Swift code has it.
CHARACTER = re.compile(r"(?<![0-9A-Za-z_])'(?:\\[^\n]|[^'\\\n])[^'\n]{0,8}'")


@dataclass(frozen=True)
class Body:
    kind: str
    name: str
    line: int
    lines: int
    start: int
    end: int


def blanked(text: str) -> str:
    """The text with comments and the insides of string literals replaced by spaces; lines stay where they are."""
    out = list(text)
    _blank_code(text, out, 0, closes_at=None)
    return "".join(out)


def _blank_code(text: str, out: list[str], at: int, closes_at: str | None) -> int:
    depth = 0
    while at < len(text):
        if text.startswith("//", at):
            at = _blank(text, out, at, _find(text, "\n", at))
        elif text.startswith("/*", at):
            at = _blank(text, out, at, _comment_end(text, at))
        elif text[at] == '"' or (text[at] == "#" and re.match(r'#+"', text[at : at + 8])):
            at = _blank_string(text, out, at)
        elif text[at] == "'" and (character := CHARACTER.match(text, at)):
            at = _blank(text, out, at, character.end())
        else:
            if closes_at is not None:
                depth += {"(": 1, ")": -1}.get(text[at], 0)
                if depth < 0:
                    return at
            at += 1
    return at


def _find(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found


def _comment_end(text: str, at: int) -> int:
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _blank(text: str, out: list[str], at: int, end: int) -> int:
    for index in range(at, end):
        if text[index] != "\n":
            out[index] = " "
    return end


def _blank_string(text: str, out: list[str], at: int) -> int:
    hashes = len(text[at:]) - len(text[at:].lstrip("#"))
    quote = '"""' if text.startswith('"""', at + hashes) else '"'
    close, escape = quote + "#" * hashes, "\\" + "#" * hashes
    index = at + hashes + len(quote)
    begin = index
    while index < len(text):
        if text.startswith(escape + "(", index):
            _blank(text, out, begin, index)
            index = _blank_code(text, out, index + len(escape) + 1, closes_at=")")
            begin = index
        elif text.startswith(escape, index):
            index += len(escape) + 1
        elif text.startswith(close, index):
            _blank(text, out, begin, index)
            return index + len(close)
        elif len(quote) == 1 and text[index] == "\n":
            break
        else:
            index += 1
    _blank(text, out, begin, min(index, len(text)))
    return index


def swift_bodies(code: str) -> list[Body]:
    """Every function, accessor and type of blanked Swift code, with its length in lines."""
    bodies = []
    for match in DECLARATION.finditer(code):
        kind = match["kind"]
        opening = _opening(code, match.end(), is_variable=kind == "var")
        if opening is None:
            continue
        end = _closing(code, opening)
        bodies.append(_body(code, kind, match["name"] or kind, match.start("kind"), end))
    return bodies


def cxx_bodies(code: str) -> list[Body]:
    """Functions of blanked C++ code: a brace after a parameter list that lies in no other function."""
    bodies, at = [], 0
    head = re.compile(r"(?P<name>[\w:~]+)\s*\([^;{}]*\)\s*(?:const|noexcept|override|final|\s)*\{")
    while match := head.search(code, at):
        end = _closing(code, match.end() - 1)
        bodies.append(_body(code, "func", match["name"], match.start(), end))
        at = end
    return bodies


def _body(code: str, kind: str, name: str, start: int, end: int) -> Body:
    first = code.count("\n", 0, start) + 1
    return Body(kind, name.strip("`"), first, code.count("\n", start, end) + 1, start, end)


def _opening(code: str, at: int, is_variable: bool) -> int | None:
    """The brace that opens the body of the declaration whose name ends at `at`; None when it has no body."""
    depth = 0
    while at < len(code):
        character = code[at]
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if depth == 0 and character == "{":
            return at
        if depth < 0 or (depth == 0 and (character == "}" or (is_variable and character == "="))):
            return None
        if depth == 0 and character == "\n" and NEXT_DECLARATION.match(code, at):
            return None
        at += 1
    return None


def _closing(code: str, opening: int) -> int:
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(code)


def functions_by_type(bodies: list[Body]) -> dict[Body, int]:
    """How many functions lie directly in each type."""
    counts: dict[Body, int] = {}
    types = [body for body in bodies if body.kind in TYPES]
    for body in bodies:
        if body.kind not in {"func", "init", "subscript"}:
            continue
        holders = [other for other in bodies if other.start < body.start and body.end < other.end]
        inner = max(holders, key=lambda other: other.start, default=None)
        if inner in types:
            counts[inner] = counts.get(inner, 0) + 1
    return counts
