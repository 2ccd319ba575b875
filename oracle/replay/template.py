"""What the lines of a JSON Lines log have in common: a pattern that takes each apart at once.

Lines of one log mostly have the same keys in the same order. A template takes the case, subject,
time and row number out of such a line, drops what means nothing, and leaves the rest: what the row
tells. Two lines with the same rest under one template are the same JSON but for the values that
were taken out or dropped, so that one reading serves both. For a value is only taken at a key: in
a valid line a quotation mark that no backslash precedes, then the key, a mark and a colon can be
nothing else. And a value is text in quotation marks without escapes, or a number that ends there:
whatever else stands in its place, the line around it reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

Rest = str | tuple[object, ...]
Taken = tuple[str, str, str, str, Rest]
"""Case, subject, time, row number, each empty where there is none, and the rest of the line."""

MAX_DROPPED = 30
_TEXT = r'"([^"\\\x00-\x1f]*)"'
_WHOLE = r"(0|[1-9][0-9]{0,14})(?=[\s,}])"
_ANY = (
    r'(?:"[^"\\\x00-\x1f]*"|'
    r"(?:-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?|true|false|null)(?=[\s,}]))"
)
_PUNCTUATION = re.compile(r"[\s{},]*")
_KEY = re.compile(r"\w[\w .:/()#%-]*")


@dataclass(slots=True, eq=False)
class Template:
    """A pattern of whole lines; the places of its groups are those of `Taken`, -1 where absent."""

    pattern: re.Pattern[str]
    places: tuple[int, ...]
    rests: tuple[int, ...]

    def lines(self, text: str, count: int) -> tuple[list[Iterable[str]], Iterable[Rest]] | None:
        """The cases, subjects, times and numbers of ``count`` lines, and their rests; None unless
        all of them fit."""
        found = self.pattern.findall(text)
        if len(found) != count:
            return None
        columns = list(zip(*found, strict=True))
        taken: list[Iterable[str]] = [columns[p] if p >= 0 else repeat("") for p in self.places]
        rests: Iterable[Rest] = columns[self.rests[0]]
        if len(self.rests) > 1:
            rests = zip(*(columns[r] for r in self.rests), strict=True)
        return taken, rests

    def line(self, text: str) -> Taken | None:
        """One line taken apart; None unless it fits."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        groups = match.groups()
        case, who, time, number = (groups[p] if p >= 0 else "" for p in self.places)
        rests = tuple(groups[r] for r in self.rests)
        return case, who, time, number, rests[0] if len(rests) == 1 else rests


def learn(line: str, keys: Sequence[str], dropped: Collection[str] = ()) -> Template | None:
    """The template of a line: ``keys`` are its names for case, subject, time and row number,
    ``dropped`` are names that mean nothing.

    >>> keys = ("case", "who", "time", "row")
    >>> found = learn('{"case": "a", "time": "2024-03-01", "event": "x"}', keys)
    >>> found.line('{"case": "b", "time": "2024-03-02", "event": "y"}')
    ('b', '', '2024-03-02', '', ', "event": "y"}')
    """
    spans: list[tuple[int, int, int, int, str]] = []
    names = [*keys, *sorted(dropped)[:MAX_DROPPED]]
    for place, key in enumerate(names):
        if not _KEY.fullmatch(key):
            continue
        head = rf"""(?<!\\){re.escape(f'"{key}"')}\s*:\s*"""
        for value in (_TEXT, _WHOLE) if place < len(keys) else (_ANY,):
            match = re.search(f"({head}){value}", line)
            if match is not None:
                spans.append((match.start(), match.end(1), match.end(), place, value))
                break
    if not any(place < len(keys) for *_, place, _ in spans):
        return None
    pattern, places, rests, groups, at = "", [-1] * len(keys), [], 0, 0
    for start, head_end, end, place, value in sorted(spans):
        if start < at:
            return None
        head = r"(?<!\\)" + re.escape(line[start:head_end])
        if _PUNCTUATION.fullmatch(line[at:start]):
            pattern += re.escape(line[at:start]) + head
        else:
            # the first place where the key stands: none other is tried, so that no line takes long
            pattern += f"(?>(.*?){head})"
            rests.append(groups)
            groups += 1
        pattern += value
        if place < len(keys):
            places[place] = groups
            groups += 1
        at = end
    rests.append(groups)
    return Template(re.compile(f"^{pattern}(.*)$", re.MULTILINE), tuple(places), tuple(rests))
