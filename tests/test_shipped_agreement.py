"""Reference step, compiled step, automaton, library machine and SMT-LIB text of every shipped
machine: on every reachable configuration up to 20,000, above that on every distinct local context
of every rule; in the default run on some of each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from comparing import (
    compare_properties,
    compare_rule,
    configurations_of,
    distinct,
    events,
    of_compiled,
    of_reference,
    place,
)
from trialspec.spec.registry import load, names
from trialspec.statemachines.automaton import REFUSED, UNSPECIFIED, Automaton, automaton
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.explore import explore
from trialspec.statemachines.proof.obligations import properties
from trialspec.statemachines.step import elapse, show_arguments
from trialspec.statemachines.view import view

MACHINES = [(name, machine.name) for name in names() for machine in load(name).machines]
WHOLE = 20_000
SAMPLE = 6
CASES_A_SCRIPT = 60
MOST_CHOICES = 12
MANY = 100_000

# an automaton has an entry for every configuration and event: more than this is not drawn up
LARGE = [("plerixafor-cll", "subject"), ("antimag-lenalidomide", "subject")]

Case = tuple[Configuration, str, tuple[int, ...], dict[str, int]]


@cache
def table_of(name: str, machine: str) -> tuple[Bound, Automaton | None, list[Configuration]]:
    """A machine, its automaton where it is small enough for one, its reachable configurations."""
    bound = bind(load(name), machine)
    if (name, machine) in LARGE:
        return bound, None, sorted(configurations_of(explore(bound)))
    table = automaton(bound)
    return bound, table, list(table.configurations)


def agree(bound: Bound, table: Automaton | None, cases: Iterable[Case]) -> int:
    """Every reading's answer to each case; how many there were.

    The library's machine is slow: beyond the first `MANY` cases it takes every fifth.
    """
    compiled, library = Compiled(bound), view(bound)
    number = {here: i for i, here in enumerate(table.configurations)} if table else {}
    count = 0
    for here, name, values, arguments in cases:
        expected = of_reference(bound, here, name, arguments)
        assert expected != "defect", (here, name, arguments)
        assert of_compiled(compiled.fire[name], here, values) == expected, (here, name, arguments)
        if table:
            found = listed(table, number[here], name, arguments)
            assert found == expected, (here, name, arguments)
        count += 1
        if count > MANY and count % 5:
            continue
        place(library, bound, here)
        shown = show_arguments(bound.event[name], arguments)
        assert library.trigger(name, **shown) is isinstance(expected, tuple)
        after = expected if isinstance(expected, tuple) else here
        assert library.configuration == after, (here, name, arguments)
    return count


def listed(table: Automaton, number: int, name: str, arguments: dict[str, int]) -> Any:
    code = table.next(number, table.symbol(name, arguments))
    if code == REFUSED:
        return None
    return table.ambiguities[UNSPECIFIED - code] if code < 0 else table.configurations[code]


def days_agree(
    bound: Bound, table: Automaton | None, configurations: Iterable[Configuration]
) -> None:
    if not bound.clocks or table is None:
        return
    number = {here: i for i, here in enumerate(table.configurations)}
    symbol = table.symbol("elapse", {"days": 1})
    for here in configurations:
        after = table.configurations[table.next(number[here], symbol)]
        assert after == elapse(bound, here, 1)


def everywhere(bound: Bound, configurations: Iterable[Configuration]) -> Iterator[Case]:
    asked = list(events(bound))
    for here in configurations:
        for name, values, arguments in asked:
            yield here, name, values, arguments


def contexts(bound: Bound, configurations: list[Configuration]) -> Iterator[Case]:
    """For every rule, one configuration of each context that its texts can tell from others.

    Of many choices of arguments each context takes some, in turn.
    """
    choices = Counter(name for name, _, _ in events(bound))
    for rule in bound.rules:
        many = choices[rule.event]
        every = max(1, many // MOST_CHOICES)
        for number, (here, arguments) in enumerate(distinct(bound, rule, configurations)):
            if (number // many + number % many) % every == 0:
                yield here, rule.event, tuple(arguments.values()), arguments


def texts_agree(bound: Bound, configurations: list[Configuration]) -> int:
    """The SMT-LIB text of every rule and property, on the distinct contexts of each."""
    count = 0
    for rule in bound.rules:
        cases = list(distinct(bound, rule, configurations))
        for start in range(0, len(cases), CASES_A_SCRIPT):
            compare_rule(bound, rule, cases[start : start + CASES_A_SCRIPT])
        count += len(cases)
    nodes = [p.node for p in properties(bound)]
    if nodes:
        compare_properties(bound, nodes, configurations[:CASES_A_SCRIPT])
    return count


@pytest.mark.parametrize(("name", "machine"), [m for m in MACHINES if m not in LARGE])
def test_some_of_every_machine(name: str, machine: str) -> None:
    bound, table, reachable = table_of(name, machine)
    some = reachable[:: max(1, len(reachable) // SAMPLE)]
    assert agree(bound, table, everywhere(bound, some)) >= SAMPLE
    days_agree(bound, table, some)
    assert texts_agree(bound, some[:4]) > 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "machine"), MACHINES)
def test_all_of_every_machine(name: str, machine: str) -> None:
    bound, table, reachable = table_of(name, machine)
    days_agree(bound, table, reachable)
    whole = len(reachable) <= WHOLE
    cases = everywhere(bound, reachable) if whole else contexts(bound, reachable)
    count = agree(bound, table, cases)
    assert count >= (len(reachable) * len(list(events(bound))) if whole else len(bound.rules))
    if whole:
        assert texts_agree(bound, reachable[:: max(1, len(reachable) // 400)]) > 0
