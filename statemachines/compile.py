"""The compiled step: Python generated from the checked trees.

Nothing of a document's text reaches the generated source: names become offsets, labels integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

from ..spec.expression import TRUE, Node
from ..spec.model import Unspecified
from .bound import Bound, BoundEvent, Parameter, Rule, as_int
from .defined import defined
from .evaluate import BROKEN, Broken, Configuration, Undefined, evaluate
from .functions import implementation
from .interval import interval, total

Write = tuple[int, int]
Fire = Callable[..., Configuration | Unspecified | None]


class Compiled:
    """The guards, effects and events of a bound machine as Python functions.

    A configuration is a tuple of integers, the state first; arguments are positional integers.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound

    @cached_property
    def fire(self) -> Mapping[str, Fire]:
        """By event: ``fire["evaluate"](configuration, dlt)`` is the next configuration, the
        unspecified outcome, or None when the event is refused. The first rule that applies wins:
        that no two ever do is a proved obligation, not checked here."""
        return _Fires(self.bound)

    @cached_property
    def rules(self) -> list[tuple[Callable[..., Any], Callable[..., Sequence[Write]]]]:
        """For each rule, its guard and its writes as (place, value) pairs, ranges unchecked."""
        writer = _Writer(self.bound)
        names = writer.run("\n".join(writer.rule(r) for r in self.bound.rules))
        return [(names[f"guard_{r.number}"], names[f"writes_{r.number}"]) for r in self.bound.rules]

    @cached_property
    def possible(self) -> dict[str, Callable[..., Any]]:
        """For each observation, whether it can happen."""
        writer = _Writer(self.bound)
        lines = [writer.predicate(f"p_{i}", e.possible, e) for i, e in enumerate(self.bound.events)]
        names = writer.run("\n".join(lines))
        return {e.name: names[f"p_{i}"] for i, e in enumerate(self.bound.events)}

    def predicates(
        self, nodes: Sequence[Node], event: BoundEvent | None = None
    ) -> list[Callable[..., Any]]:
        """Trees as functions of a configuration and, for an event's trees, its arguments."""
        writer = _Writer(self.bound)
        names = writer.run(
            "\n".join(writer.predicate(f"q_{i}", n, event) for i, n in enumerate(nodes))
        )
        return [names[f"q_{i}"] for i in range(len(nodes))]


class _Fires(Mapping[str, Fire]):
    """The events, each compiled when it is first asked for."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.made: dict[str, Fire] = {}

    def __getitem__(self, name: str) -> Fire:
        found = self.made.get(name)
        if found is None:
            event = self.bound.event[name]
            writer = _Writer(self.bound)
            source = writer.event(event)
            found = self.made[name] = writer.run(source)[f"fire_{self.bound.events.index(event)}"]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.bound.event)

    def __len__(self) -> int:
        return len(self.bound.event)


def _outside(name: str, index: int, size: int) -> NoReturn:
    raise Undefined(f"{name}[{index}] is outside 1..{size}")


def _leaves(rule: str, cell: str, value: int) -> NoReturn:
    raise Undefined(f"{rule} gives {cell} the value {value}, outside its range")


class _Writer:
    """Writes Python for the trees of one machine."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.parameters: dict[str, Parameter] = {}
        self.positions: dict[str, str] = {}
        self.locals: dict[Node, str] = {}
        self.globals: dict[str, Any] = {
            "__builtins__": {"min": min, "max": max, "list": list, "tuple": tuple},
            "outside": _outside,
            "leaves": _leaves,
        }
        for i, (name, table) in enumerate(bound.tables.items()):
            self.globals[f"table_{i}"] = (0, *table)
            self.globals[f"table_name_{i}"] = name
        self.table_number = {name: i for i, name in enumerate(bound.tables)}

    def run(self, source: str) -> dict[str, Any]:
        names = dict(self.globals)
        exec(compile(source, f"<{len(source)} characters generated>", "exec"), names)
        return names

    def enter(self, event: BoundEvent | None) -> str:
        """Makes an event's arguments known; answers the parameter list."""
        found = event.parameters if event else ()
        self.parameters = {p.name: p for p in found}
        self.positions = {p.name: f"a{i}" for i, p in enumerate(found)}
        return ", ".join(["c", *self.positions.values()])

    # ---- functions

    def predicate(self, name: str, node: Node, event: BoundEvent | None) -> str:
        return f"def {name}({self.enter(event)}):\n return {self.expression(node)}"

    def rule(self, rule: Rule) -> str:
        head = self.enter(self.bound.event[rule.event])
        writes = [
            f"({self.place(e.name, e.index)}, {self.expression(e.value)})" for e in rule.effects
        ]
        listed = ", ".join(writes) + ("," if writes else "")
        return (
            f"def guard_{rule.number}({head}):\n return {self.expression(rule.guard)}\n"
            f"def writes_{rule.number}({head}):\n return ({listed})"
        )

    def event(self, event: BoundEvent) -> str:
        number = self.bound.events.index(event)
        lines = [f"def fire_{number}({self.enter(event)}):", " s = c[0]"]
        if event.observation and event.possible != TRUE:
            if self.bound.final and defined(self.bound, event.possible) != TRUE:
                # where nothing can happen any more, "possible" need not even be defined
                lines.append(f" if s in {tuple(sorted(self.bound.final))}: return None")
            lines.append(f" if not ({self.expression(event.possible)}): return None")
        for state in range(len(self.bound.states)):
            rules = self.bound.rules_of.get((state, event.name), ())
            if rules:
                lines.append(f" if s == {state}:")
                shared = self.shared(rules)
                for i, rule in enumerate(rules):
                    lines += [f"  {self.local(node)}" for node in shared.get(i, ())]
                    lines += self.branch(rule)
                lines.append("  return None")
                self.locals = {}
        return "\n".join([*lines, " return None"])

    def shared(self, rules: Sequence[Rule]) -> dict[int, list[Node]]:
        """By rule, the trees to work out before its guard: used again, and they can't fail."""
        seen: dict[Node, int] = {}
        again: dict[int, list[Node]] = {}
        for i, rule in enumerate(rules):
            effects = [e.value for e in rule.effects]
            for tree in (rule.guard, *effects):
                for node in tree.walk():
                    if not node.args:
                        continue
                    if node not in seen:
                        # what only effects use is worked out once in any case
                        seen[node] = i if tree is rule.guard else -1
                    elif seen[node] >= 0 and node not in again.setdefault(seen[node], []):
                        again[seen[node]].append(node)
        return {
            i: sorted(
                (n for n in nodes if total(self.bound, n, self.parameters)),
                key=lambda n: sum(1 for _ in n.walk()),
            )
            for i, nodes in again.items()
        }

    def local(self, node: Node) -> str:
        """An assignment of a tree to a local name, by which it is known from then on."""
        name = f"t{len(self.locals)}"
        line = f"{name} = {self.expression(node)}"
        self.locals[node] = name
        return line

    def branch(self, rule: Rule) -> list[str]:
        if isinstance(rule.target, Unspecified):
            key = f"unspecified_{rule.number}"
            self.globals[key] = rule.target
            body = [f"   return {key}"]
        elif not rule.effects:
            same = rule.target == rule.source
            body = ["   return c" if same else f"   return ({rule.target},) + c[1:]"]
        else:
            body = ["   n = list(c)"]
            if rule.target != rule.source:
                body.append(f"   n[0] = {rule.target}")
            dynamic = [e for e in rule.effects if e.index is not None]
            clash = len(dynamic) != len({e.name for e in dynamic})
            for i in range(len(rule.effects)):
                body += self.assignment(rule, i)
            if clash:
                places = ", ".join(
                    f"i{j}" for j, e in enumerate(rule.effects) if e.index is not None
                )
                body.append(
                    f"   if {self.repeated(places)}: leaves({rule.name!r}, 'one cell twice', 0)"
                )
            body.append("   return tuple(n)")
        return [f"  if {self.expression(rule.guard)}:", *body]

    @staticmethod
    def repeated(places: str) -> str:
        names = places.split(", ")
        pairs = [f"{a} == {b}" for i, a in enumerate(names) for b in names[i + 1 :]]
        return " or ".join(pairs)

    def assignment(self, rule: Rule, i: int) -> list[str]:
        effect = rule.effects[i]
        field = self.bound.by_name[effect.name]
        low, high = as_int(field.low), as_int(field.high)
        least, most = interval(self.bound, effect.value, self.parameters)
        lines = [f"   v = {self.expression(effect.value)}"]
        if least < low or most > high:
            lines.append(
                f"   if not {low} <= v <= {high}: leaves({rule.name!r}, {effect.name!r}, v)"
            )
        if effect.index is None:
            return [*lines, f"   n[{field.offset}] = v"]
        return [*lines, f"   i{i} = {self.place(effect.name, effect.index)}", f"   n[i{i}] = v"]

    def place(self, name: str, index: Node | None) -> str:
        """The offset of a variable or cell, its index checked where it might be outside."""
        field = self.bound.by_name[name]
        if index is None:
            return str(field.offset)
        low, high = interval(self.bound, index, self.parameters)
        if low == high and 1 <= low <= field.cells:
            return str(field.offset + low - 1)
        written = self.expression(index)
        if low >= 1 and high <= field.cells:
            return f"{field.offset - 1} + {written}"
        # the condition of a conditional runs first, so k is set when it is read
        return (
            f"({field.offset - 1} + k if 1 <= (k := {written}) <= {field.cells} "
            f"else outside({name!r}, k, {field.cells}))"
        )

    # ---- expressions

    def expression(self, node: Node) -> str:
        if self.locals and node in self.locals:  # hashing a tree takes its time
            return self.locals[node]
        op, name, args = node.op, str(node.value), node.args
        if op == "integer":
            return str(int(node.value or 0))
        if op == "truth":
            return "True" if node.value else "False"
        if op == "variable":
            return "c[0]" if name == "state" else f"c[{self.bound.by_name[name].offset}]"
        if op == "argument":
            return self.positions[name]
        if op == "cell":
            return f"c[{self.place(name, args[0])}]"
        if op == "table":
            return self.table(name, args[0])
        if op == "call":
            return self.call(node)
        parts = [self.expression(a) for a in args]
        if op in ("and", "or"):
            return "(" + f" {op} ".join(parts) + ")"
        if op == "not":
            return f"(not {parts[0]})"
        if op == "negative":
            return f"(-{parts[0]})"
        if op == "if":
            return f"({parts[1]} if {parts[0]} else {parts[2]})"
        if op in ("min", "max"):
            return f"{op}({parts[0]}, {parts[1]})"
        return "(" + f" {op} ".join(parts) + ")"

    def table(self, name: str, index: Node) -> str:
        number, size = self.table_number[name], len(self.bound.tables[name])
        low, high = interval(self.bound, index, self.parameters)
        written = self.expression(index)
        if low >= 1 and high <= size:
            return f"table_{number}[{written}]"
        return (
            f"(table_{number}[k] if 1 <= (k := {written}) <= {size} "
            f"else outside(table_name_{number}, k, {size}))"
        )

    def call(self, node: Node) -> str:
        name = str(node.value)
        key = f"function_{len(self.globals)}"
        contract = self.bound.functions[name]
        low, high = as_int(contract.low), as_int(contract.high)
        function, bound = implementation(name), self.bound

        def checked(configuration: Configuration, *values: Any) -> int:
            # what is not known in a part of a configuration says so here, and not to the function
            hash(values)
            result = int(function(*values))
            if not low <= result <= high or not evaluate(
                bound, contract.ensures, configuration, {"result": result}
            ):
                raise Broken(f"{name} answers {result}, {BROKEN}")
            return result

        self.globals[key] = checked
        parts = ["c"]
        for arg in node.args:
            if arg.op == "array":
                f = self.bound.by_name[str(arg.value)]
                parts.append(f"tuple(c[{f.offset}:{f.offset + f.cells}])")
            else:
                parts.append(self.expression(arg))
        return f"{key}({', '.join(parts)})"
