"""The statements of the source, paraphrased, each with the number of its sentence.

No full stop parts the dose of cohort 4 from the days of all cohorts: they are one sentence.
"""

from __future__ import annotations

from ...model import Clause

SOURCE = "0aaf627f96ae8cb2"

_ELIGIBILITY = "Where and for whom the study is: nothing in the machines depends on it."

CLAUSES = tuple(
    Clause(f"PLX-{number}", text, kind, SOURCE, (sentence,), reason)
    for number, sentence, kind, text, reason in (
        (
            "01",
            1,
            "N",
            "One centre studies lenalidomide with plerixafor, open label, in relapsed chronic "
            "lymphocytic leukaemia.",
            _ELIGIBILITY,
        ),
        (
            "02",
            2,
            "S",
            "A phase 1 study, in which a subject passes through three stages at most.",
            "",
        ),
        (
            "03",
            3,
            "E",
            "Everyone starts on 5 mg of lenalidomide a day, by mouth, on day 1 of cycle 1.",
            "",
        ),
        ("04", 4, "G", "If that is tolerated, the dose goes up by 2.5 mg every 7 days.", ""),
        ("05", 4, "I", "It goes no higher than 10 mg a day (Stage 1).", ""),
        ("06a", 5, "G", "Plerixafor is added for a subject who is stably kept on 10 mg a day,", ""),
        ("06b", 5, "G", "whose white cell count is below 100.0 x 10^9/L,", ""),
        ("06c", 5, "G", "and who has taken lenalidomide for at least 28 days (Stage 2).", ""),
        (
            "07",
            6,
            "S",
            "In the escalation four doses of plerixafor are studied in cohorts of three to six, by "
            "a standard 3 + 3 design.",
            "",
        ),
        (
            "08",
            7,
            "C",
            "Cohort 1: 0.24 mg/kg under the skin, daily three times a week: Monday, Wednesday and "
            "Friday.",
            "",
        ),
        ("09", 8, "C", "Cohort 2: 0.32 mg/kg on the same days.", ""),
        ("10", 9, "C", "Cohort 3: 0.42 mg/kg on the same days.", ""),
        ("11", 10, "C", "Cohort 4: 0.54 mg/kg on the same days.", ""),
        (
            "12",
            10,
            "C",
            "Plerixafor is given in three weeks of a cycle, on days 1, 3, 5, 8, 10, 12, 15, 17 and "
            "19; a week of rest follows.",
            "",
        ),
        ("13", 11, "C", "Lenalidomide is given without a break.", ""),
        (
            "14",
            12,
            "E",
            "The response is assessed once four cycles of the combination are over.",
            "",
        ),
        (
            "15",
            13,
            "G",
            "Complete response (NCI-96): plerixafor stops, lenalidomide alone goes on until "
            "progression.",
            "",
        ),
        ("16", 14, "G", "Partial response: both drugs go on.", ""),
        (
            "17",
            15,
            "C",
            "Rituximab, 375 mg/m2, is added on day 1 of each further cycle, from the fifth cycle "
            "of the combination (Stage 3).",
            "",
        ),
        ("18", 16, "I", "The combination lasts twelve cycles at most.", ""),
        (
            "19",
            17,
            "I",
            "At most eight doses of rituximab, together with the two drugs, on day 1 of a cycle.",
            "",
        ),
        ("20", 18, "S", "After that, lenalidomide alone goes on until progression.", ""),
        (
            "21",
            19,
            "G",
            "Stable disease: both drugs may go on if investigator and subject so decide.",
            "",
        ),
        ("22", 20, "C", "Rituximab, 375 mg/m2, is then added on day 1 of each further cycle.", ""),
        (
            "23",
            21,
            "I",
            "Treatment, dose, schedule and duration are as with a partial response.",
            "",
        ),
    )
)
