"""Test vectors: what a system is asked, step by step, and what it should answer; to and from JSON.

Values are plain JSON, as `Case.observe` shows them: quantities are decimal texts, arrays lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any

from ..spec.errors import SpecError
from ..spec.json_reader import json_events, parse_json
from ..spec.model import Constant, Machine
from ..spec.place import DocumentError, Path, locate, short
from ..spec.shapes import decimal_text
from .answer import ACCEPTED, REFUSED, UNSPECIFIED

FORMAT = "trialspec/vectors/1"
ENDING = ".vectors.json"
KINDS = ("nominal", "refused", "boundary", "mcdc", "pair", "mutant", "regression")
ANSWERS = (ACCEPTED, REFUSED, UNSPECIFIED)
MAX_BYTES = 100_000_000
BOM = b"\xef\xbb\xbf"

_SLUG = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_ID = re.compile(rf"{_SLUG.pattern}/{_SLUG.pattern}")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Step:
    """One event, the answer to it, and what is seen afterwards.

    ``answer`` is accepted, refused or unspecified; ``because`` says why it is not accepted.
    """

    event: str
    arguments: Mapping[str, object]
    answer: str
    clause: str
    because: str
    observe: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Vector:
    """A fresh case taken through some steps; ``id`` is ``group/vector``."""

    id: str
    kind: str
    steps: tuple[Step, ...]

    @property
    def sha256(self) -> str:
        """Of what it means: events, arguments, answers and observations, without the prose."""
        meaning = [[s.event, s.arguments, s.answer, s.observe] for s in self.steps]
        text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Group:
    """The vectors of one statement about the protocol, with the clauses it rests on."""

    id: str
    clauses: tuple[str, ...]
    statement: str
    vectors: tuple[Vector, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """Vectors for one machine under some constants and readings.

    ``constants`` are plain JSON: decimals are texts, tables lists. ``model_sha256`` is the
    `machine_hash` of what the vectors were made from. ``saturates`` has the highest value of the
    clocks and counts that are held there: seen in a step, it means "that or more".
    """

    protocol: str
    machine: str
    model_sha256: str
    constants: Mapping[str, object]
    readings: Mapping[str, str]
    criterion: str
    groups: tuple[Group, ...]
    saturates: Mapping[str, int] = field(default_factory=dict)

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """The vectors of all groups, in order."""
        return tuple(v for g in self.groups for v in g.vectors)

    @property
    def steps(self) -> int:
        """How many steps the vectors have in all."""
        return sum(len(v.steps) for v in self.vectors)


# ---- constants


def plain_constants(constants: Mapping[str, Constant]) -> dict[str, object]:
    """Constants as plain JSON: decimals as texts, tables as lists."""
    return {name: _plain(value) for name, value in constants.items()}


def _plain(value: Constant) -> object:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return decimal_text(value) if isinstance(value, Decimal) else value


def read_constants(machine: Machine, given: Mapping[str, object]) -> dict[str, Constant]:
    """Plain JSON constants of a suite as those of the machine; `SpecError` where one does not fit.

    >>> from trialspec.spec.model import State
    >>> machine = Machine("trial", (State("open", True),), (), (), {"dose": Decimal("2.5")})
    >>> read_constants(machine, {"dose": "7.5"})
    {'dose': Decimal('7.5')}
    """
    found: dict[str, Constant] = {}
    for name, value in given.items():
        if name not in machine.constants:
            known = ", ".join(machine.constants) or "none"
            raise SpecError(
                f"machine {machine.name} has no constant {short(name)}",
                hint=f"its constants: {known}",
            )
        found[name] = _constant(machine.constants[name], name, value)
    return found


def _constant(like: Constant, name: str, value: object) -> Constant:
    try:
        if isinstance(like, Decimal) and isinstance(value, str):
            return Decimal(value)
        if isinstance(like, tuple) and isinstance(value, list):
            return tuple(
                Decimal(v) if isinstance(like[i if i < len(like) else 0], Decimal) else int(v)
                for i, v in enumerate(value)
            )
        if type(value) is type(like) and isinstance(value, bool | int | str):
            return value
    except (ArithmeticError, ValueError, TypeError, IndexError):
        pass
    raise SpecError(f"constant {name} is {like!r} in the machine; {short(value)} is no such value")


# ---- out


def suite_json(suite: Suite) -> dict[str, Any]:
    """The suite as plain JSON values, ``"format": "trialspec/vectors/1"`` first."""
    return {
        "format": FORMAT,
        "protocol": suite.protocol,
        "machine": suite.machine,
        "model_sha256": suite.model_sha256,
        "constants": dict(suite.constants),
        "readings": dict(suite.readings),
        "criterion": suite.criterion,
        "saturates": dict(suite.saturates),
        "groups": [
            {
                "id": group.id,
                "clauses": list(group.clauses),
                "statement": group.statement,
                "vectors": [vector_json(v) for v in group.vectors],
            }
            for group in suite.groups
        ],
    }


def vector_json(vector: Vector) -> dict[str, Any]:
    """One vector as plain JSON values."""
    return {
        "id": vector.id,
        "sha256": vector.sha256,
        "kind": vector.kind,
        "steps": [step_json(s) for s in vector.steps],
    }


def step_json(step: Step) -> dict[str, Any]:
    """One step as plain JSON values."""
    return {
        "event": step.event,
        "arguments": dict(step.arguments),
        "answer": step.answer,
        "clause": step.clause,
        "because": step.because,
        "observe": dict(step.observe),
    }


def write_suite(suite: Suite) -> str:
    """The text of a ``.vectors.json`` file: one line a step, so that versions can be compared."""
    return _laid_out(suite_json(suite), 0, {"groups": {"vectors": {"steps": {}}}}) + "\n"


def _laid_out(value: dict[str, Any], depth: int, deep: Mapping[str, Any]) -> str:
    """An object with a line for each key and, under the keys in ``deep``, one for each item."""
    pad = " " * depth
    lines = []
    for key, item in value.items():
        if key in deep and item:
            inner = deep[key]
            items = [
                _laid_out(i, depth + 2, inner) if inner else json.dumps(i, ensure_ascii=False)
                for i in item
            ]
            listed = ",\n".join(f"{pad}  {i}" for i in items)
            lines.append(f"{json.dumps(key)}: [\n{listed}]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}")
    return "{" + f",\n{pad} ".join(lines) + "}"


# ---- in


def read_suite(source: str | FilePath) -> Suite:
    """The suite in a file of at most 100 MB, or in a text that begins with ``{``.

    `SpecError`, with file, line and column, for what is no suite: a missing key, two vectors of
    one id, steps after an unspecified answer, a vector that is not what its sha256 says.
    Keys that are not known are skipped.
    """
    if isinstance(source, str) and source.lstrip()[:1] == "{":
        name, text = "", source
    else:
        name, text = str(source), _read_text(str(source))
    try:
        return _suite(parse_json(text))
    except DocumentError as fault:
        place = fault.place or locate(json_events(text), fault)
        at = f":{place.line}:{place.column}" if place else ""
        raise fault.spec_error(f"{name}{at}" if name else at.removeprefix(":")) from None


def _read_text(name: str) -> str:
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(f"can't be read: {reason}", where=name[:300]) from None
    if len(data) > MAX_BYTES:
        raise SpecError(
            f"larger than {MAX_BYTES // 1_000_000} MB",
            where=name,
            hint="spec-check suite writes smaller ones",
        )
    try:
        return data.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise SpecError("not UTF-8 text", where=name, hint="save the file as UTF-8") from None


def _suite(tree: Any) -> Suite:
    top = _object(tree, ())
    if top.get("format") != FORMAT:
        raise _fault(
            f"the format must be {FORMAT!r}, this is {short(top.get('format'))}",
            ("format",) if "format" in top else (),
            "spec-check suite writes such files",
        )
    groups = tuple(_group(item, ("groups", i)) for i, item in enumerate(_list(top, "groups", ())))
    _once((g.id for g in groups), lambda i: ("groups", i, "id"), "groups")
    return Suite(
        _text(top, "protocol", ()),
        _text(top, "machine", ()),
        _text(top, "model_sha256", (), _HASH),
        {name: _value(v, ("constants", name)) for name, v in _entries(top, "constants", ())},
        {name: _reading(v, ("readings", name)) for name, v in _entries(top, "readings", ())},
        _text(top, "criterion", ()),
        groups,
        _saturates(top),
    )


def _saturates(top: dict[str, Any]) -> dict[str, int]:
    if "saturates" not in top:
        return {}
    found = dict(_entries(top, "saturates", ()))
    for name, value in found.items():
        if not isinstance(value, int) or isinstance(value, bool):
            raise _fault(f"must be a whole number, this is {short(value)}", ("saturates", name))
    return found


def _group(tree: Any, path: Path) -> Group:
    found = _object(tree, path)
    id = _text(found, "id", path, _SLUG)
    vectors = tuple(
        _vector(item, id, (*path, "vectors", i))
        for i, item in enumerate(_list(found, "vectors", path))
    )
    _once((v.id for v in vectors), lambda i: (*path, "vectors", i, "id"), "vectors")
    clauses = _list(found, "clauses", path)
    for i, clause in enumerate(clauses):
        if not isinstance(clause, str):
            raise _fault(f"a clause must be a text, this is {short(clause)}", (*path, "clauses", i))
    return Group(id, tuple(clauses), _text(found, "statement", path), vectors)


def _vector(tree: Any, group: str, path: Path) -> Vector:
    found = _object(tree, path)
    id = _text(found, "id", path, _ID)
    if not id.startswith(f"{group}/"):
        raise _fault(f"the id {short(id)} must begin with its group, {group}/", (*path, "id"))
    kind = _text(found, "kind", path)
    if kind not in KINDS:
        raise _fault(f"unknown kind {short(kind)}", (*path, "kind"), f"kinds: {', '.join(KINDS)}")
    items = _list(found, "steps", path)
    if not items:
        raise _fault("a vector needs a step", (*path, "steps"))
    steps = tuple(_step(item, (*path, "steps", i)) for i, item in enumerate(items))
    for i, step in enumerate(steps[:-1]):
        if step.answer == UNSPECIFIED:
            raise _fault("nothing is known after an unspecified answer", (*path, "steps", i + 1))
    made = Vector(id, kind, steps)
    if _text(found, "sha256", path, _HASH) != made.sha256:
        raise _fault(
            f"the steps of {id} are not those that its sha256 was made of",
            (*path, "sha256"),
            "write the suite again with spec-check suite, or take back the change",
        )
    return made


def _step(tree: Any, path: Path) -> Step:
    found = _object(tree, path)
    answer = _text(found, "answer", path)
    if answer not in ANSWERS:
        raise _fault(
            f"unknown answer {short(answer)}", (*path, "answer"), f"answers: {', '.join(ANSWERS)}"
        )
    return Step(
        _text(found, "event", path),
        {n: _value(v, (*path, "arguments", n)) for n, v in _entries(found, "arguments", path)},
        answer,
        _text(found, "clause", path, default=""),
        _text(found, "because", path, default=""),
        {n: _value(v, (*path, "observe", n)) for n, v in _entries(found, "observe", path)},
    )


# ---- the pieces


def _fault(message: str, path: Path, hint: str = "") -> DocumentError:
    return DocumentError(SpecError(message, hint=hint), path)


def _object(value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fault(f"must be an object, this is {short(value)}", path)
    return value


def _of(found: dict[str, Any], key: str, path: Path) -> Any:
    if key not in found:
        raise _fault(f"{key!r} is missing", path)
    return found[key]


def _list(found: dict[str, Any], key: str, path: Path) -> list[Any]:
    value = _of(found, key, path)
    if not isinstance(value, list):
        raise _fault(f"must be a list, this is {short(value)}", (*path, key))
    return value


def _entries(found: dict[str, Any], key: str, path: Path) -> Iterable[tuple[str, Any]]:
    return _object(_of(found, key, path), (*path, key)).items()


def _text(
    found: dict[str, Any],
    key: str,
    path: Path,
    form: re.Pattern[str] | None = None,
    *,
    default: str | None = None,
) -> str:
    value = _of(found, key, path) if default is None else found.get(key, default)
    if not isinstance(value, str):
        raise _fault(f"must be a text, this is {short(value)}", (*path, key))
    if form is not None and not form.fullmatch(value):
        raise _fault(f"{short(value)} is not of the form {form.pattern}", (*path, key))
    return value


def _reading(value: Any, path: Path) -> str:
    if not isinstance(value, str):
        raise _fault(f"a reading must be a text, this is {short(value)}", path)
    return value


def _value(value: Any, path: Path) -> object:
    """A number, truth value, text, or a list of them."""
    items = value if isinstance(value, list) else [value]
    for i, item in enumerate(items):
        if not isinstance(item, int | str):
            at = (*path, i) if isinstance(value, list) else path
            raise _fault(f"must be a number, a truth value or a text, not {short(item)}", at)
    return value


def _once(ids: Iterable[str], path: Callable[[int], Path], what: str) -> None:
    seen: set[str] = set()
    for i, id in enumerate(ids):
        if id in seen:
            raise _fault(f"two {what} have the id {short(id)}", path(i), "give each its own")
        seen.add(id)
