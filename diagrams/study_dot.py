"""`StudyChart` -> DOT text: one table, the trial on the left, its subjects on the right."""

from __future__ import annotations

from collections.abc import Iterable

from .labels import (
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
    RED,
    SPACE,
    centred,
    columns,
    font,
    html,
    left,
    section,
    table,
    title,
)
from .study import Alone, Move, Part, StudyChart, Together
from .text import MAX_NAME, lines, plain

JOINT = "A joint event happens in the trial and in one of its subjects, or in neither."
ACTION, OBSERVATION = "#f2f6fd", "#f0f8f4"
TOP = 'BORDER="1" SIDES="T" COLOR="#c6ccd4"'
SIDE_WIDTH, MIDDLE_WIDTH = 46, 38


def study_dot(chart: StudyChart) -> str:
    """The DOT source of a study."""
    from graphviz import Digraph

    graph = Digraph(
        name=chart.name,
        graph_attr={"fontname": FONT, "fontsize": "10", "pad": "0.3", "bgcolor": "white"},
        node_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "shape": "plain"},
    )
    parts = [title(chart.heading, chart.title, JOINT, chart.readings, ())]
    parts += [_events(chart), _legend(chart)]
    graph.node("study", label=html(table(f"<TR><TD>{p}</TD></TR>" for p in parts)))
    return str(graph.source)


def _events(chart: StudyChart) -> str:
    heads = ("In the trial", "Joint event", "In the subject")
    cells = [f'<TD ALIGN="LEFT">{font(head, 12, GREY, bold=True)}</TD>' for head in heads]
    rows = [f"<TR>{''.join(cells)}</TR>"]
    rows += [_together(event) for event in chart.together if event.possible]
    never = [event.event for event in chart.together if not event.possible]
    below = [_alone("In the trial alone", chart.trial), _never(never)]
    below.append(_alone("In the subject alone", chart.subject))
    rows.append(f"<TR>{''.join(below)}</TR>")
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="6">{"".join(rows)}</TABLE>'
    )


def _together(event: Together) -> str:
    colour, tint, says = _kind(event.observation)
    text = [font(t, 12, colour, bold=True) for t in lines(event.event, MIDDLE_WIDTH)]
    text[-1] += SPACE + font(says, 9, GREY)
    if event.needs is not None:
        needs = f"if {event.needs.text} [{event.needs.clause}]"
        text += [font(t, 10, INK) for t in lines(needs, MIDDLE_WIDTH)]
    inner = (
        f'<TABLE BORDER="1" COLOR="{colour}" BGCOLOR="{tint}" CELLBORDER="0" CELLSPACING="0" '
        f'CELLPADDING="6"><TR><TD>{centred(text)}</TD></TR></TABLE>'
    )
    middle = f"<TD {TOP}>{inner}</TD>"
    return f"<TR>{_side(event.trial)}{middle}{_side(event.subject)}</TR>"


def _side(part: Part) -> str:
    """Where the event leads in one machine, with the clauses of its rules."""
    text = [line for move in part.moves for line in _move(move)]
    text += [font(t, 9, GREY) for t in lines(", ".join(part.clauses), SIDE_WIDTH + 8) if t]
    text = text or [font("no rule under these readings", 10, GREY)]
    return f'<TD {TOP} ALIGN="LEFT" BALIGN="LEFT">{left(text)}</TD>'


def _move(move: Move) -> list[str]:
    """``first_three, additional_three: stays, or to mtd``."""
    ends = ["stays"] if move.stays else []
    if move.targets:
        ends.append(f"to {', '.join(plain(t, MAX_NAME) for t in move.targets)}")
    open_ = [f"unspecified ({plain(a, MAX_NAME)})" for a in move.unspecified]
    sources = ", ".join(plain(s, MAX_NAME) for s in move.sources)
    names = [font(t, 11, INK, bold=True) for t in lines(sources, SIDE_WIDTH)]
    text = lines(", or ".join([*ends, *open_]), SIDE_WIDTH)
    return names + [SPACE * 3 + font(t, 10, RED if open_ else INK) for t in text]


def _alone(heading: str, events: Iterable[Alone]) -> str:
    text, width = [""], 0
    for event in events:
        name = plain(event.event, MAX_NAME)
        if width and width + len(name) > SIDE_WIDTH:
            text, width = [*text, ""], 0
        text[-1] += (SPACE * 3 if width else "") + font(name, 10, _kind(event.observation)[0])
        width += len(name) + 2
    if not width:
        text = [font("none", 10, GREY)]
    body = left([font(heading, 10, GREY, bold=True), *text])
    return f'<TD {TOP} ALIGN="LEFT" BALIGN="LEFT" VALIGN="TOP">{body}</TD>'


def _never(events: Iterable[str]) -> str:
    names = ", ".join(plain(e, MAX_NAME) for e in events)
    text = [font(t, 10, INK) for t in lines(names, MIDDLE_WIDTH) if t]
    if text:
        text.insert(0, font("Not under these readings", 10, GREY, bold=True))
    return f'<TD {TOP} ALIGN="LEFT" BALIGN="LEFT" VALIGN="TOP">{left(text) or SPACE}</TD>'


def _kind(observation: bool) -> tuple[str, str, str]:
    return (GREEN, OBSERVATION, "happens") if observation else (BLUE, ACTION, "action")


def _legend(chart: StudyChart) -> str:
    key = [
        font("blue", 10, BLUE, bold=True) + font(": someone decides to do it", 10, INK),
        font("green", 10, GREEN, bold=True) + font(": it happens, and must be answered", 10, INK),
    ]
    sections = [[font("Key", 12, INK, bold=True), *key, ""]]
    sections += [
        section(heading, entries, 60)
        for heading, entries in (
            ("What the trial knows of a subject", chart.sees),
            ("Words of the subject", chart.subject_words),
            ("Words of the trial", chart.trial_words),
            ("Clauses cited", chart.clauses),
        )
        if entries
    ]
    return columns(sections)
