"""The command: ``PYTHONPATH=tests python -m mutation``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from .bench import Bench, import_foreign
from .choice import base, changed_lines, read_accepted, turn
from .judge import Judge, Verdict, drawn
from .measured import Measured, measure
from .project import TRIALSPEC, Project
from .sites import Mutant

NEEDED = 90


def main(arguments: Sequence[str] | None = None, project: Project = TRIALSPEC) -> int:
    """0 when enough mutants are killed, 1 when not."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("--measured", type=Path, required=True, help="folder of measurements")
    parser.add_argument("--measure", action="store_true", help="measure the tests, and end")
    parser.add_argument("--minutes", type=float, default=18, help="for everything (18)")
    parser.add_argument("--seconds", type=float, default=20, help="of tests for a mutant (20)")
    parser.add_argument("--processes", type=int, default=2, help="at a time (2)")
    parser.add_argument("--base", default="", help="the commit that changes are counted from")
    parser.add_argument("--only", action="append", default=[], help="this file instead: all of it")
    parser.add_argument("--verbose", action="store_true", help="every verdict as it comes")
    given = parser.parse_args(arguments)
    if given.measure:
        return measure(project, given.measured.resolve(), given.processes)
    with ExitStack() as stack:
        run = Run(project, given, stack)
        return run.files(given.only) if given.only else run.as_ci()


class Run:
    """One run of the command, with its benches."""

    def __init__(self, project: Project, given: argparse.Namespace, stack: ExitStack) -> None:
        self.project, self.given = project, given
        self.begun = time.monotonic()
        self.judge = Judge(project, Measured(project, given.measured.resolve()), given.seconds)
        self.accepted = {a.key: a.reason for a in read_accepted(project.accepted)}
        import_foreign()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutation-")))
        self.benches = []
        for i in range(given.processes):
            self.benches.append(Bench(project, folder / str(i)))
            stack.callback(self.benches[-1].stop)

    def files(self, files: Sequence[str]) -> int:
        """Judges whole files."""
        good = True
        for file in files:
            good &= self.part(file, self.judge.mutants(file), 1.0)
        return 0 if good else 1

    def as_ci(self) -> int:
        """Judges the changed lines in half of the time, then the file whose turn it is."""
        good = True
        commit, why = base(self.project.root, self.given.base)
        if commit:
            print(f"Changed lines, {why} ({commit[:10]})")
            good = self.part("the changed lines", self.changed(commit), 0.5)
        else:
            print(f"No changed lines are tried: {why}")
        file, why = turn(self.project.root, self.project.core)
        print(f"\n{file}, whose turn it is by {why}")
        return 0 if self.part(file, self.judge.mutants(file), 1.0) and good else 1

    def changed(self, commit: str) -> list[Mutant]:
        """The mutants of the lines that are new since a commit."""
        found = []
        for file, lines in changed_lines(self.project.root, commit).items():
            if self.project.is_code(file):
                found += [m for m in self.judge.mutants(file) if lines.intersection(m.lines)]
        return found

    def part(self, name: str, found: list[Mutant], share: float) -> bool:
        """Judges mutants until a share of the time is used up; whether enough are killed."""
        begun = time.monotonic()
        accepted = [m for m in found if m.key in self.accepted]
        todo = drawn(m for m in found if m.key not in self.accepted)
        until = self.begun + 60 * self.given.minutes * share
        verdicts = self.judge.run(todo, self.benches, until, self.tell)
        survivors = sorted((v for v in verdicts if v.survived), key=lambda v: v.mutant.lines.start)
        killed = len(verdicts) - len(survivors)
        minutes = (time.monotonic() - begun) / 60
        print(
            f"{name}: {len(verdicts)} of {len(todo)} mutants tried in {minutes:.1f} minutes", end=""
        )
        print(f", {len(accepted)} more accepted")
        if len(verdicts) < len(todo):
            print("  the time was used up; which ones are tried is fixed by their names")
        for verdict in survivors:
            tests = f"survived {verdict.tests} tests" if verdict.tests else "no test ran it"
            print(f"  {tests}, line {verdict.mutant.lines.start}: {verdict.mutant.key}")
        for name in self.judge.unsound():
            print(f"  left out, because it fails here without a change: {name}")
        if not verdicts:
            return not todo
        percent = 100 * killed / len(verdicts)
        enough = 100 * killed >= NEEDED * len(verdicts)
        print(f"  {killed} of {len(verdicts)} killed: {percent:.1f} %", end="")
        print("" if enough else f", and {NEEDED} % are needed: test what survived, or list it")
        return enough

    def tell(self, verdict: Verdict) -> None:
        """Prints a verdict when everything is to be told."""
        if self.given.verbose:
            print(f"    {verdict.killed or 'SURVIVED'} <- {verdict.mutant.key}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
