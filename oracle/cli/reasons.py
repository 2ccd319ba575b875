"""Reasons as people read them: with the constants that a condition compares with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ...spec.model import Constant
from ...statemachines.bound import Bound

_WORD = re.compile(r"'[^']*'|(?<![.\w])[A-Za-z_]\w*")
_FALSE = re.compile(r"(?P<condition>.*) is false \((?P<numbers>[^()]*)\)", re.S)


def constants_of(bounds: Iterable[Bound]) -> dict[str, Constant]:
    """The constants of several machines, those aside that they don't agree on."""
    found: dict[str, Constant] = {}
    apart: set[str] = set()
    for bound in bounds:
        for name, value in bound.constants.items():
            if found.setdefault(name, value) != value:
                apart.add(name)
    return {name: value for name, value in found.items() if name not in apart}


def with_constants(because: str, constants: Mapping[str, Constant]) -> str:
    """A reason with the constants of its condition after the variables.

    >>> with_constants("n < cap is false (n = 6)", {"cap": 6})
    'n < cap is false (n = 6, cap = 6)'
    >>> with_constants("kind == 'cap' is false (kind = b)", {"cap": 6})
    "kind == 'cap' is false (kind = b)"
    """
    found = _FALSE.match(because)
    if found is None:
        return because
    told = {part.partition(" = ")[0] for part in found["numbers"].split(", ")}
    words = dict.fromkeys(_WORD.findall(found["condition"]))
    more = [f"{w} = {constants[w]}" for w in words if w in constants and w not in told]
    end = found.end() - 1
    return because[:end] + "".join(f", {text}" for text in more) + because[end:]
