"""How the values of `model` look in JSON: one table, read off the dataclasses' own annotations.

Documents in and out and the JSON Schema are three readings of this table, so that they can't
drift apart when a field is added to the model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from . import model
from .errors import SpecError
from .place import DocumentError

FORMAT = "trialspec/protocol/1"
IGNORED = ("cited_by", "notice", "paragraph", "$schema")  # what listings and editors add
DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class Fixed:
    """Always this text."""

    value: str


@dataclass(frozen=True)
class Scalar:
    """A single JSON value of one of these types: string, integer, boolean, null."""

    types: tuple[str, ...]


@dataclass(frozen=True)
class Expression:
    """A text of the expression language; plain whole and truth values may stand for themselves."""


@dataclass(frozen=True)
class ConstantValue:
    """A constant: a number, truth value, label, or table.

    A text that reads as a decimal is one; a label that looks like one is ``{"label": "7.5"}``.
    """


@dataclass(frozen=True)
class Listing:
    """A list of values of one shape; where ``single``, one may stand without the list."""

    item: Shape
    single: bool = False


@dataclass(frozen=True)
class Entries:
    """A mapping from names to values of one shape, in order."""

    value: Shape


@dataclass(frozen=True)
class Choice:
    """One of several records, told apart by their tags, or a single value."""

    records: tuple[Record, ...]
    scalar: Scalar | None = None


@dataclass(frozen=True)
class Field:
    """One key of a record: how it is got from the value, and its JSON value when left out.

    ``attribute`` is the name `Record.build` takes it under. Fields that hold ``prose`` are no part
    of the meaning; those ``shown`` are written even when they are empty.
    """

    name: str
    attribute: str
    shape: Shape
    get: Callable[[Any], Any]
    required: bool
    default: Any = None
    prose: bool = False
    shown: bool = False


@dataclass(frozen=True)
class Record:
    """An object with these keys; ``tag`` is the value of its key ``type``, if it has one."""

    name: str
    made: type
    build: Callable[..., Any]
    fields: tuple[Field, ...]
    tag: str = ""
    meaning: str = ""


Shape = Fixed | Scalar | Expression | ConstantValue | Listing | Entries | Choice | Record

_SCALARS: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}
_TAGS: dict[type, str] = {
    model.Boolean: "flag",
    model.Whole: "count",
    model.OneOf: "category",
    model.Exact: "quantity",
    model.Days: "clock",
}
_PROSE = frozenset(
    (
        "statement",
        "meaning",
        "why",
        "because",
        "question",
        "text",
        "title",
        "notes",
        "reason",
        "severity",
    )
)
_FIRST: dict[type, tuple[str, ...]] = {
    model.Machine: ("name", "meaning", "constants", "variables", "definitions", "states")
}


@dataclass(frozen=True)
class Source:
    """Where a clause stands: the document, and the numbers of its sentences in it."""

    document: str = ""
    sentence: tuple[int, ...] | int = ()


@cache
def protocol_record() -> Record:
    """The shape of a whole document."""
    plain = {f.name: f for f in record(model.Protocol).fields}
    format = Field("format", "format", Fixed(FORMAT), lambda _: FORMAT, required=True)
    claims = Field(
        "claims",
        "claims",
        Listing(_claim_record()),
        lambda p: tuple((m.name, c) for m in p.machines for c in m.claims),
        required=False,
        default=[],
        shown=True,
    )
    found = (
        format,
        replace(plain["name"], name="protocol"),
        plain["title"],
        plain["notes"],
        plain["documents"],
        plain["sources"],
        replace(plain["clauses"], shown=True),
        replace(plain["ambiguities"], shown=True),
        plain["contradictions"],
        plain["machines"],
        claims,
        replace(plain["study"], default={}),
    )
    return Record("protocol", model.Protocol, _protocol, found, meaning=_meaning(model.Protocol))


@cache
def record(made: type) -> Record:
    """The shape of a dataclass, by its annotations and defaults."""
    hints = get_type_hints(made)
    found = {f.name: _field(made, f, hints[f.name]) for f in fields(made)}
    build: Callable[..., Any] = made
    if made is model.Machine:
        del found["claims"]
    if made is model.Unspecified:
        found["ambiguity"] = replace(found["ambiguity"], name="unspecified")
    if made is model.Clause:
        del found["document"], found["sentences"]
        source = Field("source", "source", record(Source), _source, required=False, default={})
        found["source"], build = source, _clause
    first = _FIRST.get(made, ())
    ordered = [found[n] for n in first] + [f for n, f in found.items() if n not in first]
    name = _TAGS.get(made, made.__name__.lower())
    return Record(name, made, build, tuple(ordered), _TAGS.get(made, ""), _meaning(made))


@cache
def constant_fields() -> Entries:
    """The shape of a machine's constants."""
    return Entries(ConstantValue())


def _field(made: type, field: Any, hint: Any) -> Field:
    shape = _shape(hint)
    default: Any = None
    required = field.default is MISSING and field.default_factory is MISSING
    if not required:
        value = field.default if field.default is not MISSING else field.default_factory()
        default = list(value) if isinstance(value, tuple) else value
        if isinstance(value, str) and isinstance(shape, Expression):
            default = plain_expression(value)
    return Field(
        field.name,
        field.name,
        shape,
        attrgetter(field.name),
        required,
        default,
        prose=field.name in _PROSE and made is not Source,
    )


def _shape(hint: Any) -> Shape:
    if hint == model.Constant:
        return ConstantValue()
    if hint in _SCALARS:
        return Scalar((_SCALARS[hint],))
    origin, members = get_origin(hint), get_args(hint)
    if origin is tuple:
        return Listing(_shape(members[0]))
    if origin is not None and issubclass_safe(origin, Mapping):
        return Entries(_shape(members[1]))
    if is_dataclass(hint) and isinstance(hint, type):
        return record(hint)
    if str in members and int in members:
        return Expression()
    lists = [m for m in members if get_origin(m) is tuple]
    if lists:
        return Listing(_shape(get_args(lists[0])[0]), single=True)
    plain = Scalar(tuple(_SCALARS[m] for m in members if m in _SCALARS))
    records = tuple(record(m) for m in members if m not in _SCALARS)
    if not records:
        return plain
    return Choice(records, plain if plain.types else None)


def issubclass_safe(origin: Any, of: type) -> bool:
    """Whether an annotation's origin is a class of that kind (a union is no class)."""
    return isinstance(origin, type) and issubclass(origin, of)


def plain_expression(text: str | int) -> str | int | bool:
    """An expression as JSON: whole numbers and truth values as themselves.

    >>> plain_expression("3"), plain_expression("True"), plain_expression("levels + 1")
    (3, True, 'levels + 1')
    """
    if isinstance(text, int):
        return text
    if text in ("True", "False"):
        return text == "True"
    return int(text) if _WHOLE.fullmatch(text) and str(int(text)) == text else text


def _meaning(made: type) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((made.__doc__ or "").split("\n\n")[0].replace("``", "").split())


# ---- where the document differs from the model


def _source(clause: model.Clause) -> Source:
    return Source(clause.document, clause.sentences)


def _clause(source: Source | None = None, **rest: Any) -> model.Clause:
    found = source or Source()
    sentence = found.sentence
    listed = sentence if isinstance(sentence, tuple) else (sentence,)
    return model.Clause(**rest, document=found.document, sentences=listed)


def _claim_record() -> Record:
    plain = record(model.Claim)

    def through(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda pair: get(pair[1])

    machine = Field("machine", "machine", Scalar(("string",)), lambda pair: pair[0], required=True)
    found = (machine, *(replace(f, get=through(f.get)) for f in plain.fields))
    return replace(plain, build=_claim, fields=found)


def _claim(machine: str, **rest: Any) -> tuple[str, model.Claim]:
    return machine, model.Claim(**rest)


def _protocol(
    format: str, machines: tuple[model.Machine, ...], claims: Any = (), **rest: Any
) -> model.Protocol:
    by_machine: dict[str, list[model.Claim]] = {}
    for i, machine in enumerate(machines):
        if machine.name in by_machine:
            error = SpecError(f"two machines are called {machine.name!r}")
            raise DocumentError(error, ("machines", i, "name"))
        by_machine[machine.name] = []
    for i, (name, claim) in enumerate(claims):
        if name not in by_machine:
            known = ", ".join(by_machine)[:300] or "none"
            error = SpecError(f"there is no machine {name!r}", hint=f"machines: {known}")
            raise DocumentError(error, ("claims", i, "machine"))
        by_machine[name].append(claim)
    with_claims = tuple(replace(m, claims=tuple(by_machine[m.name])) for m in machines)
    return model.Protocol(**rest, machines=with_claims)


def decimal_text(value: Decimal) -> str:
    """A decimal without an exponent; `SpecError` for NaN, infinities and over 40 digits.

    >>> decimal_text(Decimal("7.50"))
    '7.5'
    """
    text = format(value, "f") if value.is_finite() and abs(value.adjusted()) <= 40 else ""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if not DECIMAL.fullmatch(text):
        raise SpecError(f"{value} is not a number that a protocol can hold")
    return text
