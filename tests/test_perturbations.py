"""Clean logs with one thing wrong, judged as the plain re-tellings judge them.

A history of which nothing is to be said is perturbed in one place: a row dropped, doubled, swapped
with the next, a cell changed, a date moved by a day, a subject exchanged. Without following what
may have happened after a deviation, replay must say of every row what the re-telling says; with it,
the first deviation must be of the same row, and none where the re-telling finds none.
"""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

import pytest
from example_logs import LOGS
from perturbing import Row, drawn, first, perturbed, replayed
from retellings import MACHINES, RETOLD, Retold, machine_of, retold
from telling_logs import LATE, MALFORMED, MISSING, OVERDUE, REFUSED, TWICE, tell
from wandering import wander

CLEAN = sorted(path.name for path in LOGS.glob("*-clean.csv"))
BY_HAND = ["ibrutinib-subjects-clean.csv", "ibrutinib-trial-clean.csv"]
WORLDS = [
    pytest.param(r, machine, id=f"{r.protocol} {machine}") for r in RETOLD for machine in MACHINES
]
USUAL = {REFUSED, LATE, MALFORMED, TWICE}


def histories(name: str) -> dict[str, list[Row]]:
    """The rows of a shipped log by case, without empty cells."""
    found: dict[str, list[Row]] = {}
    with (LOGS / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kept = {n: text for n, text in row.items() if text or n in ("subject", "time", "event")}
            found.setdefault(kept.pop("case"), []).append(kept)
    return found


def judged_alike(
    known: Retold, machine: str, cases: dict[str, list[Row]], folder: Path, *, follow: bool = True
) -> set[str]:
    """Compares replay with the re-telling, case by case; the kinds of what is said."""
    wanted = {case: sorted(tell(known.told, machine, rows)) for case, rows in cases.items()}
    code, answer, found = replayed(known.protocol, machine, cases, folder, "--no-follow")
    assert {c: sorted(f) for c, f in found.items() if sorted(f) != wanted[c]} == {}
    assert code == 1
    assert answer["cases"] == len(cases)
    assert answer["conforming_cases"] == sum(not said for said in wanted.values())
    if follow:
        _, answer, found = replayed(known.protocol, machine, cases, folder)
        firsts = {case: first(said) for case, said in wanted.items()}
        assert {c: first(f) for c, f in found.items() if first(f) != firsts[c]} == {}
        assert answer["conforming_cases"] == sum(place is None for place in firsts.values())
    return {kind for said in wanted.values() for _, kind in said}


@pytest.mark.parametrize("name", BY_HAND)
def test_everything_that_can_be_done_to_a_row(name: str, tmp_path: Path) -> None:
    """To every row of every case; the cases are short."""
    known, machine, clean = retold(name), machine_of(name), histories(name)
    cases = dict(clean)
    for case, rows in clean.items():
        stranger = next(r for other, r in clean.items() if other != case)[0]
        for i in range(len(rows)):
            ways_of = perturbed(known.told, machine, rows, i, stranger)
            # other events are tried by the tests that draw
            del ways_of["renamed"], ways_of["exchanged"]
            for kind, ways in ways_of.items():
                for what, changed in ways:
                    cases[f"{case}/{i} {kind} {what}".strip()] = changed
    kinds = judged_alike(known, machine, cases, tmp_path, follow=False)
    assert kinds >= USUAL
    if machine == "subject":
        assert kinds >= {OVERDUE, "unspecified"}


def draw(known: Retold, name: str, count: int, seed: int) -> dict[str, list[Row]]:
    """Perturbations of a shipped log's cases, and of those the cases themselves."""
    clean = histories(name)
    return clean | drawn(known.told, machine_of(name), clean, Random(seed), count)


@pytest.mark.parametrize("name", CLEAN)
def test_the_clean_logs_perturbed(name: str, tmp_path: Path) -> None:
    known, machine = retold(name), machine_of(name)
    rows = sum(map(len, histories(name).values()))
    cases = draw(known, name, max(3, 6_000 // rows), 1)
    judged_alike(known, machine, cases, tmp_path)


def wandered(known: Retold, machine: str, seeds: range, count: int) -> dict[str, list[Row]]:
    """Random clean histories with perturbations of each."""
    clean = {}
    for seed in seeds:
        chance = Random(seed)
        rows = wander(known.told, machine, chance, chance.choice((20, 40, 100)))
        if rows:
            clean[str(seed)] = rows
    return clean | drawn(known.told, machine, clean, Random(seeds.start), count)


@pytest.mark.parametrize(("known", "machine"), WORLDS)
def test_random_histories_perturbed(known: Retold, machine: str, tmp_path: Path) -> None:
    histories, count = {"trial": (12, 10), "subject": (12, 10), "study": (4, 10)}[machine]
    cases = wandered(known, machine, range(histories), count)
    kinds = judged_alike(known, machine, cases, tmp_path)
    assert kinds >= {REFUSED, MALFORMED, TWICE}


@pytest.mark.slow
@pytest.mark.parametrize(("known", "machine"), WORLDS)
def test_many_random_histories_perturbed(known: Retold, machine: str, tmp_path: Path) -> None:
    histories = {"trial": 100, "subject": 60, "study": 12}[machine]
    cases = wandered(known, machine, range(1000, 1000 + histories), 25)
    kinds = judged_alike(known, machine, cases, tmp_path)
    assert kinds >= USUAL
    if machine != "trial" and any(known.told.Subject.scheduled):
        assert MISSING in kinds


@pytest.mark.slow
@pytest.mark.parametrize("name", CLEAN)
def test_the_clean_logs_much_perturbed(name: str, tmp_path: Path) -> None:
    known, machine = retold(name), machine_of(name)
    rows = sum(map(len, histories(name).values()))
    judged_alike(known, machine, draw(known, name, 80_000 // rows, 2), tmp_path)
