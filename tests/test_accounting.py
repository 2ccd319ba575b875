"""The account of each shipped protocol: clauses cited, sizes kept for ``list`` up to date."""

import pytest
from trialspec.spec.citations import citations, uncited
from trialspec.spec.model import Clause, Machine, Protocol, State
from trialspec.spec.registry import load
from trialspec.spec.summary import kept, shipped, summary


@pytest.mark.parametrize("name", shipped())
def test_every_clause_is_cited_or_says_why_not(name: str) -> None:
    protocol = load(name)
    assert uncited(protocol) == []
    for clause in protocol.clauses:
        if clause.reason:
            assert clause.kind == "N", clause.id


@pytest.mark.parametrize("name", shipped())
def test_every_citation_is_of_a_clause_or_an_ambiguity(name: str) -> None:
    protocol = load(name)
    known = {c.id for c in protocol.clauses} | {a.id for a in protocol.ambiguities}
    assert set(citations(protocol)) <= known


@pytest.mark.parametrize("name", shipped())
def test_every_behavioural_ambiguity_stands_in_a_rule(name: str) -> None:
    protocol = load(name)
    found = citations(protocol)
    for ambiguity in protocol.ambiguities:
        assert bool(ambiguity.choices) == (ambiguity.kind == "behaviour"), ambiguity.id
        assert ambiguity.kind != "behaviour" or found.get(ambiguity.id), ambiguity.id


def test_the_kept_sizes_are_those_of_the_protocols() -> None:
    # python -m trialspec.spec.summary spec/protocols/summary.json writes them anew
    assert kept() == {name: summary(name) for name in shipped()}


def test_a_clause_that_nothing_cites_is_found() -> None:
    clauses = (
        Clause("A-1", "cited by nothing", "G"),
        Clause("A-2", "an aim", "N", reason="an aim"),
    )
    machine = Machine("trial", (State("open", initial=True),), (), ())
    assert uncited(Protocol("a", "A", (machine,), clauses)) == ["A-1"]
