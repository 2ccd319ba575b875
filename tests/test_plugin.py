"""The pytest plug-in, as a vendor's own tests use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from by_hand import REFERENCE, USUAL, N, suite, written
from trialspec.oracle.adapters import reference
from trialspec.oracle.plugin import judging
from trialspec.oracle.vectors import Step, Vector

# what stays imported is not imported anew by every run below
assert reference and judging
pytest_plugins = "pytester"

# in a checkout the plug-in is named; where it is installed, pytest finds it by its entry point
INSTALLED = any(e.name == "trialspec" for e in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "trialspec.oracle.pytest_plugin")
TESTS = str(Path(__file__).parent)
RUN = json.loads(files("trialspec.oracle.schemas").joinpath("run.schema.json").read_text())

Pytester = pytest.Pytester
Result = pytest.RunResult


@pytest.fixture
def project(pytester: Pytester, monkeypatch: pytest.MonkeyPatch) -> Pytester:
    """A project with a vectors file, and `judged_systems` beside it."""
    monkeypatch.syspath_prepend(TESTS)
    monkeypatch.setenv("PYTHONPATH", TESTS, prepend=os.pathsep)
    written(pytester.path)
    return pytester


def run(project: Pytester, *arguments: str, system: str = "") -> Result:
    adapter = system and (system if ":" in system else f"judged_systems:{system}")
    named = ("--spec-adapter", adapter) if adapter else ()
    return project.runpytest(*PLUGIN, "-p", "no:cacheprovider", *named, *arguments)


def passed(result: Result, **counts: int) -> None:
    result.assert_outcomes(**counts)


STATES = ("--spec-protocol", "ibrutinib-mm", "--spec-cover", "states", "--spec-set", "levels=1")
FILE = "hand.vectors.json"
OTHER = "ibrutinib-mm/trial/rules/other-level-refused"
MARKED = """
    import pytest

    @pytest.mark.protocol("ibrutinib-mm", cover="states", constants={"levels": 1})
    def test_vector(vector, adapter):
        vector.check(adapter)
"""


# ---- items


def test_each_vector_is_an_item_of_its_own(project: Pytester) -> None:
    result = run(project, *STATES, "--collect-only", "-q", system=REFERENCE)
    ids = [line for line in result.outlines if "/trial/" in line]
    assert len(ids) > 2
    assert ids[:3] == [f"{FILE}::ibrutinib-mm/trial/rules/{name}" for name in USUAL]
    assert all(id.startswith("ibrutinib-mm/trial/") and id.count("/") == 3 for id in ids[3:])
    assert ids == [
        line
        for line in run(project, *STATES, "--collect-only", "-q", system=REFERENCE).outlines
        if "/trial/" in line
    ]
    passed(run(project, *STATES, system=REFERENCE), passed=len(ids))


def test_vectors_files_are_collected(project: Pytester) -> None:
    result = run(project, "-v", system=REFERENCE)
    passed(result, passed=3)
    result.stdout.fnmatch_lines([f"{FILE}::{OTHER} PASSED*"])
    passed(run(project, f"{FILE}::{OTHER}", system=REFERENCE), passed=1)


def test_vectors_files_are_left_alone_without_a_system(project: Pytester) -> None:
    project.makepyfile("def test_own(): pass")
    passed(run(project), passed=1)
    result = run(project, FILE)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*there is no system to judge*", "*give --spec-adapter*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*judging.py*")


def test_options_may_stand_in_the_ini_file(project: Pytester) -> None:
    project.makeini(f"""
        [pytest]
        spec_protocol = ibrutinib-mm
        spec_adapter = {REFERENCE}
        spec_cover = states
        spec_set = levels=1 cohort=3
        spec_timeout = 30
    """)
    listed = run(project, "--collect-only", "-q", "--ignore", FILE).outlines
    assert [i for i in listed if "/" in i] == [
        i
        for i in run(
            project, *STATES, "--collect-only", "-q", "--ignore", FILE, system=REFERENCE
        ).outlines
        if "/" in i
    ]


def test_other_tests_are_left_alone(project: Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.fixture
        def vector():
            return (1, 2)

        def test_geometry(vector):
            assert vector == (1, 2)

        @pytest.mark.parametrize("vector", [1])
        def test_algebra(vector):
            assert vector == 1
    """)
    passed(run(project), passed=2)


def test_k_chooses_by_id_and_by_clause(project: Pytester) -> None:
    passed(run(project, "-k", "goes-up", system=REFERENCE), passed=1, deselected=2)
    passed(run(project, "-k", "IBR-05", system=REFERENCE), passed=3)
    passed(run(project, "-k", "IBR-07", system=REFERENCE), deselected=3)


def test_lf_runs_what_failed(project: Pytester) -> None:
    arguments = (*PLUGIN, "--spec-adapter", "judged_systems:AcceptsEveryLevel")
    passed(project.runpytest(*arguments, FILE), passed=2, failed=1)
    passed(project.runpytest(*arguments, FILE, "--lf"), failed=1)
    both = (*arguments, *STATES, "--ignore", FILE)
    project.path.joinpath("pytest.ini").write_text("[pytest]\n")
    system = ("--spec-adapter", "judged_systems:UnableToAll")
    first = project.runpytest(*both, *system)
    count = first.parseoutcomes()["failed"]
    assert count > 2
    again = project.runpytest(*both, *system, "--lf", "-k", "first_three or no_mtd")
    assert 0 < again.parseoutcomes()["failed"] <= count


def test_xdist_collects_and_judges_the_same(project: Pytester) -> None:
    project.makepyfile(MARKED)
    report = project.path / "run.json"
    told = {}
    for workers in ((), ("-n", "2")):
        result = run(
            project,
            *(*workers, *STATES, "--spec-report", str(report)),
            system=f"{TESTS}/judged_systems.py:AcceptsEveryLevel",
        )
        told[workers] = (result.parseoutcomes(), json.loads(report.read_text()))
        result.stdout.fnmatch_lines(["*the run is in *run.json"])
    (alone, first), (many, second) = told.values()
    assert {k: n for k, n in many.items() if k != "warnings"} == alone
    assert without_seconds(first) == without_seconds(second)


def without_seconds(value: object) -> object:
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if k != "seconds"}
    return [without_seconds(v) for v in value] if isinstance(value, list) else value


def test_junit_has_the_properties(project: Pytester) -> None:
    passed(run(project, "--junitxml", "junit.xml", system="Unable"), passed=2, failed=1)
    cases = list(ET.parse(project.path / "junit.xml").iter("testcase"))
    assert len(cases) == 3
    vectors = {v.id: v for v in suite().vectors}
    for case in cases:
        found = {p.get("name"): p.get("value") for p in case.iter("property")}
        id = str(case.get("name"))
        assert (found["protocol"], found["machine"], found["clause"]) == (
            "ibrutinib-mm",
            "trial",
            "IBR-05",
        )
        name = next(name for name in vectors if id.endswith(name.rpartition("/")[2]))
        assert found["sha256"] == vectors[name].sha256


# ---- outcomes


def test_a_failure_is_its_text(project: Pytester) -> None:
    result = run(project, system="AcceptsEveryLevel")
    passed(result, passed=2, failed=1)
    text = "\n".join(result.outlines)
    start = text.index("IBR-05: Patients are treated at the open level.")
    assert text[start:].splitlines()[1:9] == [
        "  step 2 of rules/other-level-refused, register(level=2): "
        "the protocol refuses it, the system accepts it",
        "    because event.level == level is false (register.level = 2, level = 1)",
        "    expected  refused; pending = [0, 0, 0]",
        "    observed  accepted; pending = [1, 0, 0]",
        "  before it: evaluate(dlt=false)",
        "  reproduce: spec-check test ibrutinib-mm --machine trial --adapter "
        "judged_systems:AcceptsEveryLevel --vectors hand.vectors.json "
        "--id rules/other-level-refused",
        "================================== trialspec ===================================",
        "ibrutinib-mm trial against to judge 1: 2 passed, 1 failed",
    ]
    assert "Traceback" not in text
    assert ".py:" not in text
    result.stdout.fnmatch_lines(["FAILED *other-level-refused*"])


@pytest.mark.parametrize("on_ci", [False, True])
def test_failures_with_one_cause_say_how_many(
    project: Pytester, monkeypatch: pytest.MonkeyPatch, on_ci: bool
) -> None:
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    if on_ci:
        monkeypatch.setenv("CI", "true")
    written(project.path, suite({"a": [N, N, N], "b": [N, N, N], "c": [N, N, N, N]}))
    result = run(project, system="FourthLevel")
    passed(result, failed=3)
    assert (
        "\n".join(result.outlines).count(
            "\n  2 other failures with IBR-05, evaluate, wrong_value\n"
        )
        == 3
    )
    result.stdout.fnmatch_lines(["  IBR-05: 3 failed", "=* short test summary info =*"])
    titles = [n for n, line in enumerate(result.outlines) if "short test summary" in line]
    summary = result.outlines[titles[0] + 1 : -1]
    assert len(summary) == 3, "a line for each, also on a CI system, where pytest shortens nothing"
    assert all(line.startswith("FAILED hand.vectors.json::") for line in summary)


def test_an_error_is_an_error_and_no_failure(project: Pytester) -> None:
    result = run(project, system="ShortRun")
    passed(result, errors=3)
    text = "\n".join(result.outlines)
    assert "error, wrong_type: an answer that is not made as the contract says" in text
    assert "rules/goes-up: run: 3 answers to 4 steps" in text
    assert "Traceback" not in text


def test_unsupported_is_a_failure_of_its_own_kind(project: Pytester) -> None:
    result = run(project, system="Unable")
    passed(result, passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "unsupported: register",
            "  step 2 of *: the system does not support it: another office registers",
            "ibrutinib-mm trial against to judge 1: 2 passed, 1 unsupported",
        ]
    )
    everything = run(project, system="UnableToAll")
    passed(everything, failed=3)
    assert everything.ret == pytest.ExitCode.TESTS_FAILED


def test_what_can_t_be_judged_is_skipped(project: Pytester) -> None:
    made = suite()
    silent = Vector(
        "rules/silent",
        "nominal",
        (Step("evaluate", {"dlt": True}, "unspecified", "", "silent", {}),),
    )
    group = replace(made.groups[0], vectors=(*made.vectors, silent))
    written(project.path, replace(made, groups=(group,)))
    result = run(project, "-rs", system=REFERENCE)
    passed(result, passed=3, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * nothing to judge: silent"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_system_that_can_t_be_started_is_said_once(project: Pytester, workers: str) -> None:
    result = run(project, "-n", workers, system="no_such_module:System")
    text = result.stdout.str() + result.stderr.str()
    said = "--spec-adapter no_such_module:System: error, cannot_start: *No module named*"
    (result.stderr if workers == "0" else result.stdout).fnmatch_lines([f"*{said}*"])
    assert text.count("rules/a") == 0
    assert result.ret == (pytest.ExitCode.USAGE_ERROR if workers == "0" else 1)


def test_a_protocol_without_a_system_is_wrong_usage(project: Pytester) -> None:
    """Else a forgotten option leaves everything green with nothing judged."""
    project.makepyfile("def test_own(): pass")
    result = project.runpytest(*PLUGIN, "--spec-protocol", "ibrutinib-mm")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no system to judge*"])
    project.makepyfile("def test_own(oracle): assert oracle.observe()")
    passed(project.runpytest(*PLUGIN, "--spec-protocol", "ibrutinib-mm"), passed=1)
    project.makepyfile("def test_own(): pass")
    project.makeini("[pytest]\nspec_protocol = ibrutinib-mm\n")
    result = project.runpytest(*PLUGIN)
    passed(result, passed=1)
    result.stdout.fnmatch_lines(["trialspec: no system was judged, as none is named"])


def test_files_of_another_machine_are_left_aside(project: Pytester) -> None:
    """And what the options ask for too is judged once."""
    system = ("--spec-adapter", REFERENCE, "--spec-protocol", "ibrutinib-mm")
    cover = ("--spec-cover", "states")
    others = ("ibrutinib-mm", "trial"), ("ibrutinib-mm", "subject"), ("plerixafor-cll", "trial")
    for protocol, machine in others:
        arguments = ["suite", protocol, "--machine", machine, "--cover", "states"]
        command = [sys.executable, "-m", "trialspec.oracle.cli.main", *arguments, "-o", "."]
        subprocess.run(command, cwd=project.path, check=True, capture_output=True)
    project.path.joinpath(FILE).unlink()
    made = {
        machine: sum(
            len(g["vectors"]) for g in json.loads(project.path.joinpath(name).read_text())["groups"]
        )
        for machine in ("trial", "subject")
        for name in [f"ibrutinib-mm.{machine}.vectors.json"]
    }
    passed(project.runpytest(*PLUGIN, *system, *cover), passed=made["trial"])
    subject = project.runpytest(*PLUGIN, *system, *cover, "--spec-machine", "subject")
    passed(subject, passed=made["subject"])
    named = project.runpytest(
        *PLUGIN, "--spec-adapter", REFERENCE, "ibrutinib-mm.subject.vectors.json"
    )
    passed(named, passed=made["subject"])
    project.path.joinpath("plerixafor-cll.trial.vectors.json").unlink()
    other = project.runpytest(*PLUGIN, "--spec-adapter", REFERENCE, "--spec-machine", "subject")
    passed(other, passed=made["subject"])


# ---- marker and fixtures


def test_the_marker_fills_the_argument_vector(project: Pytester) -> None:
    project.makepyfile(MARKED)
    result = run(project, "-v", "--ignore", FILE, system=REFERENCE)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::test_vector[[]ibrutinib-mm/trial/*] PASSED*"])
    result = run(project, "--ignore", FILE, system="UnableToAll")
    assert result.ret == 1
    text = "\n".join(result.outlines)
    assert "unsupported: register" in text
    assert "def test_vector" not in text


def test_a_vector_can_be_looked_at(project: Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.mark.protocol(
            "ibrutinib-mm",
            machine="trial",
            cover="states",
            constants={"levels": 1},
            readings="literal",
        )
        def test_vector(vector):
            assert vector.id.startswith("ibrutinib-mm/trial/")
            assert vector.steps[0].answer == "accepted"
            assert vector.group.statement
            assert repr(vector) == f"<vector {vector.id}>"

        @pytest.mark.protocol(
            "ibrutinib-mm", cover="states", constants={"levels": 1}, readings={"IBR-A07": "b"}
        )
        def test_check(vector):
            with pytest.raises(TypeError, match="takes the fixture adapter"):
                vector.check(object())
    """)
    result = run(project, "--ignore", FILE)
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] > 4


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('"ibrutinib"', "there is no protocol 'ibrutinib'"),
        ('"ibrutinib-mm", machine="nurse"', "nurse"),
        ('"ibrutinib-mm", cover="all"', "unknown criterion 'all'"),
        ('"ibrutinib-mm", level=3', "the marker protocol takes a name, and machine, cover"),
        ("", "the marker protocol takes a name, and machine, cover"),
        ('"ibrutinib-mm", constants={"patience": 1}', "has no constant 'patience'"),
    ],
)
def test_a_marker_that_means_nothing(project: Pytester, marker: str, message: str) -> None:
    project.makepyfile(f"""
        import pytest

        @pytest.mark.protocol({marker})
        def test_vector(vector):
            pass
    """)
    result = run(project)
    passed(result, errors=1)
    text = "\n".join(result.outlines)
    assert message in text
    assert "judging.py" not in text


def test_the_fixtures_oracle_and_adapter(project: Pytester) -> None:
    project.makepyfile("""
        import pytest

        def test_both(oracle, adapter):
            for event, arguments in [("evaluate", {"dlt": True}), ("register", {"level": 2})]:
                answer = oracle.apply(event, **arguments)
                reply = adapter.apply(event, arguments)
                assert (reply.answer, reply.observe) == (answer.answer, answer.observe)

        def test_a_fresh_case_for_each(oracle, adapter):
            assert oracle.observe()["treated"] == [0, 0, 0]
            assert adapter.start()["treated"] == [0, 0, 0]
            assert adapter.start("ibrutinib-mm", "trial", {"levels": 1})["treated"] == [0]

        @pytest.mark.protocol("ibrutinib-mm", machine="subject", constants={"levels": 2})
        def test_marked(oracle, adapter):
            assert oracle.observe()["state"] == "registered" == adapter.start()["state"]
            assert oracle.bound.constants["levels"] == 2
    """)
    result = run(
        project,
        "--spec-protocol",
        "ibrutinib-mm",
        "-k",
        "test_",
        "--ignore",
        FILE,
        system=REFERENCE,
    )
    passed(result, passed=3, deselected=result.parseoutcomes()["deselected"])


def test_fixtures_that_lack_an_option_say_so(project: Pytester) -> None:
    project.makepyfile("""
        def test_oracle(oracle): pass
        def test_adapter(adapter): pass
    """)
    result = run(project)
    passed(result, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*the fixture oracle: no protocol is named*",
            "*give --spec-protocol or the marker*",
            "*the fixture adapter: there is no system to judge*",
        ]
    )
    result.stdout.no_fnmatch_line("*judging.py*")


def test_trouble_in_the_fixture_adapter_is_told(project: Pytester) -> None:
    project.makepyfile("""
        def test_adapter(adapter): pass

        def test_stop(adapter):
            adapter.start("ibrutinib-mm")

        def test_apply(adapter):
            adapter.start("ibrutinib-mm")
            adapter.apply("evaluate", {"dlt": True})
    """)
    hostile = Path(TESTS) / "hostile" / "system.py"
    result = run(project, "--ignore", FILE, system=f"{hostile}:NeverMade")
    passed(result, errors=3)
    result.stdout.fnmatch_lines(["*error, cannot_start: *OSError: no licence*"])
    result.stdout.no_fnmatch_line("*During handling*")
    result = run(project, "--ignore", FILE, "-k", "apply", system=f"{hostile}:Raising")
    passed(result, failed=1, deselected=2)
    result.stdout.fnmatch_lines(["E * apply: KeyError: 'level'", "*system.py*, in apply"])
    result.stdout.no_fnmatch_line("*connection.py*")
    result = run(
        project, "--ignore", FILE, "--spec-timeout", "0.3", system=f"{hostile}:HangingStop"
    )
    passed(result, passed=3, errors=2)
    result.stdout.fnmatch_lines(["*error, timeout: stop: no answer within 0.3 s*"])


# ---- known failures


def known(project: Pytester, *entries: tuple[str, str]) -> tuple[str, str]:
    text = "".join(
        f'[[known]]\nid = "{id}"\nreason = "ticket 7"\nexpires = {day}\n' for id, day in entries
    )
    project.path.joinpath("known.toml").write_text(text)
    return ("--spec-known-failures", "known.toml")


def test_a_known_failure_is_expected(project: Pytester) -> None:
    options = known(project, (OTHER, "2999-12-31"))
    result = run(project, *options, "-rx", "--spec-report", "run.json", system="AcceptsEveryLevel")
    passed(result, passed=2, xfailed=1)
    result.stdout.fnmatch_lines(["XFAIL *ticket 7*"])
    found = json.loads(project.path.joinpath("run.json").read_text())
    jsonschema.validate(found, RUN)
    (entry,) = [r for r in found["results"] if r["outcome"] == "failed"]
    assert entry["known"] == {"reason": "ticket 7", "expires": "2999-12-31"}
    passed(run(project, *options, system="Unable"), passed=2, xfailed=1)
    passed(run(project, *options, "--runxfail", system="Unable"), passed=2, failed=1)


def test_a_known_failure_that_passes_is_reported(project: Pytester) -> None:
    result = run(project, *known(project, (OTHER, "2999-12-31")), system=REFERENCE)
    passed(result, passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [f"{OTHER} passes now: remove it from known.toml", "*it was known to fail: ticket 7"]
    )


def test_a_known_failure_expires(project: Pytester) -> None:
    result = run(project, *known(project, (OTHER, "2001-01-01")), system="AcceptsEveryLevel")
    passed(result, passed=2, failed=1)
    result.stdout.fnmatch_lines(["  known until 2001-01-01, which is over: ticket 7"])


def test_an_error_is_never_a_known_failure(project: Pytester) -> None:
    entries = [(f"ibrutinib-mm/trial/rules/{name}", "2999-12-31") for name in USUAL]
    passed(run(project, *known(project, *entries), system="ShortRun"), errors=3)


def test_known_failures_of_marked_tests(project: Pytester) -> None:
    project.makepyfile(MARKED)
    listed = run(project, *STATES, "--collect-only", "-q", "--ignore", FILE, system=REFERENCE)
    ids = [line for line in listed.outlines if line.startswith("ibrutinib-mm/trial/")]
    options = known(project, *((id, "2999-12-31") for id in ids))
    result = run(project, *options, "--ignore", FILE, system="UnableToAll")
    passed(result, xfailed=len(ids))


@pytest.mark.parametrize(
    "id", ["ibrutinib-mm/trial/rules/nothing", "ibrutinib-mm/nurse/a/b", "other/trial/a/b", "rules"]
)
def test_an_unknown_id_is_an_error(project: Pytester, id: str) -> None:
    result = run(project, *known(project, (id, "2999-12-31")), system=REFERENCE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: known.toml: there is no vector '{id}'"])


def test_an_unknown_id_is_an_error_under_xdist_too(project: Pytester) -> None:
    options = known(project, ("ibrutinib-mm/trial/rules/nothing", "2999-12-31"))
    result = run(project, *options, "-n", "2", "-k", "goes-up", system=REFERENCE)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["known.toml: there is no vector 'ibrutinib-mm/trial/rules/nothing'"]
    )


def test_an_id_that_is_only_not_run_here_is_none(project: Pytester) -> None:
    whole = run(
        project,
        *("--spec-protocol", "ibrutinib-mm", "--spec-set", "levels=1"),
        *("--collect-only", "-q", "--ignore", FILE),
        system=REFERENCE,
    )
    part = run(project, *STATES, "--collect-only", "-q", "--ignore", FILE, system=REFERENCE)
    other = sorted({i for i in whole.outlines if "/trial/" in i} - set(part.outlines))[0]
    options = known(
        project, (other, "2999-12-31"), ("ibrutinib-mm/subject/anything/at-all", "2999-12-31")
    )
    assert run(project, *options, *STATES, "--ignore", FILE, system=REFERENCE).ret == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[known]", "not TOML"),
        ("known = 3", "this is no list of known failures"),
        ("[[unknown]]\nid = 'a'", "this is no list of known failures"),
        ("known = [3]", "entry 1: this is no entry"),
        (
            "[[known]]\nid = 'a'\nreason = 'r'\nexpires = 2030-01-01\nwho = 'me'",
            "unknown key 'who'",
        ),
        ("[[known]]\nreason = 'r'\nexpires = 2030-01-01", "id is a text that is not empty"),
        ("[[known]]\nid = 'a'\nreason = ' '\nexpires = 2030-01-01", "reason is a text"),
        ("[[known]]\nid = 'a'\nreason = 'r'\nexpires = '2030-01-01'", "expires is a day"),
        ("[[known]]\nid = 'a'\nreason = 'r'\nexpires = 2030-01-01T00:00:00", "expires is a day"),
        ("[[known]]\nid = 'a'\nreason = 'r'\nexpires = 2030-01-01\n" * 2, "'a' is listed twice"),
    ],
)
def test_files_of_known_failures_that_are_none(project: Pytester, text: str, message: str) -> None:
    project.path.joinpath("known.toml").write_text(text)
    result = run(project, "--spec-known-failures", "known.toml", system=REFERENCE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in "\n".join(result.errlines)


# ---- usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--spec-protocol", "nothing"), "there is no protocol 'nothing'"),
        (("--spec-protocol", "ibrutinib-mm", "--spec-machine", "nurse"), "nurse"),
        ((*STATES, "--spec-cover", "all"), "unknown criterion 'all'"),
        ((*STATES, "--spec-reading", "IBR-A05=maybe"), "maybe"),
        ((*STATES, "--spec-set", "patience=1"), "has no constant 'patience'"),
        (("--spec-adapter", "http://127.0.0.1:8000"), "this version has no HTTP adapters"),
        (("--spec-adapter", "nothing"), "'nothing' names no adapter"),
        (("--spec-adapter", "a:b", "--spec-timeout", "soon"), "--spec-timeout is a number"),
        (("--spec-report", "run.json"), "--spec-report needs --spec-adapter"),
        (("--spec-known-failures", "none.toml"), "none.toml: can't be read"),
    ],
)
def test_wrong_usage_is_pytest_s_own_error(
    project: Pytester, arguments: tuple[str, ...], message: str
) -> None:
    result = run(project, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in "\n".join(result.errlines)
    assert "Traceback" not in "\n".join(result.errlines)


def test_vectors_files_that_are_none(project: Pytester) -> None:
    project.path.joinpath("broken.vectors.json").write_text("{")
    result = run(project, system=REFERENCE)
    result.stdout.fnmatch_lines(["broken.vectors.json:1:2: not JSON: *"])
    passed(result, errors=1)


def test_vectors_of_a_document(project: Pytester) -> None:
    from small import ESCALATION

    document = str(ESCALATION)
    subprocess.run(
        [
            *(sys.executable, "-m", "trialspec.oracle.cli.main", "suite", document, "-o", "."),
            *("--set", "D=2", "--cover", "states"),
        ],
        cwd=project.path,
        check=True,
        capture_output=True,
    )
    project.path.joinpath(FILE).unlink()
    result = run(project, system=REFERENCE)
    passed(result, errors=1)
    result.stdout.fnmatch_lines(["*there is no protocol *"])
    arguments = ("--spec-protocol", document, "--spec-set", "D=2", "--spec-cover", "states")
    result = run(project, *arguments, "--spec-report", "run.json", system="UnableToAll")
    found = json.loads(project.path.joinpath("run.json").read_text())
    assert sum(found["counts"].values()) == sum(result.parseoutcomes().values())
    assert result.parseoutcomes().keys() <= {"errors", "failed"}


def test_a_report_that_can_t_be_written_is_wrong_usage(project: Pytester) -> None:
    project.path.joinpath("folder").mkdir()
    result = run(project, "--spec-report", "folder", system=REFERENCE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["folder: can't be written: *"])
    result = run(project, "--spec-report", "run.json", "-k", "nothing", system=REFERENCE)
    result.stdout.fnmatch_lines(["nothing was judged: run.json is not written"])


def test_pytest_imports_nothing_of_us_but_the_plug_in(project: Pytester) -> None:
    project.makepyfile("""
        import sys

        def test_own():
            ours = {m for m in sys.modules if m.startswith("trialspec.")}
            assert ours == {"trialspec.oracle", "trialspec.oracle.pytest_plugin"}
    """)
    result = project.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider")
    passed(result, passed=1)


def test_help_lists_the_options(project: Pytester) -> None:
    text = "\n".join(run(project, "--help").outlines)
    for name in ("protocol", "machine", "adapter", "cover", "known-failures", "report"):
        assert f"--spec-{name}=V" in text
        assert f"spec_{name.replace('-', '_')} (" in text
    assert "http" not in text[text.index("--spec-protocol") : text.index("--spec-report")]
    assert "@pytest.mark.protocol(name" in "\n".join(run(project, "--markers").outlines)
