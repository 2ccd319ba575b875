"""``spec-check list``: the protocols and how large they are."""

from __future__ import annotations

from typing import Any

from ...spec.registry import load, names
from .codes import OK
from .common import parser, print_json


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = parser("list", "Lists the protocols.").parse_args(argv)
    entries = [_entry(name) for name in names()]
    if options.json:
        print_json("list", {"protocols": entries})
        return OK
    width = max((len(e["protocol"]) for e in entries), default=0)
    for e in entries:
        print(
            f"{e['protocol']:<{width}}  {e['states']} states, {e['clauses']} clauses, "
            f"{e['ambiguities']} ambiguities, {e['invariants']} invariants: {e['title']}"
        )
    return OK


def _entry(name: str) -> dict[str, Any]:
    protocol = load(name)
    return {
        "protocol": protocol.name,
        "title": protocol.title,
        "states": sum(len(m.states) for m in protocol.machines),
        "clauses": len(protocol.clauses),
        "ambiguities": len(protocol.ambiguities),
        "invariants": sum(len(m.invariants) for m in protocol.machines),
    }
