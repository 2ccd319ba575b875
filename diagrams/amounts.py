"""The amounts of a drug in a treatment situation, each with its case, clauses and exact sum."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal, localcontext

from ..spec.errors import SpecError
from ..spec.types import shown
from ..statemachines.bound import Bound, Field, as_int
from ..statemachines.calendar import BoundRegimen
from ..statemachines.evaluate import Configuration, Undefined, evaluate
from .sheet import Amount

MOST_AMOUNTS = 8
DIGITS = 100  # more than a quantity times a cycle can have

Due = tuple[tuple[Configuration, BoundRegimen], ...]
"""The configurations in which a drug has a dose, and the regimen that gives it there."""


def amounts(bound: Bound, due: Due, doses: int | None) -> tuple[Amount, ...]:
    """Every amount that is due, lowest first; the ends alone when there are many.

    ``doses`` is how many a cycle has, for the sums; None where they would not be exact.
    """
    found: dict[Decimal, list[Configuration]] = {}
    clauses: dict[Decimal, dict[str, None]] = {}
    for configuration, regimen in due:
        value = _amount(bound, regimen, configuration)
        found.setdefault(value, []).append(configuration)
        clauses.setdefault(value, {})[regimen.regimen.clause] = None
    values = sorted(found)
    if len(values) > MOST_AMOUNTS:
        every = tuple(dict.fromkeys(c for v in values for c in clauses[v]))
        return (Amount(f"{values[0]:f} to {values[-1]:f}", every, many=len(values)),)
    field = _decides(bound, {r for _, r in due}, [found[v] for v in values])
    return tuple(
        Amount(
            f"{value:f}",
            tuple(clauses[value]),
            by=field.name if field else "",
            cases=_values(field, found[value]) if field else "",
            total="" if doses is None else _sum(value, doses),
        )
        for value in values
    )


def varies(bound: Bound, group: Collection[BoundRegimen], states: Collection[int]) -> bool:
    """Whether a rule may change the dose within a cycle, without leaving these states.

    A rule that sets the cycle's clock back begins a new cycle. The dose of several regimens that
    take turns changes with their conditions as well.
    """
    read = set().union(*(_read(r, with_when=len(group) > 1) for r in group))
    clocks = {r.regimen.clock for r in group} - {""}
    for rule in bound.rules:
        written = {effect.name for effect in rule.effects}
        inside = rule.source in states and rule.target in states
        if inside and read & written and not clocks & written:
            return True
    return False


def no_value(
    bound: Bound, regimen: BoundRegimen, what: str, configuration: Configuration, error: Undefined
) -> SpecError:
    """The error that a dose or a condition has no value where it is needed."""
    declared = regimen.regimen
    return SpecError(
        f"the {what} has no value in state {bound.states[configuration[0]]}: {error}",
        where=f"{declared.clause} (regimen of {declared.drug})",
    )


def _amount(bound: Bound, regimen: BoundRegimen, configuration: Configuration) -> Decimal:
    if regimen.type is None:
        return Decimal(regimen.regimen.dose)
    try:
        value = evaluate(bound, regimen.dose, configuration, {})
    except Undefined as error:
        raise no_value(bound, regimen, "dose", configuration, error) from None
    with localcontext(prec=DIGITS):
        return Decimal(str(shown(value, regimen.type)))


def _sum(value: Decimal, doses: int) -> str:
    with localcontext(prec=DIGITS):
        return f"{value * doses:f}"


def _read(regimen: BoundRegimen, *, with_when: bool = True) -> set[str]:
    """The variables that decide how much a regimen gives, and whether it runs."""
    parts = [*regimen.dose.walk(), *(regimen.when.walk() if with_when else ())]
    return {str(p.value) for p in parts if p.op in ("variable", "cell", "array")} - {"state"}


def _decides(
    bound: Bound, group: Collection[BoundRegimen], by_amount: list[list[Configuration]]
) -> Field | None:
    """The first variable whose value alone tells the amounts apart; None when it is the dose."""
    if len(by_amount) < 2 or (len(group) == 1 and all(r.dose.op == "variable" for r in group)):
        return None
    read = set().union(*map(_read, group))
    for field in bound.fields:
        if field.name not in read or field.size is not None or field.clock:
            continue
        values = [{c[field.offset] for c in found} for found in by_amount]
        if sum(map(len, values)) == len(set().union(*values)):
            return field
    return None


def _values(field: Field, configurations: list[Configuration]) -> str:
    """The values that a variable has, ``1 to 3`` or ``PR, SD``."""
    values = sorted({c[field.offset] for c in configurations})
    ends = values[0], values[-1]
    run = field.type.kind == "number" and field.type.step == "1"
    run = run and len(values) > 2 and ends[1] - ends[0] == len(values) - 1
    texts = [
        f"{shown(v, field.type)}"
        + (" or more" if field.type.saturates and v == as_int(field.high) else "")
        for v in (ends if run else values)
    ]
    return " to ".join(texts) if run else ", ".join(texts)
