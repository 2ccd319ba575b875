"""What people run into when they first write a protocol of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle import Case
from trialspec.oracle.cli.main import main
from trialspec.spec.errors import SpecError
from trialspec.spec.registry import load
from trialspec.statemachines import explore as explore_module
from trialspec.statemachines.proof.verify import verify_machine

MODEL = Path(__file__).parent.parent / "benchmarks" / "models" / "escalation.json"


def document(tmp_path: Path, machine: dict[str, Any], **parts: Any) -> str:
    whole = {
        "format": "trialspec/protocol/1",
        "protocol": "small",
        "title": "Small",
        "clauses": [{"id": "S-1", "text": "It starts.", "kind": "E"}],
        "machines": [{"name": "subject", **machine}],
        **parts,
    }
    path = tmp_path / "small.json"
    path.write_text(json.dumps(whole))
    return str(path)


def small(**changes: Any) -> dict[str, Any]:
    return {
        "constants": {"arms": 2},
        "variables": [{"name": "n", "kind": {"type": "count", "low": 0, "high": 3}, "per": "arms"}],
        "states": [{"name": "open", "initial": True}, {"name": "done", "final": True}],
        "events": [{"name": "seen", "observation": True}, {"name": "end", "observation": False}],
        "transitions": [
            {"clause": "S-1", "source": "open", "event": "end", "target": "done"},
            {"clause": "S-1", "source": "open", "event": "seen", "when": "A_1 == 'stay'"},
        ],
        **changes,
    }


GAP = {"id": "A-1", "question": "?", "readings": {"stay": ""}, "default": "stay", "gap": True}


def test_a_gap_is_silent_under_the_literal_profile_unless_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = document(tmp_path, small(), ambiguities=[GAP])
    assert main(["verify", path]) == 0
    assert main(["verify", path, "--reading", "strict"]) == 0
    assert main(["verify", path, "--reading", "literal"]) == 1
    assert "REFUTED, proved was expected: totality/open/seen" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"kind": "always", "holds": "n[1] <= n[arms + 1]"}, "n[3] is outside 1..2"),
        ({"kind": "always", "holds": "True", "expected": "refutd"}, "not 'refutd'"),
        ({"kind": "earliest-day", "holds": "True"}, "needs a value"),
    ],
)
def test_a_claim_that_says_nothing_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], claim: dict[str, str], message: str
) -> None:
    whole = {"machine": "subject", "slug": "c", "clause": "S-1", "statement": "C.", **claim}
    path = document(tmp_path, small(), ambiguities=[GAP], claims=[whole])
    assert main(["verify", path]) == 2
    shown = capsys.readouterr()
    assert (shown.out, message in shown.err, "claim c" in shown.err) == ("", True, True)


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        ([{"id": "S-1", "text": "", "kind": "E"}] * 2, "two clauses are called 'S-1'"),
        ([{"id": "S-1", "text": "", "kind": "Q"}], "a clause's kind is one of"),
    ],
)
def test_clauses_are_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], clauses: list[Any], message: str
) -> None:
    path = document(tmp_path, small(), ambiguities=[GAP], clauses=clauses)
    assert main(["verify", path]) == 2
    assert message in capsys.readouterr().err


def test_a_citation_of_no_clause_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = small(invariants=[{"clause": "S-9", "slug": "i", "statement": "I.", "holds": "True"}])
    path = document(tmp_path, machine, ambiguities=[GAP])
    assert main(["verify", path]) == 0
    expected = "small subject: invariant i cites S-9, which is no clause\n"
    assert capsys.readouterr().err == expected
    assert main(["verify", path, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_too_many_contexts_are_unknown_and_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_module, "MAX_CONTEXTS", 20)
    report = verify_machine(load(str(MODEL)), engine="enumeration")
    verdicts = {r.obligation.kind: r.verdict for r in report.results}
    assert verdicts["invariant"] == verdicts["totality"] == verdicts["termination"] == "unknown"


def test_a_case_of_a_protocol_with_one_machine_and_of_a_profile(tmp_path: Path) -> None:
    path = document(tmp_path, small(), ambiguities=[GAP])
    assert Case(path).apply("seen").answer == "accepted"
    assert Case(path, readings="strict").apply("seen").answer == "unspecified"
    assert Case(path, readings="literal").apply("seen").answer == "refused"


@pytest.mark.parametrize(
    ("option", "hint"),
    [("A_1=stay", "did you mean A-1?"), ("a-1=stay", "did you mean A-1?"), ("A-1", "A-1=NAME")],
)
def test_readings_nearly_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, hint: str
) -> None:
    path = document(tmp_path, small(), ambiguities=[GAP])
    assert main(["verify", path, "--reading", option]) == 2
    assert hint in capsys.readouterr().err


def test_export_takes_its_format_from_the_ending(tmp_path: Path) -> None:
    for name, start in (("a.yaml", "format:"), ("a.json", "{"), ("a.smt2", "; escalation")):
        assert main(["export", str(MODEL), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text().startswith(start)


def test_a_closed_standard_output_is_one_message() -> None:
    command = f"{sys.executable} -m trialspec.oracle.cli.main list >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "spec-check: standard output is closed\n")


def test_an_unknown_profile_of_a_case_is_a_clear_error() -> None:
    with pytest.raises(SpecError, match="unknown profile 'stricd'"):
        Case(str(MODEL), readings="stricd")
