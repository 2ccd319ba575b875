"""Every row of each clean log perturbed, and judged as the plain re-telling judges it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import retelling_ibrutinib as retelling
from trialspec.oracle.cli.main import main

HERE = Path(__file__).parent
LOGS = HERE.parent / "examples" / "logs"
CLEAN = {"trial": "ibrutinib-trial-clean.csv", "subject": "ibrutinib-subjects-clean.csv"}
STANDARD = ("case", "time", "event")

LEVELS, TRUTH = ("1", "2", "3"), ("true", "false")
DRUGS = ("ibrutinib", "lenalidomide", "dexamethasone")
DOMAINS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "trial": {
        "register": {"level": LEVELS},
        "withdraw_registration": {"level": LEVELS},
        "evaluate": {"dlt": TRUTH},
        "not_evaluable": {"level": LEVELS},
        "later_dlt": {"level": LEVELS},
        "register_expansion": {"level": (*LEVELS, "")},
        "expansion_dlt": {},
        "close": {},
    },
    "subject": {
        "register": {"level": LEVELS},
        "register_expansion": {"level": LEVELS},
        "dose": {"drug": DRUGS, "amount": LEVELS},
        "retreat": {"level": ("0", *LEVELS)},
        "stop": {"reason": ("toxicity", "other")},
    },
}
LONGEST_STAY = 31

Row = dict[str, str]


def histories(machine: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    with (LOGS / CLEAN[machine]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["case"], []).append(row)
    return found


# ---- perturbations


def moved(row: Row, days: int) -> Row:
    return {**row, "time": (date.fromisoformat(row["time"]) + timedelta(days)).isoformat()}


def perturbed(machine: str, rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for i, row in enumerate(rows):
        before, after = rows[:i], rows[i + 1 :]
        yield f"{i}-drop", before + after
        yield f"{i}-duplicate", [*before, row, row, *after]
        if after:
            yield f"{i}-swap", [*before, after[0], row, *after[1:]]
            first = {**after[0], "time": row["time"]}
            second = {**row, "time": after[0]["time"]}
            yield f"{i}-swap-on-their-days", [*before, first, second, *after[1:]]
        for days in (-1, 1):
            yield f"{i}-date{days:+}", [*before, moved(row, days), *after]
        for name, values in DOMAINS[machine].get(row["event"], {}).items():
            for value in dict.fromkeys((*values, "nonsense", "4", "")):
                if value != row[name]:
                    yield f"{i}-{name}={value}", [*before, {**row, name: value}, *after]


# ---- what the re-telling says of a history


def well_formed(machine: str, row: Row) -> bool:
    domain = DOMAINS[machine].get(row["event"], {})
    return all(row[name] in values for name, values in domain.items())


def arguments(row: Row) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, text in row.items():
        if name in STANDARD or not text:
            continue
        given[name] = text == "true" if text in TRUTH else int(text) if text.isdigit() else text
    return given


def expected(machine: str, rows: list[Row]) -> list[tuple[int, str]]:
    case = retelling.Trial(3) if machine == "trial" else retelling.Subject()
    found: list[tuple[int, str]] = []
    today, last, overdue = "", None, False
    for number, row in enumerate(rows):
        late = bool(today) and row["time"] < today
        if late:
            found.append((number, "out_of_order"))
        elif today and row["time"] > today and machine == "subject":
            gone = date.fromisoformat(row["time"]) - date.fromisoformat(today)
            case.apply("elapse", {"days": gone.days})
            on_treatment = case.where in ("treated", "toxicity_hold")
            too_long = on_treatment and case.today - case.last_visit > LONGEST_STAY
            if too_long and not overdue:
                found.append((number, "overdue"))
            overdue = too_long
        today = max(today, row["time"])
        if not well_formed(machine, row):
            found.append((number, "malformed"))
            last = None
            continue
        where = getattr(case, "where", None)
        answer = case.apply(row["event"], arguments(row))
        if answer == "unspecified":
            return [*found, (number, "unspecified")]
        if answer == "accepted" and (
            row["event"] == "visit" or getattr(case, "where", None) != where
        ):
            # another stay begins
            overdue = False
        if answer == "refused" and not late:
            found.append((number, "extra_event" if row == last else "wrongly_accepted"))
        last = row
    return found


@pytest.mark.parametrize("machine", CLEAN)
def test_the_first_wrong_row_is_found(
    machine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All perturbed histories are cases of one log; findings must be those of the re-telling."""
    wanted: dict[str, list[tuple[int, str]]] = {}
    log = tmp_path / "perturbed.csv"
    with log.open("w", encoding="utf-8", newline="") as file:
        columns = list(next(iter(histories(machine).values()))[0])
        writer = csv.DictWriter(file, [*columns, "row"])
        writer.writeheader()
        for case, rows in histories(machine).items():
            assert expected(machine, rows) == []
            for what, changed in perturbed(machine, rows):
                name = f"{case}-{what}"
                wanted[name] = expected(machine, changed)
                for number, row in enumerate(changed):
                    writer.writerow({**row, "case": name, "row": number})
    code = main(["replay", "ibrutinib-mm", str(log), "--machine", machine, "--no-follow", "--json"])
    answer = json.loads(capsys.readouterr().out)
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in wanted}
    for deviation in answer["deviations"]:
        found[deviation["case"]].append((deviation["row"], deviation["kind"]))
    assert {n: f for n, f in found.items() if f != wanted[n]} == {}
    assert code == 1
    assert answer["cases"] == len(wanted)
    assert answer["conforming_cases"] == sum(not f for f in wanted.values())
    kinds = {kind for f in wanted.values() for _, kind in f}
    assert kinds >= {"wrongly_accepted", "out_of_order", "malformed"}
    if machine == "subject":
        assert kinds >= {"overdue", "extra_event", "unspecified"}
