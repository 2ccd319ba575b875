"""The names of a machine: each there once, of the right form, and every reference known."""

from __future__ import annotations

from ..spec.errors import SpecError
from ..spec.model import Machine, Protocol, Unspecified

CLAUSE_KINDS = "SEGFITCN"


def check_names(protocol: Protocol, machine: Machine) -> None:
    """Refuses names that are missing, twice there or of the wrong form, and unknown references."""
    states = tuple(s.name for s in machine.states)
    where = f"machine {machine.name}"
    variables = [v.name for v in machine.variables] + [m.name for m in machine.landmarks]
    groups = {
        "state": list(states),
        "event": [e.name for e in machine.events],
        "name": [*variables, *machine.constants, *machine.definitions, "state"],
        "invariant": [f"{i.clause}/{i.slug}" for i in machine.invariants],
        "claim": [c.slug for c in machine.claims],
        "lemma": [m.name for m in machine.lemmas],
        "function": [f.name for f in machine.functions],
        "ambiguity": [a.id for a in protocol.ambiguities],
    }
    for what, names in groups.items():
        seen: set[str] = set()
        for name in names:
            plain = what not in ("state", "event", "name", "function") or name.isidentifier()
            if not plain or (name != name.lower() and what in ("state", "event")):
                raise SpecError(f"{name!r} is not a lower-case identifier", where=where)
            if name in seen:
                both = "two ambiguities" if what == "ambiguity" else f"two {what}s"
                raise SpecError(f"{both} are called {name!r}", where=where)
            seen.add(name)
    if sum(s.initial for s in machine.states) != 1:
        raise SpecError("exactly one state must be initial", where=where)
    reserved = {"elapse", "state"} & {e.name for e in machine.events}
    if reserved:
        raise SpecError(f"{min(reserved)!r} is built in; choose another name", where=where)
    events = {e.name for e in machine.events} | {m.name for m in machine.landmarks}
    ambiguities = {a.id for a in protocol.ambiguities}
    for t in machine.transitions:
        place = f"{where}: {t.clause} ({', '.join(t.sources)} on {t.event})"
        for state in (*t.sources, t.target):
            if isinstance(state, str) and state not in states:
                raise SpecError(f"there is no state {state!r}", where=place)
        if t.event not in events:
            raise SpecError(f"there is no event {t.event!r}", where=place)
        if isinstance(t.target, Unspecified) and t.target.ambiguity not in ambiguities:
            raise SpecError(f"there is no ambiguity {t.target.ambiguity!r}", where=place)
    for m in machine.landmarks:
        for event in m.starts:
            if event not in events:
                raise SpecError(f"there is no event {event!r}", where=f"{where}: landmark {m.name}")
    _check_clauses(protocol)


def _check_clauses(protocol: Protocol) -> None:
    """Each clause is there once and of a known kind; readings that are named are readings."""
    clauses = [c.id for c in protocol.clauses]
    for clause in protocol.clauses:
        if clauses.count(clause.id) > 1:
            raise SpecError(f"two clauses are called {clause.id!r}")
        if len(clause.kind) != 1 or clause.kind not in CLAUSE_KINDS:
            raise SpecError(
                f"a clause's kind is one of {', '.join(CLAUSE_KINDS)}, not {clause.kind!r}",
                where=clause.id,
            )
    for ambiguity in protocol.ambiguities:
        if ambiguity.literal:
            ambiguity.choice(ambiguity.literal)
        for id, name in ambiguity.context.items():
            protocol.ambiguity(id).choice(name)
    for contradiction in protocol.contradictions:
        if len(contradiction.readings) < 2:
            raise SpecError(
                "a contradiction is between readings of two ambiguities or more",
                where=f"{protocol.name}: contradictions",
            )
        for id, name in contradiction.readings.items():
            protocol.ambiguity(id).choice(name)
