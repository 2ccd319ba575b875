"""Vector files: written, read back, and refused with the place of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from trialspec.oracle import vectors as module
from trialspec.oracle.vectors import (
    Group,
    Step,
    Suite,
    Vector,
    plain_constants,
    read_constants,
    read_suite,
    suite_json,
    write_suite,
)
from trialspec.spec.errors import SpecError
from trialspec.spec.model import Machine, State

SCHEMA = json.loads(files("trialspec.oracle.schemas").joinpath("vectors.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FIRST = Step("register", {"level": 1}, "accepted", "X-1", "", {"state": "open", "n": [1, 0]})
SECOND = Step(
    "dose",
    {"amount": "7.5", "late": False},
    "refused",
    "X-2",
    "amount is 7.5 – too much",
    {"state": "open", "n": [1, 0]},
)
SUITE = Suite(
    "small",
    "trial",
    "a" * 64,
    {"levels": 2, "dose": "2.5", "table": [1, 2], "on": True},
    {"X-A01": "close"},
    "complete",
    (
        Group("cap", ("X-1",), "At most two.", (Vector("cap/one", "nominal", (FIRST, SECOND)),)),
        Group("x-2", ("X-2", "X-3"), "No more.", (Vector("x-2/no", "refused", (SECOND,)),)),
    ),
    {"days": 28},
)


def changed(change: Callable[[Any], object]) -> str:
    """The suite as text with something changed in its JSON."""
    tree = suite_json(SUITE)
    change(tree)
    return json.dumps(tree, indent=1)


def vector(tree: Any) -> Any:
    return tree["groups"][0]["vectors"][0]


# ---- out and in


def test_a_suite_is_written_in_the_shape_others_rely_on() -> None:
    assert suite_json(SUITE) == {
        "format": "trialspec/vectors/1",
        "protocol": "small",
        "machine": "trial",
        "model_sha256": "a" * 64,
        "constants": {"levels": 2, "dose": "2.5", "table": [1, 2], "on": True},
        "readings": {"X-A01": "close"},
        "criterion": "complete",
        "saturates": {"days": 28},
        "groups": [
            {
                "id": "cap",
                "clauses": ["X-1"],
                "statement": "At most two.",
                "vectors": [
                    {
                        "id": "cap/one",
                        "sha256": SUITE.vectors[0].sha256,
                        "kind": "nominal",
                        "steps": [
                            {
                                "event": "register",
                                "arguments": {"level": 1},
                                "answer": "accepted",
                                "clause": "X-1",
                                "because": "",
                                "observe": {"state": "open", "n": [1, 0]},
                            },
                            {
                                "event": "dose",
                                "arguments": {"amount": "7.5", "late": False},
                                "answer": "refused",
                                "clause": "X-2",
                                "because": "amount is 7.5 – too much",
                                "observe": {"state": "open", "n": [1, 0]},
                            },
                        ],
                    }
                ],
            },
            {
                "id": "x-2",
                "clauses": ["X-2", "X-3"],
                "statement": "No more.",
                "vectors": [
                    {
                        "id": "x-2/no",
                        "sha256": SUITE.vectors[1].sha256,
                        "kind": "refused",
                        "steps": [suite_json(SUITE)["groups"][0]["vectors"][0]["steps"][1]],
                    }
                ],
            },
        ],
    }
    assert (SUITE.steps, [v.id for v in SUITE.vectors]) == (3, ["cap/one", "x-2/no"])


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    text = write_suite(SUITE)
    assert json.loads(text) == suite_json(SUITE)
    assert read_suite(text) == SUITE
    # one line a step, so that two versions can be compared
    assert sum('"event"' in line for line in text.splitlines()) == SUITE.steps
    path = tmp_path / "small.trial.vectors.json"
    path.write_text(text, encoding="utf-8")
    assert read_suite(path) == read_suite(str(path)) == SUITE
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_suite(path) == SUITE
    VALIDATOR.validate(json.loads(text))


def test_an_empty_suite_is_one_too() -> None:
    empty = replace(SUITE, groups=())
    assert read_suite(write_suite(empty)) == empty
    assert empty.steps == 0


def test_keys_that_are_not_known_are_skipped() -> None:
    def more(tree: Any) -> None:
        tree["notice"] = "a later version says more"
        tree["groups"][0]["note"] = "x"
        vector(tree)["steps"][0]["seconds"] = 1
        del tree["saturates"]

    assert read_suite(changed(more)) == replace(SUITE, saturates={})


def test_the_hash_is_of_the_meaning() -> None:
    whole = SUITE.vectors[0]
    prose = replace(SECOND, because="for another reason", clause="X-9")
    assert replace(whole, steps=(FIRST, prose), id="cap/other").sha256 == whole.sha256
    for other in (
        replace(SECOND, event="give"),
        replace(SECOND, arguments={"amount": "7.5", "late": True}),
        replace(SECOND, answer="accepted"),
        replace(SECOND, observe={"state": "open", "n": [1, 1]}),
    ):
        assert replace(whole, steps=(FIRST, other)).sha256 != whole.sha256
    turned = replace(SECOND, arguments={"late": False, "amount": "7.5"})
    assert replace(whole, steps=(FIRST, turned)).sha256 == whole.sha256


# ---- what is refused


def delete(*path: Any) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for key in path[:-1]:
            tree = tree[key]
        del tree[path[-1]]

    return change


def put(value: Any, *path: Any) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = value

    return change


V = ("groups", 0, "vectors", 0)
S = (*V, "steps", 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("trialspec/run/1", "format"), "format: the format must be 'trialspec/vectors/1'"),
        (delete("format"), "the format must be 'trialspec/vectors/1', this is None"),
        (delete("groups"), "'groups' is missing"),
        (put({}, "groups"), "groups: must be a list, this is {}"),
        (put([1], "groups"), "groups[0]: must be an object, this is 1"),
        (put(3, "protocol"), "protocol: must be a text, this is 3"),
        (put("abc", "model_sha256"), "model_sha256: 'abc' is not of the form [0-9a-f]{64}"),
        (put([], "constants"), "constants: must be an object, this is []"),
        (put({"x": {}}, "constants"), "constants.x: must be a number, a truth value or a text"),
        (put({"x": None}, "constants"), "not None"),
        (put({"x": [[1]]}, "constants"), "constants.x[0]: must be a number"),
        (put({"A": 1}, "readings"), "readings.A: a reading must be a text, this is 1"),
        (put({"x": "28"}, "saturates"), "saturates.x: must be a whole number, this is '28'"),
        (put({"x": True}, "saturates"), "must be a whole number"),
        (put("x-2", "groups", 0, "id"), "the id 'cap/one' must begin with its group, x-2/"),
        (put("Cap", "groups", 0, "id"), "groups[0].id: 'Cap' is not of the form"),
        (put([1], "groups", 0, "clauses"), "clauses[0]: a clause must be a text, this is 1"),
        (delete("groups", 0, "statement"), "groups[0]: 'statement' is missing"),
        (put("cap/", *V, "id"), "'cap/' is not of the form"),
        (put("cap/one/two", *V, "id"), "is not of the form"),
        (put("strange", *V, "kind"), "unknown kind 'strange'"),
        (put([], *V, "steps"), "a vector needs a step"),
        (put("b" * 64, *V, "sha256"), "are not those that its sha256 was made of"),
        (put("unspecified", *S, "answer"), "steps[1]: nothing is known after an unspecified"),
        (put("maybe", *S, "answer"), "unknown answer 'maybe'"),
        (put([], *S, "arguments"), "arguments: must be an object, this is []"),
        (put({"n": [{}]}, *S, "observe"), "observe.n[0]: must be a number"),
        (put(1, *S, "clause"), "clause: must be a text, this is 1"),
        (delete(*S, "event"), "'event' is missing"),
        (put(1.5, *S, "arguments", "level"), "1.5 would be read as a binary float"),
    ],
)
def test_what_is_no_suite_is_refused_with_its_place(
    change: Callable[[Any], None], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.vectors.json"
    path.write_text(changed(change), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        read_suite(path)
    shown = str(caught.value)
    assert message in shown
    assert shown.startswith(f"{path}:")
    line, column = shown.removeprefix(f"{path}:").split(": ")[0].split(":")
    assert int(line) >= 1
    assert int(column) >= 1


def test_ids_that_occur_twice_are_refused() -> None:
    def twice(tree: Any) -> None:
        tree["groups"][0]["vectors"].append(vector(tree))

    with pytest.raises(SpecError, match="two vectors have the id 'cap/one'"):
        read_suite(changed(twice))

    def groups(tree: Any) -> None:
        tree["groups"].append({**tree["groups"][0], "vectors": []})

    with pytest.raises(SpecError, match="two groups have the id 'cap'"):
        read_suite(changed(groups))


def test_a_text_names_line_and_column_alone() -> None:
    with pytest.raises(SpecError) as caught:
        read_suite('{\n "format": "x"}')
    assert str(caught.value).startswith("2:12: format: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"[]", "must be an object, this is []"),
        (b'{"format": ', "not JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' occurs twice"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b"\xff{}", "not UTF-8 text"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b"[" * 100_000, "nested more than 60 deep"),
    ],
)
def test_hostile_files_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.vectors.json"
    path.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        read_suite(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_files_that_can_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpecError, match="can't be read: No such file"):
        read_suite(tmp_path / "none.vectors.json")
    with pytest.raises(SpecError, match="can't be read: Is a directory"):
        read_suite(tmp_path)
    with pytest.raises(SpecError, match="can't be read"):
        read_suite("a\0b")
    path = tmp_path / "large.vectors.json"
    path.write_text(write_suite(SUITE), encoding="utf-8")
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    with pytest.raises(SpecError, match=r"larger than 0 MB"):
        read_suite(path)


def test_the_schema_is_one_and_refuses_what_the_reader_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert VALIDATOR.is_valid(suite_json(SUITE))
    for change in (
        delete("groups"),
        put("trialspec/run/1", "format"),
        put("abc", "model_sha256"),
        put("strange", *V, "kind"),
        put([], *V, "steps"),
        put("maybe", *S, "answer"),
        put({"n": [{}]}, *S, "observe"),
        put("Cap", "groups", 0, "id"),
    ):
        tree = suite_json(SUITE)
        change(tree)
        assert not VALIDATOR.is_valid(tree)


# ---- constants

MACHINE = Machine(
    "trial",
    (State("open", initial=True),),
    (),
    (),
    {"n": 3, "on": True, "what": "label", "dose": Decimal("2.5"), "t": (1, 2), "d": (Decimal(1),)},
)


def test_constants_go_to_json_and_back() -> None:
    plain = plain_constants(MACHINE.constants)
    assert plain == {
        "n": 3,
        "on": True,
        "what": "label",
        "dose": "2.5",
        "t": [1, 2],
        "d": ["1"],
    }
    assert read_constants(MACHINE, json.loads(json.dumps(plain))) == MACHINE.constants
    assert read_constants(MACHINE, {"t": [4, 5, 6]}) == {"t": (4, 5, 6)}


@pytest.mark.parametrize(
    "given",
    [
        {"n": "3"},
        {"n": True},
        {"on": 1},
        {"what": 3},
        {"dose": "much"},
        {"dose": 2},
        {"t": 3},
        {"t": ["x"]},
        {"d": [[]]},
        {"d": ["x"]},
    ],
)
def test_constants_of_another_kind_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(SpecError, match="is no such value"):
        read_constants(MACHINE, given)


def test_constants_that_the_machine_lacks_are_refused() -> None:
    with pytest.raises(SpecError) as caught:
        read_constants(MACHINE, {"m": 3})
    assert str(caught.value) == (
        "machine trial has no constant 'm'\n  its constants: n, on, what, dose, t, d"
    )
