"""The statements of the source, paraphrased, each with the number of its sentence."""

from __future__ import annotations

from ...model import Clause

SOURCE = "cb8f3239cae80bdc"

_AIM = "An aim of the study: no event of trial or subject depends on it."
_LABORATORY = "Laboratory science: nothing in the machines depends on it."

CLAUSES = tuple(
    Clause(f"EVE-{number}", text, kind, SOURCE, (sentence,), reason)
    for number, sentence, kind, text, reason in (
        (
            "01",
            1,
            "N",
            "Phase I looks at how safe and how well tolerated the two drugs are together.",
            _AIM,
        ),
        ("02", 2, "S", "Phase I finds the maximum tolerated dose of everolimus.", ""),
        (
            "03",
            3,
            "G",
            "Phase II measures how many respond (NCI-WG 1996) to everolimus at that dose with "
            "alemtuzumab at its standard dose, in relapsed or refractory disease.",
            "",
        ),
        (
            "04",
            4,
            "G",
            "Complete responses are judged by NCI-WG 1996, and by more: CT scans, marrow "
            "immunohistochemistry, and flow cytometry for residual disease in those who are in "
            "complete clinical remission.",
            "",
        ),
        ("05", 5, "N", "The toxicity of the regimen is watched and assessed.", _AIM),
        (
            "06",
            6,
            "E",
            "Survival, with and without progression; how long a response lasts; next treatment.",
            "",
        ),
        ("07", 7, "N", "Prognostic markers are compared with what becomes of subjects.", _AIM),
        (
            "08",
            8,
            "N",
            "Status and counts are measured repeatedly: how fast does the disease recede?",
            _AIM,
        ),
        ("09", 9, "N", "How everolimus changes the cells' sensitivity.", _LABORATORY),
        ("10", 10, "N", "How everolimus changes cells and their stroma.", _LABORATORY),
        ("11", 11, "N", "What the two drugs do to the immune system.", _LABORATORY),
        ("12", 12, "S", "Dose escalation of everolimus (phase I) comes first, then phase II.", ""),
        ("13", 13, "C", "Everolimus by mouth, three times a week for nine weeks,", ""),
        ("14", 13, "C", "and alemtuzumab under the skin, three times a week for seven weeks,", ""),
        ("15", 13, "G", "as long as there is neither progression nor unacceptable toxicity.", ""),
        (
            "16",
            14,
            "T",
            "After treatment follow-up, from time to time, for five years at most.",
            "",
        ),
        ("17", 15, "I", "The study takes in 44 patients.", ""),
    )
)
