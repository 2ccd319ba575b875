"""Which tests run which lines, and how long each takes: from one run of the tests as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from coverage import CoverageData

from .project import Project

COVERAGE, RESULTS = "coverage", "tests.xml"


def options(project: Project, folder: Path) -> list[str]:
    """What pytest needs to be told to measure."""
    rooms = [f"--cov={project.package}.{room}" for room in project.rooms]
    how = ["--cov-branch", "--cov-context=test", f"--junitxml={folder / RESULTS}"]
    return [*rooms, *how]


def measure(project: Project, folder: Path, processes: int) -> int:
    """Runs the tests and measures them; their exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "--cov-report="]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", *options(project, folder)],
        cwd=project.root,
        env={**os.environ, "COVERAGE_FILE": str(folder / COVERAGE)},
        check=False,
    ).returncode


@dataclass(frozen=True)
class Measured:
    """The measurements in a folder. A test is named as pytest does: ``tests/test_a.py::test_b``."""

    project: Project
    folder: Path

    def __post_init__(self) -> None:
        for name in (COVERAGE, RESULTS):
            if not (self.folder / name).exists():
                raise SystemExit(f"{self.folder / name} is not there: measure first (--measure)")

    @cached_property
    def seconds(self) -> dict[str, float]:
        """How long each test took that passed."""
        found = {}
        for case in ElementTree.parse(self.folder / RESULTS).iter("testcase"):
            if case.find("failure") is None and case.find("error") is None:
                path = str(case.get("classname")).replace(".", "/")
                name = f"{path}.py::{case.get('name')}"
                if case.find("skipped") is None:
                    found[name] = float(case.get("time", 0))
        return found

    @cached_property
    def _coverage(self) -> CoverageData:
        data = CoverageData(str(self.folder / COVERAGE))
        data.read()
        return data

    @cached_property
    def _by_file(self) -> dict[str, dict[int, set[str]]]:
        return {}

    def by_line(self, file: str) -> dict[int, set[str]]:
        """For each line of a file, the tests that passed and ran it."""
        if file not in self._by_file:
            room, _, rest = file.partition("/")
            path = self.project.installed(room) / rest
            known = {str(path), str(path.resolve())} & self._coverage.measured_files()
            if not known:
                raise SystemExit(f"{path} was not measured: measure again (--measure)")
            found = self._coverage.contexts_by_lineno(known.pop())
            self._by_file[file] = {
                line: {name for c in contexts if (name := c.rpartition("|")[0]) in self.seconds}
                for line, contexts in found.items()
            }
        return self._by_file[file]

    def tests(self, file: str, lines: Iterable[int] | None) -> set[str]:
        """The tests that ran one of the lines; any line of the file when None is given."""
        by_line = self.by_line(file)
        found: set[str] = set()
        return found.union(*(by_line.get(n, ()) for n in (by_line if lines is None else lines)))
