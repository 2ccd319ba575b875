"""Judging event logs: every row against what the protocol allows at that moment of its case."""

from __future__ import annotations

from .judge import Judge

__all__ = ["Judge"]
