"""``spec-check show --source``: a source's text beside the clauses that stand for it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import zip_longest
from textwrap import wrap
from typing import Any, NamedTuple

from ...spec.accounting import accounts, unaccounted
from ...spec.citations import citations
from ...spec.comparison import ADDITIONAL, CHANGED, MISSING, SAME, Compared, compare, nearest
from ...spec.document import encode
from ...spec.errors import SpecError
from ...spec.model import Clause, Protocol
from ...spec.notice import NOTICE
from ...spec.sentences import Sentence, sentences
from ...spec.shapes import record
from ...spec.sources import SourceIndex, document_name, index_of
from ...spec.text_file import decoded, read_bytes
from .codes import DEVIATION, GATE, OK, worst
from .common import plain, print_json
from .show_clauses import wrapped

COLUMN = 48
SAID = {
    CHANGED: "changed: not the sentence that the clauses were made from",
    MISSING: "missing from this text",
    ADDITIONAL: "additional: not in the index",
}


class Text(NamedTuple):
    """A file given, the name that its content has, its sentences."""

    file: str
    document: str
    sentences: tuple[Sentence, ...]


def run_source(protocol: Protocol, options: argparse.Namespace) -> int:
    """Runs ``show`` with a source: compares it with the index, or prints its index."""
    if options.source is None:
        raise SpecError("--index needs the text: --source FILE", where="--index")
    for option in ("name", "machine", "reading"):
        if getattr(options, option):
            said = "NAME" if option == "name" else f"--{option}"
            raise SpecError("shows the whole text, not a part", where=f"--source with {said}")
    data = read_bytes(options.source)
    text = Text(options.source, document_name(data), sentences(decoded(options.source, data)))
    if options.index:
        _print_index(protocol, text, options.json)
        return OK
    if not protocol.sources:
        raise SpecError(
            f"{protocol.name} has no index of its sources",
            where="--source",
            hint="with --index as well, spec-check prints one for this text",
        )
    index = _nearest(protocol, text)
    rows = compare(index, text.sentences)
    missing = unaccounted(protocol)
    if options.json:
        print_json("source", _answer(protocol, index, text, rows) | {"unaccounted": missing})
    else:
        print("\n".join(_lines(protocol, index, text, rows)))
        print("".join(f"\nnot accounted for: {line}" for line in missing), end="\n" * bool(missing))
    same = all(row.status == SAME for row in rows)
    return worst([OK if same else DEVIATION, GATE if missing else OK])


def _nearest(protocol: Protocol, text: Text) -> SourceIndex:
    try:
        return nearest(protocol.sources, text.document, text.sentences)
    except SpecError as error:
        raise error.within(text.file) from None


# ---- the index of a text


def _print_index(protocol: Protocol, text: Text, as_json: bool) -> None:
    """The key ``sources`` of a document; reasons known from the protocol's indexes are kept."""
    known = {e.sha256: e.reason for index in protocol.sources for e in index.sentences if e.reason}
    index = index_of(text.document, text.sentences, known)
    entry = encode(record(SourceIndex), index)
    if as_json:
        print_json("sources", {"sources": [entry]})
        return
    from ...spec.yaml_writer import yaml_text

    print(yaml_text({"sources": [entry]}), end="")


# ---- text and clauses


def _counts(rows: tuple[Compared, ...]) -> dict[str, int]:
    found = [row.status for row in rows]
    return {status: found.count(status) for status in (SAME, CHANGED, MISSING, ADDITIONAL)}


def _clauses(protocol: Protocol, index: SourceIndex) -> dict[int, tuple[Clause, ...]]:
    return {a.entry.number: a.clauses for a in accounts(protocol) if a.document == index.document}


def _answer(
    protocol: Protocol, index: SourceIndex, text: Text, rows: tuple[Compared, ...]
) -> dict[str, Any]:
    cited = citations(protocol)
    clauses = _clauses(protocol, index)

    def entry(row: Compared) -> dict[str, Any]:
        known, found = row.entry, row.sentence
        return {
            "status": row.status,
            "sentence": known.number if known else None,
            "paragraph": known.paragraph if known else None,
            "in_text": found.number if found else None,
            "text": found.text if found else None,
            "clauses": [
                {"id": c.id, "kind": c.kind, "text": c.text, "cited_by": cited.get(c.id, [])}
                for c in (clauses[known.number] if known else ())
            ],
            "reason": known.reason or None if known else None,
        }

    return {
        "protocol": protocol.name,
        "document": index.document,
        "file": text.file,
        "same_file": text.document == index.document,
        "counts": _counts(rows),
        "sentences": [entry(row) for row in rows],
    }


def _lines(
    protocol: Protocol, index: SourceIndex, text: Text, rows: tuple[Compared, ...]
) -> Iterator[str]:
    counts = _counts(rows)
    yield f"{protocol.name}: {protocol.title}\n{NOTICE}\n"
    yield f"{plain(text.file)}, beside the clauses made from {index.document}"
    yield f"  {counts[SAME]} of {len(index.sentences)} sentences are the same"
    for status in (CHANGED, MISSING):
        numbers = [str(r.entry.number) for r in rows if r.entry and r.status == status]
        if numbers:
            yield wrapped(f"{status}: {', '.join(numbers)}", "  ")
    if counts[ADDITIONAL]:
        yield f"  {ADDITIONAL}: {counts[ADDITIONAL]}, marked +"
    if text.document != index.document and counts[SAME] == len(rows):
        yield "  another file with the same sentences: white space or line ends differ"
    clauses = _clauses(protocol, index)
    paragraph = 0
    for row in rows:
        if row.entry and row.entry.paragraph != paragraph:
            paragraph = row.entry.paragraph
            yield f"\nparagraph {paragraph}"
        else:
            yield ""
        known = clauses[row.entry.number] if row.entry else ()
        for left, right in zip_longest(_left(row), _right(row, known), fillvalue=""):
            yield f"  {left:<{COLUMN}}  | {right}".rstrip()


def _left(row: Compared) -> list[str]:
    """What the text has."""
    number = str(row.entry.number) if row.entry else "+"
    lines = wrap(f"{SAID[row.status]}:", COLUMN - 5) if row.status != SAME else []
    if row.sentence:
        lines += wrap(plain(row.sentence.text), COLUMN - 5)
    return [f"{number if k == 0 else '':>3}  {line}" for k, line in enumerate(lines)]


def _right(row: Compared, clauses: tuple[Clause, ...]) -> list[str]:
    """What the protocol makes of it."""
    lines = [
        line
        for clause in clauses
        for line in wrap(
            f"{clause.id} [{clause.kind}] {clause.text}", COLUMN - 2, subsequent_indent="  "
        )
    ]
    if lines or row.entry is None:
        return lines
    return wrap(f"no clause: {row.entry.reason or 'no reason for it is recorded'}", COLUMN - 2)
