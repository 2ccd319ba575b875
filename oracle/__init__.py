"""Who is right: judges other implementations and their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .case import Case
    from .study import Study

__all__ = ["Case", "Study"]


def __getattr__(name: str) -> Any:
    """Imports a class when it is first asked for, so that the command line starts fast."""
    if name == "Case":
        from .case import Case

        return Case
    if name == "Study":
        from .study import Study

        return Study
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
