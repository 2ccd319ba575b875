"""Clauses as text: what each says, where it stands in its source, what cites it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

from ...spec.accounting import accounts, paragraphs, unaccounted
from ...spec.citations import Citation
from ...spec.model import Clause, Protocol
from .show_machine import WIDTH

Cited = Mapping[str, Sequence[Citation]]


def clause_lines(protocol: Protocol, cited: Cited) -> list[str]:
    """Every clause with what cites it, and the sentences that have none."""
    lines = ["Clauses"]
    for clause in protocol.clauses:
        lines.append(clause_text(protocol, clause))
        lines += [wrapped(line, "      ") for line in grouped(cited.get(clause.id, ()))]
    alone = [a for a in accounts(protocol) if not a.clauses]
    if alone:
        lines += ["", "Sentences without a clause"]
    for document, entry, _ in alone:
        why = entry.reason or "no reason for it is recorded"
        where = f"  ({document}, paragraph {entry.paragraph}, sentence {entry.number})"
        lines.append(fill(f"{where} {why}", WIDTH, subsequent_indent="    "))
    missing = unaccounted(protocol)
    if missing:
        lines += ["", "Not accounted for", *(wrapped(line, "  ") for line in missing)]
    return lines


def clause_text(protocol: Protocol, clause: Clause) -> str:
    """A clause with its kind, its paraphrase and its place."""
    where = _place(protocol, clause)
    reason = f"\n    not modelled: {clause.reason}" if clause.reason else ""
    text = f"  {clause.id} [{clause.kind}] {clause.text}{f' ({where})' if where else ''}"
    return fill(text, WIDTH, subsequent_indent="    ") + reason


def _place(protocol: Protocol, clause: Clause) -> str:
    """Where in its source a clause stands: document, paragraph, sentence."""
    parts = [clause.document] if clause.document else []
    known = dict.fromkeys(paragraphs(protocol, clause))
    for word, numbers in (("paragraph", known), ("sentence", clause.sentences)):
        if numbers:
            parts.append(f"{word}{'s' * (len(numbers) > 1)} {' and '.join(map(str, numbers))}")
    return ", ".join(parts)


def grouped(citations: Sequence[Citation]) -> list[str]:
    """What cites one id, a line for each machine and kind.

    >>> grouped([Citation("trial", "invariant", "cap"), Citation("trial", "invariant", "low")])
    ['trial, invariant: cap; low']
    """
    found: dict[str, list[str]] = {}
    for machine, kind, name in citations:
        found.setdefault(f"{machine}, {kind}", []).append(name)
    return [f"{head}: {'; '.join(names)}" for head, names in found.items()]


def wrapped(line: str, indent: str) -> str:
    """A line of names, broken between words alone."""
    hanging = indent + "  "
    return fill(
        line, WIDTH, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )
