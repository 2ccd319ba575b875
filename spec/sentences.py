"""A text in paragraphs and sentences, by one rule: the same text always has the same numbers.

* A **paragraph** ends at a blank line. An item of a list begins one too: a line with a bullet
  (``-``, ``*``, ``•``) before a letter, or with the next number of a list (``1.``, then ``2.``).
* A **sentence** ends with its paragraph, so that a heading on its own is one. Within a paragraph
  it ends with a word in ``.``, ``!`` or ``?`` when the next word doesn't begin with a small letter,
  or is the mark of an item, such as ``(b)``. Quotes and brackets that close, and the number of a
  reference, may come after the full stop.
* The full stop of an **abbreviation** (``e.g.``, ``vs.``, ``U.S.``, ``Fig. 2``) ends nothing, nor
  does that of an item's mark: ``2.``, ``b.`` or ``IV.`` where a sentence begins, or the first of
  its kind after a colon (``AIMS: I. To learn``).
* A **remark in brackets** after the full stop belongs to the sentence before it: ``It ends. (See
  part 2.)``. It has 50 words at most.

How lines are broken, and how much white space stands between words, makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

BULLETS = ("-", "*", "•", "◦", "▪", "·")
_WORDS = "al approx ca cf cp dr eg ie incl mr mrs prof resp st v ver viz vs"
ABBREVIATIONS = frozenset(_WORDS.split())
BEFORE_NUMBERS = frozenset(("art", "ch", "fig", "no", "nr", "p", "pp", "ref", "sec", "vol"))
LONGEST_REMARK = 50

_CLOSING = r"[)\]}\"'”’»]*"
_STOP = re.compile(rf"[.!?…]{_CLOSING}$")
# a reference after the full stop, as in "the design (BOIN).3-4": no decimal, no "A.1"
_REFERENCE = re.compile(
    rf"(?:[^\W\d_]{{2}}|[)\]\"'”’»%])[.]{_CLOSING}\d{{1,3}}(?:[-–,]\d{{1,3}})*$"
)
_ROMAN = r"(?=[IVXivx])[Xx]{0,3}(?:[Ii][XxVv]|[Vv]?[Ii]{0,3})"
_MARK = re.compile(rf"[(\[]?(?:\d{{1,3}}(?:\.\d{{1,3}})*|[A-Za-z]|{_ROMAN})[.)\]]")
_FIRST_MARK = re.compile(r"[1IiAa]\.")
_NUMBER = re.compile(r"(\d{1,2})[.)]")
_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


class Sentence(NamedTuple):
    """One sentence: its number in the text, that of its paragraph, its words with single blanks."""

    number: int
    paragraph: int
    text: str


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, numbered from 1; together they have all its words in order.

    >>> for each in sentences("AIMS\\n\\nGive 2.5 mg, e.g. daily. (Part 1) Stop at 10 mg."):
    ...     print(each.number, each.paragraph, each.text)
    1 1 AIMS
    2 2 Give 2.5 mg, e.g. daily. (Part 1)
    3 2 Stop at 10 mg.
    """
    found: list[Sentence] = []
    for paragraph, words in enumerate(_paragraphs(text), 1):
        for sentence in _split(words):
            found.append(Sentence(len(found) + 1, paragraph, " ".join(sentence)))
    return tuple(found)


def fingerprint(sentence: str) -> str:
    """SHA-256, in hexadecimal, of a sentence's words with single blanks between them.

    >>> fingerprint("Give  2.5 mg.") == fingerprint("Give\\n2.5 mg.")
    True
    """
    return sha256(" ".join(sentence.split()).encode("utf-8", "surrogatepass")).hexdigest()


def _paragraphs(text: str) -> Iterator[list[str]]:
    """The words of each paragraph."""
    words: list[str] = []
    last = 0  # the number of the item before, in a list without blank lines
    for line in text.splitlines():
        found = line.split()
        mark = _NUMBER.fullmatch(found[0]) if len(found) > 1 else None
        number = int(mark[1]) if mark else 0
        bullet = len(found) > 1 and found[0] in BULLETS and found[1][0].isalpha()
        if words and (not found or bullet or number == last + 1):
            yield words
            words = []
        if not found:
            last = 0
        elif number and (not words or number == last + 1):
            last = number
        words += found
    if words:
        yield words


def _split(words: list[str]) -> Iterator[list[str]]:
    """The sentences of a paragraph."""
    start = at = 0
    while at < len(words):
        after = at + 1
        if _stops(words, start, at):
            after = _after_remarks(words, after)
            if after < len(words) and _begins(words[after]):
                yield words[start:after]
                start = after
        at = after
    yield words[start:]


def _stops(words: list[str], start: int, at: int) -> bool:
    """Whether a word ends in a full stop that can end the sentence that began at ``start``."""
    word = words[at]
    if not (_STOP.search(word) or _REFERENCE.search(word)):
        return False
    first = start + (words[start] in BULLETS)
    if at <= first and _MARK.fullmatch(word):
        return False
    if at > 0 and words[at - 1].endswith(":") and _FIRST_MARK.fullmatch(word):
        return False
    return not _is_abbreviation(word, words[at + 1] if at + 1 < len(words) else "")


def _is_abbreviation(word: str, following: str) -> bool:
    plain = word.lstrip("([{\"'“‘«")
    if plain.endswith(".") and _LETTERS.fullmatch(plain[:-1]):
        return True
    stem, _, rest = plain.partition(".")
    stem = stem[:1].lower() + stem[1:]
    if stem in BEFORE_NUMBERS:
        return (rest or following)[:1].isdigit()
    return stem in ABBREVIATIONS and (not rest or rest.isdigit())


def _after_remarks(words: list[str], at: int) -> int:
    """The place after the remarks in brackets that stand at ``at``, or ``at``."""
    while at < len(words) and words[at][0] in "([" and not _MARK.fullmatch(words[at]):
        depth = 0
        for end in range(at, min(at + LONGEST_REMARK, len(words))):
            word = words[end]
            depth += word.count("(") + word.count("[") - word.count(")") - word.count("]")
            if depth <= 0:
                break
        else:
            return at
        at = end + 1
    return at


def _begins(word: str) -> bool:
    """Whether a sentence can begin with a word: a mark, or one whose first letter isn't small."""
    first = next((c for c in word if c.isalnum()), "")
    return _MARK.fullmatch(word) is not None or not first.islower()
