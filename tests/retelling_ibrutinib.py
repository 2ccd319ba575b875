"""The ibrutinib protocol told a second time, in plain Python and from the clauses alone.

It keeps what happened (every patient's outcome, absolute days) and works out the rest, where the
machines keep counters and clocks; nothing of the package is imported. Each event is answered with
one word, "accepted", "refused" or "unspecified"; an unspecified one changes nothing here. Default
readings only.
"""

from __future__ import annotations

from retold import Cell, Events, Person, Truth, Whole

A, R, U = "accepted", "refused", "unspecified"
LEVEL = Whole(1, 3)
LONGEST_STAY = 28 + 3
# what the trial is told of its patients; the present level is meant where none is named
SHARED: Events = {
    "register": {"level": LEVEL},
    "withdraw_registration": {"level": LEVEL},
    "first_dose": {},
    "evaluate": {"dlt": Truth()},
    "evaluate_closed": {"level": LEVEL, "dlt": Truth()},
    "not_evaluable": {"level": LEVEL},
    "late_dlt": {"level": LEVEL},
    "later_dlt": {"level": LEVEL},
    "register_expansion": {"level": LEVEL},
    "expansion_dlt": {},
}
TRIAL: Events = {
    **SHARED,
    "later_dlt": {"level": LEVEL, "additional": Truth("false")},
    "register_expansion": {"level": Whole(1, 3, default=lambda trial: str(trial.level))},
    "close": {},
}
SUBJECT: Events = {
    **SHARED,
    "dose": {"drug": Cell("ibrutinib", "lenalidomide", "dexamethasone"), "amount": LEVEL},
    "start_cycle_2": {},
    "visit": {},
    "dlt": {},
    "unacceptable_toxicity": {},
    "retreat": {"level": Whole(0, 3)},
    "stop": {"reason": Cell("toxicity", "other")},
    "progression": {},
    "refusal": {},
    "withdraw_consent": {},
    "death": {},
    "lost": {},
    "other_therapy": {},
    "chart_progression": {},
    "chart_death": {},
}


def agree(event: str, trial: Trial, subject: Subject) -> bool:
    """Whether an event can be one of this patient in this trial."""
    if event == "first_dose":
        # the escalation for who was registered in it, part 2 for the others; never at another level
        part = 1 if trial.stage == "escalation" else 2
        return (subject.part, subject.assigned) == (part, trial.level)
    return event != "evaluate" or subject.assigned == trial.level


def verdict(outcomes: list[bool], alone_at_top: bool) -> str:
    """What the outcomes of one level decide: wait, up, more, close or mtd.

    ``alone_at_top`` says that no higher level is left to be tested.
    """
    first, extra = outcomes[:3], outcomes[3:]
    if len(first) < 3:
        return "close" if first == [True, True] else "wait"
    if sum(first) > 1:
        return "close"
    # three more: one toxicity in six is tolerated, whichever patient had it
    if sum(first) + sum(extra) > 1:
        return "close"
    if not extra:
        return "up" if not sum(first) and not alone_at_top else "more"
    if len(extra) < 3:
        return "wait"
    return "mtd" if alone_at_top else "up"


class Trial:
    """One trial."""

    def __init__(self, levels: int = 3) -> None:
        self.levels = levels
        self.outcomes: dict[int, list[bool]] = {k: [] for k in range(1, levels + 1)}
        self.toxic: set[int] = set()
        self.level = 1
        self.stage = "escalation"
        # the level of the patient who was registered and is not judged yet, 0 for nobody
        self.waiting = 0
        self.part_two = 0

    def copy(self) -> Trial:
        """An independent copy."""
        other = Trial(0)
        other.__dict__.update(self.__dict__)
        other.outcomes = {k: list(v) for k, v in self.outcomes.items()}
        other.toxic = set(self.toxic)
        return other

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if self.stage in ("complete", "no_mtd"):
            return R
        escalating = self.stage == "escalation"
        here = given.get("level", self.level) == self.level
        if event == "register":
            if not escalating or not here or self.waiting:
                return R
            self.waiting = self.level
            return A
        if event == "first_dose":
            return A
        if event == "withdraw_registration":
            if given["level"] != self.waiting:
                return R
            self.waiting = 0
            return A
        if event in ("evaluate", "not_evaluable"):
            # outcomes can be told of patients whose registration was not
            if not escalating or not here:
                return R
            self.waiting = 0
            if event == "evaluate":
                self.evaluate(bool(given["dlt"]))
            return A
        if event == "evaluate_closed":
            # one patient at a time: nobody is left behind
            return R
        if event == "late_dlt":
            return U if False in self.outcomes[int(str(given["level"]))] else R
        if event == "later_dlt":
            needed = 4 if given.get("additional") else 1
            return A if len(self.outcomes[int(str(given["level"]))]) >= needed else R
        if event == "register_expansion":
            if self.stage != "expansion" or self.part_two == 10 or not here:
                return R
            self.part_two += 1
            return A
        if event == "expansion_dlt":
            return A if self.part_two > 0 else R
        if event == "close" and self.part_two == 10:
            self.stage = "complete"
            return A
        return R

    def evaluate(self, dlt: bool) -> None:
        self.outcomes[self.level].append(dlt)
        untested_higher = set(range(self.level + 1, self.levels + 1)) - {
            k for k in range(1, self.levels + 1) if any(k >= t for t in self.toxic)
        }
        decided = verdict(self.outcomes[self.level], not untested_higher)
        if decided == "up":
            self.level += 1
        elif decided == "mtd":
            self.stage = "expansion"
        elif decided == "close":
            self.toxic.add(self.level)
            if self.level == 1:
                self.stage = "no_mtd"
            else:
                self.level -= 1
                if len(self.outcomes[self.level]) == 6:
                    self.stage = "expansion"

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        treated = [len(o) for o in self.outcomes.values()]
        state = self.stage
        if state == "escalation":
            here = self.outcomes[self.level]
            if len(here) < 3:
                state = "first_three"
            else:
                state = "additional_three" if any(here[:3]) else "confirming_three"
        return {
            "state": state,
            "level": self.level,
            "treated": treated,
            "dlts": [sum(o) for o in self.outcomes.values()],
            "lowest_closed": min(self.toxic, default=self.levels + 1),
            "pending": [int(k == self.waiting) for k in self.outcomes],
            "expanded": self.part_two,
        }


class Subject(Person):
    """One patient, on absolute days."""

    def __init__(self) -> None:
        self.today = 0
        self.where = "registered"
        self.assigned = 0
        self.dose_level = 0
        self.part = 1
        self.begun: int | None = None
        self.ended: int | None = None
        self.second = False
        self.toxic = False
        self.told: str | None = None
        self.progressed = False
        self.last_visit = 0

    def copy(self) -> Subject:
        """An independent copy."""
        other = Subject()
        other.__dict__.update(self.__dict__)
        return other

    def known(self) -> dict[str, object]:
        """What the machine shows as well."""
        return {
            "state": self.where,
            "assigned": self.assigned,
            "dose_level": self.dose_level,
            "progressed": self.progressed,
            "part": self.part,
        }

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.where == "off"

    def too_long(self) -> bool:
        """Whether the visit of every 28 days is overdue."""
        on_treatment = self.where in ("treated", "toxicity_hold")
        return on_treatment and self.today - self.last_visit > LONGEST_STAY

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            self.today += int(str(given["days"]))
            return A
        if self.where == "off":
            return R
        reported = self.report(event, given)
        if reported is not None:
            return reported
        if self.where == "unreported":
            # of a patient who was never dosed the place is to be given back
            if event != "withdraw_registration" or self.begun is not None:
                return R
            if given["level"] != self.assigned:
                return R
            self.where = "off"
            return A
        if event in ("death", "lost", "withdraw_consent"):
            self.leave()
            return A
        return {
            "registered": self.before,
            "treated": self.treated,
            "toxicity_hold": self.on_hold,
            "follow_up": self.after,
        }[self.where](event, given)

    # ---- what the trial is told of the first cycle

    def outcome(self) -> str | None:
        """What is to be reported: None while it is open, when it has been, and in part 2."""
        if self.begun is None or self.told is not None:
            return None
        if self.part == 2:
            return "toxic" if self.toxic else None
        if self.toxic:
            return "toxic"
        if self.second:
            return "clear"
        if self.ended is None:
            return None
        return "clear" if self.ended - self.begun >= 28 else "left"

    def report(self, event: str, given: dict[str, object]) -> str | None:
        """The answer to an event that tells the trial something; None for any other event."""
        told = {
            "evaluate": ("toxic", "clear"),
            "evaluate_closed": ("toxic", "clear"),
            "not_evaluable": ("left",),
            "expansion_dlt": ("toxic",),
        }
        if event in ("late_dlt", "later_dlt"):
            if given["level"] != self.assigned or self.told not in ("clear", "toxic"):
                return R
            if event == "late_dlt":
                if self.told == "toxic":
                    return R
                self.told = "toxic"
            return A
        if event not in told:
            return None
        due = self.outcome()
        if due not in told[event] or (event == "expansion_dlt") != (self.part == 2):
            return R
        if "level" in given and given["level"] != self.assigned:
            return R
        if "dlt" in given and given["dlt"] != (due == "toxic"):
            return R
        self.told = "nothing" if event in ("not_evaluable", "expansion_dlt") else due
        if self.where == "unreported":
            self.where = "off"
        return A

    def stop(self, where: str) -> None:
        """Treatment ends."""
        if self.ended is None:
            self.ended = self.today
        self.where = where

    def leave(self) -> None:
        """The patient leaves the study; what is to be reported still is."""
        place = self.where == "registered" and self.part == 1 and self.assigned > 0
        if self.where != "registered":
            self.stop("off")
        self.where = "unreported" if place or self.outcome() is not None else "off"

    # ---- the patient's own events

    def before(self, event: str, given: dict[str, object]) -> str:
        if event in ("register", "register_expansion"):
            self.assigned = self.dose_level = int(str(given["level"]))
            self.part = 1 if event == "register" else 2
            return A
        if event == "withdraw_registration" and self.assigned and given["level"] == self.assigned:
            self.assigned = self.dose_level = 0
            self.part = 1
            return A
        if event == "first_dose" and self.assigned:
            self.where = "treated"
            self.begun = self.last_visit = self.today
            return A
        return R

    def treated(self, event: str, given: dict[str, object]) -> str:
        if event == "dose":
            if given["drug"] == "dexamethasone":
                return U
            return A if given["amount"] == self.dose_level else R
        if event == "start_cycle_2":
            assert self.begun is not None
            if self.second or self.today - self.begun < 28:
                return R
            self.second = True
            return A
        if event == "unacceptable_toxicity":
            self.where = "toxicity_hold"
            return A
        if event == "progression":
            self.stop("follow_up")
            return A
        return self.either(event, given)

    def on_hold(self, event: str, given: dict[str, object]) -> str:
        if event == "retreat":
            lower = int(str(given["level"]))
            if self.progressed or not 1 <= lower < self.dose_level:
                return R
            self.dose_level, self.where = lower, "treated"
            return A
        if event == "progression":
            answer = R if self.progressed else A
            self.progressed = True
            return answer
        if event == "stop" and given["reason"] == "toxicity":
            self.stop("follow_up")
            return A
        return self.either(event, given)

    def either(self, event: str, given: dict[str, object]) -> str:
        if event == "visit":
            if self.today - self.last_visit < 25:
                return R
            self.last_visit = self.today
            return A
        if event == "dlt":
            if self.second or self.toxic:
                return R
            self.toxic, self.where = True, "toxicity_hold"
            return A
        if event == "refusal" or (event == "stop" and given["reason"] == "other"):
            self.stop("follow_up")
            return A
        return R

    def after(self, event: str, given: dict[str, object]) -> str:
        if event == "chart_death":
            self.leave()
            return A
        return A if event in ("chart_progression", "other_therapy") else R
