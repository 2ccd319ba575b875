"""``spec-check verify``: the JSON that others script against, the text, and the exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from small import ESCALATION, escalation, protocol, spec_check
from trialspec.oracle.cli.main import main
from trialspec.oracle.verification import machine_entry, shown_constant
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.meaning import content_hash
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Claim,
    Count,
    Invariant,
    Lemma,
    Machine,
    Observation,
    Protocol,
    State,
    Transition,
)
from trialspec.spec.registry import load
from trialspec.statemachines import explore as explore_module
from trialspec.statemachines.proof import verify as verify_module
from trialspec.statemachines.proof.enumeration import Enumeration, Judged
from trialspec.statemachines.proof.verify import Disagreement, verify_machine

GO, END = Action("go"), Action("end")
COUNTING: dict[str, Any] = {
    "variables": (Count("n", 0, 3),),
    "events": (GO, END),
    "transitions": (
        Transition("C", "open", "go", when="n < 3", then="n += 1"),
        Transition("C", "open", "end", "done"),
    ),
}


def document(folder: Path, **parts: Any) -> str:
    """A file with a protocol of these parts."""
    path = folder / "small.json"
    path.write_text(dump_json(protocol(**{**COUNTING, **parts})), "utf-8")
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and JSON of verify."""
    code = main(["verify", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def obligation(whole: dict[str, Any], id: str) -> dict[str, Any]:
    (found,) = [
        o
        for p in whole["protocols"]
        for m in p["machines"]
        for o in m["obligations"]
        if o["id"] == id
    ]
    return dict(found)


KEYS = [
    "id",
    "kind",
    "clause",
    "statement",
    "verdict",
    "expected",
    "engine",
    "agreed_by",
    "lemmas",
    "tight",
    "witness",
    "counterexample",
]
LEMMAS = [f"lemma/{m.name}" for m in escalation().machines[0].lemmas]


# ---- the shape


def test_the_shape_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    code, whole = answer(capsys, str(ESCALATION), "--set", "D=3")
    assert code == 0
    assert list(whole) == ["format", "protocols", "summary", "notice"]
    assert whole["format"] == "trialspec/verification/1"
    (entry,) = whole["protocols"]
    assert list(entry) == ["protocol", "sha256", "readings", "machines"]
    assert (entry["protocol"], entry["readings"]) == ("escalation", {})
    assert entry["sha256"] == content_hash(escalation())
    (machine,) = entry["machines"]
    assert {k: v for k, v in machine.items() if k != "obligations"} == {
        "machine": "trial",
        "constants": {"D": 3, "first": 3, "full": 6},
        "initial": {
            "state": "escalating",
            "cur": 1,
            "tox": 4,
            "pend": 0,
            "n": [0] * 3,
            "d": [0] * 3,
        },
        "configurations": 753,
        "transitions": 1242,
        "steps": 36,
        "unused_lemmas": [],
    }
    for found in machine["obligations"]:
        extra = {"seconds"} | ({"for_all"} if found["engine"] == "induction" else set())
        assert set(found) == {*KEYS, *extra}
        assert found["engine"] not in found["agreed_by"]
        assert isinstance(found["seconds"], float)
    assert whole["summary"] == {
        "proved": 39,
        "refuted": 0,
        "bounded": 0,
        "unknown": 0,
        "as_expected": 39,
        "unexpected": 0,
    }
    assert {o["kind"] for o in machine["obligations"]} == {
        "range",
        "definedness",
        "determinism",
        "totality",
        "deadlock",
        "termination",
        "invariant",
        "tightness",
    }


def test_one_obligation_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    _, whole = answer(capsys, str(ESCALATION), "--set", "D=2", "--no-timing")
    found = obligation(whole, "ESC-10/treated-cap")
    witness = found.pop("witness")
    assert found == {
        "id": "ESC-10/treated-cap",
        "kind": "invariant",
        "clause": "ESC-10",
        "statement": "At most six patients are evaluated at a level.",
        "verdict": "proved",
        "expected": "proved",
        "engine": "induction",
        "agreed_by": ["enumeration"],
        "lemmas": LEMMAS,
        "tight": True,
        "counterexample": None,
        "for_all": "D",
    }
    assert len(witness) == 12
    assert witness[5] == {
        "event": "evaluate",
        "arguments": {"dlt": True},
        "state": "expanding",
        "values": {"cur": 1, "tox": 3, "pend": 0, "n": [3, 0], "d": [1, 0]},
        "clause": "ESC-04",
    }
    tight = obligation(whole, "ESC-10/treated-cap/tight")
    assert (tight["kind"], tight["verdict"], tight["engine"], tight["agreed_by"]) == (
        "tightness",
        "proved",
        "enumeration",
        [],
    )
    assert tight["witness"] == witness
    other = obligation(whole, "ESC-11/toxicities-among-treated")
    assert (other["tight"], other["witness"]) == (False, None)


def test_the_same_bytes_in_every_process() -> None:
    runs = [
        spec_check(
            "verify",
            "ibrutinib-mm",
            "--machine",
            "trial",
            "--json",
            "--no-timing",
            PYTHONHASHSEED=seed,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert '"seconds"' not in runs[0].stdout
    assert [(r.returncode, r.stderr) for r in runs] == [(0, "")] * 2


def test_a_refuted_invariant_with_its_shortest_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = document(
        tmp_path, invariants=(Invariant("C", "two", "at most two", "n <= 2", tight=True),)
    )
    code, whole = answer(capsys, path, "--no-timing")
    assert code == 1
    assert obligation(whole, "C/two") == {
        "id": "C/two",
        "kind": "invariant",
        "clause": "C",
        "statement": "at most two",
        "verdict": "refuted",
        "expected": "proved",
        "engine": "enumeration",
        "agreed_by": [],
        "lemmas": [],
        "tight": True,
        "witness": [
            {"event": "go", "arguments": {}, "state": "open", "values": {"n": k}, "clause": "C"}
            for k in (1, 2)
        ],
        "counterexample": [
            {"event": "go", "arguments": {}, "state": "open", "values": {"n": k}, "clause": "C"}
            for k in (1, 2, 3)
        ],
        "problem": "the property is false here",
    }
    assert whole["summary"]["unexpected"] == 1


def test_an_unattained_bound_is_refuted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = document(tmp_path, invariants=(Invariant("C", "nine", "", "n <= 9", tight=True),))
    code, whole = answer(capsys, path)
    assert code == 1
    assert obligation(whole, "C/nine")["verdict"] == "proved"
    assert obligation(whole, "C/nine")["tight"] is False
    tight = obligation(whole, "C/nine/tight")
    assert (tight["verdict"], tight["problem"]) == (
        "refuted",
        "no reachable configuration meets it",
    )


@pytest.mark.parametrize(
    ("holds", "tight", "verdict"),
    [
        ("n <= 3", True, "proved"),
        ("n < 4", True, "proved"),
        ("n >= 0", True, "proved"),
        ("n > -1", True, "proved"),
        ("n < 5", True, "refuted"),
        ("n > -2", True, "refuted"),
        ("implies(n > 2, n <= 3)", True, "proved"),
        ("implies(n < 2, n <= 3)", True, "refuted"),
        ("n <= 9 and n <= 3", True, "proved"),
        ("n <= 3 if state == 'open' else n <= 9", True, "proved"),
        ("n <= 7 if state == 'open' else n <= 9", True, "refuted"),
        ("n <= 9", "n == 3", "proved"),
        ("n <= 9", "n == 4", "refuted"),
        ("all(n <= k + 2 for k in one)", True, "proved"),
        ("n == n", True, "proved"),
    ],
)
def test_what_attains_a_bound(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, holds: str, tight: bool | str, verdict: str
) -> None:
    path = document(
        tmp_path, constants={"one": 1}, invariants=(Invariant("C", "i", "", holds, tight=tight),)
    )
    _, whole = answer(capsys, path, "--engine", "enumeration")
    assert obligation(whole, "C/i/tight")["verdict"] == verdict


# ---- engines


def test_one_engine_alone_has_nobody_to_agree_with(capsys: pytest.CaptureFixture[str]) -> None:
    code, whole = answer(capsys, str(ESCALATION), "--set", "D=3", "--engine", "enumeration")
    assert code == 0
    (machine,) = whole["protocols"][0]["machines"]
    assert {(o["engine"], *o["agreed_by"], o["verdict"]) for o in machine["obligations"]} == {
        ("enumeration", "proved")
    }
    # lemmas serve the other engine
    assert not [o for o in machine["obligations"] if "lemma/" in o["id"]]
    assert machine["configurations"] == 753


def test_what_one_engine_leaves_open_is_inconclusive(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, whole = answer(capsys, str(ESCALATION), "--engine", "induction")
    assert code == 3
    (machine,) = whole["protocols"][0]["machines"]
    assert (machine["configurations"], machine["transitions"], machine["steps"]) == (None,) * 3
    assert {o["kind"] for o in machine["obligations"] if o["verdict"] == "unknown"} == {
        "termination",
        "tightness",
    }
    assert (
        obligation(whole, "termination/final")["reason"] == "no engine that was asked settles this"
    )
    assert all(not o["agreed_by"] for o in machine["obligations"])
    # without a final state and tight bounds induction can settle everything
    path = document(
        tmp_path,
        states=(State("open", initial=True),),
        transitions=(
            Transition("C", "open", "go", when="n < 3", then="n += 1"),
            Transition("C", "open", "end", then="n = 0"),
        ),
    )
    assert answer(capsys, path, "--engine", "induction")[0] == 0


def test_an_unproved_invariant_under_induction_is_not_called_refuted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    states = (State("open", initial=True),)
    table = (
        Transition("C", "open", "go", when="n < 1", then="n += 1"),
        Transition("C", "open", "go", when="n > 1 and n < 3", then="n += 1"),
        Transition("C", "open", "end", then="n = 0"),
    )
    path = document(
        tmp_path, states=states, transitions=table, invariants=(Invariant("C", "i", "", "n < 3"),)
    )
    code, whole = answer(capsys, path, "--engine", "induction")
    found = obligation(whole, "C/i")
    assert (code, found["verdict"], found["engine"]) == (3, "unknown", "")
    assert found["reason"] == (
        "not inductive as it stands (at C/open-go-2); a lemma may be missing"
    )
    code, whole = answer(capsys, path)
    found = obligation(whole, "C/i")
    assert (code, found["verdict"], found["engine"]) == (0, "proved", "enumeration")
    # settled by one engine alone: told on standard error, not silently
    main(["verify", path])
    assert capsys.readouterr().err == (
        "settled by enumeration alone, not inductive without more lemmas: C/i\n"
    )
    main(["verify", path, "--quiet"])
    assert capsys.readouterr().err == ""


def test_engines_that_contradict_each_other_are_a_defect_of_this_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lies(self: Enumeration, id: str) -> Judged:
        return Judged(id != "ESC-10/treated-cap")

    monkeypatch.setattr(Enumeration, "always_holds", lies)
    with pytest.raises(
        Disagreement, match=r"^ESC-10/treated-cap: induction proves it, enumeration refutes it$"
    ):
        verify_machine(escalation(), constants={"D": 2})
    assert main(["verify", str(ESCALATION)]) == 70
    assert capsys.readouterr().err == (
        "spec-check: internal error: Disagreement: ESC-10/treated-cap: induction proves it, "
        "enumeration refutes it\n"
        "  This is a defect of trialspec; please report it with the command line.\n"
    )


def test_an_unknown_engine() -> None:
    with pytest.raises(SpecError) as caught:
        verify_machine(escalation(), engine="magic")
    assert str(caught.value) == ("unknown engine 'magic'\n  engines: induction, enumeration, all")


def test_nothing_is_proved_by_a_search_that_was_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explore_module, "MAX_CONFIGURATIONS", 2)
    small = protocol(
        **{
            **COUNTING,
            "variables": (Count("n", 0, 50),),
            "transitions": (
                Transition("C", "open", "go", when="n < 50", then="n += 1"),
                Transition("C", "open", "end", "done"),
            ),
        },
        invariants=(Invariant("C", "i", "", "n < 50", tight="n == 40"),),
        claims=(
            Claim("always", "C", "", "always", "n <= 50"),
            Claim("reachable", "C", "", "reachable", "n == 40"),
            Claim("early", "C", "", "reachable", "n == 1"),
            Claim("false", "C", "", "always", "n != 1", "refuted"),
        ),
    )
    report = verify_machine(small, engine="enumeration")
    verdicts = {r.obligation.id: r.verdict for r in report.results}
    assert verdicts == {
        "range/n": "unknown",
        "deadlock/open": "unknown",
        "termination/final": "unknown",
        "C/i": "unknown",
        "C/i/tight": "unknown",
        "claim/always": "unknown",
        "claim/reachable": "unknown",
        "claim/early": "proved",
        "claim/false": "refuted",
    }
    assert report.steps is None
    reason = next(r.reason for r in report.results if r.obligation.id == "claim/always")
    assert reason == "too many configurations to enumerate"
    # what is false where the search got to is false all the same
    bad = Invariant("C", "i", "", "n < 1")
    small = protocol(**COUNTING, invariants=(bad,))
    report = verify_machine(small, engine="enumeration")
    assert {r.obligation.id: r.verdict for r in report.results}["C/i"] == "refuted"


# ---- exit codes


def claim(expected: str, holds: str = "n <= 3") -> Claim:
    return Claim("bound", "C", "n stays low", "always", holds, expected)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, 0),
        ({"invariants": (Invariant("C", "i", "", "n < 3"),)}, 1),
        ({"claims": (claim("proved"),)}, 0),
        ({"claims": (claim("refuted", "n < 3"),)}, 0),
        ({"claims": (claim("refuted"),)}, 1),
        ({"claims": (claim("proved", "n < 3"),)}, 1),
        ({"variables": (Count("n", 0, 2),)}, 2),
        (
            {
                "constants": {"k": 2},
                "variables": (Count("n", 0, 3), Count("a", 0, 1, per="k")),
                "transitions": (
                    Transition("C", "open", "go", when="n < 3 and a[n + 1] == 0", then="n += 1"),
                    Transition("C", "open", "end", "done"),
                ),
            },
            2,
        ),
        ({"transitions": (Transition("C", "open", "go", when="n < 3", then="n += 1"),)}, 1),
        # a spec error weighs more than what else is wrong
        ({"variables": (Count("n", 0, 2),), "claims": (claim("refuted"),)}, 2),
        (
            {
                "states": (State("open", initial=True), State("held"), State("done", final=True)),
                "transitions": (
                    Transition("C", "open", "go", when="n < 3", then="n += 1"),
                    Transition("C", "open", "end", "held"),
                ),
            },
            1,
        ),
        (
            {
                "events": (GO, END, Observation("see", x=Bool)),
                "transitions": (*COUNTING["transitions"], Transition("C", "open", "see", when="x")),
            },
            1,
        ),
        ({"transitions": (*COUNTING["transitions"], Transition("D", "open", "end"))}, 1),
        # a lemma that does not hold serves nothing and harms nothing
        ({"lemmas": (Lemma("false", "n < 1"),)}, 0),
    ],
)
def test_exit_codes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, parts: dict[str, Any], code: int
) -> None:
    found, whole = answer(capsys, document(tmp_path, **parts))
    assert found == code
    assert (whole["summary"]["unexpected"] == 0) is (code == 0)


def test_exit_codes_of_the_real_command(tmp_path: Path) -> None:
    fine = spec_check("verify", str(ESCALATION), "--set", "D=2", "--json")
    assert (fine.returncode, fine.stderr) == (0, "")
    bad = document(tmp_path, variables=(Count("n", 0, 2),))
    defect = spec_check("verify", bad)
    assert (defect.returncode, defect.stderr) == (
        2,
        "a rule leaves a range or looks outside an array: an error of the specification\n",
    )
    assert "REFUTED, proved was expected: range/n" in defect.stdout


# ---- hypotheses of claims


def test_claims_are_judged_under_their_own_readings_and_constants(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parts: dict[str, Any] = {
        "constants": {"top": 3},
        "variables": (Count("n", 0, "top"),),
        "ambiguities": (Ambiguity("A-1", "?", {"by_one": "", "by_two": ""}, "by_one"),),
        "transitions": (
            Transition("C", "open", "go", when="n < top and A_1 == 'by_one'", then="n += 1"),
            Transition("C", "open", "go", when="n + 1 < top and A_1 == 'by_two'", then="n += 2"),
            Transition("C", "open", "end", "done"),
        ),
    }
    odd = "n != 1"
    path = document(
        tmp_path,
        **parts,
        claims=(
            Claim("odd", "C", "", "always", odd, "refuted"),
            Claim("even", "C", "", "always", odd, readings={"A-1": "b"}),
            Claim("high", "C", "", "reachable", "n == 7", constants={"top": 7}),
            Claim("low", "C", "", "reachable", "n == 7", "refuted"),
        ),
    )
    code, whole = answer(capsys, path)
    assert code == 0
    assert [
        (o["id"], o["verdict"])
        for o in whole["protocols"][0]["machines"][0]["obligations"]
        if o["kind"] == "claim"
    ] == [
        ("claim/odd", "refuted"),
        ("claim/even", "proved"),
        ("claim/high", "proved"),
        ("claim/low", "refuted"),
    ]
    assert whole["protocols"][0]["readings"] == {"A-1": "by_one"}
    # a reading given on the command line is the hypothesis of those that name none
    code, whole = answer(capsys, path, "--reading", "A-1=by_two")
    assert code == 1
    assert obligation(whole, "claim/odd")["verdict"] == "proved"
    assert whole["protocols"][0]["readings"] == {"A-1": "by_two"}


# ---- several machines


def two_machines() -> Protocol:
    first = Machine(
        "trial", **{"states": (State("open", initial=True), State("done", final=True)), **COUNTING}
    )
    second = Machine(
        "subject",
        states=(State("on", initial=True),),
        events=(GO,),
        transitions=(Transition("C", "on", "go"),),
        constants={"cap": 4},
    )
    return Protocol("two", "Two machines", (first, second))


def test_several_machines_in_one_or_more_processes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "two.json"
    path.write_text(dump_json(two_machines()), "utf-8")
    code, whole = answer(capsys, str(path), "--no-timing")
    assert code == 0
    names = [m["machine"] for m in whole["protocols"][0]["machines"]]
    assert names == ["trial", "subject", "study"]
    assert answer(capsys, str(path), "--no-timing", "--jobs", "2") == (code, whole)
    _, one = answer(capsys, str(path), "--machine", "subject", "--set", "cap=5")
    (machine,) = one["protocols"][0]["machines"]
    assert (machine["machine"], machine["constants"], machine["steps"]) == (
        "subject",
        {"cap": 5},
        None,
    )
    _, both = answer(capsys, str(path), str(path), "--machine", "trial", "--no-timing")
    assert len(both["protocols"]) == 2


# ---- the text


def test_the_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(ESCALATION), "--set", "D=2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "escalation trial  (D=2, first=3, full=6)\n"
        "  223 configurations, 366 transitions, every run ends within 24 steps\n"
    )
    assert (
        "    proved for every number of D, attained: ESC-10/treated-cap  "
        "At most six patients are evaluated at a level.\n"
    ) in out
    assert out.endswith("\n39 proved; all as expected\n")


def test_the_runs_of_claims(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What is refuted as expected, and what can be reached, is shown under what it supposes."""
    path = document(
        tmp_path,
        constants={"start": 0},
        variables=(Count("n", 0, 3, initial="start"),),
        claims=(
            Claim("low", "C", "never two", "always", "n < 2", "refuted"),
            Claim("high", "C", "three", "reachable", "n == 3", constants={"start": 2}),
            Claim("none", "C", "four", "reachable", "n == 4", "refuted"),
            Claim("there", "C", "nothing", "reachable", "n == 0"),
            Claim("all", "C", "three at most", "always", "n <= 3"),
        ),
    )
    assert main(["verify", path, "--runs"]) == 0
    out = capsys.readouterr().out
    assert (
        "    refuted (as expected), shortest run of 2 events: claim/low  never two\n"
        "        1. go -> open: n = 1  [C]\n"
        "        2. go -> open: n = 2  [C]\n"
        "        here: the property is false here\n"
        "    proved: claim/high  three\n"
        "      under start=2:\n"
        "        1. go -> open: n = 3  [C]\n"
        "    refuted (as expected): claim/none  four\n"
        "    proved: claim/there  nothing\n"
        "        (at the start)\n"
        "    proved: claim/all  three at most\n"
    ) in out
    assert main(["verify", path]) == 0
    assert "go ->" not in capsys.readouterr().out
    _, whole = answer(capsys, path)
    assert "under" not in obligation(whole, "claim/low")
    assert obligation(whole, "claim/high")["under"] == {
        "readings": {},
        "constants": {"start": 2},
        "initial": {"state": "open", "n": 2},
    }


def test_the_runs_of_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "dextr-mm", "--machine", "study", "--runs"]) == 0
    out = capsys.readouterr().out
    assert (
        "\n        1. subject 1: join -> subject 1 induction\n        2. elapse(days=27) -> " in out
    )


def test_the_text_of_a_failure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = document(
        tmp_path,
        invariants=(Invariant("C", "one", "at most one", "n <= 1"),),
        claims=(
            claim("refuted"),
            claim("refuted", "n < 3").__class__(
                "false", "C", "never three", "always", "n < 3", "refuted"
            ),
        ),
        lemmas=(Lemma("idle", "n < 1"),),
    )
    assert main(["verify", path]) == 1
    out = capsys.readouterr().out
    assert (
        "  REFUTED, proved was expected: C/one\n"
        "    at most one\n"
        "    the shortest run to it:\n"
        "      1. go -> open: n = 1  [C]\n"
        "      2. go -> open: n = 2  [C]\n"
        "      here: the property is false here\n"
    ) in out
    assert "  PROVED, refuted was expected: claim/bound\n    n stays low\n" in out
    assert "    refuted (as expected), shortest run of 3 events: claim/false  never three\n" in out
    assert "  lemmas that don't hold here: idle\n" in out
    assert out.endswith("2 refuted; 2 NOT as expected\n")


def test_the_text_of_what_fails_at_the_start_or_is_open(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = document(tmp_path, invariants=(Invariant("C", "i", "some", "n > 0"),))
    main(["verify", path])
    assert "    the shortest run to it:\n      (at the start" in capsys.readouterr().out
    assert main(["verify", path, "--engine", "induction"]) == 3
    out = capsys.readouterr().out
    assert "  UNKNOWN, proved was expected: C/i\n    some\n    not inductive as it stands" in out


def test_constants_in_json() -> None:
    from decimal import Decimal

    assert [shown_constant(v) for v in (1, True, "CR", Decimal("2.50"), (1, Decimal("7.5")))] == [
        1,
        True,
        "CR",
        "2.50",
        [1, "7.5"],
    ]
    entry = machine_entry(verify_machine(two_machines(), "subject"), timing=False)
    assert "seconds" not in json.dumps(entry)


def test_the_module_names_its_engines() -> None:
    assert verify_module.ENGINES == ("induction", "enumeration", "all")


@pytest.mark.parametrize(
    ("variant", "toxic"),
    [
        ("E", [0, 0, 0, 0, 1, 1]),  # level 2 fails on three, level 1 is declared on its three
        ("K", [0] * 9),  # nobody has a toxicity, the top level is declared on its three
        ("N", None),
    ],
)
def test_every_mtd_rests_on_six_patients_only_in_variant_n(
    variant: str, toxic: list[int] | None
) -> None:
    report = verify_machine(load(f"trialspec.spec.designs.three_plus_three:{variant}"))
    result = {r.obligation.id: r for r in report.results}["claim/mtd-on-six"]
    assert result.as_expected
    assert result.verdict == ("proved" if toxic is None else "refuted")
    run = result.counterexample
    assert (run and [dict(step.arguments)["dlt"] for step in run]) == toxic
