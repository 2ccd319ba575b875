"""Who is right: judges other implementations and their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Case

__all__ = ["Case"]


def __getattr__(name: str) -> Any:
    """Imports `Case` when it is first asked for, so that the command line starts fast."""
    if name == "Case":
        from .case import Case

        return Case
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
