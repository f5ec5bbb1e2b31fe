"""Path data of the shapes that the server draws, for the samples of the pages.

Coverage cells. One row is one drawing: per state one path, made of rectangles that cover whole runs of days; a clip
path of the row's grid (`#k4`, `#k6`, `#k10` of the page) cuts the runs into rounded cells, so that a row costs a few
dozen bytes however long it is. Frames (queued, running), brackets (missing), crosses (failed) and dots (not offered)
are drawn cell by cell: they are rare, or the page is the one of a first sync.

  size  width height gap week-gap used by
  4     4     16     1   3        strip of the dashboard, 42 days, weeks counted back from today
  6     6     18     1   3        progress, 90 days, weeks from Monday
  10    10    20     2   5        account, 55 days, weeks from Monday
  14    14    20     4   4        drawing of the empty page
  22    22    15     2   8        months of an account, a gap before each January
  36    36    16     4   4        one week a row on a phone, weekdays from Monday

Cell i of a row lies at x = i * (width + gap) + (weeks before it) * (week-gap - gap). A cell of a new week is one whose
index is a multiple of seven, counted from the offset of the first day in its week.
  s  settled      whole cell                                  path.settled
  f  fresh        upper half tint, lower half settled         path.fresh, path.settled
  r  running      frame 1.5 and water over the lowest third   path.running (stroke), path.water (fill)
  q  queued       frame 1                                     path.queued (stroke)
  m  missing      dashed frame 1; in sizes 4 and 6 brackets   path.missing (stroke)
  x  failed       whole cell, cross; in 4 and 6 a notch       path.failed (fill), path.cross (stroke)
  n  not offered  dot of radius 1 in the middle               path.none (fill)

Spark line: steps of one unit a day, box 30 x 28, drawn 105 wide and cut into bars by a mask; today is a path of its
own. Ring: circle of circumference 100 (r 15.915 in a box of 36): dash = percent.
"""

import re
from itertools import groupby
from typing import NamedTuple


class Size(NamedTuple):
    width: int
    height: int
    gap: int
    week_gap: int


SIZES = {
    4: Size(4, 16, 1, 3),
    6: Size(6, 18, 1, 3),
    10: Size(10, 20, 2, 5),
    14: Size(14, 20, 4, 4),
    22: Size(22, 15, 2, 8),
    36: Size(36, 16, 4, 4),
}
# The size of the months of an account: its weeks are years.
MONTHS = 22
# From here on a cell has room for a frame and a cross.
ROOMY = 10
# Later paths lie over earlier ones.
PAINT_ORDER = ["fresh", "settled", "queued", "missing", "running", "water", "failed", "cross", "none"]


def number(value: float) -> str:
    """As short as SVG allows, with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def expand(text: str) -> list[str]:
    """`s14 f28` or `q s3`: states in order, each with how many days."""
    days: list[str] = []
    for part in text.split():
        days += part[0] * int(part[1:] or 1)
    return days


def lefts(size: int, count: int, offset: int = 0) -> list[int]:
    """The left edge of each cell of a row."""
    cell = SIZES[size]
    cells_per_group = 12 if size == MONTHS else 7
    x = 0
    edges = []
    for index in range(count):
        if index and (index + offset) % cells_per_group == 0:
            x += cell.week_gap - cell.gap
        edges.append(x)
        x += cell.width + cell.gap
    return edges


def grid_clip(size: int, count: int, offset: int = 0) -> str:
    """The rounded cells of a row, as a clip path."""
    cell = SIZES[size]
    radius = 1 if size < ROOMY else 1.5
    across, down = number(cell.width - 2 * radius), number(cell.height - 2 * radius)
    path = ""
    for left in lefts(size, count, offset):
        path += f"M{number(left + radius)} 0h{across}q{radius} 0 {radius} {radius}v{down}"
        path += f"q0 {radius}-{radius} {radius}h-{across}q-{radius} 0-{radius}-{radius}"
        path += f"v-{down}q0-{radius} {radius}-{radius}z"
    return path


def run_paths(state: str, left: int, width: int, height: int) -> dict[str, str]:
    """A run of days in one state, for the states that are drawn so."""
    half = height // 2
    if state == "s":
        return {"settled": f"M{left} 0h{width}v{height}h-{width}z"}
    if state == "f":
        return {
            "fresh": f"M{left} 0h{width}v{half}h-{width}z",
            "settled": f"M{left} {half}h{width}v{half}h-{width}z",
        }
    return {}


def frame(left: int, width: int, height: int) -> str:
    return f"M{number(left + 0.5)} .5h{width - 1}v{height - 1}h-{width - 1}z"


def brackets(left: int, width: int, height: int) -> str:
    start, across = number(left + 0.75), number(width - 1.5)
    return f"M{start} 4V.75h{across}V4M{start} {height - 4}v3.25h{across}v-3.25"


def failed_paths(size: int, left: int, width: int, height: int) -> dict[str, str]:
    half = height // 2
    if size < ROOMY:
        notched = f"M{left} 0h{width}v{half - 1}h-{width}zm0 {half + 1}h{width}v{half - 1}h-{width}z"
        return {"failed": notched}
    arm = 3 if size == 36 else 2
    start = f"{number(left + width / 2 - arm)} {half - arm}"
    return {
        "failed": f"M{left} 0h{width}v{height}h-{width}z",
        "cross": f"M{start}l{2 * arm} {2 * arm}m0-{2 * arm}l-{2 * arm} {2 * arm}",
    }


def cell_paths(state: str, size: int, left: int) -> dict[str, str]:
    """One day, for the states that are drawn cell by cell."""
    width, height = SIZES[size].width, SIZES[size].height
    if state == "r":
        across, down = number(width - 1.5), number(height - 1.5)
        return {
            "running": f"M{number(left + 0.75)} .75h{across}v{down}h-{across}z",
            "water": f"M{left} {number(height * 0.7)}h{width}v{number(height * 0.3)}h-{width}z",
        }
    if state == "q":
        return {"queued": frame(left, width, height)}
    if state == "m":
        draw = frame if size >= ROOMY else brackets
        return {"missing": draw(left, width, height)}
    if state == "x":
        return failed_paths(size, left, width, height)
    if state == "n":
        return {"none": f"M{number(left + width / 2 - 1)} {height // 2}a1 1 0 1 0 2 0a1 1 0 1 0-2 0"}
    return {}


def cells(spec: str, size: int, offset: int = 0) -> dict:
    """A row of coverage cells: its box, its clip path and a path per state."""
    days = expand(spec)
    width, height = SIZES[size].width, SIZES[size].height
    edges = lefts(size, len(days), offset)
    pieces: list[dict[str, str]] = []
    for state, run in groupby(zip(edges, days), key=lambda day: day[1]):
        run_edges = [left for left, _ in run]
        pieces.append(run_paths(state, run_edges[0], run_edges[-1] + width - run_edges[0], height))
    for left, state in zip(edges, days):
        pieces.append(cell_paths(state, size, left))
    paths: dict[str, str] = {}
    for piece in pieces:
        for state, path in piece.items():
            paths[state] = paths.get(state, "") + path
    return {
        "width": edges[-1] + width,
        "height": height,
        "clip": f"k{size}",
        "paths": [{"state": state, "d": paths[state]} for state in PAINT_ORDER if state in paths],
    }


def spark(values: list[int], height: int = 28) -> dict[str, str]:
    """A step line of one unit a day in a box of `len(values)` x height; the page cuts it into bars by a mask."""
    top = max(values)
    tops = [height - max(2, round(value / top * height)) for value in values]
    last = tops[0]
    path = f"M0 {height}V{last}h1"
    for y in tops[1:-1]:
        path += "h1" if y == last else f"v{y - last}h1"
        last = y
    path = re.sub("(?:h1)+", lambda steps: f"h{len(steps.group()) // 2}", path)
    today = f"M{len(tops) - 1} {height}V{tops[-1]}h1V{height}z"
    return {"d": f"{path}V{height}z", "now": today}


def chart(values: list[float], settled: int, top: float, before: list[float], height: int = 82) -> dict:
    """Bars of a chart, one unit a day in a box of `len(values)` x height: settled days full, fresh days a tint with a
    waterline of 2, the days before as a line through the middles."""
    full = tint = waterlines = line = ""
    for index, value in enumerate(values):
        bar_height = max(2, round(value / top * height, 1))
        left = number(index + 0.11)
        bar = f"M{left} {height}v-{number(bar_height)}h.78v{number(bar_height)}z"
        if index < settled:
            full += bar
        else:
            tint += bar
            waterlines += f"M{left} {number(height - bar_height)}h.78v2h-.78z"
    for index, value in enumerate(before):
        line += f"{'L' if index else 'M'}{number(index + 0.5)} {number(height - value / top * height)}"
    return {"settled": full, "fresh": tint, "tops": waterlines, "before": line, "count": len(values)}


def expanded_chart(sample: dict) -> dict:
    """The bars, and what else the sample says of the chart."""
    drawn = chart(sample["$chart"], sample["settledDays"], sample["topValue"], sample["beforeValues"])
    used = ("$chart", "settledDays", "topValue", "beforeValues")
    return {**drawn, **{key: value for key, value in sample.items() if key not in used}}


def expand_all(value):
    """Replaces `{"$cells": "s14 f28", "size": 4}` and the like in a sample by what the server computes."""
    if isinstance(value, list):
        return [expand_all(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$cells" in value:
        return cells(value["$cells"], value.get("size", 4), value.get("offset", 0))
    if "$clip" in value:
        return grid_clip(value["$clip"], value["count"], value.get("offset", 0))
    if "$chart" in value:
        return expanded_chart(value)
    if "$legend" in value:
        return cells(value["$legend"], 10)["paths"]
    if "$hero" in value:
        return cells(value["$hero"], 14)
    if "$spark" in value:
        return spark([int(part) for part in value["$spark"].split()])
    return {key: expand_all(inner) for key, inner in value.items()}
