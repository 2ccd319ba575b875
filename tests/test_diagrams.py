"""Diagrams: the chart holds every rule once, and every format shows it whatever the names are."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from trialspec.diagrams.chart import Chart
from trialspec.diagrams.dot import dot
from trialspec.diagrams.draw import draw
from trialspec.diagrams.files import FORMATS, content, drawn_from
from trialspec.diagrams.mermaid import mermaid
from trialspec.diagrams.render import render
from trialspec.diagrams.simplify import Simplifier
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node, conjunction
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clause,
    Count,
    Landmark,
    Machine,
    Observation,
    Protocol,
    Requirement,
    State,
    Transition,
    Unspecified,
)
from trialspec.spec.notice import NOTICE
from trialspec.spec.readings import PROFILES, parse_readings
from trialspec.spec.registry import load, names
from trialspec.spec.resolve import Resolver
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound, as_int
from trialspec.statemachines.evaluate import Undefined, evaluate

GALLERY = Path(__file__).parents[1] / "diagrams" / "gallery"
SVG = "{http://www.w3.org/2000/svg}"


def small() -> Protocol:
    """Two open states, one gap, and a rule of every kind a chart tells apart."""
    return Protocol(
        "small-trial",
        "A small trial",
        machines=(
            Machine(
                "trial",
                constants={"cap": 6, "levels": 2},
                variables=(
                    Count("seen", 0, "cap", meaning="patients so far"),
                    Count("bad", 0, "cap", per="levels"),
                ),
                definitions={
                    "limit": "cap if A_1 == 'high' else 2",
                    "room": "seen < limit",
                    "unused": "seen == 0",
                },
                states=(
                    State("open", initial=True, meaning="taking patients"),
                    State("held"),
                    State("closed", final=True),
                ),
                events=(
                    Action("enrol"),
                    Action("hold"),
                    Action("resume"),
                    Observation("toxicity", fatal=Bool, possible="seen > 0"),
                    Observation("news"),
                ),
                transitions=(
                    Transition("C-1", "open", "enrol", None, "room", "seen += 1"),
                    Transition("C-2", "open", "hold", "held"),
                    Transition("C-2", "held", "resume", "open", "A_1 == 'high' or seen == 1"),
                    Transition(
                        "C-3",
                        ("open", "held"),
                        "toxicity",
                        "closed",
                        "fatal",
                        requires=(Requirement("C-1", "seen <= limit"),),
                    ),
                    Transition("C-3", "open", "toxicity", "open", "not fatal", "bad[1] = seen"),
                    Transition("C-3", "held", "toxicity", Unspecified("A-2"), "not fatal"),
                    Transition("C-4", ("open", "held"), "news"),
                    Transition("C-4", ("open", "held"), "year"),
                ),
                landmarks=(Landmark("year", after="enrol", months=12),),
            ),
        ),
        clauses=(Clause("C-1", "Six at most.", "G"), Clause("C-9", "Cited by nothing.", "N")),
        ambiguities=(
            Ambiguity("A-1", "How many?", {"high": "six", "low": "two"}, "high"),
            Ambiguity("A-2", "A toxicity while held?", kind="note"),
        ),
    )


def chart(protocol: Protocol, machine: str = "trial", **readings: str) -> Chart:
    chosen = {id.replace("_", "-"): name for id, name in readings.items()}
    return draw(protocol, bind(protocol, machine, readings=chosen))


def bounds(name: str, profile: str) -> list[tuple[Protocol, Bound]]:
    protocol = small() if name == "small-trial" else load(name)
    readings = parse_readings(protocol, [profile])
    return [(protocol, bind(protocol, m.name, readings=readings)) for m in protocol.machines]


every_protocol = pytest.mark.parametrize(
    ("name", "profile"), [(n, p) for n in (*names(), "small-trial") for p in PROFILES]
)


# ---- the chart


@every_protocol
def test_every_rule_is_drawn_once_with_its_clause(name: str, profile: str) -> None:
    for protocol, bound in bounds(name, profile):
        made = draw(protocol, bound)
        drawn = Counter(n for row in made.rows for n in row.rules)
        assert drawn == Counter(rule.name for rule in bound.rules)
        rules = {rule.name: rule for rule in bound.rules}
        for edge in made.edges:
            for row in edge.rows:
                assert len(row.rules) == len(edge.sources)
                for source, each in zip(edge.sources, row.rules, strict=True):
                    rule = rules[each]
                    assert (row.clause, source) == (rule.clause, bound.states[rule.source])
                    assert row.observation == bound.event[rule.event].observation
                    assert edge.unspecified == isinstance(rule.target, Unspecified)
                    if isinstance(rule.target, int):
                        assert edge.target == bound.states[rule.target]
                    else:
                        assert edge.target == rule.target.ambiguity
        for box in made.boxes:
            for row in (*box.changes, *box.idle):
                (only,) = row.rules
                assert row.clause == rules[only].clause
                assert rules[only].source == rules[only].target
                assert bound.states[rules[only].source] == box.name


@every_protocol
def test_what_is_shown_of_a_guard_means_the_whole_guard(name: str, profile: str) -> None:
    for protocol, bound in bounds(name, profile):
        shown = {n: row for row in draw(protocol, bound).rows for n in row.rules}
        random = Random(1)
        outcomes = set()
        for rule in bound.rules:
            if any(p.text == "otherwise" or p.text.startswith("a reading of") for p in rule.parts):
                continue
            event = bound.event[rule.event]
            scope = bound.scope.with_arguments({p.name: p.type for p in event.parameters})
            texts = [c.text for c in shown[rule.name].conditions]
            again = conjunction([Resolver(scope).condition(t, rule.name) for t in texts])
            for _ in range(50):
                configuration = [rule.source]
                for field in bound.fields:
                    ends = as_int(field.low), as_int(field.high)
                    configuration += [random.randint(*ends) for _ in range(field.cells)]
                # many conditions at once hold only where most of the truth values are true
                arguments = {
                    p.name: max(random.randint(as_int(p.low), as_int(p.high)) for _ in range(n))
                    for p in event.parameters
                    for n in [1 + (p.type.kind == "bool")]
                }
                both = [
                    _value(bound, node, tuple(configuration), arguments)
                    for node in (again, rule.guard)
                ]
                assert both[0] == both[1], (rule.name, texts)
                outcomes.add(both[0])
        assert {True, False} <= outcomes


def _value(
    bound: Bound, node: Node, configuration: tuple[int, ...], arguments: dict[str, int]
) -> bool | None:
    try:
        return bool(evaluate(bound, node, configuration, arguments))
    except Undefined:
        return None


def test_rules_are_sorted_into_lines_and_boxes() -> None:
    made = chart(small())
    lines = {(e.sources, e.target): [r.clause for r in e.rows] for e in made.edges}
    assert lines == {
        (("open",), "held"): ["C-2"],
        (("held",), "open"): ["C-2"],
        (("open", "held"), "closed"): ["C-3"],
        (("open",), "open"): ["C-3"],
        (("held",), "A-2"): ["C-3"],
    }
    assert {e.target: e.style for e in made.edges if e.sources == ("open",)} == {
        "held": "action",
        "open": "observation",
    }
    first, held, closed = made.boxes
    assert [(r.event, r.effects) for r in first.changes] == [
        ("enrol", ("seen += 1", "year is awaited")),
        ("year", ("year has passed",)),
    ]
    assert [r.event for r in first.idle] == ["news"]
    assert (first.initial, first.final, closed.final) == (True, False, True)
    assert [r.clause for r in (*held.changes, *held.idle)] == ["C-4", "C-4"]
    assert [(o.ambiguity, o.question) for o in made.outcomes] == [("A-2", "A toxicity while held?")]


def test_guards_show_what_the_readings_leave() -> None:
    high, low = chart(small()), chart(small(), A_1="low")
    assert (high.readings, low.readings) == ("default", "default, with A-1=low")
    resume = [e.rows[0].guard for c in (high, low) for e in c.edges if e.target == "open"]
    assert resume == [("not fatal",), (), ("not fatal",), ("seen == 1",)]
    assert [(d.name, d.text) for d in high.definitions] == [("room", "seen < cap")]
    assert [(d.name, d.text) for d in low.definitions] == [("room", "seen < 2")]
    (fatal,) = (e.rows[0].guard for e in low.edges if e.target == "closed")
    assert fatal == ("seen <= 2 [C-1]", "fatal")


def test_the_legend_names_caps_values_events_and_clauses() -> None:
    made = chart(small())
    assert [(e.name, e.text) for e in made.constants] == [("cap", "6"), ("levels", "2")]
    assert [(e.name, e.text) for e in made.variables] == [
        ("seen", "patients so far (0 to cap)"),
        ("bad", "0 to cap for each of 1 to levels"),
    ]
    events = {e.name: e.text for e in made.events}
    assert events["toxicity(fatal)"] == "can happen if seen > 0"
    assert events["year"].startswith("12 months after the first enrol")
    assert [(e.name, e.text) for e in made.clauses] == [("C-1", "Six at most.")]


def test_a_state_that_no_rule_leads_to_says_so() -> None:
    protocol = small()
    (machine,) = protocol.machines
    alone = replace(machine, states=(*machine.states, State("lonely", final=True)))
    made = chart(replace(protocol, machines=(alone,)))
    assert [b.name for b in made.boxes if not b.entered] == ["lonely"]
    assert "no rule leads here" in dot(made)
    assert "no rule leads here" in mermaid(made)


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("A_1 == 'high' and seen > 1", "seen > 1"),
        ("A_1 in ('low', 'middle') or seen > 1", "seen > 1"),
        ("not (A_1 != 'high') and room", "room"),
        ("implies(A_1 == 'high', seen > 1)", "seen > 1"),
        ("implies(seen > 1, A_1 == 'low')", "not seen > 1"),
        ("seen + (1 if A_1 == 'low' else 0) < limit", "seen < cap"),
        ("all(bad[cap] < k for cap in levels)", "all(bad[cap] < k for cap in levels)"),
        ("A_1 == 'low'", "False"),
    ],
)
def test_simplifying(text: str, simple: str) -> None:
    assert str(Simplifier(bind(small()).scope).condition(text)) == simple


def test_no_effect_is_no_effect() -> None:
    simplifier = Simplifier(bind(small()).scope)
    texts = "seen += 1 if A_1 == 'low' else 0; bad[1] = bad[1]; bad[2] -= limit"
    assert [str(e) for e in simplifier.effects(texts)] == ["bad[2] -= cap"]


# ---- formats

MAGIC = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-",
    "dot": b"",
    "mermaid": b"%%",
}


def texts_of(svg: bytes) -> str:
    """What an SVG shows, blanks of any kind as one."""
    found = (e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_drawn_and_the_same_twice(kind: str) -> None:
    made = chart(small())
    first = content(made, kind)
    assert first.startswith(MAGIC[kind])
    assert len(first) > 500
    assert content(chart(small()), kind) == first


def test_the_svg_shows_states_clauses_caps_and_the_notice() -> None:
    shown = texts_of(content(chart(small()), "svg"))
    for text in ("open", "held", "closed", "C-3", "cap = 6", "seen < cap", "unspecified: A-2"):
        assert text in shown
    assert NOTICE in shown
    assert "Readings: default" in shown


def test_actions_observations_and_the_unspecified_look_different() -> None:
    source = dot(chart(small()))
    arrows = [line for line in source.splitlines() if "->" in line]
    styles = Counter(re.search(r"style=(\w+)", a)[1] for a in arrows if "style=" in a)  # type: ignore[index]
    # each line has one piece for each source and one to its target; the first comes from a dot
    assert styles == {"solid": 4, "dashed": 5, "dotted": 2}
    assert source.count("peripheries=2") == 1


def test_an_svg_knows_the_text_it_was_drawn_from() -> None:
    made = chart(small())
    svg = content(made, "svg")
    assert drawn_from(svg, dot(made))
    assert not drawn_from(svg, dot(chart(small(), A_1="low")))


def test_mermaid_has_a_line_for_every_state_and_line() -> None:
    text = mermaid(chart(small()))
    found = text.splitlines()
    assert found[1:3] == ["stateDiagram-v2", "    direction TB"]
    assert '    state "open" as s0' in found
    assert "    [*] --> s0" in found
    assert "    s2 --> [*]" in found
    assert "    s0 --> s1 : hold, action (C-2)" in found
    assert "    s1 --> u0 : toxicity(fatal), happens [not fatal] (C-3)" in found
    assert "    class u0 unspecified" in found
    assert_mermaid(text)


def assert_mermaid(text: str) -> None:
    """Each line is one of the few statements that are written, labels without special signs."""
    label = r"(?:[^\"#;:<>{}%&`|\\~^$@!?]|#\d+;|<br/>)*"
    statements = [
        r"%% .*",
        r"stateDiagram-v2",
        r"    direction TB",
        rf'    state "{label}" as [su]\d+',
        rf"    [su]\d+ : {label}",
        rf"    (\[\*\]|s\d+) --> (\[\*\]|[su]\d+)( : {label})?",
        r"    note right of s0",
        rf"        {label}",
        r"    end note",
        r"    classDef unspecified [\w:#,\- ]+",
        r"    class u\d+(,u\d+)* unspecified",
    ]
    for line in text.split("\n")[:-1]:
        assert any(re.fullmatch(s, line) for s in statements), line
    assert text.split("\n").count("    end note") == 1


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SpecError, match="unknown format 'gif'"):
        content(chart(small()), "gif")
    with pytest.raises(SpecError, match="unknown format 'dot'"):
        render("digraph {}", "dot")


def test_broken_dot_is_one_message() -> None:
    with pytest.raises(SpecError, match="Graphviz failed"):
        render("digraph {", "svg")
    with pytest.raises(SpecError, match="Graphviz failed"):
        render("digraph { a [label=<<TABLE><TR></TR></TABLE>>] }", "svg")


def test_a_machine_without_fonts_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux looks fonts up through fontconfig alone")
    config = tmp_path / "fonts.conf"
    config.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    source = dot(chart(small()))
    with pytest.raises(SpecError, match="no fonts"):
        render(source, "png")
    assert "closed" in texts_of(render(source, "svg"))
