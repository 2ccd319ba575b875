"""``spec-check next``: after a history, what is possible, refused and due."""

from __future__ import annotations

import argparse
from typing import Any

from ...spec.errors import SpecError
from ...spec.readings import parse_readings
from ...spec.registry import load
from ..columns import Columns, read_columns
from ..dates import day_of
from ..deviation import UNSPECIFIED, Deviation
from ..logs import open_log
from ..replay.judge import Judge, LogCase
from ..rows import RowReader
from .codes import DEVIATION, INCONCLUSIVE, OK
from .common import add_binding, check_constants, parser, plain, print_json, warn
from .next_answer import Asked
from .next_text import lines
from .replay import bound_machines

# these are deviations of the log: the protocol does not refuse the history for them
TIMELY = ("overdue", "missing_event", "extra_event")
# and these are no statements that a protocol could accept or refuse
UNREADABLE = ("unknown_event", "malformed")


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    if options.day is not None and options.day < 1:
        raise SpecError("a day is a whole number from 1", where="--day")
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    readings = parse_readings(protocol, options.reading)
    machines = bound_machines(protocol, options.machine, options.set, readings)
    judge = Judge(protocol, machines, follow=False)
    found: list[Deviation] = []
    if options.history is not None:
        columns = read_columns(options.columns) if options.columns else Columns()
        reader = RowReader(protocol, machines, columns, one_case=True)
        found = _history(judge, reader, options)
    case = next(iter(judge.cases.values()), LogCase())
    last = found[-1] if found and found[-1].kind not in TIMELY else None
    if last is None:
        found += _today(judge, case)
    undecided = last if last is not None and last.kind == UNSPECIFIED else None
    asked = Asked(judge, case, undecided, options.day)
    answer: dict[str, Any] = {"protocol": protocol.name, "machine": judge.main.name}
    answer |= asked.trial()
    if judge.study is not None:
        answer |= asked.subjects(options.subject)
    elif options.subject is not None:
        raise SpecError(
            "there are subjects in a study alone", where="--subject", hint="leave --machine out"
        )
    answer["history"] = {
        "events": judge.counts.events,
        "stopped_at": None if last is None else last.row,
        "deviations": [d.as_json() for d in found],
    }
    if options.json:
        print_json("next", answer)
    else:
        print("\n".join(lines(answer, judge, options.subject)))
    if last is None:
        return OK
    return INCONCLUSIVE if undecided else DEVIATION


def _today(judge: Judge, case: LogCase) -> list[Deviation]:
    """Lets time pass for all up to the last date of the history; what is overdue by then."""
    times = [track.time for track in case.tracks.values() if track.time is not None]
    days = [day_of(time) for time in times]
    passed = judge.finish(max(days)) if days else ()
    return [deviation for deviation in passed if deviation.kind == "overdue"]


def _options() -> argparse.ArgumentParser:
    made = parser(
        "next", "After a history: what is possible, what is refused and why, what is due."
    )
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument(
        "--history", metavar="FILE", help="an event log of one case; - is standard input"
    )
    made.add_argument(
        "--machine",
        help="one machine alone, trial or subject (default: the trial with its subjects)",
    )
    made.add_argument("--subject", help="what this subject of the study may do next")
    made.add_argument("--columns", metavar="FILE", help="TOML that maps other column names")
    made.add_argument("--day", type=int, help="doses of this day of the cycle only")
    add_binding(made)
    return made


def _history(judge: Judge, reader: RowReader, options: argparse.Namespace) -> list[Deviation]:
    """Replays a history up to the first row that is refused; that deviation comes last."""
    found: list[Deviation] = []
    with open_log(options.history, delimiter=reader.columns.delimiter) as log:
        if not options.quiet:
            for warning in reader.warnings(log):
                warn(plain(f"spec-check next: {warning}"))
        for row in reader.rows(log):
            found += judge.row(row)
            if len(judge.cases) > 1:
                first, second = judge.cases
                raise SpecError(
                    f"a history is of one case; here are {first!r} and {second!r}",
                    where=f"{log.where}: row {row.row}",
                    hint="keep the rows of one case",
                )
            if found and found[-1].kind in UNREADABLE:
                raise SpecError(plain(found[-1].because), where=f"{log.where}: row {row.row}")
            if found and found[-1].kind not in TIMELY:
                break
    return found
