"""`Chart` -> DOT text, the same bytes for the same chart.

A line between states passes through a box with its rules, so that every label is visibly on its
line. Colours are never alone: actions are solid, observations dashed, what is unspecified dotted.
"""

from __future__ import annotations

from itertools import pairwise

from .arrange import Shared, arrange
from .chart import GAPS, LEFT_OUT, NOT_ENTERED, Box, Chart, Condition, Edge, Outcome, Row
from .labels import (
    BLANK,
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
    LEGEND_WIDTH,
    RED,
    SPACE,
    columns,
    font,
    html,
    left,
    section,
    table,
    tight,
    title,
)
from .text import MAX_NAME, lines, packed, plain

TINT = {"action": "#f2f6fd", "observation": "#f0f8f4", "both": "#f5f6f7"}
LINE = {"action": (BLUE, "solid"), "observation": (GREEN, "dashed"), "both": (GREY, "solid")}
RULE_WIDTH, BOX_WIDTH = 44, 46
SHARED = "Rules of several states, which stay in them"
MORE = "and the rules of several states"


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
            "label": html(_legend(chart)),
        },
        node_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "shape": "box"},
        edge_attr={"arrowsize": "0.8"},
    )
    head = Digraph(
        name="cluster_title",
        graph_attr={
            "peripheries": "0",
            "labelloc": "t",
            "labeljust": "c",
            "label": html(_title(chart)),
        },
    )
    drawn = arrange(chart)
    names = {box.name: f"s{n}" for n, box in enumerate(drawn.boxes)}
    outcomes = {o.ambiguity: f"u{n}" for n, o in enumerate(chart.outcomes)}
    head.node("start", label="", shape="circle", style="filled", fillcolor=INK, width="0.16")
    for box in drawn.boxes:
        arrivals = [e for e in drawn.arrivals if e.target == box.name and not e.unspecified]
        more = any(box.name in group.states for group in drawn.shared)
        _state(head, names[box.name], box, arrivals, more=more)
        if box.initial:
            head.edge("start", names[box.name], color=INK)
    for outcome in chart.outcomes:
        arrivals = [e for e in drawn.arrivals if e.target == outcome.ambiguity and e.unspecified]
        _outcome(head, outcomes[outcome.ambiguity], outcome, arrivals)
    for n, edge in enumerate(drawn.lines):
        target = (outcomes if edge.unspecified else names)[edge.target]
        _edge(head, f"e{n}", edge, [names[s] for s in edge.sources], target)
    alone = [outcomes[o.ambiguity] for o in chart.outcomes]
    alone = [n for n in alone if n not in {outcomes.get(e.target) for e in drawn.lines}]
    if drawn.shared:
        _shared(head, "shared", drawn.shared)
        alone.insert(0, "shared")
    for above, below in pairwise(alone):
        # what no line leads to stands in one column
        head.edge(above, below, style="invis")
    graph.subgraph(head)
    return str(graph.source)


# ---- nodes and lines


def _state(graph: object, name: str, box: Box, arrivals: list[Edge], *, more: bool) -> None:
    heading = [font(box.name, 14, INK, bold=True, limit=MAX_NAME)]
    heading += [font(t, 10, GREY) for t in lines(box.meaning, BOX_WIDTH) if t]
    if not box.entered:
        heading.append(font(NOT_ENTERED, 9, GREY))
    rows = [_across(t, "") for t in heading]
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
            rows.append(_across(font(label, 9, GREY)))
            rows += [_rule(row, BOX_WIDTH) for row in group]
    if box.gaps:
        rows.append(_across(font(GAPS, 9, RED)))
        for gap in box.gaps:
            event = font(gap.event, 10, RED, bold=True, limit=MAX_NAME)
            rows.append(_cited([event], ", ".join(gap.ambiguities)))
    if more:
        rows.append(_across(font(MORE, 9, GREY)))
    rows += _arrivals(arrivals)
    graph.node(  # type: ignore[attr-defined]
        name,
        label=html(table(rows)),
        style="rounded,filled",
        fillcolor="#fffdf3" if not box.final else "#eceff3",
        color=INK,
        penwidth="1.6",
        peripheries="2" if box.final else "1",
        margin="0.08,0.05",
    )


def _outcome(graph: object, name: str, outcome: Outcome, arrivals: list[Edge]) -> None:
    text = [font(f"unspecified: {plain(outcome.ambiguity, MAX_NAME)}", 12, RED, bold=True)]
    text += [font(t, 10, INK) for t in lines(outcome.question, 40) if t]
    rows = [_across(t, "") for t in text]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=html(table([*rows, *_arrivals(arrivals)], 2 if arrivals else 0)),
        style="rounded,dotted",
        color=RED,
        penwidth="2",
        margin="0.12,0.08",
    )


def _arrivals(edges: list[Edge]) -> list[str]:
    """The rules that lead here from many states: lines from everywhere would hide the others."""
    rows = []
    for edge in edges:
        rows += _names("from ", edge.sources)
        rows += [_rule(row, BOX_WIDTH) for row in edge.rows]
    return rows


def _shared(graph: object, name: str, groups: tuple[Shared, ...]) -> None:
    """What several states have alike, in a box of its own."""
    rows = [_across(font(SHARED, 12, INK, bold=True), "")]
    for group in groups:
        rows += _names("in ", group.states)
        rows += [_note(n) for n in group.doses]
        rows += [_rule(row, BOX_WIDTH) for row in group.rows]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=html(table(rows)),
        style="filled",
        fillcolor=TINT["both"],
        color="#c6ccd4",
        penwidth="0.6",
        margin="0.08,0.05",
    )


def _names(word: str, states: tuple[str, ...]) -> list[str]:
    every = word + ", ".join(plain(state, MAX_NAME) for state in states)
    return [_across(tight(font(t, 10, INK, bold=True) for t in lines(every, BOX_WIDTH)))]


def _across(content: str, align: str = 'ALIGN="LEFT" BALIGN="LEFT"') -> str:
    return f'<TR><TD COLSPAN="2" {align}>{content}</TD></TR>'


def _edge(graph: object, name: str, edge: Edge, sources: list[str], target: str) -> None:
    colour, style = LINE[edge.style]
    if edge.unspecified:
        colour, style = RED, "dotted"
    rows = [_rule(row, RULE_WIDTH) for row in edge.rows]
    graph.node(  # type: ignore[attr-defined]
        name,
        label=html(table(rows)),
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
    colour = GREEN if row.observation else BLUE
    # many arguments take more than a line
    text = [font(t, 10, colour, bold=True) for t in lines(plain(row.event, MAX_NAME), width)]
    text[-1] += SPACE + font("happens" if row.observation else "action", 8, GREY)
    text += _indented("if", packed(row.guard, " and ", width))
    text += _indented("then", packed(row.effects, "; ", width))
    return _cited(text, row.clause)


def _note(note: Condition) -> str:
    return _cited([font(t, 10, INK) for t in lines(note.text, BOX_WIDTH)], note.clause)


def _cited(text: list[str], clause: str) -> str:
    return (
        f'<TR><TD ALIGN="LEFT" BALIGN="LEFT">{left(text)}</TD>'
        f'<TD ALIGN="RIGHT" VALIGN="TOP">{font(clause, 9, GREY, limit=MAX_NAME)}</TD></TR>'
    )


def _indented(word: str, text: list[str]) -> list[str]:
    return [
        (BLANK if n else font(word, 10, GREY) + SPACE) + font(t, 10, INK)
        for n, t in enumerate(text)
    ]


# ---- title and legend


def _title(chart: Chart) -> str:
    return title(chart.heading, chart.title, chart.meaning, chart.readings, chart.constants)


def _legend(chart: Chart) -> str:
    sections = [_key()]
    sections += [
        section(heading, entries)
        for heading, entries in (
            ("Words used in conditions", chart.definitions),
            ("Events", chart.events),
            ("Values", chart.variables),
            ("Gaps left open", chart.gaps),
            ("Clauses cited", chart.clauses),
        )
        if entries
    ]
    return columns(sections)


def _key() -> list[str]:
    entries = (
        (BLUE, "solid blue", "an action: someone decides to do it, and it can be refused"),
        (GREEN, "dashed green", "an observation: it happens, and must be answered"),
        (GREY, "solid grey", "both kinds"),
        (RED, "dotted red", "unspecified: the text does not say what follows"),
        (INK, "double border", "a final state: accepts nothing more"),
    )
    text = [
        font(f"{name}:", 10, colour, bold=True) + SPACE + font(meaning, 10, INK)
        for colour, name, meaning in entries
    ]
    return [
        font("Key", 12, INK, bold=True),
        *text,
        *(font(t, 9, GREY) for t in lines(LEFT_OUT, LEGEND_WIDTH + 12)),
        "",
    ]
