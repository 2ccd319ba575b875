"""``spec-check export``: the spec as a document."""

from __future__ import annotations

import sys
from pathlib import Path

from ...spec.registry import load
from .codes import OK
from .common import parser, write_file

ENDINGS = {"json": (".json",), "yaml": (".yaml", ".yml"), "smtlib": (".smt2",)}


def _by_ending(path: str) -> str:
    return next((name for name, ends in ENDINGS.items() if path.endswith(ends)), "json")


def run(argv: list[str]) -> int:
    """Runs the command."""
    made = parser("export", "Writes a protocol as a document that every command can read.")
    made.add_argument("protocol")
    made.add_argument(
        "--format", choices=tuple(ENDINGS), help="json unless the output's ending says otherwise"
    )
    made.add_argument("-o", "--output", metavar="FILE", help="a file instead of standard output")
    options = made.parse_args(argv)
    protocol = load(options.protocol)
    format = options.format or _by_ending(options.output or "")
    if format == "smtlib":
        from ...statemachines.proof.verify import scripts_text

        text = scripts_text(protocol)
    else:
        from ...spec.document import dump_json, dump_yaml

        text = dump_json(protocol) if format == "json" else dump_yaml(protocol)
    if options.output:
        write_file(Path(options.output), text.encode())
    else:
        sys.stdout.write(text)
    return OK
