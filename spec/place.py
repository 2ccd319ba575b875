"""Where in a document something is wrong: a path of keys and indices, then a line and a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .errors import SpecError

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A position in a text, both numbers counted from 1."""

    line: int
    column: int


class Event(NamedTuple):
    """One step through a document: ``op`` is ``{``, ``[``, ``end`` or ``value``.

    In a mapping values alternate with keys, which are ``value`` events too.
    """

    op: str
    value: object
    place: Place


class DocumentError(Exception):
    """Something wrong at a path of a document, before its file and line are put in.

    ``key`` points at the key itself rather than at its value; ``occurrence`` counts equal keys.
    """

    def __init__(
        self,
        error: SpecError,
        path: Path = (),
        *,
        key: bool = False,
        occurrence: int = 1,
        place: Place | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.path = path
        self.key = key
        self.occurrence = occurrence
        self.place = place

    def under(self, path: Path) -> DocumentError:
        """The same fault, its path read from ``path`` on."""
        return DocumentError(
            self.error,
            path + self.path,
            key=self.key,
            occurrence=self.occurrence,
            place=self.place,
        )

    def spec_error(self, where: str = "", line: str = "", column: int | None = None) -> SpecError:
        """The error for people: ``where``, the path, and the text the error is about.

        ``line`` and ``column`` are the line of the document, shown when there is no other text.
        """
        error, path = self.error, show_path(self.path)
        for place in (path, where):
            error = error.within(place) if place else error
        if line and not error.text:
            error = SpecError(
                error.message, where=error.where, text=line, column=column, hint=error.hint
            )
        return error


def show_path(path: Path) -> str:
    """A path as people write it.

    >>> show_path(("machines", 0, "constants", "max dose"))
    "machines[0].constants['max dose']"
    """
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.isidentifier() and len(step) <= 60:
            shown += f".{step}" if shown else step
        else:
            shown += f"[{short(step)}]"
    return shown


def short(value: object, width: int = 60) -> str:
    """A value from outside as it can be put into one line of a message."""
    text = repr(value[: width + 1] if isinstance(value, str) else value)
    return text if len(text) <= width else text[: width - 3] + "..."


def check_text(text: str) -> SpecError | None:
    """An error when the text holds half of a character, which no file can be written with."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return SpecError(f"{text[:60]!a} is not valid text: half of a surrogate pair")
    return None


def locate(events: Iterable[Event], fault: DocumentError) -> Place | None:
    """The place of a fault's path in a document, or that of the nearest thing around it."""
    here: list[str | int | None] = []  # the key or index of the value read next, per container
    mapping: list[bool] = []
    found, depth, seen = None, -1, 0
    target = list(fault.path)
    for op, value, place in events:
        if op == "end":
            here.pop()
            mapping.pop()
            _next(here, mapping)
            continue
        if mapping and mapping[-1] and here[-1] is None:
            here[-1] = value if isinstance(value, str) else ""
            if here == target:
                seen += 1
                if fault.key and seen == fault.occurrence:
                    return place
            continue
        if here == target[: len(here)] and len(here) > depth:
            found, depth = place, len(here)
            if depth == len(target) and not fault.key:
                return place
        if op == "value":
            _next(here, mapping)
        else:
            mapping.append(op == "{")
            here.append(None if mapping[-1] else 0)
    return found


def _next(here: list[str | int | None], mapping: list[bool]) -> None:
    """Moves on to the next key or item of the innermost container."""
    if here:
        last = here[-1]
        here[-1] = None if mapping[-1] else last + 1 if isinstance(last, int) else 0
