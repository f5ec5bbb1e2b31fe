"""The source checks find what they are for, and nothing in comments and texts."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sourcecheck import rules, scan  # noqa: E402


def found(path: str, text: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        source = rules.Source(Path(folder), path, text)
        return [f"{one.line} {one.rule}" for one in sorted(rules.check(source)) if not one.is_note]


def notes(path: str, text: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        source = rules.Source(Path(folder), path, text)
        return [finding.text for finding in rules.check(source) if finding.is_note]


class Scanning(unittest.TestCase):
    def test_comments_and_texts_are_blank_and_lines_stay(self) -> None:
        text = 'let a = "try! \\(f("x{") + 1) {" // try!\n/* { /* { */ */ let b = """\n  {\n  """\nlet c = #"\\("#\n'

        code = scan.blanked(text)

        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertNotIn("{", code)
        self.assertNotIn("try!", code)
        self.assertIn("f(", code)
        self.assertIn("let c", code)

    def test_characters_of_cxx_are_blank_and_numbers_stay(self) -> None:
        code = scan.blanked("if (c == '{' || c == '\\'' || c == '\"') x = 1'000'000; // '")

        self.assertNotIn("{", code)
        self.assertIn("1'000'000", code)

    def test_a_body_is_as_long_as_its_braces(self) -> None:
        text = "struct A {\n    func f(\n        g: () -> Void = {}\n    ) {\n        g()\n    }\n    init() {}\n}\n"

        bodies = [(body.kind, body.name, body.lines) for body in scan.swift_bodies(scan.blanked(text))]

        self.assertEqual(bodies, [("struct", "A", 8), ("func", "f", 5), ("init", "init", 1)])

    def test_a_requirement_has_no_body(self) -> None:
        text = "protocol P {\n    func f() async throws\n        -> Bool\n    var x: Int { get }\n}\nfunc g() {}\n"

        names = [body.name for body in scan.swift_bodies(scan.blanked(text)) if body.kind == "func"]

        self.assertEqual(names, ["g"])


class Rules(unittest.TestCase):
    def test_forbidden_calls_are_found(self) -> None:
        text = (
            "Task { }\nTask(name: \"x\") { }\nTask.detached { }\n"
            "try! f()\nprint(1)\nx = Date()\nInt.random(in: 0..<2)\n"
        )

        lines = found("Sources/SyncEngine/X.swift", text)

        self.assertEqual(lines, [f"{line} forbidden" for line in (1, 2, 3, 4, 5, 6, 7)])

    def test_what_only_looks_forbidden_is_not(self) -> None:
        text = (
            "group.addTask { }\n// Task { }\nlet text = \"print(1)\"\nfunc sleep(for d: Duration)\n"
            "Int.random(in: 0..<2, using: &generator)\nlet d = Date(timeIntervalSince1970: 0)\nstruct SomeTask {}\n"
        )

        self.assertEqual(found("Sources/SyncEngine/X.swift", text), [])

    def test_an_allowed_place_may(self) -> None:
        self.assertEqual(found("Sources/SyncEngine/Shielding.swift", "Task { }\n"), [])

    def test_layers_are_kept(self) -> None:
        text = "package import SyncCore\nimport GRDB\nimport struct NIOCore.ByteBuffer\nimport Testing\nimport sluice\n"

        lines = found("Sources/SyncEngine/X.swift", text)

        self.assertEqual(lines, ["2 layer", "3 layer", "4 layer", "5 layer"])
        self.assertEqual(found("Tests/SyncEngineTests/X.swift", "import Testing\nimport GRDB\n"), [])
        self.assertEqual(found("Tests/SyncEngineTests/X.swift", "import sluice\n"), ["1 layer"])
        self.assertEqual(found("Tests/SystemTests/X.swift", "@testable import sluice\n"), [])

    def test_sizes_have_a_soft_and_a_hard_limit(self) -> None:
        body = "func f() {\n" + "    x()\n" * 69 + "}\n"

        self.assertEqual(found("Sources/SyncCore/X.swift", body), ["1 function"])
        self.assertEqual(notes("Sources/SyncCore/X.swift", "\n" * 301), ["301 lines, better 300"])
        self.assertEqual(found("Sources/SyncCore/X.swift", "\n" * 501), ["1 size"])
        self.assertEqual(found("Sources/SyncCore/X.swift", "// size: a table\n" + "\n" * 500), [])
        self.assertEqual(found("Scripts/x.sh", "x" * 121), ["1 line"])

    def test_paths_stay_in_the_repository(self) -> None:
        text = f"see {Path.home()}/x\nsee ../../elsewhere/y.md\n[gone](nowhere.md)\n"

        self.assertEqual(found("docs/x.md", text), ["1 place", "2 place", "3 link"])


if __name__ == "__main__":
    unittest.main()
