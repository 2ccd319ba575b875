"""Fields of frozen values brought to their one form when a value is built."""

from __future__ import annotations

from .expression import parse
from .frozen import Frozen


def canonical(owner: object, name: str, where: str) -> None:
    """Rewrites an expression's text; ``where`` is what an error is about."""
    value = getattr(owner, name)
    if value is not None:
        object.__setattr__(owner, name, str(parse(str(value), where)))


def frozen(owner: object, name: str) -> None:
    """Makes a mapping one that can't change."""
    object.__setattr__(owner, name, Frozen(getattr(owner, name)))


def tuples(owner: object, *names: str) -> None:
    """Makes sequences tuples."""
    for name in names:
        object.__setattr__(owner, name, tuple(getattr(owner, name)))
