"""The example logs of antimag-lenalidomide: what is said of them."""

from __future__ import annotations

import json
from typing import Any

import antimag_logs
import pytest
from antimag_logs import LOGS
from trialspec.oracle.cli.main import main

FILES = {name: (content, said) for name, content, said in antimag_logs.files()}


def replay(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = main(["replay", "antimag-lenalidomide", str(LOGS / name), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_those_that_are_made(name: str) -> None:
    """`python tests/antimag_logs.py` writes them."""
    assert (LOGS / name).read_text(encoding="utf-8") == FILES[name][0]


def test_the_clean_log_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay("antimag-study-clean.csv", capsys)
    assert (code, answer["deviations"]) == (0, [])
    assert answer["events"] == FILES["antimag-study-clean.csv"][0].count("\n") - 1


def test_what_is_planted_is_found_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay("antimag-study-deviations.csv", capsys)
    found = [
        (d["row"], d["subject"] or d["case"], d["kind"], d["clause"]) for d in answer["deviations"]
    ]
    assert sorted(found) == FILES["antimag-study-deviations.csv"][1]
    assert code == 1
