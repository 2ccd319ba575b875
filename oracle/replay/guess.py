"""What may have happened in a case whose row the protocol refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import NamedTuple

from ...spec.calendar import DOSE
from ...spec.model import Unspecified
from ...statemachines.bound import Bound, Part
from ...statemachines.evaluate import Configuration, Undefined, evaluate
from ...statemachines.step import fire, show_arguments
from ..situation import choices

MAX_MISSING = 6
MAX_KEPT = 10_000


class Missing(NamedTuple):
    """An event that is not in the log: its name, its text, what it leads from and to, and the
    configuration after the row that it allows."""

    name: str
    event: str
    before: Configuration
    between: Configuration
    after: Configuration


class Guesses:
    """What may have happened, of one machine; answers are kept, as logs repeat their mistakes."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.fire = bound, bound.compiled.fire
        self.choices = {e.name: choices(e) for e in bound.events if e.name != DOSE}
        self.from_dates = {m.name for m in bound.machine.landmarks}
        self.kept: dict[tuple[object, ...], tuple[Missing, ...]] = {}

    def allowed(
        self, here: Configuration, event: str, values: Mapping[str, int]
    ) -> Configuration | None:
        """The configuration had the refused event been allowed.

        The rule is the one that the refusal explains: that with the fewest failing conditions. None
        where there is no such rule, or where its effects have no meaning here.
        """
        best: tuple[int, Configuration] | None = None
        for rule in self.bound.rules_of.get((here[0], event), ()):
            if isinstance(rule.target, Unspecified):
                continue
            failing = sum(not self._holds(part, here, values) for part in rule.parts)
            if best is None or failing < best[0]:
                with suppress(Undefined):
                    best = (failing, fire(self.bound, rule, here, values))
        return None if best is None else best[1]

    def _holds(self, part: Part, here: Configuration, values: Mapping[str, int]) -> bool:
        try:
            return bool(evaluate(self.bound, part.node, here, values))
        except Undefined:
            return False

    def missing(
        self,
        here: Configuration,
        event: str,
        values: Mapping[str, int],
        only: str = "",
        *,
        dated: bool = False,
    ) -> tuple[Missing, ...]:
        """The single events, or those of one name, after which a row's event is accepted, by what
        they lead to. What the dates of a log bring is not missing from it."""
        key = (only, dated, here, event, *values.values())
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= MAX_KEPT:
                self.kept.clear()
            passed = self.from_dates if dated else set()
            made = self._missing(here, event, values, only, passed)
            found = self.kept[key] = tuple(made.values())
        return found

    def _missing(
        self,
        here: Configuration,
        event: str,
        values: Mapping[str, int],
        only: str,
        passed: Collection[str],
    ) -> dict[Configuration, Missing]:
        found: dict[Configuration, Missing] = {}
        for name, options in self.choices.items():
            if (only and name != only) or name in passed:
                continue
            for arguments in options:
                between = self.after(here, name, arguments)
                if between is None or between == here:
                    continue
                after = self.after(between, event, values)
                if after is not None and after not in found:
                    text = self._call(name, arguments)
                    found[after] = Missing(name, text, here, between, after)
                    if len(found) >= MAX_MISSING:
                        return found
        return found

    def readings(self, here: Configuration, event: str) -> list[Configuration]:
        """Where an event leads whose arguments can't be read."""
        options = self.choices.get(event, [])
        found = (self.after(here, event, arguments) for arguments in options)
        return list(dict.fromkeys(after for after in found if after is not None))[:MAX_MISSING]

    def after(
        self, here: Configuration, event: str, values: Mapping[str, int]
    ) -> Configuration | None:
        """The configuration after an event that is accepted."""
        with suppress(Undefined):
            after = self.fire[event](here, *values.values())
            if isinstance(after, tuple):
                return after
        return None

    def _call(self, name: str, values: Mapping[str, int]) -> str:
        shown = show_arguments(self.bound.event[name], values)
        listed = ", ".join(
            f"{n} = {str(v).lower() if v in (True, False) else v}" for n, v in shown.items()
        )
        return f"{name}({listed})" if shown else name
