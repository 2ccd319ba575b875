"""DexTR, dexamethasone with thalidomide and lenalidomide in multiple myeloma, then maintenance.

Independent of the sponsor, and made from a registry description alone.
"""

from __future__ import annotations

from ...model import Protocol, Study
from ...sources import shipped_index
from .ambiguities import AMBIGUITIES
from .clauses import CLAUSES, SOURCE
from .subject import SUBJECT
from .trial import TRIAL

PROTOCOL = Protocol(
    name="dextr-mm",
    title="Dexamethasone, thalidomide and lenalidomide in multiple myeloma, then maintenance",
    machines=(TRIAL, SUBJECT),
    clauses=CLAUSES,
    ambiguities=AMBIGUITIES,
    # enrolment happens in both machines at once, by its name alone
    study=Study(sees={"enrolled": "enrolled"}),
    sources=(shipped_index(SOURCE),),
    documents={
        SOURCE: "registry description: dexamethasone, thalidomide and lenalidomide in relapsed or "
        "refractory multiple myeloma"
    },
    notes="Made from a registry description, not from the full protocol, and independent of the "
    "sponsor. It gives no list of eligibility criteria, no definition of response, plateau or "
    "progression, no ladder of reduced doses, and no limit to the number of cycles.",
)
