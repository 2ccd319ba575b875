"""The example logs of antimag-lenalidomide, told in plain Python from the text; nothing of the
package is imported. ``python tests/antimag_logs.py`` writes them into examples/logs.

The study is a whole trial: twelve patients of part 1 and one who is replaced, one after the other,
then eight at the selected dose; the first patient goes on for over 24 months. Every patient is made
up. Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from example_logs import Course, File, log_file, write

FIRST = date(2020, 1, 6)
MILLIGRAMS = {1: "10", 2: "15", 3: "25"}
ARGUMENTS = ("drug", "amount", "level", "dlt", "cycle", "edta", "red_top", "investigator", "alive")
STUDY = ("case", "subject", "time", "event", *ARGUMENTS)
SUBJECTS = ("case", "time", "event", *ARGUMENTS, "part", "reason")
LEN, DEX = "lenalidomide", "dexamethasone"

# level and toxicity, in the order in which the design asks for them; P04 leaves early
PART_1 = (
    ("P01", 1, False),
    ("P02", 2, False),
    ("P03", 3, True),
    ("P04", 2, None),
    ("P05", 2, False),
    ("P06", 3, False),
    ("P07", 2, False),
    ("P08", 3, False),
    ("P09", 3, False),
    ("P10", 3, True),
    ("P11", 2, True),
    ("P12", 2, False),
    ("P13", 3, False),
)
PART_2 = tuple(f"E{number:02d}" for number in range(1, 9))
# days between one patient and the next
APART = 30


@dataclass
class Patient(Course):
    """One patient's rows; days count from the first patient's first."""

    start: date = FIRST

    def blood(self, day: int, cycle: int) -> None:
        """Both tubes."""
        self.add(day, "draw", cycle=str(cycle), edta="10", red_top="6")

    def doses(self, day: int, level: int, days: int = 28) -> None:
        """The doses of the first days of a cycle that begins on ``day``."""
        for k in range(days):
            if k < 21:
                self.dose(day + k, LEN, MILLIGRAMS[level])
            if k % 7 == 0:
                self.dose(day + k, DEX, "20")

    def begin(self, day: int, level: int, part: int = 1) -> None:
        """Enrolment, the first blood and day 1."""
        self.add(day, "enrol" if part == 1 else "enrol_expansion", level=str(level))
        self.blood(day, 0)
        self.add(day, "start", level=str(level))


END = (len(PART_1) - 1) * APART + 28
"""The day on which the last patient of part 1 is evaluated."""


def clean_study() -> dict[str, Course]:
    """The trial; what is the trial's alone comes under ''."""
    log: dict[str, Course] = {}
    for number, (name, level, toxic) in enumerate(PART_1):
        log[name] = part_1(number * APART, level, toxic, goes_on=name == "P01")
    for number, name in enumerate(PART_2):
        day = END + 1 + number
        made = log[name] = Patient()
        made.begin(day, 3, part=2)
        made.doses(day, 3)
        made.add(day + 28, "illness", investigator="true")
    log[""] = trial = Patient()
    trial.add(END, "select")
    trial.add(END + 60, "close")
    return log


def part_1(day: int, level: int, toxic: bool | None, *, goes_on: bool) -> Patient:
    """One patient of part 1, who leaves early where there is no outcome."""
    made = Patient()
    made.begin(day, level)
    if toxic is None:
        made.doses(day, level, days=5)
        made.add(day + 5, "withdraw")
        made.add(day + 5, "not_evaluable")
    elif toxic:
        made.doses(day, level, days=10)
        made.add(day + 10, "dlt")
        made.add(day + 10, "evaluate", dlt="true")
        # a lower dose from the next cycle on
        made.add(day + 26, "reduce", level=str(level - 1))
        made.add(day + 28, "start_cycle")
        made.doses(day + 28, level - 1)
        made.add(day + 56, "other_therapy")
    else:
        made.doses(day, level)
        made.blood(day + 28, 1)
        made.add(day + 28, "evaluate", dlt="false")
        if goes_on:
            two_years(made, day, level, drawn=(2, 3, 6, 9, 12))
        else:
            made.add(day + 28, "progression")
            made.add(day + 90, "chart_survival", alive="true")
    return made


def two_years(made: Patient, day: int, level: int, drawn: tuple[int, ...]) -> None:
    """Cycles 2 to 28, with 24 months in the 27th."""
    for cycle in range(2, 29):
        begins = day + 28 * (cycle - 1)
        if cycle == 28:
            made.add(begins, "continue_after_24")
        made.add(begins, "start_cycle")
        made.doses(begins, level)
        if cycle in drawn:
            made.blood(begins + 28, cycle)
    made.add(day + 28 * 28, "withdraw")


def wrong_study() -> dict[str, Course]:
    """The same trial with something wrong at seven places."""
    made = clean_study()

    # a dose of another level
    row = made["P02"].find("dose", APART + 3, LEN)
    row["amount"] = "25"
    made["P02"].wrong(row, "MAG-04")

    # lenalidomide in the week without it
    made["P05"].wrong(made["P05"].dose(4 * APART + 21, LEN, "15"), "MAG-04")

    # twice the dose of dexamethasone
    row = made["P06"].find("dose", 5 * APART + 7, DEX)
    row["amount"] = "40"
    made["P06"].wrong(row, "MAG-05")

    # too little blood
    row = made["P07"].find("draw", 6 * APART + 28)
    row["edta"] = "8"
    made["P07"].wrong(row, "MAG-27")

    # blood after cycle 18, which only part 2 has
    c = made["P01"]
    c.wrong(c.add(28 * 18, "draw", cycle="18", edta="10", red_top="6"), "MAG-28")

    # a cycle after month 24 without the decision
    c.drop(c.find("continue_after_24", 28 * 27))
    c.wrong(c.find("start_cycle", 28 * 27), "MAG-16")

    # a ninth patient of part 2
    c = made["E09"] = Patient()
    c.wrong(c.add(END + 20, "enrol_expansion", level="3"), "MAG-14")
    return made


# ---- unrelated subjects


def course(
    level: int = 1, cycles: int = 1, *, part: int = 1, last: int = 28, end: str = "progression"
) -> Patient:
    """A patient who keeps to the protocol: so many cycles, ``last`` days of the last one, blood
    after those that have it, then ``end``."""
    made = Patient()
    made.begin(0, level, part)
    for cycle in range(1, cycles + 1):
        begins = 28 * (cycle - 1)
        if cycle == 2 and part == 1:
            made.add(begins, "evaluate", dlt="false")
        if cycle > 1:
            if cycle - 1 in (1, 2, 3, 6, 9, 12):
                made.blood(begins, cycle - 1)
            made.add(begins, "start_cycle")
        made.doses(begins, level, last if cycle == cycles else 28)
    made.add(28 * (cycles - 1) + last, end)
    return made


def clean_subjects() -> dict[str, Course]:
    """Seven patients who keep to the protocol."""
    made: dict[str, Course] = {
        "A01": course(1, 4),
        "A02": course(3, 1, last=9, end="death"),
        "A03": course(2, 2, part=2, last=12, end="withdraw"),
    }
    made["A02"].add(9, "not_evaluable")
    made["A03"].add(100, "chart_survival", alive="true")

    # too toxic in the first cycle, and again: two levels down, then no further
    c = made["A04"] = Patient()
    c.begin(0, 3)
    c.doses(0, 3, 10)
    c.add(10, "dlt")
    c.add(10, "evaluate", dlt="true")
    for begins, level in ((28, 2), (56, 1)):
        c.add(begins, "reduce", level=str(level))
        c.add(begins, "start_cycle")
        c.doses(begins, level, 15)
        c.add(begins + 15, "unacceptable_ae")
    c.add(56 + 15, "stop", reason="toxicity")
    c.add(90, "physician_therapy")

    # the second cycle is put off by eleven days, the third by more than four weeks
    c = made["A05"] = course(2, 1, end="evaluate")
    c.rows[-1]["dlt"] = "false"
    c.add(28, "hold")
    c.add(39, "resume")
    c.add(39, "start_cycle")
    c.doses(39, 2)
    c.add(39 + 28, "hold")
    c.add(39 + 28 + 29, "delay_over")

    # leaves before the first dose, and gives the place back
    c = made["A06"] = Patient()
    c.add(0, "enrol", level="2")
    c.blood(0, 0)
    c.add(6, "lost")
    c.add(6, "withdraw_registration", part="1")

    # over 24 months in part 2, with the two draws of blood that only part 2 has
    c = made["A07"] = Patient()
    c.begin(0, 3, part=2)
    c.doses(0, 3)
    c.blood(28, 1)
    two_years(c, 0, 3, drawn=(2, 3, 6, 9, 12, 18, 24))
    return made


def wrong_subjects() -> dict[str, Course]:
    """Patients with one thing wrong each; names say what."""
    made: dict[str, Course] = {}

    def one(name: str, patient: Patient) -> Patient:
        made[name] = patient
        return patient

    def amount(name: str, day: int, drug: str, given: str, clause: str) -> None:
        c = one(name, course(1, 2, last=9))
        row = c.find("dose", day, drug)
        row["amount"] = given
        c.wrong(row, clause)

    amount("OTHER-LEVEL", 3, LEN, "15", "MAG-04")
    amount("DEXAMETHASONE-40", 28 + 7, DEX, "40", "MAG-05")

    c = one("DAY-22", course(2))
    c.wrong(c.dose(21, LEN, "15"), "MAG-04")

    c = one("DEXAMETHASONE-DAY-2", course(2))
    c.wrong(c.dose(1, DEX, "20"), "MAG-05")

    c = one("MISSED", course(2))
    c.drop(c.find("dose", 14, DEX))
    c.expect(c.first_of(15), "missing_event", "MAG-05")

    c = one("TWICE", course(3))
    c.expect(c.dose(4, LEN, "25"), "extra_event", "MAG-04")

    c = one("TOO-LITTLE-BLOOD", course(1, 2, last=3))
    row = c.find("draw", 28)
    row["red_top"] = "5"
    c.wrong(row, "MAG-27")

    c = one("BLOOD-AFTER-CYCLE-4", course(1, 5, last=3))
    c.wrong(
        c.before(c.find("start_cycle", 112), "draw", cycle="4", edta="10", red_top="6"), "MAG-28"
    )

    c = one("CYCLE-ON-DAY-28", course(2, 1, last=27, end="death"))
    c.drop(c.find("death", 27))
    c.wrong(c.add(27, "start_cycle"), "MAG-04")

    c = one("NOT-LOWER", course(2, 2, last=9, end="unacceptable_ae"))
    c.wrong(c.add(28 + 12, "reduce", level="2"), "MAG-17")

    c = one("THIRD-REDUCTION", course(3, 2, last=9, end="unacceptable_ae"))
    for day, level in ((12, 2), (14, 1)):
        c.add(28 + day, "reduce", level=str(level))
        c.dose(28 + day, LEN, MILLIGRAMS[level])
        if day == 14:
            c.dose(28 + day, DEX, "20")
        c.add(28 + day + 1, "unacceptable_ae")
    c.wrong(c.add(28 + 16, "reduce", level="0"), "MAG-18")

    c = one("DELAYED", course(2, 1, end="evaluate"))
    c.rows[-1]["dlt"] = "false"
    row = c.add(28 + 30, "start_cycle")
    c.expect(row, "overdue", "MAG-21")
    c.wrong(row, "MAG-21")

    c = one("EVALUATED-TOO-SOON", course(3, 1, last=20, end="evaluate"))
    c.rows[-1]["dlt"] = "false"
    c.wrong(c.rows[-1], "MAG-07")

    c = one("TREATED-AFTER-PROGRESSION", course(1, 2, last=9))
    c.wrong(c.dose(28 + 10, LEN, "10"), "MAG-04")

    c = one("NO-DECISION", course(1))
    c.drop(c.find("progression", 28))
    c.blood(28, 1)
    c.add(28, "evaluate", dlt="false")
    two_years(c, 0, 1, drawn=(2, 3, 6, 9, 12))
    c.drop(c.find("continue_after_24", 28 * 27))
    c.wrong(c.find("start_cycle", 28 * 27), "MAG-16")

    # the text does not say what a stop for another reason is
    c = one("STOPPED", course(2, 1, last=9, end="stop"))
    c.rows[-1]["reason"] = "other"
    c.expect(c.rows[-1], "unspecified", "MAG-A33")
    return made


# ---- files


def files() -> Iterator[File]:
    """Every log, with what should be said of it."""
    yield log_file("antimag-subjects-clean.csv", SUBJECTS, clean_subjects())
    yield log_file("antimag-subjects-deviations.csv", SUBJECTS, wrong_subjects())
    yield log_file("antimag-study-clean.csv", STUDY, clean_study(), "MAG")
    yield log_file("antimag-study-deviations.csv", STUDY, wrong_study(), "MAG")


if __name__ == "__main__":
    write(files())
