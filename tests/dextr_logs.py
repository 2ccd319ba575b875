"""The example logs of dextr-mm, told in plain Python from the text; nothing of the package is
imported. ``python tests/dextr_logs.py`` writes them into examples/logs.

Every patient is made up. Deviations are planted one by one, each with what should be said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from example_logs import Course, File, log_file, write

START = date(2011, 5, 3)
PULSES = (1, 2, 3, 4, 9, 10, 11, 12, 17, 18, 19, 20)
FINDINGS = ("progression", "ifx_negative", "unchanged", "toxicity")
FORMS = ("consent", "revassist", "steps", "eligible")
EARLIER = ("prior_thal", "prior_len", "separate", "partners_ok")
ARGUMENTS = ("drug", "amount", *FINDINGS, "crcl", "value", "new", "eligible")
SUBJECTS = ("case", "time", "event", *ARGUMENTS)
STUDY = ("case", "subject", "time", "event", *ARGUMENTS, *FORMS[:3], *EARLIER)
DEX, THAL, LEN = "dexamethasone", "thalidomide", "lenalidomide"


@dataclass
class Plan:
    """How a patient fares: cycles of induction and of maintenance, ``last`` days of the last one.

    The M-spike is the same from the end of cycle ``same`` on, and immunofixation is negative from
    the end of cycle ``negative`` on, if that isn't 0. ``lowered`` are doses of lenalidomide by the
    cycle in which they begin; ``checks`` are clearances by the cycle of maintenance; ``late`` are
    days by which cycles of induction begin late. With ``wait``, enrolment comes so many days before
    day 1.
    """

    induction: int = 4
    maintenance: int = 0
    last: int = 28
    same: int = 2
    negative: int = 0
    lowered: dict[int, int] | None = None
    crcl: str = "72.5"
    checks: dict[int, str] | None = None
    late: dict[int, int] | None = None
    wait: int | None = None
    end: str = "progression"


def course(plan: Plan, start: date = START) -> Course:
    """The rows of a patient who keeps to the protocol."""
    made = Course(start)
    day = 0
    if plan.wait is not None:
        made.add(0, "enrol", **dict.fromkeys((*FORMS, *EARLIER), "true"))
        day = plan.wait
        made.add(day, "start_cycle")
    dose, limit, days = 25, 25, 28

    def assess(cycle: int) -> None:
        found = dict.fromkeys(FINDINGS, "false")
        if cycle >= plan.same:
            found["unchanged"] = "true"
        if plan.negative and cycle >= plan.negative:
            found["ifx_negative"] = "true"
        made.add(day, "assess", **found)

    for cycle in range(1, plan.induction + 1):
        if cycle > 1:
            assess(cycle - 1)
            day += (plan.late or {}).get(cycle, 0)
            made.add(day, "start_cycle")
        if cycle in (plan.lowered or {}):
            dose = (plan.lowered or {})[cycle]
            made.add(day, "reduce_lenalidomide", new=str(dose))
        if cycle == plan.induction and not plan.maintenance:
            days = plan.last
        for n in range(1, days + 1):
            if cycle == 1 and n % 7 == 1:
                made.add(day, "lab")
            if n in PULSES:
                made.dose(day, DEX, "40")
            made.dose(day, THAL, "50" if cycle == 1 and n <= 7 else "100")
            if n <= 21:
                made.dose(day, LEN, str(dose))
            day += 1
    for cycle in range(1, plan.maintenance + 1):
        assess(plan.induction + cycle - 1)
        if cycle == 1:
            made.add(day, "begin_maintenance", crcl=plan.crcl)
            limit = 15 if float(plan.crcl) < 40 else 25
        else:
            made.add(day, "start_cycle")
        if cycle in (plan.checks or {}):
            value = (plan.checks or {})[cycle]
            made.add(day, "crcl", value=value)
            limit = 15 if float(value) < 40 else limit
        for n in range(1, (plan.last if cycle == plan.maintenance else 28) + 1):
            if n % 7 == 1:
                made.dose(day, DEX, "20")
            if n <= 21:
                made.dose(day, LEN, str(min(dose, limit)))
            day += 1
    if plan.end == "go_to_asct":
        made.add(day - 1, "go_to_asct").update(eligible="true")
    elif plan.end:
        made.add(day - 1, plan.end)
    return made


# ---- unrelated subjects


def clean_subjects() -> dict[str, Course]:
    """Seven patients who keep to the protocol."""
    plans = {
        "D01": Plan(maintenance=3),
        "D02": Plan(maintenance=2, negative=3, crcl="39.9", last=21, end="withdraw_consent"),
        "D03": Plan(6, 3, same=4, lowered={3: 20}, checks={2: "38"}, end="go_to_asct"),
        "D04": Plan(4, 2, lowered={2: 15, 4: 10}, crcl="31", last=8),
        "D05": Plan(7, same=9, last=12, end="excessive_toxicity"),
        "D06": Plan(1, last=5, end="death"),
        "D07": Plan(4, 1, crcl="40", last=3, end="lost"),
    }
    return {name: course(plan) for name, plan in plans.items()}


def wrong_subjects() -> dict[str, Course]:
    """Patients with one thing wrong each; names say what."""
    made: dict[str, Course] = {}
    first, fifth = 28, 4 * 28

    def one(name: str, plan: Plan) -> Course:
        made[name] = course(plan)
        return made[name]

    def amount(name: str, plan: Plan, day: int, drug: str, wrong: str, clause: str) -> None:
        c = one(name, plan)
        row = c.find("dose", day, drug)
        row["amount"] = wrong
        c.wrong(row, clause)

    def more(name: str, plan: Plan, day: int, drug: str, given: str, clause: str) -> None:
        c = one(name, plan)
        new = c.before(c.first_of(day), "dose", drug=drug, amount=given)
        c.wrong(new, clause)

    amount("THALIDOMIDE-100", Plan(1, last=9), 2, THAL, "100", "DTR-06")
    amount("THALIDOMIDE-50", Plan(2, last=3), first, THAL, "50", "DTR-07")
    amount("TOO-LITTLE", Plan(1, last=9), 8, DEX, "20", "DTR-05")
    amount("NOT-LOWERED", Plan(2, last=4, lowered={2: 15}), first + 1, LEN, "20", "DTR-08")
    more("DAY-5", Plan(1, last=9), 4, DEX, "40", "DTR-05")
    more("DAY-22", Plan(1, last=25), 21, LEN, "25", "DTR-08")
    kept = Plan(4, 1, last=9)
    amount("STILL-40", kept, fifth + 7, DEX, "40", "DTR-14")
    more("DAY-2", kept, fifth + 1, DEX, "20", "DTR-14")
    more("STILL-THALIDOMIDE", kept, fifth + 1, THAL, "100", "DTR-14")
    amount("CLEARANCE-39", Plan(4, 1, crcl="39", last=9), fifth + 2, LEN, "25", "DTR-16")
    reduced = Plan(4, 1, lowered={3: 20}, last=9)
    amount("RAISED", reduced, fifth + 2, LEN, "25", "DTR-17")
    both = Plan(4, 1, lowered={3: 10}, crcl="20", last=9)
    amount("LOWER-OF-TWO", both, fifth + 2, LEN, "15", "DTR-18")

    c = one("MISSED", Plan(1, last=20))
    c.drop(c.find("dose", 9, DEX))
    c.expect(c.first_of(10), "missing_event", "DTR-05")

    c = one("TWICE", Plan(1, last=10))
    row = c.find("dose", 5, LEN)
    c.before(row, "dose", drug=LEN, amount="25")
    c.expect(row, "extra_event", "DTR-08")

    c = one("OVERDUE", Plan(2, last=5, late={2: 7}))
    c.expect(c.find("start_cycle", first + 7), "overdue", "DTR-04")

    c = one("NOT-ASSESSED", Plan(3, last=5))
    c.drop(c.find("assess", first))
    c.wrong(c.find("start_cycle", first), "DTR-21")

    c = one("THREE-CYCLES", Plan(3, 1, negative=2, last=9))
    c.wrong(c.find("begin_maintenance", 3 * 28), "DTR-11")

    c = one("NO-PLATEAU", Plan(4, 1, same=3, last=9))
    c.wrong(c.find("begin_maintenance", fifth), "DTR-11")

    c = one("STILL-INDUCTION", Plan(5, last=9))
    c.wrong(c.find("start_cycle", fifth), "DTR-11")

    c = one("TRANSPLANT-WITHOUT-PLATEAU", Plan(4, 2, negative=2, last=9, end="go_to_asct"))
    c.wrong(c.rows[-1], "DTR-24")

    # the text does not say what follows: not judged from there on
    c = one("TOXICITY", Plan(5, same=5, last=9))
    row = c.find("assess", fifth)
    row["toxicity"] = "true"
    c.expect(row, "unspecified", "DTR-A10")
    return made


# ---- a study


def _study() -> dict[str, Plan]:
    return {
        "S1": Plan(4, 2, wait=3),
        "S2": Plan(5, 2, same=3, wait=0, lowered={2: 15}, last=21, end="go_to_asct"),
        "S3": Plan(4, 1, negative=4, wait=7, crcl="35", last=10, end="lost"),
        "S4": Plan(2, wait=1, last=11, end="excessive_toxicity"),
        "S5": Plan(1, wait=4, last=3, end="death"),
    }


def clean_study() -> dict[str, Course]:
    """Five patients, enrolled one after the other."""
    plans = enumerate(_study().items())
    return {name: course(plan, START + timedelta(9 * n)) for n, (name, plan) in plans}


def wrong_study() -> dict[str, Course]:
    """The same with deviations, of enrolment and of treatment."""
    made = clean_study()
    # one of the two agreements isn't signed, and another patient has had no lenalidomide
    for name, missing, clause in (("S1", "steps", "DTR-03"), ("S4", "prior_len", "DTR-01")):
        row = made[name].rows[0]
        row[missing] = "false"
        made[name].wrong(row, clause)

    # the first dose on the day before day 1
    c = made["S3"]
    new = c.before(c.find("start_cycle", 7), "dose", drug=LEN, amount="25")
    c.rows.remove(new)
    c.rows.insert(1, new)
    new["time"] = (c.start + timedelta(6)).isoformat()
    c.wrong(new, "DTR-05")

    # enrolled again four days later
    c = made["S5"]
    new = c.before(c.find("start_cycle", 4), **{k: v for k, v in c.rows[0].items() if k != "time"})
    c.wrong(new, "DTR-03")
    return made


# ---- files


def files() -> Iterator[File]:
    """Every log, with what should be said of it."""
    yield log_file("dextr-subjects-clean.csv", SUBJECTS, clean_subjects())
    yield log_file("dextr-subjects-deviations.csv", SUBJECTS, wrong_subjects())
    yield log_file("dextr-study-clean.csv", STUDY, clean_study(), "DTR")
    yield log_file("dextr-study-deviations.csv", STUDY, wrong_study(), "DTR")


if __name__ == "__main__":
    write(files())
