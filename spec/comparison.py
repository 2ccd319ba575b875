"""Which sentences of a text are those of an index: the same, changed, missing, additional."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import SpecError
from .sentences import Sentence, fingerprint
from .sources import IndexEntry, SourceIndex

SAME, CHANGED, MISSING, ADDITIONAL = "same", "changed", "missing", "additional"


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence of the index, of the text, or of both."""

    entry: IndexEntry | None
    sentence: Sentence | None

    @property
    def status(self) -> str:
        """What has become of it: same, changed, missing or additional."""
        if self.entry is None:
            return ADDITIONAL
        if self.sentence is None:
            return MISSING
        return SAME if fingerprint(self.sentence.text) == self.entry.sha256 else CHANGED


def compare(index: SourceIndex, found: Sequence[Sentence]) -> tuple[Compared, ...]:
    """Every sentence of the index and of the text, in order.

    Those between two that are the same are put together one by one, as changed; what is left over
    of them is missing from the text, or additional in it.
    """
    entries = index.sentences
    ends = (len(entries), len(found))
    pairs: list[Compared] = []
    start = (0, 0)
    marks = [fingerprint(s.text) for s in found]
    for i, j in (*matched([e.sha256 for e in entries], marks), ends):
        for k in range(max(i - start[0], j - start[1])):
            entry = entries[start[0] + k] if start[0] + k < i else None
            sentence = found[start[1] + k] if start[1] + k < j else None
            pairs.append(Compared(entry, sentence))
        if (i, j) != ends:
            pairs.append(Compared(entries[i], found[j]))
        start = (i + 1, j + 1)
    return tuple(pairs)


def nearest(indexes: Sequence[SourceIndex], name: str, found: Sequence[Sentence]) -> SourceIndex:
    """The index that a text is to be compared with.

    It is that of the document called ``name``, else that with the most of its sentences in the
    text. `SpecError` where several have none.
    """
    marks = {fingerprint(s.text) for s in found}

    def shared(index: SourceIndex) -> tuple[bool, int]:
        return index.document == name, sum(e.sha256 in marks for e in index.sentences)

    best = max(indexes, key=shared)
    if len(indexes) > 1 and shared(best) == (False, 0):
        documents = ", ".join(index.document for index in indexes)
        raise SpecError(
            "this text has no sentence of any document that is indexed",
            hint=f"they are {documents}",
        )
    return best


def matched(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Places of equal values, in order in both: a long common subsequence of two lists.

    What occurs once in each is matched first, then what stands beside a match. In time it takes
    n log n, whatever is repeated.

    >>> matched(["x", "same", "y", "last"], ["same", "z", "last"])
    [(1, 0), (3, 2)]
    """
    once_a, once_b = ({v for v, n in Counter(side).items() if n == 1} for side in (a, b))
    place = {v: j for j, v in enumerate(b) if v in once_a and v in once_b}
    anchors = _rising([(i, place[v]) for i, v in enumerate(a) if v in place])
    found: list[tuple[int, int]] = []
    low = (0, 0)
    for i, j in (*anchors, (len(a), len(b))):
        front = 0
        while low[0] + front < i and low[1] + front < j and a[low[0] + front] == b[low[1] + front]:
            front += 1
        back = 0
        room = min(i - low[0], j - low[1]) - front
        while back < room and a[i - back - 1] == b[j - back - 1]:
            back += 1
        found += [(low[0] + k, low[1] + k) for k in range(front)]
        found += [(i - k, j - k) for k in range(back, 0, -1)]
        if i < len(a) and j < len(b):
            found.append((i, j))
        low = (i + 1, j + 1)
    return found


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, rising on the left, that rises on the right as well."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for k, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [j]
        ends[at : at + 1] = [k]
    chosen: list[tuple[int, int]] = []
    k = ends[-1] if ends else -1
    while k >= 0:
        chosen.append(pairs[k])
        k = before[k]
    return chosen[::-1]
