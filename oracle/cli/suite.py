"""``spec-check suite``: writes the vectors that a system can be tested with."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...spec.model import Protocol
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from ..suites.criteria import CRITERIA, check_criterion
from ..vectors import ENDING, KINDS, Suite, write_suite
from .codes import OK
from .common import add_binding, check_constants, constants_for, parser, print_json, write_file

EPILOG = "criteria:\n" + "\n".join(f"  {name:<12} {text}" for name, text in CRITERIA.items())


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    check_criterion(options.cover)
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    # everything is made before anything is written
    suites = _suites(protocol, options)
    names = file_names(suites)
    written = [(options.output / name, suite) for name, suite in zip(names, suites, strict=True)]
    for path, suite in written:
        write_file(path, write_suite(suite).encode())
    if options.json:
        entries = [_entry(path, suite) for path, suite in written]
        print_json(
            "suite",
            {"protocol": protocol.name, "criterion": options.cover, "machines": entries},
        )
    elif not options.quiet:
        for path, suite in written:
            print(
                f"{path}: {len(suite.groups)} groups, {len(suite.vectors)} vectors, "
                f"{suite.steps} steps"
            )
    return OK


def _options() -> argparse.ArgumentParser:
    made = parser(
        "suite", "Writes test vectors for a system: events, answers, and what should be seen."
    )
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.epilog = EPILOG
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        required=True,
        help=f"the folder for PROTOCOL.MACHINE{ENDING}",
    )
    made.add_argument("--machine", help="only this machine, trial or subject")
    made.add_argument(
        "--cover", default="complete", metavar="CRITERION", help="what to cover; default complete"
    )
    add_binding(made)
    return made


def _suites(protocol: Protocol, options: argparse.Namespace) -> list[Suite]:
    from ..suites.build import build_suite

    machines = protocol.machines
    if options.machine is not None:
        machines = (protocol.machine(options.machine),)
    readings = parse_readings(protocol, options.reading)
    return [
        build_suite(
            bind(
                protocol,
                machine.name,
                constants=constants_for(machine, options.set),
                readings=readings,
            ),
            protocol,
            options.cover,
        )
        for machine in machines
    ]


def file_names(suites: Sequence[Suite]) -> list[str]:
    """The files of suites, each its own; a document may give its protocol any name.

    >>> file_names([Suite("../my trial", "trial", "", {}, {}, "", ())])
    ['my-trial.trial.vectors.json']
    """
    found: list[str] = []
    for suite in suites:
        whole = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{suite.protocol}.{suite.machine}").lstrip(".-")
        stem, n = whole[:150], 1
        # names are compared as file systems do that ignore case
        while f"{stem}{ENDING}".lower() in (f.lower() for f in found):
            n += 1
            stem = f"{whole[:150]}-{n}"
        found.append(f"{stem}{ENDING}")
    return found


def _entry(path: Path, suite: Suite) -> dict[str, Any]:
    kinds = Counter(v.kind for v in suite.vectors)
    return {
        "machine": suite.machine,
        "path": str(path),
        "model_sha256": suite.model_sha256,
        "groups": len(suite.groups),
        "vectors": len(suite.vectors),
        "steps": suite.steps,
        "kinds": {kind: kinds[kind] for kind in KINDS if kinds[kind]},
    }
