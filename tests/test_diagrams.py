"""Diagrams: the chart holds every rule once, and every format shows it whatever the names are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from trialspec.diagrams import gallery
from trialspec.diagrams.chart import NOTICE, Chart
from trialspec.diagrams.dot import dot
from trialspec.diagrams.draw import draw
from trialspec.diagrams.files import FORMATS, content, drawn_from, stems
from trialspec.diagrams.mermaid import mermaid
from trialspec.diagrams.render import render
from trialspec.diagrams.simplify import Simplifier
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import TRUE, conjunction
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clause,
    Count,
    Landmark,
    Machine,
    Observation,
    Protocol,
    State,
    Transition,
    Unspecified,
)
from trialspec.spec.readings import PROFILES, parse_readings
from trialspec.spec.registry import load, names
from trialspec.spec.resolve import Resolver
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound

GALLERY = Path(__file__).parents[1] / "diagrams" / "gallery"
SVG = "{http://www.w3.org/2000/svg}"


def small() -> Protocol:
    """Two open states, one gap, and a rule of every kind a chart tells apart."""
    return Protocol(
        "small-trial",
        "A small trial",
        machines=(
            Machine(
                "trial",
                constants={"cap": 6, "levels": 2},
                variables=(
                    Count("seen", 0, "cap", meaning="patients so far"),
                    Count("bad", 0, "cap", per="levels"),
                ),
                definitions={
                    "limit": "cap if A_1 == 'high' else 2",
                    "room": "seen < limit",
                    "unused": "seen == 0",
                },
                states=(
                    State("open", initial=True, meaning="taking patients"),
                    State("held"),
                    State("closed", final=True),
                ),
                events=(
                    Action("enrol"),
                    Action("hold"),
                    Action("resume"),
                    Observation("toxicity", fatal=Bool, possible="seen > 0"),
                    Observation("news"),
                ),
                transitions=(
                    Transition("C-1", "open", "enrol", None, "room", "seen += 1"),
                    Transition("C-2", "open", "hold", "held"),
                    Transition("C-2", "held", "resume", "open", "A_1 == 'high' or seen == 1"),
                    Transition(
                        "C-3",
                        ("open", "held"),
                        "toxicity",
                        "closed",
                        "fatal",
                        requires=(("C-1", "seen <= limit"),),
                    ),
                    Transition("C-3", "open", "toxicity", "open", "not fatal", "bad[1] = seen"),
                    Transition("C-3", "held", "toxicity", Unspecified("A-2"), "not fatal"),
                    Transition("C-4", ("open", "held"), "news"),
                    Transition("C-4", ("open", "held"), "year"),
                ),
                landmarks=(Landmark("year", after="enrol", months=12),),
            ),
        ),
        clauses=(Clause("C-1", "Six at most.", "G"), Clause("C-9", "Cited by nothing.", "N")),
        ambiguities=(
            Ambiguity("A-1", "How many?", {"high": "six", "low": "two"}, "high"),
            Ambiguity("A-2", "A toxicity while held?", kind="note"),
        ),
    )


def chart(protocol: Protocol, machine: str = "trial", **readings: str) -> Chart:
    chosen = {id.replace("_", "-"): name for id, name in readings.items()}
    return draw(protocol, bind(protocol, machine, readings=chosen))


def bindings() -> list[tuple[Protocol, Bound]]:
    made = []
    for name in names():
        protocol = load(name)
        for machine in protocol.machines:
            for profile in PROFILES:
                chosen = parse_readings(protocol, [profile])
                made.append((protocol, bind(protocol, machine.name, readings=chosen)))
    return [*made, (small(), bind(small())), (small(), bind(small(), readings={"A-1": "low"}))]


BINDINGS = bindings()
IDS = [f"{b.protocol}-{b.machine.name}-{n}" for n, (_, b) in enumerate(BINDINGS)]


# ---- the chart


@pytest.mark.parametrize(("protocol", "bound"), BINDINGS, ids=IDS)
def test_every_rule_is_drawn_once_with_its_clause(protocol: Protocol, bound: Bound) -> None:
    made = draw(protocol, bound)
    drawn = Counter(name for row in made.rows for name in row.rules)
    assert drawn == Counter(rule.name for rule in bound.rules)
    rules = {rule.name: rule for rule in bound.rules}
    for edge in made.edges:
        for row in edge.rows:
            assert len(row.rules) == len(edge.sources)
            for source, name in zip(edge.sources, row.rules, strict=True):
                rule = rules[name]
                assert (row.clause, source) == (rule.clause, bound.states[rule.source])
                assert row.observation == bound.event[rule.event].observation
                assert edge.unspecified == isinstance(rule.target, Unspecified)
                if isinstance(rule.target, int):
                    assert edge.target == bound.states[rule.target]
                else:
                    assert edge.target == rule.target.ambiguity
    for box in made.boxes:
        for row in (*box.changes, *box.idle):
            (name,) = row.rules
            assert row.clause == rules[name].clause
            assert bound.states[rules[name].source] == box.name == bound.states[rules[name].target]


@pytest.mark.parametrize(("protocol", "bound"), BINDINGS, ids=IDS)
def test_what_is_shown_of_a_guard_means_the_whole_guard(protocol: Protocol, bound: Bound) -> None:
    shown = {name: row for row in draw(protocol, bound).rows for name in row.rules}
    for rule in bound.rules:
        if any(p.text == "otherwise" or p.text.startswith("a reading of") for p in rule.parts):
            continue
        parameters = {p.name: p.type for p in bound.event[rule.event].parameters}
        resolver = Resolver(bound.scope.with_arguments(parameters))
        texts = [c.text for c in shown[rule.name].conditions]
        again = conjunction([resolver.condition(t, rule.name) for t in texts])
        assert Counter(map(str, _parts(again))) == Counter(map(str, _parts(rule.guard)))


def _parts(node: object) -> set[object]:
    from trialspec.spec.expression import Node, conjuncts

    assert isinstance(node, Node)
    return {n for n in conjuncts(node) if n != TRUE}


def test_rules_are_sorted_into_lines_and_boxes() -> None:
    made = chart(small())
    lines = {(e.sources, e.target): [r.clause for r in e.rows] for e in made.edges}
    assert lines == {
        (("open",), "held"): ["C-2"],
        (("held",), "open"): ["C-2"],
        (("open", "held"), "closed"): ["C-3"],
        (("open",), "open"): ["C-3"],
        (("held",), "A-2"): ["C-3"],
    }
    assert {e.target: e.style for e in made.edges if e.sources == ("open",)} == {
        "held": "action",
        "open": "observation",
    }
    first, held, closed = made.boxes
    assert [(r.event, r.effects) for r in first.changes] == [
        ("enrol", ("seen += 1", "year is awaited")),
        ("year", ("year has passed",)),
    ]
    assert [r.event for r in first.idle] == ["news"]
    assert (first.initial, first.final, closed.final) == (True, False, True)
    assert [r.clause for r in (*held.changes, *held.idle)] == ["C-4", "C-4"]
    assert [(o.ambiguity, o.question) for o in made.outcomes] == [("A-2", "A toxicity while held?")]


def test_guards_show_what_the_readings_leave() -> None:
    high, low = chart(small()), chart(small(), A_1="low")
    resume = {c.readings: c.edges[1].rows[0].conditions for c in (high, low)}
    assert resume["default"] == ()
    assert [c.text for c in resume["default, with A-1=low"]] == ["seen == 1"]
    assert [(d.name, d.text) for d in high.definitions] == [("room", "seen < cap")]
    assert [(d.name, d.text) for d in low.definitions] == [("room", "seen < 2")]
    fatal = low.edges[2].rows[0]
    assert fatal.guard == ("seen <= 2 [C-1]", "event.fatal") or fatal.guard == (
        "seen <= 2 [C-1]",
        "fatal",
    )


def test_the_legend_names_caps_values_events_and_clauses() -> None:
    made = chart(small())
    assert [(e.name, e.text) for e in made.constants] == [("cap", "6"), ("levels", "2")]
    assert [(e.name, e.text) for e in made.variables] == [
        ("seen", "patients so far (0 to cap)"),
        ("bad", "0 to cap for each of 1 to levels"),
    ]
    events = {e.name: e.text for e in made.events}
    assert events["toxicity(fatal)"] == "can happen if seen > 0"
    assert events["year"].startswith("12 months after the first enrol")
    assert [(e.name, e.text) for e in made.clauses] == [("C-1", "Six at most.")]


def test_a_state_that_no_rule_leads_to_says_so() -> None:
    protocol = small()
    (machine,) = protocol.machines
    alone = replace(machine, states=(*machine.states, State("lonely", final=True)))
    made = chart(replace(protocol, machines=(alone,)))
    assert [b.name for b in made.boxes if not b.entered] == ["lonely"]
    assert "no rule leads here" in dot(made)
    assert "no rule leads here" in mermaid(made)


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("A_1 == 'high' and seen > 1", "seen > 1"),
        ("A_1 in ('low', 'middle') or seen > 1", "seen > 1"),
        ("not (A_1 != 'high') and room", "room"),
        ("implies(A_1 == 'high', seen > 1)", "seen > 1"),
        ("implies(seen > 1, A_1 == 'low')", "not seen > 1"),
        ("seen + (1 if A_1 == 'low' else 0) < limit", "seen < cap"),
        ("all(bad[cap] < k for cap in levels)", "all(bad[cap] < k for cap in levels)"),
        ("A_1 == 'low'", "False"),
    ],
)
def test_simplifying(text: str, simple: str) -> None:
    assert str(Simplifier(bind(small()).scope).condition(text)) == simple


def test_no_effect_is_no_effect() -> None:
    simplifier = Simplifier(bind(small()).scope)
    texts = "seen += 1 if A_1 == 'low' else 0; bad[1] = bad[1]; bad[2] -= limit"
    assert [str(e) for e in simplifier.effects(texts)] == ["bad[2] -= cap"]


# ---- formats

MAGIC = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-",
    "dot": b"",
    "mermaid": b"%%",
}


def texts_of(svg: bytes) -> str:
    """What an SVG shows, blanks of any kind as one."""
    found = (e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))  # noqa: S314
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_drawn_and_the_same_twice(kind: str) -> None:
    made = chart(small())
    first = content(made, kind)
    assert first.startswith(MAGIC[kind])
    assert len(first) > 500
    assert content(chart(small()), kind) == first


def test_the_svg_shows_states_clauses_caps_and_the_notice() -> None:
    shown = texts_of(content(chart(small()), "svg"))
    for text in ("open", "held", "closed", "C-3", "cap = 6", "seen < cap", "unspecified: A-2"):
        assert text in shown
    assert NOTICE in shown
    assert "Readings: default" in shown


def test_actions_observations_and_the_unspecified_look_different() -> None:
    source = dot(chart(small()))
    arrows = [line for line in source.splitlines() if "->" in line]
    styles = Counter(re.search(r"style=(\w+)", a)[1] for a in arrows if "style=" in a)  # type: ignore[index]
    # each line has one piece for each source and one to its target; the first comes from a dot
    assert styles == {"solid": 4, "dashed": 5, "dotted": 2}
    assert source.count("peripheries=2") == 1


def test_an_svg_knows_the_text_it_was_drawn_from() -> None:
    made = chart(small())
    svg = content(made, "svg")
    assert drawn_from(svg, dot(made))
    assert not drawn_from(svg, dot(chart(small(), A_1="low")))


def test_mermaid_has_a_line_for_every_state_and_line() -> None:
    text = mermaid(chart(small()))
    found = text.splitlines()
    assert found[1:3] == ["stateDiagram-v2", "    direction TB"]
    assert '    state "open" as s0' in found
    assert "    [*] --> s0" in found
    assert "    s2 --> [*]" in found
    assert "    s0 --> s1 : hold, action (C-2)" in found
    assert "    s1 --> u0 : toxicity(fatal), happens [not fatal] (C-3)" in found
    assert "    class u0 unspecified" in found
    assert_mermaid(text)


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
    assert text.count("end note") == 1


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SpecError, match="unknown format 'gif'"):
        content(chart(small()), "gif")
    with pytest.raises(SpecError, match="unknown format 'dot'"):
        render("digraph {}", "dot")


def test_broken_dot_is_one_message() -> None:
    with pytest.raises(SpecError, match="Graphviz failed"):
        render("digraph {", "svg")


def test_a_machine_without_fonts_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux looks fonts up through fontconfig alone")
    config = tmp_path / "fonts.conf"
    config.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    source = dot(chart(small()))
    with pytest.raises(SpecError, match="no fonts"):
        render(source, "png")
    assert "closed" in texts_of(render(source, "svg"))


# ---- names from anyone

NASTY = (
    "</TABLE>> ] } ; <B>bold</B> & &amp; \"quoted\" 'single' \\N \\ `tick` | { } # %% --> : [*]\n"
    "end note\r\t\x00\x07\x1b[31m \u202egnp.exe \ud800 \u00e9\u2264\u03b2\U0001f600 <script>alert(1)</script>"
)


def nasty(text: str) -> Protocol:
    made = small()
    (machine,) = made.machines
    return replace(
        made,
        name=text,
        title=text,
        machines=(
            replace(
                machine,
                name=text,
                meaning=text,
                states=tuple(replace(s, meaning=text) for s in machine.states),
                events=tuple(replace(e, meaning=text) for e in machine.events),
                variables=tuple(replace(v, meaning=text) for v in machine.variables),
                transitions=tuple(
                    replace(
                        t,
                        clause=text,
                        target=Unspecified(text) if isinstance(t.target, Unspecified) else t.target,
                    )
                    for t in machine.transitions
                ),
            ),
        ),
        clauses=(Clause(text, text, "G"),),
        ambiguities=(made.ambiguities[0], Ambiguity(text, text, kind="note")),
    )


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
    made = chart(nasty(text), text)
    svg = content(made, "svg")
    shown = texts_of(svg)
    assert "unspecified:" in shown
    assert NOTICE in shown
    root = ElementTree.fromstring(svg)  # noqa: S314
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline"}
    # states, lines and outcomes as without the names, and nothing beside them
    kinds = Counter(g.get("class") for g in root.iter(f"{SVG}g"))
    plain = Counter(
        g.get("class")
        for g in ElementTree.fromstring(content(chart(small()), "svg")).iter(f"{SVG}g")  # noqa: S314
    )
    assert kinds == plain
    assert_mermaid(mermaid(made))
    assert len(svg) < 200_000
    assert content(made, "png").startswith(MAGIC["png"])
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", made.name)


def test_nasty_text_is_shown_as_it_is() -> None:
    shown = texts_of(content(chart(nasty(NASTY), NASTY), "svg"))
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
    made = chart(small())
    charts = [replace(made, machine=m) for m in ("trial", "TRIAL", "../trial")]
    found = stems(charts)
    assert found == ["small-trial-trial", "small-trial-TRIAL-2", "small-trial-..-trial"]


# ---- the gallery


def test_the_gallery_is_up_to_date() -> None:
    found = {p.name: p.read_bytes() for p in GALLERY.iterdir() if p.is_file()}
    problems = gallery.stale(gallery.charts(), found)
    assert not problems, f"run {gallery.COMMAND} in a checkout"


def test_the_gallery_is_readable_in_size() -> None:
    for made in gallery.charts():
        nodes = 1 + len(made.boxes) + len(made.outcomes) + len(made.edges)
        assert nodes <= 30, made.name
        svg = ElementTree.fromstring(content(made, "svg"))  # noqa: S314
        width = float(str(svg.get("width")).removesuffix("pt"))
        assert width <= 1800, made.name


def test_a_stale_gallery_is_told_by_what_is_wrong() -> None:
    charts = [chart(small())]
    fresh = dict(gallery.build(charts))
    assert sorted(fresh) == [
        "README.md",
        "small-trial-trial.dot",
        "small-trial-trial.mmd",
        "small-trial-trial.svg",
    ]
    assert gallery.stale(charts, fresh) == []
    other = [chart(small(), A_1="low")]
    assert gallery.stale(other, fresh) == [
        "README.md is missing or out of date",
        "small-trial-trial.dot is out of date",
        "small-trial-trial.mmd is out of date",
        "small-trial-trial.svg was drawn from another state of the protocol",
    ]
    missing = {n: d for n, d in fresh.items() if not n.endswith(".mmd")}
    assert gallery.stale(charts, {**missing, "old.svg": b""}) == [
        "small-trial-trial.mmd is missing",
        "old.svg belongs to no protocol",
    ]


def test_the_gallery_command(tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trialspec.diagrams.gallery", *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    folder = tmp_path / "drawn"
    assert run().returncode == 2
    assert run("--check", str(folder)).returncode == 1
    assert run(str(folder)).returncode == 0
    assert run("--check", str(folder)).returncode == 0
    (folder / "README.md").write_text("something else")
    stale = run("--check", str(folder))
    assert stale.returncode == 1
    assert stale.stderr.startswith("README.md is missing or out of date\n")


# ---- the command line


def check(*options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "trialspec.oracle.cli.main", "diagram", *options],
        capture_output=True,
        check=False,
    )


def test_text_formats_are_printed() -> None:
    svg = check("ibrutinib-mm", "--machine", "trial")
    assert (svg.returncode, svg.stderr) == (0, b"")
    assert "ibrutinib-mm: trial" in texts_of(svg.stdout)
    source = check("ibrutinib-mm", "--machine", "trial", "--format", "dot")
    assert source.stdout.startswith(b'digraph "ibrutinib-mm-trial" {')
    text = check("ibrutinib-mm", "--machine", "subject", "--format", "mermaid").stdout.decode()
    assert_mermaid(text)


def test_constants_and_readings_are_drawn() -> None:
    done = check(
        "ibrutinib-mm",
        "--machine",
        "trial",
        "--format",
        "dot",
        "--set",
        "levels=5",
        "--reading",
        "strict",
    )
    assert b"levels = 5" in done.stdout
    assert b"Readings: strict" in done.stdout


def test_files_are_written(tmp_path: Path) -> None:
    done = check(
        "ibrutinib-mm",
        "-o",
        str(tmp_path / "out"),
        "--format",
        "svg",
        "--format",
        "mermaid",
        "--json",
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answer = json.loads(done.stdout)
    assert answer["format"] == "trialspec/diagram/1"
    paths = [entry["path"] for entry in answer["diagrams"]]
    assert sorted(str(p) for p in (tmp_path / "out").iterdir()) == sorted(paths)
    assert [Path(p).name for p in paths] == [
        "ibrutinib-mm-trial.svg",
        "ibrutinib-mm-trial.mmd",
        "ibrutinib-mm-subject.svg",
        "ibrutinib-mm-subject.mmd",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["ibrutinib-mm"], "these machines: trial, subject"),
        (["ibrutinib-mm", "--machine", "x"], "no machine 'x'"),
        (["ibrutinib-mm", "--machine", "trial", "--format", "png"], "a png is not printed"),
        (["ibrutinib-mm", "--format", "gif"], "invalid choice: 'gif'"),
        (["nonesuch", "--machine", "trial"], "no protocol 'nonesuch'"),
        (["ibrutinib-mm", "--machine", "trial", "--set", "levles=4"], "no constant 'levles'"),
        (["ibrutinib-mm", "--machine", "trial", "--reading", "IBR-A05=q"], "no reading 'q'"),
        (["ibrutinib-mm", "-o", f"{__file__}/out", "--format", "dot"], "can't write here"),
    ],
)
def test_wrong_usage_is_one_message(options: list[str], message: str) -> None:
    done = check(*options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
