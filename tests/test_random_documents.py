"""Random protocols through JSON and YAML and back, whatever their texts hold."""

import json
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trialspec.spec import model as m
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json, dump_yaml, from_document, read_document, to_document
from trialspec.spec.meaning import content_hash
from trialspec.spec.sentences import fingerprint, sentences
from trialspec.spec.sources import index_of

SCHEMA = json.loads(files("trialspec.spec").joinpath("protocol.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
EXPRESSIONS = st.sampled_from(
    ["True", "a + 1", "x == 'no'", "not (a and b)", "all(n[k] <= 3 for k in levels)", "7.5", "-3"]
)
AMOUNTS = st.decimals(-999, 999, places=2).map(str)
KINDS = st.one_of(
    st.just(m.Bool),
    st.builds(m.Whole, st.integers(-9, 9), EXPRESSIONS),
    st.builds(m.OneOf, st.lists(TEXTS, max_size=3)),
    st.builds(m.Exact, AMOUNTS, AMOUNTS, st.sampled_from(["0.05", "2.5", "1"]), TEXTS),
    st.builds(m.Days, st.integers(0, 99)),
)
CONSTANTS = st.dictionaries(
    NAMES,
    st.one_of(
        st.integers(-(10**18) + 1, 10**18 - 1),
        st.booleans(),
        TEXTS,
        AMOUNTS,
        st.decimals(-999, 999, places=4),
        st.lists(st.integers(0, 9) | st.decimals(0, 9, places=1), max_size=3).map(tuple),
    ),
    max_size=3,
)
MACHINES = st.builds(
    m.Machine,
    NAMES,
    st.lists(st.builds(m.State, NAMES, within=st.none() | EXPRESSIONS, meaning=TEXTS), max_size=2),
    st.lists(
        st.builds(
            m.Event,
            NAMES,
            st.booleans(),
            st.lists(st.builds(m.Argument, NAMES, KINDS, st.none() | EXPRESSIONS), max_size=2),
            EXPRESSIONS,
            TEXTS,
        ),
        max_size=2,
    ),
    st.lists(
        st.builds(
            m.Transition,
            TEXTS,
            st.lists(TEXTS, min_size=1, max_size=2) | TEXTS,
            TEXTS,
            st.none() | TEXTS | st.builds(m.Unspecified, TEXTS),
            EXPRESSIONS,
            st.sampled_from(["", "a += 1", "n[k + 1] = 2; b = not b"]),
            st.lists(st.builds(m.Requirement, TEXTS, EXPRESSIONS), max_size=2),
        ),
        max_size=2,
    ),
    constants=CONSTANTS,
    variables=st.lists(
        st.builds(m.Variable, NAMES, KINDS, EXPRESSIONS, st.none() | NAMES, st.booleans(), TEXTS),
        max_size=2,
    ),
    definitions=st.dictionaries(TEXTS, EXPRESSIONS, max_size=2),
    functions=st.lists(
        st.builds(m.Function, NAMES, st.lists(st.none() | KINDS, max_size=2), KINDS), max_size=1
    ),
    invariants=st.lists(
        st.builds(
            m.Invariant, TEXTS, TEXTS, TEXTS, EXPRESSIONS, st.booleans() | EXPRESSIONS
        ),
        max_size=1,
    ),
    claims=st.lists(
        st.builds(
            m.Claim, TEXTS, TEXTS, TEXTS, TEXTS, EXPRESSIONS, TEXTS, st.none() | st.integers(0, 9),
            st.dictionaries(TEXTS, TEXTS, max_size=2), CONSTANTS,
        ),
        max_size=2,
    ),
    regimens=st.lists(
        st.builds(
            Regimen, TEXTS, TEXTS, EXPRESSIONS, TEXTS, st.lists(TEXTS), st.lists(st.integers(1, 9)),
            st.integers(1, 40) | EXPRESSIONS,
        ),
        max_size=1,
    ),
)  # fmt: skip
SOURCES = st.dictionaries(TEXTS, TEXTS, max_size=2).map(
    lambda texts: [
        index_of(name, sentences(text), {fingerprint(name): name}) for name, text in texts.items()
    ]
)
PROTOCOLS = st.builds(
    m.Protocol,
    TEXTS,
    TEXTS,
    st.lists(MACHINES, max_size=2, unique_by=lambda machine: machine.name),
    st.lists(
        st.builds(m.Clause, TEXTS, TEXTS, TEXTS, TEXTS, st.lists(st.integers(0, 99))), max_size=2
    ),
    st.lists(
        st.builds(
            m.Ambiguity, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS), TEXTS, gap=st.booleans()
        )
    ),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
    TEXTS,
    sources=SOURCES,
)


@settings(deadline=None)
@given(PROTOCOLS)
def test_random_protocols_survive(
    tmp_path_factory: pytest.TempPathFactory, protocol: m.Protocol
) -> None:
    assert from_document(json.loads(dump_json(protocol))) == protocol
    folder = tmp_path_factory.mktemp("random")
    for name, text in (("a.json", dump_json(protocol)), ("a.yaml", dump_yaml(protocol))):
        (folder / name).write_bytes(text.encode())
        found = read_document(folder / name)
        assert found == protocol
        assert content_hash(found) == content_hash(protocol)
    VALIDATOR.validate(to_document(protocol))
