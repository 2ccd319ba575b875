"""The command itself: help, list, show, export, and how it ends."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from small import ESCALATION, escalation, protocol, spec_check
from trialspec.oracle.cli import export
from trialspec.oracle.cli import main as main_module
from trialspec.oracle.cli.codes import worst
from trialspec.oracle.cli.main import COMMANDS, LATER, main
from trialspec.spec.document import dump_json, dump_yaml, read_document
from trialspec.spec.model import (
    Action,
    Category,
    Clock,
    Flag,
    Landmark,
    OneOf,
    Optional,
    Quantity,
    State,
    Transition,
    Whole,
)
from trialspec.spec.registry import load, names
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
    assert not words & {"recheck", "diff", "mutants", "doses"}
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
    shipped = load("ibrutinib-mm")
    assert entry == {
        "protocol": "ibrutinib-mm",
        "title": shipped.title,
        "states": sum(len(m.states) for m in shipped.machines),
        "clauses": len(shipped.clauses),
        "ambiguities": len(shipped.ambiguities),
        "invariants": sum(len(m.invariants) for m in shipped.machines),
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


def test_show_lists_what_a_machine_declares(capsys: Capture) -> None:
    text = out(capsys, "show", "ibrutinib-mm", "--machine", "trial")
    headings = ["\nStates\n", "\nEvents\n", "\nValues\n", "\nWords\n", "\nRules\n"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    states, events, values, words, rules = (
        text[start:end] for start, end in pairwise([*places, len(text)])
    )
    assert "  first_three       initial: fewer than three evaluated at this level\n" in states
    assert "  complete          final: part 2 is full\n" in states
    assert "  later_dlt(level: 1 to levels, additional: true | false, default false)\n" in events
    assert "      possible when dlts[event.level] < treated[event.level]\n" in events
    assert "  close()\n      an action: part 2 is full\n" in events
    assert "  treated         0 to cap, one for each of levels, starts at 0: " in values
    assert "  expansion_size  = 10, a constant\n" in values
    assert "  n                     = treated[level] + 1\n" in words
    assert "  IBR-02: first_three on register -> stays\n" in rules


def test_show_explains_every_kind_of_value(capsys: Capture, tmp_path: Path) -> None:
    shown = protocol(
        states=(
            State("open", initial=True, within="c <= limit", within_clause="C-1", meaning="on"),
            State("idle"),
            State("done", final=True),
        ),
        constants={"limit": 5, "steps": (1, 2), "share": Decimal("0.5")},
        variables=(
            Clock("c", "limit", meaning="since the start"),
            Quantity("dose", "0", "10", "2.5", "mg", "5"),
            Category("cause", ("none", "off")),
            Flag("f", True),
        ),
        events=(Action("give", reason=OneOf(("a", "b")), amount=Optional(Whole(0, 3), 2)),),
        landmarks=(Landmark("late", "give", months=3, days=1, meaning="a visit"),),
        transitions=(Transition("C-1", "open", "give", None, "True and f", "cause = 'off'"),),
    )
    path = tmp_path / "small.json"
    path.write_text(dump_json(shown))
    text = out(capsys, "show", str(path))
    for line in (
        "  open  initial; may last while c <= limit [C-1]: on",
        "  idle",
        "  give(reason: a | b, amount: 0 to 3, default 2)",
        "  late()",
        "  c      days, 0 to limit or more, starts at 0: since the start",
        "  dose   0 to 10 mg by 2.5, starts at 5",
        "  cause  none | off, starts at none",
        "  f      true | false, starts at true",
        "  steps  = 1, 2, a constant",
        "  share  = 0.5, a constant",
        "  late   waiting | running | passed, a date 3 months and 1 days after give: a visit",
        "      when f",
    ):
        assert f"{line}\n" in text
    assert "True" not in text
    # the value 'off' is no state
    used = out(capsys, "show", str(path), "done")
    assert used == "States of the machine trial\n  done  final\n"


def test_show_of_one_name_says_what_uses_it(capsys: Capture) -> None:
    event = out(capsys, "show", "ibrutinib-mm", "register")
    assert "Events of the machine trial\n  register(level: 1 to levels)\n" in event
    assert "Events of the machine subject\n" in event
    assert " on first_dose " not in event
    alone = out(capsys, "show", "ibrutinib-mm", "register", "--machine", "trial")
    assert event.startswith(alone.rstrip("\n"))
    assert "subject" not in alone
    state = out(capsys, "show", "ibrutinib-mm", "complete")
    assert "  used by the invariant IBR-15/expansion-complete\n" in state
    assert "IBR-15: expansion on close -> complete\n" in state
    value = out(capsys, "show", "ibrutinib-mm", "flag_share")
    assert "  used by the words flagged\n" in value
    assert "\nRules with flag_share or one of these words\n" in value
    assert "when IBR_A17 == 'flag' and not flagged\n" in value
    word = out(capsys, "show", "ibrutinib-mm", "escalating")
    assert "  used by the event evaluate\n" in word
    clock = out(capsys, "show", "ibrutinib-mm", "since_visit")
    assert "  used by the time limit of treated\n" in clock
    state = out(capsys, "show", "plerixafor-cll", "combination")
    assert "  used by the regimen of plerixafor\n" in state


def test_show_of_an_unknown_name_suggests_one(capsys: Capture) -> None:
    assert main(["show", "ibrutinib-mm", "Registr"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "no clause, ambiguity, state, event, value or word 'Registr'" in found.err
    assert "did you mean register?" in found.err


def test_show_prints_no_condition_that_always_holds(capsys: Capture) -> None:
    for name in names():
        text = out(capsys, "show", name)
        assert " True and" not in text
        assert "and True\n" not in text


def test_show_under_a_reading_leaves_out_what_cannot_happen(capsys: Capture) -> None:
    whole = out(capsys, "show", "ibrutinib-mm", "late_dlt", "--machine", "trial")
    assert whole.count(" on late_dlt -> ") == 3
    one = out(
        capsys,
        "show",
        "ibrutinib-mm",
        "late_dlt",
        "--machine",
        "trial",
        "--reading",
        "X-A05=report",
    )
    assert one.count(" on late_dlt -> ") == 1
    assert "      then dlts[event.level] += 1\n" in one
    strict = out(capsys, "show", "ibrutinib-mm", "expansion_dlt", "--reading", "strict")
    assert "  IBR-A17: expansion on expansion_dlt -> unspecified IBR-A17\n" in strict
    assert main(["show", "ibrutinib-mm", "--json", "--reading", "strict"]) == 2
    assert "--json has every rule" in capsys.readouterr().err


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


def test_memory_that_runs_out_is_no_defect(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def large(argv: list[str]) -> int:
        raise MemoryError

    monkeypatch.setattr(export, "run", large)
    assert main(["export"]) == 2
    assert "not enough memory" in capsys.readouterr().err


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


# ---- whoever reads the output leaves early

DEVIATIONS = "examples/logs/ibrutinib-trial-deviations.csv"
PIPED = [
    (["replay", "ibrutinib-mm", "--machine", "trial", DEVIATIONS], 1),
    (["replay", "ibrutinib-mm", "--machine", "trial", DEVIATIONS, "--json"], 1),
    (["next", "ibrutinib-mm", "--machine", "trial", "--history", "refused.csv"], 1),
    (["verify", "refuted.json"], 1),
    (["verify", "refuted.json", "--json"], 1),
    (["test", "ibrutinib-mm", "--adapter", "cmd:true"], 2),
    (["show", "ibrutinib-mm"], 0),
    (["nothing"], 2),
]


@pytest.mark.parametrize(("arguments", "code"), PIPED, ids=str)
def test_the_verdict_outlives_a_closed_pipe(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    (tmp_path / "refused.csv").write_text("case,event\na,close\n")
    document = json.loads(ESCALATION.read_text("utf-8"))
    document["machines"][0]["invariants"][0]["holds"] = "False"
    (tmp_path / "refuted.json").write_text(json.dumps(document))
    shutil.copytree(Path(__file__).parents[1] / "examples", tmp_path / "examples")
    for both in (False, True):
        # what is not written at once meets the closed pipe at the end
        python = [sys.executable, "-u"] if both else [sys.executable]
        command = [*python, "-m", "trialspec.oracle.cli.main", *arguments]
        read, write = os.pipe()
        os.close(read)
        errors = write if both else subprocess.PIPE
        done = subprocess.run(
            command, cwd=tmp_path, stdout=write, stderr=errors, timeout=120, check=False
        )
        os.close(write)
        assert done.returncode == code
        assert b"Traceback" not in (done.stderr or b"")
        assert b"roken" not in (done.stderr or b"")


def test_a_closed_pipe_ends_no_command_before_its_verdict(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed(io.StringIO):
        def write(self, text: str, /) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    log = str(Path(__file__).parents[1] / DEVIATIONS)
    assert main(["replay", "ibrutinib-mm", "--machine", "trial", log]) == 1
    assert main(["list"]) == 0
    assert "roken" not in capsys.readouterr().err
