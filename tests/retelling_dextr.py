"""The DexTR protocol told a second time, in plain Python and from the text alone.

It keeps what happened (the days on which cycles began, every assessment, every lowered dose) and
works out the rest, where the machines keep counters, clocks and states; nothing of the package is
imported. Each event is answered with one word, "accepted", "refused" or "unspecified"; an
unspecified one changes nothing here. Default readings only.
"""

from __future__ import annotations

from decimal import Decimal

from retold import Cell, Events, Exact, Person, Truth

A, R, U = "accepted", "refused", "unspecified"
PLACES = 45
ENDS = ("off", "transplant", "dead", "lost", "withdrawn")
NEEDED = ("consent", "revassist", "steps", "eligible")
EARLIER = ("prior_thal", "prior_len", "separate", "partners_ok")

TRIAL: Events = {
    "enrol": {
        **{name: Truth() for name in (*NEEDED, *EARLIER)},
        "other_lines_ok": Truth("true"),
        "together": Truth("false"),
    }
}
_FINDINGS = ("progression", "ifx_negative", "unchanged", "toxicity")
_CLEARANCES = ("20", "39.99", "40", "72.5")
SUBJECT: Events = {
    "enrol": {},
    "start_cycle": {},
    "assess": {name: Truth() for name in _FINDINGS},
    "begin_maintenance": {"crcl": Exact("1000", "0.01", *_CLEARANCES)},
    "dose": {
        "drug": Cell("dexamethasone", "thalidomide", "lenalidomide"),
        "amount": Exact("1000", "0.001", "5", "10", "15", "20", "25", "40", "50", "100"),
    },
    "reduce_lenalidomide": {"new": Exact("25", "5", "0", "5", "10", "15", "20", "25")},
    "crcl": {"value": Exact("1000", "0.01", *_CLEARANCES)},
    "lab": {},
    "thalidomide_intolerance": {},
    "excessive_toxicity": {},
    "progression": {},
    "go_to_asct": {"eligible": Truth()},
    "death": {},
    "lost": {},
    "withdraw_consent": {},
}


class Trial:
    """One trial: who asked to be enrolled, and got in."""

    def __init__(self, places: int = PLACES) -> None:
        self.places = places
        self.patients: list[dict[str, object]] = []

    def copy(self) -> Trial:
        """An independent copy."""
        other = Trial(self.places)
        other.patients = list(self.patients)
        return other

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event != "enrol" or len(self.patients) >= self.places:
            return R
        if not all(given[name] for name in (*NEEDED, *EARLIER)):
            return R
        self.patients.append(given)
        return A

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        enrolled = len(self.patients)
        return {"state": "full" if enrolled == self.places else "open", "enrolled": enrolled}


class Assessment:
    """What was found at the end of one cycle."""

    def __init__(self, ifx_negative: bool, unchanged: bool, toxicity: bool) -> None:
        self.resolved = ifx_negative
        self.same_spike = unchanged and not ifx_negative
        self.untoward = toxicity


class Subject(Person):
    """One subject, by dates: day 1 is the day on which the case begins."""

    scheduled = ("dexamethasone", "thalidomide", "lenalidomide")

    def __init__(self) -> None:
        self.today = 1
        self.cycles = [1]  # the first days of cycles of induction
        self.maintenance: list[int] = []  # the first days of cycles of maintenance
        self.found: list[Assessment] = []  # one for each cycle that has been assessed
        self.lowered: list[int] = []  # new doses of lenalidomide, in induction
        self.clearances: list[Decimal] = []  # at the start of maintenance, and since then
        self.lab_weeks: list[int] = []
        self.enrolment = ""  # "waiting" for day 1, then "past"
        self.left = ""

    def copy(self) -> Subject:
        """An independent copy."""
        other = Subject()
        for name, value in self.__dict__.items():
            setattr(other, name, list(value) if isinstance(value, list) else value)
        return other

    # ---- what follows from what happened

    @property
    def day(self) -> int:
        """The day of the present cycle."""
        return self.today - (self.maintenance or self.cycles)[-1] + 1

    @property
    def assessed(self) -> bool:
        """Whether the present cycle has been."""
        return len(self.found) == len(self.cycles) + len(self.maintenance)

    @property
    def unchanged_for(self) -> int:
        """The comparisons of the M-spike in a row, up to now, that showed no change."""
        # the first assessment has nothing before it to be compared with
        run = 0
        for found in self.found[1:]:
            run = run + 1 if found.same_spike else 0
        return run

    @property
    def lenalidomide(self) -> int:
        """Milligrams a day, in induction or when it ended."""
        return self.lowered[-1] if self.lowered else 25

    @property
    def maintenance_dose(self) -> int:
        """Milligrams of lenalidomide a day, in maintenance."""
        if not self.maintenance:
            return 0
        if any(value < 40 for value in self.clearances):
            return min(self.lenalidomide, 15)
        return self.lenalidomide

    @property
    def decision(self) -> str:
        """What follows the present cycle."""
        if not self.assessed:
            return "open"
        if self.maintenance:
            return "maintenance"
        reached = any(found.resolved for found in self.found) or self.unchanged_for > 2
        return "maintenance" if reached and len(self.cycles) >= 4 else "induction"

    def place(self) -> str:
        """The name of what the subject is in."""
        if self.left:
            return self.left
        if self.enrolment == "waiting":
            return "enrolled"
        if self.maintenance:
            return "maintenance"
        return "assessment_due" if len(self.cycles) >= 4 and not self.assessed else "induction"

    def in_induction(self) -> bool:
        """Whether DexTR itself is given."""
        return self.place() in ("induction", "assessment_due")

    # ---- events

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            if not self.left:
                self.today += int(str(given["days"]))
            return A
        if self.left:
            return R
        found = getattr(self, f"on_{event}", None)
        return R if found is None else str(found(**given))

    def on_enrol(self) -> str:
        first_day = self.in_induction() and len(self.cycles) == 1 and self.day == 1
        if not first_day or self.enrolment or self.lab_weeks:
            return R
        self.enrolment = "waiting"
        return A

    def on_start_cycle(self) -> str:
        if self.enrolment == "waiting":
            self.enrolment = "past"
            self.cycles = [self.today]
            return A
        if not self.assessed or self.day <= 28:
            return R
        if self.maintenance:
            self.maintenance.append(self.today)
            return A
        if self.decision == "maintenance":
            return R
        self.cycles.append(self.today)
        return A

    def on_assess(
        self, progression: bool, ifx_negative: bool, unchanged: bool, toxicity: bool
    ) -> str:
        if self.place() == "enrolled" or self.assessed or self.day < 28:
            return R
        if progression:
            return self.leave("off")
        self.found.append(Assessment(ifx_negative, unchanged, toxicity))
        goes_on = len(self.cycles) >= 4 and not self.maintenance and self.decision == "induction"
        if toxicity and goes_on:
            self.found.pop()
            return U
        return A

    def on_begin_maintenance(self, crcl: str) -> str:
        if not self.in_induction() or self.decision != "maintenance" or self.day <= 28:
            return R
        if self.lenalidomide == 0:
            return U
        self.maintenance.append(self.today)
        self.clearances.append(Decimal(crcl))
        return A

    def on_crcl(self, value: str) -> str:
        if self.place() == "enrolled":
            return R
        if self.maintenance:
            self.clearances.append(Decimal(value))
        return A

    def on_reduce_lenalidomide(self, new: str) -> str:
        if self.place() == "enrolled":
            return R
        if self.maintenance:
            return U if Decimal(new) < self.maintenance_dose else R
        if Decimal(new) >= self.lenalidomide:
            return R
        self.lowered.append(int(new))
        return A

    def on_dose(self, drug: str, amount: str) -> str:
        if self.place() == "enrolled":
            return R
        right = self.schedule().get(drug, 0)
        return A if right and Decimal(amount) == right else R

    def schedule(self) -> dict[str, int]:
        """Milligrams of each drug that the present day has."""
        day = self.day
        three_weeks = day <= 21
        if self.maintenance:
            return {
                "dexamethasone": 20 if day in (1, 8, 15, 22) else 0,
                "lenalidomide": self.maintenance_dose if three_weeks else 0,
            }
        pulse = 1 <= day <= 4 or 9 <= day <= 12 or 17 <= day <= 20
        thalidomide = 50 if len(self.cycles) == 1 and day <= 7 else 100
        return {
            "dexamethasone": 40 if pulse else 0,
            "thalidomide": thalidomide if day <= 28 else 0,
            "lenalidomide": self.lenalidomide if three_weeks else 0,
        }

    def due(self) -> dict[str, str]:
        """The doses that the calendar has for today."""
        if self.left or self.place() == "enrolled":
            return {}
        return {drug: str(amount) for drug, amount in self.schedule().items() if amount}

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return bool(self.left)

    def too_long(self) -> bool:
        """Whether the present cycle should have been followed by another one."""
        return not self.left and self.place() != "enrolled" and self.day > 29

    def on_lab(self) -> str:
        if not self.in_induction() or len(self.cycles) > 1 or self.day > 28:
            return R
        week = (self.day + 6) // 7
        if week in self.lab_weeks:
            return R
        self.lab_weeks.append(week)
        return A

    def on_thalidomide_intolerance(self) -> str:
        return U if self.in_induction() else R

    def on_excessive_toxicity(self) -> str:
        return R if self.place() == "enrolled" else self.leave("off")

    def on_progression(self) -> str:
        return self.leave("off")

    def on_go_to_asct(self, eligible: bool) -> str:
        if not self.maintenance or not eligible or self.unchanged_for <= 2:
            return R
        return self.leave("transplant")

    def on_death(self) -> str:
        return self.leave("dead")

    def on_lost(self) -> str:
        return self.leave("lost")

    def on_withdraw_consent(self) -> str:
        return self.leave("withdrawn")

    def leave(self, why: str) -> str:
        """The case ends."""
        self.left = why
        return A

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        return {
            "state": self.place(),
            "cycle": min(5, len(self.cycles) + bool(self.maintenance)),
            "decision": self.decision,
            "plateau": min(3, self.unchanged_for),
            "len_dose": str(self.lenalidomide),
            "maint_len": str(self.maintenance_dose),
        }
