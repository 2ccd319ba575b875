"""Comparisons: how far each is from turning, and whether something else would come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, NamedTuple

from ...spec.errors import SpecError
from ...spec.expression import TRUE, Node, parse, parse_effects
from ...spec.fold import COMPARE
from ...spec.resolve import Resolver
from ...spec.types import number as number_type
from ...statemachines.bound import Bound, BoundEvent, Parameter, as_int
from ...statemachines.compile import Compiled
from ...statemachines.evaluate import Undefined

CONNECTIVES = ("and", "or", "not")
LEAVES = ("variable", "cell", "argument", "table", "call")
FEW = 2
SWITCH = "#"


class Owner(NamedTuple):
    """What a term belongs to: a ``possible``, a ``guard``, an ``effect`` or a ``within``.

    ``number`` is the rule's, the event's for a possible, the state's for a within; ``part`` is
    the condition's or the effect's among those of the rule.
    """

    kind: str
    number: int
    part: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """One comparison, truth value, min or max inside a term, or a function with another constant.

    ``difference`` is its left side minus its right side, or the value. Of ``plain`` ones only
    whether the difference is 0 says anything: truth values, and labels, which have no order, and
    functions.
    """

    owner: Owner
    node: Node
    plain: bool
    difference: Callable[..., Any]


Deciding = tuple[tuple[Comparison, int], ...]


class Term:
    """A condition or a value, with the comparisons in it.

    ``turned`` takes the number of a comparison as its last argument, and gives the value that the
    term would have if that one place answered the opposite. What is worked out is kept by the
    values that the term reads.
    """

    def __init__(
        self,
        node: Node,
        value: Callable[..., Any],
        turned: Callable[..., Any],
        comparisons: Sequence[Comparison],
        key: Callable[[tuple[int, ...]], Any],
    ) -> None:
        self.node, self.value, self.turned = node, value, turned
        self.comparisons = tuple(comparisons)
        self._key = key
        self._deciding: dict[Any, Deciding] = {}
        self._signs: dict[Any, tuple[int, ...]] = {}

    def deciding(self, configuration: tuple[int, ...], arguments: tuple[int, ...] = ()) -> Deciding:
        """The comparisons on which the value depends here, each with its difference.

        Nothing where the term has no value. The same tuple is given for the same values.
        """
        key = self._key(configuration + arguments)
        found = self._deciding.get(key)
        if found is None:
            try:
                found = tuple(self._work_out(configuration, arguments))
            except Undefined:
                found = ()
            self._deciding[key] = found
        return found

    def _work_out(
        self, configuration: tuple[int, ...], arguments: tuple[int, ...]
    ) -> Iterator[tuple[Comparison, int]]:
        value = self.value(configuration, *arguments)
        for number, comparison in enumerate(self.comparisons):
            try:
                difference = int(comparison.difference(configuration, *arguments))
            except Undefined:
                continue
            try:
                other = self.turned(configuration, *arguments, number)
            except Undefined:
                # turned, it would look outside an array: that is told apart as well
                other = None
            if other != value:
                yield comparison, int(difference != 0) if comparison.plain else difference

    def signs(self, configuration: tuple[int, ...], arguments: tuple[int, ...]) -> tuple[int, ...]:
        """On which side each comparison is: -1, 0 or 1; 2 where it has no value.

        Nothing of a term with many: every way to miss a list of days is not a reason of its own.
        """
        if len(self.comparisons) > FEW:
            return ()
        key = self._key(configuration + arguments)
        found = self._signs.get(key)
        if found is None:
            found = tuple(_sign(c, configuration, arguments) for c in self.comparisons)
            self._signs[key] = found
        return found


def _sign(
    comparison: Comparison, configuration: tuple[int, ...], arguments: tuple[int, ...]
) -> int:
    try:
        difference = int(comparison.difference(configuration, *arguments))
    except Undefined:
        return 2
    return (difference > 0) - (difference < 0)


def terms(
    bound: Bound,
    compiled: Compiled,
    nodes: Sequence[tuple[Owner, Node]],
    event: BoundEvent | None = None,
    *,
    width: int = 0,
) -> list[Term]:
    """Terms for core trees of one event, or of none.

    ``width`` is how long the tuples are that they are asked about; the arguments come after.
    """
    inside: list[list[Node]] = []
    switched = []
    for owner, node in nodes:
        inside.append([])
        switched.append(_switched(bound, node, owner.kind != "effect", inside[-1]))
    values = compiled.predicates([node for _, node in nodes], event)
    turned = compiled.predicates(switched, _with_switch(event))
    differences = iter(
        compiled.predicates([_difference(part) for found in inside for part in found], event)
    )
    labels = _label_names(bound, event)
    made = []
    for i, (owner, node) in enumerate(nodes):
        parts = [
            Comparison(owner, part, _is_plain(part, labels), next(differences))
            for part in inside[i]
        ]
        key = getter(_read(bound, event, node, width))
        made.append(Term(node, values[i], turned[i], parts, key))
    return made


# ---- what a tree reads


def getter(places: set[int]) -> Callable[[tuple[int, ...]], Any]:
    """A function that takes the values at these places out of a tuple."""
    return itemgetter(*sorted(places)) if places else lambda _: ()


def places(bound: Bound, tree: Node) -> set[int]:
    """The places of a configuration that a tree can read, in any of them."""
    found: set[int] = set()
    for node in tree.walk():
        if node.op in ("variable", "cell", "array"):
            found |= _places(bound, node)
    return found


def variables_of(tree: Node) -> set[str]:
    """The names of the variables that a tree can read."""
    return {str(n.value) for n in tree.walk() if n.op in ("variable", "cell", "array")}


def _places(bound: Bound, node: Node) -> set[int]:
    if node.value == "state":
        return {0}
    f = bound.by_name[str(node.value)]
    if node.op == "cell" and node.args[0].op == "integer":
        at = as_int(node.args[0])
        return {f.offset + at - 1} if 1 <= at <= f.cells else set()
    return set(range(f.offset, f.offset + f.cells))


def _read(bound: Bound, event: BoundEvent | None, tree: Node, width: int) -> set[int]:
    """What a tree reads of a configuration with the arguments after it."""
    names = [p.name for p in event.parameters] if event else []
    arguments = {str(n.value) for n in tree.walk() if n.op == "argument"}
    return places(bound, tree) | {width + names.index(name) for name in arguments}


# ---- comparisons in a tree


def _switched(bound: Bound, node: Node, truth: bool, found: list[Node]) -> Node:
    """The tree in which `SWITCH` turns the comparison of its number; ``found`` takes them.

    A truth value counts where it is a condition of its own. A function is turned to what it says
    of a constant that is one more or less.
    """
    op = node.op
    turns = op in COMPARE or op in ("min", "max") or (truth and op in LEAVES)
    number = len(found)
    if turns:
        found.append(node)
    args = tuple(
        arg
        if arg.op == "array"
        else _switched(bound, arg, op in CONNECTIVES or (op == "if" and (i == 0 or truth)), found)
        for i, arg in enumerate(node.args)
    )
    made = Node(op, node.value, args)
    if op == "call":
        for other in _neighbours(bound, node):
            made = Node("if", None, (_chosen(len(found)), other, made))
            found.append(other)
    if not turns:
        return made
    chosen = _chosen(number)
    if op in ("min", "max"):
        return Node("if", None, (chosen, Node("max" if op == "min" else "min", None, args), made))
    return Node("!=", None, (made, chosen))


def _chosen(number: int) -> Node:
    return Node("==", None, (Node("argument", SWITCH), Node("integer", number)))


def _neighbours(bound: Bound, call: Node) -> Iterator[Node]:
    """The same function with one of its constants one less or more, where it takes that."""
    takes = bound.functions[str(call.value)].takes
    for i, (arg, range_) in enumerate(zip(call.args, takes, strict=True)):
        if arg.op != "integer" or range_ is None:
            continue
        low, high = map(as_int, range_)
        for value in (as_int(arg) - 1, as_int(arg) + 1):
            if low <= value <= high:
                other = (*call.args[:i], Node("integer", value), *call.args[i + 1 :])
                yield Node("call", call.value, other)


def _with_switch(event: BoundEvent | None) -> BoundEvent:
    """The event with the switch as one more argument, the last."""
    found = event or BoundEvent("", True, (), TRUE, "")
    none = Node("integer", 0)
    switch = Parameter(SWITCH, number_type(None, None), none, none)
    return replace(found, parameters=(*found.parameters, switch))


def _difference(node: Node) -> Node:
    return node if node.op in LEAVES else Node("-", None, node.args)


def _label_names(bound: Bound, event: BoundEvent | None) -> set[tuple[str, str]]:
    """The variables, arrays and arguments that hold labels, by kind of node and name."""
    found = {("variable", "state")}
    for field in bound.fields:
        if field.type.kind != "number":
            found |= {("variable", field.name), ("cell", field.name)}
    for parameter in event.parameters if event else ():
        if parameter.type.kind != "number":
            found.add(("argument", parameter.name))
    return found


def _is_plain(node: Node, labels: set[tuple[str, str]]) -> bool:
    if node.op in LEAVES:
        return True
    if node.op in ("min", "max"):
        return False
    return any((side.op, str(side.value)) in labels for side in node.args)


# ---- what the table says, whatever the readings leave of it


def spoken(bound: Bound, state: int, event: BoundEvent) -> list[Node]:
    """The comparisons that the table has for an event in a state, whatever the readings leave.

    A reading can make a comparison idle: who programs another reading by mistake is found out
    only where that comparison would have mattered.
    """
    name = bound.states[state]
    texts = [parse(event.possible_text)]
    for t in bound.machine.transitions:
        if t.event == event.name and name in t.sources:
            texts += [parse(r.condition) for r in t.requires]
            texts += [parse(t.when)] if t.when != "otherwise" else []
            texts += [e.value for e in parse_effects(t.then)]
    scope = bound.scope.with_arguments({p.name: p.type for p in event.parameters}, state)
    found: dict[Node, None] = {}
    for part in dict.fromkeys(p for text in texts for p in _spoken(bound, text, ())):
        try:
            node = Resolver(scope).condition(str(part), "")
        except SpecError:
            # a number by itself, or the bound name of a quantifier
            continue
        if node.op != "truth":
            found[node] = None
    return list(found)


def _spoken(bound: Bound, node: Node, open_: tuple[str, ...]) -> Iterator[Node]:
    definitions = bound.machine.definitions
    if node.op == "name" and node.value in definitions:
        name = str(node.value)
        if name not in open_:
            yield from _spoken(bound, parse(definitions[name]), (*open_, name))
        return
    if node.op in (*COMPARE, "in", "name", "argument", "index", "all", "any"):
        yield node
    if node.op not in ("all", "any", "sum"):
        for arg in node.args:
            yield from _spoken(bound, arg, open_)
