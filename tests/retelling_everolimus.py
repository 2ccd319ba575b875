"""The everolimus protocol told a second time, in plain Python and from the text alone.

It keeps what happened (who was enrolled where, the dates of all doses) and works out the rest,
where the machines keep counters, clocks and states; nothing of the package is imported. Each event
is answered with one word, "accepted", "refused" or "unspecified"; an unspecified one changes
nothing here. Default readings only.
"""

from __future__ import annotations

from retold import WEEKDAYS, Cell, Events, Person, Truth, Whole

A, R, U = "accepted", "refused", "unspecified"

LEVEL = Whole(1, 2)
DRUG = Cell("everolimus", "alemtuzumab")
TRIAL: Events = {
    "enrol": {
        "level": LEVEL,
        "phase": Whole(
            1, 2, default=lambda trial: "2" if trial.declared and not trial.closed else "1"
        ),
    },
    "evaluate": {"dlt": Truth()},
    "not_evaluable": {},
    "late_dlt": {},
    "set_level": {"level": LEVEL},
    "declare_mtd": {"level": LEVEL},
    "close": {},
}
SUBJECT: Events = {
    "enrol": {"level": LEVEL, "phase": Whole(1, 2)},
    "dose": {
        "drug": DRUG,
        "amount": Whole(1, 1000, "1", "2", "30"),
        "weekday": Cell(*WEEKDAYS, "unstated", default="unstated"),
    },
    "stop_drug": {"drug": DRUG},
    "complete": {},
    "progression": {},
    "toxicity": {},
    "assess": {"clinical_cr": Truth()},
    "ct": {},
    "ihc": {},
    "mrd_test": {},
    "follow_up_visit": {},
    "chart_progression": {},
    "next_treatment": {},
    "death": {},
    "lost": {},
    "withdraw_consent": {},
}


class Trial:
    """One trial."""

    def __init__(self, levels: int = 2, patients: int = 44) -> None:
        self.levels, self.most = levels, patients
        self.enrolled: list[tuple[int, int]] = []  # phase and level of each patient
        self.declared = 0
        self.closed = False

    def copy(self) -> Trial:
        """An independent copy."""
        other = Trial()
        other.__dict__.update(self.__dict__)
        other.enrolled = list(self.enrolled)
        return other

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if self.closed:
            return R
        phase = 2 if self.declared else 1
        level = int(str(given.get("level", 0)))
        if event == "close":
            self.closed = True
            return A
        if event == "enrol":
            # no rule of the text leads from the first level to another one
            right = level == (self.declared or 1) and given.get("phase", phase) == phase
            if not right or len(self.enrolled) >= self.most:
                return R
            self.enrolled.append((phase, level))
            return A
        if event == "late_dlt":
            return U if self.enrolled else R
        if phase == 2:
            return R
        if event == "set_level":
            return U
        if event in ("evaluate", "not_evaluable"):
            return U if self.enrolled else R
        if event == "declare_mtd" and self.enrolled:
            self.declared = level
            return A
        return R

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        first = [level for phase, level in self.enrolled if phase == 1]
        return {
            "state": "closed" if self.closed else "phase2" if self.declared else "phase1",
            "enrolled": len(self.enrolled),
            "first": len(first),
            "at_level": [first.count(k + 1) for k in range(self.levels)],
            "mtd": self.declared,
            "level": self.declared or 1,
        }


class Doses:
    """The doses of one drug, by date: three a week for so many weeks from the first of them."""

    def __init__(self, weeks: int) -> None:
        self.weeks = weeks
        self.days: list[int] = []

    def copy(self) -> Doses:
        """An independent copy."""
        other = Doses(self.weeks)
        other.days = list(self.days)
        return other

    def week(self, day: int) -> int:
        """Which week of the course a day belongs to, from 0."""
        return (day - self.days[0]) // 7

    def of_week(self, week: int) -> int:
        """How many doses that week has had."""
        return sum(self.week(day) == week for day in self.days)

    def may_go_on(self, today: int) -> bool:
        """Whether one more can be given after the first."""
        week = self.week(today)
        return week < self.weeks and self.of_week(week) < 3 and today not in self.days

    def over(self, today: int) -> bool:
        """Whether no day is left on which one can be given."""
        if not self.days:
            return False
        week = self.week(today)
        return week >= self.weeks or (week == self.weeks - 1 and self.of_week(week) == 3)


class Course:
    """One course alone."""

    def __init__(self, short: str, weeks: int) -> None:
        self.short, self.doses, self.today, self.end = short, Doses(weeks), 1, ""

    def copy(self) -> Course:
        """An independent copy."""
        other = Course(self.short, self.doses.weeks)
        other.doses, other.today, other.end = self.doses.copy(), self.today, self.end
        return other

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            self.today += int(str(given["days"]))
            return A
        if self.end:
            return R
        if event == "dose":
            if self.doses.days and not self.doses.may_go_on(self.today):
                return R
            self.doses.days.append(self.today)
            return A
        if event == "complete" and not self.doses.over(self.today):
            return R
        self.end = {"complete": "done", "stop": "ended"}[event]
        return A

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        return {"state": self.end or "treated", f"{self.short}_doses": len(self.doses.days)}


class Subject(Person):
    """One subject, by dates."""

    def __init__(self, everolimus: int = 9, alemtuzumab: int = 7) -> None:
        self.today = 1
        self.level, self.phase = 0, 1
        self.doses = {"everolimus": Doses(everolimus), "alemtuzumab": Doses(alemtuzumab)}
        self.ended = ""  # why treatment ended
        self.left = ""  # why the case ended
        self.remission = False

    def copy(self) -> Subject:
        """An independent copy."""
        other = Subject()
        other.__dict__.update(self.__dict__)
        other.doses = {drug: doses.copy() for drug, doses in self.doses.items()}
        return other

    def place(self) -> str:
        """The name of what the subject is in."""
        if self.left or self.ended:
            return self.left or "follow_up"
        return "treated" if any(d.days for d in self.doses.values()) else "registered"

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            self.today += int(str(given["days"]))
            return A
        if self.left:
            return R
        gone = {"death": "dead", "lost": "lost", "withdraw_consent": "withdrawn"}
        if event in gone:
            self.left = gone[event]
            return A
        place = self.place()
        if event == "enrol":
            if place != "registered" or self.level:
                return R
            self.level, self.phase = int(str(given["level"])), int(str(given["phase"]))
            return A
        if event == "dose":
            return self.dose(str(given["drug"]), int(str(given["amount"])))
        if event in ("progression", "toxicity", "complete"):
            done = all(d.over(self.today) for d in self.doses.values())
            if place != "treated" or (event == "complete" and not done):
                return R
            self.ended = {"complete": "completed"}.get(event, event)
            return A
        if place != "follow_up":
            return R
        if event == "assess":
            self.remission = bool(given["clinical_cr"])
        if event in ("ct", "ihc", "mrd_test") and self.phase == 1:
            return R
        if event == "mrd_test" and not self.remission:
            return R
        if event == "five_years_over":
            self.left = "off"
        return R if event == "stop_drug" else A

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return bool(self.left)

    def awaits(self) -> tuple[str, int, int] | None:
        """What comes so many months and days after it was first awaited: the end of follow-up."""
        return ("five_years_over", 60, 1) if self.place() == "follow_up" else None

    def dose(self, drug: str, amount: int) -> str:
        """One dose: the level's amount, both drugs from one day on."""
        if self.place() not in ("registered", "treated") or not self.level:
            return R
        if drug == "everolimus" and amount != self.level:
            return R
        mine = self.doses[drug]
        first = min((d.days[0] for d in self.doses.values() if d.days), default=self.today)
        if (mine.days and not mine.may_go_on(self.today)) or (
            not mine.days and self.today != first
        ):
            return R
        mine.days.append(self.today)
        return A

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        found: dict[str, object] = {
            "state": self.place(),
            "level": self.level,
            "phase": self.phase,
            "ended": self.ended or "none",
            "clinical_cr": self.remission,
        }
        for short, doses in (
            ("evr", self.doses["everolimus"]),
            ("alz", self.doses["alemtuzumab"]),
        ):
            on = doses.days and self.place() == "treated"
            found[f"{short}_in_week"] = doses.of_week(doses.week(doses.days[-1])) if on else 0
        return found
