"""The plerixafor protocol told a second time, in plain Python and from the text alone.

It keeps what happened (every subject's outcome, the dates of doses and cycles) and works out the
rest, where the machines keep counters, clocks and states; nothing of the package is imported. Each
event is answered with one word, "accepted", "refused" or "unspecified"; an unspecified one changes
nothing here. Default readings only.
"""

from __future__ import annotations

from decimal import Decimal

from retold import WEEKDAYS, Cell, Events, Exact, Person, Truth, Whole

A, R, U = "accepted", "refused", "unspecified"
PLERIXAFOR = {1: "0.24", 2: "0.32", 3: "0.42", 4: "0.54"}
# Monday, Wednesday and Friday of three weeks, when day 1 is a Monday
PLERIXAFOR_DAYS = {7 * week + day for week in range(3) for day in (1, 3, 5)}
OVER = ("off", "dead", "lost", "withdrawn")
PLERIXAFOR_WEEKDAYS = ("Mon", "Wed", "Fri")

LEVEL, WEEKDAY = Whole(1, 4), Cell(*WEEKDAYS)
SHARED: Events = {
    "assign": {"level": LEVEL},
    "evaluate": {"dlt": Truth()},
    "not_evaluable": {},
    "late_dlt": {"level": LEVEL},
}
TRIAL: Events = {
    **SHARED,
    "start_combination": {"level": Whole(1, 4, default=lambda trial: str(trial.level))},
}
_COUNTS = ("0", "41.5", "99.99", "100", "100.01")
SUBJECT: Events = {
    **SHARED,
    "raise": {"tolerated": Truth()},
    "start_combination": {
        "wbc": Exact("2000", "0.01", *_COUNTS),
        "weekday": WEEKDAY,
        "level": LEVEL,
    },
    "start_cycle": {
        "wbc": Exact("2000", "0.01", *_COUNTS, default="100"),
        "weekday": Cell(*WEEKDAYS, default="Mon"),
    },
    "assess": {"response": Cell("CR", "PR", "nPR", "SD", "PD")},
    "choose_sd": {"inv_ok": Truth(), "subj_ok": Truth()},
    "stop_combination": {},
    "dose": {
        "drug": Cell("lenalidomide", "plerixafor", "rituximab"),
        "amount": Exact("1000", "0.001", "5", "7.5", "10", *PLERIXAFOR.values(), "375"),
    },
    "reduce": {},
    "intolerance": {},
    "toxicity": {},
    "dlt": {},
    "complete_response": {},
    "progression": {},
    "death": {},
    "lost": {},
    "withdraw_consent": {},
}


def agree(event: str, trial: Trial, subject: Subject) -> bool:
    """Whether an event can be one of this subject in this trial."""
    return event not in ("evaluate", "not_evaluable") or subject.level == trial.level


def cohort_says(outcomes: list[bool], is_highest: bool) -> str:
    """What the outcomes of one level decide by a 3 + 3 with six at the maximum tolerated dose."""
    toxic = sum(outcomes)
    if len(outcomes) == 3:
        if toxic >= 2:
            return "too toxic"
        return "six" if toxic == 1 or is_highest else "higher"
    if len(outcomes) == 6:
        if toxic >= 2:
            return "too toxic"
        return "tolerated" if is_highest else "higher"
    return "wait"


class Trial:
    """One trial."""

    def __init__(self, levels: int = 4) -> None:
        self.outcomes: dict[int, list[bool]] = {k: [] for k in range(1, levels + 1)}
        self.too_toxic: list[int] = []
        self.level = 1
        self.observed = 0
        self.ended = ""

    def copy(self) -> Trial:
        """An independent copy."""
        other = Trial(0)
        other.outcomes = {k: list(v) for k, v in self.outcomes.items()}
        other.too_toxic = list(self.too_toxic)
        other.level, other.observed, other.ended = self.level, self.observed, self.ended
        return other

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if self.ended:
            return R
        here = self.outcomes[self.level]
        if event == "start_combination":
            full = 3 if len(here) < 3 else 6
            if given["level"] != self.level or len(here) + self.observed >= full:
                return R
            self.observed += 1
            return A
        if event in ("evaluate", "not_evaluable"):
            if not self.observed:
                return R
            self.observed -= 1
            if event == "evaluate":
                here.append(bool(given["dlt"]))
                self.decide()
            return A
        if event == "late_dlt":
            level = int(str(given["level"]))
            return U if level <= self.level or self.outcomes[level] else R
        return R

    def decide(self) -> None:
        """Where the trial goes once a cohort is complete."""
        # a dose above one that is too toxic is too toxic as well
        untried = [
            k for k in self.outcomes if k > self.level and all(k < t for t in self.too_toxic)
        ]
        said = cohort_says(self.outcomes[self.level], not untried)
        if said == "higher":
            self.level += 1
        elif said == "tolerated":
            self.ended = "mtd"
        elif said == "too toxic":
            self.too_toxic.append(self.level)
            if self.level == 1:
                self.ended = "no_mtd"
                return
            self.level -= 1
            if len(self.outcomes[self.level]) == 6:
                self.ended = "mtd"

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        here = self.outcomes[self.level]
        state = "first_three"
        if len(here) >= 3:
            state = "additional_three" if sum(here[:3]) else "confirming_three"
        return {
            "state": self.ended or state,
            "level": self.level,
            "treated": [len(o) for o in self.outcomes.values()],
            "dlts": [sum(o) for o in self.outcomes.values()],
            "lowest_closed": min(self.too_toxic, default=len(self.outcomes) + 1),
            "pending": self.observed,
        }


class Subject(Person):
    """One subject, by dates: day 1 is the first day of lenalidomide."""

    scheduled = ("lenalidomide", "plerixafor", "rituximab")

    def __init__(self, cycles: int = 12) -> None:
        self.most_cycles = cycles
        self.today = 1
        self.steps: list[int] = []  # the days on which lenalidomide went up
        self.level = 0
        self.cycles: list[int] = []  # the first days of cycles of the combination
        self.response = "none"
        self.chose = False
        self.finished = False  # with the combination, after its last cycle
        self.rituximab: list[int] = []
        self.told = ""  # what the trial was told
        self.left = ""  # why treatment ended
        self.left_on = 0

    def copy(self) -> Subject:
        """An independent copy."""
        other = Subject()
        other.__dict__.update(self.__dict__)
        other.steps, other.cycles = list(self.steps), list(self.cycles)
        other.rituximab = list(self.rituximab)
        return other

    # ---- what follows from the dates

    @property
    def lenalidomide(self) -> Decimal:
        """Milligrams a day."""
        return 5 + len(self.steps) * Decimal("2.5")

    @property
    def awaited(self) -> bool:
        """Whether the trial still waits for this subject."""
        return bool(self.cycles) and not self.told

    def window_over(self, on: int) -> bool:
        """Whether on that day the first 28 days of the combination had passed, or its cycle."""
        return len(self.cycles) > 1 or on >= self.cycles[0] + 28

    def cycle_over(self) -> bool:
        """Whether the present cycle has had its 28 days."""
        return bool(self.cycles) and self.today >= self.cycles[-1] + 28

    def place(self) -> str:
        """The name of what the subject is in."""
        if self.left:
            return "unreported" if self.awaited else self.left
        if not self.cycles:
            return "stage1"
        if self.response == "CR" or self.finished:
            return "mono"
        if self.response == "none":
            return "interim_due" if len(self.cycles) == 4 else "combination"
        if self.response == "SD" and not self.chose:
            return "sd_choice"
        return "stage3"

    @property
    def day(self) -> int:
        """The day of the present cycle; 0 before the first."""
        return self.today - self.cycles[-1] + 1 if self.cycles else 0

    def due(self) -> dict[str, str]:
        """The doses that the calendar has for today."""
        place = self.place()
        if self.left:
            return {}
        found = {"lenalidomide": str(self.lenalidomide)}
        if place in ("combination", "interim_due", "stage3") and self.day in PLERIXAFOR_DAYS:
            found["plerixafor"] = PLERIXAFOR[self.level]
        if self.rituximab_due():
            found["rituximab"] = "375"
        return found

    def rituximab_due(self) -> bool:
        """Whether today is day 1 of the fifth cycle or a later one, and has had none yet."""
        if self.place() != "stage3" or len(self.cycles) < 5 or self.day != 1:
            return False
        return self.today not in self.rituximab and len(self.rituximab) < 8

    def weekdays(self, drug: str) -> tuple[str, ...]:
        """The days of the week on which a drug may be given; empty for any."""
        return PLERIXAFOR_WEEKDAYS if drug == "plerixafor" else ()

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.place() in OVER

    def too_long(self) -> bool:
        """Whether the present cycle should have been followed by another one, or ended."""
        lasts = self.place() in ("combination", "interim_due", "sd_choice", "stage3")
        return lasts and self.day > 29

    # ---- events

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            if not self.over():
                self.today += int(str(given["days"]))
            return A
        if self.over():
            return R
        found = getattr(self, f"on_{event}", None)
        return R if found is None else str(found(**given))

    def on_raise(self, tolerated: bool) -> str:
        last = max(self.steps, default=1)
        if self.place() != "stage1" or self.lenalidomide >= 10 or not tolerated:
            return R
        if self.today - last < 7:
            return R
        self.steps.append(self.today)
        return A

    def on_start_combination(self, wbc: str, weekday: str, level: int) -> str:
        if self.place() != "stage1" or self.lenalidomide != 10:
            return R
        long_enough = self.today - self.steps[-1] >= 7 and self.today - 1 >= 28
        if not long_enough or Decimal(wbc) >= 100 or weekday != "Mon":
            return R
        self.level = level
        self.cycles.append(self.today)
        return A

    def on_start_cycle(self, wbc: str = "", weekday: str = "Mon") -> str:
        if weekday != "Mon":
            return R
        if self.place() not in ("combination", "stage3") or not self.cycle_over():
            return R
        if len(self.cycles) == self.most_cycles:
            return R
        self.cycles.append(self.today)
        return A

    def on_assess(self, response: str) -> str:
        if self.place() != "interim_due" or not self.cycle_over():
            return R
        self.response = response
        if response == "PD":
            self.leave("off")
        return A

    def on_choose_sd(self, inv_ok: bool, subj_ok: bool) -> str:
        if self.place() != "sd_choice":
            return R
        if not (inv_ok and subj_ok):
            return U
        self.chose = True
        return A

    def on_stop_combination(self) -> str:
        on = self.place() in ("combination", "stage3") and len(self.cycles) == self.most_cycles
        if not on or not self.cycle_over():
            return R
        self.finished = True
        return A

    def on_dose(self, drug: str, amount: str) -> str:
        place = self.place()
        if place == "unreported":
            return R
        if drug == "lenalidomide":
            return A if Decimal(amount) == self.lenalidomide else R
        if drug == "plerixafor":
            if place not in ("combination", "interim_due", "stage3"):
                return R
            right = Decimal(amount) == Decimal(PLERIXAFOR[self.level])
            return A if right and self.day in PLERIXAFOR_DAYS else R
        if not self.rituximab_due() or Decimal(amount) != 375:
            return R
        self.rituximab.append(self.today)
        return A

    def on_reduce(self) -> str:
        return R if self.place() in ("stage1", "unreported") else U

    def on_intolerance(self) -> str:
        return U if self.place() == "stage1" else R

    def on_toxicity(self) -> str:
        return R if self.place() == "unreported" else U

    def on_dlt(self) -> str:
        on = self.place() in ("combination", "interim_due")
        return U if on and not self.window_over(self.today) else R

    def on_complete_response(self) -> str:
        return A if self.place() == "stage3" else R

    def on_progression(self) -> str:
        if self.place() == "unreported":
            return R
        self.leave("off")
        return A

    def on_death(self) -> str:
        if self.left == "dead":
            return R
        self.leave("dead")
        return A

    def on_lost(self) -> str:
        if self.left not in ("", "off"):
            return R
        self.leave("lost")
        return A

    def on_withdraw_consent(self) -> str:
        if self.left not in ("", "off"):
            return R
        self.leave("withdrawn")
        return A

    def leave(self, why: str) -> None:
        """Treatment ends, for the first reason or a graver one."""
        self.left_on = self.left_on or self.today
        self.left = why

    def on_evaluate(self, dlt: bool) -> str:
        if not self.awaited:
            return R
        if not dlt and not self.window_over(self.left_on or self.today):
            return R
        self.told = "toxic" if dlt else "clear"
        return A

    def on_not_evaluable(self) -> str:
        if not self.awaited:
            return R
        self.told = "none"
        return A

    def on_late_dlt(self, level: int) -> str:
        return U if self.told and not self.left and level == self.level else R

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        return {
            "state": self.place(),
            "len_dose": format(self.lenalidomide.normalize(), "f"),
            "level": self.level,
            "combo_cycle": len(self.cycles),
            "response": self.response,
            "rtx": len(self.rituximab),
            "cause": self.left or "none",
        }
