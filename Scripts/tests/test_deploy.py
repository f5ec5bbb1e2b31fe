"""The systemd units are ones that systemd understands."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

UNITS = Path(__file__).resolve().parent.parent.parent / "deploy"


class Deploy(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
    def test_the_units_are_understood(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS.iterdir():
                # The program is not installed here; all else is taken as it is.
                text = unit.read_text(encoding="utf-8").replace("/usr/local/bin/sluice", shutil.which("true") or "")
                (Path(folder) / unit.name.replace("@", "@act_1")).write_text(text, encoding="utf-8")
            done = subprocess.run(
                ["systemd-analyze", "verify", *map(str, Path(folder).iterdir())],
                capture_output=True, text=True, check=False)

        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
