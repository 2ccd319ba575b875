"""The JSON Schema of protocol documents, drawn up from the same table that reads and writes them.

``python -m trialspec.spec.schema > spec/protocol.schema.json`` writes the file that is shipped.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from .json_reader import MAX_DIGITS
from .shapes import (
    DECIMAL,
    FORMAT,
    IGNORED,
    Choice,
    ConstantValue,
    Entries,
    Expression,
    Field,
    Fixed,
    Listing,
    Record,
    Scalar,
    Shape,
    protocol_record,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def protocol_schema() -> dict[str, Any]:
    """The schema as plain JSON values (draft 2020-12); each kind of object is a definition."""
    definitions: dict[str, Any] = {}
    root = _record(protocol_record(), definitions)
    return {
        "$schema": DRAFT,
        "$id": "urn:" + FORMAT.replace("/", ":"),
        "title": "A clinical-trial protocol as explicit state machines",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as the text of the shipped file."""
    return json.dumps(protocol_schema(), indent=2) + "\n"


def _schema(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case Fixed(value):
            return {"const": value}
        case Scalar(types):
            return {"type": types[0] if len(types) == 1 else list(types)}
        case Expression():
            return {"type": ["string", "integer", "boolean"]}
        case ConstantValue():
            definitions["constant"] = _CONSTANT
            return {"$ref": "#/$defs/constant"}
        case Listing(item, single):
            inner = _schema(item, definitions)
            listed = {"type": "array", "items": inner}
            return {"anyOf": [inner, listed]} if single else listed
        case Entries(value):
            return {"type": "object", "additionalProperties": _schema(value, definitions)}
        case Choice(records, scalar):
            options = [_schema(r, definitions) for r in records]
            if scalar:
                options.append(_schema(scalar, definitions))
            return {"anyOf": options}
        case Record(name):
            if name not in definitions:
                definitions[name] = {}
                definitions[name] = _record(shape, definitions)
            return {"$ref": f"#/$defs/{name}"}


def _record(shape: Record, definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {"type": {"const": shape.tag}} if shape.tag else {}
    for field in shape.fields:
        properties[field.name] = _property(field, definitions)
    required = [f.name for f in shape.fields if f.required]
    return {
        "description": shape.meaning,
        "type": "object",
        "required": ["type", *required] if shape.tag else required,
        "properties": properties,
        "patternProperties": {f"^({'|'.join(map(re.escape, IGNORED))})$": True},
        "additionalProperties": False,
    }


def _property(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    found = _schema(field.shape, definitions)
    if field.required:
        return found
    # null is the same as leaving the key out
    if isinstance(found.get("type"), str):
        found = {**found, "type": [found["type"], "null"]}
    elif "type" in found:
        found = {**found, "type": [*(t for t in found["type"] if t != "null"), "null"]}
    else:
        found = {"anyOf": [*found.get("anyOf", [found]), {"type": "null"}]}
    return found if field.default is None else {**found, "default": field.default}


_CONSTANT: dict[str, Any] = {
    "description": "A number, truth value, label or table. A text that reads as a decimal is one; "
    f"integers have at most {MAX_DIGITS} digits.",
    "anyOf": [
        {"type": ["integer", "boolean", "string"]},
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "integer"},
                    {"type": "string", "pattern": f"^{DECIMAL.pattern}$"},
                ]
            },
        },
        {
            "type": "object",
            "required": ["label"],
            "properties": {"label": {"type": "string"}},
            "additionalProperties": False,
        },
    ],
}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
