"""The value of each operator of core trees, read plainly."""

import pytest
from small import bound
from trialspec.spec.expression import FALSE, TRUE, Node
from trialspec.spec.model import Count, Flag
from trialspec.statemachines.evaluate import Undefined, evaluate

MACHINE = bound(
    constants={"levels": 3, "least": (3, 4, 6)},
    variables=(Count("level", 1, "levels"), Count("treated", 0, 9, per="levels"), Flag("held")),
)
# the state done, level 2, treated 4, 5 and 6, held
HERE = (1, 2, 4, 5, 6, 1)
LEVEL, HELD = Node("variable", "level"), Node("variable", "held")


def number(value: int) -> Node:
    return Node("integer", value)


def value(op: str, *args: Node, name: str | None = None) -> int:
    return evaluate(MACHINE, Node(op, name, args), HERE, {"n": 8})


def test_what_is_read() -> None:
    assert evaluate(MACHINE, number(-7), HERE, {}) == -7
    assert [evaluate(MACHINE, node, HERE, {}) for node in (TRUE, FALSE)] == [1, 0]
    assert value("variable", name="state") == 1
    assert value("variable", name="level") == 2
    assert value("variable", name="held") == 1
    assert value("argument", name="n") == 8


@pytest.mark.parametrize(
    ("op", "name", "entries"), [("cell", "treated", (4, 5, 6)), ("table", "least", (3, 4, 6))]
)
def test_cells_and_entries_are_counted_from_one(op: str, name: str, entries: tuple[int]) -> None:
    for index, entry in enumerate(entries, 1):
        assert value(op, number(index), name=name) == entry
    for index in (0, 4):
        with pytest.raises(Undefined, match=rf"^{name}\[{index}\] is outside 1..3$"):
            value(op, number(index), name=name)


def test_logic_stops_early() -> None:
    nowhere = Node("cell", "treated", (number(0),))
    assert value("and", HELD, FALSE, nowhere) == 0
    assert value("or", FALSE, HELD, nowhere) == 1
    assert value("and", HELD, LEVEL) == 1
    assert value("or", FALSE, FALSE) == 0
    assert value("not", HELD) == 0
    assert value("not", FALSE) == 1
    assert value("if", HELD, number(5), nowhere) == 5
    assert value("if", FALSE, nowhere, number(7)) == 7


@pytest.mark.parametrize(
    ("op", "answers"),
    [
        ("==", (0, 1, 0)),
        ("!=", (1, 0, 1)),
        ("<", (1, 0, 0)),
        ("<=", (1, 1, 0)),
        (">", (0, 0, 1)),
        (">=", (0, 1, 1)),
    ],
)
def test_comparisons(op: str, answers: tuple[int, ...]) -> None:
    assert tuple(value(op, number(left), LEVEL) for left in (1, 2, 3)) == answers


def test_arithmetic() -> None:
    assert value("+", LEVEL, number(3), number(4)) == 9
    assert value("-", LEVEL, number(3)) == -1
    assert value("*", LEVEL, number(3)) == 6
    assert value("negative", LEVEL) == -2
    assert value("min", LEVEL, number(3)) == 2
    assert value("max", LEVEL, number(3)) == 3
