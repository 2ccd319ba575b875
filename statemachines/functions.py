"""The registry of pure functions that machines may call: documents name them, never carry code."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TypeVar

from ..spec.errors import SpecError

F = TypeVar("F", bound=Callable[..., int])

_REGISTRY: dict[str, Callable[..., int]] = {}


def function(name: str) -> Callable[[F], F]:
    """Registers a pure function of integers and tuples of integers under a name."""

    def register(implementation: F) -> F:
        _REGISTRY[name] = implementation
        return implementation

    return register


def implementation(name: str) -> Callable[..., int]:
    """The registered function, looked for among the entry points ``trialspec.functions`` too."""
    if name not in _REGISTRY:
        for entry in entry_points(group="trialspec.functions"):
            if entry.name == name:
                _REGISTRY[name] = entry.load()
                break
        else:
            raise SpecError(
                f"no function {name!r} is registered",
                hint="packages register them under the entry-point group trialspec.functions",
            )
    return _REGISTRY[name]


def call(name: str, values: tuple[int | tuple[int, ...], ...]) -> int:
    """The function's value on these arguments."""
    return int(implementation(name)(*values))
