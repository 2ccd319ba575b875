"""`Sheet` -> DOT text: one table, a row for each drug, a column for each day of the cycle.

A day with a dose is a filled cell with its number, so that the drawing reads without colours too.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..spec.calendar import WEEKDAYS
from .labels import (
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
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
from .sheet import AS_WRITTEN, WEEK, Grid, Line, Place, Sheet, Situation
from .text import MAX_NAME, lines, packed, plain

# dark ones with white numbers, and the pale ones of the same hue
COLOURS = (
    (BLUE, "#d5e0f2"),
    (GREEN, "#cfe6dc"),
    ("#8a4b08", "#f0dfca"),
    ("#5d3a8e", "#e1d8ee"),
    ("#0b5c6b", "#cde3e7"),
    ("#7a2048", "#eed5df"),
)
EMPTY, WEEKEND, UNSTATED, RULE = "#f3f5f7", "#e6eaee", "#eceef1", "#c6ccd4"
BAND, MOST_DAYS = 35, 168
SQUARE = 'FIXEDSIZE="TRUE" WIDTH="19" HEIGHT="19" CELLPADDING="0"'
NAME_WIDTH, AMOUNT_WIDTH, DAYS_WIDTH, TEXT_WIDTH = 30, 40, 90, 120
TAIL = 4  # the columns after the days: case, amount, sum, clause


def sheet_dot(sheet: Sheet) -> str:
    """The DOT source of a calendar."""
    from graphviz import Digraph

    graph = Digraph(
        name=sheet.name,
        graph_attr={"fontname": FONT, "fontsize": "10", "pad": "0.3", "bgcolor": "white"},
        node_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "shape": "plain"},
    )
    parts = [title(sheet.heading, sheet.title, "", sheet.readings, sheet.constants)]
    parts += [_Table(sheet).text(), _remarks(sheet), _legend(sheet)]
    graph.node("calendar", label=html(table(f"<TR><TD>{p}</TD></TR>" for p in parts if p)))
    return str(graph.source)


class _Table:
    """All situations as one table, so that their days stand below each other."""

    def __init__(self, sheet: Sheet) -> None:
        self.situations = sheet.situations
        grids = [grid for s in sheet.situations for grid in s.grids]
        drugs = dict.fromkeys(line.drug for grid in grids for line in grid.lines)
        self.colours = {d: COLOURS[n % len(COLOURS)] for n, d in enumerate(drugs)}
        self.wide = max((_span(band) for g in grids for band in _bands(g.cycle)), default=1)

    def text(self) -> str:
        """The table; nothing without situations."""
        rows = [row for situation in self.situations for row in self._situation(situation)]
        return (
            '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="2">'
            f"{''.join(rows)}</TABLE>"
            if rows
            else ""
        )

    def _situation(self, situation: Situation) -> list[str]:
        every = 1 + self.wide + 1 + TAIL
        rows = []
        for n, place in enumerate(situation.places):
            # a rule above each situation sets it apart
            rule = "" if n else f'BORDER="1" SIDES="T" COLOR="{RULE}" '
            text = left(_place(place))
            rows.append(
                f'<TR><TD COLSPAN="{every}" {rule}ALIGN="LEFT" BALIGN="LEFT">{text}</TD></TR>'
            )
        for grid in situation.grids:
            rows += self._grid(grid)
        return [*rows, f'<TR><TD COLSPAN="{every}" HEIGHT="6"></TD></TR>']

    def _grid(self, grid: Grid) -> list[str]:
        bands = _bands(grid.cycle)
        rows: list[str] = []
        for n, band in enumerate(bands):
            rows += self._header(grid, band, first=not n)
            last = n == len(bands) - 1
            for line in grid.lines:
                if last or not line.unspecified:
                    rows += self._line(line, grid, band, last=last)
        if not bands:
            rows = [row for line in grid.lines for row in self._line(line, grid, (), last=True)]
        return rows

    def _header(self, grid: Grid, band: range, *, first: bool) -> list[str]:
        """The day numbers, and above them the weekdays where the schedules fix them."""
        says = f"day of {grid.cycle}" if first else ""
        heads = [(says, [font(str(d), 8, GREY) for d in band])]
        if grid.begins:
            letters = [font(_weekday(grid, d)[0], 9, GREY, bold=True) for d in band]
            heads.insert(0, ("", letters))
        rest = self.wide - _span(band) + 1 + TAIL
        rows = []
        for name, texts in heads:
            cells = [f"<TD {SQUARE}>{t}</TD>" for t in texts]
            rows.append(
                f'<TR><TD ALIGN="RIGHT">{font(name, 9, GREY)}{SPACE}</TD>'
                f'{_weeks(band, cells)}<TD COLSPAN="{rest}"></TD></TR>'
            )
        return rows

    def _line(self, line: Line, grid: Grid, band: Sequence[int], *, last: bool) -> list[str]:
        """The rows of a drug: as many as it has amounts, its name and days beside all of them."""
        tails = _tails(line) if last else []
        tails = tails or [f'<TD COLSPAN="{TAIL}"></TD>']
        down = f'ROWSPAN="{len(tails)}"'
        name = [font(t, 12, INK, bold=True) for t in lines(line.drug[:MAX_NAME], NAME_WIDTH)]
        if line.weekdays:
            name += [font(t, 9, GREY) for t in lines(", ".join(line.weekdays), NAME_WIDTH)]
        head = f'<TD {down} ALIGN="LEFT" BALIGN="LEFT">{tight(name)}</TD>'
        gap = self.wide - (_span(band) if band and not line.unspecified else self.wide) + 1
        blank = f'<TD {down} COLSPAN="{gap}" WIDTH="12"></TD>'
        first = f"<TR>{head}{self._days(line, grid, band, down)}{blank}{tails[0]}</TR>"
        return [first, *(f"<TR>{tail}</TR>" for tail in tails[1:])]

    def _days(self, line: Line, grid: Grid, band: Sequence[int], down: str) -> str:
        if line.unspecified:
            says = f"schedule not stated ({plain(line.unspecified, MAX_NAME)})"
            return (
                f'<TD {down} COLSPAN="{self.wide}" BGCOLOR="{UNSTATED}" WIDTH="300" '
                f'HEIGHT="19">{font(says, 10, RED)}</TD>'
            )
        if not band:
            days = f"days {', '.join(map(str, line.days))}" if line.days else "every day"
            text = [font(t, 10, INK) for t in lines(f"{days} of {line.cycle}", DAYS_WIDTH)]
            return f'<TD {down} COLSPAN="{self.wide}" ALIGN="LEFT" BALIGN="LEFT">{tight(text)}</TD>'
        dark, pale = self.colours[line.drug]
        cells = []
        for day in band:
            fill, ink = (dark, "#ffffff") if line.begins else (pale, INK)
            number = font(str(day), 8, ink, bold=True)
            if not line.due(day):
                weekend = grid.begins and _weekday(grid, day) in WEEKDAYS[5:]
                fill, number = WEEKEND if weekend else EMPTY, ""
            # a table of its own keeps the cell square beside several amounts
            inner = f"<TR><TD {SQUARE}>{number}</TD></TR>"
            cells.append(
                f'<TD {down} CELLPADDING="0"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" '
                f'{SQUARE} BGCOLOR="{fill}">{inner}</TABLE></TD>'
            )
        return _weeks(band, cells, down)


def _bands(cycle: int) -> list[range]:
    """The days of a cycle in rows that fit a page; none where there are too many to draw."""
    if not 1 <= cycle <= MOST_DAYS:
        return []
    wide = cycle if cycle <= BAND else 4 * WEEK
    return [range(d, min(d + wide, cycle + 1)) for d in range(1, cycle + 1, wide)]


def _span(band: Sequence[int]) -> int:
    """The columns of a band: a narrow blank after each week is one as well."""
    return len(band) + sum(1 for day in band if _ends_week(day, band))


def _ends_week(day: int, band: Sequence[int]) -> bool:
    return day % WEEK == 0 and day != band[-1]


def _weeks(band: Sequence[int], cells: list[str], down: str = "") -> str:
    gap = f'<TD {down} WIDTH="4" CELLPADDING="0"></TD>'
    return "".join(
        cell + (gap if _ends_week(day, band) else "") for day, cell in zip(band, cells, strict=True)
    )


def _weekday(grid: Grid, day: int) -> str:
    return WEEKDAYS[(WEEKDAYS.index(grid.begins) + day - 1) % WEEK]


def _place(place: Place) -> list[str]:
    """The lines that head a situation: the state, its meaning, and when in this state."""
    name, *more = lines(place.state[:MAX_NAME], TEXT_WIDTH)
    text = [font(name, 14, INK, bold=True)]
    text[0] += SPACE + SPACE + font(place.meaning, 10, GREY, limit=TEXT_WIDTH)
    text += [font(t, 14, INK, bold=True) for t in more]
    several = len(place.conditions) > 1
    guard = [
        (f"({c.text})" if several and c.loose else c.text) + (f" [{c.clause}]" if c.clause else "")
        for c in place.conditions
    ]
    for n, part in enumerate(packed(guard, " and ", TEXT_WIDTH) if guard else ()):
        text.append((SPACE * 4 if n else font("if", 10, GREY) + SPACE) + font(part, 10, INK))
    return text


def _tails(line: Line) -> list[str]:
    """What stands right of the days, a row for each amount: case, amount, sum and clause."""
    if line.unspecified:
        return [f'<TD COLSPAN="{TAIL - 1}"></TD>{_clause(line.clause)}']
    every = tuple(dict.fromkeys(c for a in line.amounts for c in a.clauses)) or (line.clause,)
    alike = all(a.clauses == every for a in line.amounts)
    rows = []
    summed = bool(line.amounts) and all(a.total for a in line.amounts)
    for n, amount in enumerate(line.amounts if summed or not alike else ()):
        cited = amount.clauses if not alike else every if not n else ()
        case = f"{amount.by} = {amount.cases}:" if amount.by else ""
        rest = f"× {line.doses} = {amount.total}" if amount.total else ""
        rows.append(
            f'<TD ALIGN="RIGHT">{font(case, 10, GREY)}</TD>'
            f'<TD ALIGN="RIGHT">{font(amount.amount, 10, INK, bold=True)}</TD>'
            f'<TD ALIGN="LEFT">{font(f"{rest} {line.unit}", 10, INK)}</TD>'
            f"{_clause(', '.join(cited))}"
        )
    notes: list[str] = []
    if not rows:
        parts = [a.amount for a in line.amounts] or [line.dose]
        listed = " or ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        notes = [font(t, 10, INK, bold=True) for t in lines(f"{listed} {line.unit}", AMOUNT_WIDTH)]
    small = [f"{a.many} amounts" for a in line.amounts if a.many > 1]
    small += [line.dose] if line.dose and line.amounts else []
    small += ["may change within a cycle"] if line.varies else []
    small += [f"if {line.condition}"] if line.condition else []
    notes += [font(t, 9, GREY) for t in packed(small, "; ", AMOUNT_WIDTH)]
    if notes:
        cited = () if rows else every
        rows.append(
            f'<TD COLSPAN="{TAIL - 1}" ALIGN="LEFT" BALIGN="LEFT">{tight(notes)}</TD>'
            f"{_clause(', '.join(cited))}"
        )
    return rows


def _clause(text: str) -> str:
    cited = [font(t, 9, GREY) for t in lines(text, NAME_WIDTH)]
    return f'<TD ALIGN="RIGHT">{SPACE}{"<BR/>".join(cited)}</TD>'


# ---- below the situations


def _remarks(sheet: Sheet) -> str:
    text = []
    if sheet.left_out:
        text.append(font(f"Further situations, not drawn: {sheet.left_out}.", 10, RED))
    if not sheet.exact:
        text.append(font(AS_WRITTEN, 10, RED))
    if sheet.without:
        names = ", ".join(plain(s, MAX_NAME) for s in sheet.without)
        text += [font(t, 10, INK) for t in lines(f"No drug is due in: {names}.", TEXT_WIDTH)]
    return table([f'<TR><TD ALIGN="LEFT">{t}</TD></TR>' for t in text]) if text else ""


def _legend(sheet: Sheet) -> str:
    sections = [key] if (key := _key(sheet)) else []
    sections += [
        section(heading, entries, 76)
        for heading, entries in (
            ("Values", sheet.variables),
            ("Words used in conditions", sheet.definitions),
            ("Schedules not stated", sheet.ambiguities),
            ("Clauses cited", sheet.clauses),
        )
        if entries
    ]
    return columns(sections) if sections else ""


def _key(sheet: Sheet) -> list[str]:
    grids = [grid for s in sheet.situations for grid in s.grids]
    drawn = [line for grid in grids for line in grid.lines if not line.unspecified]
    says = []
    if drawn:
        says.append("A filled cell is a day with a dose, counted from day 1 of the cycle.")
    if any(not line.begins for line in drawn):
        says.append("A pale cell is a day with a dose if it falls on the weekdays named.")
    if any(a.total for line in drawn for a in line.amounts):
        says.append("Sums are for a whole cycle in one situation with every dose given.")
    if any(grid.begins for grid in grids):
        says.append("The weekdays are the only ones that put every dose on a day named for it.")
    return [font("Key", 12, INK, bold=True), *(font(t, 10, INK) for t in says), ""] if says else []
