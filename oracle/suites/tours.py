"""Tours: runs through a machine that reach goals, and are gone on with while that is cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .days import WEEK
from .goals import Goal, Goals, Spot, bits
from .search import Move

LONGEST = 24
AHEAD = 3
ASKED = ("refused", "decides", "gap")
NEARLY = ("ended", "elsewhere")
SINGLE = (*ASKED, "changes", "held", "said", *NEARLY)


@dataclass(slots=True)
class Draft:
    """The moves of one vector, refused events among them, and the goal it was made for."""

    goal: Goal
    moves: list[Move] = field(default_factory=list)


class Lost(Exception):
    """No calendar allows this run."""


class Tour:
    """One run from the start, with the goals met on the way."""

    def __init__(self, goals: Goals) -> None:
        self.goals, self.atlas = goals, goals.atlas
        self.here = self.atlas.places[0]
        self.number = 0
        self.last = -1
        self.moves: list[Move] = []
        self.met: dict[Goal, None] = {}
        self.over = False
        self.day = 0
        self.begins: int | None = None  # the weekday of the first day, once one has been named
        self.given: set[str] = set()

    def follow(self, moves: Sequence[Move]) -> None:
        """Makes several moves."""
        for move in moves:
            if move.days:
                self.wait(move.days)
            else:
                self.take(move.symbol)

    def allows(self, symbol: int, later: int = 0) -> bool:
        """Whether the calendar lets an event be asked for, today or some days later."""
        known, atlas = self.atlas.days, self.atlas
        if symbol in known.weekday and self.begins is not None:
            return (known.weekday[symbol] - self.day - later) % WEEK == self.begins
        if not later and known.drug.get(symbol) in self.given:
            return symbol in atlas.outcomes(atlas.profiles[self.number], symbol).refused
        return True

    def take(self, symbol: int) -> None:
        """Lets an event be answered; only an accepted one leads further."""
        if not self.allows(symbol):
            raise Lost
        atlas = self.atlas
        profile = atlas.profiles[self.number]
        outcomes = atlas.outcomes(profile, symbol)
        accepted, ends = outcomes.accepted.get(symbol), outcomes.ends.get(symbol)
        if accepted is None and ends is None and symbol not in outcomes.refused:
            raise Lost
        for goal in self.goals.of(profile, symbol):
            self.met[goal] = None
        for goal in self.goals.asked.get((self.number, symbol), ()):
            self.met[goal] = None
        self.moves.append(Move(symbol))
        if symbol in atlas.days.weekday:
            self.begins = (atlas.days.weekday[symbol] - self.day) % WEEK
        rule = ends if accepted is None else accepted[0]
        if rule is None:
            return
        if self.last >= 0:
            self.met[Goal("pair", self.last, rule)] = None
        self.last = rule
        if accepted is None:
            self.over = True
        else:
            if symbol in atlas.days.drug:
                self.given.add(atlas.days.drug[symbol])
            self.go(atlas.after(self.here, accepted[1]))

    def wait(self, days: int) -> None:
        """Lets days pass."""
        here = self.here
        for _ in range(days):
            after = self.atlas.tomorrow(here)
            if after is None:
                raise Lost
            here = after
        self.day += days
        self.given.clear()
        if self.moves and self.moves[-1].days:
            days += self.moves.pop().days
        self.moves.append(Move(-1, days))
        self.go(here)

    def go(self, place: tuple[int, ...]) -> None:
        """Is at a place, which the search has found too."""
        self.here = place
        number = self.atlas.numbers.get(self.atlas.identity(place))
        if number is None:
            raise Lost
        self.number = number
        for goal in self.goals.staying(number):
            self.met[goal] = None


class Planner:
    """Makes drafts until every goal that was asked for is met."""

    def __init__(self, goals: Goals, wanted: dict[Goal, Spot]) -> None:
        self.goals, self.atlas = goals, goals.atlas
        self.wanted = wanted
        self.open = dict(wanted)
        self.pairs = [0] * len(self.atlas.bound.rules)
        self.spots: dict[int, dict[Goal, None]] = {}
        for goal, spot in wanted.items():
            if goal.kind == "pair":
                self.pairs[goal.a] |= 1 << goal.b
            elif goal.kind in SINGLE:
                self.spots.setdefault(spot.place, {})[goal] = None
        self.drafts: list[Draft] = []

    def plan(self, kinds: Sequence[str]) -> list[Draft]:
        """The drafts for all goals, kind by kind, those deepest in the machine first."""
        for kind in kinds:
            mine = [g for g in self.open if g.kind == kind]
            # what a long run meets on the way needs no run of its own
            for goal in sorted(mine, key=lambda g: -self.wanted[g].cost):
                if goal in self.open:
                    self.reach(goal)
        return self.drafts

    def reach(self, goal: Goal) -> None:
        """A tour to one goal, and on to others that are near."""
        tour = Tour(self.goals)
        try:
            tour.follow(self.atlas.path(self.wanted[goal].place))
            self.meet(tour, goal)
            if goal not in tour.met or not tour.moves:
                raise Lost
        except Lost:
            # no calendar leads there in the fewest steps
            del self.open[goal]
            return
        start = len(tour.moves)
        self.close(tour)
        while not tour.over and len(tour.moves) < start + LONGEST and goal.kind != "attains":
            onward = self.nearest(tour, goal)
            if onward is None:
                break
            moves, there = onward
            try:
                tour.follow(moves)
                for near in there:
                    there_still = tour.number == self.wanted[near].place and not tour.over
                    if near in self.open and there_still:
                        self.meet(tour, near)
            except Lost:
                break
            self.close(tour)
        self.drafts.append(Draft(goal, tour.moves))

    def meet(self, tour: Tour, goal: Goal) -> None:
        """Meets a goal where it is reached; where a pair begins, lets its rules fire."""
        symbol = self.wanted[goal].symbol
        if goal.kind == "pair":
            self.await_day(tour, symbol)
            tour.take(symbol)
            self.second(tour, goal.b)
        elif goal.kind == "attains":
            for outcomes in self.atlas.profiles[tour.number].outcomes:
                for refused in outcomes.reasons.values():
                    if tour.allows(refused):
                        tour.take(refused)
            tour.met[goal] = None
        elif goal.kind in NEARLY:
            # a refusal leads nowhere: all that are asked for here are asked for at once
            for near in list(self.spots[self.wanted[goal].place]):
                nearby = self.wanted[near].symbol
                if near.kind in NEARLY and near not in tour.met and tour.allows(nearby):
                    tour.take(nearby)
        else:
            if goal.kind in ASKED:
                self.ask(tour)
            if symbol >= 0 and goal not in tour.met:
                self.await_day(tour, symbol)
                tour.take(symbol)

    def ask(self, tour: Tour) -> None:
        """Asks for every refused event that meets an open goal where the tour is."""
        profile = self.atlas.profiles[tour.number]
        for outcomes in profile.outcomes:
            for symbol in outcomes.refused:
                found = self.goals.of(profile, symbol)
                if tour.allows(symbol) and any(g in self.open and g not in tour.met for g in found):
                    tour.take(symbol)

    def close(self, tour: Tour) -> None:
        """What a tour has met is no longer open."""
        for goal in tour.met:
            if self.open.pop(goal, None) is None:
                continue
            if goal.kind == "pair":
                self.pairs[goal.a] &= ~(1 << goal.b)
            elif goal.kind in SINGLE:
                self.spots[self.wanted[goal].place].pop(goal)

    # ---- pairs

    def second(self, tour: Tour, rule: int) -> None:
        """Lets a rule fire on the first day on which it can, today if possible."""
        atlas, here, days = self.atlas, tour.here, 0
        while True:
            number = atlas.numbers.get(atlas.identity(here))
            if number is not None and atlas.profiles[number].mask >> rule & 1:
                symbol = self.firing(number, rule)
                if tour.allows(symbol, days):
                    break
            after = atlas.tomorrow(here)
            if after is None:
                raise Lost
            here, days = after, days + 1
        if days:
            tour.wait(days)
        tour.take(symbol)

    def await_day(self, tour: Tour, symbol: int) -> None:
        """Waits, within a week, until the calendar lets an event be asked for."""
        here, atlas = tour.here, self.atlas
        for days in range(WEEK):
            if tour.allows(symbol, days):
                if days:
                    tour.wait(days)
                return
            after = atlas.tomorrow(here)
            if after is None:
                break
            here = after
        raise Lost

    def firing(self, number: int, rule: int) -> int:
        """The first symbol that lets a rule fire at a place."""
        for outcomes in self.atlas.profiles[number].outcomes:
            for symbol, (fired, _) in outcomes.accepted.items():
                if fired == rule:
                    return symbol
        raise Lost

    # ---- on from where a tour is

    def is_near(self, goal: Goal, number: int) -> bool:
        """Whether a place has open goals that a run to this one may go on to."""
        state = self.atlas.profiles[number].state
        fits = goal.a == state if goal.kind == "refused" else goal.kind in SINGLE
        return fits and bool(self.spots.get(number))

    def nearest(self, tour: Tour, goal: Goal) -> tuple[list[Move], list[Goal]] | None:
        """The fewest moves on to open goals of such a kind, and those to be met there.

        For pairs the last move meets one. What is refused in one state stays by itself.
        """
        atlas = self.atlas
        layer: list[tuple[int, int, list[Move]]] = [(tour.number, tour.last, [])]
        seen = {(tour.number, tour.last)}
        for _ in range(AHEAD):
            after: list[tuple[int, int, list[Move]]] = []
            for number, last, moves in layer:
                profile = atlas.profiles[number]
                if goal.kind == "pair":
                    for rule in bits(profile.mask & self.pairs[last]):
                        return [*moves, Move(self.firing(number, rule))], []
                elif moves and self.is_near(goal, number):
                    return moves, list(self.spots[number])
                for jump, target in zip(profile.jumps, atlas.targets[number], strict=True):
                    if (target, jump.rule) not in seen:
                        seen.add((target, jump.rule))
                        after.append((target, jump.rule, [*moves, Move(jump.symbol)]))
                # days on end are one step: what was seen between them would be lost
                before = moves or tour.moves
                if not before or not before[-1].days:
                    day, days = atlas.later[number]
                    while day >= 0 and (day, last) not in seen:
                        seen.add((day, last))
                        after.append((day, last, [*moves, Move(-1, days)]))
                        day, more = atlas.later[day]
                        days += more
            layer = after
        return None
