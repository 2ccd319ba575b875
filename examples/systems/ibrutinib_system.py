"""A trial system for the ibrutinib and lenalidomide study, as a vendor might write one.

It is here to be judged, so it imports nothing of trialspec and knows nothing of its model: the
rules were written from the text of the study. It keeps what such a system keeps, lists of patients
and a chart for each of them, and derives everything else.

`System` follows the text. Each class of `FAULTY` (`SeventhPatient`, `NoReset`, ...) is the same
system with one fault of `FAULTS`; the environment variable ``SYSTEM_FAULT`` puts one into `System`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

# name: (clause that it breaks, what it does)
FAULTS = {
    "seventh-patient": ("IBR-10", "decides after seven patients at a dose level, not after six"),
    "eleventh-patient": ("IBR-15", "treats eleven patients in the expansion, not ten"),
    "forgets-closed": ("IBR-11", "after going down, opens again a level closed for toxicity"),
    "counts-enrolled": ("IBR-03", "counts a patient who can't be evaluated, instead of replacing"),
    "escalates-on-one": ("IBR-07", "goes up with one toxicity in the first three patients"),
    "no-reset": ("IBR-05", "a level closed for toxicity stays closed in the next trial"),
    "day-27": ("IBR-12", "begins the second cycle after 27 days, not 28"),
    "higher-dose": ("IBR-14", "treats again after toxicity at any dose, not only a lower one"),
}

# how this system decides where the text leaves a choice
READINGS = {
    "IBR-A01": "at_two",
    "IBR-A02": "close",
    "IBR-A03": "stop",
    "IBR-A04": "mtd",
    "IBR-A05": "accept",
    "IBR-A06": "accept",
    "IBR-A07": "not_closed",
    "IBR-A08": "immediate",
    "IBR-A09": "first_cycle",
    "IBR-A10": "escalation_only",
    "IBR-A11": "unstated",
    "IBR-A16": "none",
    "IBR-A17": "monitor",
    "IBR-A18": "choice",
    "IBR-A19": "stop",
    "IBR-A21": "monotone",
    "IBR-A22": "not_withdrawn",
    "IBR-A23": "lower",
    "IBR-A25": "window",
    "IBR-A27": "one_of_three",
    "IBR-A28": "window",
    "IBR-A29": "three_more",
    "IBR-A32": "reassign",
    "X-A01": "next_cycle",
    "X-A03": "replaced",
    "X-A04": "staggered",
    "X-A05": "readjudicate",
    "X-A06": "exclusive",
    "X-A09": "permission",
    "X-A12": "absorbing",
}

FIRST_PATIENTS = 3
MOST_PATIENTS = 6
TOO_MANY_TOXICITIES = 2
EXPANSION_PATIENTS = 10
CYCLE_DAYS = 28
EARLIEST_VISIT = 25


class Refusal(Exception):
    """The protocol doesn't allow it; the text says why."""


def require(condition: bool, reason: str) -> None:
    """Refuses, with the reason, unless the condition holds."""
    if not condition:
        raise Refusal(reason)


class DoseLevel:
    """The patients of one dose level, in order: whether each had a dose-limiting toxicity."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.patients: list[bool] = []

    @property
    def toxicities(self) -> int:
        """How many of its patients had one."""
        return sum(self.patients)


class Trial:
    """The office that opens and closes dose levels, and then the expansion."""

    # the fault no-reset: belongs to all trials of the program
    closed_in_any_trial: ClassVar[set[int]] = set()

    def __init__(self, levels: int, fault: str | None) -> None:
        self.fault = fault
        self.levels = [DoseLevel(number) for number in range(1, levels + 1)]
        self.open = self.levels[0]
        self.too_toxic = self.closed_in_any_trial if fault == "no-reset" else set()
        self.under_observation = False
        self.mtd: DoseLevel | None = None
        self.expansion = 0
        self.finished = ""
        self.notes: list[str] = []
        self.most = MOST_PATIENTS + (fault == "seventh-patient")

    def stage(self) -> str:
        """The state, by the protocol's names."""
        if self.finished:
            return self.finished
        if self.mtd:
            return "expansion"
        first = self.open.patients[:FIRST_PATIENTS]
        if len(first) < FIRST_PATIENTS:
            return "first_three"
        return "additional_three" if any(first) else "confirming_three"

    def show(self) -> dict[str, object]:
        """What this system shows of a trial."""
        return {
            "state": self.stage(),
            "level": self.open.number,
            "treated": [len(level.patients) for level in self.levels],
            "dlts": [level.toxicities for level in self.levels],
            "expanded": self.expansion,
        }

    # ---- decisions

    def untested_above(self) -> bool:
        """Whether there is a next higher level that is still to be tested."""
        above = self.open.number + 1
        if above > len(self.levels):
            return False
        return above not in self.too_toxic or self.fault == "forgets-closed"

    def go_up(self) -> None:
        """The next higher level, where there is one to be tested."""
        if self.untested_above():
            self.open = self.levels[self.open.number]

    def go_down(self) -> None:
        """The open level is too toxic: the next lower one, if it has room."""
        self.too_toxic.add(self.open.number)
        if self.open.number == 1:
            self.finished = "no_mtd"
            return
        self.open = self.levels[self.open.number - 2]
        if len(self.open.patients) >= MOST_PATIENTS:
            self.mtd = self.open

    def decide(self) -> None:
        """After each evaluation at the open level."""
        treated, toxicities = len(self.open.patients), self.open.toxicities
        if toxicities >= TOO_MANY_TOXICITIES:
            self.go_down()
        elif treated == FIRST_PATIENTS:
            if toxicities == 0 or self.fault == "escalates-on-one":
                self.go_up()
        elif treated >= self.most:
            if self.untested_above():
                self.go_up()
            else:
                self.mtd = self.open

    # ---- events

    def ongoing(self) -> None:
        """Refuses once the escalation has ended."""
        require(not self.finished and self.mtd is None, "the escalation has ended")

    def at_open_level(self, level: int) -> None:
        """Refuses any other level than the open one."""
        self.ongoing()
        require(level == self.open.number, f"level {level} is not open, {self.open.number} is")

    def named(self, level: int) -> DoseLevel:
        """The level with a number; refuses one that this trial doesn't have."""
        require(1 <= level <= len(self.levels), f"there is no level {level}")
        return self.levels[level - 1]

    def on_register(self, level: int) -> None:
        """One patient at a time: the next one waits for the result of the first cycle."""
        self.at_open_level(level)
        require(not self.under_observation, "a patient is still under observation")
        self.under_observation = True

    def on_withdraw_registration(self, level: int) -> None:
        """The place is free again."""
        self.at_open_level(level)
        require(self.under_observation, "nobody is registered")
        self.under_observation = False

    def on_evaluate(self, dlt: bool) -> None:
        """A first cycle is over, or had a toxicity; registrations may be kept elsewhere."""
        self.ongoing()
        self.under_observation = False
        self.open.patients.append(dlt)
        self.decide()

    def on_evaluate_closed(self, level: int, dlt: bool) -> None:
        """With one patient at a time nobody is left at a closed level."""
        raise Refusal(f"nobody is under observation at level {level} (toxicity {dlt})")

    def on_not_evaluable(self, level: int) -> None:
        """The patient is replaced, and doesn't count."""
        self.at_open_level(level)
        self.under_observation = False
        if self.fault == "counts-enrolled":
            self.on_evaluate(False)

    def on_late_dlt(self, level: int) -> None:
        """A patient counted without toxicity had one: people decide what follows."""
        require(not self.finished, "the trial has ended")
        found = self.named(level)
        require(found.toxicities < len(found.patients), "no patient was counted without one")
        self.notes.append(f"level {level}: late report, decisions to be reviewed")

    def on_later_dlt(self, level: int, additional: bool = False) -> None:
        """A toxicity after the first cycle is recorded and decides nothing."""
        require(not self.finished, "the trial has ended")
        most = FIRST_PATIENTS if additional else 0
        require(len(self.named(level).patients) > most, f"no such patient at level {level}")
        self.notes.append(f"level {level}: toxicity after the first cycle")

    def on_register_expansion(self, level: int | None = None) -> None:
        """A patient of part 2, at the maximum tolerated dose."""
        require(self.mtd is not None and not self.finished, "part 2 is not open")
        require(level in (None, self.open.number), f"{level} is not the maximum tolerated dose")
        places = EXPANSION_PATIENTS + (self.fault == "eleventh-patient")
        require(self.expansion < places, "part 2 is full")
        self.expansion += 1

    def on_expansion_dlt(self) -> None:
        """Toxicities of part 2 are monitored by people."""
        require(not self.finished and self.expansion > 0, "nobody is treated in part 2")
        self.notes.append("toxicity in part 2")

    def on_close(self) -> None:
        """Part 2 ends when it is full."""
        require(self.expansion >= EXPANSION_PATIENTS and not self.finished, "part 2 is not full")
        self.finished = "complete"

    def on_elapse(self, days: int) -> None:
        """Nothing at the office depends on the date."""


class Chart:
    """One patient's chart, from registration to the end of follow-up."""

    def __init__(self, levels: int, fault: str | None) -> None:
        self.levels = levels
        self.fault = fault
        self.status = "registered"
        self.assigned = 0
        self.dose_level = 0
        self.today = 0
        self.first_dose_on: int | None = None
        self.last_visit_on = 0
        self.second_cycle = False
        self.part = 1
        self.result = ""  # of the first cycle: clear, toxic, left; empty while it lasts
        self.reported = False  # to the trial office
        self.keeps_a_place = False  # there, and will never be dosed
        self.progressed = False
        self.notes: list[str] = []

    def show(self) -> dict[str, object]:
        """What this system shows of a patient."""
        cycle = 0 if self.first_dose_on is None else 1
        return {
            "state": "unreported" if self.status == "off" and self.awaited else self.status,
            "assigned": self.assigned,
            "dose_level": self.dose_level,
            "cycle": cycle + self.second_cycle,
        }

    def needs(self, *statuses: str) -> None:
        """Refuses in any other status."""
        require(self.status in statuses, f"the patient's status is {self.status}")

    # ---- registration

    def on_register(self, level: int) -> None:
        """The starting doses are assigned, and may be assigned anew before the first dose."""
        self.needs("registered")
        require(1 <= level <= self.levels, f"there is no level {level}")
        self.assigned = self.dose_level = level
        self.part = 1

    def on_register_expansion(self, level: int) -> None:
        """The same in part 2."""
        self.on_register(level)
        self.part = 2

    def on_withdraw_registration(self, level: int) -> None:
        """Never dosed: the assignment is void, also of a patient who left the study with it."""
        require(self.status == "registered" or self.keeps_a_place, "there is nothing to withdraw")
        require(self.assigned == level > 0, f"not registered at level {level}")
        self.keeps_a_place = False
        if self.status == "registered":
            self.assigned = self.dose_level = 0

    # ---- treatment

    @property
    def awaited(self) -> bool:
        """Whether the trial office has still to hear of the patient."""
        return self.to_report or self.keeps_a_place

    @property
    def to_report(self) -> bool:
        """Whether the trial office waits for the first cycle; of part 2 it counts no clear ones."""
        return not self.reported and (
            self.result == "toxic" or (self.part == 1 and bool(self.result))
        )

    def end_first_cycle(self) -> None:
        """Without a toxicity so far; less than a cycle can't be evaluated."""
        if self.first_dose_on is not None and not self.result:
            observed = self.second_cycle or self.today - self.first_dose_on >= CYCLE_DAYS
            self.result = "clear" if observed else "left"

    def end_treatment(self, status: str) -> None:
        """The first cycle ends with treatment."""
        if self.status in ("treated", "toxicity_hold"):
            self.end_first_cycle()
        self.status = status

    def on_first_dose(self) -> None:
        """Day 1 of cycle 1."""
        self.needs("registered")
        require(self.assigned > 0, "no starting dose is assigned")
        self.status = "treated"
        self.first_dose_on = self.last_visit_on = self.today

    def on_dose(self, drug: str, amount: int) -> None:
        """Dispensing at the patient's own dose level; the text gives no dose of dexamethasone."""
        self.needs("treated")
        if drug == "dexamethasone":
            self.notes.append("dexamethasone dispensed: to be checked by hand")
            return
        require(drug in ("ibrutinib", "lenalidomide"), f"{drug} is not a study drug")
        require(amount == self.dose_level, f"the patient's dose level is {self.dose_level}")

    def on_start_cycle_2(self) -> None:
        """The first cycle, delays included, ends with the first dose of the second."""
        self.needs("treated")
        require(not self.second_cycle, "the second cycle has begun")
        length = CYCLE_DAYS - (self.fault == "day-27")
        assert self.first_dose_on is not None
        require(self.today - self.first_dose_on >= length, "the first cycle is not over")
        self.second_cycle = True
        self.end_first_cycle()

    def on_visit(self) -> None:
        """Every 28 days; three days early is accepted, and a late visit is better than none."""
        self.needs("treated", "toxicity_hold")
        require(self.today - self.last_visit_on >= EARLIEST_VISIT, "the visit is too early")
        self.last_visit_on = self.today

    # ---- toxicity

    def on_dlt(self) -> None:
        """Dose-limiting in the first cycle: counted once, and treatment is held."""
        self.needs("treated", "toxicity_hold")
        require(not self.result, "the first cycle is over, or had one")
        self.result = "toxic"
        self.status = "toxicity_hold"

    def on_unacceptable_toxicity(self) -> None:
        """Treatment is held: a lower dose, or the end."""
        self.needs("treated")
        self.status = "toxicity_hold"

    def on_retreat(self, level: int) -> None:
        """Treatment resumes at a lower level, unless the disease has progressed."""
        self.needs("toxicity_hold")
        require(not self.progressed, "the disease has progressed")
        require(1 <= level <= self.levels, f"there is no level {level}")
        if self.fault != "higher-dose":
            require(level < self.dose_level, f"only below level {self.dose_level}")
        self.status, self.dose_level = "treated", level

    # ---- the end of treatment

    def on_stop(self, reason: str) -> None:
        """Stopping for toxicity is a choice while treatment is held for it."""
        self.needs("treated", "toxicity_hold")
        require(reason == "other" or self.status == "toxicity_hold", "there is no toxicity")
        self.end_treatment("follow_up")

    def on_progression(self) -> None:
        """Ends treatment; while treatment is held it rules out resuming it."""
        self.needs("treated", "toxicity_hold")
        if self.status == "treated":
            self.end_treatment("follow_up")
        else:
            require(not self.progressed, "progression is already recorded")
            self.progressed = True

    def on_refusal(self) -> None:
        """The patient refuses further treatment, and is followed."""
        self.needs("treated", "toxicity_hold")
        self.end_treatment("follow_up")

    def leave(self) -> None:
        """Ends the case, from any status but the last."""
        require(self.status != "off", "the case has ended")
        if self.status == "registered":
            self.keeps_a_place = self.part == 1 and self.assigned > 0
        self.end_treatment("off")

    on_withdraw_consent = on_death = on_lost = leave

    # ---- survival follow-up

    def on_other_therapy(self) -> None:
        """The treating physician's choice."""
        self.needs("follow_up")

    def on_chart_progression(self) -> None:
        """Found in a review of the charts."""
        self.needs("follow_up")

    def on_chart_death(self) -> None:
        """Found in a review of the charts."""
        self.needs("follow_up")
        self.leave()

    # ---- reports to the trial office

    def report(self, *results: str, level: int | None = None) -> None:
        """Tells the result of the first cycle, once."""
        require(self.to_report and self.result in results, "that is not to be reported")
        require(level in (None, self.assigned), f"the patient was assigned level {self.assigned}")
        self.reported = True

    def on_evaluate(self, dlt: bool) -> None:
        """The patient counts."""
        require(self.part == 1, "the patient is in part 2")
        self.report("toxic" if dlt else "clear")

    def on_evaluate_closed(self, level: int, dlt: bool) -> None:
        """The same where the level has closed."""
        require(self.part == 1, "the patient is in part 2")
        self.report("toxic" if dlt else "clear", level=level)

    def on_not_evaluable(self, level: int) -> None:
        """The patient doesn't count."""
        self.report("left", level=level)

    def on_expansion_dlt(self) -> None:
        """Of a patient in part 2."""
        require(self.part == 2, "the patient is in part 1")
        self.report("toxic")

    def counted(self, level: int, *results: str) -> None:
        """Refuses unless the patient was counted with one of these results."""
        require(self.status != "off", "the case has ended")
        require(self.part == 1 and self.reported and self.result in results, "not counted so")
        require(level == self.assigned, f"the patient was assigned level {self.assigned}")

    def on_late_dlt(self, level: int) -> None:
        """The patient was counted as clear, and wasn't."""
        self.counted(level, "clear")
        self.result = "toxic"

    def on_later_dlt(self, level: int) -> None:
        """A toxicity after the first cycle."""
        self.counted(level, "clear", "toxic")
        self.notes.append("toxicity after the first cycle")

    def on_elapse(self, days: int) -> None:
        """Days pass."""
        self.today += days


class System:
    """The adapter: describe, start, apply, observe, stop."""

    fault: str | None = None

    def __init__(self, fault: str | None = None) -> None:
        self.fault = fault or self.fault or os.environ.get("SYSTEM_FAULT") or None
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"no fault {self.fault}; there are {', '.join(FAULTS)}")
        self.case: Trial | Chart | None = None

    def describe(self) -> dict[str, object]:
        """What this system is, what it shows and what it takes."""
        events = {name[3:] for kind in (Trial, Chart) for name in dir(kind) if name[:3] == "on_"}
        return {
            "name": "ibrutinib-system",
            "version": "1.0",
            "contract": 1,
            "observes": [
                "state", "level", "treated", "dlts", "expanded", "assigned", "dose_level", "cycle",
            ],
            "events": sorted(events),
        }  # fmt: skip

    def start(
        self,
        protocol: str,
        machine: str,
        constants: Mapping[str, Any] | None = None,
        readings: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        """A fresh trial or patient; ValueError for what this system can't be."""
        kinds: dict[str, type[Trial] | type[Chart]] = {"trial": Trial, "subject": Chart}
        if protocol != "ibrutinib-mm" or machine not in kinds:
            raise ValueError(f"no system for the machine {machine} of {protocol}")
        self.case = kinds[machine](number_of_levels(constants or {}), self.fault)
        check_readings(readings or {})
        return self.case.show()

    def apply(self, event: str, arguments: Mapping[str, Any]) -> dict[str, object]:
        """One event: accepted, refused with a reason, or unsupported."""
        case = self.running()
        handler = getattr(case, f"on_{event}", None)
        if handler is None:
            return {"answer": "unsupported", "reason": f"no event {event}"}
        try:
            require(getattr(case, "finished", "") == "" or event == "elapse", "the trial has ended")
            handler(**arguments)
        except Refusal as refusal:
            return {"answer": "refused", "reason": str(refusal), "observe": case.show()}
        return {"answer": "accepted", "observe": case.show()}

    def observe(self) -> dict[str, object]:
        """The trial or the patient now."""
        return self.running().show()

    def stop(self) -> None:
        """Forgets the case."""
        self.case = None

    def running(self) -> Trial | Chart:
        """The case; RuntimeError before start."""
        if self.case is None:
            raise RuntimeError("no case has been started")
        return self.case


def number_of_levels(constants: Mapping[str, Any]) -> int:
    """The constant levels; ValueError for a constant that isn't what is built in."""
    built_in = {
        "levels": constants.get("levels", 3),
        "start": 1,
        "cohort": FIRST_PATIENTS,
        "cap": MOST_PATIENTS,
        "tolerated": TOO_MANY_TOXICITIES - 1,
        "pair": TOO_MANY_TOXICITIES,
        "expansion_size": EXPANSION_PATIENTS,
        "flag_share": 3,  # no use: toxicities of part 2 are monitored
        "cycle_days": CYCLE_DAYS,
        "visit_days": CYCLE_DAYS,
        "visit_tolerance": CYCLE_DAYS - EARLIEST_VISIT,
    }
    for name, value in constants.items():
        if built_in.get(name) != value:
            raise ValueError(f"{name} is {built_in.get(name, 'unknown')} in this system")
    levels = built_in["levels"]
    if not isinstance(levels, int) or isinstance(levels, bool) or levels < 1:
        raise ValueError(f"levels is a whole number from 1, not {levels}")
    return levels


def check_readings(readings: Mapping[str, str]) -> None:
    """ValueError for a reading that this system doesn't implement."""
    for name, reading in readings.items():
        if READINGS.get(name) != reading:
            raise ValueError(f"this system does not implement {name}={reading}")


def with_fault(name: str) -> type[System]:
    """The class of a system with one fault of `FAULTS`: "no-reset" is `NoReset`."""
    title = "".join(word.capitalize() for word in name.split("-"))
    return type(title, (System,), {"fault": name, "__doc__": f"A system that {FAULTS[name][1]}."})


FAULTY = {made.__name__: made for made in map(with_fault, FAULTS)}
globals().update(FAULTY)
