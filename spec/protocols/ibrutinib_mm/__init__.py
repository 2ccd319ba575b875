"""Ibrutinib and lenalidomide: a 3+3 escalation with its own rule text, then an expansion.

The source names no disease; the ``mm`` in the protocol's name is outside knowledge.
"""

from __future__ import annotations

from ...model import Joint, Protocol, Study
from ...sources import shipped_index
from .ambiguities import AMBIGUITIES
from .clauses import CLAUSES, SOURCE
from .subject import SUBJECT
from .trial import TRIAL

PROTOCOL = Protocol(
    name="ibrutinib-mm",
    title="Ibrutinib and lenalidomide, dose escalation in threes, then expansion",
    machines=(TRIAL, SUBJECT),
    clauses=CLAUSES,
    ambiguities=AMBIGUITIES,
    study=Study(
        joint=(
            Joint("first_dose", "IBR-02", "place", "place"),
            Joint("evaluate", "IBR-05", "assigned", "level"),
        ),
        sees={
            "level": "assigned if heard_of else 0",
            "part": "part",
            "under_observation": "cycle > 0 and first_cycle == 'open'",
        },
    ),
    sources=(shipped_index(SOURCE),),
    documents={
        SOURCE: "registry description: ibrutinib and lenalidomide, escalation and expansion"
    },
    notes="The source names no disease: the mm of the name is outside knowledge. It gives no dose "
    "in milligrams, no number of levels and no schedule: levels is a constant, and amounts are "
    "dose levels.",
)
