"""Protocols as JSON and YAML documents, in and out; an untrusted document can't run code.

A document is the protocol's own fields as plain JSON values; `schema` describes it. What equals
its default is left out. Exact decimals are texts, claims name their machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from .errors import SpecError
from .json_reader import json_events, not_exact, parse_json
from .model import Machine, Protocol
from .place import DocumentError, Path, locate, short
from .shapes import (
    DECIMAL,
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
    decimal_text,
    plain_expression,
    protocol_record,
    record,
)
from .text_file import decoded, read_bytes
from .yaml_reader import parse_yaml, yaml_events

# ---- out


def to_document(protocol: Protocol) -> dict[str, Any]:
    """The protocol as plain JSON values, ``"format": "trialspec/protocol/1"`` first."""
    return dict(encode(protocol_record(), protocol))


def machine_document(machine: Machine, *, prose: bool = True) -> dict[str, Any]:
    """One machine as in a document, without its claims."""
    return dict(encode(record(Machine), machine, prose=prose))


def dump_json(protocol: Protocol) -> str:
    """The document as JSON text, indented, with a line end."""
    return json.dumps(to_document(protocol), indent=2, ensure_ascii=False) + "\n"


def dump_yaml(protocol: Protocol) -> str:
    """The document as YAML text that readers of YAML 1.1 and 1.2 understand alike."""
    from .yaml_writer import yaml_text

    return yaml_text(to_document(protocol))


def encode(shape: Shape, value: Any, *, prose: bool = True) -> Any:
    """A value of the model as JSON values; without ``prose``, only what it means."""
    match shape:
        case Expression():
            return None if value is None else plain_expression(value)
        case ConstantValue():
            return _encode_constant(value)
        case Listing(item, single):
            given = value if isinstance(value, tuple) else (value,)
            items = [encode(item, v, prose=prose) for v in given]
            return items[0] if single and len(items) == 1 else items
        case Entries(inner):
            return {name: encode(inner, v, prose=prose) for name, v in value.items()}
        case Choice(records):
            found = [r for r in records if isinstance(value, r.made)]
            return encode(found[0], value, prose=prose) if found else value
        case Record():
            return _encode_record(shape, value, prose)
        case Fixed() | Scalar():
            return value


def _encode_record(shape: Record, value: Any, prose: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"type": shape.tag} if shape.tag else {}
    for field in shape.fields:
        if field.prose and not prose:
            continue
        encoded = encode(field.shape, field.get(value), prose=prose)
        if field.required or field.shown or encoded != field.default:
            made[field.name] = encoded
    return made


def _encode_constant(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode_constant(v) for v in value]
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        return {"label": value}
    return value


# ---- in


def read_document(path: str | FilePath) -> Protocol:
    """The protocol in a JSON or YAML file, at most 5 MB.

    The ending .json, .yaml or .yml decides which it is, else the first character. Everything
    wrong with the file is a `SpecError` that names it and, where there is one, line and column.
    """
    name = str(path)
    text = decoded(name, read_bytes(name))
    suffix = FilePath(name).suffix.lower()
    is_json = suffix == ".json" or (
        suffix not in (".yaml", ".yml") and text.lstrip()[:1] in ("{", "[")
    )
    try:
        tree = parse_json(text) if is_json else parse_yaml(text)
        return _protocol(tree)
    except DocumentError as fault:
        place = fault.place or locate(json_events(text) if is_json else yaml_events(text), fault)
        if place is None:
            raise fault.spec_error(name) from None
        line = "".join(text.split("\n", place.line)[place.line - 1 : place.line])
        where = f"{name}:{place.line}:{place.column}"
        raise fault.spec_error(where, line, place.column - 1) from None


def from_document(document: Mapping[str, Any], where: str = "") -> Protocol:
    """The protocol that plain JSON values describe; `SpecError` naming the path of what is wrong.

    The keys ``cited_by``, ``notice`` and ``paragraph``, which listings add, are skipped.
    """
    try:
        return _protocol(document)
    except DocumentError as fault:
        raise fault.spec_error(where) from None


def _protocol(tree: Any) -> Protocol:
    found: Protocol = _decode(protocol_record(), tree, ())
    return found


def _decode(shape: Shape, value: Any, path: Path) -> Any:
    match shape:
        case Record():
            return _decode_record(shape, value, path)
        case Choice(records, scalar):
            if isinstance(value, Mapping):
                return _decode_record(_chosen(records, value, path), value, path)
            if scalar is None or _type(value) not in scalar.types:
                raise _wrong(value, ("object", *(scalar.types if scalar else ())), path)
            return value
        case Listing(item, single):
            if isinstance(value, list | tuple):
                return tuple(_decode(item, v, (*path, i)) for i, v in enumerate(value))
            if single:
                return (_decode(item, value, path),)
            raise _wrong(value, ("list",), path)
        case Entries(inner):
            _check_object(value, path)
            return {name: _decode(inner, v, (*path, name)) for name, v in value.items()}
        case ConstantValue():
            return _decode_constant(value, path)
        case Expression():
            if _type(value) not in ("string", "integer", "boolean"):
                raise _wrong(value, ("string", "integer"), path)
            return str(value) if isinstance(value, bool) else value
        case Fixed(fixed):
            if value != fixed:
                raise DocumentError(SpecError(f"must be {fixed!r}, this is {short(value)}"), path)
            return value
        case Scalar(types):
            if _type(value) not in types:
                raise _wrong(value, types, path)
            return value


def _decode_record(shape: Record, value: Any, path: Path) -> Any:
    _check_object(value, path)
    known = {f.name: f for f in shape.fields}
    for key in value:
        if key not in known and key not in IGNORED and not (key == "type" and shape.tag):
            raise DocumentError(_unknown(key, tuple(known)), (*path, key), key=True)
    given: dict[str, Any] = {}
    for name, field in known.items():
        found = value.get(name)
        if found is not None:
            given[field.attribute] = _decode(field.shape, found, (*path, name))
        elif field.required:
            raise DocumentError(SpecError(f"{name!r} is missing"), path)
    try:
        return shape.build(**given)
    except DocumentError as fault:
        raise fault.under(path) from None
    except SpecError as error:
        raise DocumentError(error, (*path, *_blamed(error, value, shape.fields))) from None


def _blamed(error: SpecError, value: Mapping[str, Any], fields: tuple[Field, ...]) -> Path:
    """The key whose text an error of the expression language shows."""
    if error.column is not None:
        for field in fields:
            found = value.get(field.name)
            if isinstance(field.shape, Entries) and isinstance(found, Mapping):
                for key, text in found.items():
                    if str(text).strip() == error.text:
                        return field.name, key
            elif str(found).strip() == error.text:
                return (field.name,)
    return ()


def _chosen(records: tuple[Record, ...], value: Mapping[str, Any], path: Path) -> Record:
    """The record whose tag the object carries."""
    if len(records) == 1:
        return records[0]
    tags = ", ".join(r.tag for r in records)
    if "type" not in value:
        raise DocumentError(SpecError("'type' is missing", hint=f"types: {tags}"), path)
    for found in records:
        if found.tag == value["type"]:
            return found
    error = SpecError(f"unknown type {short(value['type'])}", hint=f"types: {tags}")
    raise DocumentError(error, (*path, "type"))


def _decode_constant(value: Any, path: Path, table: bool = False) -> Any:
    if isinstance(value, str):
        if DECIMAL.fullmatch(value):
            return Decimal(value)
        if not table:
            return value
    if isinstance(value, int) and not (table and isinstance(value, bool)):
        return value
    if isinstance(value, list | tuple) and not table:
        return tuple(_decode_constant(v, (*path, i), True) for i, v in enumerate(value))
    if isinstance(value, Mapping) and not table:
        label = value.get("label")
        if len(value) == 1 and isinstance(label, str):
            return label
    allowed = ("integer",) if table else ("integer", "string", "boolean", "list")
    raise _wrong(value, allowed, path)


# ---- messages

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
    "list": "a list",
    "object": "an object",
    "number": "a number",
}


def _type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kinds, name in ((str, "string"), (int, "integer"), (Mapping, "object")):
        if isinstance(value, kinds):
            return name
    return "list" if isinstance(value, list | tuple) else "number"


def _wrong(value: object, types: tuple[str, ...], path: Path) -> DocumentError:
    if isinstance(value, float):
        return DocumentError(not_exact(str(value)), path)
    found = _type(value)
    what = short(value) if found in ("string", "integer", "boolean", "null") else _WORDS[found]
    hint = ""
    if "string" in types and found in ("integer", "boolean"):
        hint = f'write "{short(value)}", in quotes'
    elif types == ("boolean",) and str(value).lower() in ("true", "false"):
        hint = f"write {str(value).lower()}, without quotes"
    expected = " or ".join(_WORDS[t] for t in types if t != "null")
    return DocumentError(SpecError(f"must be {expected}, this is {what}", hint=hint), path)


def _check_object(value: Any, path: Path) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(value, ("object",), path)
    for key in value:
        if not isinstance(key, str):
            raise DocumentError(SpecError(f"a key must be text, this is {short(key)}"), path)


def _unknown(key: str, known: tuple[str, ...]) -> SpecError:
    near = get_close_matches(key[:60], known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
    return SpecError(f"unknown key {short(key)}", hint=hint)
