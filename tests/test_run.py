"""Vectors run against systems: outcomes, findings, and the command ``spec-check test``."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from by_hand import REFERENCE, USUAL, N, T, fresh, suite, vector, written
from trialspec.oracle.adapters.connection import Connection
from trialspec.oracle.adapters.trouble import AdapterError
from trialspec.oracle.cli.main import main
from trialspec.oracle.conformance import examine as examine_module
from trialspec.oracle.conformance.examine import Examiner
from trialspec.oracle.conformance.findings import calls, finding
from trialspec.oracle.conformance.results import Result
from trialspec.oracle.conformance.source import Source, Vectors, chosen, from_file
from trialspec.oracle.conformance.values import compare, same
from trialspec.oracle.vectors import Step, Suite, Vector
from trialspec.spec.errors import SpecError

Capture = pytest.CaptureFixture[str]
SCHEMA = json.loads(files("trialspec.oracle.schemas").joinpath("run.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
MORE = {
    **USUAL,
    "closed-stays-closed": [N, N, N, T, T, T, N, N, N],
    "again": [T, N, N, N, N, N],
}


@pytest.fixture(scope="module")
def usual() -> Suite:
    return suite(MORE)


def judged(system: str, made: Suite, **options: Any) -> list[Result]:
    """The results of a suite against one of the systems to judge."""
    argument = system if ":" in system else f"judged_systems:{system}"
    bound = fresh(made.machine, options.get("readings", {})).bound
    vectors = Vectors(Source("ibrutinib-mm", made.machine), made, bound)
    with Connection(argument, 30) as connection:
        examiner = Examiner(connection)
        return [examiner.judge(task) for task in vectors.tasks]


def outcomes(results: list[Result]) -> list[str]:
    return [r.outcome for r in results]


# ---- outcomes


@pytest.mark.parametrize(
    "system", [REFERENCE, "OneByOne", "OnlyState", "Asked", "Silent", "Talkative", "Typed"]
)
def test_systems_that_conform_pass_whatever_they_show(system: str, usual: Suite) -> None:
    found = judged(system, replace(usual, groups=suite().groups) if system == "Silent" else usual)
    assert set(outcomes(found)) == {"passed"}
    assert found[0].clause == "IBR-05"
    assert found[0].step is None


def test_what_is_not_shown_and_what_is_unknown_is_listed(usual: Suite) -> None:
    everything = set(usual.vectors[0].steps[0].observe)
    assert all(r.unshown == everything - {"state"} for r in judged("OnlyState", usual))
    assert all(r.unshown == everything for r in judged("Silent", usual))
    shown = judged("Talkative", usual)[1]
    assert (shown.unshown, shown.ignored) == (set(), {"colour", "dlts[9]"})


def test_an_event_that_the_protocol_refuses_is_wrongly_accepted(usual: Suite) -> None:
    found = judged("AcceptsEveryLevel", usual)
    assert outcomes(found) == ["passed", "failed", "passed", "passed", "passed"]
    wrong = found[1]
    assert (wrong.step, wrong.kind, wrong.clause, wrong.key) == (
        2,
        "wrongly_accepted",
        "IBR-05",
        "IBR-05, register, wrongly_accepted",
    )
    assert wrong.because == "event.level == level is false (register.level = 2, level = 1)"
    assert wrong.expected is not None and wrong.observed is not None
    assert (wrong.expected["answer"], wrong.observed["answer"]) == ("refused", "accepted")
    # the system's own changes of its arguments are not ours
    assert wrong.vector.steps[1].arguments == {"level": 2}


def test_the_earliest_divergence_is_the_one_reported(usual: Suite) -> None:
    found = judged("FourthLevel", usual)
    assert [r.step for r in found] == [None, None, 3, 3, 3]
    assert {r.kind for r in found[2:]} == {"wrong_value"}
    # the guard of the rule that should have applied, with its numbers
    assert found[2].because == (
        "first_clear and higher (n = 3, y = 0, level = 1, lowest_closed = 4)"
    )
    wrong = judged("AskedWrong", usual)[2]
    assert (wrong.step, wrong.kind) == (3, "wrong_state")


def test_unsupported_is_never_a_pass(usual: Suite) -> None:
    found = judged("Unable", usual)
    assert outcomes(found) == ["passed", "unsupported", "passed", "passed", "passed"]
    assert (found[1].step, found[1].because) == (2, "another office registers")
    assert set(outcomes(judged("UnableToAll", usual))) == {"unsupported"}


def test_a_vector_goes_on_after_a_refused_event_that_is_not_supported() -> None:
    """It changes nothing, and what follows may be wrong all the same."""
    made = suite({"other-level": [("register", {"level": 2}), N, T]})
    assert [s.answer for s in made.vectors[0].steps] == ["refused", "accepted", "accepted"]
    (found,) = judged("Unable", made)
    assert (found.outcome, found.step) == ("unsupported", 1)
    (found,) = judged("UnableAndWrong", made)
    assert (found.outcome, found.step, found.clause) == ("failed", 3, "IBR-05")
    accepted = suite({"one": [("register", {"level": 1}), N, T]})
    (found,) = judged("UnableAndWrong", accepted)
    assert (found.outcome, found.step) == ("unsupported", 1)


def test_nothing_is_judged_from_an_unspecified_answer_on() -> None:
    readings = {"IBR-A03": "b"}
    made = suite({"open": [T, T]}, readings=readings)
    assert made.vectors[0].steps[1].answer == "unspecified"
    # it refuses every toxicity, and is judged at the first alone
    assert outcomes(judged("RefusesToxicity", made, readings=readings)) == ["failed"]
    after = suite({"open": [("register", {"level": 1}), T, T]}, readings=readings)
    assert after.vectors[0].steps[-1].answer == "unspecified"
    assert outcomes(judged("OneByOne", after, readings=readings)) == ["passed"]
    first = Vector(
        "rules/open",
        "nominal",
        (Step("evaluate", {"dlt": True}, "unspecified", "", "the text is silent", {}),),
    )
    only = replace(made, groups=(replace(made.groups[0], vectors=(first,)),))
    (found,) = judged("RefusesToxicity", only, readings=readings)
    assert (found.outcome, found.because) == ("skipped", "nothing to judge: the text is silent")


@pytest.mark.parametrize(
    ("system", "message"),
    [
        ("ShortRun", "run: 0 answers to 1 steps"),
        ("BlindRun", "run: answer 1 has no 'observe'"),
        ("WordRun", "run: answer 1 is an object, not 'accepted'"),
        ("MaybeRun", "run: answer 1: answer is accepted or refused or unsupported"),
    ],
)
def test_runs_that_break_the_contract(system: str, message: str, usual: Suite) -> None:
    found = judged(system, usual)[0]
    assert found.outcome == "errored"
    assert found.trouble is not None
    assert found.trouble.kind == "wrong_type"
    assert found.trouble.message.startswith(message)
    assert found.step == (1 if system == "BlindRun" else None)


# ---- what is left from the case before


@pytest.mark.parametrize(("system", "step"), [("Leaking", 1), ("LeakingOpenly", 0)])
def test_a_system_that_does_not_begin_afresh_is_told(system: str, step: int, usual: Suite) -> None:
    made = suite({"first": [N], "second": [N, N, N]})
    found = judged(system, made)
    assert outcomes(found) == ["passed", "failed"]
    wrong = found[1]
    assert (wrong.step, wrong.after, wrong.alone) == (step, ("rules/first",), "passed")


def test_when_one_vector_is_not_enough_all_before_are_named() -> None:
    made = suite({"first": [N], "second": [N], "third": [N, N, N]})
    found = judged("LeakingLater", made)
    assert outcomes(found) == ["passed", "passed", "failed"]
    assert found[2].after == ("rules/first", "rules/second")
    told = finding(found[2], made, Source("ibrutinib-mm", "trial"), "judged_systems:LeakingLater")
    assert "passes in a fresh process and fails after other vectors" in told.message
    assert "--id" not in told.reproduce


def test_only_some_failures_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_module, "MOST_TRIED_AGAIN", 1)
    made = suite({f"v{i}": [N, N, N] for i in range(4)})
    found = judged("Leaking", made)
    assert outcomes(found) == ["passed", "failed", "failed", "failed"]
    assert [r.alone for r in found[1:]] == ["passed", "", ""]
    assert found[-1].after == tuple(v.id for v in made.vectors[:-1])


def test_a_failure_that_comes_again_alone_is_the_rule_s(usual: Suite) -> None:
    assert {r.after for r in judged("FourthLevel", usual)} == {()}


def test_a_system_that_can_t_be_started_a_second_time_keeps_its_failure() -> None:
    found = judged("Flaky", suite({"first": [N], "second": [N]}))
    assert outcomes(found) == ["passed", "failed"]
    assert (found[1].kind, found[1].key, found[1].alone) == ("wrong_start", "start", "")


# ---- values


@pytest.mark.parametrize(
    ("expected", "given", "right"),
    [
        (True, True, True),
        (True, False, False),
        (3, 3, True),
        (3, Decimal("3.0"), True),
        (3, "3", True),
        (3, "3.0", True),
        (3, 4, False),
        (0, Decimal("1E-400"), False),
        ("7.5", Decimal("7.50"), True),
        ("7.5", "7.5", True),
        ("7.5", "7.50", True),
        ("7.5", Decimal("7.5000000000000000000000001"), False),
        ("10", 10, True),
        ("7.5", "none", False),
        ("open", "open", True),
        ("open", "Open", False),
        ("10", "closed", False),
        ([3, 0], [3, 0], True),
        ([3, 0], [3], False),
        ([3, 0], [3, 0, 0], False),
        ([3, 0], [0, 3], False),
    ],
)
def test_values_are_equal_exactly_or_not_at_all(expected: Any, given: Any, right: bool) -> None:
    assert same("v", expected, given) is right


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (True, 1),
        (True, "true"),
        (1, True),
        (1, "one"),
        (1, None),
        ("7.5", True),
        ("7.5", None),
        ("open", 7),
        ("open", True),
        ([1], 1),
        ([1], [True]),
        ([1, 2], [3, "x"]),
    ],
)
def test_values_of_another_kind_are_errors(expected: Any, given: Any) -> None:
    with pytest.raises(AdapterError) as caught:
        same("v", expected, given)
    assert caught.value.kind == "wrong_type"


@pytest.mark.parametrize(("given", "right"), [(7, True), (30, True), (6, False)])
def test_a_value_that_is_held_there_means_that_or_more(given: int, right: bool) -> None:
    assert compare({"days": 7}, {"days": given}, {"days": 7}).observed == (
        {} if right else {"days": 6}
    )
    assert compare({"days": 5}, {"days": 7}, {"days": 7}).observed == {"days": 7}
    assert compare({"d": [7, 7]}, {"d": [given, 7]}, {"d": 7}).observed == (
        {} if right else {"d": [6, 7]}
    )


def test_cells_are_compared_one_by_one() -> None:
    found = compare({"treated": [3, 1]}, {"treated[2]": 2, "treated[3]": 0, "level[1]": 0})
    assert (found.expected, found.observed) == ({"treated[2]": 1}, {"treated[2]": 2})
    assert (found.shown, found.ignored) == ({"treated"}, {"treated[3]", "level[1]"})


# ---- findings


def test_the_text_of_a_failure(usual: Suite) -> None:
    wrong = judged("AcceptsEveryLevel", usual)[1]
    told = finding(wrong, usual, Source("ibrutinib-mm", "trial"), "judged_systems:A b")
    assert str(told).splitlines() == [
        "IBR-05: Patients are treated at the open level.",
        "  step 2 of rules/other-level-refused, register(level=2): "
        "the protocol refuses it, the system accepts it",
        "    because event.level == level is false (register.level = 2, level = 1)",
        "    expected  refused; pending = [0, 0, 0]",
        "    observed  accepted; pending = [1, 0, 0]",
        "  before it: evaluate(dlt=false)",
        "  reproduce: spec-check test ibrutinib-mm --machine trial "
        "--adapter 'judged_systems:A b' --id rules/other-level-refused",
    ]
    assert told.key == "IBR-05, register, wrongly_accepted"


def test_a_terminal_is_not_controlled_by_a_system(usual: Suite) -> None:
    wrong = judged("RefusesToxicity", usual)[2]
    told = str(finding(wrong, usual, Source("ibrutinib-mm", "trial"), "a:b"))
    assert 'refused ("not  [31mnow")' in told
    assert "\x1b" not in told


def test_another_clause_than_the_group_s_gets_its_own_sentence(usual: Suite) -> None:
    own, other = usual.groups[0], replace(usual.groups[0], id="other", vectors=())
    made = replace(
        usual,
        groups=(
            replace(own, clauses=("IBR-03",)),
            replace(other, clauses=("IBR-05",), statement="Another sentence."),
        ),
    )
    wrong = judged("AcceptsEveryLevel", made)[1]
    source = Source("ibrutinib-mm", "trial")
    assert finding(wrong, made, source, "a:b").title == "IBR-05: Another sentence."
    alone = replace(made, groups=made.groups[:1])
    assert finding(wrong, alone, source, "a:b").title == (
        "IBR-05: Patients are treated at the open level."
    )


def test_repeated_steps_are_counted() -> None:
    steps = vector("rules/x", [N, N, T, N]).steps
    assert calls(steps) == "evaluate(dlt=false) x 2, evaluate(dlt=true), evaluate(dlt=false)"


def test_the_line_to_reproduce_with_names_what_is_not_usual() -> None:
    source = Source(
        "my trial.yaml", "subject", cover="pairs", settings=("levels=4",), readings=("strict",)
    )
    assert source.command("cmd:node sut.js", ["a/b"]) == (
        "spec-check test 'my trial.yaml' --machine subject --adapter 'cmd:node sut.js' "
        "--cover pairs --set levels=4 --reading strict --id a/b"
    )


# ---- the command


def run(capsys: Capture, *arguments: str, code: int) -> tuple[str, str]:
    assert main(["test", "ibrutinib-mm", *arguments]) == code
    said = capsys.readouterr()
    return said.out, said.err


def answer(capsys: Capture, *arguments: str, code: int) -> dict[str, Any]:
    out, _ = run(capsys, *arguments, "--json", code=code)
    found: dict[str, Any] = json.loads(out)
    VALIDATOR.validate(found)
    return found


def system(name: str) -> tuple[str, str]:
    return ("--adapter", f"judged_systems:{name}")


@pytest.fixture
def path(tmp_path: Path, usual: Suite) -> str:
    return str(written(tmp_path, usual))


def test_a_system_that_conforms(capsys: Capture, path: str) -> None:
    out, err = run(capsys, *system("OnlyState"), "--vectors", path, code=0)
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "ibrutinib-mm trial: 5 vectors against to judge 1"
    assert lines[-2].startswith("never observed, and so not judged: dlts, expanded, ")
    assert lines[-1] == "5 passed, 0 failed, 0 errored, 0 unsupported, 0 skipped"


def test_the_answer_as_json(capsys: Capture, path: str) -> None:
    found = answer(capsys, *system("AcceptsEveryLevel"), "--vectors", path, code=1)
    assert found["format"] == "trialspec/run/1"
    assert (found["protocol"], found["machine"]) == ("ibrutinib-mm", "trial")
    assert found["adapter"]["name"] == "to judge"
    assert found["adapter"]["argument"] == "judged_systems:AcceptsEveryLevel"
    assert found["counts"] == {
        "passed": 4,
        "failed": 1,
        "errored": 0,
        "unsupported": 0,
        "skipped": 0,
    }
    assert found["by_clause"] == {"IBR-05": 1}
    assert [r["id"] for r in found["results"]] == [f"rules/{name}" for name in MORE]
    wrong = found["results"][1]
    assert (wrong["outcome"], wrong["clause"], wrong["step"]) == ("failed", "IBR-05", 2)
    assert wrong["expected"]["answer"] == "refused"
    assert wrong["observed"]["answer"] == "accepted"
    assert wrong["because"] == "event.level == level is false (register.level = 2, level = 1)"
    assert wrong["before"] == [{"event": "evaluate", "arguments": {"dlt": False}}]
    assert wrong["others"] == 0
    passed = found["results"][0]
    assert (passed["expected"], passed["observed"], passed["step"]) == (None, None, None)


def test_the_same_run_gives_the_same_bytes(capsys: Capture, path: str) -> None:
    arguments = (*system("FourthLevel"), "--vectors", path, "--json", "--no-timing")
    first, _ = run(capsys, *arguments, code=1)
    second, _ = run(capsys, *arguments, code=1)
    assert first == second
    assert '"seconds"' not in first


def test_failures_are_told_once_for_each_cause(capsys: Capture, path: str) -> None:
    out, _ = run(capsys, *system("FourthLevel"), "--vectors", path, code=1)
    keys = [r.key for r in judged("FourthLevel", suite(MORE)) if r.outcome == "failed"]
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("FAILED")] == [
        f"FAILED {key.split(',')[0]}" for key in dict.fromkeys(keys)
    ]
    for key in set(keys):
        others = keys.count(key) - 1
        assert (f"  {others} more with {key}: rules/" in out) == (others > 0)
    found = answer(capsys, *system("FourthLevel"), "--vectors", path, code=1)
    assert [r.get("others") for r in found["results"]].count(None) == 2


def test_the_reproduce_line_reproduces(capsys: Capture, tmp_path: Path) -> None:
    made = suite({"one": [N, ("register", {"level": 2})], "two": [N]})
    vectors = ("--vectors", str(written(tmp_path, made)))
    for name in ("AcceptsEveryLevel", "Leaking"):
        found = answer(capsys, *system(name), *vectors, code=1)
        wrong = next(r for r in found["results"] if r["outcome"] == "failed")
        words = shlex.split(wrong["reproduce"])
        assert words[:2] == ["spec-check", "test"]
        assert main([*words[1:], "--json"]) == 1
        again = json.loads(capsys.readouterr().out)["results"][-1]
        assert (again["id"], again["step"], again["observed"]) == (
            wrong["id"],
            wrong["step"],
            wrong["observed"],
        )


def test_unsupported_alone_is_inconclusive(capsys: Capture, path: str) -> None:
    out, err = run(capsys, *system("Unable"), "--vectors", path, code=3)
    assert "UNSUPPORTED unsupported: register" in out
    assert "the system does not support it: another office registers" in out
    assert err == "nothing failed, but not everything was judged: this is no pass\n"
    _, err = run(capsys, *system("UnableToAll"), "--vectors", path, "--quiet", code=3)
    assert err == ""


def test_names_that_the_protocol_has_not_are_told(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "slips.py").write_text(
        "from trialspec.oracle.adapters.reference import Reference\n\n\n"
        "class Slips(Reference):\n"
        "    def describe(self):\n"
        "        given = super().describe()\n"
        "        given['observes'] = ['stat', 'treated[1]', 'state']\n"
        "        given['events'] = [*given['events'], 'evaluat', 'elapse', 'zzz']\n"
        "        return given\n"
    )
    argv = ["test", "ibrutinib-mm", "--cover", "states"]
    argv += ["--adapter", f"{tmp_path / 'slips.py'}:Slips"]
    assert main(argv) == 0
    said = "spec-check test: describe: "
    assert capsys.readouterr().err.splitlines() == [
        f"{said}observes has 'stat', which ibrutinib-mm has not: did you mean state?",
        f"{said}events has 'evaluat', which ibrutinib-mm has not: did you mean evaluate?",
        f"{said}events has 'zzz', which ibrutinib-mm has not",
    ]
    assert main([*argv, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_a_module_that_is_not_found_is_told_once_with_advice(capsys: Capture) -> None:
    assert main(["test", "ibrutinib-mm", "--adapter", "nope:Thing", "--cover", "states"]) == 2
    err = capsys.readouterr().err
    assert err.count("No module named 'nope'") == 1
    assert err.endswith("\n  run it from its folder, or give path/to/file.py:Class\n")


def test_skipped_alone_is_inconclusive(capsys: Capture, tmp_path: Path) -> None:
    made = suite()
    open_step = Step("evaluate", {"dlt": True}, "unspecified", "", "silent", {})
    only = replace(made.groups[0], vectors=(Vector("rules/open", "nominal", (open_step,)),))
    path = str(written(tmp_path, replace(made, groups=(only,))))
    out, _ = run(capsys, *system("OneByOne"), "--vectors", path, code=3)
    assert "1 skipped: nothing to judge: silent" in out
    found = answer(capsys, *system("OneByOne"), "--vectors", path, code=3)
    assert found["results"][0]["title"] == "not judged"


def test_ids_choose(capsys: Capture, path: str) -> None:
    def ids(*given: str) -> list[str]:
        options = [word for id in given for word in ("--id", id)]
        found = answer(capsys, "--adapter", REFERENCE, "--vectors", path, *options, code=0)
        return [r["id"] for r in found["results"]]

    assert ids("rules/goes-up") == ["rules/goes-up"]
    assert ids("rules/goes-up", "rules/again") == ["rules/goes-up", "rules/again"]
    assert ids("ibrutinib-mm/trial/rules/again") == ["rules/again"]
    assert ids("rules") == [f"rules/{name}" for name in MORE]


def test_vectors_are_made_when_none_are_given(capsys: Capture) -> None:
    arguments = ("--adapter", REFERENCE, "--cover", "states", "--set", "levels=2")
    found = answer(capsys, *arguments, "--reading", "IBR-A07=b", code=0)
    assert found["criterion"] == "states"
    assert found["constants"]["levels"] == 2
    found = answer(
        capsys, *system("AcceptsEveryLevel"), *arguments[2:], "--cover", "refused", code=1
    )
    assert "--cover refused --set levels=2 --id" in next(
        r["reproduce"] for r in found["results"] if r["outcome"] == "failed"
    )


def test_a_folder_of_vectors(capsys: Capture, tmp_path: Path, usual: Suite) -> None:
    written(tmp_path, usual, "trial.vectors.json")
    reference = ("--adapter", REFERENCE)
    assert answer(capsys, *reference, "--vectors", str(tmp_path), code=0)["counts"]["passed"] == 5
    subject = suite({"one": [("register", {"level": 1})]}, "subject")
    written(tmp_path, subject, "subject.vectors.json")
    both = (*reference, "--vectors", str(tmp_path))
    assert answer(capsys, *both, code=0)["machine"] == "trial"
    assert answer(capsys, *both, "--machine", "subject", code=0)["machine"] == "subject"
    written(tmp_path, usual, "again.vectors.json")
    _, err = run(capsys, *both, code=2)
    assert "one file of ibrutinib-mm trial is needed here" in err


def bad(capsys: Capture, *arguments: str) -> str:
    out, err = run(capsys, *arguments, code=2)
    assert out == ""
    return err


def test_bad_input_is_a_message(capsys: Capture, path: str, tmp_path: Path, usual: Suite) -> None:
    reference = ("--adapter", REFERENCE)
    vectors = (*reference, "--vectors", path)
    assert "the following arguments are required: --adapter" in bad(capsys)
    assert "there is no vector 'rules/goes-upp'" in (
        said := bad(capsys, *vectors, "--id", "rules/goes-upp")
    )
    assert "did you mean rules/goes-up" in said
    assert "spec-check suite lists the ids" in bad(capsys, *vectors, "--id", "zzz")
    for option, value in (("--set", "levels=2"), ("--reading", "strict"), ("--cover", "pairs")):
        assert "--vectors names made ones" in bad(capsys, *vectors, option, value)
    assert "unknown criterion 'all'" in bad(capsys, *reference, "--cover", "all")
    assert "has no constant 'patience'" in bad(capsys, *reference, "--set", "patience=2")
    assert "'soon' is not a number of seconds" in bad(capsys, *vectors, "--timeout", "soon")
    assert "a time-out is between 0" in bad(capsys, *vectors, "--timeout", "0")
    assert "names no adapter" in bad(capsys, "--adapter", "nothing")
    assert "the system can't be started" in bad(capsys, "--adapter", "no_module:X", *vectors[2:])
    assert "these are vectors of the machine trial, not subject" in bad(
        capsys, *vectors, "--machine", "subject"
    )
    assert "can't be read: No such file" in bad(capsys, *reference, "--vectors", "none.json")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no *.vectors.json in this folder" in bad(capsys, *reference, "--vectors", str(empty))
    nothing = written(tmp_path, replace(usual, groups=()), "nothing.vectors.json")
    assert "there are no vectors" in bad(capsys, *reference, "--vectors", str(nothing))


def test_vectors_of_another_specification_are_stale(
    capsys: Capture, tmp_path: Path, usual: Suite
) -> None:
    reference = ("--adapter", REFERENCE, "--vectors")
    stale = written(tmp_path, replace(usual, model_sha256="0" * 64))
    said = bad(capsys, *reference, str(stale))
    assert "stale: made from another ibrutinib-mm trial (000000000000, now " in said
    assert "write them again with spec-check suite" in said
    other = written(tmp_path, replace(usual, protocol="other-trial"))
    assert "these are vectors of other-trial, not ibrutinib-mm" in bad(
        capsys, *reference, str(other)
    )
    strange = written(tmp_path, replace(usual, constants={"patience": 1}))
    assert "has no constant 'patience'" in bad(capsys, *reference, str(strange))
    other = written(tmp_path, replace(usual, protocol="other-trial"))
    with pytest.raises(SpecError, match="there is no protocol 'other-trial'"):
        from_file(str(other))


def test_ids_of_a_suite(usual: Suite) -> None:
    assert chosen(usual, ["rules/again", "rules"])[:2] == (
        "rules/again",
        "rules/first-free-of-toxicity",
    )
    made = Vectors(Source("ibrutinib-mm", "trial"), usual, fresh().bound)
    assert [t.vector.id for t in made.tasks] == [v.id for v in usual.vectors]
