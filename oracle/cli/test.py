"""``spec-check test``: vectors run against a system."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.place import short
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...spec.registry import names as shipped
from ...statemachines.step import ELAPSE
from ..adapters.connection import TIMEOUT, Connection, check_argument
from ..adapters.replies import Description
from ..adapters.trouble import AdapterError
from ..conformance.examine import Examiner
from ..conformance.findings import finding
from ..conformance.results import FAILED, OUTCOMES, PASSED, SKIPPED, Result
from ..conformance.run_file import conforms, entry, header, run_json
from ..conformance.source import (
    COMPLETE,
    Source,
    Vectors,
    chosen,
    files,
    from_criterion,
    from_file,
    from_suite,
)
from .codes import DEVIATION, INCONCLUSIVE, OK
from .common import add_binding, check_constants, constants_for, parser, plain, print_json, warn
from .replay import machine_name

EPILOG = """adapters: module:Class or file.py:Class, a Python class with the methods describe,
start, apply, observe and stop; or "cmd:COMMAND", a program that answers JSON lines. Exit code 0:
every vector passed; 1: at least one failed; 3: none failed, but some errored or are unsupported,
or nothing could be judged; 2: wrong usage, vectors of another specification, or an adapter that
can't be started."""


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    check_argument(options.adapter)
    protocol = load(options.protocol)
    vectors = _vectors(protocol, options)
    ids = chosen(vectors.suite, options.id) if options.id else None
    by_id = {task.vector.id: task for task in vectors.tasks}
    tasks = list(by_id.values()) if ids is None else [by_id[id] for id in ids]
    if not tasks:
        raise SpecError("there are no vectors", where=vectors.source.vectors or options.protocol)
    with (
        contextlib.redirect_stdout(sys.stderr),
        Connection(options.adapter, options.timeout) as connection,
    ):
        try:
            description = connection.describe()
        except AdapterError as error:
            raise _cannot_start(error, options.adapter) from None
        for line in () if options.quiet else _strange(description, protocol):
            warn(plain(f"spec-check test: {line}"))
        examiner = Examiner(connection)
        results = [examiner.judge(task) for task in tasks]
    source, suite = vectors.source, vectors.suite
    entries = [entry(r, suite, source, options.adapter) for r in results]
    answer = run_json(header(suite, options.adapter, description), entries)
    if options.no_timing:
        for found in answer["results"]:
            del found["seconds"]
    if options.json:
        print_json("run", answer)
    else:
        print("\n".join(_text(answer, results, vectors, options.adapter)))
    verdict = conforms(answer["counts"])
    if verdict is None and not options.quiet:
        warn("nothing failed, but not everything was judged: this is no pass")
    return {True: OK, False: DEVIATION, None: INCONCLUSIVE}[verdict]


def _options() -> argparse.ArgumentParser:
    made = parser("test", "Runs test vectors against a system and compares every answer.")
    made.epilog = EPILOG
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument(
        "--adapter", required=True, metavar="A", help="the system: module:Class or cmd:COMMAND"
    )
    made.add_argument("--machine", help="the machine it plays: trial (default) or subject")
    made.add_argument(
        "--vectors", metavar="DIR|FILE", help="vectors written before; else they are made now"
    )
    made.add_argument(
        "--id", action="append", default=[], help="only this vector, or this group; repeatable"
    )
    made.add_argument(
        "--cover", metavar="CRITERION", help=f"which vectors to make (default {COMPLETE})"
    )
    made.add_argument(
        "--timeout",
        type=_seconds,
        default=TIMEOUT,
        metavar="S",
        help=f"the most seconds for each answer (default {TIMEOUT:g})",
    )
    made.add_argument("--no-timing", action="store_true", help="leave the seconds out of JSON")
    add_binding(made)
    return made


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    return value


def _vectors(protocol: Protocol, options: argparse.Namespace) -> Vectors:
    machine = protocol.machine(machine_name(protocol, options.machine))
    if options.vectors is None:
        check_constants(protocol, options.set)
        readings = parse_readings(protocol, options.reading)
        source = Source(
            options.protocol,
            machine.name,
            cover=options.cover or COMPLETE,
            settings=tuple(options.set),
            readings=tuple(options.reading),
        )
        constants = constants_for(machine, options.set)
        return from_criterion(source, protocol, constants, readings)
    for name in ("set", "reading", "cover"):
        if getattr(options, name):
            raise SpecError(f"--{name} says how to make vectors; --vectors names made ones")
    return _of_machine(options.vectors, options.protocol, machine.name, protocol.name)


def _of_machine(argument: str, protocol: str, machine: str, name: str) -> Vectors:
    """The one file among those given that is of the machine."""
    paths = files(argument)
    if len(paths) == 1:
        found = from_file(paths[0], protocol)
        if found.suite.machine != machine:
            raise SpecError(
                f"these are vectors of the machine {found.suite.machine}, not {machine}",
                where=paths[0],
                hint=f"give --machine {found.suite.machine}",
            )
        return found
    from ..vectors import read_suite

    fitting = {}
    for path in paths:
        suite = read_suite(Path(path))
        if (suite.protocol, suite.machine) == (name, machine):
            fitting[path] = suite
    if len(fitting) != 1:
        which = ", ".join(fitting) or "none of them"
        raise SpecError(
            f"one file of {name} {machine} is needed here, there is {which}",
            where=argument,
            hint="name one file",
        )
    ((path, suite),) = fitting.items()
    return from_suite(suite, path, protocol)


def _cannot_start(error: AdapterError, adapter: str) -> SpecError:
    lines = [plain(line) for line in error.details.splitlines() if line not in error.message]
    module = adapter.partition(":")[0].partition(".")[0]
    if f"No module named {module!r}" in error.message:
        lines.append("run it from its folder, or give path/to/file.py:Class")
    return SpecError(
        f"the system can't be started: {plain(error.message)}",
        where=plain(adapter),
        hint="\n  ".join(lines),
    )


def _strange(description: Description, protocol: Protocol) -> list[str]:
    """What a system says of itself that the protocol has not, nor any other: mostly slips."""
    shown = list(dict.fromkeys(name.partition("[")[0] for name in description.observes))
    taken = list(dict.fromkeys(description.events))
    values, events = _declared(protocol)
    if not {*shown} <= values or not {*taken} <= events:
        # one system may play many protocols
        for others in map(_declared, map(load, shipped())):
            shown = [name for name in shown if name in values or name not in others[0]]
            taken = [name for name in taken if name in events or name not in others[1]]
    found = []
    for what, given, known in (("observes", shown, values), ("events", taken, events)):
        for name in given:
            if name not in known:
                near = get_close_matches(name[:60], sorted(known), 1)
                advice = f": did you mean {near[0]}?" if near else ""
                found.append(
                    f"describe: {what} has {short(name)}, which {protocol.name} has not{advice}"
                )
    return found


def _declared(protocol: Protocol) -> tuple[set[str], set[str]]:
    """What can be observed in a protocol's machines, and their events."""
    values, events = {"state"}, {ELAPSE}
    for machine in protocol.machines:
        landmarks = {m.name for m in machine.landmarks}
        values |= landmarks | {v.name for v in machine.variables}
        events |= landmarks | {e.name for e in machine.events}
    return values, events


def _length(result: Result) -> tuple[int, int]:
    """Shortest first: by what must run before, then by steps."""
    steps = len(result.vector.steps) if result.step is None else result.step
    return len(result.after), steps


# ---- for people


def _text(
    answer: Mapping[str, Any], results: Sequence[Result], vectors: Vectors, adapter: str
) -> list[str]:
    about = answer["adapter"]
    lines = [
        f"{answer['protocol']} {answer['machine']}: {len(results)} vectors "
        f"against {plain(about['name'])} {plain(about['version'])}"
    ]
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in results:
        if result.outcome not in (PASSED, SKIPPED):
            kind = "" if result.outcome == FAILED else result.because
            groups.setdefault((result.outcome, result.key, kind), []).append(result)
    order = sorted(groups, key=lambda key: OUTCOMES.index(key[0]))
    for outcome, key, kind in order:
        same = groups[outcome, key, kind]
        # the shortest run shows best what they have in common
        shortest = min(same, key=_length)
        told = finding(shortest, vectors.suite, vectors.source, adapter)
        lines += ["", f"{outcome.upper()} {told}"]
        others = [r.vector.id for r in same if r is not shortest]
        if others:
            more = f" and {len(others) - 3} more" if len(others) > 3 else ""
            lines.append(f"  {len(others)} more with {key}: {', '.join(others[:3])}{more}")
    lines.append("")
    skipped = Counter(r.because for r in results if r.outcome == SKIPPED)
    lines += [f"{count} skipped: {why}" for why, count in sorted(skipped.items())]
    for title, names in (
        ("never observed, and so not judged", answer["never_observed"]),
        ("shown, but unknown to the protocol", answer["ignored"]),
    ):
        lines += [plain(f"{title}: {', '.join(names)}")] if names else []
    lines.append(", ".join(f"{n} {outcome}" for outcome, n in answer["counts"].items()))
    return lines
