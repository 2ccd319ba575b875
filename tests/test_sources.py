"""Sources by their sentences' hashes: the index, comparing a text with it, ``show --source``."""

import json
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trialspec.oracle.cli.main import main
from trialspec.spec.accounting import accounts, paragraphs, unaccounted
from trialspec.spec.comparison import compare, matched, nearest
from trialspec.spec.document import dump_json, dump_yaml, read_document
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Claim,
    Clause,
    IndexEntry,
    Invariant,
    Machine,
    Protocol,
    SourceIndex,
    State,
    Transition,
)
from trialspec.spec.sentences import fingerprint, sentences
from trialspec.spec.sources import document_name, index_of

TEXT = """THE DOOR TRIAL

A door is closed at first. Whoever has a key, e.g. a nurse,
may open it. (Part 1)

  - It is never opened twice.

Doors are known to be useful.
"""
DOCUMENT = sha256(TEXT.encode()).hexdigest()[:16]
HEADING = "A heading."


def indexed(text: str = TEXT, reason: str = HEADING) -> SourceIndex:
    found = sentences(text)
    return index_of(document_name(text.encode()), found, {fingerprint(found[0].text): reason})


def door(*clauses: Clause, sources: tuple[SourceIndex, ...] | None = None) -> Protocol:
    machine = Machine(
        "trial",
        (State("closed", initial=True), State("open", final=True)),
        (Action("unlock"),),
        (Transition("DOOR-2", "closed", "unlock", "open"),),
        invariants=(Invariant("DOOR-1", "two", "Open or closed.", "state in ('closed', 'open')"),),
        claims=(Claim("opens", "DOOR-3", "It can be opened.", "reachable", "state == 'open'"),),
    )
    made = clauses or (
        Clause("DOOR-1", "It begins closed.", "S", DOCUMENT, (2,)),
        Clause("DOOR-2", "A key opens it.", "E", DOCUMENT, (3,)),
        Clause("DOOR-3", "Once.", "I", DOCUMENT, (3, 4)),
        Clause("DOOR-4", "Doors are useful.", "N", DOCUMENT, (5,), "A remark."),
    )
    return Protocol("door", "A door", (machine,), made, sources=sources or (indexed(),))


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes a protocol and a text; the arguments that ``show`` takes them by."""

    def write(
        text: str = TEXT, protocol: Protocol | None = None, name: str = "p.json"
    ) -> list[str]:
        (tmp_path / "text.txt").write_bytes(text.encode())
        made = protocol or door()
        written = dump_yaml(made) if name.endswith("yaml") else dump_json(made)
        (tmp_path / name).write_text(written, "utf-8")
        return [str(tmp_path / name), "--source", str(tmp_path / "text.txt")]

    return write


def out(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["show", *arguments]) == code
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


# ---- the index


def test_an_index_holds_places_and_hashes_and_no_text() -> None:
    index = indexed()
    assert index.document == DOCUMENT
    assert [(e.number, e.paragraph) for e in index.sentences] == [
        *((1, 1), (2, 2), (3, 2), (4, 3), (5, 4)),
    ]
    assert index.sentences[0].sha256 == sha256(b"THE DOOR TRIAL").hexdigest()
    assert [e.reason for e in index.sentences] == [HEADING, "", "", "", ""]
    assert not any(s.text in dump_json(door()) for s in sentences(TEXT))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([(2, 1)], "entry 1: the number must be 1, this is 2"),
        ([(1, 1), (3, 1)], "entry 2: the number must be 2, this is 3"),
        ([(1, 2)], "entry 1: paragraph 2 after paragraph 0"),
        ([(1, 0)], "entry 1: paragraph 0 after paragraph 0"),
        ([(1, 1), (2, 3)], "entry 2: paragraph 3 after paragraph 1"),
        ([(1, 1), (2, 2), (3, 1)], "entry 3: paragraph 1 after paragraph 2"),
    ],
)
def test_an_index_is_in_order(entries: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        SourceIndex("d", tuple(IndexEntry(n, p, "0" * 64) for n, p in entries))


@pytest.mark.parametrize("mark", ["0" * 63, "0" * 65, "G" * 64, "A" * 64, ""])
def test_a_hash_is_a_hash(mark: str) -> None:
    with pytest.raises(SpecError, match="64 digits"):
        SourceIndex("d", (IndexEntry(1, 1, mark),))


def test_a_document_is_indexed_once() -> None:
    with pytest.raises(SpecError, match="two indexes of the document"):
        door(sources=(indexed(), indexed()))


def test_what_is_wrong_with_an_index_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = json.loads(dump_json(door()))
    wrong["sources"][0]["sentences"][2]["number"] = 7
    (tmp_path / "p.json").write_text(json.dumps(wrong, indent=1))
    assert main(["show", str(tmp_path / "p.json")]) == 2
    told = capsys.readouterr().err
    assert "p.json:" in told and "sources[0]" in told and "this is 7" in told


# ---- comparing


def told(index: SourceIndex, text: str) -> list[tuple[int, int, str]]:
    return [
        (
            row.entry.number if row.entry else 0,
            row.sentence.number if row.sentence else 0,
            row.status,
        )
        for row in compare(index, sentences(text))
    ]


def test_the_same_text_is_the_same() -> None:
    assert told(indexed(), TEXT) == [(n, n, "same") for n in range(1, 6)]
    assert told(indexed(), TEXT.replace("\n\n", "\n \n\n")) == told(indexed(), TEXT)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("closed", "open"), {2: "changed"}),
        (("THE DOOR TRIAL\n\n", ""), {1: "missing"}),
        (("Doors are known to be useful.\n", ""), {5: "missing"}),
        (("  - It is never opened twice.", ""), {4: "missing"}),
        (("A door is", "It is new. A door is"), {0: "additional"}),
        (("useful.\n", "useful. Are they?"), {0: "additional"}),
        (("is never opened twice.", "is. Never. Open."), {4: "changed", 0: "additional"}),
    ],
)
def test_what_differs_is_found(change: tuple[str, str], expected: dict[int, str]) -> None:
    assert change[0] in TEXT
    rows = told(indexed(), TEXT.replace(*change))
    assert {entry: status for entry, _, status in rows if status != "same"} == expected
    assert [e for e, _, _ in rows if e] == [1, 2, 3, 4, 5]
    assert [s for _, s, _ in rows if s] == list(range(1, len(sentences(TEXT.replace(*change))) + 1))


ITEMS = st.lists(st.sampled_from("abcdefg"), max_size=12)


@given(ITEMS, ITEMS)
def test_matches_are_equal_and_in_order(a: list[str], b: list[str]) -> None:
    found = matched(a, b)
    assert all(a[i] == b[j] for i, j in found)
    assert all(p[0] < q[0] and p[1] < q[1] for p, q in pairwise(found))
    assert matched(a, a) == [(i, i) for i in range(len(a))]


@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_without_repetitions_as_many_as_can_be_are_matched(a: list[str], b: list[str]) -> None:
    longest = [0] * (len(b) + 1)
    for x in a:
        row = [0]
        for j, y in enumerate(b):
            row.append(longest[j] + 1 if x == y else max(row[j], longest[j + 1]))
        longest = row
    assert len(matched(a, b)) == longest[-1]


def test_repetitions_take_no_time() -> None:
    a = ["x", "y"] * 100_000
    assert len(matched(a, [*a, "x"])) == len(a)
    assert matched(a, a[1:])[-1] == (len(a) - 1, len(a) - 2)


def test_a_text_is_compared_with_the_document_that_it_is_of() -> None:
    other = "A window is closed. It stays so."
    both = (indexed(), indexed(other, ""))
    assert nearest(both, DOCUMENT, sentences(TEXT)) == both[0]
    assert nearest(both, "", sentences(other + " It is new.")) == both[1]
    assert nearest(both[:1], "", sentences("Nothing of it.")) == both[0]
    with pytest.raises(SpecError, match="no sentence of any document"):
        nearest(both, "", sentences("Nothing of it."))


# ---- the account


def test_every_sentence_has_its_clauses() -> None:
    found = accounts(door())
    assert [[c.id for c in a.clauses] for a in found] == [
        [],
        ["DOOR-1"],
        ["DOOR-2", "DOOR-3"],
        ["DOOR-3"],
        ["DOOR-4"],
    ]
    assert unaccounted(door()) == []
    assert [paragraphs(door(), c) for c in door().clauses] == [(2,), (2,), (2, 3), (4,)]
    assert paragraphs(door(), Clause("X", "x", "N", "another", (1,))) == ()


GOOD = door().clauses


@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        (GOOD[:3], f"sentence 5 of {DOCUMENT} (paragraph 4) has no clause, and no reason for it"),
        (
            (*GOOD, Clause("DOOR-5", "A title.", "N", DOCUMENT, (1,), "A title.")),
            f"sentence 1 of {DOCUMENT} (paragraph 1) has a reason for having no clause, and DOOR-5",
        ),
        ((*GOOD, Clause("DOOR-5", "x", "N", DOCUMENT, (6,), "x")), "DOOR-5 names sentence 6 of 5"),
        ((*GOOD, Clause("DOOR-5", "x", "N", DOCUMENT, (0,), "x")), "DOOR-5 names sentence 0 of 5"),
        ((*GOOD, Clause("DOOR-5", "x", "N", DOCUMENT, (), "x")), "DOOR-5 names no sentence"),
        (
            (*GOOD, Clause("DOOR-5", "x", "N", reason="x")),
            "DOOR-5 names no document, and no sentence",
        ),
        (
            (*GOOD, Clause("DOOR-5", "x", "N", "leaflet", (1,), "x")),
            "DOOR-5 names the document 'leaflet', which has no index",
        ),
        (
            (*GOOD, Clause("DOOR-5", "x", "G", DOCUMENT, (5,))),
            "DOOR-5 is cited by nothing, and has no reason for it",
        ),
        (
            (*GOOD, Clause("DOOR-5", "x", "G", DOCUMENT, (5,), "x")),
            "DOOR-5 is of kind G: only kind N may be left unmodelled",
        ),
        (
            (Clause("DOOR-1", "x", "N", DOCUMENT, (2,), "x"), *GOOD[1:]),
            "DOOR-1 has a reason for not being modelled, and is cited",
        ),
        (
            (Clause("DOOR-1", "x", "G", DOCUMENT, (2,)), *GOOD[1:]),
            "DOOR-1 is cited by nothing that acts: invariant alone",
        ),
        (
            (*GOOD[:2], Clause("DOOR-3", "x", "S", DOCUMENT, (3, 4)), *GOOD[3:]),
            "DOOR-3 is cited by nothing that acts: claim alone",
        ),
    ],
)
def test_what_is_missing_from_the_account_is_told(
    clauses: tuple[Clause, ...], message: str, files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol = door(*clauses)
    assert unaccounted(protocol) == [message]
    given = files(protocol=protocol)
    assert f"\nnot accounted for: {message}\n" in out(capsys, *given, code=4)
    assert json.loads(out(capsys, *given, "--json", code=4))["unaccounted"] == [message]
    assert "\nNot accounted for\n" in out(capsys, given[0])
    assert main(["verify", given[0], "--engine", "enumeration"]) == 0
    assert capsys.readouterr().err == f"door {message}\n"


def test_without_an_index_sentences_are_not_looked_at() -> None:
    clauses = [Clause(c.id, c.text, c.kind, "anywhere", (99,), c.reason) for c in GOOD]
    protocol = Protocol("door", "A door", door().machines, tuple(clauses))
    assert unaccounted(protocol) == accounts(protocol) == []


# ---- show


def test_show_says_where_a_clause_stands_and_what_cites_it(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = files()[0]
    text = out(capsys, path)
    assert f"DOOR-3 [I] Once. ({DOCUMENT}, paragraphs 2 and 3, sentences 3 and 4)\n" in text
    assert "\n      trial, transition: closed on unlock\n" in text
    assert "\n      trial, invariant: two\n" in text
    assert "\n      trial, claim: opens\n" in text
    assert (
        f"\nSentences without a clause\n  ({DOCUMENT}, paragraph 1, sentence 1) {HEADING}\n" in text
    )
    assert "Not accounted for" not in text
    assert f"({DOCUMENT}, paragraph 2, sentence 3)" in out(capsys, path, "DOOR-2")
    found = {c["id"]: c for c in json.loads(out(capsys, path, "--json"))["clauses"]}
    assert found["DOOR-2"]["source"] == {"document": DOCUMENT, "sentence": 3, "paragraph": 2}
    assert found["DOOR-3"]["source"]["paragraph"] == [2, 3]
    assert found["DOOR-2"]["cited_by"] == ["trial: transition closed on unlock"]


def test_what_show_prints_as_json_can_be_read_back(
    files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "again.json").write_text(out(capsys, files()[0], "--json"))
    assert read_document(tmp_path / "again.json") == door()


def test_show_sets_text_and_clauses_side_by_side(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    text = out(capsys, *files())
    assert "  5 of 5 sentences are the same\n" in text
    assert "  another file" not in text
    rows = [[half.strip() for half in line.split(" | ")] for line in text.splitlines()]
    assert ["1  THE DOOR TRIAL", "no clause: A heading."] in rows
    assert ["2  A door is closed at first.", "DOOR-1 [S] It begins closed."] in rows
    assert ["3  Whoever has a key, e.g. a nurse, may open", "DOOR-2 [E] A key opens it."] in rows
    assert ["it. (Part 1)", "DOOR-3 [I] Once."] in rows
    assert max(map(len, text.splitlines()[4:])) <= 100
    assert "Independent of all trials' sponsors" in text


def test_other_white_space_is_another_file_with_the_same_sentences(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    given = files(TEXT.replace("\n", "\r\n"))
    assert "  another file with the same sentences" in out(capsys, *given)
    answer = json.loads(out(capsys, *given, "--json"))
    assert answer["counts"] == {"same": 5, "changed": 0, "missing": 0, "additional": 0}
    assert answer["same_file"] is False
    # a byte order mark is no part of the text
    assert "  5 of 5 sentences" in out(capsys, *files("\ufeff" + TEXT))


CHANGED = (
    TEXT.replace("closed at", "open at").replace("  - It is never opened twice.\n", "") + "New."
)


def test_a_text_that_differs_is_told_and_gives_exit_code_1(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    text = out(capsys, *files(CHANGED), code=1)
    assert "  3 of 5 sentences are the same\n  changed: 2\n  missing: 4\n  additional: 1" in text
    assert "    2  changed: not the sentence that the clauses" in text
    assert "    4  missing from this text:" in text
    assert "    +  additional: not in the index:" in text
    assert "  another file" not in text


def test_the_same_as_json(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(out(capsys, *files(CHANGED), "--json", code=1))
    assert answer["format"] == "trialspec/source/1"
    assert answer["notice"].startswith("Independent")
    assert (answer["protocol"], answer["document"]) == ("door", DOCUMENT)
    assert answer["counts"] == {"same": 3, "changed": 1, "missing": 1, "additional": 1}
    rows = [(s["status"], s["sentence"], s["paragraph"], s["in_text"]) for s in answer["sentences"]]
    assert rows == [
        ("same", 1, 1, 1),
        ("changed", 2, 2, 2),
        ("same", 3, 2, 3),
        ("missing", 4, 3, None),
        ("same", 5, 4, 4),
        ("additional", None, None, 5),
    ]
    first, second, _, fourth, _, new = answer["sentences"]
    assert first["reason"] == HEADING and first["clauses"] == []
    assert second["text"] == "A door is open at first."
    assert second["clauses"] == [
        {
            "id": "DOOR-1",
            "kind": "S",
            "text": "It begins closed.",
            "cited_by": ["trial: invariant two"],
        }
    ]
    assert fourth["text"] is None and fourth["reason"] is None
    assert new["text"] == "New." and new["clauses"] == []


def test_a_text_cannot_control_the_terminal(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    printed = out(capsys, *files(TEXT + "\n\nA bell\x1b[31m and \x9b a tab."), code=1)
    assert not {c for c in printed if not c.isprintable()} - {"\n"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"A door.\nIt is \xff open.", "text.txt:2:7: not UTF-8 text"),
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"A\0", "a NUL byte"),
        (b"A. " * 1_700_000, "larger than 5 MB"),
        (None, "there is no such file"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    files: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    message: str,
) -> None:
    given = files()
    if content is None:
        (tmp_path / "text.txt").unlink()
    else:
        (tmp_path / "text.txt").write_bytes(content)
    assert main(["show", *given]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--index"], "--index needs the text"),
        (["DOOR-1", "--source", "x"], "--source with NAME: shows the whole text"),
        (["--machine", "trial", "--source", "x"], "--source with --machine"),
        (["--reading", "strict", "--source", "x"], "--source with --reading"),
    ],
)
def test_options_that_do_not_go_together(
    files: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["show", files()[0], *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_protocol_without_an_index_says_how_to_make_one(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Protocol("door", "A door", door().machines, GOOD)
    assert main(["show", *files(protocol=bare)]) == 2
    assert "door has no index of its sources\n  with --index" in capsys.readouterr().err


def test_a_text_of_no_document_is_told(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    two = door(sources=(indexed(), indexed("A window is closed.", "A remark.")))
    assert main(["show", *files("Nothing of it.", two)]) == 2
    assert "text.txt: this text has no sentence of any document" in capsys.readouterr().err


# ---- making an index


def test_an_index_can_be_appended_to_a_yaml_document(
    files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Protocol("door", "A door", door().machines, GOOD)
    given = files(protocol=bare, name="p.yaml")
    made = out(capsys, *given, "--index")
    with open(given[0], "a", encoding="utf-8") as file:
        file.write(made)
    assert read_document(given[0]) == door(sources=(indexed(reason=""),))
    assert main(["show", *given]) == 4
    printed = capsys.readouterr().out
    assert "1  THE DOOR TRIAL" in printed and "no clause: no reason for it is recorded" in printed


def test_an_index_made_anew_keeps_its_reasons(
    files: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = json.loads(out(capsys, *files(TEXT + "New."), "--index", "--json"))
    assert answer["format"] == "trialspec/sources/1" and "notice" in answer
    (source,) = answer["sources"]
    assert source["document"] == document_name((TEXT + "New.").encode()) != DOCUMENT
    assert source["sentences"][0]["reason"] == HEADING
    assert [e["number"] for e in source["sentences"]] == [1, 2, 3, 4, 5, 6]
    assert "reason" not in source["sentences"][5]
