"""Whether a protocol accounts for its sources: every sentence has a clause, every clause a use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .citations import ACTING, PROVED, citing
from .model import Clause, Protocol
from .sources import IndexEntry

# a clause of these kinds says what is so; a theorem or an invariant can be all there is to it
STATED = {"S": ("invariant",), "I": PROVED}
NOT_MODELLED = "N"


class Account(NamedTuple):
    """A sentence of a source, and the clauses that stand for it."""

    document: str
    entry: IndexEntry
    clauses: tuple[Clause, ...]


def accounts(protocol: Protocol) -> list[Account]:
    """Every indexed sentence of every source, in order, with its clauses."""
    by_place: dict[tuple[str, int], list[Clause]] = {}
    for clause in protocol.clauses:
        for number in dict.fromkeys(clause.sentences):
            by_place.setdefault((clause.document, number), []).append(clause)
    return [
        Account(index.document, entry, tuple(by_place.get((index.document, entry.number), ())))
        for index in protocol.sources
        for entry in index.sentences
    ]


def paragraphs(protocol: Protocol, clause: Clause) -> tuple[int, ...]:
    """The paragraphs of a clause's sentences, one for each; none where the source has no index."""
    for index in protocol.sources:
        if index.document == clause.document:
            known = {entry.number: entry.paragraph for entry in index.sentences}
            return tuple(known[n] for n in clause.sentences if n in known)
    return ()


def unaccounted(protocol: Protocol) -> list[str]:
    """What is missing from the account, in words; nothing where all is accounted for.

    Sentences are looked at where the protocol has indexes of its sources.
    """
    return [*_sentences(protocol), *_places(protocol), *_uses(protocol)]


def _sentences(protocol: Protocol) -> Iterator[str]:
    for document, entry, clauses in accounts(protocol):
        where = f"sentence {entry.number} of {document} (paragraph {entry.paragraph})"
        if not clauses and not entry.reason:
            yield f"{where} has no clause, and no reason for it"
        if clauses and entry.reason:
            yield f"{where} has a reason for having no clause, and {clauses[0].id}"


def _places(protocol: Protocol) -> Iterator[str]:
    known = {index.document: len(index.sentences) for index in protocol.sources}
    for clause in protocol.clauses if known else ():
        if not clause.document and not clause.sentences:
            yield f"{clause.id} names no document, and no sentence"
        elif clause.document not in known:
            yield f"{clause.id} names the document {clause.document!r}, which has no index"
        elif not clause.sentences:
            yield f"{clause.id} names no sentence"
        for number in clause.sentences:
            if clause.document in known and not 1 <= number <= known[clause.document]:
                yield f"{clause.id} names sentence {number} of {known[clause.document]}"


def _uses(protocol: Protocol) -> Iterator[str]:
    found = citing(protocol)
    for clause in protocol.clauses:
        kinds = {citation.kind for citation in found.get(clause.id, ())}
        if clause.reason:
            if clause.kind != NOT_MODELLED:
                yield f"{clause.id} is of kind {clause.kind}: only kind N may be left unmodelled"
            if kinds:
                yield f"{clause.id} has a reason for not being modelled, and is cited"
        elif not kinds:
            yield f"{clause.id} is cited by nothing, and has no reason for it"
        elif not kinds & {*ACTING, *STATED.get(clause.kind, ())}:
            yield f"{clause.id} is cited by nothing that acts: {', '.join(sorted(kinds))} alone"
