"""Which names the texts of a machine mention that decide what it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .expression import Node, parse, parse_effects
from .model import Machine


def mentions(machine: Machine) -> list[frozenset[str]]:
    """The names that each acting part of a machine mentions, through definitions as well.

    Acting parts are transitions, events, regimens, stays and initial values; what is only proved,
    invariants, lemmas and claims, is none.

    >>> from .registry import load
    >>> trial = load("plerixafor-cll").machine("trial")
    >>> any({"PLX_A06", "PLX_A07"} <= names for names in mentions(trial))
    True
    """
    definitions: dict[str, frozenset[str]] = {}
    return [
        frozenset().union(*(_through(name, machine.definitions, definitions) for name in names))
        for names in _acting(machine)
    ]


def mentioned(machine: Machine) -> frozenset[str]:
    """Every name that an acting part of a machine mentions."""
    return frozenset().union(*mentions(machine))


def _acting(machine: Machine) -> Iterator[set[str]]:
    for t in machine.transitions:
        trees = [parse(t.when), *(parse(r.condition) for r in t.requires)]
        for effect in parse_effects(t.then):
            trees += [effect.target, effect.value]
        yield _names(trees)
    for event in machine.events:
        yield _names([parse(event.possible), parse(event.asked)])
    for regimen in machine.regimens:
        yield _names(parse(str(text)) for text in (regimen.when, regimen.dose, regimen.cycle))
    for state in machine.states:
        if state.within is not None:
            yield _names([parse(state.within)])
    for variable in machine.variables:
        yield _names([parse(str(variable.initial))])


def _names(trees: Iterable[Node]) -> set[str]:
    return {str(n.value) for tree in trees for n in tree.walk() if n.op in ("name", "index")}


def _through(
    name: str, definitions: Mapping[str, str], known: dict[str, frozenset[str]]
) -> frozenset[str]:
    if name not in known:
        known[name] = frozenset([name])  # a definition that leads to itself is refused elsewhere
        if name in definitions:
            inner = _names([parse(definitions[name])])
            known[name] |= frozenset().union(*(_through(n, definitions, known) for n in inner))
    return known[name]
