"""Everything a name can mean where a text is read, and what a resolved effect is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .expression import Node
from .model import Constant, Function
from .types import Type


@dataclass(frozen=True)
class Scope:
    """Everything a name can mean, and which constants are left symbolic."""

    variables: Mapping[str, Type]
    arrays: Mapping[str, tuple[Type, str]]  # element type, name of the size
    constants: Mapping[str, Constant]
    definitions: Mapping[str, str]
    readings: Mapping[str, tuple[str, tuple[str, ...]]]  # name in guards -> slug, choices
    functions: Mapping[str, tuple[Function, Type]]
    symbolic: frozenset[str] = frozenset()
    arguments: Mapping[str, Type] = field(default_factory=dict)
    state: int | None = None

    def with_arguments(self, arguments: Mapping[str, Type], state: int | None = None) -> Scope:
        """The scope inside the rules of one event, and of one source state where that is known."""
        return replace(self, arguments=arguments, state=state)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A resolved effect. ``added`` is set when it adds to what the variable holds."""

    name: str
    index: Node | None
    value: Node
    added: Node | None
