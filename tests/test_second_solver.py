"""Every proof text is taken, and answered the same way, by a second solver."""

import cvc5
import pytest
from trialspec.spec.registry import load, names
from trialspec.statemachines.bind import bind, sizes
from trialspec.statemachines.proof.obligations import properties
from trialspec.statemachines.proof.page import Script
from trialspec.statemachines.proof.scripts import Scripts
from trialspec.statemachines.proof.solver import check

MODEL = "benchmarks/models/escalation.json"
MACHINES = [(MODEL, "trial")] + [(n, m.name) for n in names() for m in load(n).machines]


def scripts(argument: str, machine: str) -> list[Script]:
    protocol = load(argument)
    size = next(iter(sizes(protocol.machine(machine))), None)
    bound = bind(protocol, machine, symbolic=size)
    ranges = tuple(f.name for f in bound.fields if not f.is_flag)
    return Scripts(bound, properties(bound), ranges).all()


def second(text: str) -> list[str]:
    """cvc5's answers to a script, strictly parsed."""
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("incremental", "true")
    solver.setOption("strict-parsing", "true")
    solver.setOption("rlimit", "200000")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "script")
    symbols, answers = parser.getSymbolManager(), []
    while not (command := parser.nextCommand()).isNull():
        answers += command.invoke(solver, symbols).split()
    return answers


@pytest.mark.parametrize(("argument", "machine"), MACHINES)
def test_the_second_solver_proves_every_text_too(argument: str, machine: str) -> None:
    found = scripts(argument, machine)
    assert found
    for script in found:
        assert second(script.text) == check(script.text), script.name


def test_an_ill_sorted_text_is_refused_by_the_second_solver() -> None:
    with pytest.raises(RuntimeError):
        second("(set-logic QF_UFLIA)\n(declare-const |a| Bool)\n(assert (= |a| 1))\n(check-sat)\n")
