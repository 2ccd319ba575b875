"""Wrong input to the real command: exit code 2, one clear message, nothing on standard output."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from small import ESCALATION, escalation, spec_check
from trialspec.oracle.cli import common
from trialspec.oracle.cli.main import COMMANDS, main
from trialspec.spec.document import dump_yaml
from trialspec.spec.errors import SpecError

MODEL = json.loads(ESCALATION.read_text("utf-8"))
ANY_PROTOCOL = "or a path to a .json or .yaml document"


def refused(*arguments: str, stdin: str = "") -> str:
    """The one message that the real command gives."""
    done = spec_check(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(("spec-check: ", f"spec-check {arguments[0]}: "))
    assert done.stderr.count("spec-check") - done.stderr.count("--help lists the options") <= 2
    return done.stderr


def model(folder: Path, **changes: Any) -> str:
    """M(D) as a file, its machine changed: ``rule0__when="..."`` is a field of its first rule."""
    whole = deepcopy(MODEL)
    machine = whole["machines"][0]
    for name, value in changes.items():
        part, _, key = name.partition("__")
        if part.startswith("rule"):
            machine["transitions"][int(part[4:])][key] = value
        elif part.startswith("variable"):
            machine["variables"][int(part[8:])][key] = value
        else:
            machine[part] = value
    path = folder / "model.json"
    path.write_text(json.dumps(whole, indent=1), "utf-8")
    return str(path)


# ---- the protocol


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nosuch", "there is no protocol 'nosuch'\n  known: "),
        ("ibrutinib-m", "there is no protocol 'ibrutinib-m'\n  did you mean ibrutinib-mm? known: "),
        ("nosuch.json", "nosuch.json: there is no such file\n"),
        ("no/such.yaml", "no/such.yaml: there is no such file\n"),
        (
            "no_such_module:P",
            "no_such_module:P: no_such_module can't be imported: ModuleNotFoundError",
        ),
        ("json:nothing", "json:nothing: json has no attribute 'nothing'\n"),
        ("json:dumps", "json:dumps: this is a function, not a Protocol\n"),
    ],
)
def test_an_unknown_protocol(name: str, message: str) -> None:
    found = refused("verify", name)
    assert found.startswith(f"spec-check: {message}")
    assert len(found.splitlines()) <= 2


def test_a_misspelt_variable_in_a_guard(tmp_path: Path) -> None:
    path = model(tmp_path, rule0__when="n[cur] + pned < cap")
    lines = Path(path).read_text("utf-8").splitlines()
    at = next(i for i, line in enumerate(lines, 1) if "pned" in line)
    assert refused("verify", path) == (
        f"spec-check: {path}:{at}:{lines[at - 1].index('pned') + 1}: "
        "ESC-01 (escalating, expanding on enroll): unknown name 'pned'\n"
        "  n[cur] + pned < cap\n"
        "           ^\n"
        "  did you mean 'pend'?\n"
    )


def test_a_guard_of_the_wrong_type(tmp_path: Path) -> None:
    found = refused("verify", model(tmp_path, rule0__when="n[cur] + pend"))
    assert found.splitlines()[0].endswith(
        "ESC-01 (escalating, expanding on enroll): a condition must be a truth value, "
        "this is a number"
    )
    assert found.splitlines()[1:] == ["  n[cur] + pend", "  ^"]


def test_an_index_out_of_range(tmp_path: Path) -> None:
    done = spec_check("verify", model(tmp_path, rule0__when="n[cur + 1] + pend < cap"))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "REFUTED, proved was expected: definedness/ESC-01/escalating-enroll" in done.stdout
    assert ": n[5] is outside 1..4" in done.stdout


def test_an_effect_that_leaves_its_range(tmp_path: Path) -> None:
    done = spec_check("verify", model(tmp_path, rule0__when="True"))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "REFUTED, proved was expected: range/pend" in done.stdout
    assert "4. enroll: ESC-01/escalating-enroll gives pend the value 4" in done.stdout


def test_a_cell_written_twice(tmp_path: Path) -> None:
    found = refused("verify", model(tmp_path, rule0__then="n[cur] += 1; n[cur] += 1"))
    assert "ESC-01 (escalating, expanding on enroll): n[cur] is written twice by one rule" in found
    assert found.endswith("\n  effects are simultaneous\n")
    # the same cell by two names can be seen only in a run
    done = spec_check("verify", model(tmp_path, rule0__then="n[cur] += 1; n[1] += 1"))
    assert done.returncode == 2
    assert "definedness/ESC-01/escalating-enroll" in done.stdout
    assert "writes one cell twice" in done.stdout


def test_a_float_for_an_exact_quantity(tmp_path: Path) -> None:
    dose = {"type": "quantity", "low": "0", "high": 7.5, "step": "2.5", "unit": "mg"}
    found = refused("verify", model(tmp_path, variable0__kind=dose))
    assert found.splitlines()[0].startswith(f"spec-check: {tmp_path}/model.json:")
    assert "machines[0].variables[0].kind.high" in found
    assert '"7.5"' in found
    found = refused("verify", model(tmp_path, variable0__initial=0.5))
    assert "machines[0].variables[0].initial" in found


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule0__event": "enrol"}, "there is no event 'enrol'"),
        ({"rule0__target": "open"}, "there is no state 'open'"),
        ({"rule0__then": "pend = True"}, "a number is needed here, this is a truth value"),
        ({"rule0__then": "D = 3"}, "unknown variable 'D'"),
        ({"rule0__when": "n[cur] + pend <"}, "not an expression: invalid syntax"),
        ({"rule0__when": "__import__('os')"}, "unknown function '__import__'"),
        ({"rule0__when": "().__class__"}, "only event.NAME may have a dot"),
        ({"rule0__when": "-" * 61 + "pend > 0"}, "nested more than 60 deep"),
        ({"rule0__when": "a" * 5000}, "an expression of 5000 characters; the limit is 4000"),
        ({"rule0__wehn": "True"}, "unknown key 'wehn'"),
        ({"variable0__initial": 9}, "initial value 9 is outside its range"),
        (
            {"constants": {"D": 4, "first": 3, "full": "six"}},
            "a number is needed here, this is a label",
        ),
        ({"constants": {"D": 4.5, "first": 3, "full": 6}}, "4.5"),
        ({"states": []}, "exactly one state must be initial"),
    ],
)
def test_what_else_can_be_wrong_with_a_machine(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert main(["verify", model(tmp_path, **changes)]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert message in found.err
    assert found.err.startswith("spec-check: ")


# ---- documents


def test_a_document_nested_ten_thousand_deep(tmp_path: Path) -> None:
    for name, text in [("deep.json", "[" * 10_000 + "]" * 10_000), ("deep.yaml", "[" * 10_000)]:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        assert refused("verify", str(path)).startswith(
            f"spec-check: {path}:1:61: nested more than 60 deep\n"
        )


def test_tags_of_yaml(tmp_path: Path) -> None:
    path, made = tmp_path / "tags.yaml", tmp_path / "made"
    path.write_text(f'title: !!python/object/apply:os.mkdir ["{made}"]\n', "utf-8")
    found = refused("show", str(path))
    assert found.startswith(f"spec-check: {path}:1:8: ")
    assert "tag" in found.splitlines()[0]
    assert not made.exists()


def test_a_million_anchors(tmp_path: Path) -> None:
    path = tmp_path / "anchors.yaml"
    path.write_text("".join(f"- &{i:x} x\n" for i in range(1_000_000)), "utf-8")
    assert refused("verify", str(path)) == f"spec-check: {path}: larger than 5 MB\n"
    path.write_text("".join(f"- &{i:x} x\n" for i in range(400_000)), "utf-8")
    assert refused("verify", str(path)).startswith(
        f"spec-check: {path}:1:3: an anchor (&0) is not allowed"
    )
    laughs = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{b}, *{b}]\n" for b, c in zip("abcdefghi", "bcdefghij", strict=True)
    )
    path.write_text(laughs, "utf-8")
    assert "an anchor (&a) is not allowed" in refused("verify", str(path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.json", b"", "the file is empty"),
        ("half.json", b'{"format": "trialspec/protocol/1", "prot', "not JSON"),
        ("latin.json", b'{"title": "\xe9"}', "not UTF-8 text"),
        ("nul.yaml", b"title: a\0b\n", "a NUL byte"),
        ("list.json", b"[]", "must be an object, this is a list"),
        ("other.json", b'{"format": "trialspec/protocol/9"}', "trialspec/protocol/1"),
        ("text.yaml", b"hello", "must be an object, this is 'hello'"),
    ],
)
def test_files_that_are_no_documents(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["export", str(path)]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert message in found.err
    assert found.err.startswith(f"spec-check: {path}")


def test_a_folder_and_a_file_without_permission_to_be_one(tmp_path: Path) -> None:
    assert refused("verify", str(tmp_path)) == (
        f"spec-check: {tmp_path}: this is a directory, not a file\n"
    )


# ---- where output goes


@pytest.mark.parametrize("where", ["{file}/out.json", "/proc/nowhere/out.json", "{folder}/there"])
def test_an_output_that_can_not_be_written(tmp_path: Path, where: str) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("kept", "utf-8")
    (folder / "there").mkdir(parents=True)
    target = where.format(file=file, folder=folder)
    found = refused("export", str(ESCALATION), "-o", target)
    assert found.startswith("spec-check: ")
    assert str(Path(target).parent) in found
    assert len(found.splitlines()) == 1
    assert file.read_text("utf-8") == "kept"
    # nothing half-written is left behind
    assert sorted(p.name for p in folder.iterdir()) == ["there"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "arguments", [("export", str(ESCALATION)), ("list", "--json"), ("--help",)]
)
def test_a_full_disk(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "trialspec.oracle.cli.main", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"},
        )
    assert (done.returncode, done.stderr) == (2, "spec-check: No space left on device\n")


def test_a_reader_that_goes_away() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "trialspec.oracle.cli.main", "export", str(ESCALATION)],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_files_are_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "out.json"
    common.write_file(target, b"first")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"first", 0o644)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(SpecError) as caught:
            common.write_file(target, b"second")
    assert str(caught.value) == f"{target}: can't be written: No space left on device"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            common.write_file(target, b"second")
    assert target.read_bytes() == b"first"
    assert [p.name for p in target.parent.iterdir()] == ["out.json"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    common.write_file(pipe, b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(SpecError, match=r"^/dev/full: can't be written: No space left on device$"):
        common.write_file(Path("/dev/full"), b"nowhere")
    assert Path("/dev/full").is_char_device()


# ---- options


def test_no_command_at_all() -> None:
    done = spec_check()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: spec-check COMMAND [options]\n")


LISTS = "--help lists the options\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nosuch"],
            f"spec-check: unknown command 'nosuch'\n  commands: {', '.join(COMMANDS)}\n",
        ),
        (
            ["--nosuch"],
            f"spec-check: unknown command '--nosuch'\n  commands: {', '.join(COMMANDS)}\n",
        ),
        (
            ["verify", "--nosuch"],
            f"spec-check verify: unrecognized arguments: --nosuch\n  spec-check verify {LISTS}",
        ),
        (
            ["test", "ibrutinib-mm", "--adaptor", "x:Y"],
            "spec-check test: the following arguments are required: --adapter\n"
            f"  did you mean --adapter for --adaptor? spec-check test {LISTS}",
        ),
        (
            ["replay", "--colour=red"],
            "  did you mean --columns for --colour? spec-check replay",
        ),
        (
            ["replay", "--zzz"],
            f"are required: protocol, log\n  there is no option --zzz; spec-check replay {LISTS}",
        ),
        (
            ["verify", "ibrutinib-mm", "--set", "levels=-1"],
            "spec-check: --set levels=-1: machine trial: variable level: the range 1..-1 is empty",
        ),
        (
            ["next", "ibrutinib-mm", "--set=cap=-5"],
            "spec-check: --set cap=-5: machine trial: variable treated: the range 0..-5 is empty",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D=6000"],
            "spec-check: --set D=6000: ",
        ),
        (
            ["verify", "--js"],
            "spec-check verify: unrecognized arguments: --js\n"
            f"  did you mean --json for --js? spec-check verify {LISTS}",
        ),
        (
            ["list", "more"],
            f"spec-check list: unrecognized arguments: more\n  spec-check list {LISTS}",
        ),
        (
            ["show"],
            f"spec-check show: the following arguments are required: protocol\n"
            f"  spec-check show {LISTS}",
        ),
        (
            ["export"],
            f"spec-check export: the following arguments are required: protocol\n"
            f"  spec-check export {LISTS}",
        ),
        (
            ["verify", "--engine"],
            f"spec-check verify: argument --engine: expected one argument\n"
            f"  spec-check verify {LISTS}",
        ),
        (
            ["verify", "--jobs", "x"],
            f"spec-check verify: argument --jobs: 'x' is not a number of processes\n"
            f"  spec-check verify {LISTS}",
        ),
        (
            ["show", "ibrutinib-mm", "IBR-99"],
            "spec-check: ibrutinib-mm has no clause, ambiguity, state, event, value or word "
            "'IBR-99'\n  spec-check show ibrutinib-mm lists them\n",
        ),
        (
            ["show", "ibrutinib-mm", "ibr-05"],
            "'ibr-05'\n  did you mean IBR-05? spec-check show ibrutinib-mm lists them\n",
        ),
        (
            ["show", "ibrutinib-mm", "--machine", "study"],
            "spec-check: ibrutinib-mm has no machine 'study'\n  it has: trial, subject\n",
        ),
        (
            ["verify", "ibrutinib-mm", "--machine", "nosuch"],
            "spec-check: ibrutinib-mm has no machine 'nosuch'\n  it has: trial, subject\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D"],
            "spec-check: --set takes NAME=VALUE, not 'D'\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "=3"],
            "spec-check: --set takes NAME=VALUE, not '=3'\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "levels=3"],
            "spec-check: --set: escalation has no constant 'levels'\n"
            "  its constants: D, first, full\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D=three"],
            "spec-check: --set: 'three' is not a value for D, which is 4\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D=3.5"],
            "spec-check: --set: '3.5' is not a value for D, which is 4\n",
        ),
        (["verify", str(ESCALATION), "--set", "D=" + "9" * 5000], None),
        (
            ["verify", str(ESCALATION), "--set", "D=0"],
            ": machine trial: variable cur: the range 1..0 is empty\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D=-1"],
            ": machine trial: variable cur: the range 1..-1 is empty\n",
        ),
        (
            ["verify", str(ESCALATION), "--set", "D=6000"],
            ": machine trial: variable n: 'D' must be a constant, a whole number from 1 to 5000\n",
        ),
        (
            ["verify", str(ESCALATION), "--reading", "lax"],
            "spec-check: unknown profile 'lax'\n  profiles: default, literal, strict\n",
        ),
        (
            ["verify", str(ESCALATION), "--reading", "IBR-A05=close"],
            "spec-check: escalation has no ambiguity 'IBR-A05'\n"
            "  spec-check show escalation lists them\n",
        ),
        (
            ["verify", "ibrutinib-mm", "--reading", "IBR-A05=shut"],
            "spec-check: IBR-A05 has no reading 'shut'\n"
            "  its readings: a (accept), b (close), silent, unspecified\n",
        ),
        (
            ["verify", "ibrutinib-mm", "--reading", "IBR-A05="],
            "spec-check: IBR-A05 has no reading ''\n"
            "  its readings: a (accept), b (close), silent, unspecified\n",
        ),
    ],
)
def test_wrong_options(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str | None
) -> None:
    assert main(arguments) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert message is None or message in found.err
    assert found.err.startswith("spec-check")


def test_an_engine_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--engine", "magic"]) == 2
    assert capsys.readouterr().err.startswith(
        "spec-check verify: argument --engine: invalid choice: 'magic'"
    )


@pytest.mark.parametrize("value", ["nan", "inf", "1e9", "x", "", "1,5"])
def test_decimal_constants_are_plain(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, value: str
) -> None:
    constants = {"D": 4, "first": 3, "full": 6, "dd": "2.5", "t": [1, 2], "on": True, "s": "x"}
    path = model(tmp_path, constants=constants)
    assert main(["verify", path, "--set", f"dd={value}"]) == 2
    assert capsys.readouterr().err == (
        f"spec-check: --set: {value!r} is not a value for dd, which is Decimal('2.5')\n"
    )


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("dd=7.5", 0),
        ("t=1,2,3", 0),
        ("on=False", 0),
        ("s=y", 0),
        ("t=1,x", 2),
        ("on=1", 2),
        ("t=", 2),
    ],
)
def test_constants_of_every_kind(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, code: int
) -> None:
    constants = {"D": 1, "first": 3, "full": 6, "dd": "2.5", "t": [1, 2], "on": True, "s": "x"}
    path = model(tmp_path, constants=constants)
    assert main(["verify", path, "--engine", "enumeration", "--set", option]) == code
    assert (capsys.readouterr().err == "") is (code == 0)


def test_yaml_documents_are_read_by_every_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(dump_yaml(escalation()), "utf-8")
    assert main(["verify", str(path), "--set", "D=2", "--quiet"]) == 0
    assert main(["show", str(path)]) == 0
    assert main(["export", str(path)]) == 0
    assert capsys.readouterr().err == ""
