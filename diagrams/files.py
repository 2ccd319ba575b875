"""One picture in every format, and the names that the files of several pictures take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..spec.errors import SpecError
from .chart import Chart
from .dot import dot
from .mermaid import mermaid
from .render import render
from .sheet import Sheet
from .sheet_dot import sheet_dot
from .study import StudyChart
from .study_dot import study_dot

Picture = Chart | Sheet | StudyChart
"""A machine, its calendar, or a trial beside its subjects."""
TEXT_FORMATS = ("svg", "dot", "mermaid")
FORMATS = ("svg", "png", "pdf", "dot", "mermaid")
ENDINGS = {"mermaid": "mmd"}


def formats(picture: Picture) -> tuple[str, ...]:
    """The formats a picture has: those of tables are without Mermaid, which can't draw any."""
    return FORMATS if isinstance(picture, Chart) else tuple(f for f in FORMATS if f != "mermaid")


def source(picture: Picture) -> str:
    """The DOT text that a picture is drawn from."""
    if isinstance(picture, Sheet):
        return sheet_dot(picture)
    return study_dot(picture) if isinstance(picture, StudyChart) else dot(picture)


def content(picture: Picture, kind: str) -> bytes:
    """The picture in one of its `formats`; `SpecError` for another, or if it can't be rendered."""
    if kind not in FORMATS:
        raise SpecError(f"unknown format {kind!r}", hint=f"formats: {', '.join(FORMATS)}")
    if kind == "mermaid":
        if isinstance(picture, Chart):
            return mermaid(picture).encode()
        raise SpecError(
            f"{picture.heading} is a table, which Mermaid can't draw",
            hint=f"formats: {', '.join(formats(picture))}",
        )
    text = source(picture)
    if kind == "dot":
        return text.encode()
    made = render(text, kind)
    return _stamped(made, text) if kind == "svg" else made


def drawn_from(svg: bytes, text: str) -> bool:
    """Whether an SVG was drawn from this DOT text, whatever fonts and Graphviz drew it."""
    return _stamp(text) in svg


def stems(pictures: Iterable[Picture]) -> list[str]:
    """The file names of the pictures without their endings, each once."""
    found: list[str] = []
    for picture in pictures:
        stem, n = picture.name, 2
        # names are compared as file systems do that ignore case
        while stem.lower() in (f.lower() for f in found):
            stem, n = f"{picture.name}-{n}", n + 1
        found.append(stem)
    return found


def ending(kind: str) -> str:
    """The ending of files of a format: ``mmd`` for Mermaid."""
    return ENDINGS.get(kind, kind)


def _stamp(text: str) -> bytes:
    return f"<!-- sha256 of the DOT: {hashlib.sha256(text.encode()).hexdigest()} -->".encode()


def _stamped(svg: bytes, text: str) -> bytes:
    head, tag, rest = svg.partition(b"<svg")
    return head + _stamp(text) + b"\n" + tag + rest
