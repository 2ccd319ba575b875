"""The one rule that splits a text into paragraphs and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trialspec.spec.sentences import LONGEST_REMARK, fingerprint, sentences


def split(text: str) -> list[str]:
    return [s.text for s in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # full stops, and what may close after them
        ("One begins. Two goes on! Is it three? Yes.", 4),
        ('It has three "stages." Each begins (Monday). Then it ends.', 3),
        ("It lasts 28 days. 15 mg are given.", 2),
        ("It rises to 2.5 mg/day at level 1.5 in Group A.1 Patients", 1),
        ("a full stop. then a small letter", 1),
        ("The design (BOIN).3-4 It is known.2,3 The end", 3),
        # abbreviations
        ("Drugs, e.g. Aspirin, i.e. ASA, vs. None", 1),
        ("As Smith et al. Have shown, cf. Table 2, for approx. 5 mg", 1),
        ("See Fig. 2 and No. 3 of the table. There are no. Others follow.", 3),
        ("Who is in the U.S. Army may enter.", 1),
        ("It is for cohort A. Patients come.", 2),
        # the marks of items
        ("AIMS: I. To learn. (Phase I) II. To find. (Phase I) V. To see.", 3),
        ("1. To learn this. 2. To find that. a. One more. 1.2. Another.", 4),
        ("This is a phase II. Patients come.", 2),
        ("The number of levels is 3. Patients come.", 2),
        # remarks in brackets
        ("It is added. (Part 3). It ends.", 2),
        ("It is added. (part 3) [and 4] and ends.", 1),
        ("It is added. (a) One (b) two", 2),
        ("It is added. (This never closes.", 2),
        ("It begins. (A " + "word " * LONGEST_REMARK + "end) Then.", 2),
        ("It begins. (a " + "word " * LONGEST_REMARK + "end) Then.", 1),
        ("It begins. (A " + "word " * (LONGEST_REMARK - 3) + "end) Then.", 2),
        ("1.", 1),
        ("- 1. To learn. - b. To find.", 2),
        ("Levels: 3. Cohorts: 2.", 2),
        ("5 mg. + 3 mg.", 2),
        ("", 0),
        (" \n\t\n", 0),
    ],
)
def test_where_sentences_end(text: str, parts: int) -> None:
    assert len(split(text)) == parts, split(text)


def test_the_mark_of_an_item_begins_a_sentence() -> None:
    text = "1. To learn this. 2. To find that. a. One more. 1.2. Another. (b) The last."
    marks = [s.split()[0] for s in split(text)]
    assert marks == ["1.", "2.", "a.", "1.2.", "(b)"]


def test_a_remark_goes_with_the_sentence_before_it() -> None:
    assert split("It is added. (Part 3). It ends.") == ["It is added. (Part 3).", "It ends."]
    short = "It begins. (A " + "word " * (LONGEST_REMARK - 3) + "end) Then."
    assert split(short)[1] == "Then."
    long = "It begins. (A " + "word " * LONGEST_REMARK + "end) Then."
    assert split(long)[0] == "It begins."


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("HEADING\n\nIt begins. It goes on\nand on.\n \t\nThen more", [1, 2, 2, 3]),
        ("It has:\n- one part\n  of two lines\n* another\n•  and more", [1, 2, 3, 4]),
        ("on days 1\n- 21 of a cycle", [1]),
        ("It has\n1. one part\n2. another\n3) a third", [1, 2, 3, 4]),
        ("of cycle\n2. It goes on", [1, 1]),
        ("2. The second\n3. The third\n\n4. The fourth\n5. The fifth\n7. no item", [1, 2, 3, 4]),
        ("1. One\n- a point\n2. Two", [1, 2, 3]),
        ("-\nalone", [1]),
        ("lines\r\n\r\nof Windows\x0bor\u2028others", [1, 2]),
    ],
)
def test_where_paragraphs_end(text: str, paragraphs: list[int]) -> None:
    assert [s.paragraph for s in sentences(text)] == paragraphs, split(text)


def test_white_space_is_of_no_account_to_a_hash() -> None:
    assert fingerprint(" Give\n  2.5 mg. ") == fingerprint("Give 2.5 mg.")
    assert fingerprint("Give 2.5 mg.") != fingerprint("Give 2.5 mg")


WORDS = (
    "Word word end. 1. IV. (a) (Part 2) e.g. No. - • 2.5 : (BOIN).3-4 ? [ ÄÖ. Fig. AIMS: I. “so.”"
)
PIECES = st.sampled_from([*WORDS.split(), "\n", "\n\n", " \n", "\t"])
TEXTS = st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=80)


@given(TEXTS)
def test_the_sentences_are_the_text_up_to_white_space(text: str) -> None:
    found = sentences(text)
    assert " ".join(s.text for s in found).split() == text.split()
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    numbers = [s.paragraph for s in found]
    assert numbers == sorted(numbers) and set(numbers) == set(range(1, len(set(numbers)) + 1))
    assert all(s.text == " ".join(s.text.split()) for s in found)


@given(TEXTS, st.integers(2, 4))
def test_doubled_blank_lines_and_blanks_change_nothing(text: str, times: int) -> None:
    lines = text.splitlines()
    more = [copy for line in lines for copy in [line] * (1 if line.split() else times)]
    assert sentences("\n".join(more)) == sentences(text)
    assert sentences("\r\n".join("  ".join(line.split(" ")) for line in lines)) == sentences(text)
    assert sentences("\n\n" + text + "\n \n") == sentences(text)


@given(TEXTS)
def test_a_sentence_on_its_own_is_a_paragraph_with_the_same_words(text: str) -> None:
    apart = sentences("\n\n".join(s.text for s in sentences(text)))
    assert " ".join(s.text for s in apart) == " ".join(s.text for s in sentences(text))
    # each of them has at least the sentences that it had within its paragraph
    assert len(apart) >= len(sentences(text))
