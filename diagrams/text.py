"""Names and texts of a specification made safe to draw: they may come from anyone."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable

MAX_TEXT = 600
MAX_NAME = 60


def plain(text: str, limit: int = MAX_TEXT) -> str:
    """One line of printable characters, cut at ``limit``.

    Control characters, line breaks, marks that turn the writing direction and halves of
    surrogate pairs become blanks: renderers stop or misread at them.

    >>> plain("a\\n\\x00b" + "c" * 9, 8)
    'a bcccc…'
    """
    # one pass over a bounded prefix: a long text costs no more than a short one
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    flat = " ".join(shown.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def markup(text: str) -> str:
    """Text for a Graphviz label in its HTML-like language, escaped."""
    return html.escape(text, quote=True).replace("&#x27;", "&#39;")


def lines(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` characters; long words are broken."""
    return textwrap.wrap(plain(text), width, break_on_hyphens=False) or [""]


def packed(parts: Iterable[str], joint: str, width: int) -> list[str]:
    """The parts in lines of at most ``width``, broken between parts where that is enough.

    >>> packed(["a = 1", "b = 2", "c = 3"], "; ", 14)
    ['a = 1; b = 2;', 'c = 3']
    """
    made: list[str] = []
    cut = " ".join(joint.split())
    whole = [plain(p) for p in parts]
    for n, part in enumerate(whole):
        # a joint that is a sign ends its line, one that is a word begins the next
        last = n == len(whole) - 1
        before, after = (f"{cut} ", "") if cut.isalpha() else ("", cut)
        text = f"{before if n else ''}{part}{'' if last else after}"
        if made and len(made[-1]) + 1 + len(text) <= width:
            made[-1] += f" {text}"
        else:
            made += lines(text, width)
    return made


def slug(text: str) -> str:
    """The text as a file name or a Graphviz name: letters, digits, ``_``, ``.`` and ``-``.

    >>> slug("../x y/<b>")
    'x-y-b'
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text[:300]).strip(".-")[:100] or "chart"
