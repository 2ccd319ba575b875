"""The example logs of everolimus-cll, told in plain Python from the text; nothing of the package is
imported. ``python tests/everolimus_logs.py`` writes them into examples/logs.

Every patient is made up. Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from example_logs import Course, File, Row, log_file, write

MONDAY = date(2012, 1, 2)
DAYS = (0, 2, 4)  # of a week: Monday, Wednesday, Friday
ARGUMENTS = ("level", "phase", "drug", "amount", "clinical_cr")
STUDY = ("case", "subject", "time", "event", *ARGUMENTS)
SUBJECTS = ("case", "time", "event", *ARGUMENTS)
EVEROLIMUS, ALEMTUZUMAB = "everolimus", "alemtuzumab"


@dataclass
class Patient(Course):
    """One patient, enrolled on day 0."""

    level: int = 1
    phase: int = 1

    def __post_init__(self) -> None:
        self.add(0, "enrol", level=str(self.level), phase=str(self.phase))

    def given(self, day: int, drug: str) -> Row:
        """A dose of the right amount."""
        return self.dose(day, drug, str(self.level if drug == EVEROLIMUS else 30))


def patient(
    start: date,
    *,
    level: int = 1,
    phase: int = 1,
    days: int = 63,
    end: str = "complete",
    remission: bool | None = None,
    visits: tuple[int, ...] = (),
) -> Patient:
    """Both drugs three times a week until ``days`` are over, then ``end`` and the follow-up."""
    made = Patient(start, level=level, phase=phase)
    for day in range(days):
        if day % 7 in DAYS:
            made.given(day, EVEROLIMUS)
            if day < 49:
                made.given(day, ALEMTUZUMAB)
    made.add(days, end)
    if remission is not None:
        made.add(days + 28, "assess", clinical_cr=str(remission).lower())
        if phase == 2:
            made.add(days + 28, "ct")
            made.add(days + 29, "ihc")
            if remission:
                made.add(days + 30, "mrd_test")
    for day in visits:
        made.add(days + day, "follow_up_visit")
    return made


def weeks(count: int) -> date:
    """The start so many weeks after the first patient's."""
    return MONDAY + timedelta(weeks=count)


# treatment that begins on a Monday and lasts 63 days ends on one; five years later, leap days in
FIVE_YEARS = (date(2017, 3, 5) - date(2012, 3, 5)).days


# ---- unrelated subjects


def clean_subjects() -> dict[str, Patient]:
    """Seven patients with every dose on days 1, 3 and 5 of its week, whatever the day of the week."""
    return {
        "F01": patient(weeks(0), remission=True, visits=(90, 400, FIVE_YEARS)),
        "F02": patient(weeks(0) + timedelta(1), level=2, phase=2, remission=True, visits=(180,)),
        "F03": patient(weeks(1) + timedelta(6), phase=2, remission=False),
        "F04": patient(weeks(2), days=26, end="toxicity", visits=(30,)),
        "F05": patient(weeks(3), level=2, phase=2, days=33, end="progression", remission=False),
        "F06": patient(weeks(4), days=40, end="death"),
        "F07": patient(weeks(5), phase=2, days=3, end="lost"),
    }


def missed() -> Patient:
    """A patient without one dose of each drug: wrong only where the days of a week are fixed."""
    made = patient(MONDAY)
    for day, drug, clause in ((9, EVEROLIMUS, "EVE-13"), (44, ALEMTUZUMAB, "EVE-14")):
        made.drop(made.find("dose", day, drug))
        made.expect(made.first_of(day + 2), "missing_event", clause)
    return made


def wrong_subjects() -> dict[str, Patient]:
    """Patients with one thing wrong each; names say what."""
    made: dict[str, Patient] = {}

    c = made["FOURTH-IN-A-WEEK"] = patient(MONDAY, days=12, end="progression")
    c.wrong(c.given(6, EVEROLIMUS), "EVE-13")

    c = made["TENTH-WEEK"] = patient(MONDAY)
    c.wrong(c.before(c.find("complete", 63), "dose", drug=EVEROLIMUS, amount="1"), "EVE-13")

    c = made["EIGHTH-WEEK"] = patient(MONDAY, phase=2)
    c.wrong(c.given(49, ALEMTUZUMAB), "EVE-14")

    c = made["OTHER-LEVEL"] = patient(MONDAY, level=2, days=12, end="toxicity")
    row = c.find("dose", 7, EVEROLIMUS)
    row["amount"] = "1"
    c.wrong(row, "EVE-13")

    c = made["ONE-DRUG-LATE"] = patient(MONDAY, days=5, end="progression")
    c.drop(c.find("dose", 0, ALEMTUZUMAB))
    c.wrong(c.find("dose", 2, ALEMTUZUMAB), "EVE-14")

    c = made["TWICE"] = patient(MONDAY, days=12, end="lost")
    c.expect(c.given(7, ALEMTUZUMAB), "extra_event", "EVE-14")

    c = made["AFTER-TOXICITY"] = patient(MONDAY, days=26, end="toxicity")
    c.wrong(c.given(28, EVEROLIMUS), "EVE-13")

    c = made["NOT-ENROLLED"] = patient(MONDAY, days=12, end="death")
    c.drop(c.find("enrol", 0))
    c.wrong(c.find("dose", 0, EVEROLIMUS), "EVE-12")

    c = made["ENROLLED-TWICE"] = patient(MONDAY, days=12, end="death")
    c.wrong(c.add(7, "enrol", level="1", phase="1"), "EVE-12")

    c = made["COMPLETE-TOO-SOON"] = patient(MONDAY, days=60, visits=(30,))
    c.wrong(c.find("complete", 60), "EVE-13")

    c = made["ONE-DRUG-STOPPED"] = patient(MONDAY, days=12, end="toxicity")
    c.wrong(c.add(9, "stop_drug", drug=ALEMTUZUMAB), "EVE-15")

    c = made["ASSESSED-ON-TREATMENT"] = patient(MONDAY, days=33, end="progression")
    c.wrong(c.add(20, "assess", clinical_cr="false"), "EVE-04")

    c = made["CYTOMETRY-IN-PHASE-1"] = patient(MONDAY, remission=True)
    c.wrong(c.add(100, "mrd_test"), "EVE-04")

    c = made["CYTOMETRY-WITHOUT-REMISSION"] = patient(MONDAY, phase=2, remission=False)
    c.wrong(c.add(92, "mrd_test"), "EVE-04")

    c = made["AFTER-FIVE-YEARS"] = patient(MONDAY, visits=(FIVE_YEARS,))
    c.wrong(c.add(63 + FIVE_YEARS + 1, "follow_up_visit"), "EVE-16")
    return made


# ---- a study


def clean_study() -> dict[str, Patient]:
    """Three patients in phase I, six in phase II, at the one dose level that was studied."""
    made = {
        "E01": patient(weeks(0), remission=True, visits=(90, 400, FIVE_YEARS)),
        "E02": patient(weeks(0), days=26, end="toxicity", visits=(30,)),
        "E03": patient(weeks(1), remission=False, visits=(90,)),
        "E04": patient(weeks(14), phase=2, remission=True, visits=(90, 180)),
        "E05": patient(weeks(14), phase=2, remission=False),
        "E06": patient(weeks(15), phase=2, days=33, end="progression", remission=False),
        "E07": patient(weeks(16), phase=2, days=40, end="death"),
        "E08": patient(weeks(16), phase=2, remission=True),
        "E09": patient(weeks(17), phase=2, days=12, end="withdraw_consent"),
    }
    # a missed dose is made up on another day of its week, another is left out
    made["E03"].drop(made["E03"].find("dose", 9, EVEROLIMUS))
    made["E03"].given(10, EVEROLIMUS)
    made["E05"].drop(made["E05"].find("dose", 44, ALEMTUZUMAB))
    made["E05"].add(120, "chart_progression")
    made["E05"].add(150, "next_treatment")
    made["E08"].add(200, "lost")
    return made


def wrong_study() -> dict[str, Patient]:
    """The same trial, with one thing wrong in each patient, and a patient more."""
    made = clean_study()

    # after five years
    c = made["E01"]
    c.wrong(c.add(63 + FIVE_YEARS + 1, "follow_up_visit"), "EVE-16")

    # a dose after unacceptable toxicity
    c = made["E02"]
    c.wrong(c.given(28, EVEROLIMUS), "EVE-13")

    # a fourth dose in a week, and flow cytometry, which is for phase II
    c = made["E03"]
    c.wrong(c.given(19, EVEROLIMUS), "EVE-13")
    c.wrong(c.add(100, "mrd_test"), "EVE-04")

    # the dose of another level, and alemtuzumab in an eighth week
    c = made["E04"]
    row = c.find("dose", 21, EVEROLIMUS)
    row["amount"] = "2"
    c.wrong(row, "EVE-13")
    c.wrong(c.given(49, ALEMTUZUMAB), "EVE-14")

    # flow cytometry without a remission
    c = made["E05"]
    c.wrong(c.add(92, "mrd_test"), "EVE-04")

    # two doses on one day
    c = made["E06"]
    c.expect(c.given(14, ALEMTUZUMAB), "extra_event", "EVE-14")

    # everolimus in a tenth week; completed before that
    c = made["E08"]
    c.drop(c.find("complete", 63))
    c.wrong(c.given(63, EVEROLIMUS), "EVE-13")
    c.add(64, "complete")

    # alemtuzumab begins two days late, and goes on from there
    c = made["E10"] = patient(weeks(18), phase=2, days=5, end="progression")
    c.drop(c.find("dose", 0, ALEMTUZUMAB))
    c.wrong(c.find("dose", 2, ALEMTUZUMAB), "EVE-14")

    # enrolled in phase I when that is over
    c = made["E11"] = Patient(weeks(19))
    c.wrong(c.find("enrol", 0), "EVE-12")

    # at another level than the maximum tolerated dose
    c = made["E12"] = Patient(weeks(19), level=2, phase=2)
    c.wrong(c.find("enrol", 0), "EVE-03")
    return made


def with_trial(patients: dict[str, Patient]) -> dict[str, Course]:
    """The patients, and what is the trial's alone: the end of phase I."""
    trial = Course(weeks(13))
    trial.add(0, "declare_mtd", level="1")
    return {"": trial, **patients}


def files() -> Iterator[File]:
    """Every log, with what should be said of it."""
    yield log_file("everolimus-subjects-clean.csv", SUBJECTS, clean_subjects())
    yield log_file("everolimus-subjects-deviations.csv", SUBJECTS, wrong_subjects())
    yield log_file("everolimus-study-clean.csv", STUDY, with_trial(clean_study()), "EVE")
    yield log_file("everolimus-study-deviations.csv", STUDY, with_trial(wrong_study()), "EVE")


if __name__ == "__main__":
    write(files())
