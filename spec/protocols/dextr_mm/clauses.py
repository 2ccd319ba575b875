"""The statements of the source, paraphrased, each with the numbers of its sentences.

A heading is a sentence of its own. It is named where a clause rests on it: four cycles, and after
them, stand in headings alone.
"""

from __future__ import annotations

from ...model import Clause

SOURCE = "6b7213bc3fb83092"

CLAUSES = tuple(
    Clause(f"DTR-{number}", text, kind, SOURCE, sentences, reason)
    for number, sentences, kind, text, reason in (
        (
            "01",
            (1,),
            "G",
            "A phase 2 study in relapsed or refractory multiple myeloma, after thalidomide and "
            "after lenalidomide, each in a regimen of its own, alone or with a corticosteroid.",
            "",
        ),
        ("02", (2,), "I", "At most 45 patients are enrolled.", ""),
        (
            "03",
            (3,),
            "G",
            "Enrolment needs signed consent, the agreements of RevAssist and S.T.E.P.S., and every "
            "criterion of eligibility.",
            "",
        ),
        ("04", (5, 6), "S", "Induction has four cycles, of 28 days each.", ""),
        (
            "05",
            (6,),
            "C",
            "Dexamethasone, 40 mg, on days 1 to 4, 9 to 12 and 17 to 20 of a cycle.",
            "",
        ),
        (
            "06",
            (7,),
            "C",
            "Thalidomide in the first cycle: 50 mg a day in the first seven days, 100 mg a day "
            "from day 8 to day 28.",
            "",
        ),
        ("07", (8,), "C", "Thalidomide in every later cycle: 100 mg a day, all 28 days.", ""),
        ("08", (9,), "C", "Lenalidomide, 25 mg a day, on days 1 to 21 of a cycle.", ""),
        (
            "09",
            (10,),
            "N",
            "Prophylaxis is given, against thrombosis for one.",
            "Neither drug nor dose is stated: nothing in the machines depends on it.",
        ),
        ("10", (12,), "E", "Progression, whenever it comes, takes a patient off the study.", ""),
        (
            "11",
            (11, 13),
            "G",
            "After four cycles, whoever has a negative serum immunofixation, or a plateau (the "
            "M-spike does not change) for more than two cycles, goes over to maintenance.",
            "",
        ),
        (
            "12",
            (11, 14),
            "G",
            "Whoever still responds then, with neither plateau nor CR, stays on induction until a "
            "plateau of more than two cycles or a CR, as long as there is no untoward toxicity.",
            "",
        ),
        ("13", (15,), "F", "Then they go over to maintenance as well.", ""),
        (
            "14",
            (17, 18),
            "C",
            "Maintenance: dexamethasone, 20 mg, on days 1, 8, 15 and 22 of a cycle of 28 days.",
            "",
        ),
        ("15", (17, 19), "C", "Maintenance: lenalidomide, 25 mg a day, on days 1 to 21.", ""),
        (
            "16",
            (20,),
            "G",
            "With a creatinine clearance below 40 cc/min it is 15 mg a day, on the same days.",
            "",
        ),
        (
            "17",
            (21,),
            "F",
            "Whoever ended induction on a reduced dose of lenalidomide begins maintenance on it.",
            "",
        ),
        (
            "18",
            (22,),
            "F",
            "With a clearance below 40 cc/min, the dose is the lower of that one and 15 mg.",
            "",
        ),
        (
            "19",
            (23,),
            "N",
            "Visits and laboratory tests follow the response.",
            "No dates are stated; what has a date is DTR-21 and DTR-22.",
        ),
        ("20", (24,), "E", "Progression at any time of DexTR takes a patient off the study.", ""),
        (
            "21",
            (25,),
            "T",
            "Response and toxicity are assessed at the end of each cycle, which may be day 1 of "
            "the next one.",
            "",
        ),
        (
            "22",
            (26,),
            "C",
            "Blood count with differential and electrolytes, each week of the first cycle.",
            "",
        ),
        ("23", (27,), "E", "All patients stay until progression or excessive side effects.", ""),
        (
            "24",
            (28,),
            "G",
            "Whoever has a stable plateau and is on maintenance may leave for high-dose "
            "chemotherapy with autologous stem cells, if eligible for it.",
            "",
        ),
    )
)
