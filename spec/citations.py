"""Where each clause is cited: the account of a source's text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .mentions import mentioned
from .model import Machine, Protocol, Unspecified

# what makes a machine do something, and what is only proved of it
ACTING = (
    "transition",
    "requirement of transition",
    "unspecified outcome of transition",
    "regimen of",
    "duration of",
    "joint event",
)
PROVED = ("invariant", "claim")
NAMED = "guards, effects or definitions"


class Citation(NamedTuple):
    """One thing that cites a clause or an ambiguity; ``kind`` is of `ACTING`, `PROVED` or `NAMED`.

    ``machine`` is the name of the machine it belongs to, or "study".
    """

    machine: str
    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.machine}: {self.kind} {self.name}".rstrip()


def citing(protocol: Protocol) -> dict[str, list[Citation]]:
    """For each clause and ambiguity id, what cites it, in order of declaration."""
    found: dict[str, dict[Citation, None]] = {}
    for machine in protocol.machines:
        for id, kind, name in _cited(machine):
            found.setdefault(id, {})[Citation(machine.name, kind, name)] = None
    for joint in protocol.study.joint:
        found.setdefault(joint.clause, {})[Citation("study", "joint event", joint.event)] = None
    for machine in protocol.machines:
        words = mentioned(machine)
        for ambiguity in protocol.ambiguities:
            if ambiguity.name in words:
                found.setdefault(ambiguity.id, {})[Citation(machine.name, NAMED)] = None
    found.pop("", None)
    return {id: list(what) for id, what in found.items()}


def citations(protocol: Protocol) -> dict[str, list[str]]:
    """For each clause and ambiguity id, what cites it as texts, in order of declaration."""
    return {id: [str(c) for c in found] for id, found in citing(protocol).items()}


def uncited(protocol: Protocol) -> list[str]:
    """The clauses that nothing cites and that give no reason for it."""
    found = citing(protocol)
    return [c.id for c in protocol.clauses if c.id not in found and not c.reason]


def unknown(protocol: Protocol) -> list[str]:
    """What cites an id that is neither a clause nor an ambiguity, where clauses are listed."""
    known = {c.id for c in protocol.clauses} | {a.id for a in protocol.ambiguities}
    if not protocol.clauses:
        return []
    return [
        f"{citation} cites {id}, which is no clause"
        for id, found in citing(protocol).items()
        if id not in known
        for citation in found
    ]


def cited(machine: Machine) -> list[tuple[str, str]]:
    """The ids that a machine cites, each with what cites it."""
    return [(id, f"{kind} {name}") for id, kind, name in _cited(machine)]


def _cited(machine: Machine) -> Iterator[tuple[str, str, str]]:
    for t in machine.transitions:
        place = f"{', '.join(t.sources)} on {t.event}"
        yield t.clause, "transition", place
        for r in t.requires:
            yield r.clause, "requirement of transition", place
        if isinstance(t.target, Unspecified):
            yield t.target.ambiguity, "unspecified outcome of transition", place
    for i in machine.invariants:
        yield i.clause, "invariant", i.slug
    for c in machine.claims:
        yield c.clause, "claim", c.slug
    for regimen in machine.regimens:
        yield regimen.clause, "regimen of", regimen.drug
        yield regimen.unspecified, "regimen of", regimen.drug
    for s in machine.states:
        yield s.within_clause, "duration of", s.name
