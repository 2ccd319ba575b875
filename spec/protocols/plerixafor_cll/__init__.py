"""Plerixafor and lenalidomide in relapsed CLL: a 3+3 escalation with up to three stages.

Independent of the sponsor, and made from a registry description alone.
"""

from __future__ import annotations

from ...model import Joint, Protocol, Study
from ...sources import shipped_index
from .ambiguities import AMBIGUITIES, CONTRADICTIONS
from .clauses import CLAUSES, SOURCE
from .subject import SUBJECT
from .trial import TRIAL

PROTOCOL = Protocol(
    name="plerixafor-cll",
    title="Plerixafor and lenalidomide in chronic lymphocytic leukaemia, dose escalation",
    machines=(TRIAL, SUBJECT),
    clauses=CLAUSES,
    ambiguities=AMBIGUITIES,
    study=Study(
        joint=(
            Joint("evaluate", "PLX-07", "level", "level"),
            Joint("not_evaluable", "PLX-07", "level", "level"),
        ),
        sees={
            "level": "level",
            "awaited": "outstanding",
            "window_open": "outstanding and window_open",
            "off": "cause != 'none'",
        },
    ),
    contradictions=CONTRADICTIONS,
    sources=(shipped_index(SOURCE),),
    documents={SOURCE: "registry description: plerixafor and lenalidomide in relapsed CLL"},
    notes="Made from a registry description, not from the full protocol, and independent of the "
    "sponsor. It gives no definition of a dose-limiting toxicity, no window for it, no exit for "
    "toxicity or refusal, and no rule after the dose escalation phase.",
)
