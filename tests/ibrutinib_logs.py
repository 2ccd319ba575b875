"""The example logs of a study of ibrutinib-mm, told in plain Python from the text; nothing of the
package is imported. ``python tests/ibrutinib_logs.py`` writes them into examples/logs.

Those of trials alone and of subjects alone were written by hand. Every patient is made up.
Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from example_logs import Course, File, log_file, write

FIRST = date(2021, 3, 1)
STUDY = ("case", "subject", "time", "event", "level", "drug", "amount", "dlt", "reason")
DRUGS = ("ibrutinib", "lenalidomide")
APART = 30
# level and toxicity in the order of the escalation: three at the first, one in six at the second,
# two in three at the third, which closes it
ESCALATION = (
    *((1, False), (1, False), (1, False)),
    *((2, False), (2, True), (2, False), (2, False), (2, False), (2, False)),
    *((3, True), (3, False), (3, True)),
)
PART_2 = 10


@dataclass
class Patient(Course):
    """One patient's rows; days count from the first patient's first."""

    start: date = FIRST

    def doses(self, day: int, level: int) -> None:
        """Both drugs, whose days the text doesn't state."""
        for drug in DRUGS:
            self.dose(day, drug, str(level))


def patient(day: int, level: int, *, toxic: bool = False, part: int = 1) -> Patient:
    """A first cycle; then a second one, or treatment at a lower level after a toxicity."""
    made = Patient()
    made.add(day, "register" if part == 1 else "register_expansion", level=str(level))
    made.add(day, "first_dose")
    made.doses(day, level)
    if toxic:
        made.add(day + 12, "dlt")
        if part == 1:
            made.add(day + 12, "evaluate", dlt="true")
        else:
            made.add(day + 12, "expansion_dlt")
        made.add(day + 27, "visit")
        made.add(day + 27, "retreat", level=str(level - 1))
        made.doses(day + 27, level - 1)
        made.add(day + 40, "refusal")
        return made
    made.add(day + 28, "visit")
    made.add(day + 28, "start_cycle_2")
    made.doses(day + 28, level)
    if part == 1:
        made.add(day + 28, "evaluate", dlt="false")
    made.add(day + 57, "visit")
    made.add(day + 60, "progression")
    made.add(day + 150, "chart_progression")
    return made


END = APART * len(ESCALATION)


def clean_study() -> dict[str, Course]:
    """Twelve patients one after the other, then ten at the level below the one that closed."""
    log: dict[str, Course] = {}
    for number, (level, toxic) in enumerate(ESCALATION):
        log[f"I{number + 1:02}"] = patient(APART * number, level, toxic=toxic)
    for number in range(PART_2):
        log[f"X{number + 1:02}"] = patient(END + 5 * number, 2, toxic=number == 3, part=2)
    log[""] = trial = Patient()
    trial.add(END + 100, "close")
    return log


def wrong_study() -> dict[str, Course]:
    """The same trial with one thing wrong in some of its patients, and two patients more."""
    made = clean_study()

    # the next patient is registered while this one is under observation
    c = made["I02"] = patient(APART - 5, 1)
    c.wrong(c.find("register", APART - 5), "IBR-05")

    # a dose of another level
    row = made["I04"].find("dose", 3 * APART + 28, DRUGS[0])
    row["amount"] = "3"
    made["I04"].wrong(row, "IBR-04")

    # no lower level than before the toxicity
    c, day = made["I05"], 4 * APART + 27
    row = c.find("retreat", day)
    row["level"] = "2"
    c.wrong(row, "IBR-14")
    for drug in DRUGS:
        c.find("dose", day, drug)["amount"] = "2"

    # the second visit comes 33 days after the first, and finds progression
    c = made["I06"]
    c.drop(c.find("visit", 5 * APART + 57))
    c.drop(c.find("progression", 5 * APART + 60))
    c.expect(c.add(5 * APART + 61, "visit"), "overdue", "IBR-12")
    c.add(5 * APART + 61, "progression")

    # counted free of toxicity on day 22
    c = made["I07"]
    row = c.find("evaluate", 6 * APART + 28)
    c.drop(row)
    c.wrong(c.add(6 * APART + 21, "evaluate", dlt="false"), "IBR-05")

    # the second cycle begins on day 28
    c = made["I08"]
    c.drop(c.find("start_cycle_2", 7 * APART + 28))
    c.wrong(c.add(7 * APART + 27, "start_cycle_2"), "IBR-12")

    # somebody else at the closed level
    c = made["X11"] = Patient()
    c.wrong(c.add(END + 12, "register_expansion", level="3"), "IBR-15")

    # one more than ten
    c = made["X12"] = Patient()
    c.wrong(c.add(END + 70, "register_expansion", level="2"), "IBR-15")
    return made


def files() -> Iterator[File]:
    """Every log, with what should be said of it."""
    yield log_file("ibrutinib-study-clean.csv", STUDY, clean_study(), "IBR")
    yield log_file("ibrutinib-study-deviations.csv", STUDY, wrong_study(), "IBR")


if __name__ == "__main__":
    write(files())
