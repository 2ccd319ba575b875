"""The table that benchmarks print."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = {True: "yes", False: "NO"}


@dataclass(frozen=True)
class Row:
    """One comparison: our figure, theirs, the ratio, and the bar it should keep."""

    what: str
    ours: str
    theirs: str
    ratio: float
    bar: str
    kept: bool


def show(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    head = "| what | ours | compared with | ratio | bar | kept |\n|---|---|---|---|---|---|"
    lines = [
        f"| {r.what} | {r.ours} | {r.theirs} | {r.ratio:.2f} | {r.bar} | {KEPT[r.kept]} |"
        for r in rows
    ]
    return "\n".join([head, *lines])
