"""Made-up logs: random histories that the machines accept, spoilt in many ways, in many spellings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from trialspec.oracle.situation import choices
from trialspec.spec.calendar import WEEKDAYS
from trialspec.spec.registry import load
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.step import elapse, show_arguments
from trialspec.statemachines.study import BoundStudy, compose, disagree

Row = dict[str, Any]
MONDAY = date(2024, 1, 1)
ENDS = ("death", "lost", "withdraw_consent", "toxicity", "refusal", "progression", "dlt", "stop")
OTHER_MACHINE = {"ibrutinib-mm": "evaluate", "plerixafor-cll": "evaluate"}


class Maker:
    """Random histories of one protocol: of studies, or of one machine alone."""

    def __init__(self, name: str, readings: dict[str, str] | None = None) -> None:
        self.protocol = load(name)
        self.study = compose(self.protocol, readings=readings)
        self.fire = {
            b.machine.name: b.compiled.fire for b in (self.study.trial, self.study.subject)
        }
        self.calendar = Calendar(self.study.subject)
        self.choices = {
            b.machine.name: {e.name: choices(e) for e in b.events}
            for b in (self.study.trial, self.study.subject)
        }

    def trial(self, random: Random, case: str, subjects: int, days: int) -> list[Row]:
        """A trial with its subjects, by date."""
        trial = self.study.trial.initial()
        now: dict[str, Configuration] = {}
        rows: list[Row] = []
        day = MONDAY + timedelta(7 * random.randrange(200))
        for _ in range(days):
            if len(now) < subjects and random.random() < 0.3:
                now[f"{case}-{len(now) + 1}"] = self.study.subject.initial()
            for who in list(now):
                for _ in range(random.choice((0, 1, 1, 2))):
                    found = self._joint(random, day, trial, now[who])
                    if found is None:
                        break
                    event, arguments, trial, now[who] = found
                    rows.append(told(case, who, day, event, arguments))
                rows += self._doses(random, case, who, day, now[who])
            step = random.choice((1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 7))
            day += timedelta(step)
            trial = elapse(self.study.trial, trial, step)
            now = {w: elapse(self.study.subject, c, step) for w, c in now.items()}
        return rows

    def _doses(
        self, random: Random, case: str, who: str, day: date, here: Configuration
    ) -> list[Row]:
        return [
            told(case, who, day, "dose", {"drug": d.drug, "amount": str(d.dose)})
            for d in self.calendar.today(here)
            if random.random() < 0.97
        ]

    def _joint(
        self, random: Random, day: date, trial: Configuration, subject: Configuration
    ) -> tuple[str, Row, Configuration, Configuration] | None:
        """An event of a subject that both machines accept."""
        study = self.study
        names = [e.name for e in study.subject.events]
        random.shuffle(names)
        for name in names:
            if name == "dose" or (name in ENDS and random.random() < 0.997):
                continue
            options = self.choices["subject"][name]
            for arguments in random.sample(options, min(len(options), 60)):
                after = self.fire["subject"][name](subject, *arguments.values())
                if not isinstance(after, tuple):
                    continue
                shown = show_arguments(study.subject.event[name], arguments)
                if shown.get("weekday", WEEKDAYS[day.weekday()]) != WEEKDAYS[day.weekday()]:
                    continue
                if name not in study.trial.event:
                    return name, shown, trial, after
                agreement = study.joint[name]
                if agreement and disagree(study, agreement, trial, subject, name):
                    continue
                for theirs in self.choices["trial"][name]:
                    known = {n: arguments.get(n, v) for n, v in theirs.items()}
                    both = self.fire["trial"][name](trial, *known.values())
                    if isinstance(both, tuple):
                        shown |= show_arguments(study.trial.event[name], known)
                        return name, shown, both, after
        return None

    def machine(self, random: Random, name: str, case: str, days: int) -> list[Row]:
        """A case of one machine alone, by date."""
        bound: Bound = getattr(self.study, name)
        here, day, rows = bound.initial(), MONDAY, []
        for _ in range(days):
            names = [e.name for e in bound.events if e.name != "dose"]
            random.shuffle(names)
            for event in names:
                if event in ENDS and random.random() < 0.99:
                    continue
                options = self.choices[name][event]
                arguments = random.choice(options)
                after = self.fire[name][event](here, *arguments.values())
                if isinstance(after, tuple):
                    here = after
                    shown = show_arguments(bound.event[event], arguments)
                    rows.append(told(case, None, day, event, shown))
                    break
            if name == "subject":
                rows += self._doses(random, case, "", day, here)
            step = random.choice((0, 1, 1, 1, 2, 7, 28))
            day += timedelta(step)
            here = elapse(bound, here, step)
        return rows


def told(case: str, who: str | None, day: date, event: str, arguments: Row) -> Row:
    row: Row = {"case": case}
    if who:
        row["subject"] = who
    return {**row, "time": day.isoformat(), "event": event, **arguments}


# ---- what goes wrong in logs

WRONG: dict[str, tuple[Any, ...]] = {
    "level": (0, 1, 2, 3, 9, "2", "two", "", None),
    "amount": ("0.24", "0.32", "5", "7.5", "10", 375, "375", "1e3", "NaN", "", None, "-1"),
    "drug": ("plerixafor", "rituximab", "lenalidomide", "ibrutinib", "aspirin", "", None),
    "dlt": (True, False, "yes", "0", 1, "maybe", ""),
    "tolerated": (True, False, "no", None),
    "wbc": ("99.99", "100.0", "100", 100, 41.5, "2000.01", "", None),
    "weekday": ("Mon", "Tue", "mon", ""),
    "response": ("CR", "PR", "SD", "PD", "none", ""),
    "event": ("evaluate", "dose", "elapse", "infusion", "start_cycle", "", None, "death"),
    "case": ("", None, "other", 7, "T0", " T0", "T0 ", 'T"0', "T\\0", "Tü", "1/2", True),
    "subject": ("", None, "T0-1", "T0-2", 5, "  ", "T0-1 ", 'a"b'),
    "time": ("", None, "2024-02-30", "2024-03-01", "2024-03-01T08:00", "20240301", 20240301, "?"),
    "days": (1, "2", "x"),
    "surplus": ("text", 'with "quotes"', "{}", 1.5, None),
    "state": ("combination", "stage1", "first_three", "treated", "nowhere"),
    "answer": ("refused", "accepted", "ignored"),
    "row": (1, "7", " 8 ", "007", "a-1", "", "  "),
}


def shift(time: Any, days: int) -> Any:
    try:
        return (date.fromisoformat(str(time)[:10]) + timedelta(days)).isoformat()
    except ValueError:
        return time


def spoilt(random: Random, rows: list[Row], often: float) -> list[Row]:
    """Rows dropped, doubled, swapped, moved in time, and with wrong cells."""
    found: list[Row] = []
    for row in rows:
        row = dict(row)
        if random.random() >= often:
            found.append(row)
            continue
        kind = random.randrange(9)
        if kind == 0:
            continue
        if kind == 1:
            found += [row, dict(row)]
        elif kind == 2 and found:
            found.insert(-1, row)
        elif kind == 3:
            found.append(
                {**row, "time": shift(row["time"], random.choice((-30, -7, -1, 1, 3, 40)))}
            )
        elif kind == 4:
            clock = f"T{random.randrange(24):02}:{random.randrange(60):02}"
            found.append({**row, "time": f"{row['time']}{clock}"})
        elif kind == 5:
            found.append({**row, "event": "elapse", "days": random.randrange(4)})
        else:
            name = random.choice([*WRONG, *row])
            found.append({**row, name: random.choice(WRONG.get(name, ("", None, "x")))})
    return found


# ---- how logs are written

BAD_LINES = (
    "[1, 2]",
    "null",
    '"case"',
    "{",
    "{}",
    '{"case": "T0", "case": "T0", "event": "dose"}',
    '{"case": "T0", "event": "dose", "amount": {"case": "T0"}}',
    '{"case": "T0", "event": "dose", "amount": NaN}',
    '{"case": "T0", "event": "evaluate", "dlt": 1e400}',
    '{"case": "T0", "event": "evaluate", "dlt": ' + "9" * 5000 + "}",
    '{"\\u0063ase": "T0", "event": "evaluate", "dlt": false}',
    '{"case": "T\\u0030", "event": "evaluate", "dlt": false}',
    '{"case": "T0", "event": "evaluate", "dlt": false, "x\\"case": "T1"}',
    '{"x\\"case": "T0", "event": "evaluate", "dlt": false, "case": "T1"}',
    '{{"case": "T0", "event": "evaluate", "dlt": false}',
    '{"case": "T0", "event": "evaluate", "dlt": false}}',
    '\ufeff{"case": "T0", "event": "evaluate", "dlt": false}',
    '\u2003{"case": "T0", "event": "evaluate", "dlt": false}\u2003',
    '{"case": "T0", "event": "evaluate", "dlt": "\\ud800"}',
    "   ",
    "",
    "\r",
    "[" * 5000,
)


def as_json_lines(random: Random, rows: list[Row], *, plain: bool = False) -> bytes:
    """The rows as JSON Lines: in one spelling, or each in another."""
    if plain:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    lines = []
    style = _style(random)
    for row in rows:
        if random.random() < 0.05:
            style = _style(random)
        if random.random() < 0.01:
            lines.append(random.choice(BAD_LINES) + "\n")
        lines.append(style(row))
    text = "".join(lines)
    if random.random() < 0.1:
        text = "\ufeff" + text
    if random.random() < 0.1:
        text = text[: -random.randrange(1, 9)]
    return text.encode()


def _style(random: Random) -> Callable[[Row], str]:
    order = random.randrange(4)
    separators = random.choice(((", ", ": "), (",", ":"), (" , ", " : ")))
    end = random.choice(("\n", "\n", "\r\n", " \n"))
    ascii_only = random.random() < 0.5
    numbers = random.random() < 0.3
    filled = random.choice(("", None, "leave", "leave"))
    surplus = random.random() < 0.3

    def style(row: Row) -> str:
        if filled != "leave":
            row = {**dict.fromkeys(("subject", "level", "amount", "dlt"), filled), **row}
        if surplus:
            row = {"id": random.randrange(10**6), **row, "note": random.choice(("", "fine", "a b"))}
        names = list(row)
        if order == 1:
            names.sort()
        elif order == 2:
            names.reverse()
        elif order == 3:
            random.shuffle(names)
        parts = [json.dumps(n) + separators[1] + _value(row[n]) for n in names]
        return "{" + separators[0].join(parts) + "}" + end

    def _value(value: Any) -> str:
        if numbers and isinstance(value, str) and value.replace(".", "", 1).isdigit():
            return value if value[0] != "0" or value[1:2] == "." else json.dumps(value)
        return json.dumps(value, ensure_ascii=ascii_only, default=str)

    return style


def columns_of(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(["case", "event", *(n for row in rows for n in row)]))


def as_csv(random: Random, rows: list[Row], *, plain: bool = False) -> bytes:
    """The rows as CSV, with cells quoted or not, blank lines, ragged rows."""
    out = io.StringIO(newline="")
    end = "\n" if plain else random.choice(("\n", "\r\n"))
    quoting = csv.QUOTE_MINIMAL if plain else random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    names = columns_of(rows)
    writer.writerow(names)
    for row in rows:
        cells = ["" if row.get(n) is None else str(row[n]) for n in names]
        if not plain:
            if random.random() < 0.01:
                out.write(random.choice((end, "  " + end, "," * (len(names) - 1) + end)))
            if random.random() < 0.01:
                cells = random.choice((cells[:-1], [*cells, "more"], [f" {c} " for c in cells]))
            if random.random() < 0.01:
                cells[-1] = "two\nlines"
        writer.writerow(cells)
    text = out.getvalue()
    if not plain and random.random() < 0.1:
        text = text[: -random.randrange(1, 9)]
    return text.encode()


def typed(value: Any) -> Any:
    """What JSON reads back from what `json.dumps` writes, numbers as decimals."""
    return Decimal(str(value)) if isinstance(value, float) else value


def moment(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def studies() -> dict[str, BoundStudy]:
    return {n: compose(load(n)) for n in OTHER_MACHINE}
