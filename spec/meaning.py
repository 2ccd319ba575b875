"""Hashes of what protocols and machines mean: prose may change without changing them.

`spec/document.py` gives the canonical form; what has its default value is not in it, so that a
field added to the model later leaves the hashes of older protocols as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from .document import encode, machine_document
from .errors import SpecError
from .model import Ambiguity, Constant, Protocol
from .readings import resolve_readings
from .shapes import protocol_record


def content_hash(protocol: Protocol) -> str:
    """SHA-256, in hexadecimal, of everything the protocol means.

    Names, titles, paraphrases and reasons are left out, and so is where clauses stand; the ids
    that rules cite are in.
    """
    found = encode(protocol_record(), protocol, prose=False)
    return _hash(
        {
            "machines": found["machines"],
            "claims": found["claims"],
            "ambiguities": [_ambiguity(a) for a in protocol.ambiguities],
            **({"study": found["study"]} if "study" in found else {}),
        }
    )


def machine_hash(
    protocol: Protocol,
    machine: str = "trial",
    *,
    constants: Mapping[str, Constant] | None = None,
    readings: Mapping[str, str] | None = None,
) -> str:
    """SHA-256 of what one machine does under these constants and readings.

    Readings not given take their default; those the machine doesn't mention are left out, and so
    are lemmas and claims, which change nothing that it does.
    """
    found = protocol.machine(machine)
    for name in constants or {}:
        if name not in found.constants:
            known = ", ".join(found.constants) or "none"
            raise SpecError(f"{machine} has no constant {name!r}", hint=f"constants: {known}")
    made = replace(found, constants={**found.constants, **(constants or {})}, lemmas=())
    document = machine_document(made, prose=False)
    words = set(re.findall(r"[\w-]+", json.dumps(document, ensure_ascii=False)))
    chosen = resolve_readings(protocol, readings or {})
    names = {a.id: a.name for a in protocol.ambiguities}
    used = {id: slug for id, slug in chosen.items() if {id, names[id]} & words}
    return _hash({"machine": document, "readings": used})


def _ambiguity(ambiguity: Ambiguity) -> dict[str, Any]:
    # the order of the readings is what their letters a, b, c mean
    return {
        "id": ambiguity.id,
        "readings": list(ambiguity.readings),
        "default": ambiguity.default,
        "literal": ambiguity.literal,
        "gap": ambiguity.gap,
    }


def _hash(meaning: Any) -> str:
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()
