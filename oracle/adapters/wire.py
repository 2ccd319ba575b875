"""One JSON object a line: requests written, answers read within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...spec.place import short
from .trouble import AdapterError

MAX_LINE = 1_000_000
MAX_DEPTH = 20

_HALF_CHARACTERS = (b"\\ud", b"\\uD")


def write_line(request: Mapping[str, object]) -> bytes:
    """A request as one line."""
    return _ENCODER.encode(request).encode() + b"\n"


def read_line(line: bytes) -> dict[str, Any]:
    """The object on a line; numbers with a decimal point are exact. `AdapterError` if it is none.

    >>> read_line(b'{"seq": 1, "observe": {"dose": 2.50}}')
    {'seq': 1, 'observe': {'dose': Decimal('2.50')}}
    """
    try:
        value = _DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        raise AdapterError(
            "not_utf8", f"byte 0x{line[error.start]:02x} at position {error.start} is not UTF-8"
        ) from None
    except json.JSONDecodeError as error:
        shown = short(line.decode().strip(), 80)
        raise AdapterError("not_json", f"{error.msg} at column {error.colno}: {shown}") from None
    except RecursionError:
        raise AdapterError("too_deep", f"nested more than {MAX_DEPTH} deep") from None
    except ValueError as error:
        raise AdapterError("not_json", short(str(error), 100)) from None
    if not isinstance(value, dict):
        shown = short(line.decode().strip(), 80)
        raise AdapterError("not_an_object", f"an answer is a JSON object, this is {shown}")
    # brackets and escapes are few in honest answers: most lines are not looked at again
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH or any(h in line for h in _HALF_CHARACTERS):
        _check(value)
    return value


def _check(value: Any) -> None:
    """Refuses deep nesting, and texts with half of a character, which nothing can print."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                inner += [*item, *item.values()]
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, str) and not item.isascii():
                _check_text(item)
        layer = inner
    if layer:
        raise AdapterError("too_deep", f"nested more than {MAX_DEPTH} deep")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise AdapterError("not_json", f"half of a surrogate pair in {short(text)}") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise AdapterError("duplicate_key", f"the key {short(twice)} occurs twice")
    return made


def _constant(text: str) -> Any:
    raise AdapterError("not_a_number", f"{text} is no JSON number")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"{text[:40]} is beyond every exact number") from None


_ENCODER = json.JSONEncoder(separators=(",", ":"))
_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_decimal, parse_constant=_constant
)
