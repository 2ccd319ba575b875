"""The command itself: help, list, show, export, and how it ends."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small import ESCALATION, escalation, spec_check
from trialspec.oracle.cli import export
from trialspec.oracle.cli import main as main_module
from trialspec.oracle.cli.codes import worst
from trialspec.oracle.cli.main import COMMANDS, LATER, main
from trialspec.spec.document import dump_json, dump_yaml, read_document
from trialspec.spec.registry import load
from trialspec.statemachines.proof.solver import check

Capture = pytest.CaptureFixture[str]


def out(capsys: Capture, *arguments: str, code: int = 0) -> str:
    """Standard output of a command that says nothing on standard error."""
    assert main(arguments) == code
    found = capsys.readouterr()
    assert found.err == ""
    return found.out


# ---- help


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("help",)])
def test_help_names_every_command_and_none_of_later_versions(
    capsys: Capture, arguments: tuple[str, ...]
) -> None:
    text = out(capsys, *arguments)
    listed = [
        line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "
    ]
    assert listed[: len(COMMANDS)] == list(COMMANDS)
    words = set(text.replace("\n", " ").split())
    assert not words & {"recheck", "diff", "mutants", "doses", "calendar"}
    for code in ("0 all", "1 refuted", "2 wrong", "3 inconclusive", "70 internal"):
        assert code in text
    assert text.endswith(
        "Independent of all trials' sponsors; the protocols shipped are built from registry "
        "descriptions; "
        "not for treatment decisions.\n"
    )


@pytest.mark.parametrize("name", LATER)
def test_commands_of_later_versions_say_so(capsys: Capture, name: str) -> None:
    assert main([name, "--help"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == f"spec-check: this version has no command {name!r} yet\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys: Capture, name: str) -> None:
    text = out(capsys, name, "--help")
    assert text.startswith(f"usage: spec-check {name} ")
    for later in ("--thorough", "--cluster", "--discover", "--vacuity", "http://", "unrolling"):
        assert later not in text


def test_the_version(capsys: Capture) -> None:
    assert out(capsys, "--version").startswith("trialspec ")


# ---- list and show


def test_list(capsys: Capture) -> None:
    whole = json.loads(out(capsys, "list", "--json"))
    assert whole["format"] == "trialspec/list/1"
    entry = next(e for e in whole["protocols"] if e["protocol"] == "ibrutinib-mm")
    protocol = load("ibrutinib-mm")
    assert entry == {
        "protocol": "ibrutinib-mm",
        "title": protocol.title,
        "states": sum(len(m.states) for m in protocol.machines),
        "clauses": len(protocol.clauses),
        "ambiguities": len(protocol.ambiguities),
        "invariants": sum(len(m.invariants) for m in protocol.machines),
    }
    assert whole["notice"].startswith("Independent of all trials' sponsors")
    lines = out(capsys, "list").splitlines()
    (line,) = [found for found in lines if found.startswith("ibrutinib-mm ")]
    assert f" {entry['states']} states, " in line


def test_show_as_json(capsys: Capture) -> None:
    whole = json.loads(out(capsys, "show", str(ESCALATION), "--json"))
    assert whole["format"] == "trialspec/protocol/1"
    assert {"protocol", "clauses", "ambiguities", "machines", "claims", "notice"} <= set(whole)
    for clause in whole["clauses"]:
        assert {"id", "text", "kind", "source", "cited_by", "reason"} <= set(clause)
        assert clause["cited_by"]
    one = json.loads(out(capsys, "show", "ibrutinib-mm", "IBR-03", "--json"))
    assert [c["id"] for c in one["clauses"]] == ["IBR-03"]
    assert one["ambiguities"] == []
    one = json.loads(out(capsys, "show", "ibrutinib-mm", "IBR-A05", "--json"))
    assert [a["id"] for a in one["ambiguities"]] == ["IBR-A05"]


def test_show_as_text(capsys: Capture) -> None:
    text = out(capsys, "show", str(ESCALATION))
    assert text.startswith("escalation: M(D): 3+3 dose escalation")
    assert "\nMachine trial\n" in text
    assert (
        "  ESC-01: escalating, expanding on enroll -> stays\n"
        "      when n[cur] + pend < cap\n"
        "      then pend += 1\n"
    ) in text
    one = out(capsys, "show", str(ESCALATION), "ESC-01")
    assert "  ESC-01 [G] A patient can be enrolled" in one
    assert "ESC-02" not in one
    ambiguity = out(capsys, "show", "ibrutinib-mm", "IBR-A05")
    assert "   *a accept: " in ambiguity
    assert "    b close: " in ambiguity
    assert "Machine subject" not in out(capsys, "show", "ibrutinib-mm", "--machine", "trial")


# ---- export


def test_export_and_read_again(capsys: Capture, tmp_path: Path) -> None:
    assert out(capsys, "export", str(ESCALATION)) == dump_json(escalation())
    for name in ("ibrutinib-mm", str(ESCALATION)):
        for kind in ("json", "yaml"):
            path = tmp_path / f"out.{kind}"
            assert out(capsys, "export", name, "--format", kind, "-o", str(path)) == ""
            assert read_document(path) == load(name)
    assert out(capsys, "export", str(path), "--format", "yaml") == dump_yaml(escalation())


def test_the_exported_proof_texts_are_taken_by_the_solver(capsys: Capture) -> None:
    text = out(capsys, "export", str(ESCALATION), "--format", "smtlib")
    whole = [check(part) for part in text.split("(reset)\n") if "(check-sat)" in part]
    assert sum(map(len, whole)) == text.count("(check-sat)")
    assert {a for answers in whole for a in answers} == {"unsat"}


# ---- how it ends


def test_codes_by_severity() -> None:
    assert worst([]) == 0
    assert worst([0, 3]) == 3
    assert worst([3, 4, 0]) == 4
    assert worst([4, 1, 3]) == 1
    assert worst([1, 2]) == 2
    assert worst([2, 70, 1]) == 70


def test_an_error_of_the_program_itself(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(argv: list[str]) -> int:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(export, "run", broken)
    monkeypatch.delenv("TRIALSPEC_TRACEBACK", raising=False)
    assert main(["export"]) == 70
    assert capsys.readouterr().err.startswith(
        "spec-check: internal error: ZeroDivisionError: by zero\n"
    )
    monkeypatch.setenv("TRIALSPEC_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["export"])


def test_an_interrupt(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(export, "run", stopped)
    assert main(["export"]) == 130
    assert capsys.readouterr() == ("", "spec-check: interrupted\n")


def test_a_command_that_exits_with_a_message(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaves(argv: list[str]) -> int:
        raise SystemExit("a message")

    monkeypatch.setattr(export, "run", leaves)
    assert main(["export"]) == 2


def test_a_protocol_of_ones_own_in_the_current_folder(tmp_path: Path) -> None:
    module = (
        "from trialspec.spec.model import Machine, Protocol, State\n"
        "PROTOCOL = Protocol('own', 'My own', (Machine('trial', (State('open', "
        "initial=True),), (), ()),))\n"
    )
    (tmp_path / "own_trials.py").write_text(module, "utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "trialspec.oracle.cli.main", "show", "own_trials:PROTOCOL"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("own: My own\n")


def test_arguments_come_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(sys, "argv", ["spec-check", "--version"])
    assert main_module.main() == 0
    assert capsys.readouterr().out.startswith("trialspec ")


def test_the_real_command_is_the_same() -> None:
    done = spec_check("list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["format"] == "trialspec/list/1"
    assert signal.SIGINT
