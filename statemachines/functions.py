"""The registry of pure functions that machines may call: documents name them, never carry code."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

from ..spec.errors import SpecError
from ..spec.installed import installed

GROUP = "trialspec.functions"
# found without an entry point, by name: module of this package, and attribute
SHIPPED = {"boin_mtd": ("..spec.designs.boin", "mtd")}

F = TypeVar("F", bound=Callable[..., int])

_REGISTRY: dict[str, Callable[..., int]] = {}


def function(name: str) -> Callable[[F], F]:
    """Registers a pure function of integers and tuples of integers under a name."""

    def register(implementation: F) -> F:
        _REGISTRY[name] = implementation
        return implementation

    return register


def implementation(name: str) -> Callable[..., int]:
    """The registered function: a shipped one, or of the entry points ``trialspec.functions``."""
    if name not in _REGISTRY and name in SHIPPED:
        module, attribute = SHIPPED[name]
        _REGISTRY[name] = getattr(import_module(module, __package__), attribute)
    if name not in _REGISTRY:
        targets = dict(installed(GROUP))
        if name not in targets:
            raise SpecError(
                f"no function {name!r} is registered",
                hint=f"packages register them under the entry-point group {GROUP}",
            )
        module, _, attribute = targets[name].partition(":")
        _REGISTRY[name] = getattr(import_module(module), attribute)
    return _REGISTRY[name]


def call(name: str, values: tuple[int | tuple[int, ...], ...]) -> int:
    """The function's value on these arguments."""
    return int(implementation(name)(*values))
