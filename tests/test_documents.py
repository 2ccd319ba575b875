"""Protocols through JSON and YAML and back: the same value, whatever it holds."""

import json
from dataclasses import fields, replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from trialspec.spec import model as m
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json, dump_yaml, from_document, read_document, to_document
from trialspec.spec.errors import SpecError
from trialspec.spec.meaning import content_hash, machine_hash
from trialspec.spec.registry import load, names
from trialspec.spec.schema import schema_text
from trialspec.statemachines.bind import bind
from trialspec.statemachines.compile import Compiled

ESCALATION = Path(__file__).parents[1] / "benchmarks" / "models" / "escalation.json"
SCHEMA = json.loads(files("trialspec.spec").joinpath("protocol.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

EVERYTHING = m.Protocol(
    "first-mm",
    "Title: ünïcode — and 'quotes'",
    machines=(
        m.Machine(
            "trial",
            states=(
                m.State("open", initial=True, within="delay <= 28", within_clause="X-02"),
                m.State("no", final=True, meaning="y"),
            ),
            events=(
                m.Action("register", level=m.Whole(1, "levels")),
                m.Observation(
                    "evaluate",
                    possible="treated[1] > 0",
                    dlt=m.Bool,
                    response=m.OneOf(("PR", "no")),
                    amount=m.Optional(m.Exact("0", "10", "2.5", "mg"), "dose"),
                ),
            ),
            transitions=(
                m.Transition("X-01", "open", "register", None, "x == 'y'", "treated[level] += 1"),
                m.Transition("X-02", ("open",), "evaluate", m.Unspecified("X-A01"), "otherwise"),
                m.Transition(
                    "X-02",
                    ("open", "no"),
                    "evaluate",
                    "no",
                    requires=(m.Requirement("X-01", "1 <= level <= 3"),),
                ),
            ),
            constants={
                "levels": 3,
                "on": True,
                "dose_step": Decimal("2.50"),
                "arm": "A",
                "looks_exact": "7.5",
                "table": (1, 2, 3),
                "amounts": (Decimal("0.5"), 1),
            },
            variables=(
                m.Count("treated", 0, "levels * 2", per="levels", saturates=True, meaning="n"),
                m.Flag("seen", True),
                m.Category("x", ("y", "n"), "n"),
                m.Quantity("dose", "0", "10", "2.5", "mg", "7.5"),
                m.Clock("delay", 100),
            ),
            definitions={"top": "level + 1 == levels", "n": "treated[1]"},
            landmarks=(m.Landmark("month_24", "register", months=24, days=1),),
            functions=(m.Function("isotonic", (None, m.Whole(0, 3)), m.Whole(0, 3), "result < 3"),),
            invariants=(
                m.Invariant("X-01", "cap", "at most 6", "treated[1] <= 6", tight=True),
                m.Invariant("X-01", "low", "at least 0", "treated[1] >= 0", "treated[1] == 0"),
            ),
            lemmas=(m.Lemma("below", "treated[1] <= 3", "because"),),
            claims=(
                m.Claim(
                    "late",
                    "X-02",
                    "never late",
                    "earliest-day",
                    "state == 'no'",
                    "refuted",
                    28,
                    {"X-A01": "later"},
                    {"levels": 2, "dose_step": Decimal("0.5")},
                ),
            ),
            regimens=(
                Regimen("X-01", "drug", "dose * 2", "mg", ("open",), (1, 8), 21, "seen"),
                Regimen("X-01", "other", "1", "mg", ("open",), unspecified="X-A01"),
            ),
            meaning="a machine",
        ),
        m.Machine("subject", (m.State("in", initial=True),), (), ()),
    ),
    clauses=(
        m.Clause("X-01", "text", "G", "paper", (3,)),
        m.Clause("X-02", "text", "N", "paper", (4, 5), "not modelled"),
        m.Clause("X-03", "text", "S"),
    ),
    ambiguities=(
        m.Ambiguity(
            "X-A01", "when?", {"now": "at once", "later": "next day"}, "now", "why", "later", True
        ),
        m.Ambiguity("X-A02", "who?", kind="input", severity="low"),
        m.Ambiguity("X-A03", "so?", {"yes": "", "no": ""}, "no", context={"X-A01": "later"}),
    ),
    contradictions=(m.Contradiction({"X-A01": "now", "X-A03": "yes"}, "there is no time"),),
    documents={"paper": "A paper, 1999"},
    sources=(
        m.SourceIndex(
            "paper",
            (m.IndexEntry(1, 1, "0" * 64, "A heading."), m.IndexEntry(2, 2, "1e3" + "0" * 61)),
        ),
        m.SourceIndex("0123456789012345", ()),
    ),
    notes="two\nlines\n",
    study=m.Study((m.Joint("go", "X-01", "1", "1"),)),
)


def test_everything_sets_every_part_of_a_protocol() -> None:
    for part in fields(m.Protocol):
        assert getattr(EVERYTHING, part.name) not in ("", (), {}), part.name


def test_everything_survives_json_and_yaml(tmp_path: Path) -> None:
    for name, text in (("a.json", dump_json(EVERYTHING)), ("a.yaml", dump_yaml(EVERYTHING))):
        (tmp_path / name).write_text(text, "utf-8")
        found = read_document(tmp_path / name)
        assert found == EVERYTHING
        assert dump_json(found) == dump_json(EVERYTHING)
        assert list(found.ambiguities[0].readings) == ["now", "later"]
        assert found.machines[0].constants["looks_exact"] == "7.5"
        assert found.machines[0].constants["dose_step"] == Decimal("2.5")


def test_registered_protocols_survive(tmp_path: Path) -> None:
    for protocol in map(load, names()):
        (tmp_path / "a.json").write_text(dump_json(protocol), "utf-8")
        (tmp_path / "a.yaml").write_text(dump_yaml(protocol), "utf-8")
        for path in (tmp_path / "a.json", tmp_path / "a.yaml"):
            found = read_document(path)
            assert found == protocol
            assert content_hash(found) == content_hash(protocol)


def test_the_shape_that_others_rely_on() -> None:
    document = to_document(EVERYTHING)
    assert document["format"] == "trialspec/protocol/1"
    assert document["protocol"] == "first-mm"
    assert document["clauses"][0] == {
        "id": "X-01",
        "text": "text",
        "kind": "G",
        "source": {"document": "paper", "sentence": 3},
    }
    assert document["clauses"][1]["source"]["sentence"] == [4, 5]
    assert [(c["machine"], c["slug"]) for c in document["claims"]] == [("trial", "late")]
    machine = document["machines"][0]
    assert machine["variables"][3] == {
        "name": "dose",
        "kind": {"type": "quantity", "low": "0", "high": "10", "step": "2.5", "unit": "mg"},
        "initial": "7.5",
    }
    assert machine["transitions"][1]["target"] == {"unspecified": "X-A01"}
    assert machine["constants"]["dose_step"] == "2.5"
    assert machine["constants"]["looks_exact"] == {"label": "7.5"}


def test_what_listings_add_is_skipped() -> None:
    document = to_document(EVERYTHING)
    document["notice"] = {"independent": [1.5]}
    document["clauses"][0].update(cited_by=["trial"], reason=None)
    assert from_document(document) == EVERYTHING


def test_other_yaml_readers_see_the_same_document() -> None:
    text = dump_yaml(EVERYTHING)
    assert "&" not in text
    assert yaml.safe_load(text) == to_document(EVERYTHING)


def test_yaml_as_people_write_it(tmp_path: Path) -> None:
    path = tmp_path / "small.yml"
    path.write_text(
        """\
        # y, n, on and a date are texts; True is an expression
        format: trialspec/protocol/1
        protocol: 2024-01-01
        title: no
        machines:
          - name: trial
            constants: {n: 3, y: "7.5", on: yes}
            variables:
              - {name: k, kind: {type: count, low: 0, high: n}, initial: 0, per: null}
              - {name: seen, kind: {type: flag}, initial: true}
            states:
              - {name: a, initial: true}
            events: [{name: go, observation: false}]
            transitions:
              - clause: C
                source: a
                event: go
                when: >-
                  k < n and
                  seen
                then: k += 1
        """,
        "utf-8",
    )
    found = read_document(path)
    assert (found.name, found.title) == ("2024-01-01", "no")
    machine = found.machines[0]
    assert dict(machine.constants) == {"n": 3, "y": Decimal("7.5"), "on": "yes"}
    assert machine.variables == (m.Count("k", 0, "n"), m.Flag("seen", True))
    assert machine.transitions[0].when == "k < n and seen"


# ---- schema


def test_the_shipped_schema_is_the_one_the_reader_follows() -> None:
    shipped = files("trialspec.spec").joinpath("protocol.schema.json").read_text("utf-8")
    assert shipped == schema_text()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert "//" not in SCHEMA["$id"]


def test_every_protocol_follows_the_schema() -> None:
    for protocol in (EVERYTHING, read_document(ESCALATION), *map(load, names())):
        VALIDATOR.validate(to_document(protocol))


@pytest.mark.parametrize(
    ("key", "value"),
    [("source", None), ("when", 3), ("target", []), ("extra", ""), ("requires", [{"clause": "C"}])],
)
def test_the_schema_refuses_what_the_reader_refuses(key: str, value: object) -> None:
    document = to_document(EVERYTHING)
    document["machines"][0]["transitions"][0][key] = value
    with pytest.raises(SpecError):
        from_document(document)
    assert not VALIDATOR.is_valid(document)


# ---- hashes


def test_prose_is_no_part_of_the_hash() -> None:
    machine = EVERYTHING.machines[0]
    told = replace(
        EVERYTHING,
        name="other",
        title="other",
        notes="",
        clauses=(),
        documents={},
        machines=(
            replace(
                machine,
                meaning="",
                invariants=tuple(replace(i, statement="") for i in machine.invariants),
                lemmas=tuple(replace(i, why="") for i in machine.lemmas),
                claims=tuple(replace(i, statement="") for i in machine.claims),
                states=tuple(replace(i, meaning="") for i in machine.states),
                variables=tuple(replace(i, meaning="") for i in machine.variables),
                constants=dict(reversed(list(machine.constants.items()))),
            ),
            EVERYTHING.machines[1],
        ),
        ambiguities=tuple(replace(a, question="", why="") for a in EVERYTHING.ambiguities),
    )
    assert content_hash(told) == content_hash(EVERYTHING)
    assert len(content_hash(told)) == 64


def test_every_change_of_meaning_changes_the_hash() -> None:
    machine, ambiguity = EVERYTHING.machines[0], EVERYTHING.ambiguities[0]

    def with_machine(**changes: object) -> m.Protocol:
        return replace(EVERYTHING, machines=(replace(machine, **changes), EVERYTHING.machines[1]))  # type: ignore[arg-type]

    def with_ambiguity(**changes: object) -> m.Protocol:
        return replace(EVERYTHING, ambiguities=(replace(ambiguity, **changes),))  # type: ignore[arg-type]

    changed = [
        EVERYTHING,
        *(
            with_machine(**{name: getattr(machine, name)[:-1]})
            for name in ("states", "events", "transitions", "variables", "landmarks", "functions")
        ),
        *(
            with_machine(**{name: getattr(machine, name)[:-1]})
            for name in ("invariants", "lemmas", "claims", "regimens")
        ),
        with_machine(constants={**machine.constants, "levels": 4}),
        with_machine(definitions={**machine.definitions, "n": "treated[2]"}),
        with_ambiguity(),
        with_ambiguity(default="later"),
        with_ambiguity(literal="now"),
        with_ambiguity(gap=False),
        with_ambiguity(readings=dict(reversed(list(ambiguity.readings.items())))),
    ]
    assert len({content_hash(p) for p in changed}) == len(changed)


def test_a_machine_under_constants_and_readings() -> None:
    plain = machine_hash(EVERYTHING)
    assert plain == machine_hash(EVERYTHING, constants={"levels": 3}, readings={"X-A01": "a"})
    others = {
        machine_hash(EVERYTHING, constants={"levels": 4}),
        machine_hash(EVERYTHING, readings={"X-A01": "later"}),
        machine_hash(EVERYTHING, "subject"),
    }
    assert len(others | {plain}) == 4
    # the subject doesn't mention the ambiguity
    assert machine_hash(EVERYTHING, "subject") == machine_hash(
        EVERYTHING, "subject", readings={"X-A01": "later"}
    )
    with pytest.raises(SpecError, match="trial has no constant 'level'"):
        machine_hash(EVERYTHING, constants={"level": 4})


# ---- the reference model of the benchmarks


@pytest.mark.parametrize(
    ("levels", "configurations", "transitions"),
    [(3, 753, 1242), (4, 2173, 3594), (5, 5733, 9498), (6, 14293, 23706)],
)
def test_reference_model_counts(levels: int, configurations: int, transitions: int) -> None:
    bound = bind(load(str(ESCALATION)), constants={"D": levels})
    step = Compiled(bound)
    holds = step.predicates([node for _, node in bound.invariants])
    enroll, evaluate = step.fire["enroll"], step.fire["evaluate"]
    seen, todo, taken = {bound.initial()}, [bound.initial()], 0
    while todo:
        here = todo.pop()
        assert all(p(here) for p in holds)
        for after in (enroll(here), evaluate(here, 0), evaluate(here, 1)):
            if isinstance(after, tuple):
                taken += 1
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
    assert (len(seen), taken) == (configurations, transitions)


def test_reference_model_is_written_as_it_is_exported() -> None:
    assert dump_json(read_document(ESCALATION)) == ESCALATION.read_text("utf-8")
