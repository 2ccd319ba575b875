"""``spec-check suite``: files, summaries, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small import spec_check
from trialspec.oracle.cli import suite as command
from trialspec.oracle.cli.main import main
from trialspec.oracle.suites import search
from trialspec.oracle.suites.criteria import CRITERIA, LATER
from trialspec.oracle.vectors import read_suite
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.meaning import machine_hash
from trialspec.spec.model import Action, Count, Machine, Protocol, State, Transition
from trialspec.spec.registry import load


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["suite", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def document(tmp_path: Path, name: str = "small", cap: int = 2) -> Path:
    """A protocol of two small machines in a file."""
    machines = tuple(
        Machine(
            machine,
            (State("open", initial=True), State("done", final=True)),
            (Action("go"), Action("end")),
            (
                Transition("S-1", "open", "go", None, "n < cap", "n += 1"),
                Transition("S-2", "open", "end", "done", "n == cap"),
            ),
            {"cap": cap},
            (Count("n", 0, "cap"),),
        )
        for machine in ("trial", "subject")
    )
    path = tmp_path / "small.json"
    path.write_text(dump_json(Protocol(name, "", machines)), encoding="utf-8")
    return path


def test_a_file_for_each_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "vectors"
    code, out, err = run(capsys, document(tmp_path), "-o", folder)
    assert (code, err) == (0, "")
    files = sorted(p.name for p in folder.iterdir())
    assert files == ["small.subject.vectors.json", "small.trial.vectors.json"]
    made = read_suite(folder / "small.trial.vectors.json")
    assert (made.protocol, made.machine, made.criterion) == ("small", "trial", "complete")
    counts = f"{len(made.groups)} groups, {len(made.vectors)} vectors, {made.steps} steps"
    assert out.splitlines()[0] == f"{folder}/small.trial.vectors.json: {counts}"
    assert len(out.splitlines()) == 2


def test_a_summary_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = document(tmp_path)
    code, out, err = run(capsys, path, "-o", tmp_path, "--json", "--cover", "refused")
    assert (code, err) == (0, "")
    answer: dict[str, Any] = json.loads(out)
    made = read_suite(tmp_path / "small.trial.vectors.json")
    assert answer["format"] == "trialspec/suite/1"
    assert (answer["protocol"], answer["criterion"]) == ("small", "refused")
    assert [m["machine"] for m in answer["machines"]] == ["trial", "subject"]
    assert answer["machines"][0] == {
        "machine": "trial",
        "path": str(tmp_path / "small.trial.vectors.json"),
        "model_sha256": made.model_sha256,
        "groups": len(made.groups),
        "vectors": len(made.vectors),
        "steps": made.steps,
        "kinds": {"refused": len(made.vectors)},
    }


def test_one_machine_with_constants_and_readings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--machine", "trial", "--set", "levels=2", "--reading", "IBR-A07=literal"]
    code, out, _ = run(
        capsys, "ibrutinib-mm", "-o", tmp_path, "--cover", "states", "--quiet", *options
    )
    assert (code, out) == (0, "")
    (path,) = tmp_path.iterdir()
    made = read_suite(path)
    assert made.constants["levels"] == 2
    assert made.readings["IBR-A07"] == "literal"
    assert made.model_sha256 == machine_hash(
        load("ibrutinib-mm"), constants={"levels": 2}, readings={"IBR-A07": "literal"}
    )


@pytest.mark.parametrize("name", LATER)
def test_criteria_that_this_version_lacks(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "ibrutinib-mm", "-o", tmp_path, "--cover", name)
    assert (code, out) == (2, "")
    assert f"this version has no criterion '{name}' yet" in err
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_criterion_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(name in out for name in CRITERIA)
    assert not any(name in out for name in LATER)
    main(["--help"])
    assert "suite" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ibrutinib-mm"], "required: -o/--output"),
        (["nothing", "-o", "x"], "there is no protocol 'nothing'"),
        (["ibrutinib-mm", "-o", "x", "--machine", "site"], "has no machine 'site'"),
        (["ibrutinib-mm", "-o", "x", "--set", "levels"], "--set takes NAME=VALUE"),
        (["ibrutinib-mm", "-o", "x", "--set", "heights=3"], "has no constant 'heights'"),
        (["ibrutinib-mm", "-o", "x", "--reading", "IBR-A99=a"], "no ambiguity 'IBR-A99'"),
        (["ibrutinib-mm", "-o", "x", "--cover", "luck"], "unknown criterion 'luck'"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_nothing_is_written_when_one_machine_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialspec.oracle.suites import build

    def fails(bound: Any, *_: object) -> Any:
        if bound.machine.name == "subject":
            raise SpecError("too many")
        return made(bound, *_)

    made = build.build_suite
    monkeypatch.setattr(build, "build_suite", fails)
    folder = tmp_path / "vectors"
    code, _, err = run(capsys, document(tmp_path), "-o", folder)
    assert code == 2
    assert "too many" in err
    assert not folder.exists()


def test_a_file_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = document(tmp_path)
    code, _, err = run(capsys, path, "-o", path)
    assert code == 2
    assert f"{path}: is a file, not a folder" in err


def test_names_from_documents_stay_in_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "vectors"
    code, _, _ = run(capsys, document(tmp_path, "../../etc/a trial"), "-o", folder)
    assert code == 0
    assert sorted(p.name for p in folder.iterdir()) == [
        "etc-a-trial.subject.vectors.json",
        "etc-a-trial.trial.vectors.json",
    ]


def test_two_machines_never_share_a_file() -> None:
    from dataclasses import replace

    from trialspec.oracle.vectors import Suite

    one = Suite("p", "a b", "", {}, {}, "", ())
    names = command.file_names([one, replace(one, machine="a-b"), replace(one, machine="A-B")])
    assert names == ["p.a-b.vectors.json", "p.a-b-2.vectors.json", "p.A-B-3.vectors.json"]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        done = spec_check(
            "suite",
            "ibrutinib-mm",
            "-o",
            str(folder),
            "--machine",
            "trial",
            PYTHONHASHSEED=seed,
        )
        assert done.returncode == 0, done.stderr
        (path,) = folder.iterdir()
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_a_search_that_would_take_too_much_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(search, "MAX_BYTES", 20_000_000)
    given = ["suite", "ibrutinib-mm", "--machine", "trial", "-o", str(tmp_path / "out")]
    assert main([*given, "--set", "levels=99"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "configurations: too many to search for vectors" in found.err
    assert "for instance fewer levels" in found.err
    assert not (tmp_path / "out").exists()
    assert main(given) == 0
