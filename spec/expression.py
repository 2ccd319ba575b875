"""Guards and effects: Python's own expression grammar, whitelisted, as plain trees.

A text is parsed by the standard library's ``ast`` and copied at once into `Node` trees of a dozen
operators; nothing is ever evaluated here. The tree is the one source of the compiled step, the
SMT-LIB text, the explanations and the diagrams.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from .errors import SpecError

MAX_TEXT = 4000
MAX_DEPTH = 60
MAX_INTEGER = 10**9
BUILTINS = ("min", "max", "implies")

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_PRECEDENCE = {"if": 0, "or": 1, "and": 2, "not": 3, "in": 4, "+": 5, "-": 5, "*": 6, "negative": 7}
_PRECEDENCE.update(dict.fromkeys(_COMPARISONS.values(), 4))
_ATOM = 9


@dataclass(frozen=True, slots=True)
class Node:
    """One operator of an expression, its operands, and where its text began (not compared).

    ``op`` is one of: integer, decimal, truth, label, name, argument, index, call, not, and, or,
    ``== != < <= > >=``, in, ``+ - *``, negative, if, all, any, sum. ``value`` is the literal or the
    name; for all, any and sum it is ``"k in levels"``, and args are the body and maybe a filter.
    """

    op: str
    value: int | str | None = None
    args: tuple[Node, ...] = ()
    at: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return text_of(self)

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed(node.args))


@dataclass(frozen=True, slots=True)
class Effect:
    """One assignment: ``target`` (a variable, or a cell of an array) takes ``value``."""

    target: Node
    value: Node

    def __str__(self) -> str:
        value = self.value
        if value.op in ("+", "-") and value.args[0] == self.target:
            return f"{self.target} {value.op}= {text_of(value.args[1])}"
        return f"{self.target} = {value}"


TRUE = Node("truth", True)
FALSE = Node("truth", False)


def parse(text: str, where: str = "") -> Node:
    """The tree of an expression; `SpecError` with a caret where the text is not in the language.

    >>> str(parse("treated[level]+1==cohort and y in ('a','b')"))
    "treated[level] + 1 == cohort and y in ('a', 'b')"
    """
    try:
        return _expression(text)
    except SpecError as error:
        raise (error.within(where) if where else error) from None


def parse_effects(text: str, where: str = "") -> tuple[Effect, ...]:
    """The assignments of ``"a += 1; b[k] = c"``, in order; an empty text has none."""
    try:
        return _effects(text)
    except SpecError as error:
        raise (error.within(where) if where else error) from None


@lru_cache(maxsize=8192)
def _expression(text: str) -> Node:
    return _Reader(text).expression()


@lru_cache(maxsize=4096)
def _effects(text: str) -> tuple[Effect, ...]:
    return _Reader(text).effects()


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The operands of nested ``and``s, in order; the node itself when it is no ``and``."""
    if node.op == "and":
        return tuple(part for arg in node.args for part in conjuncts(arg))
    return (node,)


def conjunction(parts: list[Node] | tuple[Node, ...]) -> Node:
    """``and`` of the parts, without the trivial ones."""
    flat = [p for part in parts for p in conjuncts(part) if p != TRUE]
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else Node("and", None, tuple(flat), flat[0].at)


def disjunction(parts: list[Node] | tuple[Node, ...]) -> Node:
    """``or`` of the parts; false when there are none."""
    if not parts:
        return FALSE
    return parts[0] if len(parts) == 1 else Node("or", None, tuple(parts), parts[0].at)


def negation(node: Node) -> Node:
    """``not node``, with a double negation removed."""
    return node.args[0] if node.op == "not" else Node("not", None, (node,), node.at)


def binder(node: Node) -> tuple[str, str]:
    """The bound name and the domain of an all, any or sum: ``("k", "levels")``."""
    name, _, domain = str(node.value).partition(" in ")
    return name, domain


class _Reader:
    """Turns one text into nodes; keeps the text for carets."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise SpecError(f"an expression must be text, not {type(text).__name__}")
        self.text = text.strip()
        if len(text) > MAX_TEXT:
            raise SpecError(
                f"an expression of {len(text)} characters; the limit is {MAX_TEXT}",
                hint="split it with definitions",
            )

    def fail(self, message: str, at: int, hint: str = "") -> SpecError:
        return SpecError(message, text=self.text, column=at, hint=hint)

    def tree(self, mode: str) -> ast.AST:
        if "\n" in self.text or "#" in self.text or "\\" in self.text:
            raise self.fail("line breaks, comments and backslashes are not allowed", 0)
        for at, character in enumerate(self.text):
            # some of these end a line for ast, and columns would be counted from there
            if not character.isprintable() and character != "\t":
                raise self.fail(f"the character U+{ord(character):04X} is not allowed", at)
        try:
            return ast.parse(self.text, mode=mode)
        except SyntaxError as error:
            at = max(0, min((error.offset or 1) - 1, len(self.text)))
            raise self.fail(f"not an expression: {error.msg}", at) from None
        except (RecursionError, MemoryError, ValueError):
            raise self.fail("nested too deeply to read", 0) from None

    def expression(self) -> Node:
        if not self.text:
            raise self.fail("an empty expression", 0, "write True for a guard that always holds")
        tree = self.tree("eval")
        assert isinstance(tree, ast.Expression)
        return self.node(tree.body, 0)

    def effects(self) -> tuple[Effect, ...]:
        tree = self.tree("exec")
        assert isinstance(tree, ast.Module)
        return tuple(self.effect(statement) for statement in tree.body)

    def effect(self, statement: ast.stmt) -> Effect:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = self.target(statement.targets[0])
            return Effect(target, self.node(statement.value, 0))
        if isinstance(statement, ast.AugAssign) and type(statement.op) in _ARITHMETIC:
            target = self.target(statement.target)
            op = _ARITHMETIC[type(statement.op)]
            value = self.node(statement.value, 0)
            return Effect(target, Node(op, None, (target, value), target.at))
        raise self.fail(
            "not an effect", self.column(statement), "write name = value or name[index] += value"
        )

    def target(self, node: ast.expr) -> Node:
        if isinstance(node, ast.Name | ast.Subscript):
            return self.node(node, 0)
        raise self.fail(
            "only a variable or one cell of an array can be assigned", self.column(node)
        )

    def column(self, node: ast.expr | ast.stmt) -> int:
        # ast counts bytes, people count characters
        return len(self.text.encode()[: node.col_offset].decode(errors="replace"))

    def node(self, tree: ast.expr, depth: int) -> Node:
        at = self.column(tree)
        if depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep", at)
        if isinstance(tree, ast.Constant):
            return self.literal(tree, at)
        if isinstance(tree, ast.Name):
            return Node("name", tree.id, (), at)
        if isinstance(tree, ast.Attribute):
            if isinstance(tree.value, ast.Name) and tree.value.id == "event":
                return Node("argument", tree.attr, (), at)
            raise self.fail("only event.NAME may have a dot: an argument of the event", at)
        if isinstance(tree, ast.Subscript):
            if not isinstance(tree.value, ast.Name) or isinstance(
                tree.slice, ast.Slice | ast.Tuple
            ):
                raise self.fail("an index is written name[number]", at)
            return Node("index", tree.value.id, (self.node(tree.slice, depth + 1),), at)
        if isinstance(tree, ast.UnaryOp):
            return self.unary(tree, at, depth)
        if isinstance(tree, ast.BoolOp):
            op = "and" if isinstance(tree.op, ast.And) else "or"
            return Node(op, None, tuple(self.node(v, depth + 1) for v in tree.values), at)
        if isinstance(tree, ast.BinOp) and type(tree.op) in _ARITHMETIC:
            left, right = self.node(tree.left, depth + 1), self.node(tree.right, depth + 1)
            return Node(_ARITHMETIC[type(tree.op)], None, (left, right), at)
        if isinstance(tree, ast.Compare):
            return self.comparison(tree, at, depth)
        if isinstance(tree, ast.IfExp):
            parts = (tree.test, tree.body, tree.orelse)
            return Node("if", None, tuple(self.node(p, depth + 1) for p in parts), at)
        if isinstance(tree, ast.Call):
            return self.call(tree, at, depth)
        raise self.fail(
            f"{type(tree).__name__.lower()} is not in the language",
            at,
            "allowed: names, numbers, labels, a[i], + - *, comparisons, in, and, or, not, "
            "x if c else y, min, max, implies, sum/all/any(... for k in levels), functions",
        )

    def literal(self, tree: ast.Constant, at: int) -> Node:
        if isinstance(tree.value, bool):
            return Node("truth", tree.value, (), at)
        if isinstance(tree.value, int):
            if tree.value > MAX_INTEGER:
                raise self.fail(f"a number above {MAX_INTEGER}", at)
            return Node("integer", tree.value, (), at)
        if isinstance(tree.value, float):
            # read from the text: the binary float never enters a model
            text = self.text.encode()[tree.col_offset : tree.end_col_offset].decode()
            if "e" in text.lower() or "_" in text or len(text) > 20:
                raise self.fail("write decimals plainly, like 7.5", at)
            return Node("decimal", text, (), at)
        if isinstance(tree.value, str):
            if "\\" in repr(tree.value):
                raise self.fail("a label with both kinds of quotes, or with a tab", at)
            return Node("label", tree.value, (), at)
        raise self.fail(f"{tree.value!r} is not a number, a label, True or False", at)

    def unary(self, tree: ast.UnaryOp, at: int, depth: int) -> Node:
        inner = self.node(tree.operand, depth + 1)
        if isinstance(tree.op, ast.Not):
            return Node("not", None, (inner,), at)
        if isinstance(tree.op, ast.USub):
            return Node("negative", None, (inner,), at)
        raise self.fail("this sign is not in the language", at)

    def comparison(self, tree: ast.Compare, at: int, depth: int) -> Node:
        left, parts = self.node(tree.left, depth + 1), []
        for op, comparator in zip(tree.ops, tree.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                if (
                    not isinstance(comparator, ast.Tuple | ast.List | ast.Set)
                    or not comparator.elts
                ):
                    raise self.fail("after in comes a list of values in brackets", at)
                items = tuple(self.node(e, depth + 1) for e in comparator.elts)
                member = Node("in", None, (left, *items), at)
                if isinstance(op, ast.NotIn):
                    member = Node("not", None, (member,), at)
                parts.append(member)
                continue
            if type(op) not in _COMPARISONS:
                raise self.fail("is and is not are not in the language; write == or !=", at)
            right = self.node(comparator, depth + 1)
            parts.append(Node(_COMPARISONS[type(op)], None, (left, right), left.at))
            left = right
        return parts[0] if len(parts) == 1 else Node("and", None, tuple(parts), at)

    def call(self, tree: ast.Call, at: int, depth: int) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.keywords:
            raise self.fail("a call is written name(value, ...)", at)
        name = tree.func.id
        if name in ("sum", "all", "any"):
            return self.quantifier(tree, name, at, depth)
        args = tuple(self.node(a, depth + 1) for a in tree.args)
        if name in BUILTINS and len(args) != 2:
            raise self.fail(f"{name} takes two values", at)
        return Node("call", name, args, at)

    def quantifier(self, tree: ast.Call, name: str, at: int, depth: int) -> Node:
        hint = f"write {name}(... for k in levels)"
        if len(tree.args) != 1 or not isinstance(tree.args[0], ast.GeneratorExp):
            raise self.fail(f"{name} ranges over the levels of an array", at, hint)
        generator = tree.args[0]
        if len(generator.generators) != 1 or len(generator.generators[0].ifs) > 1:
            raise self.fail("one for, and at most one if", at, hint)
        over = generator.generators[0]
        if (
            over.is_async
            or not isinstance(over.target, ast.Name)
            or not isinstance(over.iter, ast.Name)
        ):
            raise self.fail("only for NAME in CONSTANT", at, hint)
        args = [self.node(generator.elt, depth + 1)]
        args += [self.node(test, depth + 1) for test in over.ifs]
        return Node(name, f"{over.target.id} in {over.iter.id}", tuple(args), at)


def text_of(node: Node) -> str:
    """The canonical text of a tree; reading it again gives an equal tree.

    Resolved trees are written in the same way.
    """
    op, args = node.op, node.args
    if op in ("integer", "decimal", "name", "truth", "variable", "bound", "size", "array"):
        return str(node.value)
    if op == "label":
        return repr(node.value)
    if op == "argument":
        return f"event.{node.value}"
    if op in ("index", "cell", "table"):
        return f"{node.value}[{text_of(args[0])}]"
    if op in ("call", "min", "max"):
        return f"{node.value if op == 'call' else op}({', '.join(text_of(a) for a in args)})"
    if op in ("all", "any", "sum"):
        tail = f" if {_wrap(args[1], 1)}" if len(args) > 1 else ""
        name, domain = binder(node)
        return f"{op}({text_of(args[0])} for {name} in {domain}{tail})"
    rank = _PRECEDENCE[op]
    if op == "not":
        if args[0].op == "in":
            return _member(args[0], "not in")
        return f"not {_wrap(args[0], rank)}"
    if op == "negative":
        return f"-{_wrap(args[0], rank + 1)}"
    if op == "in":
        return _member(node, "in")
    if op == "if":
        test, then, other = args
        return f"{_wrap(then, 1)} if {_wrap(test, 1)} else {_wrap(other, 0)}"
    # the right operand binds tighter: a - (b - c) keeps its brackets
    left = rank if op in ("+", "-", "*") else rank + 1
    rest = "".join(f" {op} {_wrap(a, rank + 1)}" for a in args[1:])
    return _wrap(args[0], left) + rest


def _member(node: Node, word: str) -> str:
    items = ", ".join(text_of(a) for a in node.args[1:])
    comma = "," if len(node.args) == 2 else ""
    return f"{_wrap(node.args[0], 5)} {word} ({items}{comma})"


def _wrap(node: Node, rank: int) -> str:
    text = text_of(node)
    own = _PRECEDENCE.get(node.op, _ATOM)
    return text if own >= rank else f"({text})"


def replace_args(node: Node, args: tuple[Node, ...]) -> Node:
    """The node with other operands; the same object when nothing changed."""
    if len(args) == len(node.args) and all(a is b for a, b in zip(args, node.args, strict=True)):
        return node
    return replace(node, args=args)
