"""Decides for each mutant whether a test notices it, on as many benches as there are cores."""

from __future__ import annotations

import ast
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .bench import Bench, Job, Outcome
from .measured import Measured
from .project import Project
from .sites import Mutant, mutants, unparsed

# seconds of tests that are tried first: most mutants die there
AT_FIRST = 1.5
Judging = Generator[Job, Outcome, "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """A mutant and what noticed it; ``killed`` is empty for a survivor."""

    mutant: Mutant
    killed: str
    tests: int

    @property
    def survived(self) -> bool:
        """Whether no test noticed the change."""
        return not self.killed


class Judge:
    """Judges the mutants of one run; what it learns about tests helps with the next mutant.

    ``seconds`` of tests are enough for one mutant.
    """

    def __init__(self, project: Project, measured: Measured, seconds: float) -> None:
        self.project, self.measured, self.at_most = project, measured, seconds
        self.kills: Counter[tuple[str, str]] = Counter()
        self.sound: dict[tuple[str, str], bool] = {}
        self.clean: dict[str, str] = {}

    def mutants(self, file: str) -> list[Mutant]:
        """The mutants of an installed file."""
        return mutants(file, self.project.source(file))

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that can notice a mutant, the likeliest and quickest first, within a limit."""
        file, lines = mutant.key.file, mutant.lines if mutant.in_function else None
        stem = Path(file).stem
        seconds = self.measured.seconds

        def order(name: str) -> tuple[int, bool, float, str]:
            near = name.partition("::")[0].endswith(f"test_{stem}.py")
            return -self.kills[file, name], not near, seconds[name], name

        listed, total = [], 0.0
        for name in sorted(self.measured.tests(file, lines), key=order):
            if self.sound.get((file, name), True) and total + seconds[name] <= self.at_most:
                listed.append(name)
                total += seconds[name]
        return listed

    def unsound(self) -> list[str]:
        """The tests that failed here without a change, and so were left out."""
        return sorted({name for (_, name), sound in self.sound.items() if not sound})

    def judging(self, mutant: Mutant) -> Judging:
        """The jobs that a mutant needs, one after the other."""
        text, todo, ran = mutant.source(), self.tests(mutant), 0
        while todo:
            now, todo = self.share(todo, self.at_most if ran else AT_FIRST)
            outcome = yield self.job(mutant, text, now)
            ran += len(now)
            if outcome.passed:
                continue
            by = outcome.by or now[0]
            file = mutant.key.file
            if (file, by) not in self.sound:
                # a test that fails here without the change as well proves nothing
                unchanged = yield self.job(mutant, self.unchanged(file), [by])
                self.sound[file, by] = unchanged.passed
            if self.sound[file, by]:
                self.kills[file, by] += 1
                return Verdict(mutant, f"{outcome.how}: {by}", ran)
            ran -= len(now)
            todo = [n for n in (*now, *todo) if n != by and n.partition("::")[0] != by]
        return Verdict(mutant, "", ran)

    def share(self, tests: Sequence[str], seconds: float) -> tuple[list[str], list[str]]:
        """The first tests, that take so long together; and the others."""
        total = 0.0
        for i, name in enumerate(tests):
            total += self.measured.seconds[name]
            if total > seconds and i:
                return list(tests[:i]), list(tests[i:])
        return list(tests), []

    def job(self, mutant: Mutant, text: str, tests: Iterable[str]) -> Job:
        """A job with the seconds that each test takes."""
        seconds = self.measured.seconds
        return Job(mutant.key.file, text, {name: seconds.get(name, 1.0) for name in tests})

    def unchanged(self, file: str) -> str:
        """The file as a mutant without a change would be."""
        if file not in self.clean:
            self.clean[file] = unparsed(ast.parse(self.project.source(file)))
        return self.clean[file]

    def run(
        self,
        chosen: Iterable[Mutant],
        benches: Sequence[Bench],
        until: float,
        tell: Callable[[Verdict], None],
    ) -> list[Verdict]:
        """The verdicts on mutants, in order, begun until a moment of the monotonic clock."""
        waiting, verdicts = iter(chosen), []
        busy: dict[Bench, Judging] = {}
        while True:
            for bench in benches:
                if bench in busy:
                    outcome = bench.poll()
                    if outcome is None:
                        continue
                    verdict = self.next(bench, busy.pop(bench), outcome, busy)
                    if verdict:
                        verdicts.append(verdict)
                        tell(verdict)
                while bench not in busy and time.monotonic() < until:
                    mutant = next(waiting, None)
                    if mutant is None:
                        break
                    verdict = self.next(bench, self.judging(mutant), None, busy)
                    if verdict:
                        verdicts.append(verdict)
                        tell(verdict)
            if not busy:
                return verdicts
            time.sleep(0.01)

    @staticmethod
    def next(
        bench: Bench, judging: Judging, outcome: Outcome | None, busy: dict[Bench, Judging]
    ) -> Verdict | None:
        """Gives a mutant its next job, or takes its verdict."""
        try:
            job = next(judging) if outcome is None else judging.send(outcome)
        except StopIteration as done:
            verdict: Verdict = done.value
            return verdict
        bench.start(job)
        busy[bench] = judging
        return None


def drawn(found: Iterable[Mutant]) -> list[Mutant]:
    """The mutants in a fixed order that has nothing to do with where they are."""
    return sorted(found, key=lambda m: hashlib.sha256(repr(m.key).encode()).hexdigest())
