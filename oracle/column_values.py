"""What a mapping file puts for the log's own values, checked before a log is read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from ..spec.errors import SpecError
from ..spec.model import Protocol
from ..spec.place import short
from ..spec.types import Type
from ..statemachines.arguments import read_value
from ..statemachines.bound import Bound
from ..statemachines.step import ELAPSE
from .columns import Columns
from .observed import place

ANY = 10**30


def check_values(
    protocol: Protocol, bounds: Sequence[Bound], columns: Columns, answers: Sequence[str]
) -> None:
    """`SpecError` for a value of [values] or [constants] that its column can never have.

    An event must be one of the protocol's, a label one that the argument or variable has, a truth
    value or number one that can be read; whether a number is in its range is for the rows.
    """
    given: list[tuple[str, str, str, object]] = [
        (name, f"[values.{name}]", key, value)
        for name, table in columns.values.items()
        for key, value in table.items()
    ]
    given += [(name, "[constants]", name, value) for name, value in columns.constants.items()]
    for name, part, key, value in given:
        if name == "event":
            _one_of(part, key, value, "event", _events(protocol, bounds))
        elif name == "answer":
            _one_of(part, key, value, "answer", answers)
        elif value != "":
            # an empty cell says nothing, whatever its column is
            _readable(part, key, name, value, _types(bounds, name))


def _events(protocol: Protocol, bounds: Sequence[Bound]) -> list[str]:
    """All that a log can call an event, landmarks and other machines' among them."""
    names = [e.name for b in bounds for e in b.events]
    names += [e.name for m in protocol.machines for e in m.events]
    return list(dict.fromkeys([*names, ELAPSE]))


def _one_of(part: str, key: str, value: object, what: str, known: Collection[str]) -> None:
    if value in known:
        return
    near = get_close_matches(str(value)[:100], known, 1)
    listed = f"{what}s: {', '.join(known)}"
    raise SpecError(
        f"{short(key)} in {part} is {short(value)}, which is no {what}",
        where="--columns",
        hint=f"did you mean {near[0]}? {listed}" if near else listed,
    )


def _types(bounds: Sequence[Bound], name: str) -> list[Type]:
    """What a column can hold: as each argument of the name, and as what is observed."""
    types = [p.type for b in bounds for e in b.events for p in e.parameters if p.name == name]
    for bound in bounds:
        try:
            types.append(place(bound, name).type)
        except SpecError:
            # the other machine has it, or it is an argument
            continue
    return types


def _readable(part: str, key: str, name: str, value: object, types: Sequence[Type]) -> None:
    problem: SpecError | None = None
    for type in types:
        try:
            read_value(value, name, type, -ANY, ANY)
        except SpecError as error:
            problem = problem or error
        else:
            return
    if problem is not None:
        raise SpecError(
            f"{short(key)} in {part}: {problem.message}", where="--columns", hint=problem.hint
        )
