"""The quick way through logs against the judge's own, on histories spoilt in many ways."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from made_logs import Maker, as_csv, as_json_lines, spoilt
from trialspec.oracle import json_lines, logs
from trialspec.oracle.columns import Columns
from trialspec.oracle.logs import open_log
from trialspec.oracle.replay import Judge
from trialspec.oracle.replay.quick import Quick
from trialspec.oracle.rows import RowReader
from trialspec.spec.errors import SpecError

PROTOCOLS = ("ibrutinib-mm", "plerixafor-cll")


@cache
def maker(name: str) -> Maker:
    return Maker(name)


def log_rows(name: str, random: Random, often: float) -> list[dict[str, Any]]:
    """Two or three trials with their subjects, mixed by date, spoilt."""
    rows: list[dict[str, Any]] = []
    for number in range(random.choice((1, 2, 3))):
        rows += maker(name).trial(random, f"T{number}", random.choice((1, 3, 6)), 60)
    if random.random() < 0.7:
        rows.sort(key=lambda row: str(row["time"]))
    return spoilt(random, rows, often)


def judged(name: str, path: Path, *, quick: bool, follow: bool = True) -> tuple[Any, ...]:
    """Deviations, counts, notes about order, and the error that ends the log, if any."""
    study = maker(name).study
    judge = Judge(maker(name).protocol, study, follow=follow)
    reader = RowReader(maker(name).protocol, study, Columns())
    found: list[Any] = []
    problem = ""
    try:
        with open_log(str(path)) as log:
            if quick:
                for deviation in Quick(judge, reader).log(log):
                    found.append(deviation.as_json())
            else:
                for deviation in judge.judge(reader.rows(log)):
                    found.append(deviation.as_json())
    except SpecError as error:
        problem = str(error)
    counts = judge.counts
    return (
        found,
        problem,
        (counts.cases, counts.events, counts.deviating, counts.undecided, counts.order),
        [(n.case, n.rows, n.because) for n in counts.notes],
    )


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("seed", range(12))
def test_json_lines(name: str, seed: int, tmp_path: Path) -> None:
    random = Random(f"{name} {seed}")
    rows = log_rows(name, random, random.choice((0.0, 0.02, 0.2)))
    path = tmp_path / "log.jsonl"
    path.write_bytes(as_json_lines(random, rows, plain=seed % 3 == 0))
    follow = random.random() < 0.7
    slow = judged(name, path, quick=False, follow=follow)
    assert judged(name, path, quick=True, follow=follow) == slow


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("seed", range(6))
def test_csv(name: str, seed: int, tmp_path: Path) -> None:
    random = Random(f"csv {name} {seed}")
    rows = log_rows(name, random, random.choice((0.0, 0.02, 0.2)))
    path = tmp_path / "log.csv"
    path.write_bytes(as_csv(random, rows, plain=seed % 3 == 0))
    assert judged(name, path, quick=True) == judged(name, path, quick=False)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_any_chunking(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(f"chunks {name}")
    path = tmp_path / "log.jsonl"
    path.write_bytes(as_json_lines(random, log_rows(name, random, 0.05)))
    whole = judged(name, path, quick=True)
    blocks: Callable[..., Any] = json_lines.blocks
    for size in (64, 300, 5_000, 70_000):
        monkeypatch.setattr(logs, "blocks", partial(blocks, size=size))
        assert judged(name, path, quick=True) == whole


@pytest.mark.parametrize("name", PROTOCOLS)
def test_clean_histories_conform_in_each_format(name: str, tmp_path: Path) -> None:
    random = Random(f"clean {name}")
    rows = log_rows(name, random, 0.0)
    lines, table = tmp_path / "log.jsonl", tmp_path / "log.csv"
    lines.write_bytes(as_json_lines(random, rows, plain=True))
    table.write_bytes(as_csv(random, rows, plain=True))
    one, other = (judged(name, p, quick=True) for p in (lines, table))
    kinds = [[(d["kind"], d["case"], d["subject"]) for d in found[0]] for found in (one, other)]
    assert kinds[0] == kinds[1]
    assert {kind for kind, _, _ in kinds[0]} <= {"overdue", "unspecified", "missing_event"}
    assert one[2] == other[2]
    assert len(list(csv.reader(io.StringIO(table.read_text())))) == one[2][1] + 1
