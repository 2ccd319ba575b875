"""``spec-check show``: what a protocol says, and what its machines are made of."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import fill
from typing import Any

from ...spec.accounting import paragraphs
from ...spec.citations import citing
from ...spec.document import to_document
from ...spec.errors import SpecError
from ...spec.model import Ambiguity, Machine, Protocol, Transition, Unspecified
from ...spec.notice import NOTICE
from ...spec.place import short
from ...spec.readings import parse_readings
from ...spec.registry import load
from .codes import OK
from .common import parser, print_json
from .show_clauses import Cited, clause_lines, clause_text
from .show_machine import machine_lines, named_lines, names, rule_lines


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    protocol = load(options.protocol)
    if options.source is not None or options.index:
        from .show_source import run_source

        return run_source(protocol, options)
    machines = protocol.machines
    if options.machine:
        machines = (protocol.machine(options.machine),)
    cited = citing(protocol)
    ids = [c.id for c in protocol.clauses] + [a.id for a in protocol.ambiguities]
    name = options.name
    if name is not None:
        declared = [n for machine in machines for n in names(machine)]
        if name not in (*ids, *declared):
            raise _unknown(protocol, name, ids, declared)
    if options.json:
        if options.reading:
            raise SpecError("--reading is for the text; --json has every rule", where="--reading")
        answer = _answer(protocol, cited)
        if name is not None:
            for part in ("clauses", "ambiguities"):
                answer[part] = [e for e in answer[part] if e["id"] == name]
        print_json("protocol", answer)
        return OK
    if options.reading:
        readings = parse_readings(protocol, options.reading)
        machines = tuple(_under(protocol, machine, readings) for machine in machines)
    if name is None:
        _print_all(protocol, machines, cited)
    elif name in ids:
        _print_one(protocol, machines, name, cited)
    else:
        parts = [named_lines(m, name) for m in machines]
        print("\n\n".join("\n".join(lines) for lines in parts if lines))
    return OK


def _options() -> argparse.ArgumentParser:
    made = parser(
        "show",
        "Shows clauses, ambiguities with their readings, and each machine: states, events, values, "
        "words (definitions), rules, regimens. With --source, the document beside its clauses.",
    )
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument(
        "name",
        nargs="?",
        help="only this clause, ambiguity, state, event, value or word, with what uses it",
    )
    made.add_argument("--machine", help="only this machine: trial or subject")
    made.add_argument(
        "--reading",
        action="append",
        default=[],
        metavar="PROFILE|ID=NAME",
        help="only the rules that can fire under these readings",
    )
    made.add_argument(
        "--source",
        metavar="FILE",
        help="check this text, sentence by sentence, against the index of the protocol's source, "
        "and show it beside the clauses; exit code 1 when it differs",
    )
    made.add_argument(
        "--index",
        action="store_true",
        help="with --source: print the index of this text, for a protocol of one's own",
    )
    return made


def _unknown(protocol: Protocol, name: str, ids: list[str], declared: list[str]) -> SpecError:
    from difflib import get_close_matches

    hint = f"spec-check show {protocol.name} lists them"
    near = [id for id in ids if id.lower() == name.lower()]
    near += get_close_matches(name[:60].lower(), declared, 1)
    return SpecError(
        f"{protocol.name} has no clause, ambiguity, state, event, value or word {short(name)}",
        hint=f"did you mean {near[0]}? {hint}" if near else hint,
    )


def _under(protocol: Protocol, machine: Machine, readings: Mapping[str, str]) -> Machine:
    """The machine with the rules, and their states, that these readings leave.

    What answers unspecified where a reading is left open is among them, without its condition.
    """
    from ...statemachines.bind import bind

    bound = bind(protocol, machine.name, readings=readings)
    left = set()
    generated: dict[tuple[Unspecified, str], list[str]] = {}
    for rule in bound.rules:
        source, to = bound.states[rule.source], rule.target
        goal = bound.states[to] if isinstance(to, int) else to
        requires = tuple((p.clause, p.text) for p in rule.parts)
        left.add((source, rule.event, rule.clause, goal, rule.text, requires))
        if isinstance(to, Unspecified) and rule.clause == to.ambiguity:
            generated.setdefault((to, rule.event), []).append(source)

    def is_left(t: Transition, source: str) -> bool:
        text = t.when + (f" / {t.then}" if t.then else "")
        key = (source, t.event, t.clause, source if t.target is None else t.target, text)
        count = len(t.requires)
        needed = tuple((r.clause, r.condition) for r in t.requires)
        return any(k[:5] == key and k[5][:count] == needed for k in left)

    kept = [
        replace(t, source=sources)
        for t in machine.transitions
        if (sources := tuple(s for s in t.sources if is_left(t, s)))
    ]
    kept += [
        Transition(to.ambiguity, tuple(sources), event, to)
        for (to, event), sources in generated.items()
    ]
    return replace(machine, transitions=tuple(kept))


def _answer(protocol: Protocol, cited: Cited) -> dict[str, Any]:
    document = to_document(protocol)
    document.pop("format", None)
    for part in ("clauses", "ambiguities", "claims"):
        document.setdefault(part, [])
    for clause, entry in zip(protocol.clauses, document["clauses"], strict=True):
        entry["cited_by"] = [str(c) for c in cited.get(clause.id, ())]
        source = entry.setdefault("source", {"document": "", "sentence": []})
        places = list(paragraphs(protocol, clause))
        if places:
            source["paragraph"] = places[0] if len(places) == 1 else places
        entry.setdefault("reason", None)
    for entry in document["ambiguities"]:
        entry["cited_by"] = [str(c) for c in cited.get(entry["id"], ())]
    return document


def _print_one(protocol: Protocol, machines: Sequence[Machine], id: str, cited: Cited) -> None:
    for clause in protocol.clauses:
        if clause.id == id:
            print(clause_text(protocol, clause))
    for ambiguity in protocol.ambiguities:
        if ambiguity.id == id:
            print(_ambiguity(ambiguity))
    for citation in cited.get(id, ()):
        print(f"  cited by {citation}")
    for machine in machines:
        for t in machine.transitions:
            if id in (t.clause, *(r.clause for r in t.requires)):
                print("\n".join(rule_lines(t)))


def _print_all(protocol: Protocol, machines: Sequence[Machine], cited: Cited) -> None:
    print(f"{protocol.name}: {protocol.title}\n{NOTICE}\n")
    print("\n".join(clause_lines(protocol, cited)))
    print("\nAmbiguities")
    for ambiguity in protocol.ambiguities:
        print(_ambiguity(ambiguity))
    for machine in machines:
        print("\n" + "\n".join(machine_lines(machine)))


def _ambiguity(ambiguity: Ambiguity) -> str:
    severity = f", severity {ambiguity.severity}" if ambiguity.severity else ""
    lines = [
        fill(
            f"  {ambiguity.id} ({ambiguity.kind}{severity}) {ambiguity.question}",
            100,
            subsequent_indent="    ",
        )
    ]
    for letter, (slug, meaning) in zip("abcdefgh", ambiguity.readings.items(), strict=False):
        mark = "*" if slug == ambiguity.default else " "
        lines.append(fill(f"   {mark}{letter} {slug}: {meaning}", 100, subsequent_indent="       "))
    if ambiguity.why:
        lines.append(
            fill(f"     default because: {ambiguity.why}", 100, subsequent_indent="       ")
        )
    return "\n".join(lines)
