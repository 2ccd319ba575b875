"""Names and texts of a specification may come from anyone: drawings show them, and no more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from trialspec.diagrams.chart import Chart
from trialspec.diagrams.draw import draw
from trialspec.diagrams.files import content, stems
from trialspec.diagrams.mermaid import mermaid
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clause,
    Count,
    Machine,
    Observation,
    Protocol,
    State,
    Transition,
    Unspecified,
)
from trialspec.spec.notice import NOTICE
from trialspec.statemachines.bind import bind

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = "A-2"


NASTY = (
    "</TABLE>> ] } ; <B>bold</B> & &amp; \"quoted\" 'single' \\N \\ `tick` | { } # %% --> : [*]\n"
    "end note\r\t\x00\x07\x1b[31m \u202egnp.exe \ud800 \u00e9\u2264\u03b2\U0001f600 "
    "<script>alert(1)</script>"
)


def trial(text: str) -> Chart:
    """A chart with the text wherever a specification may have any text."""
    machine = Machine(
        text,
        constants={"cap": 6},
        variables=(Count("seen", 0, "cap", meaning=text),),
        definitions={"room": "seen < cap"},
        states=(
            State("open", initial=True, meaning=text),
            State("closed", final=True, meaning=text),
        ),
        events=(
            Action("enrol", meaning=text),
            Observation("toxicity", fatal=Bool, meaning=text),
        ),
        transitions=(
            Transition(text, "open", "enrol", None, "room", "seen += 1"),
            Transition(text, "open", "toxicity", "closed", "fatal"),
            Transition(text, "open", "toxicity", Unspecified(text), "not fatal"),
        ),
        meaning=text,
    )
    protocol = Protocol(
        text,
        text,
        machines=(machine,),
        clauses=(Clause(text, text, "G"),),
        ambiguities=(Ambiguity(text, text, kind="note"),),
    )
    return draw(protocol, bind(protocol, text))


def texts_of(svg: bytes) -> str:
    """What an SVG shows, blanks of any kind as one."""
    found = (e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(found).split())


def assert_mermaid(text: str) -> None:
    """Each line is one of the few statements that are written, labels without special signs."""
    label = r"(?:[^\"#;:<>{}%&`|\\~^$@!?]|#\d+;|<br/>)*"
    statements = [
        r"%% .*",
        r"stateDiagram-v2",
        r"    direction TB",
        rf'    state "{label}" as [su]\d+',
        rf"    [su]\d+ : {label}",
        rf"    (\[\*\]|s\d+) --> (\[\*\]|[su]\d+)( : {label})?",
        r"    note right of s0",
        rf"        {label}",
        r"    end note",
        r"    classDef unspecified [\w:#,\- ]+",
        r"    class u\d+(,u\d+)* unspecified",
    ]
    for line in text.split("\n")[:-1]:
        assert any(re.fullmatch(s, line) for s in statements), line
    assert text.split("\n").count("    end note") == 1


@pytest.mark.parametrize(
    "text",
    [NASTY, "x" * 20_000, "two words " * 3_000, "<", ">", "<>", '"', "\\", "\n", "end", "A:B"],
    ids=[
        "nasty",
        "long",
        "words",
        "lt",
        "gt",
        "angles",
        "quote",
        "backslash",
        "break",
        "end",
        "port",
    ],
)
def test_names_from_anyone_do_no_harm(text: str) -> None:
    made = trial(text)
    svg = content(made, "svg")
    shown = texts_of(svg)
    assert "unspecified:" in shown
    assert NOTICE in shown
    root = ElementTree.fromstring(svg)
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline"}
    # states, lines and outcomes as without the names, and nothing beside them
    kinds = Counter(g.get("class") for g in root.iter(f"{SVG}g"))
    plain = Counter(
        g.get("class") for g in ElementTree.fromstring(content(trial(PLAIN), "svg")).iter(f"{SVG}g")
    )
    assert kinds == plain
    assert_mermaid(mermaid(made))
    assert len(svg) < 200_000
    assert content(made, "png").startswith(b"\x89PNG\r\n\x1a\n")
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", made.name)


def test_nasty_text_is_shown_as_it_is() -> None:
    shown = texts_of(content(trial(NASTY), "svg"))
    for part in (
        "</TABLE>>",
        "<B>bold</B> & &amp;",
        "\"quoted\" 'single'",
        "<script>alert(1)",
        "é≤β",
    ):
        assert part in shown
    for hidden in ("\u202e", "\x1b", "\x07"):
        assert hidden not in shown


def test_files_of_two_machines_never_share_a_name() -> None:
    made = replace(trial(PLAIN), protocol="small-trial")
    charts = [replace(made, machine=m) for m in ("trial", "TRIAL", "../trial")]
    found = stems(charts)
    assert found == ["small-trial-trial", "small-trial-TRIAL-2", "small-trial-..-trial"]
