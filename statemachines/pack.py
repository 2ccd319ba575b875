"""Configurations as single integers, and which of their bits a tree reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from ..spec.expression import Node
from ..spec.fold import substitute
from .bound import Bound, BoundEvent, Field, as_int
from .evaluate import Configuration, Undefined, evaluate

Change = tuple[tuple[int, int, int], ...]  # the places that change, with old and new values


class NotKnown(Exception):
    """A value was needed that lies outside the known part of a configuration."""


class Unread:
    """Stands for a value that is not known; any use of it raises `NotKnown`."""

    def _fail(self, *_: object) -> bool:
        raise NotKnown

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __index__ = _fail
    __bool__ = __hash__ = _fail


UNREAD = Unread()


class Layout:
    """Where each value of a configuration sits in the packed integer."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        lows, highs = [0], [len(bound.states) - 1]
        for field in bound.fields:
            lows += [as_int(field.low)] * field.cells
            highs += [as_int(field.high)] * field.cells
        self.lows = lows
        self.highs = highs
        self.shifts: list[int] = []
        self.masks: list[int] = []
        shift = 0
        for low, high in zip(lows, highs, strict=True):
            bits = (high - low).bit_length()
            self.shifts.append(shift)
            self.masks.append(((1 << bits) - 1) << shift)
            shift += bits
        self.everything = (1 << shift) - 1
        # a value with one possibility takes no bits and is always known
        self.blank = [UNREAD if m else low for m, low in zip(self.masks, lows, strict=True)]

    def pack(self, configuration: Sequence[int]) -> int:
        """The configuration as one integer."""
        total = 0
        for value, low, shift in zip(configuration, self.lows, self.shifts, strict=True):
            total |= (value - low) << shift
        return total

    def unpack(self, packed: int) -> Configuration:
        """The configuration of an integer."""
        parts = zip(self.lows, self.shifts, self.masks, strict=True)
        # a list first: that is faster than a generator, and this is called for every example
        return tuple([((packed & mask) >> shift) + low for low, shift, mask in parts])

    def places(self, mask: int) -> list[int]:
        """The places of a configuration whose bits lie in the mask."""
        return [i for i, m in enumerate(self.masks) if m & mask]

    def partial(self, packed: int, places: Iterable[int]) -> list[int]:
        """A configuration of which only some places may be read."""
        values: list[int] = self.blank.copy()  # type: ignore[assignment]
        for i in places:
            values[i] = ((packed & self.masks[i]) >> self.shifts[i]) + self.lows[i]
        return values

    def delta(self, change: Change) -> int:
        """A change as a number to add to a packed configuration."""
        return sum((new - old) << self.shifts[place] for place, old, new in change)

    def field_mask(self, field: Field) -> int:
        """The bits of a variable, all its cells."""
        mask = 0
        for i in range(field.offset, field.offset + field.cells):
            mask |= self.masks[i]
        return mask


class Reads:
    """The values some trees read: fixed ones, and cells whose index depends on the head.

    The head are the variables that occur in indices; given their values, the cells are known.
    """

    def __init__(self, layout: Layout, event: BoundEvent | None = None) -> None:
        self.layout = layout
        self.bound = layout.bound
        self.ranges = (
            {p.name: range(as_int(p.low), as_int(p.high) + 1) for p in event.parameters}
            if event
            else {}
        )
        self.fixed = 0
        self.head = 0
        self.cells: set[tuple[str, Node]] = set()

    def add(self, node: Node, contract: bool = False) -> None:
        """Adds what a tree reads; in a contract an index may be the result, so any."""
        for part in node.walk():
            name = str(part.value)
            if part.op == "variable":
                self.fixed |= self.variable(name)
            elif part.op == "cell":
                if contract:
                    self.fixed |= self.layout.field_mask(self.bound.by_name[name])
                else:
                    self.cell(name, part.args[0])
            elif part.op == "array":
                self.fixed |= self.layout.field_mask(self.bound.by_name[name])
            elif part.op == "call":
                self.add(self.bound.functions[name].ensures, contract=True)

    def variable(self, name: str) -> int:
        """The bits of one variable; the state among them."""
        if name == "state":
            return self.layout.masks[0]
        return self.layout.field_mask(self.bound.by_name[name])

    def cell(self, name: str, index: Node) -> None:
        """Adds a cell: exactly, when its index is made of variables and arguments alone."""
        field = self.bound.by_name[name]
        inner = {n.op for n in index.walk()}
        if inner & {"cell", "call", "array"}:
            self.fixed |= self.layout.field_mask(field)
            return
        self.cells.add((name, index))
        for part in index.walk():
            if part.op == "variable":
                self.head |= self.variable(str(part.value))

    def mask(self, configuration: Sequence[int]) -> int:
        """The bits read when the head has the values of this configuration."""
        mask = self.fixed
        for name, index in self.cells:
            field = self.bound.by_name[name]
            for arguments in self.assignments(index):
                try:
                    k = evaluate(self.bound, index, configuration, arguments)  # type: ignore[arg-type]
                except Undefined:
                    mask |= self.layout.field_mask(field)
                    continue
                if 1 <= k <= field.cells:
                    mask |= self.layout.masks[field.offset + k - 1]
        return mask

    def assignments(self, node: Node) -> Iterator[dict[str, int]]:
        """Every value of the arguments that a tree mentions."""
        names = sorted({str(n.value) for n in node.walk() if n.op == "argument"})
        for values in product(*(self.ranges[n] for n in names)):
            yield dict(zip(names, values, strict=True))

    def merge(self, other: Reads) -> None:
        """Adds an event's reads, with its arguments spelt out as alternatives."""
        self.fixed |= other.fixed
        self.head |= other.head
        for name, index in other.cells:
            for arguments in other.assignments(index):
                values = {n: Node("integer", v) for n, v in arguments.items()}
                self.cells.add((name, substitute(index, values)))
