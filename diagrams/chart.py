"""What a diagram says, as one frozen value that every format is written from."""

from __future__ import annotations

from dataclasses import dataclass

from .text import MAX_NAME, plain, slug

NOT_ENTERED = "no rule leads here under these readings"
GAPS = "gaps left open here:"
LEFT_OUT = (
    "Conditions that always hold in a state, under these readings and constants, are left out."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a guard as written, and the clause it comes from.

    ``loose`` texts need brackets among others: their outermost word is ``or`` or ``if``.
    """

    clause: str
    text: str
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, or the same rule from several states: event, guard, effects, clause.

    ``rules`` are the names of the bound machine's rules that it stands for.
    """

    event: str
    observation: bool
    clause: str
    conditions: tuple[Condition, ...]
    effects: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def guard(self) -> tuple[str, ...]:
        """The conditions to be joined by "and", with the clauses of those from another one."""
        several = len(self.conditions) > 1
        parts = []
        for condition in self.conditions:
            text = f"({condition.text})" if several and condition.loose else condition.text
            other = condition.clause not in ("", self.clause)
            parts.append(f"{text} [{condition.clause}]" if other else text)
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class Edge:
    """The rules that lead from each of the sources to one target.

    ``target`` is a state's name, or the id of an ambiguity when ``unspecified``.
    """

    sources: tuple[str, ...]
    target: str
    unspecified: bool
    rows: tuple[Row, ...]

    @property
    def style(self) -> str:
        """``action``, ``observation`` or ``both``."""
        kinds = {row.observation for row in self.rows}
        if len(kinds) > 1:
            return "both"
        return "observation" if True in kinds else "action"


@dataclass(frozen=True, slots=True)
class Gap:
    """An observation without a rule wherever a reading of these ambiguities would decide."""

    event: str
    ambiguities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """One state; ``changes`` are rules that stay in it and change values, ``idle`` nothing.

    ``entered`` is false for a state that no rule leads to under the readings and constants.
    ``gaps`` are those that the readings leave silent.
    """

    name: str
    meaning: str
    initial: bool
    final: bool
    entered: bool
    within: Condition | None
    doses: tuple[Condition, ...]
    changes: tuple[Row, ...]
    idle: tuple[Row, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An unspecified outcome: the ambiguity's id and the question it asks."""

    ambiguity: str
    question: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the legend."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One machine, ready to be drawn; ``readings`` says which readings it is drawn under."""

    protocol: str
    title: str
    machine: str
    meaning: str
    readings: str
    boxes: tuple[Box, ...]
    outcomes: tuple[Outcome, ...]
    edges: tuple[Edge, ...]
    constants: tuple[Entry, ...]
    variables: tuple[Entry, ...]
    events: tuple[Entry, ...]
    definitions: tuple[Entry, ...]
    clauses: tuple[Entry, ...]
    gaps: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """The stem of its files: ``ibrutinib-mm-trial``."""
        return slug(f"{self.protocol}-{self.machine}")

    @property
    def heading(self) -> str:
        """What it shows: ``ibrutinib-mm: trial``."""
        return f"{plain(self.protocol, MAX_NAME)}: {plain(self.machine, MAX_NAME)}"

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, of edges first, then of boxes."""
        inside = (row for box in self.boxes for row in (*box.changes, *box.idle))
        return (*(row for edge in self.edges for row in edge.rows), *inside)
