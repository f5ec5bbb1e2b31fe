"""Scripts/terminal.py draws what a terminal shows."""

import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import terminal  # noqa: E402

SCREEN = "\x1b[1mHistory: 52 %\x1b[0m\nads  \x1b[36m██\x1b[90m░\x1b[39m <1> & 2\n"


class Terminal(unittest.TestCase):
    def test_bars_are_rectangles_in_their_colour_and_text_stays_text(self) -> None:
        root = ElementTree.fromstring(terminal.picture(SCREEN))
        space = "{http://www.w3.org/2000/svg}"
        bars = [(bar.get("fill"), bar.get("width")) for bar in root.iter(f"{space}rect")][1:]
        texts = [(text.text, text.get("font-weight")) for text in root.iter(f"{space}text")]

        self.assertEqual(bars, [("#58BAD8", "16.8"), ("#263036", "8.4")])
        self.assertEqual(texts, [("History: 52 %", "700"), ("ads  ", None), (" <1> & 2", None)])


if __name__ == "__main__":
    unittest.main()
