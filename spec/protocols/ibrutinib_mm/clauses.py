"""The nineteen statements of the source, paraphrased, one for each of its sentences."""

from __future__ import annotations

from ...model import Clause

SOURCE = "58a3c66676d753e1"

_TEXTS = (
    ("S", "The trial has two parts: an escalation of the dose, then an expansion."),
    (
        "E",
        "The starting doses of ibrutinib and lenalidomide are assigned when a patient registers.",
    ),
    ("I", "Between two and six patients are accrued to a dose level."),
    ("I", "No patient's own doses are escalated."),
    (
        "G",
        "None of the first three treated at a level with a dose-limiting toxicity in the first "
        "cycle: the level closes and enrolment reopens at the next higher one.",
    ),
    (
        "G",
        "With no other higher level to be tested, three more are enrolled there instead, to "
        "confirm the maximum tolerated dose.",
    ),
    (
        "G",
        "One of the first three with a dose-limiting toxicity in the first cycle: three more are "
        "enrolled at the level.",
    ),
    (
        "G",
        "A dose-limiting toxicity of a patient at any time while these three are being enrolled "
        "closes the level.",
    ),
    ("G", "Enrolment then reopens at the next lower level if fewer than six were treated there."),
    (
        "G",
        "None of these three with a dose-limiting toxicity in the first cycle: the level closes "
        "and enrolment reopens at the next higher one.",
    ),
    ("S", "With no other higher level to be tested, this level is the maximum tolerated dose."),
    (
        "T",
        "Every 28 days patients come to the clinic for examination, laboratory tests and a review "
        "of side effects.",
    ),
    (
        "S",
        "Without progression or unacceptable toxicity a patient may go on at the current dose "
        "level, until progression, unacceptable toxicity or refusal.",
    ),
    (
        "G",
        "A patient with unacceptable toxicity but no progression may be treated again at a lower "
        "dose.",
    ),
    (
        "I",
        "Once the maximum tolerated dose is known, ten more patients are treated at it, on the "
        "same schedule.",
    ),
    ("C", "Dexamethasone is given at the dose of the escalation part."),
    (
        "E",
        "Patients who discontinue for reasons defined in the protocol enter survival follow-up.",
    ),
    ("S", "In survival follow-up, therapy is the treating physician's choice."),
    (
        "E",
        "Charts are reviewed for progression and survival at visits with the treating physician.",
    ),
)

CLAUSES = tuple(
    Clause(f"IBR-{number:02d}", text, kind, SOURCE, (number,))
    for number, (kind, text) in enumerate(_TEXTS, 1)
)
