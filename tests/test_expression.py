"""The language of guards and effects: what is read, what is refused, and the one canonical text."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import bound, protocol
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import (
    FALSE,
    MAX_DEPTH,
    MAX_TEXT,
    TRUE,
    Effect,
    Node,
    binder,
    conjunction,
    conjuncts,
    disjunction,
    negation,
    parse,
    parse_effects,
    replace_args,
)
from trialspec.spec.model import Action, Count, Quantity, State, Transition, Whole


def refused(text: str) -> str:
    """The error for an expression."""
    with pytest.raises(SpecError) as caught:
        parse(text, "P-1")
    return str(caught.value)


def refused_effects(text: str) -> str:
    """The error for effects."""
    with pytest.raises(SpecError) as caught:
        parse_effects(text, "P-1")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" a ", "a"),
        ("a+b*-c-1", "a + b * -c - 1"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("-(-a)", "-(-a)"),
        ("-(a*b)", "-(a * b)"),
        ("(-a)*b", "-a * b"),
        ("a*(b+c)", "a * (b + c)"),
        ("1<=a<=3", "1 <= a and a <= 3"),
        ("a<b in (1,)", "a < b and b in (1,)"),
        ("not(a in ['x','y'])", "a not in ('x', 'y')"),
        ("a not in {1, 2}", "a not in (1, 2)"),
        ("not (a not in (1,))", "not a not in (1,)"),
        ("not (a and b) or c", "not (a and b) or c"),
        ("not not a", "not not a"),
        ("(not a) == b", "(not a) == b"),
        ("(a == b) == c", "(a == b) == c"),
        ("a and (b and c)", "a and (b and c)"),
        ("(a if b else c) if d else e", "(a if b else c) if d else e"),
        ("a if b else c if d else e", "a if b else c if d else e"),
        ("a if (b if c else d) else e", "a if (b if c else d) else e"),
        ("(a if b else c) + 1", "(a if b else c) + 1"),
        ("x[ k+1 ]", "x[k + 1]"),
        ("event.dose>event.low", "event.dose > event.low"),
        ("min(a,b)+max(1,2)", "min(a, b) + max(1, 2)"),
        ("implies(a,b)", "implies(a, b)"),
        ("mtd(treated,3)", "mtd(treated, 3)"),
        ("all(a[k]<=1 for k in levels)", "all(a[k] <= 1 for k in levels)"),
        ("sum(a[k] for k in levels if k<level)", "sum(a[k] for k in levels if k < level)"),
        ("any(a[k] for k in n if (b if c else d))", "any(a[k] for k in n if (b if c else d))"),
        ("0x10", "16"),
        ("1_000", "1000"),
        ("7.50", "7.50"),
        (".5", ".5"),
        ("True != False", "True != False"),
        ('"a label"', "'a label'"),
        ('"it\'s"', '"it\'s"'),
        ("'a' 'b'", "'ab'"),
        # no brackets where reading needs none
        ("a+b+c", "a + b + c"),
        ("a-b+c", "a - b + c"),
        ("a*b*c", "a * b * c"),
        ("a+b in (1,)", "a + b in (1,)"),
        ("(a in (1,)) == b", "(a in (1,)) == b"),
        ("a == (b in (1,))", "a == (b in (1,))"),
        ("a or b if c or d else e or f", "a or b if c or d else e or f"),
        ("all(a for k in n if b or c)", "all(a for k in n if b or c)"),
        ("größe == 'ä'", "größe == 'ä'"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    tree = parse(text)
    assert str(tree) == canonical
    assert parse(canonical) == tree


def test_two_spellings_of_one_guard_are_equal_and_hash_alike() -> None:
    one, other = parse("a+1 == b and (c)"), parse("a + 1==b   and c")
    assert one == other
    assert hash(one) == hash(other)
    assert Transition("C", "open", "go", when="a+1 == b") == Transition(
        "C", ("open",), "go", when="(a + 1) == b"
    )


ALLOWED = (
    "allowed: names, numbers, labels, a[i], + - *, comparisons, in, and, or, not, x if c else y, "
    "min, max, implies, sum/all/any(... for k in levels), functions"
)


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("a + lambda: 1", None, None),
        ("1 + [2]", "list", 4),
        ("{1: 2}", "dict", 0),
        ("{1, 2}", "set", 0),
        ("(1, 2)", "tuple", 0),
        ("f'{a}'", "joinedstr", 0),
        ("1 + (yield)", "yield", 5),
        ("await_(a) / 2", "binop", 0),
        ("a ** 9", "binop", 0),
        ("a // 2", "binop", 0),
        ("a % 2", "binop", 0),
        ("a @ b", "binop", 0),
        ("a | b", "binop", 0),
        ("a << 3", "binop", 0),
        ("(b := 1)", "namedexpr", 1),
        ("f(*a)", "starred", 2),
        ("min(k for k in levels)", None, None),
        ("f(k for k in levels)", "generatorexp", 1),
        ("1 + [k for k in levels]", "listcomp", 4),
    ],
)
def test_what_is_not_in_the_language(text: str, what: str | None, column: int | None) -> None:
    if what is None:
        assert refused(text).startswith("P-1: ")
        return
    caret = " " * column + "^"
    assert refused(text) == f"P-1: {what} is not in the language\n  {text}\n  {caret}\n  {ALLOWED}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty expression\n  write True for a guard that always holds"),
        (" \t ", "an empty expression\n  write True for a guard that always holds"),
        ("a b", "not an expression: invalid syntax\n  a b\n    ^"),
        ("a; b", "not an expression: invalid syntax\n  a; b\n   ^"),
        ("a = 1", None),
        ("import os", "not an expression: invalid syntax\n  import os\n  ^"),
        ("a.b", "only event.NAME may have a dot: an argument of the event\n  a.b\n  ^"),
        ("1 + a.b", "only event.NAME may have a dot: an argument of the event\n  1 + a.b\n      ^"),
        (
            "event.a.b",
            "only event.NAME may have a dot: an argument of the event\n  event.a.b\n  ^",
        ),
        ("a[1:2]", "an index is written name[number]\n  a[1:2]\n  ^"),
        ("a[1, 2]", "an index is written name[number]\n  a[1, 2]\n  ^"),
        ("a[1][2]", "an index is written name[number]\n  a[1][2]\n  ^"),
        ("f(1)[2]", "an index is written name[number]\n  f(1)[2]\n  ^"),
        ("~a", "this sign is not in the language\n  ~a\n  ^"),
        ("1 + +a", "this sign is not in the language\n  1 + +a\n      ^"),
        ("a is True", "is and is not are not in the language; write == or !=\n  a is True\n  ^"),
        ("a is not b", "is and is not are not in the language; write == or !=\n  a is not b\n  ^"),
        ("a in b", "after in comes a list of values in brackets\n  a in b\n  ^"),
        ("a in ()", "after in comes a list of values in brackets\n  a in ()\n  ^"),
        ("a in 'xyz'", "after in comes a list of values in brackets\n  a in 'xyz'\n  ^"),
        ("f(a=1)", "a call is written name(value, ...)\n  f(a=1)\n  ^"),
        ("(a)(1)(2)", "a call is written name(value, ...)\n  (a)(1)(2)\n  ^"),
        ("a.b(1)", "a call is written name(value, ...)\n  a.b(1)\n  ^"),
        ("min(1)", "min takes two values\n  min(1)\n  ^"),
        ("1 < max(1, 2, 3)", "max takes two values\n  1 < max(1, 2, 3)\n      ^"),
        ("implies()", "implies takes two values\n  implies()\n  ^"),
        (
            "sum(treated)",
            "sum ranges over the levels of an array\n  sum(treated)\n  ^\n"
            "  write sum(... for k in levels)",
        ),
        (
            "sum()",
            "sum ranges over the levels of an array\n  sum()\n  ^\n  write sum(... for k in levels)",
        ),
        (
            "all((a for k in n), b)",
            "all ranges over the levels of an array\n  all((a for k in n), b)\n  ^\n"
            "  write all(... for k in levels)",
        ),
        (
            "any(a for a in b for c in d)",
            "one for, and at most one if\n  any(a for a in b for c in d)\n  ^\n"
            "  write any(... for k in levels)",
        ),
        (
            "all(a for a in b if c if d)",
            "one for, and at most one if\n  all(a for a in b if c if d)\n  ^\n"
            "  write all(... for k in levels)",
        ),
        (
            "all(a for a in range(3))",
            "only for NAME in CONSTANT\n  all(a for a in range(3))\n  ^\n"
            "  write all(... for k in levels)",
        ),
        (
            "all(a for (a, b) in c)",
            "only for NAME in CONSTANT\n  all(a for (a, b) in c)\n  ^\n"
            "  write all(... for k in levels)",
        ),
        (
            "all(a async for a in c)",
            "only for NAME in CONSTANT\n  all(a async for a in c)\n  ^\n"
            "  write all(... for k in levels)",
        ),
        ("None", "None is not a number, a label, True or False\n  None\n  ^"),
        ("a == 2j", "2j is not a number, a label, True or False\n  a == 2j\n       ^"),
        ("b'a'", "b'a' is not a number, a label, True or False\n  b'a'\n  ^"),
        ("...", "Ellipsis is not a number, a label, True or False\n  ...\n  ^"),
        ("1000000001", "a number above 1000000000\n  1000000001\n  ^"),
        ("a + 1e3", "write decimals plainly, like 7.5\n  a + 1e3\n      ^"),
        ("1_0.5", "write decimals plainly, like 7.5\n  1_0.5\n  ^"),
        ("1." + "0" * 19, "write decimals plainly, like 7.5\n  1." + "0" * 19 + "\n  ^"),
        ("a\n== 1", "line breaks, comments and backslashes are not allowed\n  a == 1\n  ^"),
        ("a # b", "line breaks, comments and backslashes are not allowed\n  a # b\n  ^"),
        ("'a\\x41'", "line breaks, comments and backslashes are not allowed\n  'a\\x41'\n  ^"),
        ("a ==\r1", "the character U+000D is not allowed\n  a == 1\n      ^"),
        ("a\0", "the character U+0000 is not allowed\n  a \n   ^"),
        ("é == '\ud800'", "the character U+D800 is not allowed\n  é == ' '\n        ^"),
        (
            "'a' 'b\"' \"'\"",
            "a label with both kinds of quotes, or with a tab\n  'a' 'b\"' \"'\"\n  ^",
        ),
        ("'a\tb'", "a label with both kinds of quotes, or with a tab\n  'a b'\n  ^"),
    ],
)
def test_errors_name_the_place_and_point_at_it(text: str, message: str | None) -> None:
    found = refused(text)
    if message is not None:
        assert found == f"P-1: {message}"
    assert found.startswith("P-1: ")


def test_a_caret_counts_characters_where_python_counts_bytes() -> None:
    assert refused("'ÄÖÜ' == größe.x") == (
        "P-1: only event.NAME may have a dot: an argument of the event\n"
        "  'ÄÖÜ' == größe.x\n"
        "           ^"
    )
    assert refused("'日本' == ?").splitlines()[1:] == ["  '日本' == ?", "          ^"]


def test_a_caret_in_a_long_text_stays_in_sight() -> None:
    text = " + ".join(["count"] * 40) + " + a.b"
    lines = refused("(" + text.replace("count + count", "count", 1) + ")").splitlines()
    assert len(lines[1]) <= 106
    assert lines[1][lines[2].index("^") :].startswith("a.b")


@pytest.mark.parametrize("operator", ["not ", "-"])
def test_nesting_is_limited(operator: str) -> None:
    assert parse(operator * (MAX_DEPTH) + "a").op in ("not", "negative")
    assert f"nested more than {MAX_DEPTH} deep" in refused(operator * (MAX_DEPTH + 1) + "a")


def nested(inner: str, times: int) -> str:
    """An expression below so many signs."""
    return "-(" * times + inner + ")" * times


@pytest.mark.parametrize(
    "operator",
    [
        "x[{}]",
        "not {}",
        "-{}",
        "{} and b",
        "b or {}",
        "{} + 1",
        "1 + {}",
        "{} < 1",
        "1 < 2 < {}",
        "{} in (1,)",
        "1 in (2, {})",
        "{} if b else c",
        "b if {} else c",
        "b if c else {}",
        "f(b, {})",
        "all({} for k in n)",
        "all(b for k in n if {})",
    ],
)
def test_each_operator_is_one_level_of_nesting(operator: str) -> None:
    below = operator.format("-a")
    assert parse(nested(below, 58)).op == "negative"
    assert "nested more than 60 deep" in refused(nested(below, 59))


@pytest.mark.parametrize(
    ("effect", "times"), [("x = {}", 60), ("x += {}", 60), ("x[{}] = 1", 59), ("x[{}] += 1", 59)]
)
def test_both_sides_of_an_effect_are_nested_as_deeply(effect: str, times: int) -> None:
    assert len(parse_effects(effect.format(nested("a", times)))) == 1
    found = refused_effects(effect.format(nested("a", times + 1)))
    assert "nested more than 60 deep" in found


@pytest.mark.parametrize(
    "text",
    [
        "(" * 190 + "a" + ")" * 190 + "+",
        "(" * 2000,
        "[" * 2000,
        "-" * 3999 + "a",
        "not " * 999 + "a",
        "a[" * 1300,
        "a" + "+a" * 1999,
        "a(" * 900 + ")" * 900,
        "0" * 3999 + ".5",
        "9" * 3999,
        "1 if a else " * 300 + "1",
        "a == " * 300 + "a",
        "'" * 3999,
        "\\" * 3999,
        "\ufeffa\u2028",
        "a\x0cb",
    ],
)
def test_hostile_texts_are_one_error_or_a_tree(text: str) -> None:
    try:
        tree = parse(text)
    except SpecError as error:
        assert all(len(line) < 300 for line in str(error).splitlines())
    else:
        assert parse(str(tree)) == tree


def test_the_highest_number_and_the_longest_decimal() -> None:
    assert parse("1000000000").value == 1_000_000_000
    assert parse("1." + "0" * 18).value == "1." + "0" * 18


def test_the_length_of_a_text_is_limited() -> None:
    assert parse("a" * MAX_TEXT).value == "a" * MAX_TEXT
    assert refused("a" * (MAX_TEXT + 1)) == (
        "P-1: an expression of 4001 characters; the limit is 4000\n  split it with definitions"
    )


def test_an_expression_must_be_text() -> None:
    with pytest.raises(SpecError, match=r"^P-1: an expression must be text, not float$"):
        parse(1.5, "P-1")  # type: ignore[arg-type]


# ---- effects


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("a=1", "a = 1"),
        ("a+=1;b[k]=c", "a += 1; b[k] = c"),
        ("a = a + 1", "a += 1"),
        ("a = 1 + a", "a = 1 + a"),
        ("a = a - (b - c)", "a -= b - c"),
        ("a = a - b - c", "a = a - b - c"),
        ("b[k - 1] = b[k - 1] - 2", "b[k - 1] -= 2"),
        ("a *= 2", "a = a * 2"),
        ("a -= -1;", "a -= -1"),
        ("a = b == c", "a = b == c"),
        ("a = 'x'", "a = 'x'"),
    ],
)
def test_canonical_effects(text: str, canonical: str) -> None:
    effects = parse_effects(text)
    assert "; ".join(map(str, effects)) == canonical
    assert parse_effects(canonical) == effects


def test_an_effect_is_a_target_and_a_value() -> None:
    (effect,) = parse_effects("n[cur] += 1")
    target = Node("index", "n", (Node("name", "cur"),))
    assert effect == Effect(target, Node("+", None, (target, Node("integer", 1))))


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("a = b = 1", "not an effect", 0),
        ("a: int = 1", "not an effect", 0),
        ("a = 1; del a", "not an effect", 7),
        ("a = 1; b", "not an effect", 7),
        ("a /= 2", "not an effect", 0),
        ("import os", "not an effect", 0),
        ("if a: b = 1", "not an effect", 0),
        ("a, b = 1, 2", "only a variable or one cell of an array can be assigned", 0),
        ("x = 1; a.b = 1", "only a variable or one cell of an array can be assigned", 7),
        ("event.dose = 1", "only a variable or one cell of an array can be assigned", 0),
        ("a[1][2] = 1", "an index is written name[number]", 0),
        ("a = 1;; b = 2", "not an expression: invalid syntax", 6),
        ("a = ", "not an expression: invalid syntax", 3),
    ],
)
def test_what_is_not_an_effect(text: str, message: str, column: int) -> None:
    lines = refused_effects(text).splitlines()
    assert lines[:3] == [f"P-1: {message}", f"  {text.strip()}", "  " + " " * column + "^"]
    assert lines[3:] == (
        ["  write name = value or name[index] += value"] if message == "not an effect" else []
    )


def test_a_carriage_return_can_not_hide_another_decimal() -> None:
    # ast counts columns from it: the decimals would be read from the wrong line
    assert refused_effects("x = 9.5\ry = 7.5") == (
        "P-1: the character U+000D is not allowed\n  x = 9.5 y = 7.5\n         ^"
    )


# ---- decimals


def test_quantities_are_read_from_the_text_as_decimals() -> None:
    tree = parse("dose == 0.1 + 0.2")
    assert [n.value for n in tree.walk() if n.op == "decimal"] == ["0.1", "0.2"]
    machine = bound(
        variables=(Quantity("dose", "0", "1", "0.1", "mg", "0.3"),),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", when="dose == 0.1 + 0.2"),),
    )
    assert machine.rules[0].guard == Node(
        "==", None, (Node("variable", "dose"), Node("integer", 3))
    )


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.decimals(0, 999, places=2))
def test_every_decimal_means_its_number_of_steps(value: Decimal) -> None:
    machine = bound(
        variables=(Quantity("dose", "0", "1000", "0.01", "mg"),),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", then=f"dose = {value}"),),
    )
    assert machine.rules[0].effects[0].value == Node("integer", int(value * 100))


# ---- round trip of every tree

NAMES = st.sampled_from(["a", "level", "k", "größe", "event"])
LEAVES = st.one_of(
    st.builds(lambda v: Node("integer", v), st.integers(0, 10**9)),
    st.builds(lambda v: Node("decimal", str(v)), st.decimals(0, 99, places=2)),
    st.sampled_from([TRUE, FALSE]),
    st.builds(lambda v: Node("label", v), st.sampled_from(["", "PR", "it's", 'so "so"', "ä b"])),
    st.builds(lambda v: Node("name", v), NAMES),
    st.builds(lambda v: Node("argument", v), NAMES),
)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(lambda n, i: Node("index", n, (i,)), NAMES, inner),
        st.builds(lambda o, a: Node(o, None, (a,)), st.sampled_from(["not", "negative"]), inner),
        st.builds(
            lambda o, a, b: Node(o, None, (a, b)),
            comparisons | st.sampled_from(["+", "-", "*"]),
            inner,
            inner,
        ),
        st.builds(
            lambda o, parts: Node(o, None, tuple(parts)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        st.builds(
            lambda a, parts: Node("in", None, (a, *parts)),
            inner,
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda a, b, c: Node("if", None, (a, b, c)), inner, inner, inner),
        st.builds(
            lambda f, a, b: Node("call", f, (a, b)), st.sampled_from(["min", "f"]), inner, inner
        ),
        st.builds(
            lambda o, parts: Node(o, "k in levels", tuple(parts)),
            st.sampled_from(["all", "any", "sum"]),
            st.lists(inner, min_size=1, max_size=2),
        ),
    )


TREES = st.recursive(LEAVES, _larger, max_leaves=25)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(TREES)
def test_reading_the_text_of_any_tree_gives_the_tree_again(tree: Node) -> None:
    assert parse(str(tree)) == tree


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(st.tuples(NAMES, TREES), min_size=1, max_size=3))
def test_reading_the_text_of_any_effects_gives_them_again(pairs: list[tuple[str, Node]]) -> None:
    effects = tuple(Effect(Node("name", name), value) for name, value in pairs)
    assert parse_effects("; ".join(map(str, effects))) == effects


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_any_text_is_a_tree_or_one_clear_error(text: str) -> None:
    try:
        tree = parse(text, "P-1")
    except SpecError as error:
        assert str(error).startswith("P-1: ")
    else:
        assert parse(str(tree)) == tree


# ---- pieces of trees


def test_conjunctions_flatten_and_drop_what_is_trivial() -> None:
    a, b, c = (parse(n) for n in "abc")
    assert conjuncts(parse("a and (b and c)")) == (a, b, c)
    assert conjuncts(parse("a or b")) == (parse("a or b"),)
    assert conjunction([]) == TRUE
    assert conjunction([TRUE, a]) == a
    assert conjunction([a, TRUE, parse("b and c")]) == Node("and", None, (a, b, c))
    assert disjunction([]) == FALSE
    assert disjunction([a]) == a
    assert disjunction([a, b]) == parse("a or b")
    assert negation(negation(a)) == a
    assert negation(a) == parse("not a")


def test_a_connection_begins_where_its_first_part_does() -> None:
    first, second = parse("0 + a").args[1], parse("b")
    assert (first.at, second.at) == (4, 0)
    for node in (conjunction([first, second]), disjunction([first, second]), negation(first)):
        assert node.at == 4
    assert Node("name", "a").at == 0


def test_equal_trees_look_alike() -> None:
    assert repr(parse("a+b")) == repr(parse("a  +  b"))


def test_the_texts_of_resolved_trees() -> None:
    one, level = Node("integer", 1), Node("variable", "level")
    assert str(Node("table", "doses", (level,))) == "doses[level]"
    assert str(Node("cell", "treated", (one,))) == "treated[1]"
    assert str(Node("min", None, (level, one))) == "min(level, 1)"
    assert str(Node("max", None, (one, Node("size", "levels")))) == "max(1, levels)"
    assert str(Node("call", "pick", (Node("array", "treated"), one))) == "pick(treated, 1)"
    assert str(Node("+", None, (level, Node("bound", "k"), one))) == "level + k + 1"


def test_replacing_operands_keeps_an_unchanged_node() -> None:
    tree = parse("a + b")
    assert replace_args(tree, tree.args) is tree
    assert replace_args(tree, (tree.args[0], parse("c"))) == parse("a + c")
    assert replace_args(tree, tree.args[:1]) == Node("+", None, tree.args[:1])


def test_binder_names_what_is_bound_and_where_it_ranges() -> None:
    assert binder(parse("all(a[k] for k in levels)")) == ("k", "levels")


def test_walking_a_tree_visits_parents_first_from_left_to_right() -> None:
    assert [n.value or n.op for n in parse("a + b * c").walk()] == ["+", "a", "*", "b", "c"]


# ---- where texts sit in a machine


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: Transition("C-1", "open", "go", when="a b"), "C-1 (open on go)"),
        (lambda: Transition("C-1", ("open", "shut"), "go", then="a b"), "C-1 (open, shut on go)"),
        (lambda: Transition("C-1", "open", "go", requires=(("C-2", "a b"),)), "C-2"),
        (lambda: State("open", within="a b"), "state open"),
        (lambda: Count("n", 0, "a b"), "upper bound"),
        (lambda: Whole("a b", 3), "lower bound"),
        (lambda: Count("n", 0, 3, initial="a b"), "variable n"),
        (lambda: protocol(definitions={"d": "a b"}), "definition d"),
    ],
)
def test_a_text_is_read_when_the_value_that_holds_it_is_made(make: object, where: str) -> None:
    with pytest.raises(SpecError) as caught:
        make()  # type: ignore[operator]
    assert str(caught.value) == f"{where}: not an expression: invalid syntax\n  a b\n    ^"
