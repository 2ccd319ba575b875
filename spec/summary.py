"""Titles and sizes of the shipped protocols, kept in a file so that ``list`` builds none of them.

``python -m trialspec.spec.summary FILE`` writes it anew; a test compares it with the protocols.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from .registry import SHIPPED, load, names

FILE = "protocols/summary.json"


def summary(name: str) -> dict[str, Any]:
    """One protocol's entry of ``list``, counted from the protocol itself."""
    protocol = load(name)
    return {
        "protocol": protocol.name,
        "title": protocol.title,
        "states": sum(len(m.states) for m in protocol.machines),
        "clauses": len(protocol.clauses),
        "ambiguities": len(protocol.ambiguities),
        "invariants": sum(len(m.invariants) for m in protocol.machines),
    }


def kept() -> dict[str, dict[str, Any]]:
    """The entries in the file, by name."""
    with open(os.path.join(os.path.dirname(__file__), FILE), encoding="utf-8") as file:
        return {entry["protocol"]: entry for entry in json.load(file)}


def shipped() -> tuple[str, ...]:
    """The registered names that this package ships."""
    return tuple(name for name in names() if name in SHIPPED)


if __name__ == "__main__":
    text = json.dumps([summary(name) for name in shipped()], indent=1, ensure_ascii=False) + "\n"
    with open(sys.argv[1], "w", encoding="utf-8") as output:
        output.write(text)
