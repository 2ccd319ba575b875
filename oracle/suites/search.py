"""Every reachable configuration, the fewest steps to it, and what can happen there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from ...spec.errors import SpecError
from ...spec.expression import Node
from ...statemachines.bound import Bound, as_int
from ...statemachines.compile import Compiled, Write
from ...statemachines.trace import landmark_window
from .days import Days, Weeks
from .local import Jump, Offer, Offers, Outcomes, symbols, widened

MAX_PLACES = 400_000
MAX_BYTES = 3_000_000_000
MAX_WALKED = 4_000_000
NOTHING = Outcomes(-1)


class Move(NamedTuple):
    """One step: the number of a symbol, or -1 and the days that pass."""

    symbol: int
    days: int = 0


@dataclass(slots=True, eq=False)
class Profile:
    """What can happen in all configurations that are alike to the events.

    ``first`` is the place found first, ``outcomes`` are those of the events in their order;
    ``mask`` has a bit for each rule that can fire.
    """

    first: int
    state: int
    outcomes: tuple[Outcomes, ...]
    jumps: tuple[Jump, ...]
    mask: int


class Atlas:
    """The search and what it found. Places are numbered by the steps it takes to get there.

    A place is a configuration followed by the days since each landmark's start, -1 when it does
    not run. One step is an event or any number of days. ``parents`` and ``moves`` say how a place
    was found, ``depths`` in how many steps. ``targets`` are parallel to the jumps of a place's
    profile; ``later`` is the next place that days alone lead to and how many, -1 when there is
    none. `SpecError` for a machine that is too large to be searched in whole.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = wide = widened(bound)
        self.symbols = symbols(wide)
        self.days = Days(wide, self.symbols)
        compiled = Compiled(wide)
        listed = list(enumerate(self.symbols))
        self.landmarks = [
            (wide.by_name[m.name].offset, m.name, *landmark_window(m.months, m.days))
            for m in wide.machine.landmarks
        ]
        weeks = Weeks(wide)
        by_event = {e.name: [s for s in listed if s[1].event == e.name] for e in wide.events}
        width = wide.width + len(self.landmarks)
        self.offers = [
            Offers(
                [
                    Offer(wide, compiled, weeks, width, state, e, by_event[e.name])
                    for e in wide.events
                ]
            )
            for state in range(len(wide.states))
        ]
        places = {e.name: i for i, e in enumerate(wide.events)}
        self.event_of = [places[s.event] for s in self.symbols]
        self.dated = [places[m[1]] for m in self.landmarks]
        self.clocks = [(f.offset, as_int(f.high)) for f in wide.clocks]
        start = wide.initial() + (-1,) * len(self.landmarks)
        self.places = [start]
        self.parents, self.moves, self.depths = [-1], [Move(-1)], [0]
        self.profiles: list[Profile] = []
        self.targets: list[list[int]] = []
        self.numbers: dict[Hashable, int] = {self.identity(start): 0}
        self.known: dict[Hashable, Profile] = {}
        self.walked = 0
        while len(self.profiles) < len(self.places):
            # places are numbered in the order of their depth
            number = len(self.profiles)
            self.profiles.append(self.profile(number))
            self.targets.append(self.jump(number))
            if not self.moves[number].days:
                self.wait(number)
        self.later = [self.next_place(place) for place in self.places]

    def path(self, number: int) -> list[Move]:
        """The moves that lead to a place."""
        found = []
        while number:
            found.append(self.moves[number])
            number = self.parents[number]
        return found[::-1]

    @property
    def kinds(self) -> list[Profile]:
        """The profiles, in the order in which they were found."""
        return list(self.known.values())

    # ---- places

    def size(self) -> int:
        """About how many bytes the search takes, as measured: a profile has an answer to every
        symbol, and each can depend on every variable."""
        width = len(self.places[0])
        profile = 6_000 + len(self.symbols) * width
        return len(self.places) * (600 + 16 * width) + len(self.known) * profile

    def identity(self, place: tuple[int, ...]) -> Hashable:
        """What makes two places one: the configuration, and which landmarks can have come.

        How long ago a landmark started is that of the path found first; every path keeps to its
        own days, though a place that only other days lead on from may be missed.
        """
        return (place[: self.bound.width], self.due(place)) if self.landmarks else place

    def due(self, place: tuple[int, ...]) -> tuple[bool, ...]:
        """For each landmark, whether its day can have come."""
        days = place[self.bound.width :]
        return tuple(d >= m[2] for d, m in zip(days, self.landmarks, strict=True))

    def add(self, place: tuple[int, ...], parent: int, move: Move) -> int:
        """The number of a place, a new one where it has none."""
        key = self.identity(place)
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.places)
            if number >= MAX_PLACES or self.size() > MAX_BYTES:
                raise SpecError(
                    f"more than {number} configurations: too many to search for vectors",
                    where=f"machine {self.bound.machine.name}",
                    hint="set smaller constants, for instance fewer levels",
                )
            self.places.append(place)
            self.parents.append(parent)
            self.moves.append(move)
            self.depths.append(self.depths[parent] + 1)
        return number

    # ---- events

    def profile(self, number: int) -> Profile:
        """What can happen at a place."""
        place = self.places[number]
        offers = self.offers[place[0]]
        groups = offers.at(place)
        due = self.due(place)
        key = (place[0], due, *map(id, groups))
        profile = self.known.get(key)
        if profile is None:
            found = offers.in_order(groups)
            for i, come in zip(self.dated, due, strict=True):
                if not come:
                    found[i] = NOTHING
            jumps = tuple(jump for outcomes in found for jump in outcomes.jumps)
            mask = 0
            for outcomes in found:
                mask |= outcomes.mask
            profile = Profile(number, place[0], tuple(found), jumps, mask)
            self.known[key] = profile
        return profile

    def outcomes(self, profile: Profile, symbol: int) -> Outcomes:
        """What comes of a symbol's event."""
        return profile.outcomes[self.event_of[symbol]]

    def spoken(self, state: int, event: int) -> list[Node]:
        """The comparisons that the table has for an event in a state."""
        return [node for node, _ in self.offers[state].offers[event].spoken]

    def jump(self, number: int) -> list[int]:
        """The places that the events lead to."""
        place, targets = self.places[number], []
        for jump in self.profiles[number].jumps:
            targets.append(self.add(self.after(place, jump.writes), number, Move(jump.symbol)))
        return targets

    def after(self, place: tuple[int, ...], writes: tuple[Write, ...]) -> tuple[int, ...]:
        """The place after an event, the days since landmarks started with it."""
        changed = list(place)
        for at, value in writes:
            changed[at] = value
        for i, (at, *_) in enumerate(self.landmarks, self.bound.width):
            if changed[at] == 1 and changed[i] < 0:
                changed[i] = 0
            if changed[at] == 2:
                changed[i] = -1
        return tuple(changed)

    # ---- days

    def tomorrow(self, place: tuple[int, ...]) -> tuple[int, ...] | None:
        """The place a day later; None when that changes nothing, or a landmark comes first."""
        if place[0] in self.bound.final:
            return None
        changed = list(place)
        for at, high in self.clocks:
            if changed[at] < high:
                changed[at] += 1
        for i, (_, _, _, most) in enumerate(self.landmarks, self.bound.width):
            if changed[i] >= most:
                return None
            if changed[i] >= 0:
                changed[i] += 1
        after = tuple(changed)
        return None if after == place else after

    def wait(self, number: int) -> None:
        """Adds the places that days alone lead to from one that an event led to."""
        place, days, depth = self.places[number], 0, self.depths[number]
        while (after := self.tomorrow(place)) is not None:
            place, days = after, days + 1
            self.walked += 1
            known = self.numbers.get(self.identity(place))
            if known is None:
                self.add(place, number, Move(-1, days))
            elif not self.landmarks and (self.depths[known] <= depth or self.moves[known].days):
                # the days after this one have been, or will be, added from there
                return
            elif self.walked > MAX_WALKED:
                return

    def next_place(self, place: tuple[int, ...]) -> tuple[int, int]:
        """The number of the next place that days alone lead to, and how many; -1 for none."""
        here, days = self.identity(place), 0
        while (after := self.tomorrow(place)) is not None:
            place, days = after, days + 1
            there = self.identity(place)
            if there != here:
                return self.numbers.get(there, -1), days
        return -1, 0
