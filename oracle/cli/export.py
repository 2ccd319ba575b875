"""``spec-check export``: the spec as a document."""

from __future__ import annotations

import sys
from pathlib import Path

from ...spec.registry import load
from .codes import OK
from .common import parser, write_file


def run(argv: list[str]) -> int:
    """Runs the command."""
    made = parser("export", "Writes a protocol as a document that every command can read.")
    made.add_argument("protocol")
    made.add_argument("--format", choices=("json", "yaml", "smtlib"), default="json")
    made.add_argument("-o", "--output", metavar="FILE", help="a file instead of standard output")
    options = made.parse_args(argv)
    protocol = load(options.protocol)
    if options.format == "smtlib":
        from ...statemachines.proof.verify import scripts_text

        text = scripts_text(protocol)
    else:
        from ...spec.document import dump_json, dump_yaml

        text = dump_json(protocol) if options.format == "json" else dump_yaml(protocol)
    if options.output:
        write_file(Path(options.output), text.encode())
    else:
        sys.stdout.write(text)
    return OK
