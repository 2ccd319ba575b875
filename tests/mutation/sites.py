"""Every mutant of one source file: one place of its syntax tree changed.

The changes are small ones that a wrong program could really have. Left out is what nothing can
notice, or everything would: annotations, assertions, docstrings, texts, decorators.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.Pow: ast.Mult,
    ast.BitXor: ast.BitAnd,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
SYMBOLS = {
    "Lt": "<",
    "LtE": "<=",
    "Gt": ">",
    "GtE": ">=",
    "Eq": "==",
    "NotEq": "!=",
    "In": "in",
    "NotIn": "not in",
    "Is": "is",
    "IsNot": "is not",
    "Add": "+",
    "Sub": "-",
    "Mult": "*",
    "Div": "/",
    "FloorDiv": "//",
    "Mod": "%",
    "LShift": "<<",
    "RShift": ">>",
    "Pow": "**",
    "BitXor": "^",
    "BitAnd": "&",
}
LISTS = (ast.List, ast.Tuple, ast.Set)
SEQUENCES = (*LISTS, ast.ListComp, ast.JoinedStr)
TRUTHS = (ast.Compare, ast.BoolOp, ast.Constant, ast.NamedExpr)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Key:
    """What names a mutant from one commit to the next, as long as its line stays as it is."""

    file: str
    function: str
    line: str
    change: str

    def __str__(self) -> str:
        return f"{self.file} {self.function or '(module)'}: {self.line}\n      {self.change}"


@dataclass(frozen=True)
class Mutant:
    """One changed place; ``lines`` are those of its statement, first and last."""

    key: Key
    lines: range
    in_function: bool
    _tree: ast.Module = field(repr=False, compare=False)
    _parent: Any = field(repr=False, compare=False)
    _slot: str | int = field(repr=False, compare=False)
    _new: ast.AST = field(repr=False, compare=False)

    def source(self) -> str:
        """The whole file with this place changed."""
        old = _get(self._parent, self._slot)
        _set(self._parent, self._slot, self._new)
        try:
            return unparsed(self._tree)
        finally:
            _set(self._parent, self._slot, old)


def unparsed(tree: ast.Module) -> str:
    """The text of a tree; the unchanged one is what mutants are compared with."""
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def mutants(file: str, source: str) -> list[Mutant]:
    """The mutants of a file, in order; equal changes of equal lines are numbered."""
    finder = _Finder(source)
    finder.block(finder.tree)
    seen: Counter[Key] = Counter()
    found = []
    for function, line, change, lines, parent, slot, new in finder.found:
        key = Key(file, function, line, change)
        seen[key] += 1
        if seen[key] > 1:
            key = Key(file, function, line, f"{change} ({seen[key]})")
        found.append(Mutant(key, lines, finder.inner[lines], finder.tree, parent, slot, new))
    return found


def _get(parent: Any, slot: str | int) -> ast.AST:
    found: ast.AST = parent[slot] if isinstance(slot, int) else getattr(parent, slot)
    return found


def _set(parent: Any, slot: str | int, value: ast.AST) -> None:
    if isinstance(slot, int):
        parent[slot] = value
    else:
        setattr(parent, slot, value)


class _Finder:
    """Walks a tree with the function and the statement it is in."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.text = source.splitlines()
        self.found: list[tuple[str, str, str, range, Any, str | int, ast.AST]] = []
        self.function: list[str] = []
        self.lines = range(1, 2)
        self.inner: dict[range, bool] = {}
        self.depth = 0
        self.formatted: ast.JoinedStr | None = None
        self.assigned: Counter[str] = Counter()

    def offer(self, at: ast.AST, change: str, parent: Any, slot: str | int, new: ast.AST) -> None:
        """Notes a mutant: ``new`` for what is in a slot of the parent."""
        # where parts of an f-string are differs from one Python to the next
        at = self.formatted or at
        line = self.text[getattr(at, "lineno", 1) - 1].strip()
        name = ".".join(self.function)
        self.found.append((name, line, change, self.lines, parent, slot, new))

    # ---- statements

    def block(self, node: Any) -> None:
        """The statements of every body of a node."""
        for name in ("body", "orelse", "finalbody"):
            listed = getattr(node, name, [])
            for i, statement in enumerate(listed if isinstance(listed, list) else []):
                last = isinstance(node, FUNCTIONS) and i == len(listed) - 1
                self.statement(listed, i, statement, last)
        for inner in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
            self.block(inner)

    def statement(self, listed: list[ast.stmt], i: int, node: ast.stmt, last: bool) -> None:
        """One statement: what is in it, and the statement left out."""
        if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom) or _for_types(node):
            return
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        first_inner = body[0] if body else None
        end = getattr(node, "end_lineno", node.lineno)
        if first_inner is not None:
            inside = getattr(first_inner, "lineno", None) or first_inner.pattern.lineno
            end = max(node.lineno, inside - 1)
        self.lines = range(node.lineno, end + 1)
        self.inner[self.lines] = self.depth > 0
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.definition(node)
            return
        self.dropped(listed, i, node, last)
        for change, new in self.changes(node):
            self.offer(node, change, listed, i, new)
        for name, value in ast.iter_fields(node):
            if name not in ("body", "orelse", "finalbody", "handlers", "cases", "annotation"):
                self.slots(node, name, value)
        if isinstance(node, ast.If | ast.While):
            self.condition(node, "test")
        self.block(node)

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """A function or class: its defaults, then its body."""
        self.function.append(node.name)
        if not isinstance(node, ast.ClassDef):
            self.slots(node, "args", node.args)
        outer, self.assigned = self.assigned, _assigned(node)
        is_function = not isinstance(node, ast.ClassDef)
        self.depth += is_function
        self.block(node)
        self.depth -= is_function
        self.assigned = outer
        self.function.pop()

    def dropped(self, listed: list[ast.stmt], i: int, node: ast.stmt, last: bool) -> None:
        """The statement left out, where that leaves a program that could be meant."""
        if isinstance(node, ast.Return) and last:
            value = node.value
            if value is not None and not isinstance(value, (*TRUTHS, ast.UnaryOp)):
                self.offer(node, "returns None", listed, i, ast.Return(ast.Constant(None)))
            return
        if isinstance(node, ast.Expr):
            meant = not isinstance(node.value, ast.Constant)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = _targets(node)
            meant = self.depth > 0 and bool(targets) and all(self.other(t) for t in targets)
        else:
            meant = isinstance(node, ast.Raise | ast.Return | ast.Continue | ast.Break | ast.Delete)
        if meant:
            self.offer(node, f"{_name(node)} left out", listed, i, ast.Pass())

    def other(self, target: ast.expr) -> bool:
        """Whether the place has another value without this assignment."""
        if isinstance(target, ast.Name):
            return self.assigned[target.id] > 1
        return isinstance(target, ast.Attribute | ast.Subscript)

    # ---- expressions

    def slots(self, parent: Any, name: str, value: Any) -> None:
        """What is in one field of a node."""
        if isinstance(value, list):
            for i, inner in enumerate(value):
                if isinstance(inner, ast.AST):
                    self.expression(value, i, inner)
        elif isinstance(value, ast.AST):
            self.expression(parent, name, value)

    def expression(self, parent: Any, slot: str | int, node: ast.AST) -> None:
        """The changes of a node, then of what is in it."""
        if isinstance(node, ast.JoinedStr) and self.formatted is None:
            self.formatted = node
            self.slots(node, "values", node.values)
            self.formatted = None
            return
        if _narrowed(node):
            return
        for change, new in self.changes(node):
            # x[-1] is x[0] wherever there is one
            if not (isinstance(parent, ast.Subscript) and slot == "slice" and change == "0 to -1"):
                self.offer(node, change, parent, slot, new)
        if isinstance(node, ast.IfExp):
            self.condition(node, "test")
        if isinstance(node, ast.comprehension):
            for i in range(len(node.ifs)):
                self.condition(node.ifs, i)
        if isinstance(node, ast.keyword) and node.arg == "strict":
            return
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "type_params"):
                self.slots(node, name, value)

    def condition(self, parent: Any, slot: str | int) -> None:
        """A condition turned, unless it has an operator that is changed anyhow."""
        node = _get(parent, slot)
        negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        if isinstance(node, ast.expr) and not negated and not isinstance(node, TRUTHS):
            self.offer(node, "condition turned", parent, slot, ast.UnaryOp(ast.Not(), node))

    def changes(self, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
        """What may stand in the place of a node."""
        if isinstance(node, ast.Constant):
            yield from _constants(node)
        elif isinstance(node, ast.Compare):
            yield from _comparisons(node)
        elif isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            for i, value in enumerate(node.values):
                rest = node.values[:i] + node.values[i + 1 :]
                new = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
                yield f"{word} without {_short(value)}", new
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
            sign = {"Not": "not", "USub": "-", "Invert": "~"}[type(node.op).__name__]
            yield f"without {sign}", node.operand
        elif isinstance(node, ast.BinOp):
            yield from self.arithmetic(node)
        elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
            new_op = ARITHMETIC[type(node.op)]
            yield _to(type(node.op), new_op), ast.AugAssign(node.target, new_op(), node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in NAMES:
                other = NAMES[node.func.id]
                new_name = ast.Name(other, ast.Load())
                yield f"{node.func.id} to {other}", ast.Call(new_name, node.args, node.keywords)
        elif isinstance(node, ast.Dict) and self.depth == 0 and len(node.keys) > 1:
            for i, key in enumerate(node.keys):
                keys, values = list(node.keys), list(node.values)
                del keys[i], values[i]
                yield f"without {_short(key)}", ast.Dict(keys, values)

    def arithmetic(self, node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
        """Another operator, or one operand alone where no other operator has a meaning."""
        both = (node.left, node.right)
        if isinstance(node.op, ast.BitOr | ast.BitAnd):
            if self.depth or not all(isinstance(b, ast.Name | ast.BinOp) for b in both):
                yield f"only {_short(node.left)}", node.left
                yield f"only {_short(node.right)}", node.right
        elif isinstance(node.op, ast.Add) and any(_sequence(b) for b in both):
            yield f"only {_short(node.left)}", node.left
            yield f"only {_short(node.right)}", node.right
        elif type(node.op) in ARITHMETIC and not any(_sequence(b) for b in both):
            new = ARITHMETIC[type(node.op)]
            yield _to(type(node.op), new), ast.BinOp(node.left, new(), node.right)


def _constants(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} to {not value}", ast.Constant(not value)
    elif isinstance(value, int):
        for other in (value + 1, value - 1):
            yield f"{value} to {other}", ast.Constant(other)


def _comparisons(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for i, op in enumerate(node.ops):
        new = COMPARISONS[type(op)]
        ops = [*node.ops[:i], new(), *node.ops[i + 1 :]]
        yield _to(type(op), new), ast.Compare(node.left, ops, node.comparators)
    for i, (op, listed) in enumerate(zip(node.ops, node.comparators, strict=True)):
        if isinstance(op, ast.In | ast.NotIn) and isinstance(listed, LISTS):
            for j, item in enumerate(listed.elts if len(listed.elts) > 1 else []):
                rest = type(listed)(elts=[*listed.elts[:j], *listed.elts[j + 1 :]])
                others = [*node.comparators[:i], rest, *node.comparators[i + 1 :]]
                yield f"not among {_short(item)}", ast.Compare(node.left, node.ops, others)


def _to(old: type[ast.AST], new: type[ast.AST]) -> str:
    return f"{SYMBOLS[old.__name__]} to {SYMBOLS[new.__name__]}"


def _short(node: ast.AST | None) -> str:
    text = ast.unparse(node) if node is not None else "**"
    return text if len(text) <= 50 else text[:47] + "..."


def _name(node: ast.stmt) -> str:
    names = {"expr": "call", "assign": "assignment", "augassign": "assignment"}
    name = type(node).__name__.lower()
    return names.get(name, "assignment" if name == "annassign" else name)


def _sequence(node: ast.expr) -> bool:
    return isinstance(node, SEQUENCES) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    flat: list[ast.expr] = []
    for target in targets:
        flat += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    return flat


def _assigned(node: ast.AST) -> Counter[str]:
    """How often each name of a function gets a value."""
    found: Counter[str] = Counter()
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            found[inner.arg] += 1
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found[inner.id] += 1
        elif isinstance(inner, ast.Nonlocal | ast.Global):
            found.update(inner.names)
    return found


def _narrowed(node: ast.AST) -> bool:
    """``int(x or 0)``, which tells mypy that a value is there and a number."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    given = node.args[0] if len(node.args) == 1 else None
    return (
        node.func.id == "int"
        and isinstance(given, ast.BoolOp)
        and isinstance(given.values[-1], ast.Constant)
        and given.values[-1].value == 0
    )


def _for_types(node: ast.stmt) -> bool:
    """``if TYPE_CHECKING``, which never runs."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
