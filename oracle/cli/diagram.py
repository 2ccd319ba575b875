"""``spec-check diagram``: a protocol's machines, calendars and study as drawings or as text."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from ...diagrams.calendar import calendar
from ...diagrams.draw import draw
from ...diagrams.files import FORMATS, TEXT_FORMATS, Picture, content, ending, formats, stems
from ...diagrams.study import study_chart
from ...spec.errors import SpecError
from ...spec.model import Machine, Protocol
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from ...statemachines.study import compose, is_study
from .codes import OK
from .common import (
    add_binding,
    check_constants,
    constants_for,
    parser,
    print_json,
    warn,
    write_file,
)

MACHINE, CALENDAR, STUDY = "machine", "calendar", "study"


class Made(NamedTuple):
    """A picture, what it is a picture of, and the machine; none for a study."""

    kind: str
    machine: str | None
    picture: Picture


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    kinds: list[str] = list(dict.fromkeys(options.format or ["svg"]))
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    made = _pictures(protocol, options)
    if options.output is None:
        return _print(protocol, made, kinds, options.json)
    return _write(protocol, made, kinds, options)


def _options() -> argparse.ArgumentParser:
    made = parser(
        "diagram",
        "Draws a protocol: each machine with its states, rules and clauses; its calendar, days by "
        "drugs; the events that trial and subject have together.",
    )
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument("--machine", help="only this machine, trial or subject")
    made.add_argument(
        "--picture",
        action="append",
        choices=(MACHINE, CALENDAR, STUDY),
        help="only these; default all with -o, the machine without; repeatable",
    )
    made.add_argument(
        "--format",
        action="append",
        choices=FORMATS,
        help="default svg; with -o more than one may be given; mermaid draws machines alone",
    )
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write files here; without it one picture is printed as svg, dot or mermaid",
    )
    add_binding(made)
    return made


def _pictures(protocol: Protocol, options: argparse.Namespace) -> list[Made]:
    """The pictures asked for; without a choice, those there are."""
    asked: list[str] = options.picture or []
    wanted = asked or ([MACHINE] if options.output is None else [MACHINE, CALENDAR, STUDY])
    if STUDY in asked and options.machine is not None:
        raise SpecError("a study has both machines", hint="leave --machine out")
    chosen = protocol.machines
    if options.machine is not None:
        chosen = (protocol.machine(options.machine),)
    made = [each for machine in chosen for each in _of(protocol, machine, wanted, options)]
    if CALENDAR in asked and all(each.kind != CALENDAR for each in made):
        names = ", ".join(machine.name for machine in chosen)
        raise SpecError(
            f"{protocol.name} has no calendar", hint=f"no regimens are declared in: {names}"
        )
    if STUDY in asked or (STUDY in wanted and options.machine is None and is_study(protocol)):
        made.append(Made(STUDY, None, _study(protocol, options)))
    return made


def _of(
    protocol: Protocol, machine: Machine, wanted: list[str], options: argparse.Namespace
) -> list[Made]:
    """A machine and its calendar, as far as they are wanted."""
    if MACHINE not in wanted and CALENDAR not in wanted:
        return []
    bound = bind(
        protocol,
        machine.name,
        constants=constants_for(machine, options.set),
        readings=parse_readings(protocol, options.reading),
    )
    made = [Made(MACHINE, machine.name, draw(protocol, bound))] if MACHINE in wanted else []
    sheet = calendar(protocol, bound) if CALENDAR in wanted else None
    return [*made, Made(CALENDAR, machine.name, sheet)] if sheet else made


def _study(protocol: Protocol, options: argparse.Namespace) -> Picture:
    constants = {}
    for machine in protocol.machines:
        constants.update(constants_for(machine, options.set))
    readings = parse_readings(protocol, options.reading)
    return study_chart(protocol, compose(protocol, constants, readings))


def _print(protocol: Protocol, made: list[Made], kinds: list[str], json: bool) -> int:
    binary = [k for k in kinds if k not in TEXT_FORMATS]
    if binary:
        raise SpecError(f"a {binary[0]} is not printed", hint="name a folder with -o")
    if len(made) != 1:
        machines = [each.machine or STUDY for each in made if each.kind == made[0].kind]
        if len(machines) != len(made):
            raise SpecError("one picture at a time is printed", hint="name a folder with -o")
        raise SpecError(
            f"{protocol.name} has these machines: {', '.join(machines) or 'none'}",
            hint="choose one with --machine, or name a folder with -o",
        )
    if len(kinds) > 1:
        raise SpecError("one format at a time is printed", hint="name a folder with -o")
    ((kind, machine, picture),) = made
    text = content(picture, kinds[0]).decode()
    if json:
        entry = {"machine": machine, "picture": kind, "format": kinds[0], "text": text}
        print_json("diagram", {"protocol": protocol.name, "diagrams": [entry]})
    else:
        sys.stdout.write(text)
    return OK


def _write(
    protocol: Protocol, made: list[Made], kinds: list[str], options: argparse.Namespace
) -> int:
    found = [
        (each, kind, options.output / f"{stem}.{ending(kind)}")
        for stem, each in zip(stems(m.picture for m in made), made, strict=True)
        for kind in kinds
        # asked for by name, a picture without this format is an error
        if kind in formats(each.picture) or options.picture
    ]
    # everything is drawn before anything is written
    files = [(each, kind, path, content(each.picture, kind)) for each, kind, path in found]
    for _, _, path, data in files:
        write_file(path, data)
    drawn = {each.kind for each, _, _, _ in files}
    missing = [each.kind for each in made if each.kind not in drawn]
    if missing and not options.quiet:
        warn(f"left out, as Mermaid draws no tables: {', '.join(dict.fromkeys(missing))}")
    if options.json:
        entries = [
            {"machine": each.machine, "picture": each.kind, "format": kind, "path": str(path)}
            for each, kind, path, _ in files
        ]
        print_json("diagram", {"protocol": protocol.name, "diagrams": entries})
    elif not options.quiet:
        for _, _, path, _ in files:
            print(path)
    return OK
