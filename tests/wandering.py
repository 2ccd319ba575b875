"""Random histories of which the re-tellings say nothing: clean logs, drawn in plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from types import ModuleType

from retold import WEEKDAYS, Cell, Person, Truth
from telling_logs import OVERDUE, Telling, Track, names_weekdays

Row = dict[str, str]
START = date(2019, 1, 7)
# what ends a case, or a trial, before much has happened
RARE = (
    *("death", "lost", "withdraw_consent", "withdraw_registration", "withdraw", "refusal", "stop"),
    *("progression", "toxicity", "excessive_toxicity", "go_to_asct", "not_evaluable"),
    *("other_therapy", "close"),
)
# what is always possible, and would crowd out the rest
SELDOM = (
    *("dlt", "late_dlt", "later_dlt", "unacceptable_toxicity", "unacceptable_ae", "illness"),
    *("reduce_lenalidomide", "crcl", "complete_response", "hold"),
)


class Wanderer:
    """One case on its way."""

    def __init__(self, told: ModuleType, machine: str, chance: Random, subjects: int) -> None:
        self.told, self.machine, self.chance = told, machine, chance
        self.telling = Telling(told, machine)
        self.rows: list[Row] = []
        self.day = START + timedelta(chance.randrange(700))
        self.subjects = subjects if machine == "study" else 0
        self.people = [""] if machine == "subject" else []

    def visit(self) -> None:
        """One day, and the way to the next one."""
        self.people = [who for who in self.people if not self.telling.track(who).teller.over()]
        if len(self.people) < self.subjects and self.chance.random() < 0.2:
            self.people.append(f"P{len(self.telling.tracks)}")
        for _ in range({"trial": 3, "study": 1, "subject": 0}[self.machine]):
            self.trial_alone()
        for who in self.chance.sample(self.people, len(self.people)):
            self.something(who)
            if self.overdue(who):
                self.go_on(who)
            self.doses(who)
        self.pass_days()

    def offer(self, event: str, who: str, cells: Row) -> bool:
        """Puts in a row if nothing is said of it."""
        row = {"time": self.day.isoformat(), "event": event, **cells}
        if self.machine == "study":
            row["subject"] = who
        after = self.telling.copy()
        if after.row(row):
            return False
        self.telling = after
        self.rows.append(row)
        return True

    # ---- what may happen

    def cells(self, event: str, who: str) -> Row:
        """Arguments at random; those with a default are sometimes left out."""
        found: dict[str, Cell] = {}
        if self.machine != "subject":
            found |= self.told.TRIAL.get(event, {})
        if self.machine == "subject" or who:
            found |= self.told.SUBJECT.get(event, {})
        truth = self.chance.choice(("", "true", "false", "false"))
        made = {}
        for name, cell in found.items():
            if cell.default is None or self.chance.random() < 0.5:
                some = self.chance.choice(cell.some)
                made[name] = truth or some if isinstance(cell, Truth) else some
        if names_weekdays(found) and "weekday" in made:
            made["weekday"] = WEEKDAYS[self.day.weekday()]
        return made

    def trial_alone(self) -> None:
        """An event of the trial, in a study one that names no subject."""
        alone = self.machine == "trial"
        events = [e for e in self.told.TRIAL if alone or e not in self.told.SUBJECT]
        if events:
            event = self.chance.choice(events)
            if event not in RARE or self.chance.random() < 0.03:
                self.some(event, "")

    def something(self, who: str) -> None:
        """Some events of a subject."""
        free_doses = not self.telling.track(who).teller.scheduled
        for event in self.chance.sample(list(self.told.SUBJECT), len(self.told.SUBJECT)):
            # where doses have their days there are rows, and chances, every day
            often = 0.15 if free_doses else 0.3
            if event in RARE:
                often = 0.004 if free_doses else 0.001
            if event in SELDOM:
                often = 0.03 if free_doses else 0.01
            if event == "dose":
                often = 0.6 if free_doses else 0
            if self.chance.random() < often:
                self.some(event, who)

    def some(self, event: str, who: str) -> bool:
        """An event with some arguments that are accepted, if a few tries find them."""
        return any(self.offer(event, who, self.cells(event, who)) for _ in range(4))

    def go_on(self, who: str) -> None:
        """What has to happen today, or else an end."""
        events = [e for e in self.told.SUBJECT if e not in RARE and e != "dose"]
        for event in [*self.chance.sample(events, len(events)) * 3, "lost", "withdraw_consent"]:
            if self.some(event, who) and not self.overdue(who):
                return
        raise AssertionError(f"nothing can follow {self.rows}")

    def doses(self, who: str) -> None:
        """The doses that are due and were not given yet."""
        today, _ = self.later(who, 0)
        for drug, amount in today.teller.due().items():
            if drug not in today.given:
                self.offer("dose", who, {"drug": drug, "amount": amount})

    # ---- time

    def later(self, who: str, days: int) -> tuple[Track, list[str]]:
        """A subject in some days if nothing happens until then, and what is said of that."""
        track = self.telling.copy().track(who)
        return track, track.until(self.day + timedelta(days))

    def overdue(self, who: str) -> bool:
        """Whether a stay is too long unless something happens today."""
        return OVERDUE in self.later(who, 1)[1]

    def pass_days(self) -> None:
        """To the next day, or further if nothing is missed until then."""
        steps = [1]
        doses = any(self.later(who, 1)[0].teller.due() for who in self.people)
        if not doses and self.chance.random() < 0.4:
            steps = [400, 60, 28, 7, 3, 2, 1][self.chance.randrange(7) :]
        self.day += timedelta(next(s for s in steps if s == 1 or not self.missed_in(s)))
        for track in self.telling.tracks.values():
            if track.day is not None and isinstance(track.teller, Person):
                assert not track.until(self.day)

    def missed_in(self, days: int) -> bool:
        """Whether something is said if nothing happens for so many days."""
        return any(self.later(who, days)[1] for who in self.people)


def wander(
    told: ModuleType, machine: str, chance: Random, visits: int, subjects: int = 4
) -> list[Row]:
    """A clean history of a trial, of a subject, or of a trial with its subjects."""
    made = Wanderer(told, machine, chance, subjects)
    for _ in range(visits):
        made.visit()
        if machine == "subject" and not made.people:
            break
    return made.rows
