"""The gallery that CI keeps in step, and ``spec-check diagram`` as a program."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from trialspec.diagrams import gallery
from trialspec.diagrams.chart import Chart
from trialspec.diagrams.draw import draw
from trialspec.diagrams.files import Picture, content
from trialspec.spec.designs.three_plus_three import three_plus_three
from trialspec.statemachines.bind import bind

GALLERY = Path(__file__).parents[1] / "diagrams" / "gallery"
SVG = "{http://www.w3.org/2000/svg}"


@cache
def drawn() -> tuple[Picture, ...]:
    return tuple(gallery.pictures())


def design(levels: int) -> Chart:
    protocol = three_plus_three("N")
    return draw(protocol, bind(protocol, constants={"levels": levels}))


# ---- the gallery


def test_the_gallery_is_up_to_date() -> None:
    found = {p.name: p.read_bytes() for p in GALLERY.iterdir() if p.is_file()}
    problems = gallery.stale(drawn(), found)
    assert not problems, f"run {gallery.COMMAND} in a checkout"


def test_the_gallery_is_readable_in_size() -> None:
    for made in drawn():
        if isinstance(made, Chart):
            nodes = 1 + len(made.boxes) + len(made.outcomes) + len(made.edges)
            assert nodes <= 50, made.name
        svg = ElementTree.fromstring(content(made, "svg"))
        width = float(str(svg.get("width")).removesuffix("pt"))
        assert width <= 2200, made.name


def test_a_stale_gallery_is_told_by_what_is_wrong() -> None:
    charts = [design(3)]
    fresh = dict(gallery.build(charts))
    assert sorted(fresh) == [
        "README.md",
        "three-plus-three-n-trial.dot",
        "three-plus-three-n-trial.mmd",
        "three-plus-three-n-trial.svg",
    ]
    assert gallery.stale(charts, fresh) == []
    other = [design(4)]
    assert gallery.stale(other, fresh) == [
        "three-plus-three-n-trial.dot is out of date",
        "three-plus-three-n-trial.mmd is out of date",
        "three-plus-three-n-trial.svg was drawn from another state of the protocol",
    ]
    no_index = {**fresh, "README.md": b"# other"}
    assert gallery.stale(charts, no_index) == ["README.md is missing or out of date"]
    missing = {n: d for n, d in fresh.items() if not n.endswith(".mmd")}
    assert gallery.stale(charts, {**missing, "old.svg": b""}) == [
        "three-plus-three-n-trial.mmd is missing",
        "old.svg belongs to no protocol",
    ]


def test_the_gallery_needs_a_folder(tmp_path: Path) -> None:
    module = [sys.executable, "-m", "trialspec.diagrams.gallery"]
    nowhere = subprocess.run(module, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert nowhere.stderr == "gallery: there is no diagrams here\n  name a folder\n"


def test_the_gallery_is_written_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gallery, "pictures", lambda: [design(3)])
    folder = tmp_path / "drawn"
    assert gallery.main(["--check", str(folder)]) == 1
    assert gallery.main([str(folder)]) == 0
    (folder / "old.svg").write_text("of a protocol that is gone")
    assert gallery.main([str(folder)]) == 0
    assert not (folder / "old.svg").exists()
    assert gallery.main(["--check", str(folder)]) == 0
    (folder / "README.md").write_text("something else")
    capsys.readouterr()
    assert gallery.main(["--check", str(folder)]) == 1
    assert capsys.readouterr().err.startswith("README.md is missing or out of date\n")


# ---- the command line


def check(*options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "trialspec.oracle.cli.main", "diagram", *options],
        capture_output=True,
        check=False,
    )


def test_text_formats_are_printed() -> None:
    svg = check("ibrutinib-mm", "--machine", "trial")
    assert (svg.returncode, svg.stderr) == (0, b"")
    root = ElementTree.fromstring(svg.stdout)
    assert "ibrutinib-mm: trial" in [e.text for e in root.iter(f"{SVG}text")]
    source = check("ibrutinib-mm", "--machine", "trial", "--format", "dot")
    assert source.stdout.startswith(b'digraph "ibrutinib-mm-trial" {')
    text = check("ibrutinib-mm", "--machine", "subject", "--format", "mermaid").stdout.decode()
    assert text.splitlines()[1] == "stateDiagram-v2"
    assert "(IBR-17)" in text


def test_constants_and_readings_are_drawn() -> None:
    done = check(
        "ibrutinib-mm",
        "--machine",
        "trial",
        "--format",
        "dot",
        "--set",
        "levels=5",
        "--reading",
        "strict",
    )
    assert b"levels = 5" in done.stdout
    assert b"Readings: strict" in done.stdout


def test_files_are_written(tmp_path: Path) -> None:
    done = check(
        "ibrutinib-mm",
        "-o",
        str(tmp_path / "out"),
        "--format",
        "svg",
        "--format",
        "mermaid",
        "--json",
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert answer["format"] == "trialspec/diagram/1"
    paths = [entry["path"] for entry in answer["diagrams"]]
    assert sorted(str(p) for p in (tmp_path / "out").iterdir()) == sorted(paths)
    assert [Path(p).name for p in paths] == [
        "ibrutinib-mm-trial.svg",
        "ibrutinib-mm-trial.mmd",
        "ibrutinib-mm-subject.svg",
        "ibrutinib-mm-subject.mmd",
        "ibrutinib-mm-subject-calendar.svg",
        "ibrutinib-mm-study.svg",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["ibrutinib-mm"], "these machines: trial, subject"),
        (["ibrutinib-mm", "--machine", "x"], "no machine 'x'"),
        (["ibrutinib-mm", "--machine", "trial", "--format", "png"], "a png is not printed"),
        (["ibrutinib-mm", "--format", "gif"], "invalid choice: 'gif'"),
        (["nonesuch", "--machine", "trial"], "no protocol 'nonesuch'"),
        (["ibrutinib-mm", "--machine", "trial", "--set", "levles=4"], "no constant 'levles'"),
        (["ibrutinib-mm", "--machine", "trial", "--reading", "IBR-A05=q"], "no reading 'q'"),
        (["ibrutinib-mm", "-o", f"{__file__}/out", "--format", "dot"], "is a file, not a folder"),
    ],
)
def test_wrong_usage_is_one_message(options: list[str], message: str) -> None:
    done = check(*options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
