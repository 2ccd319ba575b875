"""``spec-check readings``: what each reading of an ambiguity changes, by the shortest run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import Any

from ...spec.errors import SpecError
from ...spec.model import Ambiguity, Protocol
from ...spec.notice import NOTICE
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.proof.readings import Readings
from ..answer import ACCEPTED
from ..collector import without_collector
from ..told_apart import as_json
from .codes import INCONCLUSIVE, OK
from .common import (
    add_binding,
    check_constants,
    constants_for,
    parser,
    print_json,
    warn,
    write_file,
)
from .verify_text import call_text, trace_text


def run(argv: list[str]) -> int:
    """Runs the command."""
    made = _options()
    options = made.parse_args(argv)
    if options.questions and options.json:
        raise SpecError("--questions is a letter, --json an answer: take one of them")
    if not options.questions and (options.format or options.output):
        raise SpecError("--format and --output are for --questions")
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    chosen = [protocol.ambiguity(id) for id in options.id] or list(protocol.ambiguities)
    base = parse_readings(protocol, options.reading)
    constants = {m.name: constants_for(m, options.set) for m in protocol.machines}
    with without_collector():
        readings = Readings(protocol, base=base, constants=constants)
        found = list(_entries(protocol, chosen, readings, options.quiet))
    if options.questions:
        from .letter import letter

        by_ending = "csv" if (options.output or "").endswith(".csv") else "markdown"
        text = letter(protocol, found, options.format or by_ending)
        if options.output:
            write_file(Path(options.output), text.encode())
        else:
            sys.stdout.write(text)
    elif options.json:
        print_json("readings", {"protocol": protocol.name, "ambiguities": found})
    else:
        print("\n\n".join(_text(entry) for entry in found))
        print("\n" + _total(found) + "\n" + NOTICE)
    unknown = any(p["verdict"] == "unknown" for entry in found for p in entry["pairs"])
    return INCONCLUSIVE if unknown else OK


def _options() -> argparse.ArgumentParser:
    made = parser(
        "readings",
        "For each ambiguity, each pair of its readings: the shortest run that tells them apart, or "
        "that they are equivalent, proved by a complete search.",
    )
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument("id", nargs="*", help="only these ambiguities")
    made.add_argument(
        "--questions", action="store_true", help="the open questions as a letter to the sponsor"
    )
    made.add_argument(
        "--format",
        choices=("markdown", "csv"),
        help="of the letter; by the ending of the file, else markdown",
    )
    made.add_argument("-o", "--output", metavar="FILE", help="the letter to a file")
    add_binding(made)
    return made


def _entries(
    protocol: Protocol, chosen: list[Ambiguity], readings: Readings, quiet: bool
) -> Iterator[dict[str, Any]]:
    for ambiguity in chosen:
        if not quiet and sys.stderr.isatty():
            warn(f"spec-check readings: {ambiguity.id}")
        yield {
            "id": ambiguity.id,
            "question": ambiguity.question,
            "default": ambiguity.choice(ambiguity.default) if ambiguity.choices else "",
            "kind": ambiguity.kind,
            "severity": ambiguity.severity,
            "why": ambiguity.why,
            "readings": dict(ambiguity.readings),
            "pairs": [as_json(pair) for pair in readings.pairs(ambiguity)],
        }


def _text(entry: dict[str, Any]) -> str:
    """One ambiguity for a terminal."""
    severity = f" [{entry['severity']}]" if entry["severity"] else ""
    lines = [fill(f"{entry['id']}{severity} {entry['question']}", 100, subsequent_indent="  ")]
    for slug, meaning in entry["readings"].items():
        lines.append(_wrapped(f"{slug}: {meaning}"))
    if entry["kind"] != "behaviour":
        label = "an input of the model" if entry["kind"] == "input" else "a note"
        return "\n".join([*lines, _wrapped(f"{label}: {entry['why']}")])
    lines.append(_wrapped(f"taken: {entry['default']}. {entry['why']}"))
    for pair in entry["pairs"]:
        lines += pair_lines(pair)
    return "\n".join(lines)


def pair_lines(pair: dict[str, Any], indent: str = "  ") -> list[str]:
    """What tells two readings apart, or that nothing does."""
    title = f"{indent}{pair['a']} | {pair['b']}: "
    taken = ", ".join(f"{id}={slug}" for id, slug in pair["readings"].items())
    if pair["verdict"] != "distinguished":
        return [title + ("equivalent" if pair["verdict"] == "equivalent" else "not decided")]
    trace = pair["trace"]
    under = f", with {taken}" if taken else ""
    lines = [f"{title}{pair['machine']}{under}"]
    before = trace[:-1] if pair["event"] else trace
    if before:
        lines += trace_text(before, indent + "  ", pair["start"])
    if pair["event"]:
        lines.append(f"{indent}  {len(trace)}. {call_text(trace[-1])}")
    here = {"state": before[-1]["state"], **before[-1]["values"]} if before else pair["start"]
    for side in "ab":
        said = _answer_text(pair[side + "_answer"], here if pair["event"] else None)
        lines.append(f"{indent}     {pair[side]}: {said}")
    return lines


def _answer_text(answer: dict[str, Any], before: dict[str, Any] | None) -> str:
    """One side's answer in words, with the clause; of an accepted event, what it changes."""
    clause = f"  [{answer['clause']}]" if answer["clause"] else ""
    if before is None:
        return str(answer["shows"])
    if answer["because"]:
        return f"{answer['answer']}, {answer['because']}{clause}"
    after = answer["observe"]
    changed = [f"{k} = {v}" for k, v in after.items() if before.get(k) != v and k != "state"]
    # what differs besides the values: doses due, or a stay that is over
    seen = [] if " is " in answer["shows"] or answer["shows"] == ACCEPTED else [answer["shows"]]
    return f"{ACCEPTED} -> {after['state']}: {', '.join([*changed, *seen])}".rstrip(": ") + clause


def _wrapped(text: str) -> str:
    return fill(text, 100, initial_indent="  ", subsequent_indent="    ")


def _total(found: list[dict[str, Any]]) -> str:
    pairs = [p["verdict"] for entry in found for p in entry["pairs"]]
    apart, alike = pairs.count("distinguished"), pairs.count("equivalent")
    parts = [f"{apart} told apart", f"{alike} equivalent"]
    if "unknown" in pairs:
        parts.append(f"{pairs.count('unknown')} NOT decided")
    counts = f"{_count(len(found), 'ambiguity', 'ambiguities')}, {_count(len(pairs), 'pair')}"
    return f"{counts} of readings: {', '.join(parts)}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
