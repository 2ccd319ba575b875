"""The parts of an answer of ``spec-check next``, for the trial and for each subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...spec.errors import SpecError
from ...spec.place import short
from ...statemachines.bound import Bound
from ...statemachines.calendar import Calendar, Due
from ...statemachines.evaluate import Configuration
from ...statemachines.step import observe
from ..deviation import Deviation
from ..replay.judge import Judge, LogCase
from ..situation import Open, Situation, open_schedules, situation, subject_situation


class Asked:
    """What is asked after a history: ``undecided`` is what left it open at its last row."""

    def __init__(
        self, judge: Judge, case: LogCase, undecided: Deviation | None, day: int | None
    ) -> None:
        self.judge, self.case, self.undecided, self.day = judge, case, undecided, day
        self.calendars = {s.name: Calendar(s.bound) for s in judge.sides}

    def _now(self, who: str) -> tuple[Bound, Configuration, bool]:
        """A track's machine and configuration, and whether nothing is known of it any more."""
        bound = self.judge.side(who).bound
        track = self.case.tracks.get(who)
        if track is None:
            return bound, bound.initial(), False
        return bound, track.configuration, track.undecided

    def _given(self, who: str) -> set[str]:
        """The drugs that the history has on its last day, unless another day is asked for."""
        track = self.case.tracks.get(who)
        if track is None or self.day is not None:
            return set()
        bits = self.judge.side(who).dispensing.bits
        return {drug for drug, bit in bits.items() if track.given & bit}

    def trial(self) -> dict[str, Any]:
        """The trial's part, or that of the one machine that is judged."""
        bound, configuration, unknown = self._now("")
        if unknown:
            return self._unknown(bound, configuration)
        now = situation(bound, configuration)
        return self._part(bound, configuration, now, self._given(""))

    def subjects(self, only: str | None) -> dict[str, Any]:
        """Each subject's part, and that of one who would be new."""
        study = self.judge.study
        assert study is not None
        _, trial, unknown = self._now("")
        known = [who for who in self.case.tracks if who]
        if only is not None and only not in known:
            listed = ", ".join(short(who) for who in known[:12])
            raise SpecError(
                f"the history has no subject {short(only)}",
                where="--subject",
                hint=f"it has {listed}" if listed else "",
            )
        found: dict[str, Any] = {}
        for who in known if only is None else [only]:
            bound, configuration, lost = self._now(who)
            if lost:
                found[who] = self._unknown(bound, configuration)
                continue
            now = subject_situation(study, None if unknown else trial, configuration)
            found[who] = self._part(bound, configuration, now, self._given(who))
        bound = study.subject
        fresh = subject_situation(study, None if unknown else trial, bound.initial())
        return {"subjects": found, "new_subject": self._part(bound, bound.initial(), fresh)}

    def _unknown(self, bound: Bound, configuration: Configuration) -> dict[str, Any]:
        """Nothing is known after an unspecified answer."""
        answer: dict[str, Any] = {"configuration": observe(bound, configuration)}
        answer |= {"possible": [], "refused": [], "due": [], "unspecified": []}
        if self.undecided is not None:
            ambiguity = str(self.undecided.expected.get("ambiguity", ""))
            entry = {
                "ambiguity": ambiguity,
                "clause": self.undecided.clause,
                "row": self.undecided.row,
            }
            answer["unspecified"] = [self._question(entry)]
        return answer

    def _part(
        self,
        bound: Bound,
        configuration: Configuration,
        now: Situation,
        given: Collection[str] = (),
    ) -> dict[str, Any]:
        calendar = self.calendars[bound.machine.name]
        schedules = open_schedules(calendar, configuration)
        # the day of a schedule that every day is like no other's
        cycles = {r.regimen.drug for r in calendar.active(configuration) if r.regimen.days}
        return {
            "configuration": observe(bound, configuration),
            "possible": [
                {"event": p.event, "arguments": dict(p.arguments), "clause": p.clause}
                for p in now.possible
            ],
            "refused": [
                {
                    "event": r.event,
                    "arguments": dict(r.arguments),
                    "because": r.because,
                    "clause": r.clause,
                }
                for r in now.refused
            ],
            "due": [
                {
                    "drug": d.drug,
                    "dose": d.dose,
                    "unit": d.unit,
                    "day": d.day,
                    "in_cycle": d.drug in cycles,
                    "clause": d.clause,
                }
                for d in _due(calendar, configuration, self.day)
                if d.drug not in given
            ],
            "unspecified": [self._question(_open(o)) for o in (*now.unspecified, *schedules)],
        }

    def _question(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {**entry, "question": self.judge.questions.get(entry["ambiguity"], "")}


def _due(calendar: Calendar, configuration: Configuration, day: int | None) -> list[Due]:
    """The doses of the day asked for, or of today; where nothing says which day of its cycle
    today is, those of the whole cycle."""
    if day is not None:
        return list(calendar.due(configuration, day))
    found = list(calendar.today(configuration))
    undated = [r for r in calendar.active(configuration) if r.regimen.days and not r.regimen.clock]
    for n in range(1, max((r.cycle for r in undated), default=0) + 1):
        drugs = {r.regimen.drug for r in undated if n in r.regimen.days}
        found += [d for d in calendar.due(configuration, n) if d.drug in drugs]
    return found


def _open(found: Open) -> dict[str, Any]:
    entry: dict[str, Any] = {"ambiguity": found.ambiguity, "clause": found.clause}
    if found.drug:
        return entry | {"drug": found.drug}
    return entry | {"event": found.event, "arguments": dict(found.arguments or {})}
