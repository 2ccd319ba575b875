"""What the reference answers along a run, as the steps of a vector."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.types import shown
from ...statemachines.arguments import read_arguments
from ...statemachines.bound import Bound
from ...statemachines.evaluate import Configuration
from ...statemachines.step import ELAPSE, Accepted, step
from ..answer import as_answer
from ..vectors import Step
from .local import Symbol
from .search import Move


class Recorder:
    """Takes a fresh case of the reference through runs; runs share what they begin with."""

    def __init__(self, bound: Bound, symbols: list[Symbol], questions: Mapping[str, str]) -> None:
        self.bound, self.symbols, self.questions = bound, symbols, questions
        self.known: dict[tuple[Configuration, Move], tuple[Step, Configuration]] = {}

    def steps(self, moves: list[Move]) -> tuple[Step, ...]:
        """The steps of a run from the start."""
        found = []
        here = self.bound.initial()
        for move in moves:
            answered = self.known.get((here, move))
            if answered is None:
                answered = self.known[here, move] = self.answer(here, move)
            found.append(answered[0])
            here = answered[1]
        return tuple(found)

    def answer(self, here: Configuration, move: Move) -> tuple[Step, Configuration]:
        """One step, and the configuration after it."""
        event, given = self.given(move)
        values = read_arguments(self.bound, event, given, here)
        found = step(self.bound, here, event, values)
        answer = as_answer(self.bound, here, found, self.questions)
        made = Step(event, given, answer.answer, answer.clause, answer.reason, answer.observe)
        return made, found.configuration if isinstance(found, Accepted) else here

    def given(self, move: Move) -> tuple[str, dict[str, object]]:
        """The event and its arguments as plain JSON; those with a default are left out."""
        if move.days:
            return ELAPSE, {"days": move.days}
        symbol = self.symbols[move.symbol]
        parameters = self.bound.event[symbol.event].parameters
        return symbol.event, {
            p.name: shown(value, p.type)
            for p, value in zip(parameters, symbol.arguments, strict=True)
            if value is not None
        }
