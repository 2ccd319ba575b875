"""One event, answered: the compiled step and the automaton beside ``transitions``."""

from __future__ import annotations

from pathlib import Path

from measure import call
from table import Row

MODEL = str(Path(__file__).parent / "models" / "escalation.json")


def rows(runs: int, quick: bool) -> list[Row]:
    """Events a second along one run of M(6) in which every patient is free of toxicity."""
    from trialspec.spec.registry import load
    from trialspec.statemachines.automaton import build
    from trialspec.statemachines.bind import bind
    from trialspec.statemachines.compile import Compiled
    from trialspec.statemachines.view import view

    bound = bind(load(MODEL), constants={"D": 6})
    history = [("enroll", {}), ("evaluate", {"dlt": False})] * 21
    times = 200

    machine, start = view(bound), bound.initial()

    def library() -> int:
        for _ in range(times // 10):
            machine.configuration = start
            for event, arguments in history:
                assert machine.trigger(event, **arguments)
        return len(history) * (times // 10)

    fire = Compiled(bound).fire
    compiled_history = [(fire[event], tuple(map(int, a.values()))) for event, a in history]

    def compiled() -> int:
        for _ in range(times):
            configuration = start
            for function, values in compiled_history:
                configuration = function(configuration, *values)
        return len(history) * times

    automaton = build(bound)
    symbols = [automaton.symbol(event, arguments) for event, arguments in history]

    def dense() -> int:
        following = automaton.next
        for _ in range(times):
            place = automaton.initial
            for symbol in symbols:
                place = following(place, symbol)
        return len(history) * times

    peer = call(library, runs)
    found = []
    for name, work, bar in (("the compiled step", compiled, 12), ("the automaton", dense, 30)):
        ours = call(work, runs)
        ratio = peer / ours
        found.append(
            Row(
                f"one event: {name}",
                f"{1e-6 / ours:.2f} M/s",
                f"transitions.trigger, {1e-6 / peer:.3f} M/s",
                ratio,
                f">= {bar}",
                ratio >= bar,
            )
        )
    return found
