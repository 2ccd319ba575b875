"""What the lines of a JSON Lines log have in common: a pattern that takes each apart at once.

Lines of one log mostly have the same keys in the same order. A template takes the case, subject,
time and row number out of such a line; the rest of its text is what the row tells. Two lines with
the same rest are the same JSON but for those values, so that one reading serves both: a value that
is taken out is plain text in quotation marks or a whole number, which no character of it can
change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

Rest = str | tuple[str, ...]
Taken = tuple[str, str, str, str, Rest | None]
"""Case, subject, time, row number, each empty where there is none, and the rest of the line."""

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_WHOLE = r"(0|[1-9][0-9]{0,14})"
_PUNCTUATION = re.compile(r"[\s{},]*")


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A pattern of whole lines; the places of its groups are those of `Taken`, -1 where absent."""

    pattern: re.Pattern[str]
    places: tuple[int, ...]
    rests: tuple[int, ...]

    def lines(self, text: str, count: int) -> Iterator[Taken] | None:
        """Each of ``count`` lines taken apart; None unless all of them fit."""
        found = self.pattern.findall(text)
        if len(found) != count:
            return None
        columns = list(zip(*found, strict=True))
        taken: list[Iterable[str]] = [columns[p] if p >= 0 else repeat("") for p in self.places]
        rests: Iterable[Rest] = columns[self.rests[0]]
        if len(self.rests) > 1:
            rests = zip(*(columns[r] for r in self.rests), strict=True)
        return zip(*taken, rests, strict=False)

    def line(self, text: str) -> Taken | None:
        """One line taken apart; None unless it fits."""
        match = self.pattern.fullmatch(text)
        if match is None:
            return None
        groups = match.groups()
        case, who, time, number = (groups[p] if p >= 0 else "" for p in self.places)
        rests = tuple(groups[r] for r in self.rests)
        return case, who, time, number, rests[0] if len(rests) == 1 else rests


def learn(line: str, keys: Sequence[str]) -> Template | None:
    """The template of a line, ``keys`` being its names for case, subject, time and row number.

    >>> keys = ("case", "who", "time", "row")
    >>> found = learn('{"case": "a", "time": "2024-03-01", "event": "x"}', keys)
    >>> found.line('{"case": "b", "time": "2024-03-02", "event": "y"}')
    ('b', '', '2024-03-02', '', ', "event": "y"}')
    """
    spans: list[tuple[int, int, int, str]] = []
    for place, key in enumerate(keys):
        quoted = re.escape(f'"{key}"')
        for value in (_TEXT, _WHOLE):
            match = re.search(rf"{quoted}\s*:\s*{value}", line)
            if match is not None:
                spans.append((match.start(), match.end(), place, value))
                break
    if not spans:
        return None
    pattern, places, rests, groups, at = "", [-1] * 4, [], 0, 0
    for start, end, place, value in sorted(spans):
        if start < at:
            return None
        between = line[at:start]
        if _PUNCTUATION.fullmatch(between):
            pattern += re.escape(between)
        else:
            pattern += "(.*?)"
            rests.append(groups)
            groups += 1
        head = re.search(r":\s*", line[start:end])
        assert head is not None
        pattern += re.escape(line[start : start + head.end()]) + value
        places[place] = groups
        groups += 1
        at = end
    rests.append(groups)
    return Template(re.compile(f"^{pattern}(.*)$", re.MULTILINE), tuple(places), tuple(rests))
