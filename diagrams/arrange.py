"""What a drawing says once for several states, so that lines and boxes stay few and small."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .chart import Box, Chart, Condition, Edge, Row

MOST_TIMES = 2  # what concerns more states than this is said once, by their names


@dataclass(frozen=True, slots=True)
class Shared:
    """What several states have alike: doses, and rules that stay in the state."""

    states: tuple[str, ...]
    doses: tuple[Condition, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A chart's rules as they are drawn, each of them once.

    ``boxes`` are the states without what is ``shared``; ``lines`` join states, and ``arrivals``
    are edges from many states, to be named where they lead.
    """

    boxes: tuple[Box, ...]
    shared: tuple[Shared, ...]
    lines: tuple[Edge, ...]
    arrivals: tuple[Edge, ...]


def arrange(chart: Chart) -> Arrangement:
    """The arrangement of a chart."""
    where: dict[Condition | Row, list[str]] = {}
    for box in chart.boxes:
        rows = map(_alike, (*box.changes, *box.idle))
        every: list[Condition | Row] = [*box.doses, *rows]
        for each in every:
            where.setdefault(each, []).append(box.name)
    groups: dict[tuple[str, ...], list[Condition | Row]] = {}
    for each, names in where.items():
        if len(names) > MOST_TIMES:
            groups.setdefault(tuple(names), []).append(each)

    def own(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(row for row in rows if len(where[_alike(row)]) <= MOST_TIMES)

    return Arrangement(
        boxes=tuple(
            replace(
                box,
                doses=tuple(d for d in box.doses if len(where[d]) <= MOST_TIMES),
                changes=own(box.changes),
                idle=own(box.idle),
            )
            for box in chart.boxes
        ),
        shared=tuple(
            Shared(
                names,
                tuple(e for e in group if isinstance(e, Condition)),
                tuple(e for e in group if isinstance(e, Row)),
            )
            for names, group in groups.items()
        ),
        lines=tuple(e for e in chart.edges if len(e.sources) <= MOST_TIMES),
        arrivals=tuple(e for e in chart.edges if len(e.sources) > MOST_TIMES),
    )


def _alike(row: Row) -> Row:
    """The row without the names of its rules, which differ from state to state."""
    return replace(row, rules=())
