"""The example logs of plerixafor-cll, told in plain Python from the text; nothing of the package is
imported. ``python tests/plerixafor_logs.py`` writes them into examples/logs.

Every patient is made up. Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from example_logs import Course, File, log_file, write

MONDAY = date(2019, 1, 7)
PLERIXAFOR_DAYS = (1, 3, 5, 8, 10, 12, 15, 17, 19)
PLERIXAFOR = {1: "0.24", 2: "0.32", 3: "0.42", 4: "0.54"}
ARGUMENTS = ("drug", "amount", "tolerated", "wbc", "weekday", "level", "dlt", "response")
CHOICE = ("inv_ok", "subj_ok")
STUDY = ("case", "subject", "time", "event", *ARGUMENTS, *CHOICE)
SUBJECTS = ("case", "time", "event", *ARGUMENTS, *CHOICE)


def course(
    start: date,
    level: int = 1,
    *,
    stage1: int = 28,
    raises: tuple[int, int] = (7, 14),
    wbc: str = "41.5",
    cycles: int = 1,
    last: int = 28,
    delays: dict[int, int] | None = None,
    response: str = "PR",
    dlt_on: int = 0,
    end: str = "progression",
) -> Course:
    """A subject on lenalidomide from ``start``, then so many cycles, ``last`` days of the last one.

    ``delays`` are days by which cycles begin late. ``dlt_on`` is the day of a toxicity in the first
    cycle; without one the subject is evaluated when that cycle is over.
    """
    made = Course(start)
    day = 0
    for day in range(stage1):
        if day in raises:
            made.add(day, "raise", tolerated="true")
        steps = sum(day >= r for r in raises)
        made.dose(day, "lenalidomide", ("5", "7.5", "10")[steps])
    day = stage1
    for cycle in range(1, cycles + 1):
        for _ in range((delays or {}).get(cycle, 0)):
            made.dose(day, "lenalidomide", "10")
            day += 1
        if cycle == 1:
            named = (start + timedelta(day)).strftime("%a")
            made.add(day, "start_combination", wbc=wbc, weekday=named, level=str(level))
        if cycle == 2 and not dlt_on:
            made.add(day, "evaluate", dlt="false")
        if cycle == 5:
            made.add(day, "assess", response=response)
            if response == "SD":
                made.add(day, "choose_sd", inv_ok="true", subj_ok="true")
        if cycle == 5 and response == "CR":
            for _ in range(last):
                made.dose(day, "lenalidomide", "10")
                day += 1
            break
        if cycle > 1:
            made.add(day, "start_cycle")
        if cycle >= 5:
            made.dose(day, "rituximab", "375")
        for n in range(1, (last if cycle == cycles else 28) + 1):
            if n in PLERIXAFOR_DAYS:
                made.dose(day, "plerixafor", PLERIXAFOR[level])
            made.dose(day, "lenalidomide", "10")
            if cycle == 1 and n == dlt_on:
                made.add(day, "evaluate", dlt="true")
            day += 1
    if cycles == 1 and not dlt_on and last == 28:
        made.add(day, "evaluate", dlt="false")
    if cycles >= 12:
        made.add(day, "stop_combination")
        made.dose(day, "lenalidomide", "10")
        day += 1
    if end:
        made.add(day, end)
    return made


# ---- unrelated subjects


def clean_subjects() -> dict[str, Course]:
    """Seven subjects who keep to the protocol."""
    late = course(MONDAY, raises=(9, 16), cycles=2, delays={1: 7, 2: 0}, last=3)
    return {
        "P01": course(MONDAY, 3, cycles=12),
        "P02": course(MONDAY, 1, cycles=5, response="CR", last=5),
        "P03": course(MONDAY, 2, cycles=6, response="SD", last=5),
        "P04": course(MONDAY, 4, last=9, end="death"),
        "P05": course(MONDAY, 2, dlt_on=12, last=12, end="withdraw_consent"),
        "P06": late,
        "P07": course(MONDAY, 1, stage1=20, cycles=0, end="lost"),
    }


def wrong_subjects() -> dict[str, Course]:
    """Subjects with one thing wrong each; names say what."""
    made: dict[str, Course] = {}

    # plerixafor on day 28: lenalidomide begins on a Tuesday, so that it is a Monday
    c = made["DAY-28"] = course(MONDAY + timedelta(1), stage1=27)
    c.wrong(c.find("start_combination", 27), "PLX-06c")

    c = made["WBC-100"] = course(MONDAY, wbc="100.0")
    c.wrong(c.find("start_combination", 28), "PLX-06b")

    c = made["SIX-DAYS"] = course(MONDAY, raises=(6, 14), last=2)
    c.wrong(c.find("raise", 6), "PLX-04")

    # the second step of the titration is not in the log: said once, where it shows
    c = made["NO-RAISE"] = course(MONDAY, last=5)
    c.drop(c.find("raise", 14))
    c.wrong(c.find("dose", 14, "lenalidomide"), "PLX-04")

    c = made["WRONG-DOSE"] = course(MONDAY, 2, last=12)
    row = c.find("dose", 28 + 7, "plerixafor")
    row["amount"] = PLERIXAFOR[1]
    c.wrong(row, "PLX-09")

    c = made["TOO-LITTLE"] = course(MONDAY, last=5)
    row = c.find("dose", 30, "lenalidomide")
    row["amount"] = "7.5"
    c.wrong(row, "PLX-05")

    c = made["DAY-22"] = course(MONDAY)
    row = c.find("dose", 28 + 21, "lenalidomide")
    new = c.before(row, "dose", drug="plerixafor", amount=PLERIXAFOR[1])
    c.wrong(new, "PLX-12")

    # revealed by the first row of the next day
    c = made["MISSED"] = course(MONDAY, last=15)
    c.drop(c.find("dose", 28 + 9, "plerixafor"))
    c.expect(c.first_of(28 + 10), "missing_event", "PLX-08")

    c = made["GAP"] = course(MONDAY, stage1=28, cycles=0)
    for day in range(17, 23):
        c.drop(c.find("dose", day, "lenalidomide"))
    c.expect(c.first_of(23), "missing_event", "PLX-13")

    c = made["TWICE"] = course(MONDAY, 4, last=10)
    row = c.find("dose", 28 + 4, "plerixafor")
    new = c.before(row, **{k: v for k, v in row.items() if k != "time"})
    c.expect(row, "extra_event", "PLX-11")

    # the second cycle begins a week late, on a Monday: the stay is too long from day 30 on
    c = made["OVERDUE"] = course(MONDAY, cycles=2, delays={2: 7}, last=6)
    c.expect(c.first_of(28 + 29), "overdue", "PLX-12")

    # it begins a day late: the stay is too long, and the whole cycle is off its weekdays
    c = made["TUESDAY"] = course(MONDAY, cycles=3, delays={2: 1}, last=6)
    c.expect(c.first_of(28 + 29), "overdue", "PLX-12")
    c.wrong(c.find("dose", 28 + 29, "plerixafor"), "PLX-08")

    c = made["RITUXIMAB-4"] = course(MONDAY, 3, cycles=4, last=4)
    row = c.find("dose", 28 * 4, "lenalidomide")
    new = c.before(row, "dose", drug="rituximab", amount="375")
    c.wrong(new, "PLX-17")

    # four cycles, and no assessment before the fifth
    c = made["NOT-ASSESSED"] = course(MONDAY, cycles=6, last=4)
    c.drop(c.find("assess", 28 * 5))
    c.wrong(c.find("start_cycle", 28 * 5), "PLX-14")

    c = made["NOT-CHOSEN"] = course(MONDAY, cycles=5, response="SD", last=4)
    c.drop(c.find("choose_sd", 28 * 5))
    c.wrong(c.find("start_cycle", 28 * 5), "PLX-21")

    c = made["AFTER-CR"] = course(MONDAY, cycles=5, response="CR", last=6)
    row = c.find("dose", 28 * 5 + 2, "lenalidomide")
    new = c.before(row, "dose", drug="plerixafor", amount=PLERIXAFOR[1])
    c.wrong(new, "PLX-15")

    # a thirteenth cycle, with a ninth dose of rituximab
    c = made["CYCLE-13"] = course(MONDAY, cycles=13)
    c.wrong(c.find("start_cycle", 28 * 13), "PLX-18")
    c.wrong(c.find("dose", 28 * 13, "rituximab"), "PLX-19")

    # the text has no rule for unacceptable toxicity: not judged from there on
    c = made["TOXICITY"] = course(MONDAY, last=8)
    new = c.before(c.find("dose", 28 + 5, "lenalidomide"), "toxicity")
    c.expect(new, "unspecified", "PLX-A30")
    return made


# ---- a study


def clean_study() -> dict[str, Course]:
    """A trial that ends: three at the first level, one toxicity in six at the second, two in three
    at the third, so that the second is the maximum tolerated dose."""
    weeks = [MONDAY + timedelta(weeks=n) for n in range(22)]
    return {
        "S01": course(weeks[0], 1, cycles=12),
        "S02": course(weeks[0], 1, cycles=5, response="CR", last=5),
        "S03": course(weeks[1], 1, cycles=6, response="SD", last=5),
        "S04": course(weeks[6], 2, dlt_on=12, last=12, end="withdraw_consent"),
        "S05": course(weeks[6], 2),
        "S06": course(weeks[7], 2),
        # left in the first cycle: not evaluable, and replaced by S10
        "S07": _not_evaluable(course(weeks[12], 2, last=9)),
        "S08": course(weeks[12], 2, cycles=4, last=4),
        "S09": course(weeks[12], 2, cycles=2, last=4),
        "S10": course(weeks[14], 2),
        "S11": course(weeks[19], 3, dlt_on=20, last=20, end="withdraw_consent"),
        "S12": course(weeks[20], 3, dlt_on=5, last=5, end="death"),
        "S13": course(weeks[20], 3, cycles=2, last=3),
    }


def _not_evaluable(made: Course) -> Course:
    made.rows.append({**made.rows[-1], "event": "not_evaluable"})
    return made


def wrong_study() -> dict[str, Course]:
    """The same trial with deviations, those of single subjects and those that concern the trial."""
    made = clean_study()
    weeks = [MONDAY + timedelta(weeks=n) for n in range(30)]

    # a thirteenth cycle, with a ninth dose of rituximab
    c = made["S01"] = course(weeks[0], 1, cycles=13)
    c.wrong(c.find("start_cycle", 28 * 13), "PLX-18")
    c.wrong(c.find("dose", 28 * 13, "rituximab"), "PLX-19")

    # plerixafor after a complete response
    c = made["S02"] = course(weeks[0], 1, cycles=5, response="CR", last=6)
    row = c.find("dose", 28 * 5 + 2, "lenalidomide")
    new = c.before(row, "dose", drug="plerixafor", amount=PLERIXAFOR[1])
    c.wrong(new, "PLX-15")

    # four cycles, and no assessment before the fifth
    c = made["S03"] = course(weeks[1], 1, cycles=6, last=4)
    c.drop(c.find("assess", 28 * 5))
    c.wrong(c.find("start_cycle", 28 * 5), "PLX-14")

    # a fourth subject at the first level, while three are under observation
    c = made["S14"] = course(weeks[1], 1)
    c.wrong(c.find("start_combination", 28), "PLX-07")

    # the dose of another cohort
    row = made["S04"].find("dose", 28 + 7, "plerixafor")
    row["amount"] = PLERIXAFOR[1]
    made["S04"].wrong(row, "PLX-09")

    # counted before the first cycle is over
    c = made["S05"]
    c.drop(c.find("evaluate", 28 + 28))
    new = c.before(c.find("dose", 28 + 19, "lenalidomide"), "evaluate", dlt="false")
    c.wrong(new, "PLX-07")

    # a step of the titration after six days
    c = made["S06"] = course(weeks[7], 2, raises=(6, 14))
    c.wrong(c.find("raise", 6), "PLX-04")

    # S07 left and was replaced, but the log doesn't say so: it shows where S10 takes the place
    c = made["S07"]
    c.drop(next(r for r in c.rows if r["event"] == "not_evaluable"))
    made["S10"].wrong(made["S10"].find("start_combination", 28), "PLX-07")

    # a white cell count of 100.0, and rituximab in the fourth cycle
    c = made["S08"] = course(weeks[12], 2, wbc="100.0", cycles=4, last=4)
    c.wrong(c.find("start_combination", 28), "PLX-06b")
    row = c.find("dose", 28 * 4, "lenalidomide")
    new = c.before(row, "dose", drug="rituximab", amount="375")
    c.wrong(new, "PLX-17")

    # the second cycle begins a week late
    c = made["S09"] = course(weeks[12], 2, cycles=2, delays={2: 7}, last=4)
    c.expect(c.first_of(28 + 29), "overdue", "PLX-12")

    # plerixafor on day 22
    row = made["S10"].find("dose", 28 + 21, "lenalidomide")
    new = made["S10"].before(row, "dose", drug="plerixafor", amount=PLERIXAFOR[2])
    made["S10"].wrong(new, "PLX-12")

    # plerixafor on day 28: lenalidomide begins on a Tuesday, so that it is a Monday
    c = made["S13"] = course(weeks[20] + timedelta(1), 3, stage1=27, cycles=2, last=3)
    c.wrong(c.find("start_combination", 27), "PLX-06c")

    # at the first level, when the third is open; lost in the first cycle, and not evaluable
    c = made["S15"] = _not_evaluable(course(weeks[20], 1, last=4, end="lost"))
    c.wrong(c.find("start_combination", 28), "PLX-07")

    # plerixafor for somebody of whom the log has nothing else
    c = made["S16"] = Course(weeks[20])
    c.wrong(c.dose(0, "plerixafor", PLERIXAFOR[2]), "PLX-06c")

    # another subject at the third level, when that is closed
    c = made["S17"] = course(weeks[26], 3, last=3)
    c.wrong(c.find("start_combination", 28), "PLX-07")
    return made


# ---- files


def files() -> Iterator[File]:
    """Every log, with what should be said of it."""
    yield log_file("plerixafor-subjects-clean.csv", SUBJECTS, clean_subjects())
    yield log_file("plerixafor-subjects-deviations.csv", SUBJECTS, wrong_subjects())
    yield log_file("plerixafor-study-clean.csv", STUDY, clean_study(), "PLX")
    yield log_file("plerixafor-study-deviations.csv", STUDY, wrong_study(), "PLX")


if __name__ == "__main__":
    write(files())
