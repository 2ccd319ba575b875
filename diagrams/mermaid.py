"""`Chart` -> Mermaid ``stateDiagram-v2`` text, for pages that draw Mermaid themselves."""

from __future__ import annotations

from ..spec.notice import NOTICE
from .chart import GAPS, LEFT_OUT, NOT_ENTERED, Chart, Row
from .text import MAX_NAME, plain

# what Mermaid takes literally in a label; everything else goes in by its number
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,=+*/()[]'-…")
BREAK = "<br/>"


def mermaid(chart: Chart) -> str:
    """The chart as Mermaid text: rules on the lines, rules that stay inside the states."""
    names = {box.name: f"s{n}" for n, box in enumerate(chart.boxes)}
    outcomes = {o.ambiguity: f"u{n}" for n, o in enumerate(chart.outcomes)}
    text = [f"%% {NOTICE}", "stateDiagram-v2", "    direction TB"]
    for box in chart.boxes:
        name = names[box.name]
        text.append(f'    state "{_label(box.name, MAX_NAME)}" as {name}')
        if box.meaning:
            text.append(f"    {name} : {_label(box.meaning)}")
        if not box.entered:
            text.append(f"    {name} : {NOT_ENTERED}")
        text += [f"    {name} : {_label(note.text)} ({_label(note.clause)})" for note in box.doses]
        if box.within is not None:
            until = f"stays only while {box.within.text}"
            text.append(f"    {name} : {_label(until)} ({_label(box.within.clause)})")
        text += [f"    {name} : {_rule(row)}" for row in (*box.changes, *box.idle)]
        for gap in box.gaps:
            says = f"{GAPS} {plain(gap.event, MAX_NAME)} ({', '.join(gap.ambiguities)})"
            text.append(f"    {name} : {_label(says)}")
    for outcome in chart.outcomes:
        name = outcomes[outcome.ambiguity]
        title = _label(f"unspecified {plain(outcome.ambiguity, MAX_NAME)}")
        text.append(f'    state "{title}" as {name}')
        if outcome.question:
            text.append(f"    {name} : {_label(outcome.question)}")
    for box in chart.boxes:
        if box.initial:
            text.append(f"    [*] --> {names[box.name]}")
        if box.final:
            text.append(f"    {names[box.name]} --> [*]")
    for edge in chart.edges:
        target = (outcomes if edge.unspecified else names)[edge.target]
        label = BREAK.join(_rule(row) for row in edge.rows)
        text += [f"    {names[source]} --> {target} : {label}" for source in edge.sources]
    text += _legend(chart, next(iter(names.values())))
    if outcomes:
        text.append("    classDef unspecified stroke:#b3001b,stroke-dasharray:3 3")
        text.append(f"    class {','.join(outcomes.values())} unspecified")
    return "\n".join(text) + "\n"


def _rule(row: Row) -> str:
    """``evaluate(dlt) [first_clear and higher] / level += 1 (IBR-05)``, as in UML."""
    kind = "happens" if row.observation else "action"
    text = f"{_label(row.event, MAX_NAME)}, {kind}"
    if row.conditions:
        text += f" [{_label(' and '.join(row.guard))}]"
    if row.effects:
        text += f" / {_label(', '.join(row.effects))}"
    return f"{text} ({_label(row.clause, MAX_NAME)})" if row.clause else text


def _legend(chart: Chart, beside: str) -> list[str]:
    title = f"{chart.protocol}: {chart.machine}"
    constants = ", ".join(f"{c.name} = {c.text}" for c in chart.constants)
    entries = [title, chart.title, f"Readings: {chart.readings}"]
    entries += [f"Constants: {constants}"] if constants else []
    entries += [f"{d.name}: {d.text}" for d in chart.definitions]
    entries += [LEFT_OUT, NOTICE]
    body = [f"        {_label(e)}" for e in entries if e]
    return [f"    note right of {beside}", *body, "    end note"]


def _label(text: str, limit: int = 600) -> str:
    """The text with everything that Mermaid or HTML could read as more than text by number."""
    shown = plain(text, limit)
    # two hyphens begin an arrow, and the word "end" alone would close a note
    parts = [c if c in _SAFE else f"#{ord(c)};" for c in shown.replace("--", "-\x00")]
    made = "".join(parts).replace("#0;", "#45;")
    return f"#{ord(made[0])};{made[1:]}" if made.lower().startswith("end") else made
