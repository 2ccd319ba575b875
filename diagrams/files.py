"""One chart in every format, and the names that the files of several charts take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..spec.errors import SpecError
from .chart import Chart
from .dot import dot
from .mermaid import mermaid
from .render import render

TEXT_FORMATS = ("svg", "dot", "mermaid")
FORMATS = ("svg", "png", "pdf", "dot", "mermaid")
ENDINGS = {"mermaid": "mmd"}


def content(chart: Chart, kind: str) -> bytes:
    """The chart in one of `FORMATS`; `SpecError` for another, or when it can't be rendered."""
    if kind == "dot":
        return dot(chart).encode()
    if kind == "mermaid":
        return mermaid(chart).encode()
    if kind not in FORMATS:
        raise SpecError(f"unknown format {kind!r}", hint=f"formats: {', '.join(FORMATS)}")
    source = dot(chart)
    made = render(source, kind)
    return _stamped(made, source) if kind == "svg" else made


def drawn_from(svg: bytes, source: str) -> bool:
    """Whether an SVG was drawn from this DOT text, whatever fonts and Graphviz drew it."""
    return _stamp(source) in svg


def stems(charts: Iterable[Chart]) -> list[str]:
    """The file names of the charts without their endings, each once."""
    found: list[str] = []
    for chart in charts:
        stem, n = chart.name, 2
        # names are compared as file systems do that ignore case
        while stem.lower() in (f.lower() for f in found):
            stem, n = f"{chart.name}-{n}", n + 1
        found.append(stem)
    return found


def ending(kind: str) -> str:
    """The ending of files of a format: ``mmd`` for Mermaid."""
    return ENDINGS.get(kind, kind)


def _stamp(source: str) -> bytes:
    return f"<!-- sha256 of the DOT: {hashlib.sha256(source.encode()).hexdigest()} -->".encode()


def _stamped(svg: bytes, source: str) -> bytes:
    head, tag, rest = svg.partition(b"<svg")
    return head + _stamp(source) + b"\n" + tag + rest
