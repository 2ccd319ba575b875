"""What starts fast stays free of what is slow to import."""

import json

import pytest
from small import ESCALATION, spec_check

HEAVY = (
    "z3",
    "cvc5",
    "hypothesis",
    "numpy",
    "rich",
    "transitions",
    "graphviz",
    "pygraphviz",
    "pytest",
    "pyarrow",
    "pandas",
    "icalendar",
)


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a command has imported at its end."""
    code = (
        "import sys, json; from trialspec.oracle.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)\n"
        "sys.exit(code)"
    )
    done = spec_check(*arguments, code=code)
    assert done.returncode == 0, done.stderr
    found = set(json.loads(done.stderr.splitlines()[-1]))
    assert "sys" in found
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("list",),
        ("list", "--json"),
        ("verify", "--help"),
        ("show", "ibrutinib-mm"),
        ("export", str(ESCALATION)),
        ("calendar", "dextr-mm"),
    ],
)
def test_what_needs_no_solver_imports_none(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) & set(HEAVY) == set()


def test_help_and_list_import_no_yaml_either() -> None:
    for arguments in (("--help",), ("list",)):
        assert "yaml" not in imported(*arguments)


def test_enumeration_alone_needs_no_solver() -> None:
    found = imported("verify", str(ESCALATION), "--set", "D=2", "--engine", "enumeration")
    assert found & set(HEAVY) == set()


def test_a_proof_imports_the_solver_and_nothing_else_that_is_heavy() -> None:
    found = imported("verify", str(ESCALATION), "--set", "D=2")
    assert found & set(HEAVY) == {"z3"}
