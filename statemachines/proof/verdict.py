"""What is to be shown of a machine, and what came out."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..bound import Bound
from ..trace import Trace

PROVED, REFUTED, BOUNDED, UNKNOWN = "proved", "refuted", "bounded", "unknown"
UNDATED = "no run to it was found whose days agree with the landmarks"
SAFETY = ("range", "definedness", "determinism", "totality", "invariant")


@dataclass(frozen=True)
class Obligation:
    """One statement about a machine, with a stable id and the clause it comes from."""

    id: str
    kind: str
    clause: str
    statement: str
    expected: str = PROVED


@dataclass(frozen=True)
class Result:
    """The verdict on an obligation.

    ``engine`` settled it and ``agreed_by`` are other engines with the same answer. ``for_all``
    names the size it holds for at every value. ``counterexample`` and ``witness`` are runs of
    ``bound``; ``problem`` says what goes wrong at the end of a counterexample.
    """

    obligation: Obligation
    verdict: str
    engine: str
    agreed_by: tuple[str, ...] = ()
    lemmas: tuple[str, ...] = ()
    for_all: str = ""
    witness: Trace | None = None
    counterexample: Trace | None = None
    problem: str = ""
    reason: str = ""
    seconds: float = 0.0
    bound: Bound | None = field(default=None, repr=False, compare=False)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the expected one; unknown and bounded never are."""
        return self.verdict == self.obligation.expected


@dataclass(frozen=True)
class MachineReport:
    """Everything settled about one machine under its constants and readings.

    ``unused_lemmas`` are those that don't hold here: no defect, they only fail to help.
    """

    bound: Bound
    results: tuple[Result, ...]
    configurations: int | None
    transitions: int | None
    steps: int | None
    unused_lemmas: tuple[str, ...] = ()

    def count(self, verdict: str) -> int:
        """How many obligations came out so."""
        return sum(r.verdict == verdict for r in self.results)
