"""Logs with one thing wrong: every way to spoil a row, and what replay says of the spoilt logs."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from retold import Cell
from telling_logs import STANDARD, Found
from trialspec.oracle.cli.main import main

Row = dict[str, str]
Ways = dict[str, list[tuple[str, list[Row]]]]
"""Perturbed logs by the kind of what was done, each with its name."""
NONSENSE = ("nonsense", "4", "0.5", "")


def arguments(told: ModuleType, event: str, machine: str) -> dict[str, Cell]:
    """What an event takes, of one machine or of both."""
    found: dict[str, Cell] = {}
    if machine != "subject":
        found |= told.TRIAL.get(event, {})
    if machine != "trial":
        found |= told.SUBJECT.get(event, {})
    return found


def events(told: ModuleType, machine: str) -> list[str]:
    """The events of one machine, or of both."""
    trial = [] if machine == "subject" else list(told.TRIAL)
    subject = [] if machine == "trial" else list(told.SUBJECT)
    return list(dict.fromkeys([*trial, *subject]))


def moved(row: Row, days: int) -> Row:
    """The row with another date."""
    return {**row, "time": (date.fromisoformat(row["time"]) + timedelta(days)).isoformat()}


def in_order(rows: list[Row], row: Row) -> list[Row]:
    """The row put where its date belongs, after others of that day."""
    place = sum(other["time"] <= row["time"] for other in rows)
    return [*rows[:place], row, *rows[place:]]


def perturbed(told: ModuleType, machine: str, rows: list[Row], i: int, stranger: Row) -> Ways:
    """Everything that can be done to one row; ``stranger`` is a row of another case."""
    row, before, after = rows[i], rows[:i], rows[i + 1 :]
    others = [*before, *after]

    def instead(*new: Row) -> list[Row]:
        return [*before, *new, *after]

    ways: Ways = {
        "dropped": [("", others)],
        "doubled": [("", instead(row, row))],
        "dated": [(f"{days:+}", instead(moved(row, days))) for days in (-1, 1)]
        + [(f"{days:+} and moved", in_order(others, moved(row, days))) for days in (-1, 1)],
        "exchanged": [("put in", instead({**stranger, "time": row["time"]}, row))],
        "changed": [],
    }
    if after:
        first, second = {**after[0], "time": row["time"]}, {**row, "time": after[0]["time"]}
        ways["swapped"] = [
            ("", [*before, after[0], row, *after[1:]]),
            ("on their days", [*before, first, second, *after[1:]]),
        ]
    if machine == "study":
        people = {r["subject"] for r in rows} | {"new", ""}
        ways["exchanged"] = [
            (f"to {who}", instead({**row, "subject": who}))
            for who in sorted(people - {row["subject"]})
        ]
    for name, cell in arguments(told, row["event"], machine).items():
        for text in dict.fromkeys((*cell.some, *NONSENSE)):
            if text != row.get(name, ""):
                ways["changed"].append((f"{name}={text}", instead({**row, name: text})))
    known = events(told, machine)
    for name in dict.fromkeys(n for e in known for n in arguments(told, e, machine)):
        if name not in arguments(told, row["event"], machine):
            ways["changed"].append((f"{name} too", instead({**row, name: "1"})))
            break
    ways["renamed"] = [
        (event, instead({**row, "event": event}))
        for event in ("nonsense", *known)
        if event != row["event"]
    ]
    if not others:
        del ways["dropped"]
    return ways


# ---- what replay says


def replayed(
    protocol: str, machine: str, cases: Mapping[str, list[Row]], folder: Path, *more: str
) -> tuple[int, Any, dict[str, list[Found]]]:
    """All cases as one log: the exit code, the answer, and what is said of each case."""
    log = folder / "perturbed.csv"
    names = dict.fromkeys(name for rows in cases.values() for row in rows for name in row)
    standard = [n for n in STANDARD if n != "subject" or machine == "study"]
    with log.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*standard, *(n for n in names if n not in STANDARD)])
        writer.writeheader()
        for case, rows in cases.items():
            writer.writerows({**row, "case": case, "row": n} for n, row in enumerate(rows))
    alone = [] if machine == "study" else ["--machine", machine]
    with redirect_stdout(StringIO()) as out:
        code = main(["replay", protocol, str(log), "--json", "--quiet", *alone, *more])
    answer = json.loads(out.getvalue())
    found: dict[str, list[Found]] = {case: [] for case in cases}
    for deviation in answer["deviations"]:
        found[deviation["case"]].append((deviation["row"], deviation["kind"]))
    return code, answer, found


def first(said: list[Found]) -> int | None:
    """The first row of which anything is said."""
    return min((row for row, _ in said), default=None)


def drawn(
    told: ModuleType, machine: str, clean: Mapping[str, list[Row]], chance: Random, count: int
) -> dict[str, list[Row]]:
    """So many perturbed logs of each clean one: a row and what is done to it at random, each kind
    as often as the others."""
    everyone = [row for rows in clean.values() for row in rows]
    found = {}
    for case, rows in clean.items():
        for number in range(count):
            i = chance.randrange(len(rows))
            ways = perturbed(told, machine, rows, i, chance.choice(everyone))
            kind = chance.choice(list(ways))
            what, changed = chance.choice(ways[kind])
            found[f"{case}/{number} row {i} {kind} {what}".strip()] = changed
    return found
