"""Calendars asked for in tests: through the command, and logs written by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main

NOTICE = "not for treatment decisions"
LOGS = Path(__file__).parents[1] / "examples" / "logs"
MONDAY = date(2024, 1, 1)
Event = tuple[int, str, Mapping[str, object]]
"""The day of a history, from 1, an event and its arguments."""


class Calendars:
    """The command ``calendar``, asked in a test."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys, self.folder = capsys, folder

    def log(self, events: Sequence[Event], start: date = MONDAY, **columns: str) -> str:
        """The path of a log with these events, on the days after the start."""
        path = self.folder / "history.csv"
        path.write_text(written(events, start, **columns), encoding="utf-8", newline="")
        return str(path)

    def ask(self, *argv: str, code: int = 0) -> Any:
        """The JSON answer."""
        assert main(["calendar", *argv, "--json"]) == code
        answer = json.loads(self.capsys.readouterr().out)
        assert answer["format"] == "trialspec/calendar/1"
        assert NOTICE in answer["notice"]
        return answer

    def text(self, *argv: str, code: int = 0) -> str:
        """What is printed."""
        assert main(["calendar", *argv]) == code
        return self.capsys.readouterr().out

    def table(self, *argv: str) -> list[dict[str, str]]:
        """The rows of the CSV."""
        return list(csv.DictReader(io.StringIO(self.text(*argv, "--format", "csv"), newline="")))

    def refused(self, *argv: str) -> str:
        """The one message of wrong input."""
        assert main(["calendar", *argv]) == 2
        shown = self.capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("spec-check: ")
        assert "Traceback" not in shown.err
        return shown.err


def written(events: Sequence[Event], start: date = MONDAY, **columns: str) -> str:
    """A log as CSV; ``columns`` have the same value in every row."""
    names = dict.fromkeys(name for _, _, arguments in events for name in arguments)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*columns, "time", "event", *names])
    writer.writeheader()
    for day, event, arguments in events:
        on = (start + timedelta(day - 1)).isoformat()
        writer.writerow({**columns, "time": on, "event": event, **arguments})
    return out.getvalue()


def given(days: Sequence[Mapping[str, Any]], drug: str) -> dict[int, str]:
    """By day, the amount of a drug that is due."""
    return {d["day"]: dose["dose"] for d in days for dose in d["doses"] if dose["drug"] == drug}


def sums(totals: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By drug and case, the sum with its unit."""
    return {
        " ".join(filter(None, [t["drug"], t.get("when", "")])): f"{t['total']} {t['unit']}"
        for t in totals
    }
