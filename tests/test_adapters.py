"""Connections to systems: the same five verbs whichever way one is attached."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from by_hand import REFERENCE, SYSTEM, N
from small import spec_check
from trialspec.oracle.adapters import connection as connection_module
from trialspec.oracle.adapters.connection import Connection, check_argument
from trialspec.oracle.adapters.inside import plain
from trialspec.oracle.adapters.replies import read_description, read_reply
from trialspec.oracle.adapters.trouble import AdapterError
from trialspec.oracle.adapters.wire import read_line, write_line
from trialspec.oracle.conformance.examine import Examiner
from trialspec.oracle.conformance.results import PASSED
from trialspec.oracle.conformance.source import Source, from_criterion
from trialspec.spec.errors import SpecError
from trialspec.spec.registry import load

PROGRAM = f"cmd:{sys.executable} -m trialspec.oracle.adapters.reference"
SCHEMA = json.loads(files("trialspec.oracle.schemas").joinpath("adapter.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ABOUT = {"name": "n", "version": "1", "contract": 1, "observes": [], "events": []}


# ---- arguments


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("http://127.0.0.1:8000", "this version has no HTTP adapters"),
        ("https://example.org", "this version has no HTTP adapters"),
        ("cmd:", "cmd: needs a command"),
        ("cmd:node 'sut.js", "the command can't be read: No closing quotation"),
        ("system", "'system' names no adapter"),
        (":System", "':System' names no adapter"),
        ("system:", "'system:' names no adapter"),
    ],
)
def test_arguments_that_name_no_adapter(argument: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        check_argument(argument)
    assert caught.value.message == message


def test_programs_need_process_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module.os, "name", "nt")
    with pytest.raises(SpecError, match="cmd: adapters need Linux or macOS"):
        check_argument("cmd:node sut.js")


@pytest.mark.parametrize("seconds", [0, -1, 1e9, float("nan")])
def test_a_time_out_is_positive_and_ends(seconds: float) -> None:
    with pytest.raises(SpecError, match="a time-out is between 0 and 86400 seconds"):
        Connection(REFERENCE, seconds)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("cmd:/no/such/program -x", "'/no/such/program': No such file or directory"),
        (f"cmd:{SYSTEM}", f"'{SYSTEM}': Permission denied"),
        ("no_such_module:System", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("trialspec.oracle.case:Nothing", "AttributeError: module 'trialspec.oracle.case'"),
        ("no/such/file.py:System", "FileNotFoundError: "),
    ],
)
def test_systems_that_are_not_there(argument: str, message: str) -> None:
    with Connection(argument) as system, pytest.raises(AdapterError) as caught:
        system.start("ibrutinib-mm")
    assert caught.value.kind == "cannot_start"
    assert message in str(caught.value)


def test_a_file_that_fails_on_import_is_no_system(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import json\njson.loads('{')\n")
    with Connection(f"{path}:System") as system, pytest.raises(AdapterError) as caught:
        system.describe()
    assert caught.value.details.splitlines()[1] == f'  File "{path}", line 2, in <module>'
    path.write_text(Path(SYSTEM).read_text())
    with Connection(f"{path}:Accepting") as system:
        assert system.describe().name == "hostile"


# ---- a conversation


@pytest.mark.parametrize("way", ["class", "program", "served"])
def test_the_reference_answers_the_same_whichever_way(way: str) -> None:
    argument = PROGRAM if way == "program" else REFERENCE
    first = Connection(argument)
    with first, first.alone() if way == "served" else first as system:
        about = system.describe()
        assert (about.name, about.contract, about.runs) == ("trialspec reference", 1, True)
        assert {"state", "treated"} <= set(about.observes)
        assert {"evaluate", "elapse"} <= set(about.events)
        shown = system.start("ibrutinib-mm", "trial", {"levels": 2}, {"IBR-A05": "accept"})
        assert (shown["state"], shown["treated"]) == ("first_three", [0, 0])
        reply = system.apply("register", {"level": 2})
        assert (reply.answer, reply.observe) == ("refused", shown)
        assert reply.reason.startswith("event.level == level is false")
        assert system.apply("tea_time").answer == "unsupported"
        found = system.run([N, N, N])
        assert [r.answer for r in found] == ["accepted"] * 3
        assert found[-1].observe == system.observe()
        assert system.observe()["level"] == 2
        system.stop()
        system.stop()
        assert system.start("ibrutinib-mm")["treated"] == [0, 0, 0]


def test_a_long_run_is_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "STEPS_AT_ONCE", 2)
    with Connection(PROGRAM) as system:
        system.start("ibrutinib-mm")
        found = system.run([N] * 5)
    assert [r.observe and r.observe["treated"][:2] for r in found] == [
        [1, 0],
        [2, 0],
        [3, 0],
        [3, 1],
        [3, 2],
    ]


def test_a_request_larger_than_a_pipe_arrives(tmp_path: Path) -> None:
    path = tmp_path / "echo.py"
    path.write_text(
        "import json, sys\n"
        f"about = {ABOUT!r}\n"
        "for line in sys.stdin:\n"
        "    r = json.loads(line)\n"
        "    size = len(r.get('constants', {}).get('name', ''))\n"
        "    print(json.dumps({**about, 'seq': r['seq'], 'observe': {'size': size}}), flush=True)\n"
    )
    with Connection(f"cmd:{sys.executable} {path}") as system:
        shown = system.start("any", "trial", {"name": "x" * 700_000})
    assert shown == {"size": 700_000}


def test_verbs_without_a_case() -> None:
    with Connection(REFERENCE) as system:
        for verb in (lambda: system.apply("evaluate"), system.observe):
            with pytest.raises(AdapterError) as caught:
                verb()
            assert caught.value.kind == "not_started"
        system.describe()
        with pytest.raises(AdapterError) as caught:
            system.apply("evaluate", {"dlt": False})
        assert caught.value.message == "apply: SpecError: no case has been started"
        assert system.start("ibrutinib-mm")["state"] == "first_three"


def test_a_program_that_does_not_end_by_itself_is_ended() -> None:
    with Connection(f"cmd:{sys.executable} {SYSTEM} lingers") as system:
        assert system.start("any") == {}
    with pytest.raises(AdapterError, match="no case has been started"):
        system.observe()


def test_requests_and_answers_follow_the_schema() -> None:
    VALIDATOR.check_schema(SCHEMA)
    requests: list[dict[str, Any]] = [
        {"seq": 1, "verb": "describe"},
        {
            "seq": 2,
            "verb": "start",
            "protocol": "ibrutinib-mm",
            "machine": "trial",
            "constants": {},
            "readings": {},
        },
        {"seq": 3, "verb": "apply", "event": "evaluate", "arguments": {"dlt": False}},
        {"seq": 4, "verb": "run", "steps": [{"event": "evaluate", "arguments": {"dlt": True}}]},
        {"seq": 5, "verb": "observe"},
        {"seq": 6, "verb": "stop"},
        {"seq": 7, "verb": "observe"},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "trialspec.oracle.adapters.reference"],
        input=b"".join(map(write_line, requests)),
        capture_output=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["seq"] for a in answers] == [1, 2, 3, 4, 5, 6, 7]
    for message in (*requests, *answers):
        VALIDATOR.validate(message)
    assert answers[6] == {"seq": 7, "error": "SpecError: no case has been started"}
    assert b"SpecError: no case has been started" in done.stderr
    for wrong in ({"seq": 1}, {"seq": 1, "verb": "jump"}, {"seq": 1, "answer": "maybe"}):
        assert VALIDATOR.is_valid(wrong) == (wrong == {"seq": 1})


def test_what_a_served_class_prints_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "printing.py"
    path.write_text(
        Path(SYSTEM)
        .read_text()
        .replace('return {"answer": "accepted"}', 'print("hi"); return {"answer": "accepted"}')
    )
    with Connection(f"{path}:Accepting").alone() as system:
        system.start("any")
        assert system.apply("evaluate").answer == "accepted"
    with Connection(f"{path}:Missing").alone() as system, pytest.raises(AdapterError) as caught:
        system.describe()
    assert caught.value.kind == "crashed"
    assert "has no attribute 'Missing'" in caught.value.details


# ---- shapes


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        ({"contract": 2}, "wrong_contract", "the system speaks contract 2; this version"),
        ({"contract": True}, "wrong_type", "contract is a whole number, this is True"),
        ({"contract": "1"}, "wrong_type", "contract is a whole number, this is '1'"),
        ({"name": None}, "wrong_type", "name is a text, this is None"),
        ({"observes": "state"}, "wrong_type", "observes is a list, this is 'state'"),
        ({"events": [1]}, "wrong_type", "events is a list of names, this is [1]"),
    ],
)
def test_descriptions_that_are_none(wrong: dict[str, Any], kind: str, message: str) -> None:
    with pytest.raises(AdapterError) as caught:
        read_description({**ABOUT, **wrong})
    assert caught.value.kind == kind
    assert caught.value.message.startswith(message)


def test_what_is_missing_is_named() -> None:
    for name in ABOUT:
        with pytest.raises(AdapterError, match=f"the answer has no '{name}'"):
            read_description({k: v for k, v in ABOUT.items() if k != name})
    with pytest.raises(AdapterError, match="the answer has no 'answer'"):
        read_reply({})


def test_numbers_are_exact_on_lines() -> None:
    found = read_line(b'{"a": 0.1, "b": 100, "c": 1e2}')
    assert found == {"a": Decimal("0.1"), "b": 100, "c": Decimal("1E+2")}
    assert type(found["b"]) is int


def test_deep_but_honest_lines_are_read() -> None:
    many = {"observe": {f"v{i}": [i, {}] for i in range(30)}}
    assert read_line(json.dumps(many).encode()) == many
    # an escape of the surrogate range that is a whole character
    assert read_line(b'{"reason": "\\ud83d\\ude00"}') == {"reason": "\U0001f600"}


def test_plain_values_of_classes() -> None:
    class Seven:
        def __index__(self) -> int:
            return 7

    assert plain({"a": Seven(), "b": (Decimal("2.50"), None)}) == {
        "a": 7,
        "b": [Decimal("2.50"), None],
    }
    with pytest.raises(AdapterError, match=r"0.5 is a binary float"):
        plain([0.5])
    with pytest.raises(AdapterError, match="NaN is no number"):
        plain(Decimal("NaN"))


def test_the_command_has_no_http_adapter() -> None:
    done = spec_check("test", "ibrutinib-mm", "--adapter", "http://127.0.0.1:8000")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this version has no HTTP adapters" in done.stderr
    assert "http" not in spec_check("test", "--help").stdout


# ---- the reference conforms


@pytest.mark.parametrize(
    ("name", "machine"),
    [
        ("ibrutinib-mm", "trial"),
        ("ibrutinib-mm", "subject"),
        ("plerixafor-cll", "trial"),
        pytest.param("plerixafor-cll", "subject", marks=pytest.mark.slow),
    ],
)
def test_the_reference_passes_every_vector(name: str, machine: str) -> None:
    protocol = load(name)
    vectors = from_criterion(Source(name, machine), protocol, {}, {})
    judged = [t for t in vectors.tasks if t.vector.steps[0].answer != "unspecified"]
    assert len(judged) > 20
    for argument in (REFERENCE, PROGRAM):
        with Connection(argument, 60) as system:
            examiner = Examiner(system)
            found = [examiner.judge(task) for task in judged]
        assert {r.outcome for r in found} == {PASSED}
        assert set().union(*(r.unshown for r in found)) == set()
