"""Everolimus and alemtuzumab in CLL: a phase I search for the dose of everolimus, then phase II.

Independent of the sponsor, and made from a registry description alone. The two courses of a
subject are machines of their own as well, in which the doses are counted.
"""

from __future__ import annotations

from ...model import Protocol, Study
from ...sources import shipped_index
from .ambiguities import AMBIGUITIES
from .clauses import CLAUSES, SOURCE
from .courses import COURSES
from .subject import SUBJECT
from .trial import TRIAL

PROTOCOL = Protocol(
    name="everolimus-cll",
    title="Everolimus and alemtuzumab in chronic lymphocytic leukaemia, phase I and II",
    machines=(TRIAL, SUBJECT, *COURSES),
    clauses=CLAUSES,
    ambiguities=AMBIGUITIES,
    study=Study(sees={"level": "level", "phase": "phase"}),
    sources=(shipped_index(SOURCE),),
    documents={SOURCE: "registry description: everolimus and alemtuzumab in CLL"},
    notes="Made from a registry description, not from the full protocol, and independent of the "
    "sponsor. It names no rule of dose escalation, no dose level, no dose-limiting toxicity and no "
    "size of a cohort: what a toxicity decides is unspecified (EVE-A01) until a reading plugs in "
    "the 3 + 3 design or leaves it to people. Other designs, BOIN among them, are not plugged in. "
    "Amounts of everolimus are dose levels. Under EVE-A03 free, EVE-A05 count and EVE-A17 calendar "
    "the two courses of a subject multiply: verify those with fewer weeks (evr_weeks=3 and "
    "alz_weeks=1).",
)
