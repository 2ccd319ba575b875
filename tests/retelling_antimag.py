"""The lenalidomide protocol told a second time, in plain Python and from the text alone.

It keeps what happened (the outcome of every patient, the dates of cycles, doses and reductions) and
works out the rest, where the machines keep counters, clocks and states; nothing of the package is
imported. Each event is answered with one word, "accepted", "refused" or "unspecified"; an
unspecified one changes nothing here. Default readings only.

The rule of the design is worked out here by other means than the package's: its boundaries in
floating point, its regression by the max-min formula.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, log

from retold import Cell, Events, Exact, Person, Truth, Whole

A, R, U = "accepted", "refused", "unspecified"
TARGET = 0.3
PATIENTS = 12
MORE = 8
MILLIGRAMS = {1: "10", 2: "15", 3: "25"}
WEEKLY = (1, 8, 15, 22)
OVER = ("off", "dead", "lost", "withdrawn")

LEVEL, PART = Whole(1, 3), Whole(1, 2, default="1")
SHARED: Events = {
    "enrol": {"level": LEVEL},
    "enrol_expansion": {"level": LEVEL},
    "withdraw_registration": {"part": PART},
    "evaluate": {"dlt": Truth()},
    "not_evaluable": {},
    "late_dlt": {"level": LEVEL},
    "expansion_toxicity": {},
}
TRIAL: Events = {
    **SHARED,
    "open_cohort": {"size": Whole(1, PATIENTS)},
    "enrol": {"level": Whole(1, 3, default=lambda trial: str(trial.level))},
    "enrol_expansion": {"level": Whole(1, 3, default=lambda trial: str(trial.selected or 1))},
    "select": {},
    "close": {},
}
SUBJECT: Events = {
    **SHARED,
    "start": {"level": LEVEL},
    "start_cycle": {},
    "dose": {
        "drug": Cell("lenalidomide", "dexamethasone"),
        "amount": Exact("100", "0.5", "5", *MILLIGRAMS.values(), "20", "40"),
    },
    "draw": {
        "cycle": Whole(0, 24),
        "edta": Exact("50", "0.5", "10", "9.5"),
        "red_top": Exact("50", "0.5", "6", "0"),
    },
    "dlt": {},
    "unacceptable_ae": {},
    "reduce": {"level": Whole(0, 3, default=lambda subject: str(max(subject.level - 1, 0)))},
    "stop": {"reason": Cell("toxicity", "other")},
    "hold": {},
    "resume": {},
    "delay_over": {},
    "continue_after_24": {},
    "progression": {},
    "withdraw": {},
    "illness": {"investigator": Truth()},
    "other_therapy": {},
    "physician_therapy": {},
    "chart_progression": {},
    "chart_survival": {"alive": Truth()},
    "death": {},
    "lost": {},
    "withdraw_consent": {},
}


def agree(event: str, trial: Trial, subject: Subject) -> bool:
    """Whether an event can be one of this patient in this trial."""
    return event != "evaluate" or subject.first_level == trial.level


def _boundaries() -> tuple[float, float]:
    safe, toxic = 0.6 * TARGET, 1.4 * TARGET
    up = log((1 - safe) / (1 - TARGET)) / log(TARGET * (1 - safe) / (safe * (1 - TARGET)))
    down = log((1 - TARGET) / (1 - toxic)) / log(toxic * (1 - TARGET) / (TARGET * (1 - toxic)))
    return up, down


UP, DOWN = _boundaries()


def too_toxic_for_good(outcomes: list[bool]) -> bool:
    """Over the target with a probability above 0.95, on three patients or more."""
    n, y = len(outcomes), sum(outcomes)
    below = sum(comb(n + 1, k) * TARGET**k * (1 - TARGET) ** (n + 1 - k) for k in range(y + 1))
    return n >= 3 and y > 0 and below > 0.95


def nearest_level(outcomes: dict[int, list[bool]]) -> int:
    """The level whose estimated rate is nearest to the target; 0 when there is none."""
    usable = []
    for level, seen in outcomes.items():
        if too_toxic_for_good(seen):
            break
        if seen:
            usable.append(level)
    rate, weight = {}, {}
    for level in usable:
        n, y = len(outcomes[level]), sum(outcomes[level])
        a, b = Fraction(20 * y + 1, 20), Fraction(20 * (n - y) + 1, 20)
        rate[level] = a / (a + b)
        weight[level] = 1 / (a * b / ((a + b) ** 2 * (a + b + 1)))

    def mean(first: int, last: int) -> Fraction:
        inside = [k for k in usable if first <= k <= last]
        return sum(rate[k] * weight[k] for k in inside) / sum(weight[k] for k in inside)

    rising = {
        k: max(min(mean(i, j) for j in usable if j >= k) for i in usable if i <= k) for k in usable
    }
    target = Fraction(3, 10)
    # equal estimates below the target: the highest; otherwise the lowest
    best = sorted(
        usable,
        key=lambda k: (
            abs(rising[k] - target),
            rising[k] >= target,
            -k if rising[k] < target else k,
        ),
    )
    return best[0] if best else 0


class Trial:
    """One trial."""

    def __init__(self, levels: int = 3) -> None:
        self.outcomes: dict[int, list[bool]] = {k: [] for k in range(1, levels + 1)}
        self.closed: set[int] = set()
        self.level = 1
        self.waiting = False
        self.more = 0
        self.selected = 0
        self.ended = ""

    def copy(self) -> Trial:
        """An independent copy."""
        other = Trial(0)
        other.__dict__.update(self.__dict__)
        other.outcomes = {k: list(v) for k, v in self.outcomes.items()}
        other.closed = set(self.closed)
        return other

    def seen(self) -> int:
        """How many were evaluated."""
        return sum(map(len, self.outcomes.values()))

    def known(self) -> dict[str, object]:
        """What can be compared."""
        state = "escalating" if self.seen() < PATIENTS else "selecting"
        if self.selected:
            state = "expansion"
        return {
            "state": self.ended or state,
            "level": self.level,
            "treated": [len(v) for v in self.outcomes.values()],
            "dlts": [sum(v) for v in self.outcomes.values()],
            "pending": int(self.waiting),
            "mtd": self.selected,
            "expanded": self.more,
        }

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if self.ended:
            return R
        if event == "enrol":
            right = given["level"] in (None, self.level)
            if not right or self.waiting or self.selected or self.seen() == PATIENTS:
                return R
            self.waiting = True
            return A
        if event == "evaluate":
            if not self.waiting:
                return R
            self.waiting = False
            self.outcomes[self.level].append(bool(given["dlt"]))
            if self.seen() < PATIENTS:
                self.decide()
            return A
        if event == "not_evaluable":
            if not self.waiting:
                return R
            self.waiting = False
            return A
        if event == "withdraw_registration":
            if given["part"] == 2:
                if not self.more:
                    return R
                self.more -= 1
            elif not self.waiting:
                return R
            else:
                self.waiting = False
            return A
        if event == "late_dlt":
            level = int(str(given["level"]))
            return U if level <= self.level or self.outcomes[level] else R
        if event == "select":
            if self.seen() < PATIENTS or self.selected:
                return R
            self.selected = nearest_level(self.outcomes)
            if not self.selected:
                self.ended = "no_mtd"
            return A
        if event == "enrol_expansion":
            if not self.selected or given["level"] != self.selected or self.more == MORE:
                return R
            self.more += 1
            return A
        if event == "expansion_toxicity":
            return A if self.more else R
        if event == "close":
            if self.more < MORE:
                return R
            self.ended = "complete"
            return A
        return R

    def decide(self) -> None:
        """Where the next patient is treated."""
        here = self.outcomes[self.level]
        rate = sum(here) / len(here)
        if too_toxic_for_good(here):
            self.closed |= {k for k in self.outcomes if k >= self.level}
            if self.level == 1:
                self.ended = "no_mtd"
                return
            self.level -= 1
        elif rate <= UP and self.level + 1 in self.outcomes and self.level + 1 not in self.closed:
            self.level += 1
        elif rate >= DOWN and self.level > 1:
            self.level -= 1


class Subject(Person):
    """One patient, whose day is counted from 0."""

    scheduled = ("lenalidomide", "dexamethasone")

    def __init__(self) -> None:
        self.day = 0
        self.part = 1
        self.first_level = 0
        self.level = 0
        self.lower: list[int] = []
        self.cycles: list[int] = []
        self.dosed: set[int] = set()
        self.hold = ""
        self.going_on = False
        self.two_years = False
        self.end = ""
        self.ended_on_treatment = 0
        self.toxicity = False
        self.told = False
        self.left_early = False
        self.left_clear = False
        self.gone = ""

    def copy(self) -> Subject:
        """An independent copy."""
        other = Subject()
        other.__dict__.update(self.__dict__)
        other.lower, other.cycles, other.dosed = [*self.lower], [*self.cycles], {*self.dosed}
        return other

    # ---- what is so today

    def treated(self) -> bool:
        """Whether on protocol treatment, held or not."""
        return bool(self.cycles) and not self.end and not self.gone

    def today(self) -> int:
        """Days since the first of this cycle."""
        return self.day - self.cycles[-1]

    def observed(self) -> bool:
        """Whether the first 28 days are over."""
        return len(self.cycles) > 1 or self.today() >= 28 or self.two_years

    def late(self) -> bool:
        """Whether the next cycle is over four weeks late."""
        return self.today() > 28 + 28

    def awaited(self) -> str:
        """What the trial still has to be told."""
        if not self.first_level or self.told:
            return ""
        if not self.cycles:
            # the place in the trial is to be given back
            return "withdraw_registration" if self.gone else ""
        if self.part == 2:
            return "expansion_toxicity" if self.toxicity else ""
        if self.toxicity or self.left_clear:
            return "evaluate"
        if self.left_early:
            return "not_evaluable"
        return "evaluate" if self.treated() and self.observed() else ""

    def state(self) -> str:
        """The name of the state."""
        if self.gone:
            return "unreported" if self.awaited() else self.gone
        if not self.cycles:
            return "off" if self.end else "pre_treatment"
        if self.end:
            return self.end
        return self.hold or ("eligible_24" if self.going_on else "treated")

    def known(self) -> dict[str, object]:
        """What can be compared."""
        return {
            "state": self.state(),
            "assigned": self.first_level,
            "dose_level": self.level,
            "reductions": len(self.lower),
            "part": self.part,
        }

    def due(self) -> dict[str, str]:
        """The doses that the calendar has for today."""
        if not self.treated() or self.hold:
            return {}
        day = self.today() + 1
        found = {"lenalidomide": MILLIGRAMS[self.level]} if day <= 21 else {}
        return found | ({"dexamethasone": "20"} if day in WEEKLY else {})

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.state() in OVER

    def too_long(self) -> bool:
        """Whether the next cycle should have begun, or treatment ended: on the day on which it
        shows that the cycle is too late at the latest."""
        return self.treated() and self.today() > 28 + 28 + 1

    def awaits(self) -> tuple[str, int, int] | None:
        """What comes so many months and days after it was first awaited: 24 months of treatment."""
        return ("month_24", 24, 0) if self.cycles and not self.two_years else None

    # ---- events

    def leave(self) -> None:
        """Treatment ends."""
        if self.treated() and not self.told and not self.toxicity:
            self.left_early = not self.observed()
            self.left_clear = self.observed()
        self.hold, self.going_on = "", False

    def apply(self, event: str, given: dict[str, object]) -> str:
        """The answer to one event."""
        if event == "elapse":
            if not self.over():
                self.day += int(str(given["days"]))
            return A
        if self.over():
            return R
        handler = getattr(self, f"on_{event}", None)
        assert handler is not None, event
        return str(handler(given))

    def on_month_24(self, given: dict[str, object]) -> str:
        if not self.cycles or self.two_years:
            return R
        self.two_years = True
        return A

    def register(self, level: object, part: int) -> str:
        if self.cycles or self.first_level or self.gone:
            return R
        self.first_level = self.level = int(str(level))
        self.part = part
        return A

    def on_enrol(self, given: dict[str, object]) -> str:
        return self.register(given["level"], 1)

    def on_enrol_expansion(self, given: dict[str, object]) -> str:
        return self.register(given["level"], 2)

    def on_withdraw_registration(self, given: dict[str, object]) -> str:
        if self.cycles or not self.first_level or given["part"] != self.part:
            return R
        if self.gone:
            self.told = True
        else:
            self.end = "off"
        return A

    def on_start(self, given: dict[str, object]) -> str:
        if self.cycles or self.gone or not self.first_level or given["level"] != self.first_level:
            return R
        self.cycles.append(self.day)
        return A

    def on_start_cycle(self, given: dict[str, object]) -> str:
        if not self.treated() or self.hold or self.today() < 28 or self.late():
            return R
        if self.two_years and not self.going_on:
            return R
        if len(self.cycles) == 1:
            if not self.told and (self.part == 1 or self.toxicity):
                return R
            self.told = True
        self.cycles.append(self.day)
        return A

    def on_dose(self, given: dict[str, object]) -> str:
        if not self.treated() or self.hold:
            return R
        day, amount = self.today() + 1, str(given["amount"])
        if given["drug"] == "lenalidomide":
            right = day <= 21 and amount == MILLIGRAMS[self.level]
        else:
            right = day in WEEKLY and amount == "20"
        if not right:
            return R
        if day == 1:
            self.dosed.add(self.day)
        return A

    def on_draw(self, given: dict[str, object]) -> str:
        after, tubes = int(str(given["cycle"])), (given["edta"], given["red_top"])
        if tubes != ("10", "6"):
            return R
        if not self.cycles:
            return A if self.first_level and not self.gone and after == 0 else R
        if not self.treated():
            return R
        listed = (1, 2, 3, 6, 9, 12) + ((18, 24) if self.part == 2 else ())
        if after not in listed:
            return R
        over = self.today() >= 28
        if not over and (self.hold or self.today() > 0 or self.day in self.dosed):
            return R
        number = len(self.cycles) if over else len(self.cycles) - 1
        begun = len(self.cycles)
        # from the third cycle on the machine does not count
        if begun < 3:
            return A if after == number else R
        return A if after >= (3 if over else 2) else R

    def on_dlt(self, given: dict[str, object]) -> str:
        if not self.treated() or self.observed() or self.told or self.toxicity:
            return R
        self.toxicity, self.hold, self.going_on = True, "toxicity_hold", False
        return A

    def on_unacceptable_ae(self, given: dict[str, object]) -> str:
        if not self.treated():
            return R
        self.hold, self.going_on = "toxicity_hold", False
        return A

    def on_reduce(self, given: dict[str, object]) -> str:
        to = int(str(given["level"]))
        if not self.treated() or self.hold != "toxicity_hold" or len(self.lower) == 2:
            return R
        if not 1 <= to < self.level:
            return R
        self.level, self.hold = to, ""
        self.lower.append(to)
        return A

    def on_stop(self, given: dict[str, object]) -> str:
        if not self.treated():
            return R
        if given["reason"] == "other":
            return U
        if self.hold != "toxicity_hold":
            return R
        return self.monitor()

    def monitor(self) -> str:
        self.leave()
        self.end = "monitoring"
        return A

    def on_hold(self, given: dict[str, object]) -> str:
        if not self.treated() or self.hold or self.today() < 28:
            return R
        self.hold = "delayed"
        return A

    def on_resume(self, given: dict[str, object]) -> str:
        if not self.treated() or self.hold != "delayed" or self.late():
            return R
        self.hold = ""
        return A

    def on_delay_over(self, given: dict[str, object]) -> str:
        return self.monitor() if self.treated() and self.late() else R

    def on_continue_after_24(self, given: dict[str, object]) -> str:
        if not self.treated() or not self.two_years or self.going_on:
            return R
        if self.hold == "toxicity_hold":
            return R
        self.going_on = True
        return A

    def ends_treatment(self, given: dict[str, object]) -> str:
        return self.monitor() if self.treated() else R

    on_progression = on_withdraw = on_other_therapy = ends_treatment

    def on_illness(self, given: dict[str, object]) -> str:
        if not self.treated():
            return R
        return self.monitor() if given["investigator"] else A

    def monitored(self) -> bool:
        return self.end == "monitoring" and not self.gone

    def on_physician_therapy(self, given: dict[str, object]) -> str:
        return A if self.monitored() else R

    on_chart_progression = on_physician_therapy

    def on_chart_survival(self, given: dict[str, object]) -> str:
        if not self.monitored():
            return R
        return A if given["alive"] else self.go("dead")

    def go(self, where: str) -> str:
        self.leave()
        self.gone = where
        return A

    def on_death(self, given: dict[str, object]) -> str:
        return R if self.gone == "dead" else self.go("dead")

    def on_lost(self, given: dict[str, object]) -> str:
        return R if self.gone else self.go("lost")

    def on_withdraw_consent(self, given: dict[str, object]) -> str:
        return R if self.gone else self.go("withdrawn")

    def report(self, event: str) -> str:
        if not self.cycles or self.awaited() != event:
            return R
        self.told = True
        return A

    def on_evaluate(self, given: dict[str, object]) -> str:
        return self.report("evaluate") if given["dlt"] == self.toxicity else R

    def on_not_evaluable(self, given: dict[str, object]) -> str:
        return self.report("not_evaluable")

    def on_expansion_toxicity(self, given: dict[str, object]) -> str:
        return self.report("expansion_toxicity")

    def on_late_dlt(self, given: dict[str, object]) -> str:
        if not self.cycles or self.part == 2 or not self.told or self.gone:
            return R
        return A if given["level"] == self.first_level else R
