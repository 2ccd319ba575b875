"""One deviation of a log from the protocol, and the counts of a whole replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .rows import Row

UNSPECIFIED = "unspecified"
MAX_NOTES = 1_000


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is wrong with one row.

    ``kind`` is wrongly_accepted, wrongly_refused, wrong_state, wrong_value, overdue, missing_event,
    extra_event, out_of_order, unknown_event, malformed or unspecified; ``clause`` is empty where no
    clause is concerned. ``expected`` and ``observed`` say what the protocol and the log have there.
    """

    log: str
    case: str
    row: int | str
    kind: str
    clause: str
    because: str
    expected: Mapping[str, object]
    observed: Mapping[str, object]
    subject: str = ""

    def as_json(self) -> dict[str, object]:
        """The shape of `trialspec/replay/1`."""
        return {
            "case": self.case,
            "subject": self.subject,
            "row": self.row,
            "kind": self.kind,
            "clause": self.clause,
            "because": self.because,
            "expected": dict(self.expected),
            "observed": dict(self.observed),
            "log": self.log,
        }


@dataclass(frozen=True, slots=True)
class OrderNote:
    """Two rows of one case and one date, where the order in the file changes the answer."""

    log: str
    case: str
    rows: tuple[int | str, int | str]
    because: str


@dataclass(slots=True)
class Counts:
    """What a replay counts. ``undecided`` are cases that met an unspecified answer."""

    cases: int = 0
    events: int = 0
    deviating: int = 0
    undecided: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    clauses: Counter[str] = field(default_factory=Counter)
    order: int = 0
    notes: list[OrderNote] = field(default_factory=list)

    @property
    def conforming(self) -> int:
        """Cases without any deviation."""
        return self.cases - self.deviating

    def deviation(self, found: Deviation) -> None:
        """Counts one deviation."""
        self.kinds[found.kind] += 1
        if found.clause:
            self.clauses[found.clause] += 1

    def order_matters(self, row: Row, before: int | str, because: str) -> None:
        """Counts two rows whose order matters; the first thousand are kept."""
        self.order += 1
        if len(self.notes) < MAX_NOTES:
            self.notes.append(OrderNote(row.log, row.case, (before, row.row), because))
