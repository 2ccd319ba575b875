"""Logs as files: formats, mappings, and files that can't be used."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main
from trialspec.oracle.columns import read_columns
from trialspec.oracle.lines import Record
from trialspec.oracle.logs import open_log
from trialspec.spec.errors import SpecError

HEADER = b"case,event,level,dlt\n"
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: bytes, name: str = "log.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return written


def records(path: str) -> list[Record]:
    with open_log(path) as log:
        return list(log.records)


def replay(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Any, str]:
    code = main(["replay", "ibrutinib-mm", "--json", *argv])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


# ---- CSV


def test_csv_rows_are_numbered_with_the_header_and_empty_ones() -> None:
    path = Path(__file__).parents[1] / "examples/logs/ibrutinib-trial-clean.csv"
    assert records(str(path))[0] == Record(
        2, {"case": "MTD-2", "time": "2021-01-11", "event": "register", "level": "1"}
    )


def test_csv_with_mark_quotes_newlines_and_empty_rows(write: Write) -> None:
    content = b'\xef\xbb\xbfcase , event\r\n"a, ""b""",register\r\n\r\n,\r\n"c\nd",evaluate'
    assert records(write(content)) == [
        Record(2, {"case": 'a, "b"', "event": "register"}),
        Record(5, {"case": "c\nd", "event": "evaluate"}),
    ]


def test_ragged_rows_are_bad_rows(write: Write) -> None:
    found = records(write(HEADER + b"a,register,1\na,register,1,,\na,register,1,\n"))
    assert [r.problem for r in found] == [
        "3 cells where the header has 4",
        "5 cells where the header has 4",
        "",
    ]


LONG = b"x" * 1_000_000
UNUSABLE = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\n\n  \n", "the file is empty"),
    "utf-16": ("case,event\n".encode("utf-16"), "line 1, column 1: this is UTF-16"),
    "latin-1": (
        HEADER + "Mü,register,1,\n".encode("latin-1"),
        "line 2, column 2: byte 0xfc is not",
    ),
    "nul": (HEADER + b"a,reg\0ister,1,\n", "line 2, column 6: a NUL byte"),
    "long cell": (
        HEADER + b"a," + LONG + b",1,\n",
        "line 2, column 65537: a line of more than 65536",
    ),
    "long header": (LONG, "line 1, column 65537: a line of more than 65536 bytes"),
    "long quoted": (
        HEADER + b'a,"' + b"xxxxxxxxx\n" * 8_000 + b'",1,\n',
        "line 8002: cell 2 has more than 65536 characters",
    ),
    "endless quoted": (HEADER + b'a,"' + b"xxxxxxxxx\n" * 80_000, "wrong quoting or line ends"),
    "open quote": (HEADER + b'a,"register,1,\n', "line 2: wrong quoting or line ends"),
    "stray quote": (HEADER + b'a,"reg"ister,1,\n', "line 2: wrong quoting or line ends"),
    "cut off": (HEADER + b"a,register,1,\na,regis", "line 3: the last line is cut off"),
    "twice": (b"case,event,event\n", "line 1: two columns are called 'event'"),
    "many": (b",".join(b"c%d" % i for i in range(1_001)) + b"\n", "line 1: 1001 columns"),
    "no case": (b"event,level\nregister,1\n", "the log has no column 'case'"),
    "no event": (b"case,level\nregister,1\n", "the log has no column 'event'"),
    "capitals": (b"Case,event\na,register\n", "it has 'Case'; names are case-sensitive"),
    "semicolons": (b"case;event\na;register\n", 'delimiter = ";"'),
    "returns": (b"case,event\ra,register\r", "line 1: wrong quoting or line ends"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_csv(name: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = UNUSABLE[name]
    path = write(content)
    code, out, err = replay(capsys, path)
    assert (code, out) == (2, None)
    assert err.startswith(f"spec-check: {path}: ")
    assert message in err
    assert len(err) < 600


def test_unusable_files(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, message in (
        (str(tmp_path / "none.csv"), "there is no such file"),
        (str(tmp_path), "this is a folder, not a log"),
        (write(HEADER, "log.xls"), "the ending does not say which format this log has"),
        (write(b"PAR1 and then nothing", "log.parquet"), "this can't be read as Parquet"),
        ("a\0b.csv", "can't be read"),
    ):
        code, out, err = replay(capsys, path)
        assert (code, out) == (2, None)
        assert message in err


def test_a_log_without_events_is_no_pass(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer, err = replay(capsys, write(HEADER))
    assert (code, answer["cases"], answer["events"]) == (3, 0, 0)
    assert "log.csv: no events\n" in err
    code, answer, err = replay(capsys, write(HEADER), "--quiet")
    assert err == ""


# ---- JSON Lines


def test_json_lines_keep_exact_numbers(write: Write) -> None:
    content = b'{"case": 7, "amount": 7.5, "x": null, "y": true, "z": " "}\n\n{"case": "a"}'
    assert records(write(content, "log.jsonl")) == [
        Record(1, {"case": 7, "amount": Decimal("7.5"), "y": True}),
        Record(3, {"case": "a"}),
    ]


def test_bad_json_rows(write: Write) -> None:
    rows = [
        b"[1]",
        b'{"case": [1]}',
        b'{"case": NaN}',
        b'{"case": "a", "case": "b"}',
        b'{"case": "\\ud800"}',
        b'{"case": "a"',
        b"[" * 60_000,
        b'{"case": ' + b"1" * 5_000 + b"}",
        b'{"event": "register"}',
    ]
    found = records(write(b"\n".join(rows) + b"\n", "log.jsonl"))
    assert [(r.number, r.problem) for r in found[:7]] == [
        (1, "the line is no JSON object"),
        (2, "'case' holds a list; a single value belongs there"),
        (3, "no JSON: 'NaN is no JSON number'"),
        (4, "no JSON: \"the key 'case' comes twice\""),
        (5, "a text with half of a character (a lone surrogate)"),
        (6, "no JSON: Expecting ',' delimiter at column 13"),
        (7, "nested too deep"),
    ]
    assert found[7].problem.startswith("no JSON: 'Exceeds the limit")
    assert found[8] == Record(9, {"event": "register"})


def test_unusable_json_lines(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    good = b'{"case": "a", "event": "register", "level": 1}\n'
    for content, message in (
        (b"", "the file is empty"),
        (good + good[:20], "line 2: the last line is cut off"),
        (b'{"trial": "a", "event": "register"}\n', "line 1: the log has no column 'case'"),
        (good + b'{"case": "' + LONG + b'"}\n', "line 2, column 65537"),
        (good + b'{"case": "\xff"}\n', "line 2, column 11: byte 0xff is not UTF-8"),
    ):
        code, out, err = replay(capsys, write(content, "log.jsonl"))
        assert (code, out) == (2, None)
        assert message in err


# ---- Parquet


def test_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "log.parquet"
    table = {
        "case": pyarrow.array(["T"] * 4),
        "event": pyarrow.array(["register", "evaluate", "register", "evaluate"]),
        "time": pyarrow.array([date(2024, 1, d) for d in (1, 2, 3, 4)]),
        # a whole number with gaps, as other tools store it
        "level": pyarrow.array([1.0, None, 2.5, None]),
        "dlt": pyarrow.array([None, False, None, True]),
    }
    parquet.write_table(pyarrow.table(table), path)
    code, answer, _ = replay(capsys, str(path))
    found = [(d["row"], d["kind"], d["because"]) for d in answer["deviations"]]
    assert found == [(3, "malformed", "level: 2.5 is not a whole number of steps of 1")]
    assert (code, answer["events"]) == (1, 4)


def test_parquet_without_pyarrow(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = replay(capsys, write(b"PAR1", "log.parquet"))
    assert code == 2
    assert "reading Parquet needs pyarrow" in err
    assert 'pip install "trialspec[arrow]"' in err


# ---- mappings

MAPPING = """
delimiter = ";"
[columns]
case = "patient"
level = "dose level"
[values.event]
"reg." = "register"
[constants]
dlt = false
[observed]
state = "status"
"treated[1]" = "n1"
"""


def test_a_mapping(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    columns = write(MAPPING.encode(), "columns.toml")
    log = write(
        b"patient;event;dose level;status;n1;comment\n"
        b"a;reg.;1;first_three;0;x\na;evaluate;;first_three;1;\na;evaluate;;first_three;1;\n"
    )
    code, answer, err = replay(capsys, log, "--columns", columns)
    found = [(d["row"], d["kind"], d["expected"], d["observed"]) for d in answer["deviations"]]
    assert found == [(4, "wrong_value", {"treated[1]": 2}, {"treated[1]": 1})]
    assert code == 1
    assert err == f"spec-check replay: {log}: column 'comment' means nothing here; ignored\n"


def test_the_shipped_mapping(capsys: pytest.CaptureFixture[str]) -> None:
    logs = Path(__file__).parents[1] / "examples" / "logs"
    name = "ibrutinib-trial-other-names"
    mapping = str(logs / f"{name}.toml")
    code, answer, err = replay(capsys, str(logs / f"{name}.jsonl"), "--columns", mapping)
    assert (code, answer["cases"], answer["events"], err) == (0, 1, 22, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns", "this is not TOML"),
        ("[colums]\n", "unknown part 'colums'"),
        ("[columns]\ncase = 1\n", "case in [columns] must be a text"),
        ("columns = 1\n", "columns must be a table"),
        ("[values]\nevent = 1\n", "values.event must be a table"),
        ("[constants]\ndlt = 1.5\n", "dlt in [constants] must be a text"),
        ('delimiter = ";;"\n', "delimiter must be one character"),
        ('[columns]\ncase = "c"\ndelimiter = ";"\n', "delimiter stands in [columns]"),
        ('[values.event]\nA = "close"\ndelimiter = ";"\n', "above the first [table] of the file"),
        ("x = " + "[" * 50_000, "nested too deep"),
    ],
)
def test_bad_mappings(text: str, message: str, write: Write) -> None:
    with pytest.raises(SpecError) as error:
        read_columns(write(text.encode(), "columns.toml"))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[columns]\ndose = "d"\n', "'dose' is no column for ibrutinib-mm trial"),
        ('[observed]\nsize = "d"\n', "trial has no variable 'size'"),
        ('[observed]\ntreated = "d"\n', "'treated' is no single value"),
        ('[observed]\n"treated[9]" = "d"\n', "treated[9] is outside 1..3"),
        (
            '[values.event]\nGIVE = "registr"\n',
            "'GIVE' in [values.event] is 'registr', which is no event\n  did you mean register?",
        ),
        ('[values.event]\nGIVE = ""\n', "'GIVE' in [values.event] is '', which is no event"),
        ('[constants]\nevent = "dosis"\n', "'event' in [constants] is 'dosis', which is no event"),
        ('[values.answer]\nOK = "yes"\n', "which is no answer\n  answers: accepted, refused"),
        ('[values.dlt]\nJ = "ja"\n', "'J' in [values.dlt]: dlt = 'ja' is not a truth value"),
        ('[values.level]\nlow = "one"\n', "'low' in [values.level]: level = 'one' is not a plain"),
        ('[values.state]\nA = "begun"\n', "'A' in [values.state]: state = 'begun' is not one of"),
        (
            '[observed]\n"treated[1]" = "n"\n[values."treated[1]"]\nnone = "no"\n',
            "'none' in [values.treated[1]]: treated[1] = 'no' is not",
        ),
    ],
)
def test_mappings_that_do_not_fit(
    text: str, message: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = replay(capsys, write(HEADER), "--columns", write(text.encode(), "columns.toml"))
    assert code == 2
    assert message in err


def test_mappings_to_what_a_column_can_have(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[values.event]\ndrug = "dose"\nx = "elapse"\n[values.level]\n"n/a" = ""\ntop = "9"\n'
        '[values.dlt]\nY = "Yes"\n[values.answer]\nno = "refused"\n[values.case]\na = "b"\n'
    )
    mapping = write(text.encode(), "columns.toml")
    # the trial is judged alone: a dose is an event of its subjects
    code, _, err = replay(capsys, write(HEADER + b"a,evaluate,,0\n"), "--columns", mapping)
    assert (code, err) == (0, "")


# ---- times and standard input


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2024-02-29", True),
        ("2024-02-29T23:59:59+14:00", True),
        ("2024-02-29 08:30", True),
        ("2023-02-29", False),
        ("29.02.2024", False),
        ("yesterday", False),
        ("9" * 300, False),
    ],
)
def test_times(text: str, good: bool, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    log = write(f"case,event,level,time\na,register,1,{text}\n".encode())
    _, answer, _ = replay(capsys, log)
    assert [d["kind"] for d in answer["deviations"]] == ([] if good else ["malformed"])


def test_times_from_parquet_and_json_agree(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "log.parquet"
    parquet.write_table(pyarrow.table({"time": [datetime(2024, 1, 1, 9, 30)]}), path)
    assert records(str(path)) == [Record(1, {"time": datetime(2024, 1, 1, 9, 30)})]


@pytest.mark.parametrize(
    "content",
    [b"case,event,level\na,register,1\n", b'{"case": "a", "event": "register", "level": 1}\n'],
)
def test_standard_input(
    content: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdin", stream)
    code, answer, _ = replay(capsys, "-")
    assert (code, answer["events"]) == (0, 1)
    code, _, err = replay(capsys, "-", "-")
    assert code == 2
    assert "standard input can be read once only" in err
