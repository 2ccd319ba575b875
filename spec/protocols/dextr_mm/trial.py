"""The trial machine: who may be enrolled, and how many."""

from __future__ import annotations

from ...model import (
    Action,
    Bool,
    Claim,
    Count,
    Invariant,
    Machine,
    Optional,
    Requirement,
    State,
    Transition,
)

SIGNED = (
    Requirement("DTR-03", "consent"),
    Requirement("DTR-03", "revassist or DTR_A23 == 'one' and steps"),
    Requirement("DTR-03", "steps or DTR_A23 == 'one' and revassist"),
    Requirement("DTR-03", "eligible"),
)
TREATED_BEFORE = (
    Requirement("DTR-01", "prior_thal"),
    Requirement("DTR-01", "prior_len"),
    Requirement("DTR-01", "separate"),
    Requirement("DTR-01", "partners_ok"),
    Requirement("DTR-01", "other_lines_ok or DTR_A21 == 'qualifying'"),
    Requirement("DTR-01", "not together or DTR_A22 == 'eligible'"),
)
REQUIRED = (*SIGNED, *TREATED_BEFORE)

ENROL = Action(
    "enrol",
    consent=Bool,
    revassist=Bool,
    steps=Bool,
    eligible=Bool,
    prior_thal=Bool,
    prior_len=Bool,
    separate=Bool,
    partners_ok=Bool,
    other_lines_ok=Optional(Bool, "True"),
    together=Optional(Bool, "False"),
    meaning="a patient is enrolled: the signatures, eligibility, and earlier treatment with "
    "thalidomide and with lenalidomide, in separate regimens, with allowed partners in them and in "
    "other lines, or both drugs together in one more",
)

TRIAL = Machine(
    name="trial",
    meaning="Enrolment, up to 45 patients.",
    constants={"places": 45},
    variables=(Count("enrolled", 0, "places", meaning="patients enrolled"),),
    states=(
        State("open", initial=True, meaning="patients are enrolled"),
        State("full", final=True, meaning="every place is taken"),
    ),
    events=(ENROL,),
    transitions=(
        # the last place first: of a full trial, its clause explains the refusal
        Transition(
            "DTR-02", "open", "enrol", "full", "enrolled + 1 == places", "enrolled += 1", REQUIRED
        ),
        Transition(
            "DTR-03", "open", "enrol", None, "enrolled + 1 < places", "enrolled += 1", REQUIRED
        ),
    ),
    invariants=(
        Invariant(
            "DTR-02",
            "enrolment-cap",
            "At most 45 patients are enrolled.",
            "enrolled <= places",
            tight=True,
        ),
        Invariant(
            "DTR-02",
            "open-while-places",
            "The trial is open exactly as long as a place is free.",
            "(state == 'open') == (enrolled < places)",
        ),
    ),
    claims=(
        Claim(
            "forty-five-reached",
            "DTR-02",
            "All 45 places can be taken.",
            "reachable",
            "enrolled == 45",
            constants={"places": 45},
        ),
        Claim(
            "forty-sixth",
            "DTR-02",
            "A 46th patient can be enrolled.",
            "reachable",
            "enrolled > 45",
            "refuted",
            constants={"places": 45},
        ),
    ),
)
