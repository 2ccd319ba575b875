"""M(D) written by hand for the library ``transitions``, as its users would write it."""

from __future__ import annotations

import sys

from transitions import Machine


class Trial:
    """The model: Python attributes, conditions and callbacks."""

    def __init__(self, levels: int) -> None:
        self.levels = levels
        self.cur, self.tox, self.pend = 1, levels + 1, 0
        self.n, self.d = [0] * (levels + 1), [0] * (levels + 1)

    @property
    def cap(self) -> int:
        return 3 if self.state == "escalating" else 6

    # conditions; an outcome arrives as the argument dlt

    def can_enroll(self, dlt: int = 0) -> bool:
        return self.n[self.cur] + self.pend < self.cap

    def waits(self, dlt: int) -> bool:
        return self.pend > 0 and self.n[self.cur] + 1 < self.cap

    def full(self, dlt: int) -> bool:
        return self.pend > 0 and self.n[self.cur] + 1 == self.cap

    def clear(self, dlt: int) -> bool:
        return self.d[self.cur] + dlt == 0

    def one(self, dlt: int) -> bool:
        return self.d[self.cur] + dlt == 1

    def tolerated(self, dlt: int) -> bool:
        return self.d[self.cur] + dlt <= 1

    def toxic(self, dlt: int) -> bool:
        return self.d[self.cur] + dlt >= 2

    def higher(self, dlt: int) -> bool:
        return self.cur + 1 <= self.levels and self.cur + 1 < self.tox

    def lowest(self, dlt: int) -> bool:
        return self.cur == 1

    def room_below(self, dlt: int) -> bool:
        return self.n[self.cur - 1] < 6

    # callbacks

    def enter(self, dlt: int = 0) -> None:
        self.pend += 1

    def count(self, dlt: int) -> None:
        self.pend -= 1
        self.n[self.cur] += 1
        self.d[self.cur] += dlt

    def up(self, dlt: int) -> None:
        self.cur += 1

    def close(self, dlt: int) -> None:
        self.tox = self.cur

    def down(self, dlt: int) -> None:
        self.cur -= 1


def machine(levels: int) -> Trial:
    """A fresh trial driven by the library."""
    trial = Trial(levels)
    made = Machine(
        trial,
        ["escalating", "expanding", "mtd", "closed"],
        initial="escalating",
        auto_transitions=False,
        ignore_invalid_triggers=True,
    )

    def rule(event: str, source: object, dest: str, conditions: list, unless=(), before=()) -> None:
        made.add_transition(
            event, source, dest, conditions=conditions, unless=list(unless), before=list(before)
        )

    for phase in ("escalating", "expanding"):
        rule("enroll", phase, "=", ["can_enroll"], before=["enter"])
        rule("evaluate", phase, "=", ["waits"], before=["count"])
    rule("evaluate", "escalating", "=", ["full", "clear", "higher"], before=["count", "up"])
    rule("evaluate", "escalating", "expanding", ["full", "clear"], ["higher"], ["count"])
    rule("evaluate", "escalating", "expanding", ["full", "one"], before=["count"])
    rule(
        "evaluate",
        "expanding",
        "escalating",
        ["full", "tolerated", "higher"],
        before=["count", "up"],
    )
    rule("evaluate", "expanding", "mtd", ["full", "tolerated"], ["higher"], ["count"])
    for phase in ("escalating", "expanding"):
        down = ["count", "close", "down"]
        rule("evaluate", phase, "closed", ["full", "toxic", "lowest"], before=["count", "close"])
        rule("evaluate", phase, "expanding", ["full", "toxic", "room_below"], ["lowest"], down)
        rule("evaluate", phase, "mtd", ["full", "toxic"], ["lowest", "room_below"], down)
    return trial


def snapshot(trial: Trial) -> tuple:
    """The configuration, to be put back with `restore`."""
    return trial.state, trial.cur, trial.tox, trial.pend, tuple(trial.n), tuple(trial.d)


def restore(trial: Trial, configuration: tuple) -> None:
    """Puts the machine into a configuration."""
    trial.state, trial.cur, trial.tox, trial.pend, n, d = configuration
    trial.n, trial.d = list(n), list(d)


def enumerate_all(levels: int) -> int:
    """How many configurations are reachable, found by triggering every event in each."""
    trial = machine(levels)
    start = snapshot(trial)
    seen, todo = {start}, [start]
    while todo:
        configuration = todo.pop()
        for event, arguments in (("enroll", ()), ("evaluate", (0,)), ("evaluate", (1,))):
            restore(trial, configuration)
            if trial.trigger(event, *arguments):
                after = snapshot(trial)
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
    return len(seen)


if __name__ == "__main__":
    print(enumerate_all(int(sys.argv[1])))
