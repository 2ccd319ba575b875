"""Documents that are wrong or hostile: one clear error each, with the place, and no code run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from trialspec.spec.document import dump_json, dump_yaml, from_document, read_document
from trialspec.spec.errors import SpecError
from trialspec.spec.registry import load

ESCALATION = Path(__file__).parents[1] / "benchmarks" / "models" / "escalation.json"
JSON = ESCALATION.read_text("utf-8")
YAML = dump_yaml(read_document(ESCALATION))


def error_of(folder: Path, name: str, content: str | bytes) -> str:
    """The message for a file of this name and content, its folder left out."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpecError) as caught:
        read_document(path)
    return str(caught.value).replace(f"{folder}{'/'}", "")


def place(text: str, fragment: str, extra: int = 0) -> str:
    """``line:column`` of the first occurrence of a fragment."""
    at = text.index(fragment) + extra
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def changed(old: str, new: str, text: str = JSON) -> str:
    """The text with one fragment replaced."""
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("deep.json", "[" * 10_000 + "]" * 10_000, "deep.json:1:61: nested more than 60 deep"),
        ("deep.json", '{"a":' * 10_000, "deep.json:1:301: nested more than 60 deep"),
        ("deep.yaml", "[" * 10_000, "deep.yaml:1:61: nested more than 60 deep"),
        ("deep.yaml", "- " * 10_000, "deep.yaml:1:121: nested more than 60 deep"),
        ("deep.yaml", "\n".join(" " * i + "a:" for i in range(99)), "deep.yaml:61:61: nested more"),
        ("long.json", '"' + '\\"' * 2_400_000, "long.json:1:1: not JSON: unterminated string"),
        ("big.json", "1" * 5_000_001, "big.json: larger than 5 MB"),
        ("a.yaml", "a: &a [x]\nb: &b [*a, *a]\n", "a.yaml:1:4: an anchor (&a) is not allowed"),
        (
            "a.yaml",
            "\n".join(f"- &a{i} x" for i in range(300_000)),
            "a.yaml:1:3: an anchor (&a0) is not allowed",
        ),
        ("a.yaml", "a: *b", "a.yaml:1:4: an alias (*b) is not allowed"),
        (
            "a.yaml",
            'title: !!python/object/apply:os.system ["id"]',
            "a.yaml:1:8: a tag (tag:yaml.org,2002:python/object/apply:os.system) is not allowed",
        ),
        ("a.yaml", "!x {}", "a.yaml:1:1: a tag (!x) is not allowed"),
        ("a.yaml", "<<: {a: b}", "a.yaml:1:1: a merge key (<<) is not allowed"),
        ("a.yaml", "a: b\n---\nc: d", "a.yaml:2:1: a second document in the file"),
        ("a.yaml", "1: a", "a.yaml:1:1: a key must be text"),
        ("a.yaml", "{[a]: b}", "a.yaml:1:2: a key must be text"),
        ("a.yaml", "a: b\na: c", "a.yaml:2:1: the key 'a' occurs twice"),
        ("a.yaml", "a:\n  - 1.5", "a.yaml:2:5: 1.5 would be read as a binary float"),
        ("a.yaml", "a: .inf", "a.yaml:1:4: .inf is not a number that a protocol can hold"),
        ("a.yaml", "a: " + "9" * 19, "a.yaml:1:4: a number of 19 digits; the limit is 18"),
        ("a.yaml", "a:\n\t- b", "a.yaml:2:1: not YAML: found character"),
        ("a.yaml", "a: \x07", "a.yaml:1:4: the character '\\x07' is not allowed in YAML"),
        ("a.yaml", "# nothing", "a.yaml:1:1: the file holds no document"),
        ("a.yaml", "text", "a.yaml:1:1: must be an object, this is 'text'"),
        ("a.json", "[]", "a.json:1:1: must be an object, this is a list"),
        ("a.json", '{"a": 1,\n "a": 2}', "a.json:2:2: a: the key 'a' occurs twice"),
        ("a.json", '{"a": [1,\n NaN]}', "a.json:2:2: a[1]: NaN is not a number"),
        ("a.json", '{"a": -Infinity}', "a.json:1:7: a: -Infinity is not a number"),
        ("a.json", '{"a": 1e999}', "a.json:1:7: a: 1e999 would be read as a binary float"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", "a.json:1:7: a: a number of 5000 digits"),
        ("a.json", '{"a": "\\ud800"}', "a.json:1:7: a: '\\ud800' is not valid text"),
        ("a.json", '{"a": 1,,}', "a.json:1:9: not JSON: expecting property name"),
        ("a.json", '{"a": 1} x', "a.json:1:10: not JSON: extra data"),
        ("a.json", b'{\n"a": "\xff"}', "a.json:2:7: not UTF-8 text"),
        ("a.json", JSON.encode("utf-16"), "a.json:1:1: not UTF-8 text"),
        ("a.json", "{\0}", "a.json:1:2: a NUL byte"),
        ("a.json", "", "a.json: the file is empty"),
        ("a.yaml", b"\xef\xbb\xbf \n", "a.yaml: the file is empty"),
    ],
)
def test_hostile_files(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    assert error_of(tmp_path, name, content).startswith(message)


def test_without_the_c_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    (tmp_path / "a.yaml").write_text(YAML, "utf-8")
    assert read_document(tmp_path / "a.yaml") == read_document(ESCALATION)
    assert "a.yaml:1:61: nested" in error_of(tmp_path, "a.yaml", "[" * 10_000)
    assert "a.yaml:1:4: an anchor (&a)" in error_of(tmp_path, "a.yaml", "a: &a [x]\nb: *a")


def test_places_that_are_no_files(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path, "this is a directory, not a file"),
        (tmp_path / "none.json", "there is no such file"),
        (f"{tmp_path}/a\0b.json", "can't be read: embedded null byte"),
        (tmp_path / ("x" * 5000), "can't be read|no such file"),
    ):
        with pytest.raises(SpecError, match=message):
            read_document(path)


def test_content_decides_where_the_name_does_not(tmp_path: Path) -> None:
    for content in (JSON.encode(), YAML.encode(), b"\xef\xbb\xbf" + JSON.encode()):
        (tmp_path / "protocol").write_bytes(content)
        assert read_document(tmp_path / "protocol") == read_document(ESCALATION)


# ---- mistakes inside a document, by path


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_an_expression_error_names_file_line_clause_and_column(tmp_path: Path, suffix: str) -> None:
    text = {"json": JSON, "yaml": YAML}[suffix]
    old = "m == cap and y == 0 and higher"
    wrong = changed(old, "m == cap and y is 0", text)
    extra = -1 if suffix == "json" else 0  # the quote
    at = place(wrong, "m == cap and y is 0", extra)
    assert error_of(tmp_path, f"a.{suffix}", wrong) == (
        f"a.{suffix}:{at}: machines[0].transitions[2].when: ESC-03 (escalating on evaluate): "
        "is and is not are not in the language; write == or !=\n"
        "  m == cap and y is 0\n"
        "               ^"
    )


def test_a_mistake_shows_the_line(tmp_path: Path) -> None:
    wrong = changed('"final": true', '"final": "True"')
    at = place(wrong, '"True"')
    assert error_of(tmp_path, "a.json", wrong) == (
        f"a.json:{at}: machines[0].states[2].final: must be true or false, this is 'True'\n"
        '            "final": "True",\n'
        "                     ^\n"
        "  write true, without quotes"
    )


def edited(change: Any) -> dict[str, Any]:
    """The reference model's document with a change made to its machine."""
    document: dict[str, Any] = json.loads(JSON)
    change(document["machines"][0])
    return document


def set_variable(**keys: object) -> Any:
    """Changes keys of the first variable."""
    return lambda machine: machine["variables"][0].update(keys)


def set_transition(**keys: object) -> Any:
    """Changes keys of the fourth transition."""
    return lambda machine: machine["transitions"][3].update(keys)


@pytest.mark.parametrize(
    ("change", "path", "message", "hint"),
    [
        (set_transition(whem="x"), "transitions[3].whem", "unknown key 'whem'", "'when'?"),
        (set_transition(clause=3), "transitions[3].clause", "must be text, this is 3", '"3"'),
        (set_transition(event=None), "transitions[3]", "'event' is missing", ""),
        (set_transition(source=[1]), "transitions[3].source[0]", "must be text, this is 1", '"1"'),
        (set_transition(target=[]), "transitions[3].target", "must be an object or text", ""),
        (
            set_transition(target={"unspecifid": "x"}),
            "transitions[3].target.unspecifid",
            "unknown key 'unspecifid'",
            "did you mean 'unspecified'?",
        ),
        (
            set_transition(requires=[{"clause": "C", "condition": "a =="}]),
            "transitions[3].requires[0].condition",
            "C: not an expression",
            "",
        ),
        (
            set_variable(kind={"type": "cont"}),
            "variables[0].kind.type",
            "unknown type 'cont'",
            "types: flag, count, category, quantity, clock",
        ),
        (set_variable(kind={"low": 1}), "variables[0].kind", "'type' is missing", "types: flag"),
        (set_variable(kind="count"), "variables[0].kind", "must be an object", ""),
        (
            set_variable(initial=7.5),
            "variables[0].initial",
            "7.5 would be read as a binary float, which is not exact",
            'write "7.5", in quotes',
        ),
        (
            set_variable(
                kind={"type": "quantity", "low": "0", "high": 10, "step": "1", "unit": "mg"}
            ),
            "variables[0].kind.high",
            "must be text, this is 10",
            'write "10", in quotes',
        ),
        (
            set_variable(
                kind={"type": "quantity", "low": "0", "high": "1e999999", "step": "1", "unit": "mg"}
            ),
            "variables[0].kind",
            "quantity in mg: the high of a quantity is '1e999999', which is not a decimal",
            "like 7.5",
        ),
        (
            set_variable(
                kind={"type": "quantity", "low": "0", "high": "1", "step": "0", "unit": "mg"}
            ),
            "variables[0].kind",
            "quantity in mg: the step of a quantity is '0', which is not a positive decimal",
            "like 7.5",
        ),
        (
            lambda machine: machine["constants"].update({"D": float("nan")}),
            "constants.D",
            "nan would be read as a binary float",
            "",
        ),
        (
            lambda machine: machine["constants"].update({"a b": [1, True]}),
            "constants['a b'][1]",
            "must be a whole number, this is True",
            "",
        ),
        (
            lambda machine: machine["constants"].update({"D": [[1]]}),
            "constants.D[0]",
            "must be a whole number, this is a list",
            "",
        ),
        (
            lambda machine: machine["definitions"].update({"m": "n[cur] +"}),
            "definitions.m",
            "definition m: not an expression: ",
            "",
        ),
        (
            lambda machine: machine["definitions"].update({3: "1"}),
            "definitions",
            "a key must be text, this is 3",
            "",
        ),
    ],
)
def test_mistakes_name_their_path(change: Any, path: str, message: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_document(edited(change), "here")
    assert str(caught.value).startswith(f"here: machines[0].{path}: {message}")
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "trialspec/protocol/2"}, "format: must be 'trialspec/protocol/1', this is"),
        ({"format": None}, "'format' is missing"),
        ({"machines": {}}, "machines: must be a list, this is an object"),
        (
            {"machines": [json.loads(JSON)["machines"][0]] * 2},
            "machines[1].name: two machines are called 'trial'",
        ),
        (
            {
                "claims": [
                    {
                        "machine": "trail",
                        "slug": "a",
                        "clause": "C",
                        "statement": "s",
                        "kind": "always",
                        "holds": "True",
                    }
                ]
            },
            "claims[0].machine: there is no machine 'trail'",
        ),
    ],
)
def test_mistakes_around_the_machines(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        from_document({**json.loads(JSON), **change})
    assert str(caught.value).startswith(message)


# ---- names


def test_a_name_a_module_or_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = read_document(ESCALATION)
    (tmp_path / "trial_of_mine.py").write_text(
        "from trialspec.spec.document import read_document\n"
        f"PROTOCOL = read_document({str(ESCALATION)!r})\n"
        "class Kept:\n    it = PROTOCOL\n"
    )
    (tmp_path / "broken_trial.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert load("trial_of_mine:PROTOCOL") == protocol
    assert load("trial_of_mine:Kept.it") == protocol
    assert load(str(ESCALATION)) == protocol
    for argument, message in (
        ("trial_of_mine:NONE", "trial_of_mine has no attribute 'NONE'"),
        ("trial_of_mine:Kept", "this is a type, not a Protocol"),
        ("broken_trial:PROTOCOL", "broken_trial can't be imported: ZeroDivisionError"),
        ("no_such_trial:PROTOCOL", "no_such_trial can't be imported: ModuleNotFoundError"),
        (":", "write module:attribute"),
        ("none.json", "none.json: there is no such file"),
        ("", "there is no protocol ''"),
        ("ibrutinib", "there is no protocol 'ibrutinib'\n  did you mean ibrutinib-mm\\?"),
    ):
        with pytest.raises(SpecError, match=message):
            load(argument)


def test_names_load_nothing() -> None:
    code = (
        "import sys, trialspec.spec.registry as registry\n"
        "assert 'ibrutinib-mm' in registry.names()\n"
        "print([m for m in sys.modules if m == 'yaml' or '.protocols.' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_reading_json_needs_no_yaml() -> None:
    code = (
        "import sys\n"
        "from trialspec.spec.registry import load\n"
        "load(sys.argv[1])\n"
        "print('yaml' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(ESCALATION)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_text_of_json_is_read_alike_by_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(JSON, "utf-8")
    assert dump_json(read_document(tmp_path / "a.yaml")) == JSON
