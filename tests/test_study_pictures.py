"""Pictures of a trial beside its subjects; rules of several states, and gaps, in state diagrams."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from trialspec.diagrams.arrange import arrange
from trialspec.diagrams.chart import Chart, Gap
from trialspec.diagrams.dot import dot
from trialspec.diagrams.draw import draw
from trialspec.diagrams.files import content, formats
from trialspec.diagrams.mermaid import mermaid
from trialspec.diagrams.study import Alone, Move, StudyChart, study_chart
from trialspec.oracle.cli.main import main
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clause,
    Count,
    Joint,
    Machine,
    Observation,
    Protocol,
    Regimen,
    State,
    Study,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.notice import NOTICE
from trialspec.spec.readings import parse_readings
from trialspec.spec.registry import load, names
from trialspec.statemachines.bind import bind
from trialspec.statemachines.explore import explore
from trialspec.statemachines.study import compose

SVG = "{http://www.w3.org/2000/svg}"


def two_machines() -> Protocol:
    """A trial that enrols and hears of toxicity; a subject that is treated in between."""
    trial = Machine(
        "trial",
        constants={"cap": 3},
        variables=(Count("enrolled", 0, "cap"), Count("open_arm", 1, 2)),
        definitions={"room": "enrolled < cap"},
        states=(State("open", initial=True), State("held"), State("closed", final=True)),
        events=(
            Action("enrol", arm=Whole(1, 2)),
            Observation("report", severe=Bool, possible="enrolled > 0"),
            Action("transfer"),
            Action("resume"),
        ),
        transitions=(
            Transition("T-1", "open", "enrol", None, "room", "enrolled += 1"),
            Transition("T-2", "open", "report", "closed", "severe"),
            Transition("T-2", ("open", "held"), "report", "held", "not severe"),
            Transition("T-2", "held", "report", Unspecified("A-1"), "severe"),
            Transition("T-3", "open", "transfer", when="A_2 == 'moves'"),
            Transition("T-4", "held", "resume", "open"),
        ),
    )
    subject = Machine(
        "subject",
        variables=(Count("arm", 1, 2),),
        definitions={"mine": "3 - arm"},
        states=(State("new", initial=True), State("treated"), State("off", final=True)),
        events=(
            Action("enrol", arm=Whole(1, 2), age=Whole(18, 20)),
            Action("report", severe=Bool),
            Action("transfer"),
            Observation("death"),
        ),
        transitions=(
            Transition("S-1", "new", "enrol", "treated", then="arm = event.arm"),
            Transition("S-2", "treated", "report"),
            Transition("S-3", ("new", "treated"), "death", "off"),
        ),
    )
    return Protocol(
        "two-machines",
        "Two machines",
        machines=(trial, subject),
        clauses=(Clause("T-1", "Three at most.", "G"), Clause("T-4", "Resumed.", "G")),
        ambiguities=(
            Ambiguity("A-1", "A severe report while held?", kind="note"),
            Ambiguity("A-2", "May patients move?", {"stays": "no", "moves": "yes"}, "stays"),
        ),
        study=Study(
            joint=(Joint("report", "T-2", "mine", "open_arm"),),
            sees={"treated": "state == 'treated'"},
        ),
    )


def study(protocol: Protocol, **readings: str) -> StudyChart:
    chosen = {id.replace("_", "-"): name for id, name in readings.items()}
    return study_chart(protocol, compose(protocol, readings=chosen))


def texts_of(svg: bytes) -> str:
    found = (e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(found).split())


# ---- the study


def test_joint_events_lead_somewhere_in_both_machines() -> None:
    made = study(two_machines())
    enrol, report, transfer = made.together
    assert (enrol.event, enrol.observation, enrol.needs) == ("enrol(arm, age)", False, None)
    assert enrol.trial.moves == (Move(("open",), True, (), ()),)
    assert enrol.trial.clauses == ("T-1",)
    assert enrol.subject.moves == (Move(("new",), False, ("treated",), ()),)
    assert report.trial.moves == (
        Move(("open",), False, ("closed", "held"), ()),
        Move(("held",), True, (), ("A-1",)),
    )
    assert report.needs is not None
    assert report.needs.text == "the subject's mine is the trial's open_arm"
    assert report.needs.clause == "T-2"
    # what one machine decides is no observation of both
    assert not report.observation
    assert not transfer.possible
    assert study(two_machines(), A_2="moves").together[2].possible


def test_events_of_one_machine_are_listed() -> None:
    made = study(two_machines())
    assert made.trial == (Alone("resume", False),)
    assert made.subject == (Alone("death", True),)
    assert [(e.name, e.text) for e in made.sees] == [("treated", "state == 'treated'")]
    assert [(e.name, e.text) for e in made.subject_words] == [("mine", "3 - arm")]
    assert made.trial_words == ()
    assert [e.name for e in made.clauses] == ["T-1"]
    assert made.name == "two-machines-study"


def test_the_study_is_drawn_with_the_notice() -> None:
    made = study(two_machines())
    shown = texts_of(content(made, "svg"))
    for text in (
        "two-machines: trial and subjects",
        NOTICE,
        "enrol(arm, age) action",
        "open to closed, held held stays, or unspecified (A-1)",
        "if the subject's mine is the trial's open_arm",
        "Not under these readings transfer",
        "In the subject alone death",
        "Readings: default",
    ):
        assert text in shown, text
    moving = texts_of(content(study(two_machines(), A_2="moves"), "svg"))
    assert "Not under these readings" not in moving
    assert "no rule under these readings" in moving
    assert content(made, "dot") == content(study(two_machines()), "dot")
    assert formats(made) == ("svg", "png", "pdf", "dot")
    with pytest.raises(SpecError, match="trial and subjects is a table"):
        content(made, "mermaid")


@pytest.mark.parametrize("name", names())
def test_every_joint_event_of_a_protocol_is_drawn(name: str) -> None:
    protocol = load(name)
    bound = compose(protocol)
    made = study_chart(protocol, bound)
    assert [t.event.partition("(")[0] for t in made.together] == [
        e.name for e in bound.trial.events if e.name in bound.joint
    ]
    events = {e.name for b in (bound.trial, bound.subject) for e in b.events}
    alone = {a.event.partition("(")[0] for a in (*made.trial, *made.subject)}
    assert alone == events - set(bound.joint)
    for together in made.together:
        event = together.event.partition("(")[0]
        for part, machine in ((together.trial, bound.trial), (together.subject, bound.subject)):
            rules = {
                (machine.states[r.source], _target(machine.states, r.target))
                for r in machine.rules
                if r.event == event
            }
            shown = {
                (source, target)
                for move in part.moves
                for source in move.sources
                for target in (
                    *([source] if move.stays else []),
                    *move.targets,
                    *move.unspecified,
                )
            }
            assert shown == rules


def _target(states: tuple[str, ...], target: int | Unspecified) -> str:
    return target.ambiguity if isinstance(target, Unspecified) else states[target]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("</TABLE>> & \"q\" 'x' \\N |\n\x00\x1b[31m<script>", "plain"),
        ("two words " * 900, "y" * 5000),
    ],
    ids=["nasty", "long"],
)
def test_names_from_anyone_do_no_harm(text: str, name: str) -> None:
    protocol = Protocol(
        text,
        text,
        machines=tuple(
            Machine(
                machine,
                variables=(Count("n", 0, 1),),
                states=(State(name, initial=True), State("off", final=True)),
                events=(Action(f"go_{name}"), Observation("end")),
                transitions=(
                    Transition(text, name, f"go_{name}"),
                    Transition(text, name, "end", "off"),
                ),
            )
            for machine in ("trial", "subject")
        ),
        clauses=(Clause(text, text, "G"),),
        study=Study(joint=(Joint("end", text, "n", "n"),), sees={text: "n"}),
    )
    svg = content(study(protocol), "svg")
    tags = {e.tag.removeprefix(SVG) for e in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "polyline"}
    assert NOTICE in texts_of(svg)
    assert len(svg) < 200_000


# ---- the command line


def test_a_study_is_written_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["diagram", "ibrutinib-mm", "--picture", "study", "--format", "dot"]
    assert main([*chosen, "-o", str(tmp_path), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["diagrams"]
    assert (entry["machine"], entry["picture"]) == (None, "study")
    assert Path(entry["path"]).name == "ibrutinib-mm-study.dot"
    assert main([*chosen, "--set", "levels=4"]) == 0
    printed = capsys.readouterr().out
    assert printed == Path(entry["path"]).read_text(encoding="utf-8")
    assert main([*chosen, "--machine", "trial"]) == 2
    assert "a study has both machines" in capsys.readouterr().err


def test_one_machine_is_drawn_without_the_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--machine", "subject", "--format", "dot", "-o", str(tmp_path)]
    assert main(["diagram", "ibrutinib-mm", *options]) == 0
    assert [Path(line).name for line in capsys.readouterr().out.splitlines()] == [
        "ibrutinib-mm-subject.dot",
        "ibrutinib-mm-subject-calendar.dot",
    ]


# ---- rules of several states


def crowded() -> Protocol:
    """Four states, with rules that all of them have, or three, or two."""
    every = ("a", "b", "c", "d")
    machine = Machine(
        "trial",
        variables=(Count("n", 0, 3),),
        states=(
            State("a", initial=True),
            State("b"),
            State("c"),
            State("d"),
            State("z", final=True),
        ),
        events=(
            *(Action(e) for e in ("on", "count", "two")),
            *(Observation(e) for e in ("note", "end", "odd")),
        ),
        transitions=(
            *(Transition("C-1", x, "on", y) for x, y in ("ab", "bc", "cd")),
            Transition("C-2", every, "note"),
            Transition("C-3", every[:3], "count", None, "n < 3", "n += 1"),
            Transition("C-4", every[:2], "two"),
            Transition("C-5", every, "end", "z"),
            Transition("C-6", every, "odd", Unspecified("A-1")),
        ),
        regimens=(Regimen("C-7", "tablet", "1", "mg", every),),
    )
    return Protocol(
        "crowded",
        "Crowded",
        machines=(machine,),
        ambiguities=(Ambiguity("A-1", "What is odd?", kind="note"),),
    )


def chart(protocol: Protocol, machine: str = "trial", profile: str = "default") -> Chart:
    readings = parse_readings(protocol, [profile])
    return draw(protocol, bind(protocol, machine, readings=readings))


def test_what_many_states_have_is_said_once() -> None:
    made = arrange(chart(crowded()))
    every = ("a", "b", "c", "d")
    assert [
        (s.states, [d.clause for d in s.doses], [r.clause for r in s.rows]) for s in made.shared
    ] == [(every, ["C-7"], ["C-2"]), (every[:3], [], ["C-3"])]
    assert [(e.sources, e.target) for e in made.lines] == [
        (("a",), "b"),
        (("b",), "c"),
        (("c",), "d"),
    ]
    assert [(e.sources, e.target) for e in made.arrivals] == [(every, "z"), (every, "A-1")]
    assert [[r.clause for r in (*b.changes, *b.idle)] for b in made.boxes] == [
        ["C-4"],
        ["C-4"],
        [],
        [],
        [],
    ]
    shown = texts_of(content(chart(crowded()), "svg"))
    assert "in a, b, c, d tablet 1 mg" in shown
    assert "z from a, b, c, d end happens C-5" in shown
    assert "What is odd? from a, b, c, d odd happens C-6" in shown
    assert shown.count("and the rules of several states") == 4


@pytest.mark.parametrize("profile", ["default", "literal", "strict"])
@pytest.mark.parametrize("name", names())
def test_an_arrangement_has_every_rule(name: str, profile: str) -> None:
    protocol = load(name)
    for machine in protocol.machines:
        made = chart(protocol, machine.name, profile)
        arranged = arrange(made)
        shared = Counter(
            (state, row.clause, row.event, row.guard, row.effects)
            for group in arranged.shared
            for state in group.states
            for row in group.rows
        )
        inside = Counter(
            (box.name, row.clause, row.event, row.guard, row.effects)
            for box in arranged.boxes
            for row in (*box.changes, *box.idle)
        )
        assert shared + inside == Counter(
            (box.name, row.clause, row.event, row.guard, row.effects)
            for box in made.boxes
            for row in (*box.changes, *box.idle)
        )
        assert Counter((*arranged.lines, *arranged.arrivals)) == Counter(made.edges)


# ---- gaps


@pytest.mark.parametrize("name", names())
def test_what_has_no_answer_under_the_literal_reading_is_marked(name: str) -> None:
    protocol = load(name)
    for machine in protocol.machines:
        bound = bind(protocol, machine.name, readings=parse_readings(protocol, ["literal"]))
        made = draw(protocol, bound)
        marked = {(box.name, gap.event.partition("(")[0]) for box in made.boxes for gap in box.gaps}
        missing = {
            (bound.states[finding.configuration[0]], finding.event)
            for (kind, _), finding in explore(bound).issues.items()
            if kind == "totality"
        }
        assert missing <= marked
        asked = {id for box in made.boxes for gap in box.gaps for id in gap.ambiguities}
        assert {entry.name for entry in made.gaps} == asked


def test_gaps_are_marked_where_they_are_left_silent_alone() -> None:
    literal = chart(load("ibrutinib-mm"), "subject", "literal")
    registered = literal.boxes[0]
    assert registered.gaps == (Gap("death", ("X-A12",)), Gap("lost", ("X-A12",)))
    assert "gaps left open here: death X-A12 lost X-A12" in texts_of(content(literal, "svg"))
    assert "gaps left open here#58; death (X-A12)" in mermaid(literal)
    for profile in ("default", "strict"):
        made = chart(load("ibrutinib-mm"), "subject", profile)
        assert made.gaps == ()
        assert "gaps left open" not in dot(made)
