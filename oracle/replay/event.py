"""One row judged: by each machine that takes part in its event, along each way of its case."""

from __future__ import annotations

from ...spec.calendar import WEEKDAYS
from ...spec.errors import SpecError
from ...spec.model import Unspecified
from ...statemachines.evaluate import Configuration
from ...statemachines.step import ELAPSE, Accepted, Undecided, describe, step
from ...statemachines.study import BoundStudy
from ..answer import ACCEPTED, REFUSED
from ..dates import earlier
from ..deviation import Counts, Deviation
from ..observed import differing
from ..rows import Row
from .accepted import wrong_state
from .asked import Asked
from .happened import Happened
from .otherwise import dated_back
from .parts import Part, answer, apart, read, shown, wrong_weekday
from .track import Found, row_deviation
from .ways import Way


class Events:
    """Judges rows on the parts of a case. With ``follow`` a deviation parts the ways; without, a
    refused event leaves the case as it was."""

    def __init__(self, study: BoundStudy | None, counts: Counts, *, follow: bool) -> None:
        self.study, self.counts, self.follow = study, counts, follow

    def judge(self, parts: list[Part], row: Row) -> None:
        """Judges a row; what deviates is added to what the parts' ways tell."""
        self.times([p for p in parts if not p.track.undecided], row)
        live = [p for p in parts if not p.track.undecided]
        if not live and not row.observed:
            return
        try:
            read(self.study, parts, row)
        except SpecError as error:
            self._unreadable(live, row, error)
            return
        for part in parts:
            if part.track.undecided:
                _resume(part, row)
        if live:
            self._event(live, row)

    # ---- time

    def times(self, parts: list[Part], row: Row) -> None:
        """Lets the time up to a row pass."""
        for part in parts:
            _confirm(part, row)
            others = self._dated_back(part, row)
            for way in part.ways:
                found = part.side.time(way.track, row)
                way.tell(*found)
                way.late = any(d.kind == "out_of_order" for d in found)
            for other in others:
                # that something is out of order holds whichever date is wrong
                other.told = (*part.ways[0].told, *other.told)
            part.ways += others
        if len(parts) == 2 and row.event != ELAPSE:
            _late(*parts)

    def _dated_back(self, part: Part, row: Row) -> list[Way]:
        """Where a row goes back behind the one before it, but not behind that before: the ways on
        which the date between is wrong. Rows that go on from that date confirm it."""
        track, past = part.track, part.track.past
        if not self.follow or past is None or row.time is None or track.time is None:
            return []
        if not earlier(row.time, track.time):
            return []
        if past[1] is not None and earlier(row.time, past[1]):
            return []
        found = dated_back(part.side, track, row)
        return [Way(back, tuple(told), until=track.time) for back, told in found]

    # ---- the event

    def _unreadable(self, parts: list[Part], row: Row, error: SpecError) -> None:
        """A row with arguments that can't be read: it may have happened with any."""
        for part in parts:
            best = part.ways[0]
            for way in part.ways:
                way.track.last = None
                if part is parts[0]:
                    way.tell(row_deviation(row, "malformed", "", error.message, {}))
            if self.follow and row.event != ELAPSE:
                here = best.track.configuration
                readings = part.side.guesses.readings(here, row.event)
                part.ways += [part.other(best, after) for after in readings]

    def _event(self, parts: list[Part], row: Row) -> None:
        for part in parts:
            _fitting_first(part, row)
        late = parts[-1].ways[0].told_late()
        misdated = not late and _misdated(parts, row)
        repeated = _repeated(parts, row)
        afters = [p.side.after(p.track, row.event, p.values) for p in parts]
        refused = None in afters or apart(self.study, row, _best(parts)) is not None
        if not refused and any(isinstance(a, Unspecified) for a in afters):
            self._undecided(parts, row)
        elif row.answer == REFUSED:
            self._refusal(parts, row, afters)
        else:
            asked = Asked(
                self.study,
                self.counts,
                parts,
                row,
                afters,
                self.follow,
                repeated,
                late,
                misdated,
            )
            Happened(asked).judge()

    def _undecided(self, parts: list[Part], row: Row) -> None:
        """The text does not say what happens: nobody who takes part is judged from here on."""
        found = answer(self.study, parts, row, _best(parts))
        assert isinstance(found, Undecided)
        seen = shown(parts, row)
        for part in parts:
            part.ways = part.ways[:1]
            said = part.side.undecided(part.track, row, found, seen)
            if part is parts[0]:
                part.ways[0].tell(said)

    def _refusal(self, parts: list[Part], row: Row, afters: list[Found]) -> None:
        """The log says that the system refused the event."""
        best = _best(parts)
        for number, part in enumerate(parts):
            others = [*afters[:number], *afters[number + 1 :]]
            for way in part.ways:
                part.read_in(way.track.configuration)
                mine = part.side.after(way.track, row.event, part.values)
                here = [*best[:number], way.track.configuration, *best[number + 1 :]]
                if mine is None or None in others or apart(self.study, row, here):
                    way.tell(*_differs(part, way, row))
                elif isinstance(mine, tuple) and part is parts[-1]:
                    way.tell(_wrongly_refused(parts, part, way, row))


# ---- time


def _confirm(part: Part, row: Row) -> None:
    """Ends the ways on which a date is wrong that the row goes on from, unless they are better."""
    if row.time is None or len(part.ways) == 1:
        return
    certain = [w for w in part.ways if w.until is None or earlier(row.time, w.until)]
    least = min((len(w.told) for w in certain), default=len(part.ways[0].told) + 1)
    part.ways = [w for w in part.ways if w in certain or len(w.told) < least]


def _late(trial: Part, subject: Part) -> None:
    """Says once that a row shared by trial and subject is out of order.

    In a log that is sorted by subject every subject goes back in the trial's time: that is said
    once of a trial.
    """
    if not trial.ways[0].late:
        return
    late = subject.ways[0].late
    ways = subject.ways if late else trial.ways if trial.track.unsorted else []
    for way in ways:
        if way.late and way.told[-1].kind == "out_of_order":
            way.told = way.told[:-1]
    for way in trial.ways:
        way.track.unsorted = way.track.unsorted or not late


# ---- the event


def _misdated(parts: list[Part], row: Row) -> bool:
    """Says that a row's weekday is not that of its date, which is judged; not on ways where the
    row comes late."""
    found = False
    for part in parts:
        wrong = wrong_weekday(part, row)
        if wrong is None:
            continue
        found = True
        right, said = wrong
        part.values = {**part.values, "weekday": WEEKDAYS.index(right)}
        because = f"the date of {row.event} is a {right}"
        for way in part.ways:
            if not way.awaits(row):
                expected, observed = {"weekday": right}, {"weekday": said}
                way.tell(row_deviation(row, "wrong_value", "", because, expected, observed))
    return found


def _best(parts: list[Part]) -> list[Configuration]:
    """The configurations of the best ways."""
    return [p.track.configuration for p in parts]


def _resume(part: Part, row: Row) -> None:
    """Goes on with a track once a row shows its whole configuration."""
    if len({p.offset for p in part.observed}) == part.side.bound.width:
        track = part.track
        track.undecided = False
        if row.time is not None:
            track.at(row.time)
        track.last, track.given, track.recorded, track.watched = None, 0, 0, 0
        part.take_over(track)


def _fitting_first(part: Part, row: Row) -> None:
    """Puts a way first on which the row is allowed, or on which the text at least decides."""
    if len(part.ways) == 1 or row.event == ELAPSE:
        return
    answers = []
    for way in part.ways:
        part.read_in(way.track.configuration)
        answers.append(part.side.after(way.track, row.event, part.values))
    allowed = [w for w, a in zip(part.ways, answers, strict=True) if isinstance(a, tuple)]
    if isinstance(answers[0], Unspecified):
        part.ways = allowed or part.ways
    elif answers[0] is None:
        least = len(part.ways[0].told)
        better = next((w for w in allowed if len(w.told) <= least), part.ways[0])
        part.ways = [better, *(w for w in part.ways if w is not better)]
    part.read_in(part.track.configuration)


def _repeated(parts: list[Part], row: Row) -> bool:
    """Whether the row says again what the row before it said, of one and the same patient."""
    repeated = True
    told_apart = row.time is not None or row.subject != ""
    for part in parts:
        key = (part.told(row.event).key, row.time, row.answer, part.observed, row.subject)
        same = part.track.last == key
        repeated = repeated and same and (told_apart or not part.track.repeats)
        for way in part.ways:
            way.track.last, way.track.repeats = key, same
    return repeated


def _differs(part: Part, way: Way, row: Row) -> list[Deviation]:
    """After a refusal the log shows another configuration than the one that stays."""
    here = way.track.configuration
    expected, observed = differing(here, part.observed)
    if not expected:
        return []
    part.take_over(way.track)
    return [wrong_state(part, row, here, here, expected, observed)]


def _wrongly_refused(parts: list[Part], part: Part, way: Way, row: Row) -> Deviation:
    bound, here = part.side.bound, way.track.configuration
    answer = step(bound, here, row.event, part.values)
    assert isinstance(answer, Accepted)
    allowed = answer.rule.text if answer.rule is not None else "time passes in every state"
    because = f"{answer.clause or 'the protocol'} allows it in {describe(bound, here)}"
    if allowed != "True":
        because += f": {allowed}"
    seen = {"answer": REFUSED, **shown(parts, row)}
    expected = {"answer": ACCEPTED, "state": bound.states[here[0]]}
    return row_deviation(row, "wrongly_refused", answer.clause, because, expected, seen)
