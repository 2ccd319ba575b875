"""Exit codes, and which of several applies."""

from __future__ import annotations

from collections.abc import Iterable

OK, DEVIATION, INPUT, INCONCLUSIVE, GATE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 70, 130
_SEVERITY = (INTERRUPTED, INTERNAL, INPUT, DEVIATION, GATE, INCONCLUSIVE, OK)


def worst(codes: Iterable[int]) -> int:
    """The code that stands for several outcomes.

    >>> worst([0, 3, 1])
    1
    """
    return min(codes, key=_SEVERITY.index, default=OK)
