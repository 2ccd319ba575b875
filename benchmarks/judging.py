"""What judging costs: pytest's start-up, each vector as a test, each step over JSON lines."""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import call, process
from table import Row

ECHO = Path(__file__).parent / "echo.py"
PLUGIN = "trialspec.oracle.pytest_plugin"
STEPS = 200
REPEATED = 20
VECTORS = 400


def rows(runs: int, quick: bool) -> list[Row]:
    """Start-up, vectors, steps."""
    return [_start_up(max(runs, 15)), _vectors(runs), *_steps(runs)]


# ---- pytest's start-up


def _start_up(pairs: int) -> Row:
    """Whole processes of pytest with one empty test, in turns with and without the plug-in."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_empty(): pass\n")
        bare = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        without = [*bare, "-p", "no:trialspec"]
        with_it = bare if _installed() else [*bare, "-p", PLUGIN]
        process(without, 1, folder)
        differences, base = [], []
        for _ in range(pairs):
            one = process(without, 1, folder).cpu
            two = process(with_it, 1, folder).cpu
            base.append(one)
            differences.append(two - one)
    more = statistics.median(differences)
    return Row(
        "pytest's start-up with the plug-in installed and unused, processor time, in pairs",
        f"{more * 1000:+.1f} ms",
        f"pytest without it, {statistics.median(base) * 1000:.0f} ms; a limit of 15 ms",
        more / 0.015,
        "<= 1",
        more <= 0.015,
    )


def _installed() -> bool:
    from importlib.metadata import entry_points

    return any(entry.name == "trialspec" for entry in entry_points(group="pytest11"))


# ---- a vector as a test


def _vectors(runs: int) -> Row:
    """Sessions of pytest that judge all vectors or none of them, beside the judging alone."""
    from trialspec.oracle.adapters.connection import Connection
    from trialspec.oracle.conformance.examine import Examiner
    from trialspec.oracle.conformance.source import from_file

    plug_in = [] if _installed() else ["-p", PLUGIN]
    with tempfile.TemporaryDirectory() as folder:
        path = _written(folder)
        session = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plug_in]
        session += ["--spec-adapter", f"{ECHO}:Echo", path]
        whole = process(session, runs)
        # no test is run: exit code 5
        nothing = shlex.join([*session, "-k", "nothing"])
        none = process(["sh", "-c", f"{nothing}; test $? -eq 5"], runs)
        vectors = from_file(path)

        def alone() -> int:
            with Connection(f"{ECHO}:Echo") as connection:
                examiner = Examiner(connection)
                for task in vectors.tasks:
                    examiner.judge(task)
            return len(vectors.tasks)

        judging = call(alone, runs)
    each = (whole.cpu - none.cpu) / VECTORS
    more = each - judging
    return Row(
        "each vector as a test of pytest, beyond the judging itself, processor time",
        f"{more * 1000:.2f} ms",
        f"the judging alone, {judging * 1000:.2f} ms; a limit of 2 ms",
        more / 0.002,
        "<= 1",
        more <= 0.002,
    )


def _written(folder: str) -> str:
    """A vectors file that the echo passes: ten steps, many times."""
    from trialspec.oracle import Case
    from trialspec.oracle.vectors import Group, Step, Suite, Vector, plain_constants, write_suite
    from trialspec.spec.meaning import machine_hash
    from trialspec.spec.registry import load

    bound = Case("ibrutinib-mm").bound
    step = Step("evaluate", {"dlt": False}, "accepted", "IBR-05", "", {})
    made = tuple(Vector(f"all/v{i}", "nominal", (step,) * 10) for i in range(VECTORS))
    suite = Suite(
        "ibrutinib-mm",
        "trial",
        machine_hash(load("ibrutinib-mm"), constants=bound.constants, readings=bound.readings),
        plain_constants(bound.constants),
        dict(bound.readings),
        "complete",
        (Group("all", ("IBR-05",), "All the same.", made),),
    )
    path = Path(folder, "echo.vectors.json")
    path.write_text(write_suite(suite))
    return str(path)


# ---- a step over JSON lines


def _steps(runs: int) -> list[Row]:
    """Vectors of many steps judged over JSON lines, beside a bare exchange of such lines."""
    peer = _median(_bare, runs)
    found = []
    for name, verbs in (("one by one", ""), ("by the verb run", " run")):
        ours = _median(lambda v=verbs: _judged(f"cmd:{sys.executable} {ECHO}{v}"), runs)
        ratio = 1 / ours / 15_000
        found.append(
            Row(
                f"steps judged over JSON lines, {name}",
                f"{1 / ours:,.0f}/s",
                "a bar of 15,000/s; one such line written, one read and parsed, nothing more: "
                f"{1 / peer:,.0f}/s",
                ratio,
                ">= 1",
                ratio >= 1,
            )
        )
    return found


def _median(work: Callable[[], float], runs: int) -> float:
    """The median of some seconds that ``work`` measures itself; the first are to warm up."""
    return statistics.median([work() for _ in range(runs + 1)][1:])


def _judged(adapter: str) -> float:
    """Seconds a step, for vectors on a program that has been started."""
    from trialspec.oracle.adapters.connection import Connection
    from trialspec.oracle.conformance.examine import Task, examine
    from trialspec.oracle.vectors import Step, Suite, Vector

    shown = {"state": "open", "level": 1, "treated": [3, 0, 0]}
    step = Step("evaluate", {"dlt": False}, "accepted", "IBR-05", "", shown)
    vector = Vector("all/one", "nominal", (step,) * STEPS)
    task = Task(Suite("ibrutinib-mm", "trial", "", {}, {}, "", ()), vector, {})
    with Connection(adapter) as connection:
        connection.describe()
        started = time.perf_counter()
        for _ in range(REPEATED):
            if examine(connection, task).outcome != "passed":
                sys.exit("the echo does not pass")
        return (time.perf_counter() - started) / (REPEATED * STEPS)


def _bare() -> float:
    """Seconds for one exchange without checks, limits or time-outs."""
    with subprocess.Popen(
        [sys.executable, str(ECHO)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as child:
        assert child.stdin and child.stdout
        request = {"seq": 1, "verb": "apply", "event": "evaluate", "arguments": {"dlt": False}}
        child.stdin.write(json.dumps(request).encode() + b"\n")
        os.read(child.stdout.fileno(), 65_536)
        started = time.perf_counter()
        for _ in range(REPEATED * STEPS):
            os.write(child.stdin.fileno(), json.dumps(request).encode() + b"\n")
            json.loads(os.read(child.stdout.fileno(), 65_536))
        seconds = time.perf_counter() - started
        child.stdin.close()
    return seconds / (REPEATED * STEPS)
