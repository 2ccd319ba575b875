"""``spec-check show``: what a protocol says, clause by clause."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from ...spec.citations import citations
from ...spec.document import to_document
from ...spec.errors import SpecError
from ...spec.model import Ambiguity, Clause, Machine, Protocol, Unspecified
from ...spec.notice import NOTICE
from ...spec.registry import load
from .codes import OK
from .common import parser, print_json


def run(argv: list[str]) -> int:
    """Runs the command."""
    made = parser("show", "Shows clauses, ambiguities with their readings, transitions, regimens.")
    made.add_argument("protocol")
    made.add_argument("clause", nargs="?", help="one clause or ambiguity by its id")
    made.add_argument("--machine", help="only the transitions of this machine")
    options = made.parse_args(argv)
    protocol = load(options.protocol)
    if options.machine:
        protocol.machine(options.machine)
    cited = citations(protocol)
    known = {c.id for c in protocol.clauses} | {a.id for a in protocol.ambiguities}
    if options.clause is not None and options.clause not in known:
        raise SpecError(
            f"{protocol.name} has no clause or ambiguity {options.clause!r}",
            hint=f"spec-check show {protocol.name} lists them",
        )
    if options.json:
        answer = _answer(protocol, cited)
        if options.clause is not None:
            for part in ("clauses", "ambiguities"):
                answer[part] = [e for e in answer[part] if e["id"] == options.clause]
        print_json("protocol", answer)
        return OK
    if options.clause is not None:
        _print_one(protocol, options.clause, cited)
        return OK
    _print_all(protocol, options.machine, cited)
    return OK


def _answer(protocol: Protocol, cited: dict[str, list[str]]) -> dict[str, Any]:
    document = to_document(protocol)
    document.pop("format", None)
    for part in ("clauses", "ambiguities", "claims"):
        document.setdefault(part, [])
    for entry in document["clauses"]:
        entry["cited_by"] = cited.get(entry["id"], [])
        entry.setdefault("source", {"document": "", "sentence": []})
        entry.setdefault("reason", None)
    for entry in document["ambiguities"]:
        entry["cited_by"] = cited.get(entry["id"], [])
    return document


def _print_one(protocol: Protocol, id: str, cited: dict[str, list[str]]) -> None:
    for clause in protocol.clauses:
        if clause.id == id:
            print(_clause(clause))
    for ambiguity in protocol.ambiguities:
        if ambiguity.id == id:
            print(_ambiguity(ambiguity))
    for what in cited.get(id, []):
        print(f"  cited by {what}")
    for machine in protocol.machines:
        for line in _transitions(machine, id):
            print(line)


def _print_all(protocol: Protocol, machine: str | None, cited: dict[str, list[str]]) -> None:
    print(f"{protocol.name}: {protocol.title}\n{NOTICE}\n")
    print("Clauses")
    for clause in protocol.clauses:
        count = len(cited.get(clause.id, []))
        print(_clause(clause) + (f"  (cited by {count})" if count else ""))
    print("\nAmbiguities")
    for ambiguity in protocol.ambiguities:
        print(_ambiguity(ambiguity))
    for one in protocol.machines:
        if machine in (None, one.name):
            print(f"\nMachine {one.name}")
            for line in _transitions(one, None):
                print(line)
            for regimen in one.regimens:
                print(f"  regimen of {regimen.drug} [{regimen.clause}]: {_days(regimen)}")


def _days(regimen: Any) -> str:
    if regimen.unspecified:
        return f"not stated ({regimen.unspecified})"
    days = ", ".join(map(str, regimen.days)) if regimen.days else "every day"
    return f"{regimen.dose} {regimen.unit}, days {days} of {regimen.cycle}"


def _clause(clause: Clause) -> str:
    where = f" (sentence {', '.join(map(str, clause.sentences))})" if clause.sentences else ""
    reason = f"\n    not modelled: {clause.reason}" if clause.reason else ""
    return (
        fill(f"  {clause.id} [{clause.kind}] {clause.text}{where}", 100, subsequent_indent="    ")
        + reason
    )


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


def _transitions(machine: Machine, id: str | None) -> list[str]:
    lines = []
    for t in machine.transitions:
        if id is not None and id not in (t.clause, *(r.clause for r in t.requires)):
            continue
        target = t.target
        goal = (
            f"unspecified {target.ambiguity}"
            if isinstance(target, Unspecified)
            else target or "stays"
        )
        lines.append(f"  {t.clause or '-'}: {', '.join(t.sources)} on {t.event} -> {goal}")
        lines += [f"      requires {r.condition}  [{r.clause}]" for r in t.requires]
        if t.when != "True":
            lines.append(f"      when {t.when}")
        if t.then:
            lines.append(f"      then {t.then}")
    return lines
