"""Runs tests against one changed file: in a forked process, on a copy of the installed package.

The parent imports what is slow to import and foreign (pytest, the solver), never the package. A
fork then costs little, and imports the package and the tests anew, with the change in them.
Processes that tests start see the change too: the copy comes first in PYTHONPATH.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .project import Project

if TYPE_CHECKING:
    import pytest

FOREIGN = ("pytest", "hypothesis", "z3", "numpy", "transitions", "yaml", "rich", "coverage")
# seconds for importing and collecting, and for a test beyond five times what it takes unchanged
START, BEYOND, TIMES = 60, 5, 5
MEMORY = 3 * 2**30
QUIET = ("-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider")
# what is imported before pytest starts it can't rewrite, and need not
KNOWN = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True)
class Job:
    """A file's text to put in place, and the tests to run, in order, each with its seconds.

    A file of tests, without ``::``, is only collected.
    """

    file: str
    text: str
    tests: Mapping[str, float]


@dataclass(frozen=True)
class Outcome:
    """Whether all tests passed; else the one that didn't: a test, a file of tests, or nothing."""

    passed: bool
    by: str
    how: str


def import_foreign() -> None:
    """Imports once what every fork needs; what is not installed is not needed."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in FOREIGN:
        if importlib.util.find_spec(name):
            importlib.import_module(name)


class Bench:
    """A place to run one job at a time: a copy of the package, and a fork that uses it."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project, self.folder = project, folder
        self.log, self.note = folder / "log", folder / "note"
        project.copy(folder / "copy")
        self.pid, self.job = 0, Job("", "", {})

    def start(self, job: Job) -> None:
        """Begins a job; `poll` says when it is over."""
        self.job = job
        path = self.folder / "copy" / self.project.package / job.file
        for old in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            old.unlink()
        path.write_text(job.text, encoding="utf-8")
        self.note.write_text("", encoding="utf-8")
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            code = 70
            try:
                code = self._child()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)

    def poll(self) -> Outcome | None:
        """What came of the job, None while it runs."""
        done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            if _memory(self.pid) > MEMORY:
                os.kill(self.pid, signal.SIGKILL)
            return None
        self._end()
        by = self.note.read_text(encoding="utf-8")
        if os.WIFSIGNALED(status):
            late = os.WTERMSIG(status) == signal.SIGALRM
            return Outcome(False, by, "took too long" if late else "was ended by a signal")
        code = os.WEXITSTATUS(status)
        if code == 5:
            raise SystemExit(f"no such tests: {', '.join(self.job.tests)}\n{self.said()}")
        return Outcome(code == 0, by, "" if code == 0 else "failed")

    def said(self) -> str:
        """The end of what pytest printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def _end(self) -> None:
        """Ends what the tests started and left, and puts the file back."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.pid = 0
        path = self.folder / "copy" / self.project.package / self.job.file
        path.write_text(self.project.source(self.job.file), encoding="utf-8")

    def stop(self) -> None:
        """Ends a job that is running."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._end()

    def _child(self) -> int:
        os.setpgid(0, 0)
        out = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(out, number)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.alarm(START)
        copy = str(self.folder / "copy")
        sys.path.insert(0, copy)
        # the parent has looked where the package is, and knows only that place
        sys.modules.pop(self.project.package, None)
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join([copy, *([before] if before else [])])
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
        os.chdir(self.project.root)
        return run_tests(self.job.tests, self.note, self.folder / "tmp")


def run_tests(tests: Mapping[str, float], note: Path, scratch: Path) -> int:
    """pytest's exit code for these tests; the one that is running stands in a file."""
    import pytest

    files = list(dict.fromkeys(name.partition("::")[0] for name in tests))
    shutil.rmtree(scratch, ignore_errors=True)
    named = {name: seconds for name, seconds in tests.items() if "::" in name}
    options = [*QUIET, *KNOWN, f"--basetemp={scratch}", *([] if named else ["--collect-only"])]
    if importlib.util.find_spec("xdist"):
        options += ["-p", "no:xdist", "-p", "no:xdist.looponfail"]
    if importlib.util.find_spec("pytest_cov"):
        options += ["-p", "no:pytest_cov"]
    return int(pytest.main([*options, *files], plugins=[_Chosen(named, note)]))


class _Chosen:
    """A plug-in of pytest: runs the chosen tests in their order, each with a limit of its own."""

    def __init__(self, tests: Mapping[str, float], note: Path) -> None:
        self.tests, self.note = tests, note
        self.rank = {name: i for i, name in enumerate(tests)}

    def pytest_configure(self, config: pytest.Config) -> None:
        if "hypothesis" in sys.modules:
            from hypothesis import settings

            settings.register_profile("mutants", deadline=None, database=None, derandomize=True)
            settings.load_profile("mutants")

    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if not self.rank:
            return
        items[:] = sorted(
            (item for item in items if item.nodeid in self.rank),
            key=lambda item: self.rank[item.nodeid],
        )
        # a change may take the tests' names with it: fewer tests than there were is a failure
        found = {item.nodeid for item in items}
        for name in self.rank:
            if name not in found:
                self._write(name)
                os._exit(1)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write(report.nodeid)

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: Any) -> None:
        self._write(item.nodeid)
        signal.setitimer(signal.ITIMER_REAL, BEYOND + TIMES * self.tests[item.nodeid])

    def _write(self, name: str) -> None:
        self.note.write_text(name, encoding="utf-8")


def _memory(pid: int) -> int:
    """The resident bytes of a process, 0 where the system does not say."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize()
