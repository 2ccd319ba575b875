"""``spec-check calendar``: what is due on each day, as a plan or for a history."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from ...diagrams.draw import readings_in_words
from ...spec.errors import SpecError
from ...spec.model import Machine, Protocol
from ...spec.place import short
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from ...statemachines.bound import Bound
from ..calendars.answer import course_json, plan_json
from ..calendars.course import MOST_AHEAD, Course, Following
from ..calendars.ics import course_ics, plan_ics
from ..calendars.plan import Plan, plan
from ..calendars.table import course_csv, plan_csv
from ..calendars.text import course_lines, plan_lines
from ..columns import Columns, read_columns
from ..deviation import UNSPECIFIED
from ..logs import open_log
from ..observed import read_observed
from ..rows import Row, RowReader
from .codes import DEVIATION, INCONCLUSIVE, OK
from .common import (
    add_binding,
    check_constants,
    constants_for,
    parser,
    plain,
    print_json,
    warn,
    write_file,
)

TEXT, CSV, ICS = "text", "csv", "ics"
FORMATS = (TEXT, CSV, ICS)
EPILOG = """Without --history: the plan, in each treatment situation, days counted from the first
of the cycle. With it: what was due on each day, and what is due after it if nothing else happens.
Exit code 0; 1: the protocol refuses a row of the history; 2: wrong input; 3: the text does not
decide a row of the history."""


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    _check(options)
    protocol = load(options.protocol)
    check_constants(protocol, options.set)
    readings = parse_readings(protocol, options.reading)
    machine = _machine(protocol, options.machine)
    bound = bind(
        protocol, machine.name, constants=constants_for(machine, options.set), readings=readings
    )
    start = _date(options.start)
    if options.history is None:
        found = plan(protocol, bound, _fixed(bound, options), start)
        _tell_plan(found, protocol, bound, options)
        return OK
    return _tell_course(_course(protocol, bound, start, options), protocol, bound, options)


def _options() -> argparse.ArgumentParser:
    made = parser("calendar", "What is due on each day, by state or for a history, with totals.")
    made.epilog = EPILOG
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument("--machine", help="default: the one whose drugs have schedules")
    made.add_argument("--state", help="the plan of this state alone")
    made.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the plan where a variable has this value, for instance cycle=1; repeatable",
    )
    made.add_argument(
        "--start",
        metavar="DATE",
        help="the date of day 1: of each cycle of a plan, or of a history that counts days",
    )
    made.add_argument(
        "--history", metavar="FILE", help="an event log of one case; - is standard input"
    )
    made.add_argument("--case", help="the case of the history, if the log holds several")
    made.add_argument("--subject", help="the subject of the history, if the log holds several")
    made.add_argument("--columns", metavar="FILE", help="TOML that maps other column names")
    made.add_argument(
        "--days",
        type=int,
        metavar="N",
        help="so many days after the history; default: to the end of the cycle, or of the stay",
    )
    made.add_argument(
        "--format", choices=FORMATS, help="text unless the output's ending says otherwise"
    )
    made.add_argument("-o", "--output", metavar="FILE", help="a file instead of standard output")
    add_binding(made)
    return made


def _check(options: argparse.Namespace) -> None:
    """Refuses options that don't go together."""
    of_plan = {"--state": options.state, "--at": options.at}
    of_history = {
        "--case": options.case,
        "--subject": options.subject,
        "--columns": options.columns,
        "--days": options.days,
    }
    wrong, other = (of_history, "needs") if options.history is None else (of_plan, "excludes")
    for name, value in wrong.items():
        if value not in (None, []):
            raise SpecError(f"{name} {other} --history", where="calendar")
    if options.days is not None and not 0 <= options.days <= MOST_AHEAD:
        raise SpecError(f"days ahead are a whole number from 0 to {MOST_AHEAD}", where="--days")
    if Path(options.output or "").suffix.lower() == ".json":
        raise SpecError("-o writes text, CSV or ICS", hint="--json prints the answer")
    if options.json and options.format not in (None, TEXT) and not options.output:
        raise SpecError("--json and --format are two formats", hint="name a file with -o, or one")


def _machine(protocol: Protocol, name: str | None) -> Machine:
    """The machine asked for, or the one with regimens."""
    if name is not None:
        return protocol.machine(name)
    found = [m for m in protocol.machines if m.regimens]
    names = ", ".join(m.name for m in found or protocol.machines)
    if not found:
        raise SpecError(
            f"{protocol.name} has no calendar", hint=f"no regimens are declared in: {names}"
        )
    if len(found) > 1:
        raise SpecError(f"{protocol.name} has calendars of {names}", hint="choose with --machine")
    return found[0]


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SpecError(
            f"{short(text, 40)} is not an ISO date such as 2024-03-01", where="--start"
        ) from None


def _fixed(bound: Bound, options: argparse.Namespace) -> dict[str, int]:
    """What the plan is narrowed to, as stored values."""
    given: dict[str, object] = {}
    if options.state is not None:
        if options.state not in bound.states:
            raise SpecError(
                f"there is no state {short(options.state)}",
                where="--state",
                hint=f"states: {', '.join(bound.states)}",
            )
        given["state"] = options.state
    for text in options.at:
        name, equals, value = text.partition("=")
        if not equals:
            raise SpecError(f"--at takes NAME=VALUE, not {short(text)}")
        field = bound.by_name.get(name)
        if name == "state":
            raise SpecError("give the state with --state", where="--at")
        if field is not None and (field.clock or field.size is not None):
            what = "a clock: the plan has all its days" if field.clock else "an array"
            raise SpecError(f"{name} is {what}", where="--at", hint="choose another variable")
        given[name] = value
    try:
        found = read_observed(bound, given)
    except SpecError as error:
        raise error.within("--at") from None
    return {at.name: value for at, value in found.items()}


# ---- a history


def _course(
    protocol: Protocol, bound: Bound, start: date | None, options: argparse.Namespace
) -> Course:
    following = Following(protocol, bound, start)
    columns = read_columns(options.columns) if options.columns else Columns()
    reader = RowReader(protocol, bound, columns, one_case=True)
    others: dict[str, None] = {}
    some = False
    with open_log(options.history, delimiter=columns.delimiter) as log:
        if not options.quiet:
            for warning in reader.warnings(log):
                warn(plain(f"spec-check calendar: {warning}"))
        for row in reader.rows(log):
            if not _wanted(row, options):
                others[row.subject or row.case] = None
                continue
            some = True
            if not following.row(row):
                break
        if not some and others:
            wanted = [short(n) for n in (options.case, options.subject) if n is not None]
            raise SpecError(
                f"there is no {' with '.join(wanted)} in the log",
                where=log.where,
                hint=f"it has {', '.join(short(n) for n in list(others)[:8])}",
            )
    return following.course(options.days)


def _wanted(row: Row, options: argparse.Namespace) -> bool:
    """Whether a row is of the case asked for; one that can't be read may be of any."""
    if options.case is None and options.subject is None:
        return True
    if row.problem and not row.case:
        return True
    case = row.case.removesuffix(f"/{row.subject}") if row.subject else row.case
    if options.case is not None and options.case not in (case, row.case):
        return False
    return options.subject in (None, row.subject or row.case)


# ---- answers


def _format(options: argparse.Namespace) -> str:
    """The format asked for, or the one that the output's ending says."""
    ending = Path(options.output or "").suffix.lower().removeprefix(".")
    return str(options.format or (ending if ending in FORMATS else TEXT))


def _tell_plan(found: Plan, protocol: Protocol, bound: Bound, options: argparse.Namespace) -> None:
    format = _format(options)
    questions = {a.id: a.question for a in protocol.ambiguities}
    if format == ICS:
        content = plan_ics(found)
    elif format == CSV:
        content = plan_csv(found).encode()
    else:
        content = _text(plan_lines(found, questions))
    _tell(content, plan_json(found, bound, questions), options)


def _tell_course(
    found: Course, protocol: Protocol, bound: Bound, options: argparse.Namespace
) -> int:
    format = _format(options)
    questions = {a.id: a.question for a in protocol.ambiguities}
    readings = readings_in_words(protocol, bound)
    content = b""
    if format == CSV:
        content = course_csv(found, readings).encode()
    elif format == TEXT:
        case = f", case {found.case}" if found.case else ""
        heading = f"{protocol.name} {bound.machine.name}{case}: what was and is due"
        content = _text(course_lines(found, heading, readings, questions))
    elif found.ended is None or any(day.doses for day in found.days):
        content = course_ics(found, protocol.name, bound.machine.name, readings)
    _tell(content, course_json(found, bound, questions), options)
    if found.ended is None:
        return OK
    if format != TEXT or options.output or options.json:
        # it ends what was written, and says so where a person looks
        kind, row, why = found.ended.kind, found.ended.row, found.ended.because
        warn(plain(f"spec-check calendar: the calendar ends before row {row}: {kind}: {why}"))
    return INCONCLUSIVE if found.ended.kind == UNSPECIFIED else DEVIATION


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _tell(content: bytes, answer: dict[str, Any], options: argparse.Namespace) -> None:
    """Writes the file, or prints the calendar; with ``--json`` the answer is printed.

    No file is written where there is nothing to write."""
    if options.output and content:
        write_file(Path(options.output), content)
    if options.json:
        print_json("calendar", answer)
    elif not options.output:
        sys.stdout.write(content.decode())
