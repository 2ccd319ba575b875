"""``spec-check list``: the protocols and how large they are."""

from __future__ import annotations

from ...spec.registry import names
from ...spec.summary import kept, summary
from .codes import OK
from .common import parser, print_json


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = parser("list", "Lists the protocols.").parse_args(argv)
    known = kept()
    entries = [known.get(name) or summary(name) for name in names()]
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
