"""Enumeration: every reachable configuration, by layers of equal distance from the start.

Configurations are packed integers, kept in sets grouped by context: the part of the configuration
that the rules of its state can read or write. A rule is evaluated once for each context, never
once for each configuration; its effect then moves a whole set at a time. Where a linear rank shows
that every event leads one layer further, no configuration can come twice and none is remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..spec.expression import Node
from .bound import Bound
from .context import Context, Contexts
from .offers import Issue
from .rank import Rank, change_of, find_rank

RANK_AFTER = 2_000
MAX_CONFIGURATIONS = 20_000_000
MAX_CONTEXTS = 150_000  # a context takes some eight kilobytes


@dataclass(frozen=True)
class Finding:
    """The first configuration, and the event in it, at which something does not hold."""

    depth: int
    configuration: tuple[int, ...]
    event: str = ""
    arguments: tuple[int, ...] = ()
    detail: str = ""


@dataclass(eq=False, repr=False)
class Space:
    """What enumeration found. ``complete`` is False when a limit ended it early.

    ``issues`` are keyed by kind and place, ``violations`` by the name of the watched property;
    ``transitions`` counts accepted events, self-loops among them. ``ranked`` says that a linear
    rank layered the graph, and then ``depth`` bounds every run.
    """

    bound: Bound
    configurations: int = 0
    transitions: int = 0
    depth: int = 0
    contexts: int = 0
    ranked: bool = False
    complete: bool = True
    issues: dict[tuple[str, str], Finding] = field(default_factory=dict)
    violations: dict[str, Finding] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)
    groups: dict[int, set[int]] = field(default_factory=dict)
    table: Contexts | None = None


class _NoRank(Exception):
    """A change of configuration does not fit the rank assumed so far."""


def explore(
    bound: Bound,
    watch: Mapping[str, Node] | None = None,
    *,
    remember: bool = False,
    most: int | None = None,
) -> Space:
    """Enumerates a sized machine and checks every rule and every watched property on the way.

    ``watch`` maps names to trees that should hold in every reachable configuration. With
    ``remember`` all configurations are kept in ``groups``, whatever the rank. After ``most``
    configurations it stops, and what it found is not complete.
    """
    most = MAX_CONFIGURATIONS if most is None else most
    try:
        return _Search(bound, watch or {}, remember, True, most).run()
    except _NoRank:
        return _Search(bound, watch or {}, remember, False, most).run()


class _Search:
    def __init__(
        self, bound: Bound, watch: Mapping[str, Node], remember: bool, may_rank: bool, most: int
    ) -> None:
        self.table = Contexts(bound, watch)
        self.space = Space(bound, table=self.table)
        self.visited: dict[int, set[int]] = {}
        self.remember = remember
        self.may_rank = may_rank
        self.most = most
        self.rank: Rank | None = None

    def run(self) -> Space:
        table, space = self.table, self.space
        packed = table.layout.pack(space.bound.initial())
        mask = table.mask(packed)
        layer = {packed & mask: {packed & ~mask}}
        self.visited = {key: set(rests) for key, rests in layer.items()}
        for name in table.false_at(packed):
            space.violations[name] = Finding(0, space.bound.initial())
        depth = 0
        while layer:
            space.depth = depth
            after = self.advance(layer, depth)
            if self.rank is None or self.remember:
                after = self.unseen(after)
            if self.rank is None and self.may_rank and space.configurations > RANK_AFTER:
                self.try_rank()
            if space.configurations > self.most or len(table.known) > MAX_CONTEXTS:
                space.complete = False
                break
            layer = after
            depth += 1
        space.ranked = self.rank is not None
        space.contexts = len(table.known)
        space.groups = self.visited
        return space

    def advance(self, layer: dict[int, set[int]], depth: int) -> dict[int, set[int]]:
        """The configurations one event further, grouped by context."""
        space, known = self.space, self.table.known
        after: dict[int, set[int]] = {}
        owned: set[int] = set()
        for key, rests in layer.items():
            context = known.get(key)
            if context is None:
                context = self.open(key, rests, depth)
            count = len(rests)
            space.configurations += count
            space.transitions += count * context.edges
            if context.quiet:
                self.ask(context, key, rests, depth)
            for move in context.moves:
                if move.deferred:
                    self.check_deferred(move.deferred, move.base, rests, depth)
                if move.enter:
                    hi, leave, enter = move.key, move.leave, move.enter
                    parts: dict[int, list[int]] = {}
                    for rest in rests:
                        inside = rest & enter
                        if inside in parts:
                            parts[inside].append(rest ^ inside | leave)
                        else:
                            parts[inside] = [rest ^ inside | leave]
                    for inside, found in parts.items():
                        target = hi | inside
                        if target not in after:
                            after[target] = set(found)
                            owned.add(target)
                        elif target in owned:
                            after[target].update(found)
                        else:
                            after[target] = after[target].union(found)
                            owned.add(target)
                    continue
                moved = {rest | move.leave for rest in rests} if move.leave else rests
                target = move.key
                if target not in after:
                    after[target] = moved
                    if move.leave:
                        owned.add(target)
                elif target in owned:
                    after[target] |= moved
                else:
                    after[target] = after[target] | moved
                    owned.add(target)
        return after

    def open(self, key: int, rests: set[int], depth: int) -> Context:
        """Evaluates a context met for the first time, and notes what is wrong in it."""
        context = self.table.open(key)
        space, layout = self.space, self.table.layout
        if context.issues or context.false:
            example = layout.unpack(key | min(rests))
            for issue in context.issues:
                self.note(issue, example, depth)
        for name, base in context.false:
            if name not in space.violations:
                whole = layout.unpack(base | min(rests))
                space.violations[name] = Finding(depth + 1, whole)
        space.fired |= context.fired
        if self.rank is not None:
            for change in context.changes:
                if not self.rank.fits(change_of(space.bound, change)):
                    raise _NoRank
        return context

    def ask(self, context: Context, key: int, rests: set[int], depth: int) -> None:
        """The quiet events of a context: once for each part of it that they tell apart."""
        told_apart = 0
        for offer in context.quiet:
            told_apart |= offer.reads.fixed
        for local, count in Counter(map(told_apart.__and__, rests)).items():
            edges = context.asked.get(local)
            if edges is None:
                whole = key | min(r for r in rests if r & told_apart == local)
                edges = context.asked[local] = self.ask_first(context, whole, depth)
            self.space.transitions += count * edges

    def ask_first(self, context: Context, whole: int, depth: int) -> int:
        """Notes what is wrong in the first configuration of its kind; how many events are
        accepted there."""
        space, table = self.space, self.table
        outcomes = [table.ask(offer, whole) for offer in context.quiet]
        issues = [issue for o in outcomes for issue in o.issues]
        example = table.layout.unpack(whole)
        issues += table.stuck(
            example[0],
            context.answered or any(o.answered for o in outcomes),
            bool(context.moves) or context.ends or any(o.ends for o in outcomes),
        )
        for issue in issues:
            self.note(issue, example, depth)
        for o in outcomes:
            space.fired |= o.fired
        return sum(o.edges for o in outcomes)

    def note(self, issue: Issue, example: tuple[int, ...], depth: int) -> None:
        key = (issue.kind, issue.place)
        if key not in self.space.issues:
            self.space.issues[key] = Finding(
                depth, example, issue.event, issue.arguments, issue.detail
            )

    def check_deferred(
        self,
        deferred: tuple[tuple[int, int], ...],
        base: int,
        rests: set[int],
        depth: int,
    ) -> None:
        """Properties that read beyond the context: once for each distinct local part."""
        table, space = self.table, self.space
        for number, mask in deferred:
            watched = table.watched[number]
            if watched.name in space.violations:
                continue
            for local in sorted({(base | rest) & mask for rest in rests} - watched.seen):
                watched.seen.add(local)
                if not table.holds(number, local, mask):
                    example = min(r for r in rests if (base | r) & mask == local)
                    space.violations[watched.name] = Finding(
                        depth + 1, table.layout.unpack(base | example)
                    )
                    break

    def unseen(self, after: dict[int, set[int]]) -> dict[int, set[int]]:
        """What of a layer has not been reached before; remembers it."""
        fresh: dict[int, set[int]] = {}
        for key, rests in after.items():
            old = self.visited.get(key)
            if old is None:
                self.visited[key] = set(rests)
                fresh[key] = rests
                continue
            new = rests - old
            if new:
                old |= new
                fresh[key] = new
        return fresh

    def try_rank(self) -> None:
        """Looks for a rank among the changes seen so far; forgets what was visited when it fits."""
        bound = self.space.bound
        seen = {change for context in self.table.known.values() for change in context.changes}
        self.rank = find_rank({change_of(bound, change) for change in seen})
        if self.rank is None:
            self.may_rank = False
        elif not self.remember:
            self.visited = {}
