"""Every command in README and docs runs, and prints what the page says."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILE = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```", re.S | re.M)
BLOCK = re.compile(r"^```console\n(.*?)^```", re.S | re.M)

# in a checkout the plug-in is named; where it is installed, pytest finds it by its entry point
INSTALLED = any(e.name == "trialspec" for e in entry_points(group="pytest11"))
PLUGIN = "" if INSTALLED else "-p trialspec.oracle.pytest_plugin"


def commands(page: Path) -> list[tuple[str, str]]:
    """The ``$`` lines of console blocks, each with the output shown under it."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif found:
                found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


def as_pattern(shown: str) -> re.Pattern[str]:
    """The shown output; three dots stand for the rest of a line, or for any number of lines."""
    lines = [
        "(?:.*\n)*" if line.strip() == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n"
        for line in shown.splitlines()
    ]
    return re.compile("".join(lines))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_commands_of_a_page_print_what_it_says(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(ROOT / "benchmarks" / "models", tmp_path / "benchmarks" / "models")
    for name, text in FILE.findall(page.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command, shown in commands(page):
        words = command.replace("python3", sys.executable)
        words = words.replace("spec-check", f"{sys.executable} -m trialspec.oracle.cli.main")
        words = re.sub("^pytest", f"{sys.executable} -m pytest {PLUGIN}", words)
        done = subprocess.run(
            ["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        printed = (done.stdout + done.stderr).rstrip("\n")
        assert "Traceback" not in printed, command
        assert done.returncode != 70, command
        if shown.strip():
            assert as_pattern(shown).fullmatch(printed + "\n"), f"{command}\n{printed}"
        else:
            assert done.returncode == 0, f"{command}\n{printed}"


def test_the_two_commands_of_the_readme_are_what_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for target in ("make verify", "make test"):
        assert target in readme
        assert target in script


def test_every_page_has_commands_or_is_about_the_inside() -> None:
    inside = {"architecture.md", "concepts.md", "benchmarks.md"}
    assert all(commands(page) for page in PAGES if page.name not in inside)
