"""``spec-check replay``: event logs judged against a protocol."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from ...spec.errors import SpecError
from ...spec.model import Constant, Protocol
from ...spec.notice import NOTICE
from ...spec.place import short
from ...spec.readings import parse_readings
from ...spec.registry import load
from ...statemachines.bind import bind
from ...statemachines.bound import Bound
from ...statemachines.study import BoundStudy, compose, is_study
from ..columns import Columns, read_columns
from ..dates import day_of
from ..deviation import UNSPECIFIED, Counts, Deviation
from ..logs import open_log
from ..replay import Judge
from ..replay.versions import Version, Versions
from ..rows import RowReader
from .amendments import amendments, iso_date
from .codes import DEVIATION, INCONCLUSIVE, OK
from .common import add_binding, check_constants, constants_for, parser, plain, warn
from .reasons import constants_of, with_constants

IN_MEMORY = 8_000_000
UNKNOWN_EVENT = "unknown_event"
EPILOG = """logs: CSV with a header (.csv), JSON Lines (.jsonl, .ndjson) or Parquet (.parquet), with
columns case, event, the arguments of events, and optionally time, row, subject, answer and state.
Cases that go on in another log are one case. Exit code 0: all conform; 1: deviations;
2: a log can't be used; 3: nothing but unspecified answers, or no rows at all."""


def run(argv: list[str]) -> int:
    """Runs the command."""
    options = _options().parse_args(argv)
    protocol = load(options.protocol)
    until = None if options.as_of is None else iso_date(options.as_of, "--as-of")
    judged = _versions(protocol, options)
    deviations = _judged(judged, options, until)
    if not options.quiet:
        deviations = _with_hint(deviations, judged)
    if options.json:
        _print_json(deviations, judged)
    else:
        constants = constants_of(s.bound for v in judged.versions for s in v.judge.sides)
        for deviation in deviations:
            print(_line(deviation, constants, many=len(options.log) > 1))
        if judged.counts.kinds and judged.reader.counts_header:
            print("rows count from the header, which is row 1")
        print("\n".join(_summary(judged)))
    if not judged.counts.events:
        if not options.quiet:
            warn("spec-check replay: nothing was judged: this is no pass")
        return INCONCLUSIVE
    if sum(judged.counts.kinds.values()) > judged.counts.kinds[UNSPECIFIED]:
        return DEVIATION
    return INCONCLUSIVE if judged.counts.kinds else OK


def _options() -> argparse.ArgumentParser:
    made = parser("replay", "Judges event logs: every row that the protocol doesn't allow.")
    made.epilog = EPILOG
    made.add_argument("protocol", help="a name, module:attribute or document")
    made.add_argument("log", nargs="+", help="an event log; - is standard input")
    made.add_argument(
        "--machine",
        help="judge the logs of one machine alone: trial or subject (default: the trial with its "
        "subjects)",
    )
    made.add_argument("--columns", metavar="FILE", help="TOML that maps other column names")
    made.add_argument(
        "--as-of",
        metavar="DATE",
        help="the logs hold all up to this date: report what is overdue or missing by then; "
        "doses due on the day itself are not asked for; not before the last row",
    )
    made.add_argument(
        "--no-follow",
        action="store_true",
        help="after a deviation leave the case as it was: what the protocol refuses has not "
        "happened, whatever the log goes on to say",
    )
    made.add_argument(
        "--amendment",
        action="append",
        default=[],
        metavar="DATE=PROTOCOL",
        help="from that date on cases go on under this version of the protocol; repeatable",
    )
    add_binding(made)
    return made


def _versions(protocol: Protocol, options: argparse.Namespace) -> Versions:
    """The judges and readers of the protocol and its amendments."""
    later = amendments(options.amendment, protocol)
    columns = read_columns(options.columns) if options.columns else Columns()
    counts = Counts()
    found = []
    for since, version, argument in [(None, protocol, options.protocol), *later]:
        check_constants(version, options.set)
        readings = parse_readings(version, options.reading)
        machines = bound_machines(version, options.machine, options.set, readings)
        judge = Judge(version, machines, follow=not options.no_follow, counts=counts)
        reader = RowReader(version, machines, columns)
        found.append(Version(since, judge, reader, argument))
        if version.name != protocol.name and not options.quiet:
            warn(f"spec-check replay: {version.name} is another protocol than {protocol.name}")
    return Versions(found)


def bound_machines(
    protocol: Protocol, name: str | None, constants: list[str], readings: dict[str, str]
) -> Bound | BoundStudy:
    """The machine asked for, or trial and subject together where the protocol has both."""
    if name is None and is_study(protocol):
        given = [constants_for(m, constants) for m in protocol.machines]
        return compose(protocol, {k: v for found in given for k, v in found.items()}, readings)
    machine = protocol.machine(machine_name(protocol, name))
    return bind(
        protocol, machine.name, constants=constants_for(machine, constants), readings=readings
    )


def machine_name(protocol: Protocol, given: str | None) -> str:
    """The machine asked for; ``trial``, or the only one, when none is."""
    if given is not None:
        return given
    return protocol.machines[0].name if len(protocol.machines) == 1 else "trial"


def _judged(
    judged: Versions, options: argparse.Namespace, until: date | None
) -> Iterator[Deviation]:
    if options.log.count("-") > 1:
        raise SpecError("standard input can be read once only", where="replay")
    counts = judged.counts
    for argument in options.log:
        before = counts.events + judged.skipped
        with open_log(argument, delimiter=judged.reader.columns.delimiter) as log:
            if not options.quiet:
                for warning in judged.warnings(log):
                    warn(plain(f"spec-check replay: {warning}"))
            yield from judged.log(log)
        if counts.events + judged.skipped == before and not options.quiet:
            warn(plain(f"spec-check replay: {argument}: no events"))
    if until is not None:
        for each in judged.versions:
            _check_end(each.judge, until)
        yield from judged.finish(until)


def _check_end(judge: Judge, until: date) -> None:
    """Refuses an end before the last row: the rows after it have been judged."""
    times = [
        (day_of(track.time), name)
        for name, case in judge.cases.items()
        for track in case.tracks.values()
        if track.time is not None
    ]
    last, name = max(times, default=(until, ""))
    if last > until:
        raise SpecError(
            f"{until} is before the last row, of {last} (case {short(name)})",
            where="--as-of",
            hint="give that date or a later one, or leave the rows after it out of the log",
        )


def _with_hint(deviations: Iterator[Deviation], judged: Versions) -> Iterator[Deviation]:
    """The deviations; the first event of another machine brings advice, once."""
    given = False
    protocol, study = judged.first.protocol, judged.first.study
    for deviation in deviations:
        if deviation.kind == UNKNOWN_EVENT and not given:
            event = deviation.observed.get("event")
            owners = [m.name for m in protocol.machines if event in {e.name for e in m.events}]
            if owners:
                given = True
                how = " or map a column subject (--columns)" if study is not None else ""
                warn(
                    f"spec-check replay: {event} is an event of the machine {owners[0]}: "
                    f"give --machine {owners[0]}{how}"
                )
        yield deviation


# ---- for people


def _line(deviation: Deviation, constants: Mapping[str, Constant], many: bool) -> str:
    place = f"{deviation.log}: " if many else ""
    clause = f", {deviation.clause}" if deviation.clause else ""
    case = f", case {deviation.case}" if deviation.case else ""
    who = f", subject {deviation.subject}" if deviation.subject else ""
    told = [str(deviation.observed.get(name) or "") for name in ("time", "event")]
    what = " ".join(short(text, 40).strip("'") for text in told if text)
    what = f" ({what})" if what else ""
    because = with_constants(deviation.because, constants)
    return plain(
        f"{place}row {deviation.row}{what}{case}{who}: {deviation.kind}{clause}: {because}"
    )


def _summary(judged: Versions) -> list[str]:
    counts, skipped = judged.counts, judged.skipped
    total = sum(counts.kinds.values())
    kinds = ", ".join(f"{n} {kind}" for kind, n in counts.kinds.items())
    subjects = f" with {_number(judged.subjects, 'subject')}" if judged.subjects else ""
    lines = [
        f"{_number(counts.cases, 'case')}{subjects}, {_number(counts.events, 'event')}: "
        f"{counts.conforming} conforming, {_number(total, 'deviation')}"
        + (f" ({kinds})" if kinds else "")
        + (f", {counts.undecided} not judged to the end" if counts.undecided else "")
    ]
    lines += [
        f"since {v.since} under {v.judge.protocol.name} ({plain(v.argument)})"
        for v in judged.versions[1:]
    ]
    if skipped:
        lines.append(f"{_number(skipped, 'row')} of another machine of the study, not judged")
    for note in counts.notes[:10]:
        rows = " and ".join(map(str, note.rows))
        lines.append(plain(f"order: case {note.case}, rows {rows} of one date: {note.because}"))
    if counts.order > len(counts.notes[:10]):
        lines.append(f"order: {counts.order} such pairs in all")
    return lines


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


# ---- JSON


def _print_json(deviations: Iterator[Deviation], judged: Versions) -> None:
    """Prints the answer; deviations wait in a file, as a log that breaks off must print nothing."""
    with closing(SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8")) as kept:
        first = True
        for deviation in deviations:
            text = json.dumps(deviation.as_json(), ensure_ascii=False)
            kept.write(("\n  " if first else ",\n  ") + text)
            first = False
        kept.seek(0)
        counts, judge = judged.counts, judged.first
        answer = {
            "format": "trialspec/replay/1",
            "protocol": judge.protocol.name,
            "machine": "study" if judged.subjects else judge.main.name,
            "cases": counts.cases,
            "subjects": judged.subjects,
            "events": counts.events,
            "conforming_cases": counts.conforming,
            "undecided": counts.undecided,
            "skipped": judged.skipped,
            "amendments": [
                {"date": str(v.since), "protocol": v.judge.protocol.name, "from": v.argument}
                for v in judged.versions[1:]
            ],
            "by_clause": dict(sorted(counts.clauses.items())),
            "by_kind": dict(sorted(counts.kinds.items())),
            "order": {
                "pairs": counts.order,
                "first": [
                    {"log": n.log, "case": n.case, "rows": list(n.rows), "because": n.because}
                    for n in counts.notes
                ],
            },
            "notice": NOTICE,
        }
        _write(answer, kept)


def _write(answer: dict[str, Any], deviations: IO[str]) -> None:
    out = sys.stdout
    text = json.dumps(answer, indent=1, ensure_ascii=False)
    out.write(text.removesuffix("\n}") + ',\n "deviations": [')
    while part := deviations.read(1 << 16):
        out.write(part)
    out.write("]\n}\n")
