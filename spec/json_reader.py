"""JSON from outside, read within limits; what a protocol can't hold is refused with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .errors import SpecError
from .place import DocumentError, Event, Path, Place, check_text

MAX_NESTING = 60
MAX_DIGITS = 18

_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)
_HARMLESS = (int, bool, type(None))
_TOKENS = re.compile(r'(?P<text>"(?:[^"\\]++|\\.)*+")|(?P<mark>[][{}])|[^]\s[{},:"]++', re.DOTALL)


class _Refused:
    """Stands in the tree for a value that is refused, until its path is known."""

    def __init__(self, error: SpecError, key: str | None = None) -> None:
        self.error = error
        self.key = key


def not_exact(text: str) -> SpecError:
    """The error for a number with a decimal point or an exponent."""
    return SpecError(
        f"{text[:40]} would be read as a binary float, which is not exact",
        hint=f'write "{text[:40]}", in quotes' if len(text) <= 40 else "write it in quotes",
    )


def duplicate(key: str) -> SpecError:
    """The error for a key that occurs twice in one mapping."""
    return SpecError(f"the key {key[:60]!r} occurs twice", hint="remove one of the two")


def too_long(digits: str) -> SpecError:
    """The error for an integer that no protocol needs."""
    return SpecError(f"a number of {len(digits)} digits; the limit is {MAX_DIGITS}")


def not_finite(text: str) -> SpecError:
    """The error for NaN and the infinities."""
    return SpecError(f"{text} is not a number that a protocol can hold")


def parse_json(text: str) -> Any:
    """The plain value of a JSON text; `DocumentError` for everything that is not one."""
    _check_nesting(text)
    try:
        tree = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_float=_float,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        message = error.msg[0].lower() + error.msg[1:]
        raise DocumentError(
            SpecError(f"not JSON: {message}"), place=Place(error.lineno, error.colno)
        ) from None
    _check_values(tree)
    return tree


def json_events(text: str) -> Iterator[Event]:
    """The steps through a valid JSON text, for finding places in it."""
    line, start, last = 1, 0, 0
    for token in _TOKENS.finditer(text):
        at = token.start()
        line += text.count("\n", last, at)
        start = max(start, text.rfind("\n", last, at) + 1)
        last = at
        place = Place(line, at - start + 1)
        if token["mark"] and token["mark"] in "}]":
            yield Event("end", None, place)
        elif token["mark"]:
            yield Event(token["mark"], None, place)
        else:
            yield Event("value", json.loads(token[0]) if token["text"] else None, place)


def place_at(text: str, offset: int) -> Place:
    """The line and column of a character."""
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _check_nesting(text: str) -> None:
    # before the parser, which is recursive, sees the text
    depth = 0
    for match in _BRACKETS.finditer(text):
        mark = match[0]
        if mark in ("[", "{"):
            depth += 1
            if depth > MAX_NESTING:
                raise DocumentError(
                    SpecError(f"nested more than {MAX_NESTING} deep"),
                    place=place_at(text, match.start()),
                )
        elif mark in ("]", "}"):
            depth -= 1


def _mapping(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                return _Refused(duplicate(key), key)
            seen.add(key)
    return made


def _float(text: str) -> _Refused:
    return _Refused(not_exact(text))


def _integer(text: str) -> int | _Refused:
    digits = text.lstrip("-")
    return int(text) if len(digits) <= MAX_DIGITS else _Refused(too_long(digits))


def _constant(text: str) -> _Refused:
    return _Refused(not_finite(text))


def _check_values(tree: Any) -> None:
    """Raises the first refused value, in the order of the document."""
    todo: list[tuple[Path, Any]] = [((), tree)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, _Refused):
            if value.key is not None:
                raise DocumentError(value.error, (*path, value.key), key=True, occurrence=2)
            raise DocumentError(value.error, path)
        if isinstance(value, str):
            wrong = check_text(value)
            if wrong:
                raise DocumentError(wrong, path)
        elif isinstance(value, list):
            items = range(len(value) - 1, -1, -1)
            todo.extend(((*path, i), value[i]) for i in items if type(value[i]) not in _HARMLESS)
        elif isinstance(value, dict):
            for key in value:
                wrong = check_text(key)
                if wrong:
                    raise DocumentError(wrong, path)
            todo.extend(
                ((*path, key), item)
                for key, item in reversed(value.items())
                if type(item) not in _HARMLESS
            )
