"""What replaying a study's log costs, beside reading its lines with `json.loads` alone."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import study_log
from measure import Cost, process
from table import Row

READ = "import json,sys\nfor line in open(sys.argv[1]): json.loads(line)"
REPLAY = "trialspec.oracle.cli.main"
LIMIT_MB = 500


def rows(runs: int, quick: bool) -> list[Row]:
    """Rows a second and peak memory, whole processes; 5 million rows unless ``quick``."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "study.jsonl")
        count = study_log.write(log, 300_000)
        replay = [sys.executable, "-m", REPLAY, "replay", "plerixafor-cll", str(log)]
        read = [sys.executable, "-c", READ, str(log)]
        ours, theirs = [], []
        for _ in range(runs):
            theirs.append(process(read, 1, folder))
            ours.append(process(replay, 1, folder))
        mine, bare = _median(ours), _median(theirs)
        found = [
            Row(
                f"replay of {count:,} rows of JSON Lines, trial and subjects, dates, whole process",
                f"{count / mine:,.0f} rows/s",
                f"a bare loop of json.loads, {count / bare:,.0f} lines/s",
                bare / mine,
                ">= 0.4",
                bare / mine >= 0.4,
            )
        ]
        large = 500_000 if quick else 5_000_000
        count = study_log.write(log, large)
        most = process(replay, 1, folder).megabytes
    return [
        *found,
        Row(
            f"memory for a log of {count:,} rows (one run)",
            f"{most:.0f} MB",
            f"a limit of {LIMIT_MB} MB",
            most / LIMIT_MB,
            "<= 1",
            most <= LIMIT_MB,
        ),
    ]


def _median(figures: list[Cost]) -> float:
    return statistics.median(f.cpu for f in figures)
