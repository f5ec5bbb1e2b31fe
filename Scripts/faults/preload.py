"""Small C libraries that change what a program sees of the system."""

import shutil
import subprocess
from pathlib import Path

CODE = Path(__file__).resolve().parent


def built(name: str, folder: Path) -> Path:
    """The library of `name.c`; anybody may read it there."""
    library = folder / f"{name}.so"
    if not library.exists():
        folder.chmod(0o755)
        compiler = shutil.which("clang") or shutil.which("cc") or "cc"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, CODE / f"{name}.c"], check=True)
    return library
