#!/usr/bin/env python3
"""Draws docs/terminal.svg: the terminal in the middle of a real `sluice demo`, as tmux shows it.

terminal.py [--binary FILE] [--out FILE] [--language en|vi]
"""

import argparse
import re
import subprocess
import tempfile
import time
from html import escape
from pathlib import Path

COLUMNS, LINES = 92, 17
SOCKET = "sluice-picture"
# Width of a character, height of a line, margin; in pixels.
WIDTH, HEIGHT, MARGIN = 8.4, 19, 16
GROUND, INK = "#0D1113", "#E9EEF0"
COLOURS = {31: "#F3827C", 32: "#55C58C", 33: "#E6AC52", 36: "#58BAD8", 90: "#263036"}


def tmux(*arguments: str) -> str:
    return subprocess.run(
        ["tmux", "-L", SOCKET, *arguments], check=True, capture_output=True, text=True
    ).stdout


def captured(binary: Path, language: str) -> str:
    """The screen when a good part of the history is there, with its colours."""
    with tempfile.TemporaryDirectory() as folder:
        command = f"cd {folder} && SLUICE_LANG={language} {binary.resolve()} demo --once; sleep 600"
        tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES), command)
        try:
            for _ in range(3000):
                screen = tmux("capture-pane", "-p", "-e")
                if re.search(r"(History|Lịch sử): [4-7]\d %", screen):
                    return screen
                time.sleep(0.05)
        finally:
            tmux("kill-server")
    raise SystemExit("The demo did not come to its history.")


def pieces(line: str) -> list[tuple[str, str, bool]]:
    """Text, colour and weight of the parts of a line."""
    colour, bold, found = INK, False, []
    for text, codes in re.findall(r"([^\x1b]*)(?:\x1b\[([\d;]*)m|$)", line):
        if text:
            found.append((text, colour, bold))
        for code in (int(part or 0) for part in codes.split(";")):
            if code in (0, 39):
                colour = INK
            if code in (0, 22):
                bold = False
            bold = bold or code == 1
            colour = COLOURS.get(code, colour)
    return found


def drawn(line: str, row: int) -> list[str]:
    """A line as shapes; bars are rectangles, because fonts leave gaps between blocks."""
    out, column, top = [], 0, MARGIN + row * HEIGHT
    for text, colour, bold in pieces(line):
        for part in re.findall(r"[█░]+|[^█░]+", text):
            x, length = MARGIN + column * WIDTH, len(part) * WIDTH
            column += len(part)
            if part[0] in "█░":
                out.append(f'<rect x="{x:.1f}" y="{top + 4}" width="{length:.1f}" height="11" fill="{colour}"/>')
            elif part.strip():
                weight = ' font-weight="700"' if bold else ""
                out.append(
                    f'<text x="{x:.1f}" y="{top + 14}" fill="{colour}"{weight} textLength="{length:.1f}"'
                    f' xml:space="preserve">{escape(part)}</text>')
    return out


def picture(screen: str) -> str:
    lines = screen.rstrip().splitlines()
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    shapes = [shape for row, line in enumerate(lines) for shape in drawn(line, row)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" font-size="14"'
        ' font-family="ui-monospace, SFMono-Regular, Consolas, \'Noto Sans Mono\', monospace">',
        "<title>sluice demo in a terminal</title>",
        f'<rect width="100%" height="100%" rx="10" fill="{GROUND}"/>', *shapes, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws the terminal in the middle of a demo.")
    parser.add_argument("--binary", type=Path, default=Path(".build/release/sluice"))
    parser.add_argument("--out", type=Path, default=Path("docs/terminal.svg"))
    parser.add_argument("--language", choices=["en", "vi"], default="en")
    options = parser.parse_args()
    options.out.write_text(picture(captured(options.binary, options.language)), encoding="utf-8")


if __name__ == "__main__":
    main()
