"""Where each clause is cited: the account of a source's text."""

from __future__ import annotations

from .model import Machine, Protocol, Unspecified


def citations(protocol: Protocol) -> dict[str, list[str]]:
    """For each clause and ambiguity id, what cites it, in order of declaration."""
    found: dict[str, list[str]] = {}

    def cite(id: str, what: str) -> None:
        if id and what not in found.setdefault(id, []):
            found[id].append(what)

    for machine in protocol.machines:
        for id, what in cited(machine):
            cite(id, f"{machine.name}: {what}")
    for ambiguity in protocol.ambiguities:
        for machine in protocol.machines:
            if _names(machine, ambiguity.name):
                cite(ambiguity.id, f"{machine.name}: guards, effects or definitions")
    return found


def uncited(protocol: Protocol) -> list[str]:
    """The clauses that nothing cites and that give no reason for it."""
    found = citations(protocol)
    return [c.id for c in protocol.clauses if c.id not in found and not c.reason]


def unknown(protocol: Protocol) -> list[str]:
    """What cites an id that is neither a clause nor an ambiguity, where clauses are listed."""
    known = {c.id for c in protocol.clauses} | {a.id for a in protocol.ambiguities}
    if not protocol.clauses:
        return []
    return [
        f"{machine.name}: {what} cites {id}, which is no clause"
        for machine in protocol.machines
        for id, what in cited(machine)
        if id and id not in known
    ]


def cited(machine: Machine) -> list[tuple[str, str]]:
    """The ids that a machine cites, each with what cites it."""
    pairs = []
    for t in machine.transitions:
        place = f"transition {', '.join(t.sources)} on {t.event}"
        pairs.append((t.clause, place))
        pairs += [(r.clause, f"requirement of {place}") for r in t.requires]
        if isinstance(t.target, Unspecified):
            pairs.append((t.target.ambiguity, f"unspecified outcome of {place}"))
    pairs += [(i.clause, f"invariant {i.slug}") for i in machine.invariants]
    pairs += [(c.clause, f"claim {c.slug}") for c in machine.claims]
    for r in machine.regimens:
        pairs += [(r.clause, f"regimen of {r.drug}"), (r.unspecified, f"regimen of {r.drug}")]
    pairs += [(s.within_clause, f"duration of {s.name}") for s in machine.states]
    return pairs


def _names(machine: Machine, name: str) -> bool:
    """Whether any text of the machine mentions an ambiguity's name."""
    texts = [t.when + " " + t.then for t in machine.transitions]
    texts += [r.condition for t in machine.transitions for r in t.requires]
    texts += list(machine.definitions.values())
    texts += [t for e in machine.events for t in (e.possible, e.asked)]
    texts += [i.holds for i in machine.invariants] + [s.within or "" for s in machine.states]
    texts += [r.when for r in machine.regimens]
    return any(name in text for text in texts)
