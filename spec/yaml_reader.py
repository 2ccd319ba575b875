"""YAML from outside, read from its events: plain values only, within limits.

Scalars mean what they mean in JSON: ``null``, ``true``, ``false`` and numbers as JSON writes them.
Everything else is text, so that ``no``, ``on``, ``n`` or a date are what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol, cast

from .errors import SpecError
from .json_reader import (
    MAX_DIGITS,
    MAX_NESTING,
    duplicate,
    not_exact,
    not_finite,
    place_at,
    too_long,
)
from .place import DocumentError, Event, Place, check_text

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class _Mark(Protocol):
    line: int
    column: int


def parse_yaml(text: str) -> Any:
    """The plain value of a YAML text with one document; `DocumentError` for everything else."""
    root: list[Any] = []
    stack: list[Any] = [root]
    keys: list[str | None] = [None]  # the key whose value comes next, per open collection
    for op, value, place in yaml_events(text):
        if op == "end":
            stack.pop()
            keys.pop()
            continue
        top = stack[-1]
        if isinstance(top, dict) and keys[-1] is None:
            keys[-1] = _key(op, value, top, place)
            continue
        made: Any = {} if op == "{" else [] if op == "[" else value
        if isinstance(top, dict):
            top[keys[-1]] = made
            keys[-1] = None
        else:
            top.append(made)
        if op != "value":
            stack.append(made)
            keys.append(None)
    return root[0]


def yaml_events(text: str) -> Iterator[Event]:
    """The steps through a YAML text; tags, anchors, aliases and deep nesting are refused."""
    import yaml

    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if odd:
        error = SpecError(f"the character {odd[0]!a} is not allowed in YAML")
        raise DocumentError(error, place=place_at(text, odd.start()))
    depth = documents = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            place = _place(event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError(SpecError("a second document in the file"), place=place)
            elif isinstance(event, yaml.AliasEvent):
                raise DocumentError(_unwanted("an alias", f"*{event.anchor}"), place=place)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
                yield Event("end", None, place)
            elif isinstance(event, yaml.NodeEvent):
                _check_properties(event, place)
                if isinstance(event, yaml.ScalarEvent):
                    yield Event("value", _scalar(event, place), place)
                    continue
                depth += 1
                if depth > MAX_NESTING:
                    raise DocumentError(
                        SpecError(f"nested more than {MAX_NESTING} deep"), place=place
                    )
                yield Event("{" if isinstance(event, yaml.MappingStartEvent) else "[", None, place)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "can't be read"
        raise DocumentError(SpecError(f"not YAML: {problem}"), place=_place(mark)) from None
    except yaml.YAMLError as error:
        raise DocumentError(
            SpecError(f"not YAML: {str(error).splitlines()[0][:200]}"), place=Place(1, 1)
        ) from None
    if not documents:
        raise DocumentError(SpecError("the file holds no document"), place=Place(1, 1))


def _place(mark: object) -> Place:
    found = cast(_Mark, mark)
    return Place(found.line + 1, found.column + 1) if mark is not None else Place(1, 1)


def _unwanted(what: str, text: str) -> SpecError:
    return SpecError(
        f"{what} ({text[:60]}) is not allowed in a protocol", hint="write the value itself"
    )


def _check_properties(event: Any, place: Place) -> None:
    if event.anchor is not None:
        raise DocumentError(_unwanted("an anchor", f"&{event.anchor}"), place=place)
    if event.tag is not None:
        raise DocumentError(_unwanted("a tag", str(event.tag)), place=place)


def _scalar(event: Any, place: Place) -> object:
    text = str(event.value)
    plain = bool(event.implicit[0])
    wrong: SpecError | None = check_text(text)
    if plain and text in ("", "~", "null"):
        return None
    if plain and text in ("true", "false"):
        return text == "true"
    if plain and INTEGER.fullmatch(text):
        digits = text.lstrip("-")
        if len(digits) <= MAX_DIGITS:
            return int(text)
        wrong = too_long(digits)
    elif plain and NUMBER.fullmatch(text):
        wrong = not_exact(text)
    elif plain and text == "<<":
        wrong = _unwanted("a merge key", text)
    elif plain and _NOT_FINITE.fullmatch(text):
        wrong = not_finite(text)
    if wrong:
        raise DocumentError(wrong, place=place)
    return text


def _key(op: str, value: object, mapping: dict[str, Any], place: Place) -> str:
    if op != "value" or not isinstance(value, str):
        raise DocumentError(SpecError("a key must be text", hint="put it in quotes"), place=place)
    if value in mapping:
        raise DocumentError(duplicate(value), place=place)
    return value
