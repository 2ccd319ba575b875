"""Readings compared pair by pair, contradictions, and the letter of open questions."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.mentions import mentioned, mentions
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
    Contradiction,
    Count,
    Flag,
    Machine,
    Observation,
    Protocol,
    State,
    Transition,
)
from trialspec.spec.readings import parse_readings, profile, resolve_readings
from trialspec.spec.registry import load, names
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.proof import readings as comparing
from trialspec.statemachines.proof.readings import Apart, Readings, length
from trialspec.statemachines.step import Accepted, Refused, observe, step

# what a reading is declared to do is what another does: level 1 has no lower one, and who enrols
# the sixth has left the first sentence behind
EQUIVALENT = {
    ("IBR-A03", "lower_level", "unspecified"),
    ("IBR-A28", "enrolling", "unspecified"),
    ("MAG-A03", "stop", "continue"),
}


def answer(bound: Bound, here: Configuration, event: str, given: dict[str, int]) -> object:
    """What is seen of a machine's answer."""
    found = step(bound, here, event, given)
    if isinstance(found, Accepted):
        return observe(bound, found.configuration)
    return "refused" if isinstance(found, Refused) else found


def shown(bound: Bound, here: Configuration) -> object:
    return Calendar(bound).today(here)


def check(pair: Apart) -> None:
    """Follows a run with the reference step: both answer alike until its end, and there not."""
    assert pair.difference is not None and pair.bounds is not None
    first, second = pair.bounds
    here, there = first.initial(), second.initial()
    for done in pair.difference.trace:
        given = dict(done.arguments)
        a, b = (step(m, c, done.event, given) for m, c in ((first, here), (second, there)))
        assert isinstance(a, Accepted) and isinstance(b, Accepted)
        here, there = a.configuration, b.configuration
        assert here == done.configuration
        assert observe(first, here) == observe(second, there)
    assert (here, there) == pair.difference.configurations
    event, given = pair.difference.event, dict(pair.difference.arguments)
    if event:
        a, b = (answer(m, c, event, given) for m, c in ((first, here), (second, there)))
        if a != b:
            return
        done = step(first, here, event, given), step(second, there, event, given)
        assert isinstance(done[0], Accepted) and isinstance(done[1], Accepted)
        here, there = done[0].configuration, done[1].configuration
    assert shown(first, here) != shown(second, there)


# the largest take long
LONG = ("dextr-mm", "antimag-lenalidomide")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in names()]
)
def test_every_pair_of_readings_is_told_apart_or_equivalent(name: str) -> None:
    protocol = load(name)
    readings = Readings(protocol)
    same = set()
    for ambiguity in protocol.ambiguities:
        choices = ambiguity.choices
        found = list(readings.pairs(ambiguity))
        assert len(found) == len(choices) * (len(choices) - 1) // 2
        assert (ambiguity.kind == "behaviour") == bool(found)
        for pair in found:
            assert pair.verdict in ("distinguished", "equivalent")
            if pair.verdict == "equivalent":
                same.add((pair.ambiguity, pair.one, pair.other))
            else:
                check(pair)
    assert same == {e for e in EQUIVALENT if any(e[0] == a.id for a in protocol.ambiguities)}


@pytest.mark.parametrize(
    ("name", "ambiguity", "one", "other", "events"),
    [
        ("ibrutinib-mm", "IBR-A07", "literal", "not_closed", 8),
        ("ibrutinib-mm", "IBR-A02", "close", "stop", 5),
        ("plerixafor-cll", "PLX-A20", "E", "K", 12),
        ("plerixafor-cll", "PLX-A20", "K", "N", 24),
        # 28 days of lenalidomide at any dose, at 10 mg: on day 29 one of them may begin
        ("plerixafor-cll", "PLX-A01", "any_dose", "at_ten", 2 + 28 + 1),
        # after 12 cycles of 28 days, with the titration and the assessment in between
        ("plerixafor-cll", "PLX-A11", "total", "after_interim", 28 * 13 + 2 + 12 + 1 + 1),
        ("dextr-mm", "DTR-A14", "full", "fifteen", 1),
        ("everolimus-cll", "EVE-A06", "cap", "forecast", 45),
    ],
)
def test_the_shortest_run(name: str, ambiguity: str, one: str, other: str, events: int) -> None:
    protocol = load(name)
    pairs = Readings(protocol).pairs(protocol.ambiguity(ambiguity))
    pair = next(p for p in pairs if (p.one, p.other) == (one, other))
    assert pair.difference is not None
    assert length(pair.difference) == events


# ---- a context, a base, and a machine too large


def protocol(*ambiguities: Ambiguity, least: int = 1, **parts: Any) -> Protocol:
    when = "A_1 == 'yes'"
    if len(ambiguities) > 1:
        when = f"A_1 == 'yes' and A_2 == 'on' and n >= {least}"
    machine = Machine(
        name="trial",
        variables=(Count("n", 0, 40), Flag("late")),
        states=(State("open", initial=True), State("done", final=True)),
        events=(Action("count"), Observation("say", what=Bool), Action("stop")),
        transitions=(
            Transition("C-1", "open", "count", when="n < 40", then="n += 1"),
            Transition("C-1", "open", "say", "done", when),
            Transition("C-1", "open", "say", when="otherwise", then="late = what"),
            Transition("C-1", "open", "stop", "done", "n >= 40"),
        ),
    )
    return replace(Protocol("two", "Two", (machine,), ambiguities=ambiguities), **parts)


ONE = Ambiguity("A-1", "Which?", {"yes": "so", "no": "not so"}, "no", context={"A-2": "on"})
TWO = Ambiguity("A-2", "Is it on?", {"on": "it is", "off": "it is not"}, "off")


def test_a_context_is_taken_where_the_default_hides_the_difference() -> None:
    made = protocol(ONE, TWO)
    (pair,) = Readings(made).pairs(ONE)
    assert (pair.verdict, dict(pair.context)) == ("distinguished", {"A-2": "on"})
    assert pair.difference is not None and length(pair.difference) == 2
    assert next(Readings(made).pairs(replace(ONE, context={}))).verdict == "equivalent"
    # under another base nothing need be changed
    (pair,) = Readings(made, base={"A-2": "on"}).pairs(ONE)
    assert (pair.verdict, dict(pair.context)) == ("distinguished", {})
    (pair,) = Readings(made, base={"A-1": "yes"}).pairs(TWO)
    assert pair.verdict == "distinguished"


def test_the_shortest_of_two_machines_is_shown() -> None:
    made = protocol(ONE, TWO)
    quick = replace(
        protocol(ONE).machines[0], name="subject", definitions={"agreed": "A_1 == 'yes'"}
    )
    rules = [t for t in quick.transitions if t.target is None or t.event != "say"]
    rules.append(Transition("C-1", "open", "say", "done", "agreed"))
    quick = replace(quick, transitions=tuple(rules))
    both = replace(made, machines=(made.machines[0], quick))
    (pair,) = Readings(both, base={"A-2": "on"}).pairs(ONE)
    assert pair.machine == "subject"
    assert pair.difference is not None and length(pair.difference) == 1


def test_what_is_too_large_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MAX_PAIRS", 5)
    monkeypatch.setattr(comparing, "FIRST_LOOK", 2)
    made = protocol(replace(ONE, context={}), TWO, least=30)
    readings = Readings(made, base={"A-2": "on"})
    assert next(readings.pairs(made.ambiguities[0])).verdict == "unknown"


def test_contradictions_are_refused_with_the_reason() -> None:
    clash = Contradiction({"A-1": "yes", "A-2": "off"}, "nobody is there to say so")
    made = protocol(ONE, TWO, contradictions=(clash,))
    with pytest.raises(SpecError) as caught:
        parse_readings(made, ["A-1=a"])
    text = str(caught.value)
    assert "A-1=yes and A-2=off contradict each other: nobody is there to say so" in text
    assert "take one of --reading A-1=no, --reading A-2=on" in text
    with pytest.raises(SpecError, match="contradict"):
        bind(made, readings={"A-1": "yes"})
    assert parse_readings(made, ["A-1=yes", "A-2=on"]) == {"A-1": "yes", "A-2": "on"}
    # compared where both may be taken
    (pair,) = Readings(made).pairs(ONE)
    assert (pair.verdict, dict(pair.context)) == ("distinguished", {"A-2": "on"})
    # and where that is nowhere, nothing is known
    alone = replace(ONE, context={})
    assert next(Readings(replace(made, ambiguities=(alone, TWO))).pairs(alone)).verdict == "unknown"


def test_three_readings_may_contradict_each_other() -> None:
    third = Ambiguity("A-3", "Third?", {"x": "x", "y": "y"}, "x")
    clash = Contradiction({"A-1": "yes", "A-2": "off", "A-3": "x"}, "so")
    made = protocol(ONE, TWO, third, contradictions=(clash,))
    assert resolve_readings(made, {"A-1": "yes", "A-3": "y"})["A-2"] == "off"
    with pytest.raises(SpecError, match="A-1=yes and A-2=off and A-3=x contradict"):
        resolve_readings(made, {"A-1": "yes"})
    # where changing one of them is of no use, it says so
    more = (clash, *(Contradiction({"A-1": c, "A-2": "on"}, "so") for c in ("yes", "no")))
    more += (
        Contradiction({"A-1": "no", "A-2": "off"}, "so"),
        Contradiction({"A-1": "yes", "A-3": "y"}, "so"),
    )
    with pytest.raises(SpecError) as caught:
        resolve_readings(replace(made, contradictions=more), {"A-1": "yes"})
    text = str(caught.value)
    assert "change more than one of them" in text


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("which", ["default", "literal", "strict"])
def test_no_profile_contradicts_itself(name: str, which: str) -> None:
    assert resolve_readings(load(name), profile(load(name), which))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"contradictions": (Contradiction({"A-1": "yes"}, "x"),)}, "of two ambiguities or more"),
        (
            {"contradictions": (Contradiction({"A-1": "yes", "A-9": "x"}, "x"),)},
            "no ambiguity 'A-9'",
        ),
        ({"contradictions": (Contradiction({"A-1": "z", "A-2": "on"}, "x"),)}, "no reading 'z'"),
        ({"ambiguities": (replace(ONE, context={"A-2": "z"}), TWO)}, "no reading 'z'"),
    ],
)
def test_references_of_the_register_are_checked(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        bind(protocol(ONE, TWO, **parts))


# ---- what a machine's texts mention


def test_mentions_go_through_definitions_and_leave_out_what_is_only_proved() -> None:
    machine = Machine(
        name="trial",
        variables=(Count("n", 0, 9, initial="1 if A_1 == 'yes' else 0"), Category("k", ("x", "y"))),
        states=(State("open", initial=True, within="A_2 == 'on'"), State("done", final=True)),
        events=(Observation("say", possible="A_3 == 'p'"), Action("go", asked="A_4 == 'q'")),
        transitions=(
            Transition("C", "open", "say", "done", when="outer", then="n = n + inner"),
            Transition("C", "open", "go", when="A_10 == 'z'"),
        ),
        definitions={"outer": "inner > 1 and k == 'x'", "inner": "2 if A_5 == 'r' else n"},
    )
    found = mentions(machine)
    assert any({"outer", "inner", "A_5", "n", "k"} <= names for names in found)
    assert {f"A_{i}" for i in (1, 2, 3, 4, 5, 10)} <= mentioned(machine)
    assert "x" not in mentioned(machine), "a label is no name"


# ---- the command


def test_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readings", "plerixafor-cll", "PLX-A23", "PLX-A25", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["format"] == "trialspec/readings/1" and "Independent" in answer["notice"]
    first, second = answer["ambiguities"]
    assert (first["id"], first["default"], first["kind"]) == ("PLX-A23", "last", "behaviour")
    assert (second["kind"], second["pairs"]) == ("note", [])
    (pair,) = first["pairs"]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("last", "ten", "distinguished")
    assert pair["readings"] == {"X-A14": "step"} and pair["machine"] == "subject"
    assert pair["trace"][-1]["event"] == pair["event"] == "stop_combination"
    assert pair["a_answer"]["observe"]["len_dose"] == "7.5"
    assert pair["b_answer"]["observe"]["len_dose"] == "10"
    assert {s["event"] for s in pair["trace"]} >= {"elapse", "reduce", "start_cycle", "assess"}


def test_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readings", "plerixafor-cll", "PLX-A05", "PLX-A10", "X-A02"]) == 0
    text = capsys.readouterr().out
    assert (
        "  off | silent: subject\n    1. intolerance\n"
        "       off: accepted -> off: cause = off  [PLX-A05]\n"
        "       silent: refused, the state is stage1; no rule allows it  [PLX-A05]\n"
    ) in text
    assert "weekday == 'Mon' is false" in text or "weekday" in text
    assert "an input of the model" in text
    assert "3 ambiguities, 9 pairs of readings: 9 told apart, 0 equivalent\n" in text
    assert "not for treatment decisions" in text


def test_doses_that_are_due_tell_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readings", "everolimus-cll", "EVE-A04"]) == 0
    text = capsys.readouterr().out
    assert "       any: in time, due: nothing\n" in text
    assert "       fixed: in time, due: everolimus 1\n" in text


def test_equivalent_readings_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readings", "ibrutinib-mm", "IBR-A28"]) == 0
    text = capsys.readouterr().out
    assert "  enrolling | unspecified: equivalent\n" in text
    assert "6 pairs of readings: 5 told apart, 1 equivalent" in text


def test_constants_and_other_readings_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    one = ["readings", "ibrutinib-mm", "IBR-A07", "--json"]
    assert main([*one, "--set", "levels=1"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["ambiguities"]
    assert entry["pairs"][0]["verdict"] == "equivalent", "with one level none is closed above it"
    assert main([*one, "--reading", "IBR-A05=close"]) == 0
    assert json.loads(capsys.readouterr().out)["ambiguities"][0]["pairs"][0]["trace"]


def test_what_is_not_decided_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(comparing, "MAX_PAIRS", 3)
    assert main(["readings", "ibrutinib-mm", "IBR-A07"]) == 3
    out = capsys.readouterr().out
    assert "literal | not_closed: not decided" in out and "1 NOT decided" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plerixafor-cll", "PLX-A99"], "has no ambiguity 'PLX-A99'"),
        (["plerixafor-cll", "--reading", "PLX-A06=consumes"], "contradict each other"),
        (["plerixafor-cll", "--set", "nonsense=1"], "has no constant 'nonsense'"),
        (["plerixafor-cll", "--json", "--questions"], "take one of them"),
        (["plerixafor-cll", "--format", "csv"], "are for --questions"),
        (["plerixafor-cll", "-o", "x.md"], "are for --questions"),
        (["nowhere"], "nowhere"),
    ],
)
def test_wrong_input(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readings", *words]) == 2
    assert message in capsys.readouterr().err


# ---- the letter


def test_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["PLX-A04", "PLX-A05", "PLX-A10", "PLX-A20", "X-A02", "PLX-A25"]
    assert main(["readings", "plerixafor-cll", *ids, "--questions"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Questions on plerixafor-cll\n")
    assert "not for treatment decisions" in text
    titles = [line for line in text.splitlines() if line.startswith("#")]
    # what weighs most first; notes are no questions; inputs are a part of their own
    assert titles[1:] == [
        "## What changes the rules (4)",
        "### PLX-A05 (weighs heavily)",
        "### PLX-A10 (weighs heavily)",
        "### PLX-A20 (weighs heavily)",
        "### PLX-A04",
        "## What people settle case by case (1)",
        "### X-A02 (weighs heavily)",
    ]
    assert "- [ ] **stay**: " in text and "- [ ] another answer:" in text
    assert "Until then the rules answer that **the text does not decide**." in text
    assert "We take **N**." in text
    assert text.count("```") == 2 * (2 + 2 + 2 + 1)


def test_the_letter_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = f"{tmp_path}/letter.csv"
    words = ["readings", "ibrutinib-mm", "IBR-A07", "IBR-A11", "--questions", "--format", "csv"]
    assert main([*words, "-o", where]) == 0
    assert capsys.readouterr().out == ""
    with open(where, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["id"] for r in rows] == ["IBR-A07", "IBR-A11", "notice"]
    # the ending says as much
    assert main([*words[:-2], "-o", where + ".csv"]) == 0
    assert Path(where + ".csv").read_bytes() == Path(where).read_bytes()
    assert rows[0]["taken"] == "not_closed" and "8. evaluate(dlt=false)" in rows[0]["example"]
    assert rows[0]["answer"] == ""
    assert "not for treatment decisions" in rows[2]["question"]


def test_no_cell_is_a_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = replace(ONE, question='=HYPERLINK("http://x")', why="@so", context={})
    path = f"{tmp_path}/two.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write(dump_json(protocol(bad)))
    assert main(["readings", path, "--questions", "--format", "csv"]) == 0
    (row, _) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["question"] == "'" + bad.question and row["why"] == "'@so"
