"""What a protocol keeps of its source: for each sentence its number, its paragraph and a hash.

There is no text in it. Whoever has the document can check that it is the one the clauses were
made from, and see which clauses account for which sentence.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from .canonical import tuples
from .errors import SpecError
from .sentences import Sentence, fingerprint

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A sentence of a source by its place and hash; ``reason`` says why it has no clause."""

    number: int
    paragraph: int
    sha256: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SourceIndex:
    """The sentences of one source, in order, without their text.

    ``document`` is the name by which clauses cite it: the first 16 hexadecimal digits of the
    SHA-256 of the file. Numbers count from 1, paragraphs too and without a gap; `SpecError` else.
    """

    document: str
    sentences: tuple[IndexEntry, ...]

    def __post_init__(self) -> None:
        tuples(self, "sentences")
        where = f"index of {self.document[:60]}"
        paragraph = 0
        for number, entry in enumerate(self.sentences, 1):
            place = f"{where}, entry {number}"
            if entry.number != number:
                raise SpecError(
                    f"the number must be {number}, this is {entry.number}",
                    where=place,
                    hint="sentences are numbered from 1, in order",
                )
            if entry.paragraph not in (paragraph or 1, paragraph + 1):
                raise SpecError(
                    f"paragraph {entry.paragraph} after paragraph {paragraph}",
                    where=place,
                    hint="paragraphs are numbered from 1, in order",
                )
            if not _HASH.fullmatch(entry.sha256):
                raise SpecError("a hash has 64 digits of 0-9 and a-f", where=place)
            paragraph = entry.paragraph


def document_name(data: bytes) -> str:
    """The name of a document: the first 16 hexadecimal digits of the SHA-256 of the file."""
    return sha256(data).hexdigest()[:16]


def index_of(
    document: str, found: tuple[Sentence, ...], reasons: Mapping[str, str] | None = None
) -> SourceIndex:
    """The index of a text's sentences; ``reasons`` are kept by the hash of the sentence.

    >>> known = {fingerprint("AIM"): "A heading."}
    >>> [entry] = index_of("leaflet", (Sentence(1, 1, "AIM"),), known).sentences
    >>> entry.number, entry.paragraph, entry.sha256[:8], entry.reason
    (1, 1, '6d80381c', 'A heading.')
    """
    known = reasons or {}
    made = []
    for number, paragraph, text in found:
        mark = fingerprint(text)
        made.append(IndexEntry(number, paragraph, mark, known.get(mark, "")))
    return SourceIndex(document, tuple(made))


def shipped_index(document: str) -> SourceIndex:
    """The index of a source of the protocols shipped: ``protocols/DOCUMENT.json``.

    ``spec-check show PROTOCOL --source FILE --index --json`` writes such a file.
    """
    path = os.path.join(os.path.dirname(__file__), "protocols", f"{document}.json")
    with open(path, encoding="utf-8") as file:
        (found,) = json.load(file)["sources"]
    return SourceIndex(found["document"], tuple(IndexEntry(**e) for e in found["sentences"]))
