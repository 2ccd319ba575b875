"""`Chart` -> DOT text, the same bytes for the same chart.

A line between states passes through a box with its rules, so that every label is visibly on its
line. Colours are never alone: actions are solid, observations dashed, what is unspecified dotted.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..spec.notice import NOTICE
from .chart import LEFT_OUT, NOT_ENTERED, Box, Chart, Condition, Edge, Entry, Outcome, Row
from .text import MAX_NAME, lines, markup, packed, plain

FONT = "Helvetica,Arial,sans-serif"
BLUE, GREEN, RED, GREY, INK = "#1b4f9c", "#0a6b47", "#b3001b", "#5b6470", "#16191d"
TINT = {"action": "#f2f6fd", "observation": "#f0f8f4", "both": "#f5f6f7"}
LINE = {"action": (BLUE, "solid"), "observation": (GREEN, "dashed"), "both": (GREY, "solid")}
RULE_WIDTH, BOX_WIDTH, LEGEND_WIDTH = 44, 46, 84
SPACE = "&#160;"
BLANK = SPACE * 4


def dot(chart: Chart) -> str:
    """The DOT source of a chart."""
    from graphviz import Digraph

    graph = Digraph(
        name=chart.name,
        graph_attr={
            "rankdir": "TB",
            "fontname": FONT,
            "fontsize": "10",
            "nodesep": "0.3",
            "ranksep": "0.28",
            "pad": "0.3",
            "bgcolor": "white",
            "labelloc": "b",
            "labeljust": "c",
            "label": _html(_legend(chart)),
        },
        node_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "shape": "box"},
        edge_attr={"arrowsize": "0.8"},
    )
    title = Digraph(
        name="cluster_title",
        graph_attr={
            "peripheries": "0",
            "labelloc": "t",
            "labeljust": "c",
            "label": _html(_title(chart)),
        },
    )
    names = {box.name: f"s{n}" for n, box in enumerate(chart.boxes)}
    outcomes = {o.ambiguity: f"u{n}" for n, o in enumerate(chart.outcomes)}
    title.node("start", label="", shape="circle", style="filled", fillcolor=INK, width="0.16")
    for box in chart.boxes:
        _state(title, names[box.name], box)
        if box.initial:
            title.edge("start", names[box.name], color=INK)
    for outcome in chart.outcomes:
        _outcome(title, outcomes[outcome.ambiguity], outcome)
    for n, edge in enumerate(chart.edges):
        target = (outcomes if edge.unspecified else names)[edge.target]
        _edge(title, f"e{n}", edge, [names[s] for s in edge.sources], target)
    graph.subgraph(title)
    return str(graph.source)


# ---- nodes and lines


def _state(graph: object, name: str, box: Box) -> None:
    heading = [_font(box.name, 14, INK, bold=True, limit=MAX_NAME)]
    heading += [_font(t, 10, GREY) for t in lines(box.meaning, BOX_WIDTH) if t]
    if not box.entered:
        heading.append(_font(NOT_ENTERED, 9, GREY))
    rows = [f'<TR><TD COLSPAN="2">{t}</TD></TR>' for t in heading]
    notes = list(box.doses)
    if box.within is not None:
        within = box.within
        notes.append(Condition(within.clause, f"stays only while {within.text}"))
    rows += [_note(n) for n in notes]
    for label, group in (
        ("without leaving this state:", box.changes),
        ("changing nothing:", box.idle),
    ):
        if group:
            rows.append(f'<TR><TD COLSPAN="2" ALIGN="LEFT">{_font(label, 9, GREY)}</TD></TR>')
            rows += [_rule(row, BOX_WIDTH) for row in group]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=_html(_table(rows)),
        style="rounded,filled",
        fillcolor="#fffdf3" if not box.final else "#eceff3",
        color=INK,
        penwidth="1.6",
        peripheries="2" if box.final else "1",
        margin="0.08,0.05",
    )


def _outcome(graph: object, name: str, outcome: Outcome) -> None:
    text = [_font(f"unspecified: {plain(outcome.ambiguity, MAX_NAME)}", 12, RED, bold=True)]
    text += [_font(t, 10, INK) for t in lines(outcome.question, 40) if t]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=_html(_table([f"<TR><TD>{t}</TD></TR>" for t in text], 0)),
        style="rounded,dotted",
        color=RED,
        penwidth="2",
        margin="0.12,0.08",
    )


def _edge(graph: object, name: str, edge: Edge, sources: list[str], target: str) -> None:
    colour, style = LINE[edge.style]
    if edge.unspecified:
        colour, style = RED, "dotted"
    rows = [_rule(row, RULE_WIDTH) for row in edge.rows]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=_html(_table(rows)),
        style="filled",
        fillcolor=TINT[edge.style],
        color="#c6ccd4",
        penwidth="0.6",
        margin="0.03,0.02",
    )
    pen = {"color": colour, "style": style, "penwidth": "1.4"}
    for source in sources:
        graph.edge(source, name, arrowhead="none", **pen)  # type: ignore[attr-defined]
    graph.edge(name, target, **pen)  # type: ignore[attr-defined]


def _rule(row: Row, width: int) -> str:
    """A table row: event, guard and effects on the left, the clause on the right."""
    event = _font(row.event, 10, GREEN if row.observation else BLUE, bold=True, limit=MAX_NAME)
    text = [event + SPACE + _font("happens" if row.observation else "action", 8, GREY)]
    text += _indented("if", packed(row.guard, " and ", width))
    text += _indented("then", packed(row.effects, "; ", width))
    return _cited(text, row.clause)


def _note(note: Condition) -> str:
    return _cited([_font(t, 10, INK) for t in lines(note.text, BOX_WIDTH)], note.clause)


def _cited(text: list[str], clause: str) -> str:
    return (
        f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{_left(text)}</TD>'
        f'<TD ALIGN="RIGHT" VALIGN="TOP">{_font(clause, 9, GREY, limit=MAX_NAME)}</TD></TR>'
    )


def _indented(word: str, text: list[str]) -> list[str]:
    return [
        (BLANK if n else _font(word, 10, GREY) + SPACE) + _font(t, 10, INK)
        for n, t in enumerate(text)
    ]


# ---- title and legend


def _title(chart: Chart) -> str:
    heading = f"{plain(chart.protocol, MAX_NAME)}: {plain(chart.machine, MAX_NAME)}"
    constants = ", ".join(f"{c.name} = {c.text}" for c in chart.constants)
    text = [_font(heading, 20, INK, bold=True)]
    text += [_font(t, 12, INK) for t in lines(chart.title, 110) if t]
    text += [_font(t, 11, GREY) for t in lines(chart.meaning, 110) if t]
    text += [_font(t, 11, INK) for t in lines(f"Readings: {chart.readings}", 120)]
    if constants:
        text += [_font(t, 11, INK, bold=True) for t in lines(f"Constants: {constants}", 120)]
    text += [_font(NOTICE, 10, RED), "&#160;"]
    return _table([f"<TR><TD>{t}</TD></TR>" for t in text], 1)


def _legend(chart: Chart) -> str:
    """Two columns of about the same length."""
    sections = [_key()]
    sections += [
        _section(heading, entries)
        for heading, entries in (
            ("Words used in conditions", chart.definitions),
            ("Events", chart.events),
            ("Values", chart.variables),
            ("Clauses cited", chart.clauses),
        )
        if entries
    ]
    columns: tuple[list[str], list[str]] = ([], [])
    for section in sections:
        min(columns, key=len).extend(section)
    cells = "".join(
        f'<TD ALIGN="LEFT" BALIGN="LEFT" VALIGN="TOP">{_left(c)}</TD>' for c in columns if c
    )
    return _table([f"<TR>{cells}</TR>"], 12)


def _key() -> list[str]:
    entries = (
        (BLUE, "solid blue", "an action: someone decides to do it, and it can be refused"),
        (GREEN, "dashed green", "an observation: it happens, and must be answered"),
        (GREY, "solid grey", "both kinds"),
        (RED, "dotted red", "unspecified: the text does not say what follows"),
        (INK, "double border", "a final state: accepts nothing more"),
    )
    text = [
        _font(f"{name}:", 10, colour, bold=True) + SPACE + _font(meaning, 10, INK)
        for colour, name, meaning in entries
    ]
    return [
        _heading("Key"),
        *text,
        *(_font(t, 9, GREY) for t in lines(LEFT_OUT, LEGEND_WIDTH + 12)),
        "",
    ]


def _section(heading: str, entries: Iterable[Entry]) -> list[str]:
    text = [_heading(heading)]
    for entry in entries:
        name = plain(entry.name, MAX_NAME)
        # the name is set apart by its weight, so its line is filled up with the text
        first, *rest = lines(f"{'x' * len(name)}: {entry.text}", LEGEND_WIDTH)
        begun = first[len(name) + 1 :].strip()
        text.append(_font(f"{name}:" if begun else name, 10, INK, bold=True))
        text[-1] += SPACE + _font(begun, 10, INK) if begun else ""
        text += [BLANK + _font(t, 10, INK) for t in rest]
    return [*text, ""]


def _heading(text: str) -> str:
    return _font(text, 12, INK, bold=True)


def _left(text: Iterable[str]) -> str:
    # in mixed sizes a line is as high as its largest font: a blank of 13 points spaces them out
    blank = '<FONT POINT-SIZE="13">&#160;</FONT>'
    return "".join(f'{t}{blank}<BR ALIGN="LEFT"/>' for t in text)


# ---- Graphviz's HTML-like language


def _table(rows: list[str], padding: int = 2) -> str:
    body = "".join(rows)
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>'
    )


def _font(text: str, size: int, colour: str, *, bold: bool = False, limit: int = 600) -> str:
    safe = markup(plain(text, limit)) or "&#160;"
    if bold:
        safe = f"<B>{safe}</B>"
    return f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{safe}</FONT>'


def _html(text: str) -> str:
    # graphviz (PyPI) takes a label in angle brackets for this language and leaves it as it is
    return f"<{text}>"
