"""Generated suites: the vectors that reach every state, rule, pair, refusal and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .build import build_suite

__all__ = ["build_suite"]


def __getattr__(name: str) -> Any:
    """Imports `build_suite` when it is first asked for, so that the plug-in starts fast."""
    if name == "build_suite":
        from .build import build_suite

        return build_suite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
