"""What holds of the register of every shipped protocol: its clauses and its ambiguities."""

from __future__ import annotations

import pytest
from register import machines_naming
from trialspec.spec.citations import cited, uncited, unknown
from trialspec.spec.model import UNSPECIFIED
from trialspec.spec.registry import load
from trialspec.spec.summary import shipped

# of which nothing but a theorem speaks: that stable disease goes on as a partial response
ONLY_CLAIMED = {"plerixafor-cll": {"PLX-23"}}


@pytest.mark.parametrize("name", shipped())
def test_every_clause_is_cited_by_something_that_acts(name: str) -> None:
    protocol = load(name)
    assert uncited(protocol) == unknown(protocol) == []
    acting = {
        id
        for machine in protocol.machines
        for id, what in cited(machine)
        if not what.startswith("claim")
    }
    only_claimed = {c.id for c in protocol.clauses if not c.reason} - acting
    assert only_claimed == ONLY_CLAIMED.get(name, set())


@pytest.mark.parametrize("name", shipped())
def test_every_ambiguity_is_a_question_and_can_be_switched_where_it_changes_behaviour(
    name: str,
) -> None:
    protocol = load(name)
    assert protocol.ambiguities
    for a in protocol.ambiguities:
        assert a.why and a.question
        assert bool(a.choices) == (a.kind == "behaviour")
        if a.kind == "behaviour":
            assert machines_naming(protocol, a.id), a.id
            assert a.default in a.choices and UNSPECIFIED not in a.readings
            assert a.choice(a.literal or a.default)


@pytest.mark.parametrize("name", shipped())
def test_ids_are_numbered_one_by_one(name: str) -> None:
    """Clauses, and ambiguities of the protocol itself; letters tell apart what came later."""
    protocol = load(name)
    for ids in (
        [c.id for c in protocol.clauses],
        [a.id for a in protocol.ambiguities if not a.id.startswith("X-")],
    ):
        numbers = [int(id.rstrip("abc").split("-")[1].lstrip("A")) for id in ids]
        assert list(dict.fromkeys(numbers)) == list(range(1, max(numbers) + 1))
        assert len(set(ids)) == len(ids)
