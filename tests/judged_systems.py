"""Systems to judge, made from the reference: each differs from it in one respect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from trialspec.oracle.adapters.reference import Reference

Arguments = Mapping[str, object]


class OneByOne(Reference):
    """Has no `run`."""

    def describe(self) -> dict[str, Any]:
        # without a look at every protocol
        return {
            "name": "to judge",
            "version": "1",
            "contract": 1,
            "observes": ["state", "level"],
            "events": [],
        }


class OnlyState(OneByOne):
    """Shows its state alone."""

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "observes": ["state"]}

    def start(self, *given: Any) -> dict[str, Any]:
        return {"state": super().start(*given)["state"]}

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        found = super().apply(event, arguments)
        return {**found, "observe": {"state": found["observe"]["state"]}}


class Asked(OneByOne):
    """Shows nothing in its answers, and everything when it is asked."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        found = super().apply(event, arguments)
        return {"answer": found["answer"]}


class AskedWrong(Asked):
    """As `Asked`, with a wrong state in the end."""

    def observe(self) -> dict[str, Any]:
        found = super().observe()
        return {**found, "state": "expansion"} if found["treated"][0] == 3 else found


class Silent(Asked):
    """Shows nothing at all."""

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "observes": []}

    def start(self, *given: Any) -> dict[str, Any]:
        super().start(*given)
        return {}

    def observe(self) -> dict[str, Any]:
        raise AssertionError("nobody should ask")


class Talkative(OneByOne):
    """Shows more than there is, and one cell of an array by itself."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        found = super().apply(event, arguments)
        observe = dict(found["observe"])
        observe["treated[1]"] = observe.pop("treated")[0]
        return {**found, "observe": {**observe, "colour": ["red", None], "dlts[9]": 1}}


class AcceptsEveryLevel(OneByOne):
    """Registers at any level; the arguments it is given it changes."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        if event == "register":
            assert isinstance(arguments, dict)
            arguments["level"] = 1
        return super().apply(event, arguments)


class RefusesToxicity(OneByOne):
    """Does not take a toxicity."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        if arguments.get("dlt"):
            seen = self.observe()
            return {"answer": "refused", "reason": "not \x1b[31mnow", "observe": seen}
        return super().apply(event, arguments)


class FourthLevel(OneByOne):
    """Shows a level too high once three are treated."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        found = super().apply(event, arguments)
        if found["observe"]["treated"][0] >= 3:
            found["observe"]["level"] += 1
        return found


class Unable(OneByOne):
    """Does not know registrations."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        if event == "register":
            return {"answer": "unsupported", "reason": "another office registers"}
        return super().apply(event, arguments)


class UnableAndWrong(Unable):
    """And refuses every toxicity."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        if arguments.get("dlt"):
            return {"answer": "refused", "reason": "not now"}
        return super().apply(event, arguments)


class UnableToAll(OneByOne):
    """Knows nothing."""

    def apply(self, event: str, arguments: Arguments) -> dict[str, Any]:
        return {"answer": "unsupported"}


class Leaking(OneByOne):
    """Goes on with the case before, and hides it at the start."""

    def start(self, *given: Any) -> dict[str, Any]:
        return {} if self._case is not None else super().start(*given)

    def stop(self) -> None:
        pass


class LeakingOpenly(Leaking):
    """The same, and shows it."""

    def start(self, *given: Any) -> dict[str, Any]:
        super().start(*given)
        return self.observe()


class LeakingLater(Leaking):
    """Goes on with the case before once three have been begun."""

    cases = 0

    def start(self, *given: Any) -> dict[str, Any]:
        self.cases += 1
        if self.cases <= 2:
            self._case = None
        return super().start(*given)


class Flaky(OneByOne):
    """Wrong the second time, and broken in a process of its own."""

    cases = 0
    processes: list[int] = []  # noqa: RUF012

    def start(self, *given: Any) -> dict[str, Any]:
        import sys

        type(self).cases += 1
        if "pytest" not in sys.modules:
            raise OSError("only one licence")
        found = super().start(*given)
        return {**found, "level": 7} if self.cases == 2 else found


class Named(str, Enum):  # noqa: UP042 (as vendors still write it)
    """A label as an enumeration."""

    FIRST = "first_three"

    def __str__(self) -> str:
        return "something else"


class Typed(OneByOne):
    """Shows Python's own kinds of values."""

    def start(self, *given: Any) -> dict[str, Any]:
        found = super().start(*given)
        return {**found, "state": Named.FIRST, "treated": (0, 0, 0), "level": Decimal("1.0")}


class ShortRun(Reference):
    """Loses an answer."""

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return super().run(steps)[:-1]


class BlindRun(Reference):
    """Shows nothing in a run."""

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"answer": found["answer"]} for found in super().run(steps)]


class WordRun(Reference):
    """Answers in words."""

    def run(self, steps: Sequence[Mapping[str, Any]]) -> Any:
        return ["accepted" for _ in steps]


class MaybeRun(Reference):
    """Has a fourth answer."""

    def run(self, steps: Sequence[Mapping[str, Any]]) -> Any:
        return [{"answer": "perhaps"} for _ in steps]
