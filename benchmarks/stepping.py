"""One event, answered: the compiled step and the automaton beside ``transitions``."""

from __future__ import annotations

from pathlib import Path

from measure import call
from table import Row

MODEL = str(Path(__file__).parent / "models" / "escalation.json")


def rows(runs: int, quick: bool) -> list[Row]:
    """Events a second along one run of M(6) in which every patient is free of toxicity."""
    from peer import machine, restore, snapshot
    from trialspec.spec.registry import load
    from trialspec.statemachines.automaton import automaton
    from trialspec.statemachines.bind import bind
    from trialspec.statemachines.compile import Compiled

    bound = bind(load(MODEL), constants={"D": 6})
    history = [("enroll", {}), ("evaluate", {"dlt": 0})] * 21
    times = 200
    trial, start = machine(6), bound.initial()
    beginning = snapshot(trial)

    def library() -> int:
        for _ in range(times // 10):
            restore(trial, beginning)
            for event, arguments in history:
                assert trial.trigger(event, *arguments.values())
        return len(history) * (times // 10)

    fire = Compiled(bound).fire
    compiled_history = [(fire[event], tuple(a.values())) for event, a in history]

    def compiled() -> int:
        for _ in range(times):
            configuration = start
            for function, values in compiled_history:
                configuration = function(configuration, *values)
        return len(history) * times

    dense = automaton(bound)
    symbols = [dense.symbol(event, arguments) for event, arguments in history]

    def looked_up() -> int:
        table = dense.table
        for _ in range(times):
            place = 0
            for symbol in symbols:
                place = table[place][symbol]
        return len(history) * times

    peer = call(library, runs)
    found = []
    for name, work, bar in (("the compiled step", compiled, 12), ("the automaton", looked_up, 30)):
        ours = call(work, runs)
        ratio = peer / ours
        found.append(
            Row(
                f"one event: {name}",
                f"{1e-6 / ours:.2f} M/s",
                f"trigger of the same model by hand in transitions, {1e-6 / peer:.3f} M/s",
                ratio,
                f">= {bar}",
                ratio >= bar,
            )
        )
    return found
