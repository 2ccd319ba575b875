"""What vectors are to reach, and where each of it is reached in the fewest steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...statemachines.compile import Compiled
from ...statemachines.evaluate import Undefined
from ...statemachines.proof.obligations import attainments
from .conditions import Comparison, Deciding, Owner, Term, terms, variables_of
from .local import Key, Outcomes
from .search import Atlas, Profile

NEAREST = 50
FOUND = (
    "state",
    "rule",
    "pair",
    "changes",
    "decides",
    "held",
    "said",
    "gap",
    "refused",
    "ended",
    "elsewhere",
)


class Goal(NamedTuple):
    """One thing to reach.

    ``kind`` and what ``a``, ``b`` and ``c`` are:

    * rule: its number; state: its number; pair: two rules; attains: an invariant's number
    * changes: a rule and the number of its effect, which changes what it writes
    * decides: a comparison and its difference; c is "days" where no event is needed
    * held: a clock's number, the day after its horizon
    * said: a rule, a comparison that the table has for its event, whether that holds
    * gap: a state, an observation that no rule answers, such a comparison and whether it holds
    * refused: a state, the rules that can fire in it, the event and why
    * ended: a rule that leaves a state, and a symbol that only fits what could happen before it
    * elsewhere: a state, and a rule of another one whose event is asked for where it fits best
    """

    kind: str
    a: int
    b: int = 0
    c: Key = None


class Spot(NamedTuple):
    """Where a goal is reached: at a place by a symbol, or by being there when it is -1.

    For a pair it is the place before its first rule and that rule's symbol.
    """

    place: int
    symbol: int
    cost: int


class Goals:
    """All goals of a machine with their spots; `found` has them by kind, nearest first."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self.comparisons: list[Comparison] = []
        self.found: dict[str, dict[Goal, Spot]] = {kind: {} for kind in FOUND}
        self.within = self._within()
        self._numbers: dict[int, int] = {}
        self._nearest: dict[tuple[int, int], int] = {}
        self._coarse = False
        self._measure()
        self._probe()
        self._pairs()
        self.asked: dict[tuple[int, int], list[Goal]] = {}
        self._ended()
        self._elsewhere()

    # ---- what a step reaches

    def of(self, profile: Profile, symbol: int) -> list[Goal]:
        """The goals that a symbol reaches where this profile holds, pairs apart."""
        outcomes = self.atlas.outcomes(profile, symbol)
        found = list(self.plain(outcomes, symbol))
        if symbol in outcomes.refused:
            found.append(self.refusal(profile, outcomes, symbol))
        return found

    def plain(self, outcomes: Outcomes, symbol: int) -> Iterator[Goal]:
        """The goals of a symbol that depend on its event's outcomes alone."""
        if symbol in outcomes.accepted:
            rule, writes = outcomes.accepted[symbol]
            yield Goal("rule", rule)
            yield Goal("state", writes[0][1])
            for effect in outcomes.changes[symbol]:
                yield Goal("changes", rule, effect)
            for number, holds in outcomes.said[symbol]:
                yield Goal("said", rule, number, holds)
        elif symbol in outcomes.ends:
            yield Goal("rule", outcomes.ends[symbol])
        else:
            for said in outcomes.said.get(symbol, ()):
                yield Goal("gap", outcomes.state, self.atlas.event_of[symbol], said)
        for deciding in outcomes.decides.get(symbol, ()):
            yield from self.decided(deciding)

    def decided(self, deciding: Deciding, how: Key = None) -> Iterator[Goal]:
        """The goals among what decides: the comparisons that are as near as they come."""
        for comparison, difference in deciding:
            number = self._numbers[id(comparison)]
            if self._nearest[number, _sign(difference)] == abs(difference):
                yield Goal("decides", number, difference, how)

    def refusal(self, profile: Profile, outcomes: Outcomes, symbol: int) -> Goal:
        """That an event is refused for this reason, in this state and with these rules open."""
        mask = 0 if self._coarse else profile.mask
        why = (self.atlas.symbols[symbol].event, outcomes.refused[symbol])
        return Goal("refused", profile.state, mask, why)

    def staying(self, number: int) -> Iterator[Goal]:
        """The goals reached by being at a place: how long a state has lasted, clocks held."""
        place = self.atlas.places[number]
        for i, (at, high) in enumerate(self.atlas.clocks):
            if place[at] == high:
                yield Goal("held", i)
        if place[0] in self.within:
            yield from self.decided(self.within[place[0]].deciding(place), "days")

    # ---- the search results looked through

    def _within(self) -> dict[int, Term]:
        bound = self.atlas.bound
        nodes = [(Owner("within", state), node) for state, node in bound.within.items()]
        return {
            owner.number: term
            for (owner, _), term in zip(nodes, terms(bound, Compiled(bound), nodes), strict=True)
        }

    def _measure(self) -> None:
        """How near each comparison comes to turning, from below, at and from above."""
        atlas = self.atlas
        seen: set[int] = set()
        for _, outcomes in self._fresh():
            for listed in outcomes.decides.values():
                for deciding in listed:
                    self._note(deciding, seen)
        for place in atlas.places:
            if place[0] in self.within:
                self._note(self.within[place[0]].deciding(place), seen)

    def _fresh(self) -> Iterator[tuple[Profile, Outcomes]]:
        """Every outcome of an event, once, with the profile in which it was found first."""
        seen: set[int] = set()
        for profile in self.atlas.kinds:
            for outcomes in profile.outcomes:
                if id(outcomes) not in seen:
                    seen.add(id(outcomes))
                    yield profile, outcomes

    def _note(self, deciding: Deciding, seen: set[int]) -> None:
        if id(deciding) in seen:
            return
        seen.add(id(deciding))
        for comparison, difference in deciding:
            number = self._numbers.get(id(comparison))
            if number is None:
                number = self._numbers[id(comparison)] = len(self.comparisons)
                self.comparisons.append(comparison)
            key = (number, _sign(difference))
            self._nearest[key] = min(abs(difference), self._nearest.get(key, abs(difference)))

    def _probe(self) -> None:
        """The first spot of every goal that one symbol or one place reaches."""
        atlas = self.atlas
        seen: set[int] = set()
        fired: set[tuple[object, ...]] = set()
        for profile, outcomes in self._fresh():
            for symbol, listed in outcomes.decides.items():
                # what the same values decide has been added where they came first
                fresh = any(id(d) not in seen for d in listed)
                where: object = (outcomes.state, atlas.event_of[symbol])
                if symbol in outcomes.accepted:
                    where = outcomes.accepted[symbol][0]
                what = (
                    where,
                    outcomes.ends.get(symbol),
                    outcomes.changes.get(symbol),
                    outcomes.said.get(symbol),
                )
                if fresh or what not in fired:
                    seen.update(map(id, listed))
                    fired.add(what)
                    for goal in self.plain(outcomes, symbol):
                        self._add(goal, profile.first, symbol)
        for number in range(len(atlas.places)):
            for goal in self.staying(number):
                self._add(goal, number, -1)
        self._probe_refused()

    def coarsen(self) -> None:
        """Asks for refusals by the state alone, no longer with every set of rules open."""
        self._coarse = True
        self.found["refused"] = {}
        self._probe_refused()

    def _probe_refused(self) -> None:
        seen: set[tuple[int, int]] = set()
        for profile in self.atlas.kinds:
            for outcomes in profile.outcomes:
                if (id(outcomes), profile.mask) not in seen:
                    seen.add((id(outcomes), profile.mask))
                    for symbol in outcomes.reasons.values():
                        goal = self.refusal(profile, outcomes, symbol)
                        self._add(goal, profile.first, symbol)

    def _add(self, goal: Goal, place: int, symbol: int) -> None:
        cost = self.atlas.depths[place] + (symbol >= 0)
        self.found[goal.kind].setdefault(goal, Spot(place, symbol, cost))

    def _pairs(self) -> None:
        """Each pair of rules that can follow each other, with or without days between."""
        atlas, found = self.atlas, self.found["pair"]
        # after an unspecified answer nothing is judged: to reach one once is enough
        taken = sum(1 << r.number for r in atlas.bound.rules if isinstance(r.target, int))
        masks = [p.mask & taken for p in atlas.profiles]
        later = self._masks_later(masks)
        at_once, with_days = ([0] * len(atlas.bound.rules) for _ in range(2))
        for number, profile in enumerate(atlas.profiles):
            for jump, target in zip(profile.jumps, atlas.targets[number], strict=True):
                for done, mask, cost in (
                    (at_once, masks[target], 2),
                    (with_days, later[target], 3),
                ):
                    for second in bits(mask & ~done[jump.rule]):
                        goal = Goal("pair", jump.rule, second)
                        spot = Spot(number, jump.symbol, atlas.depths[number] + cost)
                        if goal not in found or spot.cost < found[goal].cost:
                            found[goal] = spot
                    done[jump.rule] |= mask

    def _masks_later(self, masks: list[int]) -> list[int]:
        """For each place, the rules that can fire on some later day if nothing happens before."""
        after = self.atlas.later
        known: list[int | None] = [None] * len(masks)
        for start in range(len(masks)):
            chain: list[int] = []
            seen: set[int] = set()
            at = start
            while at >= 0 and known[at] is None and at not in seen:
                chain.append(at)
                seen.add(at)
                at = after[at][0]
            mask = 0 if at < 0 else (known[at] or 0) | masks[at]
            for number in reversed(chain):
                known[number] = mask
                mask |= masks[number]
        return [mask or 0 for mask in known]

    def _ask(self, goal: Goal, place: int, symbol: int) -> None:
        """Adds a goal that is reached at one place by one symbol alone."""
        self._add(goal, place, symbol)
        self.asked.setdefault((place, symbol), []).append(goal)

    def _ended(self) -> None:
        """What a state allowed and the one after it does not.

        Whoever goes on after the end does so with the right dose on the right day: of the symbols
        refused just after the state was left, the one that comes nearest to each rule is asked
        for.
        """
        atlas, rules = self.atlas, self.atlas.bound.rules
        after: dict[int, int] = {}
        for number, profile in enumerate(atlas.profiles):
            for jump, target in zip(profile.jumps, atlas.targets[number], strict=True):
                if rules[jump.rule].source != atlas.places[target][0]:
                    after.setdefault(jump.rule, target)
        for left, place in after.items():
            refused = atlas.profiles[place].outcomes
            for event, offer in enumerate(atlas.offers[rules[left].source].offers):
                fitting = offer.fitting(atlas.places[place], refused[event].refused)
                for symbol in {symbol for _, symbol in fitting.values()}:
                    self._ask(Goal("ended", left, symbol), place, symbol)

    def _elsewhere(self) -> None:
        """What another state allows, tried where nothing but the state is against it.

        Where a rule of another state fails the fewest of its conditions, among the nearest places
        just after an event.
        """
        atlas = self.atlas
        best: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        tried: Counter[int] = Counter()
        for profile in atlas.kinds:
            place = profile.first
            if atlas.moves[place].days or tried[profile.state] == NEAREST:
                continue
            tried[profile.state] += 1
            for state, offers in enumerate(atlas.offers):
                if state == profile.state:
                    continue
                for event, offer in enumerate(offers.offers):
                    refused = profile.outcomes[event].refused
                    if not refused or not offer.rules:
                        continue
                    fitting = offer.fitting(atlas.places[place], refused)
                    for i, (count, symbol) in fitting.items():
                        key = profile.state, offer.rules[i].number
                        found = count, atlas.depths[place], place, symbol
                        best[key] = min(best.get(key, found), found)
        for (state, rule), (_, _, place, symbol) in best.items():
            self._ask(Goal("elsewhere", state, rule), place, symbol)

    # ---- the tight bounds

    def attained(self) -> dict[Goal, Spot]:
        """For each tight invariant a place where its bound is met, and one more is refused.

        The first place at which a condition of the invariant's own clause, on what it is about,
        refuses an event; else one where any condition on that does; else the first at all.
        """
        atlas = self.atlas
        conditions = attainments(atlas.bound)
        tests = Compiled(atlas.bound).predicates(list(conditions.values()))
        slugs = [f"{i.clause}/{i.slug}/tight" for i, _ in atlas.bound.invariants]
        found: dict[Goal, Spot] = {}
        for (id, node), test in zip(conditions.items(), tests, strict=True):
            number = slugs.index(id)
            clause = atlas.bound.invariants[number][0].clause
            about = variables_of(node) - {"state"}
            best = -1
            for at, place in enumerate(atlas.places):
                if best < 2 and _is_met(test, place):
                    rank = self._refuses_over(atlas.profiles[at], about, clause)
                    if rank > best:
                        best = rank
                        found[Goal("attains", number)] = Spot(at, -1, atlas.depths[at])
        return found

    def _refuses_over(self, profile: Profile, names: set[str], clause: str) -> int:
        """1 when a rule's first failing condition reads one of these variables, 2 when it is also
        of this clause, else 0."""
        rules, best = self.atlas.bound.rules, 0
        for outcomes in profile.outcomes:
            for why in outcomes.reasons:
                if isinstance(why, tuple) and why[0] != "possible":
                    part = rules[why[0]].parts[why[1][0]]
                    if names & variables_of(part.node):
                        best = max(best, 1 + (part.clause == clause))
        return best


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)


def _is_met(test: Callable[..., object], place: tuple[int, ...]) -> bool:
    try:
        return bool(test(place))
    except Undefined:
        return False
