"""Folding of core trees, one operator at a time."""

import pytest
from trialspec.spec.expression import FALSE, TRUE, Node, parse
from trialspec.spec.fold import compare, fold, substitute

A, B, C = (Node("variable", name) for name in "abc")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
TABLES = {"t": (7, 8, 9)}


def number(value: int) -> Node:
    return Node("integer", value)


def made(op: str, *args: Node) -> Node:
    return Node(op, None, args)


@pytest.mark.parametrize(
    ("op", "answers"),
    [
        ("==", (False, True, False)),
        ("!=", (True, False, True)),
        ("<", (True, False, False)),
        ("<=", (True, True, False)),
        (">", (False, False, True)),
        (">=", (False, True, True)),
    ],
)
def test_a_comparison_of_numbers_is_a_truth_value(op: str, answers: tuple[bool, ...]) -> None:
    for left, answer in zip((1, 2, 3), answers, strict=True):
        assert compare(op, left, 2) is answer
        assert fold(made(op, number(left), number(2))) == (TRUE if answer else FALSE)
    assert fold(made(op, A, number(2))) == made(op, A, number(2))


def test_truth_values_are_compared_as_well() -> None:
    assert fold(made("==", TRUE, FALSE)) == FALSE
    assert fold(made("!=", TRUE, FALSE)) == TRUE


@pytest.mark.parametrize(
    ("op", "opposite"),
    [("==", "!="), ("!=", "=="), ("<", ">="), ("<=", ">"), (">", "<="), (">=", "<")],
)
def test_not_turns_a_comparison(op: str, opposite: str) -> None:
    assert fold(made("not", made(op, A, B))) == made(opposite, A, B)


def test_not_of_anything_else() -> None:
    assert fold(made("not", TRUE)) == FALSE
    assert fold(made("not", FALSE)) == TRUE
    assert fold(made("not", made("not", A))) == A
    assert fold(made("not", A)) == made("not", A)


def test_a_choice_with_a_known_condition_is_its_branch() -> None:
    assert fold(made("if", TRUE, A, B)) == A
    assert fold(made("if", FALSE, A, B)) == B
    assert fold(made("if", C, TRUE, B)) == made("if", C, TRUE, B)
    assert fold(made("if", C, A, A)) == A
    assert fold(made("if", C, C, A)) == made("if", C, C, A)


@pytest.mark.parametrize(
    ("op", "values", "result"),
    [
        ("-", (7, 4), 3),
        ("*", (7, 4), 28),
        ("negative", (7,), -7),
        ("min", (7, 4), 4),
        ("max", (4, 7), 7),
        ("+", (1, 0, 2), 3),
        ("+", (1, -1), 0),
    ],
)
def test_arithmetic_of_numbers_is_a_number(op: str, values: tuple[int, ...], result: int) -> None:
    assert fold(made(op, *map(number, values))) == number(result)


def test_arithmetic_with_a_variable_stays() -> None:
    for op in ("-", "*", "min", "max"):
        assert fold(made(op, A, number(2))) == made(op, A, number(2))


def test_a_sum_is_flat_with_its_constant_last() -> None:
    inner = made("+", number(1), A)
    assert fold(made("+", inner, number(2), B)) == made("+", A, B, number(3))
    assert fold(made("+", inner, number(-1))) == A
    product = made("*", A, number(1))
    assert fold(made("+", product, B)) == made("+", product, B)


@pytest.mark.parametrize(("index", "entry"), [(1, 7), (2, 8), (3, 9)])
def test_an_entry_of_a_table_is_known(index: int, entry: int) -> None:
    assert fold(Node("table", "t", (number(index),)), TABLES) == number(entry)


def test_an_entry_stays_that_is_outside_or_not_known() -> None:
    for index in (number(0), number(4), number(-1), A):
        node = Node("table", "t", (index,))
        assert fold(node, TABLES) == node
    node = Node("table", "t", (number(1),))
    assert fold(node) == node
    # another operator of constants that no table has to do with
    call = Node("call", "f", (number(1),))
    assert fold(call, TABLES) == call


@pytest.mark.parametrize(
    ("op", "neutral", "absorbing"), [("and", TRUE, FALSE), ("or", FALSE, TRUE)]
)
def test_and_and_or(op: str, neutral: Node, absorbing: Node) -> None:
    other = made("or" if op == "and" else "and", B, C)
    assert fold(made(op, A, neutral)) == A
    assert fold(made(op, A, absorbing)) == absorbing
    assert fold(made(op, neutral, neutral)) == neutral
    assert fold(made(op, A, A)) == A
    assert fold(made(op, made(op, A, B), A, C)) == made(op, A, B, C)
    assert fold(made(op, A, other)) == made(op, A, other)


def test_arguments_are_replaced_and_the_rest_folded() -> None:
    tree = made("and", made("<", Node("argument", "n"), number(3)), Node("argument", "ok"))
    assert substitute(tree, {"n": number(2)}) == Node("argument", "ok")
    assert substitute(tree, {"n": number(3)}) == FALSE
    assert substitute(tree, {}) == tree
    assert substitute(A, {"a": number(1)}) == A
    assert str(substitute(parse("f(event.n)"), {"n": number(2)})) == "f(2)"
