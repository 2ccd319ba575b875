"""Systems that do everything wrong: none hangs us, breaks us, or passes."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from by_hand import SYSTEM, suite, written
from trialspec.oracle.adapters.connection import Connection
from trialspec.oracle.adapters.trouble import KINDS, AdapterError
from trialspec.oracle.cli.main import main
from trialspec.oracle.conformance.examine import GIVE_UP, Examiner
from trialspec.oracle.conformance.results import ERRORED, FAILED, PASSED, SKIPPED, Result
from trialspec.oracle.conformance.source import Vectors, from_file

SHORT, LONG = 0.5, 30.0


def loaded() -> ModuleType:
    spec = spec_from_file_location("hostile_system", SYSTEM)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOSTILE = loaded()
KIND_OF = {name: kind for name, (_, kind) in HOSTILE.FAULTS.items()}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    return from_file(str(written(tmp_path_factory.mktemp("vectors"))))


def program(fault: str, verb: str = "apply", number: int = 1) -> str:
    return f"cmd:{sys.executable} {SYSTEM} {fault} {verb} {number}"


def results(argument: str, vectors: Vectors, timeout: float) -> list[Result]:
    with Connection(argument, timeout) as connection:
        examiner = Examiner(connection)
        return [examiner.judge(task) for task in vectors.tasks]


def patience(kind: str) -> float:
    return SHORT if kind == "timeout" else LONG


@pytest.mark.parametrize("fault", KIND_OF)
def test_each_fault_of_a_program_is_an_error_of_its_kind(fault: str, vectors: Vectors) -> None:
    kind = KIND_OF[fault]
    # the second time in a program started anew
    with Connection(program(fault), patience(kind)) as connection:
        examiner = Examiner(connection)
        for _ in range(2):
            result = examiner.judge(vectors.tasks[0])
            assert (result.outcome, result.trouble and result.trouble.kind) == (ERRORED, kind)


def test_every_kind_of_trouble_is_met_here() -> None:
    met = {*KIND_OF.values(), *(kind for _, kind in HOSTILE.RETURNS.values())}
    elsewhere = {"cannot_start", "wrong_contract", "raised", "not_started"}
    assert met | elsewhere == set(KINDS)


@pytest.mark.parametrize("fault", ["hang", "crash", "half-line", "huge", "nan", "twice", "error"])
def test_a_fault_at_the_start_is_an_error_too(fault: str, vectors: Vectors) -> None:
    kind = KIND_OF[fault]
    for verb in ("start", "stop"):
        with Connection(program(fault, verb), patience(kind)) as connection:
            result = Examiner(connection).judge(vectors.tasks[0])
        # a second answer is seen by whoever reads next, and after the last stop nobody does
        seen = (PASSED, "") if (fault, verb) == ("twice", "stop") else (ERRORED, kind)
        assert (result.outcome, result.trouble.kind if result.trouble else "") == seen


def test_a_second_answer_to_stop_is_seen_at_the_next_start(vectors: Vectors) -> None:
    found = results(program("twice", "stop"), vectors, LONG)
    assert found[1].trouble is not None
    assert (found[1].trouble.kind, found[1].step) == ("answered_twice", 0)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_crash_at_a_step_names_the_step(number: int, vectors: Vectors) -> None:
    with Connection(program("crash", "apply", number), LONG) as connection:
        result = Examiner(connection).judge(vectors.tasks[2])
    assert (result.outcome, result.step, result.clause) == (ERRORED, number, result.at.clause)
    assert result.trouble is not None
    assert result.trouble.message == "apply: the program ended with exit code 3"
    assert result.trouble.details == "line one\nthe disk is on fire"


def test_a_signal_is_named(vectors: Vectors) -> None:
    (result, *_) = results(program("killed"), vectors, LONG)
    assert result.trouble is not None
    assert result.trouble.message == "apply: the program ended with signal SIGSEGV"


def test_nothing_is_left_of_a_program_and_its_children(vectors: Vectors) -> None:
    with Connection(program("child"), SHORT) as connection:
        result = Examiner(connection).judge(vectors.tasks[0])
    assert result.trouble is not None
    (pid,) = [int(line.split()[1]) for line in result.trouble.details.splitlines()]
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        ended, _, _ = select.select([handle], [], [], LONG)
        os.close(handle)
        assert ended


def test_a_program_that_never_refuses_fails_where_the_protocol_refuses(vectors: Vectors) -> None:
    found = results(program("none"), vectors, LONG)
    assert [r.outcome for r in found] == [PASSED, FAILED, PASSED]
    assert (found[1].kind, found[1].clause, found[1].step) == ("wrongly_accepted", "IBR-05", 2)


def test_one_that_writes_much_to_standard_error_is_read_all_the_same(vectors: Vectors) -> None:
    with Connection(f"cmd:{sys.executable} {SYSTEM} loud", LONG) as connection:
        connection.start("ibrutinib-mm")
        # no fault of the list: the answers are in good order
        assert HOSTILE.FAULTS.get("loud") is None
        assert connection.apply("evaluate", {"dlt": False}).answer == "accepted"


def test_after_some_time_outs_the_rest_is_not_run(vectors: Vectors, tmp_path: Path) -> None:
    from by_hand import N

    made = suite({f"v{i}": [N] for i in range(GIVE_UP + 2)})
    many = from_file(str(written(tmp_path, made)))
    found = results(program("hang"), many, SHORT)
    assert [r.outcome for r in found] == [ERRORED] * GIVE_UP + [SKIPPED] * 2
    assert found[-1].because.startswith("not run: 3 vectors in a row ended without an answer")


@pytest.mark.parametrize("fault", ["crash", "hang", "nonsense", "ends"])
def test_a_program_that_can_t_be_started_is_bad_input(
    fault: str, vectors: Vectors, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = str(patience(KIND_OF[fault]))
    arguments = ["--vectors", vectors.source.vectors, "--timeout", seconds, "--json"]
    argument = program(fault, "describe")
    assert main(["test", "ibrutinib-mm", "--adapter", argument, *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"spec-check: {argument}: the system can't be started: describe: ")
    assert ("the disk is on fire" in said.err) == (fault == "crash")


def test_a_run_of_errors_is_inconclusive_and_shows_the_system_s_words(
    vectors: Vectors, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--vectors", vectors.source.vectors, "--adapter", program("crash")]
    assert main(["test", "ibrutinib-mm", *arguments, "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"] == {
        "passed": 0,
        "failed": 0,
        "errored": 3,
        "unsupported": 0,
        "skipped": 0,
    }
    assert answer["results"][0]["error"] == {
        "kind": "crashed",
        "message": "apply: the program ended with exit code 3",
        "details": "line one\nthe disk is on fire",
    }
    assert main(["test", "ibrutinib-mm", *arguments]) == 3
    said = capsys.readouterr()
    assert "ERRORED error, crashed: the program ended with an exit code or a signal" in said.out
    assert "    the disk is on fire\n" in said.out
    assert said.err == "nothing failed, but not everything was judged: this is no pass\n"


# ---- in process


INSIDE = {
    "Busy": "timeout",
    "Raising": "raised",
    "Exiting": "raised",
    "Interrupting": "raised",
    "Unspeakable": "raised",
    "Recursive": "raised",
    "HangingStop": "timeout",
    **{name: kind for name, (_, kind) in HOSTILE.RETURNS.items()},
}


@pytest.mark.parametrize("name", INSIDE)
def test_each_fault_of_a_class_is_an_error_of_its_kind(name: str, vectors: Vectors) -> None:
    kind = INSIDE[name]
    with Connection(f"{SYSTEM}:{name}", patience(kind)) as connection:
        examiner = Examiner(connection)
        for _ in range(2):
            result = examiner.judge(vectors.tasks[0])
            assert (result.outcome, result.trouble and result.trouble.kind) == (ERRORED, kind)


TRACED = """
import sys
from trialspec.oracle.adapters.connection import Connection
from trialspec.oracle.adapters.trouble import AdapterError

def trace(frame, event, argument):
    return trace

sys.settrace(trace)
with Connection({argument!r}, 0.1) as connection:
    for _ in range(2):
        connection.start("ibrutinib-mm", "trial")
        try:
            connection.stop()
        except AdapterError as error:
            print(error.kind)
"""


def test_a_class_that_hangs_does_not_hang_a_traced_process() -> None:
    """Traced, CPython 3.11 span for ever while an exception waited for a blocked thread."""
    script = TRACED.format(argument=f"{SYSTEM}:HangingStop")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=LONG, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["timeout"] * 2, "")


def test_a_class_that_can_t_be_interrupted_costs_one_time_out_each(vectors: Vectors) -> None:
    try:
        found = results(f"{SYSTEM}:Stubborn", vectors, SHORT)
    finally:
        for name, module in list(sys.modules.items()):
            if name.startswith("system_"):
                module.Stubborn.over.set()
    assert [r.trouble and r.trouble.kind for r in found] == ["timeout"] * 3


def test_an_exception_comes_with_the_traceback_of_the_system_alone(vectors: Vectors) -> None:
    result, *_ = results(f"{SYSTEM}:Raising", vectors, LONG)
    assert result.trouble is not None
    assert result.trouble.message == "apply: KeyError: 'level'"
    lines = result.trouble.details.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{SYSTEM}", line ')
    assert lines[-1] == "KeyError: 'level'"
    assert "inside.py" not in result.trouble.details


def test_an_exit_of_a_class_ends_nothing(vectors: Vectors) -> None:
    result, *_ = results(f"{SYSTEM}:Exiting", vectors, LONG)
    assert result.trouble is not None
    assert result.trouble.message == "apply: SystemExit: that is enough"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NoStop", "has no method stop"),
        ("NeverMade", "OSError: no licence"),
        ("Missing", "AttributeError: module 'system_"),
        ("ABOUT", "TypeError: 'dict' object is not callable"),
    ],
)
def test_a_class_that_can_t_be_made(name: str, message: str) -> None:
    with Connection(f"{SYSTEM}:{name}") as connection, pytest.raises(AdapterError) as caught:
        connection.describe()
    assert caught.value.kind == "cannot_start"
    assert message in caught.value.message
