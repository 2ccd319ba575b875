"""What all pictures share: Graphviz's HTML-like labels, colours, the title and the legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..spec.notice import NOTICE
from .chart import Entry
from .text import MAX_NAME, lines, markup, plain

FONT = "Helvetica,Arial,sans-serif"
BLUE, GREEN, RED, GREY, INK = "#1b4f9c", "#0a6b47", "#b3001b", "#5b6470", "#16191d"
LEGEND_WIDTH = 84
SPACE = "&#160;"
BLANK = SPACE * 4
# in mixed sizes a line is as high as its largest font: a blank of 13 points spaces them out
_APART = '<FONT POINT-SIZE="13">&#160;</FONT>'


def font(text: str, size: int, colour: str, *, bold: bool = False, limit: int = 600) -> str:
    """A text in one size and colour, escaped, cut at ``limit``."""
    safe = markup(plain(text, limit)) or SPACE
    if bold:
        safe = f"<B>{safe}</B>"
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{safe}</FONT>'


def table(rows: Iterable[str], padding: int = 2) -> str:
    """A table without borders of rows that are written already."""
    body = "".join(rows)
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>'
    )


def html(text: str) -> str:
    """A label for the ``graphviz`` package, which leaves what is in angle brackets as it is."""
    return f"<{text}>"


def left(text: Iterable[str]) -> str:
    """Lines that begin at the left edge, well apart."""
    return "".join(f'{t}{_APART}<BR ALIGN="LEFT"/>' for t in text)


def centred(text: Iterable[str]) -> str:
    """Lines about one middle, well apart."""
    return "<BR/>".join(f"{_APART}{t}{_APART}" for t in text)


def tight(text: Iterable[str]) -> str:
    """Lines that begin at the left edge, close together."""
    return "".join(f'{t}<BR ALIGN="LEFT"/>' for t in text)


def title(heading: str, name: str, meaning: str, readings: str, constants: Iterable[Entry]) -> str:
    """The heading of a picture: what it shows, under which readings, and the notice."""
    listed = ", ".join(f"{c.name} = {c.text}" for c in constants)
    text = [font(heading, 20, INK, bold=True)]
    text += [font(t, 12, INK) for t in lines(name, 110) if t]
    text += [font(t, 11, GREY) for t in lines(meaning, 110) if t]
    text += [font(t, 11, INK) for t in lines(f"Readings: {readings}", 120)]
    if listed:
        text += [font(t, 11, INK, bold=True) for t in lines(f"Constants: {listed}", 120)]
    text += [font(NOTICE, 10, RED), SPACE]
    return table([f"<TR><TD>{t}</TD></TR>" for t in text], 1)


def section(heading: str, entries: Iterable[Entry], width: int = LEGEND_WIDTH) -> list[str]:
    """A part of the legend: names in bold, each with its text in lines of at most ``width``."""
    text = [font(heading, 12, INK, bold=True)]
    for entry in entries:
        name = plain(entry.name, MAX_NAME)
        # the name is set apart by its weight, so its line is filled up with the text
        first, *rest = lines(f"{'x' * len(name)}: {entry.text}", width)
        begun = first[len(name) + 1 :].strip()
        text.append(font(f"{name}:" if begun else name, 10, INK, bold=True))
        text[-1] += SPACE + font(begun, 10, INK) if begun else ""
        text += [BLANK + font(t, 10, INK) for t in rest]
    return [*text, ""]


def columns(sections: Sequence[list[str]]) -> str:
    """The sections of a legend in two columns of about the same length."""
    made: tuple[list[str], list[str]] = ([], [])
    for part in sections:
        min(made, key=len).extend(part)
    cells = "".join(
        f'<TD ALIGN="LEFT" BALIGN="LEFT" VALIGN="TOP">{left(c)}</TD>' for c in made if c
    )
    return table([f"<TR>{cells}</TR>"], 12)
