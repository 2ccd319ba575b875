"""The table as a state machine of the library ``transitions``: one more reading, to use by hand.

Guards and effects are evaluated on the checked trees themselves, not by the compiled step, so that
the two check each other. The library takes the first transition whose conditions hold and never
says that a second one did: only machines known to be deterministic are built.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ..spec.errors import SpecError
from ..spec.expression import TRUE
from ..spec.model import Unspecified
from ..spec.types import shown
from .arguments import find_event, read_arguments
from .bound import Bound, BoundEvent, Field, Rule, as_int
from .evaluate import Configuration, Undefined, evaluate
from .explore import explore
from .step import ELAPSE, Accepted, Answer, Defect, Undecided, describe, refusal_answer

if TYPE_CHECKING:
    from transitions import Machine

    from .proof.verdict import MachineReport


def view(bound: Bound, evidence: MachineReport | None = None) -> Any:
    """A ``transitions.Machine`` that is its own model, in the initial configuration.

    Each event is a trigger: ``machine.evaluate(dlt=True)``, or ``machine.trigger("evaluate",
    dlt=True)``, which also serves for names that the library has taken. It answers True when the
    event was accepted and False when not; ``machine.answer`` then is the `Accepted`, `Refused` or
    `Undecided` of this call. ``machine.may_evaluate(dlt=True)`` asks without doing it, and
    ``machine.elapse(days=3)`` advances the clocks. ``machine.state`` is the state's name,
    ``machine.values`` the variables by name; each is an attribute as well where the name is free.
    Argument values are read as `read_arguments` reads them, and `Defect` is raised where the
    specification itself is wrong.

    ``evidence`` is a report on this machine by `verify_machine`; without one its configurations are
    enumerated here. `SpecError` unless that shows that no two rules ever apply at once.
    """
    if bound.symbolic is not None:
        raise SpecError(
            f"{bound.symbolic} has no value, so there is nothing to run",
            where=f"machine {bound.machine.name}",
        )
    _check_deterministic(bound, evidence)
    return _machine_class()(bound)


def _check_deterministic(bound: Bound, evidence: MachineReport | None) -> None:
    where = f"machine {bound.machine.name}"
    if evidence is None:
        space = explore(bound)
        for (kind, _), finding in space.issues.items():
            if kind == "determinism":
                place = describe(bound, finding.configuration)
                raise SpecError(f"{finding.detail} to {finding.event} in {place}", where=where)
        if not space.complete:
            raise SpecError("too many configurations to show that it is deterministic", where=where)
        return
    theirs = evidence.bound
    if (theirs.machine, theirs.constants, theirs.readings) != (
        bound.machine,
        bound.constants,
        bound.readings,
    ):
        raise SpecError("the evidence is about another machine, size or reading", where=where)
    for result in evidence.results:
        if result.obligation.kind == "determinism" and result.verdict != "proved":
            raise SpecError(
                f"{result.obligation.statement}: {result.verdict}",
                where=where,
                hint="this view would silently take the first rule that applies",
            )


@cache
def _machine_class() -> type[Machine]:
    """The class of views; the library is imported when the first one is made."""
    from transitions import Event, Machine

    class Trigger(Event):
        """An event of a view; it leaves the typed answer in ``machine.answer``."""

        def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
            if args:
                raise SpecError(f"{self.name}: give arguments by name, as in dlt=True")
            arguments = read_arguments(model.bound, self.name, kwargs, model.configuration)
            model.answer = None
            accepted = super().trigger(model, **kwargs)
            if model.answer is None:
                event = find_event(model.bound, self.name)
                given = model.bound, model.configuration, event, arguments
                model.answer = model._checked(refusal_answer, *given)
            return accepted

    class View(Machine):
        """One case of a bound machine; see `view`."""

        event_cls = Trigger

        def __init__(self, bound: Bound) -> None:
            self.bound = bound
            self._values = list(bound.initial())
            self.answer: Answer | None = None
            super().__init__(
                model="self",
                states=[{"name": s.name, "final": s.final} for s in bound.machine.states],
                initial=bound.states[bound.initial_state],
                transitions=[*self._day(), *(self._transition(r) for r in bound.rules)],
                auto_transitions=False,
                send_event=True,
                ignore_invalid_triggers=True,
                prepare_event=self._read,
                finalize_event=self._keep,
            )
            for event in bound.events:
                if event.name not in self.events:
                    # no rule mentions it: it is a trigger all the same, and always refused
                    start = bound.states[bound.initial_state]
                    self.add_transition(event.name, start, None, conditions=_never)

        def _checked_assignment(self, model: Any, name: str, func: Any) -> None:
            # the library would log each name that it has taken itself; and a landmark is both an
            # event and a variable
            if name in self.bound.by_name or not hasattr(model, name):
                setattr(model, name, func)

        @property
        def configuration(self) -> Configuration:
            """The state's number and the stored integers of the variables."""
            return (self.bound.states.index(self.state), *self._values[1:])

        @property
        def values(self) -> dict[str, Any]:
            """The variables as people and JSON see them, arrays as lists."""
            return {f.name: self._shown(f) for f in self.bound.fields}

        def __getattr__(self, name: str) -> Any:
            bound = self.__dict__.get("bound")
            if bound is not None and name in bound.by_name:
                return self._shown(bound.by_name[name])
            return super().__getattr__(name)

        def _shown(self, field: Field) -> Any:
            cells = self._values[field.offset : field.offset + field.cells]
            seen = [shown(v, field.type) for v in cells]
            return seen[0] if field.size is None else seen

        # ---- the table

        def _transition(self, rule: Rule) -> dict[str, Any]:
            """One rule as one transition of the library."""
            event = self.bound.event[rule.event]
            conditions = [partial(self._possible, event), partial(self._guard, rule)]
            transition: dict[str, Any] = {
                "trigger": rule.event,
                "source": self.bound.states[rule.source],
                "dest": None,
                "conditions": conditions,
            }
            if isinstance(rule.target, Unspecified):
                # the outcome is known, but not what it changes: nothing is
                conditions.append(partial(self._undecided, rule))
                return transition
            transition["dest"] = self.bound.states[rule.target]
            transition["before"] = partial(self._work_out, rule)
            transition["after"] = self._assign
            return transition

        def _day(self) -> list[dict[str, Any]]:
            """Time, which passes in every state; in a final one it changes nothing."""
            return [
                {
                    "trigger": ELAPSE,
                    "source": state,
                    "dest": None,
                    "after": [] if number in self.bound.final else self._advance,
                }
                for number, state in enumerate(self.bound.states)
            ]

        # ---- callbacks, in the order in which the library calls them

        def _read(self, data: Any) -> None:
            """The arguments, read once for all the transitions that are tried."""
            name, now = data.event.name, self.configuration
            if not hasattr(data, "stored"):
                data.stored = read_arguments(self.bound, name, data.kwargs, now)
                data.outcome = None

        def _possible(self, event: BoundEvent, data: Any) -> bool:
            if data.outcome is not None:
                # answered by a rule before this one
                return False
            if not event.observation or event.possible == TRUE:
                return True
            return bool(self._checked(evaluate, self.bound, event.possible, *self._now(data)))

        def _guard(self, rule: Rule, data: Any) -> bool:
            return bool(self._checked(evaluate, self.bound, rule.guard, *self._now(data)))

        def _undecided(self, rule: Rule, data: Any) -> bool:
            assert isinstance(rule.target, Unspecified)
            data.outcome = Undecided(rule.target.ambiguity, rule.clause)
            return False

        def _work_out(self, rule: Rule, data: Any) -> None:
            """Every effect's place and value, all from the configuration before any of them."""
            data.writes = self._checked(self._writes, rule, *self._now(data))
            data.rule = rule

        def _writes(
            self, rule: Rule, configuration: Configuration, arguments: dict[str, int]
        ) -> dict[int, int]:
            writes: dict[int, int] = {}
            for effect in rule.effects:
                field = self.bound.by_name[effect.name]
                cell = 0
                if effect.index is not None:
                    cell = evaluate(self.bound, effect.index, configuration, arguments) - 1
                if not 0 <= cell < field.cells:
                    raise Undefined(f"{rule.name} writes {effect.name}[{cell + 1}]")
                place = field.offset + cell
                value = evaluate(self.bound, effect.value, configuration, arguments)
                if place in writes:
                    raise Undefined(f"{rule.name} writes {effect.name}[{cell + 1}] twice")
                if not as_int(field.low) <= value <= as_int(field.high):
                    raise Undefined(f"{rule.name} gives {effect.name} the value {value}")
                writes[place] = value
            return writes

        def _assign(self, data: Any) -> None:
            for place, value in data.writes.items():
                self._values[place] = value

        def _advance(self, data: Any) -> None:
            for clock in self.bound.clocks:
                later = self._values[clock.offset] + data.stored["days"]
                self._values[clock.offset] = min(later, as_int(clock.high))

        def _keep(self, data: Any) -> None:
            """The answer, unless it is a refusal, which is left to be explained."""
            if data.error is None and data.result:
                rule: Rule | None = getattr(data, "rule", None)
                self.answer = Accepted(self.configuration, rule.clause if rule else "", rule)
            elif data.error is None:
                self.answer = getattr(data, "outcome", None)

        # ---- helpers

        def _now(self, data: Any) -> tuple[Configuration, dict[str, int]]:
            return self.configuration, data.stored

        def _checked(self, work: Callable[..., Any], *given: Any) -> Any:
            """The value of a piece of work, or a `Defect` where it has none."""
            try:
                return work(*given)
            except Undefined as error:
                place = describe(self.bound, self.configuration)
                where = f"{self.bound.protocol} {self.bound.machine.name}: {place}"
                raise Defect(str(error), where=where) from None

    return View


def _never(_: object) -> bool:
    return False
