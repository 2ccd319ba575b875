"""The open questions of a protocol as a letter to its sponsor."""

from __future__ import annotations

import csv
import io
from typing import Any

from ...spec.model import SILENT, UNSPECIFIED, Protocol
from ...spec.notice import NOTICE
from .readings import pair_lines

COLUMNS = ("id", "severity", "kind", "question", "readings", "taken", "why", "example", "answer")


def letter(protocol: Protocol, entries: list[dict[str, Any]], format: str) -> str:
    """The questions, those that weigh most first, as Markdown or CSV.

    Notes are no questions. An example is the shortest run that tells the reading taken from
    another one.
    """
    asked = [e for e in entries if e["kind"] != "note"]
    asked.sort(key=lambda e: (e["kind"] != "behaviour", e["severity"] != "H"))
    return _csv(asked) if format == "csv" else _markdown(protocol, asked)


def _markdown(protocol: Protocol, asked: list[dict[str, Any]]) -> str:
    choices = [e for e in asked if e["kind"] == "behaviour"]
    inputs = [e for e in asked if e["kind"] == "input"]
    lines = [
        f"# Questions on {protocol.name}",
        "",
        f"On: {protocol.title}. {NOTICE}",
        "",
        "Reading the description as rules that a system must follow, we found places where it can "
        "be read in more than one way, or says nothing. Until you answer, we take the reading "
        "named below; each question shows the shortest course of events for which it matters.",
    ]
    if choices:
        lines += ["", f"## What changes the rules ({len(choices)})"]
    for entry in choices:
        lines += ["", f"### {_title(entry)}", "", entry["question"], ""]
        lines += [f"- [ ] **{slug}**: {text}" for slug, text in entry["readings"].items()]
        lines += ["- [ ] another answer:", "", f"{_taken(entry)} {entry['why']}"]
        for pair in _examples(entry):
            lines += ["", "```", *pair_lines(pair, ""), "```"]
    if inputs:
        lines += ["", f"## What people settle case by case ({len(inputs)})"]
        lines += ["", "The rules take these from outside; a definition would make them certain."]
    for entry in inputs:
        lines += ["", f"### {_title(entry)}", "", entry["question"], "", entry["why"]]
    return "\n".join(lines) + "\n"


def _taken(entry: dict[str, Any]) -> str:
    taken = entry["default"]
    if taken == SILENT:
        return "Until then there is **no rule** for it: what it asks about is refused."
    if taken == UNSPECIFIED:
        return "Until then the rules answer that **the text does not decide**."
    return f"We take **{taken}**."


def _title(entry: dict[str, Any]) -> str:
    return str(entry["id"]) + (" (weighs heavily)" if entry["severity"] == "H" else "")


def _examples(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """For each other reading that the text may have, what tells it from the one that is taken."""
    taken = entry["default"]
    found = [
        p
        for p in entry["pairs"]
        if p["verdict"] == "distinguished"
        and taken in (p["a"], p["b"])
        and {p["a"], p["b"]} - {taken} <= set(entry["readings"])
    ]
    return found


def _csv(asked: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in asked:
        example = "\n".join(line for pair in _examples(entry) for line in pair_lines(pair, ""))
        readings = "\n".join(f"{slug}: {text}" for slug, text in entry["readings"].items())
        row = [str(entry[k]) for k in ("id", "severity", "kind", "question")]
        row += [readings, entry["default"], entry["why"], example, ""]
        writer.writerow([_cell(value) for value in row])
    writer.writerow(["notice", "", "", NOTICE, "", "", "", "", ""])
    return out.getvalue()


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
