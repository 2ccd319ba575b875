"""The account of each shipped protocol: its sentences, clauses, ambiguities, and ``list``'s sizes."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from trialspec.spec.accounting import unaccounted
from trialspec.spec.citations import citations, uncited
from trialspec.spec.expression import Node, parse, parse_effects
from trialspec.spec.mentions import mentioned
from trialspec.spec.model import Clause, Machine, Protocol, State
from trialspec.spec.registry import load
from trialspec.spec.sentences import fingerprint, sentences
from trialspec.spec.summary import kept, shipped, summary

ROOT = Path(__file__).parents[1]
PAGE, README = ROOT / "docs" / "ambiguities.md", ROOT / "README.md"


# ---- sentences and clauses


@pytest.mark.parametrize("name", shipped())
def test_every_sentence_and_every_clause_is_accounted_for(name: str) -> None:
    # a sentence has a clause or a reason; a clause is used, or of kind N and says why it is not
    protocol = load(name)
    assert unaccounted(protocol) == []
    assert {c.document for c in protocol.clauses} == {i.document for i in protocol.sources}
    assert set(protocol.documents) == {i.document for i in protocol.sources}


@pytest.mark.parametrize("name", shipped())
def test_no_sentence_of_a_source_stands_in_its_protocol_or_on_a_page(name: str) -> None:
    # whole sentences: short headings, which say nothing of their own, aside
    protocol = load(name)
    kept = {e.sha256 for i in protocol.sources for e in i.sentences if not e.reason}
    prose = [c.text for c in protocol.clauses] + [protocol.title, protocol.notes]
    for a in protocol.ambiguities:
        prose += [a.question, a.why, *a.readings.values()]
    for machine in protocol.machines:
        prose += [machine.meaning, *(x.meaning for x in (*machine.events, *machine.states))]
        prose += [x.statement for x in (*machine.invariants, *machine.claims)]
    prose += [path.read_text(encoding="utf-8") for path in [*PAGE.parent.glob("*.md"), README]]
    found = {fingerprint(s.text) for text in prose for s in sentences(text)}
    assert found and not found & kept


@pytest.mark.parametrize("name", shipped())
def test_every_citation_is_of_a_clause_or_an_ambiguity(name: str) -> None:
    protocol = load(name)
    known = {c.id for c in protocol.clauses} | {a.id for a in protocol.ambiguities}
    assert set(citations(protocol)) <= known


# ---- ambiguities


def acting(machine: Machine) -> Iterator[Node]:
    """Every tree that decides what a machine does, definitions that are used included."""
    texts = [r.condition for t in machine.transitions for r in t.requires]
    texts += [t.when for t in machine.transitions]
    texts += [t for e in machine.events for t in (e.possible, e.asked)]
    texts += [s.within for s in machine.states if s.within is not None]
    texts += [str(t) for r in machine.regimens for t in (r.when, r.dose, r.cycle)]
    trees = [parse(text) for text in texts]
    for t in machine.transitions:
        trees += [part for e in parse_effects(t.then) for part in (e.target, e.value)]
    used = mentioned(machine)
    yield from trees
    yield from (parse(text) for name, text in machine.definitions.items() if name in used)


def chosen(machine: Machine, name: str) -> set[frozenset[str]]:
    """The readings of one ambiguity that each condition on it names."""
    return {
        frozenset(str(a.value) for a in node.args if a.op == "label")
        for tree in acting(machine)
        for node in tree.walk()
        if node.op in ("==", "!=", "in") and Node("name", name) in node.args
    }


@pytest.mark.parametrize("name", shipped())
def test_every_reading_stands_in_something_that_acts(name: str) -> None:
    protocol = load(name)
    for ambiguity in protocol.ambiguities:
        assert bool(ambiguity.choices) == (ambiguity.kind == "behaviour"), ambiguity.id
        # one reading is one where a gap is left open otherwise
        assert ambiguity.kind != "behaviour" or len(ambiguity.choices) > 1, ambiguity.id
        named = {s for machine in protocol.machines for s in chosen(machine, ambiguity.name)}
        readings = [*ambiguity.readings, *(["silent"] if ambiguity.gap else [])]
        for one, other in combinations(readings, 2):
            told = any((one in slugs) != (other in slugs) for slugs in named)
            assert told, f"{ambiguity.id}: no condition tells {one} from {other}"


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of docs/ambiguities.md."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_the_page_has_every_severe_entry_that_is_not_switchable() -> None:
    rows = table("Severe entries that can't be switched")
    found = {(protocol, id): kind for protocol, id, _, kind, _ in rows}
    assert len(found) == len(rows)
    severe = {
        (name, a.id): a.kind
        for name in shipped()
        for a in load(name).ambiguities
        if a.severity == "H" and a.kind != "behaviour"
    }
    assert found == severe
    for name, id, clauses, _, reason in rows:
        known = {c.id for c in load(name).clauses}
        assert clauses and set(clauses.split(", ")) <= known, (name, id)
        assert len(reason) > 20, (name, id)
        # another entry that is named is one
        others = set(re.findall(r"[A-Z]+-A\d+[a-z]?", reason))
        assert others <= {a.id for a in load(name).ambiguities}, (name, id)


def test_every_common_question_is_answered_or_concerns_no_rule() -> None:
    rows = table("Common questions that don't concern a protocol")
    aside = {(name, id) for name, ids, _ in rows for id in ids.split(", ")}
    for name in shipped():
        common = {a.id for a in load(name).ambiguities if a.id.startswith("X-")}
        expected = {f"X-A{n:02d}" for n in range(1, 15)}
        assert common | {id for p, id in aside if p == name} == expected, name
        assert not common & {id for p, id in aside if p == name}, name
    assert {name for name, _ in aside} <= set(shipped())


# ---- sizes


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
