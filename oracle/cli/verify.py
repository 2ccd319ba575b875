"""``spec-check verify``: every obligation of every machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...spec.accounting import unaccounted
from ...spec.citations import unknown
from ...spec.model import Protocol
from ...spec.readings import parse_readings
from ...spec.registry import load, names
from ...spec.study import SUBJECT, TRIAL
from ..collector import without_collector
from .codes import DEVIATION, INCONCLUSIVE, INPUT, OK, worst
from .common import add_binding, check_constants, constants_for, parser, print_json, warn
from .verify_text import machine_text, summary_text

STUDY = "study"

# a rule that leaves a range or looks outside an array is a defect of the spec, not of a trial
SPEC_ERRORS = ("range", "definedness")


@dataclass(frozen=True)
class Job:
    """One machine to verify; everything a worker process needs."""

    argument: str
    machine: str
    settings: tuple[str, ...]
    readings: tuple[str, ...]
    engine: str
    timing: bool


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    arguments = options.protocol or list(names())
    protocols = [(a, load(a)) for a in arguments]
    jobs: list[list[Job]] = []
    for argument, protocol in protocols:
        for line in () if options.quiet else (*unknown(protocol), *unaccounted(protocol)):
            warn(f"{protocol.name} {line}")
        check_constants(protocol, options.set)
        machines = _names(protocol, options.engine)
        if options.machine not in (None, *machines):
            protocol.machine(options.machine)
        parse_readings(protocol, options.reading)
        jobs.append(
            [
                Job(
                    argument,
                    machine,
                    tuple(options.set),
                    tuple(options.reading),
                    options.engine,
                    not options.no_timing,
                )
                for machine in machines
                if options.machine in (None, machine)
            ]
        )
    flat = [job for group in jobs for job in group]
    done = iter(_entries(flat, options.jobs, options.quiet))
    answer: list[dict[str, Any]] = []
    for (_, protocol), group in zip(protocols, jobs, strict=True):
        answer.append(_protocol_entry(protocol, options, [next(done) for _ in group]))
    _show(answer, options)
    return worst(_code(o) for p in answer for m in p["machines"] for o in m["obligations"])


def _names(protocol: Protocol, engine: str) -> list[str]:
    """The machines to verify; the study, which is enumerated, after the two it is made of."""
    found = [machine.name for machine in protocol.machines]
    whole = {TRIAL, SUBJECT} <= set(found)
    return [*found, STUDY] if engine != "induction" and whole else found


def _options() -> argparse.ArgumentParser:
    made = parser(
        "verify", "Proves or refutes every obligation; a counterexample is a shortest run."
    )
    made.add_argument(
        "protocol", nargs="*", help="a name, module:attribute or document; all when none is named"
    )
    made.add_argument("--machine", help="only this one: trial, subject, or study for both together")
    made.add_argument(
        "--engine",
        default="all",
        choices=("induction", "enumeration", "all"),
        help="all: two engines that must agree (default)",
    )
    made.add_argument("--jobs", type=_count, default=1, help="processes to work in (default 1)")
    made.add_argument(
        "--runs",
        action="store_true",
        help="with the run that refutes a claim as expected, or shows that something is possible",
    )
    made.add_argument("--no-timing", action="store_true", help="leave the seconds out of JSON")
    add_binding(made)
    return made


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes")
    return int(text)


def _entries(jobs: list[Job], processes: int, quiet: bool) -> Iterator[dict[str, Any]]:
    """The machines' entries, in order; progress goes to standard error on a terminal."""
    if processes > 1 and len(jobs) > 1:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(min(processes, len(jobs))) as pool:
            yield from pool.map(entry, jobs)
        return
    progress = sys.stderr.isatty() and not quiet
    for job in jobs:
        if progress:
            warn(f"verifying {job.argument} {job.machine} ...")
        yield entry(job)


@without_collector()
def entry(job: Job) -> dict[str, Any]:
    """One machine's entry of the answer."""
    from ...statemachines.proof.verify import verify_machine
    from ..verification import machine_entry

    protocol = load(job.argument)
    if job.machine == STUDY:
        return _study_entry(protocol, job)
    report = verify_machine(
        protocol,
        job.machine,
        constants=constants_for(protocol.machine(job.machine), job.settings),
        readings=parse_readings(protocol, job.readings),
        engine=job.engine,
    )
    return machine_entry(report, job.timing)


def _study_entry(protocol: Protocol, job: Job) -> dict[str, Any]:
    from ...statemachines.proof.study import verify_study
    from ...statemachines.study import compose
    from ..verification import study_entry

    constants = {n: v for m in protocol.machines for n, v in constants_for(m, job.settings).items()}
    study = compose(protocol, constants, parse_readings(protocol, job.readings))
    return study_entry(verify_study(protocol, study), job.timing)


def _protocol_entry(
    protocol: Protocol, options: argparse.Namespace, machines: list[dict[str, Any]]
) -> dict[str, Any]:
    from ...spec.meaning import content_hash

    return {
        "protocol": protocol.name,
        "sha256": content_hash(protocol),
        "readings": parse_readings(protocol, options.reading),
        "machines": machines,
    }


def _show(answer: list[dict[str, Any]], options: argparse.Namespace) -> None:
    from ..verification import summary

    totals = summary(answer)
    if options.json:
        print_json("verification", {"protocols": answer, "summary": totals})
    else:
        for protocol in answer:
            for machine in protocol["machines"]:
                print(machine_text(protocol["protocol"], machine, options.runs))
        print(summary_text(totals))
    if options.quiet:
        return
    single = [
        o["id"]
        for p in answer
        for m in p["machines"]
        for o in m["obligations"]
        if m["machine"] != STUDY
        if o["verdict"] == "proved" and not o["agreed_by"] and o["kind"] in _TWO_ENGINES
    ]
    if single and options.engine == "all":
        listed = f"{', '.join(single[:5])}{' ...' * (len(single) > 5)}"
        warn(f"settled by enumeration alone, not inductive without more lemmas: {listed}")
    if any(_code(o) == INPUT for p in answer for m in p["machines"] for o in m["obligations"]):
        warn("a rule leaves a range or looks outside an array: an error of the specification")


_TWO_ENGINES = ("range", "definedness", "determinism", "totality", "invariant")


def _code(obligation: dict[str, Any]) -> int:
    """The exit code that one obligation calls for."""
    if obligation["verdict"] == obligation["expected"]:
        return OK
    if obligation["verdict"] in ("unknown", "bounded"):
        return INCONCLUSIVE
    if obligation["verdict"] == "refuted" and obligation["kind"] in SPEC_ERRORS:
        return INPUT
    return DEVIATION
