"""The statements of the source, paraphrased, each with the numbers of its sentences.

What begins a list is named with each point of the list.
"""

from __future__ import annotations

from ...model import Clause

SOURCE = "712af250ac1bf54a"

_OBJECTIVE = "An aim of the study: nothing in the machines depends on it."

CLAUSES = tuple(
    Clause(f"MAG-{number}", text, kind, SOURCE, sentences, reason)
    for number, sentences, kind, text, reason in (
        (
            "01",
            (2,),
            "N",
            "To find the maximum tolerated dose of lenalidomide in phase 1, and the recommended "
            "dose in an extension cohort.",
            _OBJECTIVE,
        ),
        (
            "02",
            (3,),
            "N",
            "To learn about the safety of lenalidomide in these patients.",
            _OBJECTIVE,
        ),
        ("03", (3,), "N", "Secondary: first measures of efficacy.", _OBJECTIVE),
        (
            "04",
            (5, 6),
            "C",
            "Part 1: lenalidomide by mouth, 10, 15 or 25 mg on days 1 to 21 of 28.",
            "",
        ),
        ("05", (5, 6), "C", "Dexamethasone by mouth, 20 mg on days 1, 8, 15 and 22.", ""),
        ("06", (7,), "E", "The starting dose of lenalidomide is assigned at registration.", ""),
        (
            "07",
            (8,),
            "F",
            "The Bayesian optimal interval design selects the dose level of each cohort and finds "
            "the maximum tolerated dose.",
            "",
        ),
        (
            "08",
            (9,),
            "N",
            "How the design compares with others.",
            "A remark, with no rule in it.",
        ),
        ("09", (10,), "I", "The target rate of toxicity is 0.3.", ""),
        ("10", (10,), "I", "At most twelve patients.", ""),
        (
            "11",
            (11, 12),
            "G",
            "The size of cohorts is not fixed: they begin with one patient, later sizes are free.",
            "",
        ),
        (
            "12",
            (13,),
            "E",
            "Once the last of them is enrolled, the maximum tolerated dose is selected by isotonic "
            "regression.",
            "",
        ),
        ("13", (14,), "F", "It is the dose whose estimated rate is nearest to the target.", ""),
        (
            "14",
            (16,),
            "I",
            "Part 2: eight more patients are treated at the maximum tolerated dose, on the same "
            "schedule.",
            "",
        ),
        ("15", (17,), "C", "Dexamethasone as in part 1.", ""),
        (
            "16",
            (18,),
            "G",
            "After 24 months, whoever has not progressed, tolerates the treatment and has not "
            "withdrawn may continue at the current dose until progression, unacceptable toxicity "
            "or refusal.",
            "",
        ),
        (
            "17",
            (19,),
            "G",
            "Unacceptable toxicity without progression: treatment may go on at a lower dose.",
            "",
        ),
        ("18", (20,), "I", "At most two reductions.", ""),
        ("19", (21, 22), "E", "Treatment stops when the patient asks to withdraw,", ""),
        ("20", (21, 23), "E", "for unacceptable adverse events,", ""),
        ("21", (21, 24), "T", "for a delay of more than four weeks,", ""),
        (
            "22",
            (21, 25),
            "E",
            "for another illness that, in the investigator's judgement, confuses the assessments "
            "so much that the drug must be stopped,",
            "",
        ),
        (
            "23",
            (21, 26),
            "E",
            "and for chemotherapy outside the protocol or an experimental drug.",
            "",
        ),
        ("24", (27,), "F", "Whoever stops for one of these reasons goes to event monitoring.", ""),
        ("25", (28,), "E", "There, therapy is the treating physician's choice.", ""),
        (
            "26",
            (29,),
            "E",
            "Charts are reviewed for progression and survival at visits with the treating "
            "physician.",
            "",
        ),
        (
            "27",
            (30,),
            "C",
            "Blood: 10 ml in an EDTA tube for analysis at once, 6 ml in a red-top tube for a later "
            "one that is possible.",
            "",
        ),
        (
            "28",
            (30,),
            "C",
            "It is drawn before treatment and after cycles 1, 2, 3, 6, 9 and 12, and 18 and 24 in "
            "the extension phase.",
            "",
        ),
    )
)
