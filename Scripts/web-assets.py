#!/usr/bin/env python3
"""Writes Sources/WebAssets/WebAssets+Files.swift: embedded files by name, for SwiftPM knows them by symbol only.

    web-assets.py            write it
    web-assets.py --check    exit 1 when it is not what it should be
"""
import pathlib
import re
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent / "Sources" / "WebAssets"
TARGET = HOME / "WebAssets+Files.swift"


def table(folder: str) -> str:
    rows = []
    for path in sorted((HOME / folder).iterdir()):
        symbol = re.sub(r"[^A-Za-z0-9]", "_", path.name)
        row = f'        "{path.name}": PackageResources.{symbol},'
        rows.append(row if len(row) <= 120 else row.replace(": ", ":\n            "))
    return "\n".join(rows)


def text() -> str:
    return f"""// Written by Scripts/web-assets.py. size: a table

extension WebAssets {{
    /// By the name of the file.
    package static let templates: [String: [UInt8]] = [
{table("Templates")}
    ]

    package static let files: [String: [UInt8]] = [
{table("Assets")}
    ]
}}
"""


if "--check" in sys.argv:
    if not TARGET.exists() or TARGET.read_text() != text():
        sys.exit("error: WebAssets+Files.swift is not that of the folders; run Scripts/web-assets.py")
else:
    TARGET.write_text(text())
