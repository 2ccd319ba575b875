"""Induction: what holds at the start and is kept by every rule, at once for all sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..bound import Bound, Property
from .page import Script
from .scripts import Scripts
from .solver import check

MAX_ROUNDS = 40


@dataclass(frozen=True)
class Induction:
    """What the symbolic engine settled.

    ``proved`` are goal ids whose every query was unsat under the properties in ``kept``;
    ``open`` maps the others to the sections in which they failed. ``scripts`` are the texts.
    """

    proved: frozenset[str]
    open: Mapping[str, tuple[str, ...]]
    kept: tuple[str, ...]
    scripts: tuple[Script, ...] = field(repr=False, default=())


def induction(bound: Bound, properties: Iterable[Property]) -> Induction:
    """Proves what it can; a property that fails is given up and the others are tried without it.

    What is left unproved is not refuted: its failure need not be reachable.
    """
    kept = tuple(properties)
    ranges = tuple(f.name for f in bound.fields if not f.is_flag)
    every = {p.id for p in kept} | {f"range/{r}" for r in ranges}
    lost: dict[str, tuple[str, ...]] = {}
    for _ in range(MAX_ROUNDS):
        writer = Scripts(bound, kept, ranges)
        scripts = writer.all()
        failed = _failures(scripts)
        for id in writer.unsupported:
            failed.setdefault(id, []).append("unsupported")
        dropped = [id for id in failed if id in every and id not in lost]
        lost |= {id: tuple(failed[id]) for id in dropped}
        if not dropped:
            goals = {goal for script in scripts for goal in script.goals}
            untouched = {p.id for p in kept} | {f"range/{r}" for r in ranges}
            # the solver gives every cell a value: a property must be defined as well as true
            for prop in kept:
                failed.setdefault(prop.id, []).extend(failed.get(f"definedness/{prop.id}", ()))
            failed = {id: places for id, places in failed.items() if places}
            proved = frozenset((goals | untouched) - set(failed) - set(lost))
            rest = {id: tuple(places) for id, places in failed.items()}
            return Induction(proved, {**lost, **rest}, tuple(p.id for p in kept), tuple(scripts))
        kept = tuple(p for p in kept if p.id not in lost)
        ranges = tuple(r for r in ranges if f"range/{r}" not in lost)
    return Induction(frozenset(), dict.fromkeys(every, ("too many rounds",)), ())


def _failures(scripts: list[Script]) -> dict[str, list[str]]:
    """The goals that some script did not prove, with the sections' names."""
    failed: dict[str, list[str]] = {}
    for script in scripts:
        answers = check(script.text)
        for goal, place, answer in zip(script.goals, script.places, answers, strict=True):
            if answer != "unsat":
                failed.setdefault(goal, []).append(place)
    return failed
