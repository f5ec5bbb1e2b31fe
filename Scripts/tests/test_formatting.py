"""Tests are laid out like sources; they alone may unwrap by force, where a failure is a failed test."""

import json
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Formatting(unittest.TestCase):
    def test_the_two_configurations_differ_in_one_rule(self) -> None:
        sources, tests = (json.loads((ROOT / name).read_text()) for name in (".swift-format", "Tests/.swift-format"))

        self.assertTrue(sources["rules"].pop("NeverForceUnwrap"))
        self.assertFalse(tests["rules"].pop("NeverForceUnwrap"))
        self.assertEqual(sources, tests)


if __name__ == "__main__":
    unittest.main()
