"""Vectors and systems for tests: suites written as lists of events, answered by the reference."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cache
from pathlib import Path

from trialspec.oracle import Case
from trialspec.oracle.vectors import Group, Step, Suite, Vector, plain_constants, write_suite
from trialspec.spec.meaning import machine_hash
from trialspec.spec.registry import load

SYSTEM = Path(__file__).parent / "hostile" / "system.py"
REFERENCE = "trialspec.oracle.adapters.reference:Reference"
PYTHON = sys.executable
Events = Iterable[tuple[str, Mapping[str, object]]]

N, T = ("evaluate", {"dlt": False}), ("evaluate", {"dlt": True})


@cache
def _bound(machine: str, readings: tuple[tuple[str, str], ...]) -> Case:
    return Case("ibrutinib-mm", machine, readings=dict(readings))


def fresh(machine: str = "trial", readings: Mapping[str, str] | None = None) -> Case:
    """A fresh case of ibrutinib-mm; binding it, which takes long, is done once."""
    return copy(_bound(machine, tuple((readings or {}).items())))


def vector(id: str, events: Events, case: Case | None = None) -> Vector:
    """The answers of the reference to some events."""
    case = case or fresh()
    steps = []
    for event, arguments in events:
        found = case.apply(event, **arguments)
        steps.append(
            Step(event, dict(arguments), found.answer, found.clause, found.reason, found.observe)
        )
    return Vector(id, "nominal", tuple(steps))


def suite(
    vectors: Mapping[str, Events] | None = None,
    machine: str = "trial",
    readings: Mapping[str, str] | None = None,
) -> Suite:
    """A suite of ibrutinib-mm with one group, ``rules``; three vectors unless others are given."""
    bound = fresh(machine, readings).bound
    made = tuple(
        vector(f"rules/{id}", events, fresh(machine, readings))
        for id, events in (USUAL if vectors is None else vectors).items()
    )
    return Suite(
        "ibrutinib-mm",
        machine,
        machine_hash(
            load("ibrutinib-mm"), machine, constants=bound.constants, readings=bound.readings
        ),
        plain_constants(bound.constants),
        dict(bound.readings),
        "complete",
        (Group("rules", ("IBR-05",), "Patients are treated at the open level.", made),),
    )


USUAL = {
    "first-free-of-toxicity": [N],
    "other-level-refused": [N, ("register", {"level": 2})],
    "goes-up": [N, N, N, T],
}


def written(folder: Path, made: Suite | None = None, name: str = "hand.vectors.json") -> Path:
    """A vectors file."""
    path = folder / name
    path.write_text(write_suite(made or suite()), encoding="utf-8")
    return path
