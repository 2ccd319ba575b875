"""``spec-check diagram``: a protocol's machines as drawings or as text."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...diagrams.chart import Chart
from ...diagrams.draw import draw
from ...diagrams.files import FORMATS, TEXT_FORMATS, content, ending, stems
from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from .codes import OK
from .common import add_binding, check_constants, constants_for, parser, print_json, write_file


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    kinds: list[str] = list(dict.fromkeys(options.format or ["svg"]))
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    charts = _charts(protocol, options)
    if options.output is None:
        return _print(protocol, charts, kinds, options.json)
    return _write(protocol, charts, kinds, options)


def _options() -> argparse.ArgumentParser:
    made = parser("diagram", "Draws a protocol's machines: states, rules with their clauses, caps.")
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument("--machine", help="only this machine, trial or subject")
    made.add_argument(
        "--format",
        action="append",
        choices=FORMATS,
        help="default svg; with -o more than one may be given",
    )
    made.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write files here; without it one machine is printed as svg, dot or mermaid",
    )
    add_binding(made)
    return made


def _charts(protocol: Protocol, options: argparse.Namespace) -> list[Chart]:
    chosen = protocol.machines
    if options.machine is not None:
        chosen = (protocol.machine(options.machine),)
    readings = parse_readings(protocol, options.reading)
    return [
        draw(
            protocol,
            bind(
                protocol,
                machine.name,
                constants=constants_for(machine, options.set),
                readings=readings,
            ),
        )
        for machine in chosen
    ]


def _print(protocol: Protocol, charts: list[Chart], kinds: list[str], json: bool) -> int:
    binary = [k for k in kinds if k not in TEXT_FORMATS]
    if binary:
        raise SpecError(f"a {binary[0]} is not printed", hint="name a folder with -o")
    if len(charts) != 1:
        listed = ", ".join(c.machine for c in charts) or "none"
        raise SpecError(
            f"{protocol.name} has these machines: {listed}",
            hint="choose one with --machine, or name a folder with -o",
        )
    if len(kinds) > 1:
        raise SpecError("one format at a time is printed", hint="name a folder with -o")
    text = content(charts[0], kinds[0]).decode()
    if json:
        entry = {"machine": charts[0].machine, "format": kinds[0], "text": text}
        print_json("diagram", {"protocol": protocol.name, "diagrams": [entry]})
    else:
        sys.stdout.write(text)
    return OK


def _write(
    protocol: Protocol, charts: list[Chart], kinds: list[str], options: argparse.Namespace
) -> int:
    # everything is drawn before anything is written
    made = [
        (chart.machine, kind, options.output / f"{stem}.{ending(kind)}", content(chart, kind))
        for stem, chart in zip(stems(charts), charts, strict=True)
        for kind in kinds
    ]
    for _, _, path, data in made:
        write_file(path, data)
    if options.json:
        entries = [{"machine": m, "format": k, "path": str(p)} for m, k, p, _ in made]
        print_json("diagram", {"protocol": protocol.name, "diagrams": entries})
    elif not options.quiet:
        for _, _, path, _ in made:
            print(path)
    return OK
