"""What pytest says of a run in the end: failures in our words, counts, and the run file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ...spec.errors import SpecError
from ..cli.common import write_file
from ..conformance.results import FAILED
from .items import vector_of
from .telling import run_text, runs_of, summary
from .vector import NotConforming

if TYPE_CHECKING:
    from .judging import Judging


class Told:
    """A failure text for the terminal: whole under its title, its first line in the summary.

    pytest's summary repeats the whole of a text that is a string where it runs for a CI system.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.reprcrash = SimpleNamespace(message=text.partition("\n")[0])

    def __str__(self) -> str:
        return self.text

    def toterminal(self, terminal: Any) -> None:
        """Writes the whole text, as pytest asks of everything it shows."""
        terminal.line(self.text)


class Reporting:
    """Collects the results of a run, which under xdist come from every worker."""

    def __init__(self, judging: Judging) -> None:
        self.judging = judging
        self.told: list[dict[str, Any]] = []
        self._report = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A failure is its text, without a traceback; the result goes along with the report."""
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, NotConforming) and not hasattr(report, "wasxfail"):
            report.longrepr = str(error)
        vector = vector_of(item)
        if vector is not None and vector.result is not None and (call.when == "call" or error):
            connection = self.judging.opened
            description = connection.description if connection is not None else None
            report.spec_result = vector.told(description)  # type: ignore[attr-defined]
            vector.result = None
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the results, which under xdist come from every worker."""
        told = getattr(report, "spec_result", None)
        if told is not None and not self.judging.worker:
            self.told.append(told)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Ends the system; counts what failures have in common; writes the report."""
        if self.judging.opened is not None:
            self.judging.opened.close()
        if self.judging.worker:
            return
        reporter: Any = self.judging.config.pluginmanager.get_plugin("terminalreporter")
        results = [result for run in runs_of(self.told) for result in run["results"]]
        keys = Counter(r["key"] for r in results if r["outcome"] == FAILED)
        stats = reporter.stats if reporter else {}
        for report in (*stats.get("failed", ()), *stats.get("error", ())):
            told = getattr(report, "spec_result", None)
            if told is None or not isinstance(report.longrepr, str):
                continue
            key = told["entry"].get("key", "")
            others = keys[key] - 1
            text = report.longrepr
            if others > 0:
                noun = "failure" if others == 1 else "failures"
                text += f"\n  {others} other {noun} with {key}"
            report.longrepr = Told(text)
        if self.judging.options["report"]:
            try:
                self._report = self._write(Path(self.judging.options["report"]))
            except SpecError as error:
                self._report = str(error)
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _write(self, path: Path) -> str:
        """Writes the run file; a line that says so."""
        runs = runs_of(self.told)
        if not runs:
            return f"nothing was judged: {path} is not written"
        write_file(path, run_text(runs).encode())
        return f"the run is in {path}"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The counts by clause, and what was never observed."""
        runs = runs_of(self.told)
        if runs:
            terminalreporter.section("trialspec")
        for run in runs:
            for line in summary(run):
                terminalreporter.write_line(line)
        if self._report:
            terminalreporter.write_line(self._report)
        if self.judging.options["protocol"] and not self.judging.options["adapter"] and not runs:
            terminalreporter.write_line("trialspec: no system was judged, as none is named")
