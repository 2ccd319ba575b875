"""Lenalidomide and dexamethasone in anti-MAG neuropathy: an interval design, then an expansion.

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
    name="antimag-lenalidomide",
    title="Lenalidomide and dexamethasone in anti-MAG neuropathy, interval design, then expansion",
    machines=(TRIAL, SUBJECT),
    clauses=CLAUSES,
    ambiguities=AMBIGUITIES,
    study=Study(
        joint=(Joint("evaluate", "MAG-07", "assigned", "level"),),
        sees={
            "level": "assigned",
            "part": "part",
            "awaited": "assigned > 0 and outcome != 'told'",
        },
    ),
    contradictions=CONTRADICTIONS,
    sources=(shipped_index(SOURCE),),
    documents={SOURCE: "registry description: lenalidomide in anti-MAG neuropathy"},
    notes="Made from a registry description, not from the full protocol, and independent of the "
    "sponsor. It names the interval design and its target, not its other parameters, says nothing "
    "of eliminating a level, and neither which toxicities count nor for how long.",
)
