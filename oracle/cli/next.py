"""``spec-check next``: after a history, what is possible, refused and due."""

from __future__ import annotations

import argparse
from typing import Any

from ...spec.errors import SpecError
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from ...statemachines.bound import Bound
from ...statemachines.calendar import Calendar, Due
from ...statemachines.evaluate import Configuration
from ...statemachines.step import describe, observe
from ..columns import Columns, read_columns
from ..deviation import UNSPECIFIED, Deviation
from ..logs import open_log
from ..replay import Judge
from ..rows import RowReader
from ..situation import Open, open_schedules, situation
from .codes import DEVIATION, INCONCLUSIVE, OK
from .common import add_binding, check_constants, constants_for, parser, plain, print_json, warn
from .reasons import with_constants
from .replay import machine_name

# these are deviations of the log: the protocol does not refuse the history for them
TIMELY = ("overdue",)
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
    machine = protocol.machine(machine_name(protocol, options.machine))
    bound = bind(
        protocol, machine.name, constants=constants_for(machine, options.set), readings=readings
    )
    judge = Judge(protocol, bound, follow=False)
    found: list[Deviation] = []
    if options.history is not None:
        columns = read_columns(options.columns) if options.columns else Columns()
        reader = RowReader(protocol, bound, columns, one_case=True)
        found = _history(judge, reader, options)
    case = next(iter(judge.cases.values()), None)
    configuration = bound.initial() if case is None else case.tracks[""].configuration
    last = found[-1] if found and found[-1].kind not in TIMELY else None
    undecided = last if last is not None and last.kind == UNSPECIFIED else None
    answer: dict[str, Any] = {"protocol": protocol.name, "machine": machine.name}
    answer |= _answer(bound, configuration, undecided, options.day)
    for entry in answer["unspecified"]:
        entry["question"] = judge.questions.get(entry["ambiguity"], "")
    answer["history"] = {
        "events": judge.counts.events,
        "deviations": [d.as_json() for d in found],
    }
    if options.json:
        print_json("next", answer)
    else:
        _print(answer, bound, configuration, found)
    if last is None:
        return OK
    return INCONCLUSIVE if undecided else DEVIATION


def _options() -> argparse.ArgumentParser:
    made = parser(
        "next", "After a history: what is possible, what is refused and why, what is due."
    )
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument(
        "--history", metavar="FILE", help="an event log of one case; - is standard input"
    )
    made.add_argument("--machine", help="trial (default) or subject")
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


def _answer(
    bound: Bound, configuration: Configuration, undecided: Deviation | None, day: int | None
) -> dict[str, Any]:
    """The answer's parts; nothing is known after an unspecified answer."""
    answer: dict[str, Any] = {"configuration": observe(bound, configuration)}
    if undecided is not None:
        ambiguity = undecided.expected["ambiguity"]
        entry = {"ambiguity": ambiguity, "clause": undecided.clause, "row": undecided.row}
        return answer | {"possible": [], "refused": [], "due": [], "unspecified": [entry]}
    now = situation(bound, configuration)
    calendar = Calendar(bound)
    answer["possible"] = [
        {"event": p.event, "arguments": dict(p.arguments), "clause": p.clause} for p in now.possible
    ]
    answer["refused"] = [
        {"event": r.event, "arguments": dict(r.arguments), "because": r.because, "clause": r.clause}
        for r in now.refused
    ]
    answer["due"] = [
        {"drug": d.drug, "dose": d.dose, "unit": d.unit, "day": d.day, "clause": d.clause}
        for d in _due(calendar, configuration, day)
    ]
    schedules = open_schedules(calendar, configuration)
    answer["unspecified"] = [_open(o) for o in (*now.unspecified, *schedules)]
    return answer


def _due(calendar: Calendar, configuration: Configuration, day: int | None) -> list[Due]:
    """The doses of the day asked for, or of today; where nothing says which day of its cycle
    today is, those of the whole cycle."""
    if day is not None:
        return list(calendar.due(configuration, day))
    found = list(calendar.today(configuration))
    undated = [r for r in calendar.active(configuration) if r.regimen.days and not r.regimen.clock]
    for n in range(1, max((r.cycle for r in undated), default=0) + 1):
        drugs = {r.regimen.drug for r in undated if n in r.regimen.days}
        found += [d for d in calendar.due(configuration, n) if d.drug in drugs]
    return found


def _open(found: Open) -> dict[str, Any]:
    entry: dict[str, Any] = {"ambiguity": found.ambiguity, "clause": found.clause}
    if found.drug:
        return entry | {"drug": found.drug}
    return entry | {"event": found.event, "arguments": dict(found.arguments or {})}


# ---- for people


def _print(
    answer: dict[str, Any], bound: Bound, configuration: Configuration, found: list[Deviation]
) -> None:
    def why(entry: dict[str, Any]) -> str:
        return with_constants(entry["because"], bound.constants)

    for deviation in found:
        clause = f", {deviation.clause}" if deviation.clause else ""
        because = with_constants(deviation.because, bound.constants)
        print(plain(f"row {deviation.row}: {deviation.kind}{clause}: {because}"))
    print(f"now: {describe(bound, configuration)}")
    parts = (
        ("possible", "possible", lambda e: f"{_call(e)}  [{e['clause']}]"),
        ("refused", "refused", lambda e: f"{_call(e)}: {why(e)}  [{e['clause']}]"),
        ("due", "due", lambda e: f"day {e['day']}: {e['drug']} {e['dose']} {e['unit']}"),
        ("unspecified", "not decided by the text", _undecided),
    )
    for key, title, line in parts:
        if answer[key]:
            print(f"{title}:")
            for entry in answer[key]:
                print(f"  {line(entry)}")


def _call(entry: dict[str, Any]) -> str:
    arguments = ", ".join(f"{name}={_value(v)}" for name, v in entry["arguments"].items())
    return f"{entry['event']}({arguments})"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _undecided(entry: dict[str, Any]) -> str:
    what = f"row {entry['row']}" if "row" in entry else ""
    if "event" in entry:
        what = _call(entry)
    if "drug" in entry:
        what = f"schedule of {entry['drug']}"
    return f"{what}: {entry['ambiguity']}, {entry['question']}"
