"""Which vectors: made anew for a protocol, or read from a file and checked against the protocol."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...spec.errors import SpecError
from ...spec.meaning import machine_hash
from ...spec.model import Constant, Protocol
from ...spec.registry import load
from ...statemachines.arguments import read_arguments
from ...statemachines.bind import bind
from ...statemachines.bound import Bound
from ...statemachines.explain import acceptance
from ...statemachines.step import Accepted, observe, step
from ..vectors import ENDING, Suite, Vector, read_constants, read_suite
from .examine import Task

COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Source:
    """Where vectors come from, as one would write it on the command line.

    ``vectors`` is a file; without it the vectors are made by a criterion, under the ``NAME=VALUE``
    settings and ``ID=NAME`` readings.
    """

    protocol: str
    machine: str
    vectors: str = ""
    cover: str = COMPLETE
    settings: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    def command(self, adapter: str, ids: Sequence[str]) -> str:
        """The line that runs some vectors again."""
        words = ["spec-check", "test", self.protocol, "--machine", self.machine]
        words += ["--adapter", adapter]
        words += ["--vectors", self.vectors] if self.vectors else []
        words += ["--cover", self.cover] if self.cover != COMPLETE and not self.vectors else []
        for setting in self.settings:
            words += ["--set", setting]
        for reading in self.readings:
            words += ["--reading", reading]
        for id in ids:
            words += ["--id", id]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Vectors:
    """A suite, where it comes from, and the machine that it was made of."""

    source: Source
    suite: Suite
    bound: Bound

    @property
    def tasks(self) -> tuple[Task, ...]:
        """A task for each vector, in order."""
        initial = observe(self.bound, self.bound.initial())
        return tuple(Task(self.suite, v, initial, self.reason) for v in self.suite.vectors)

    def reason(self, vector: Vector, number: int) -> str:
        """The guard that lets a step through, with its numbers; steps count from 1."""
        here, why = self.bound.initial(), ""
        for asked in vector.steps[:number]:
            values = read_arguments(self.bound, asked.event, asked.arguments, here)
            answer = step(self.bound, here, asked.event, values)
            why = ""
            if isinstance(answer, Accepted):
                rule, before, here = answer.rule, here, answer.configuration
                why = acceptance(self.bound, rule, before, values) if rule else ""
        return why


def from_criterion(
    source: Source,
    protocol: Protocol,
    constants: Mapping[str, Constant],
    readings: Mapping[str, str],
) -> Vectors:
    """Vectors made by a criterion; `SpecError` for an unknown one or for what can't be bound."""
    from ..suites import build_suite

    bound = bind(protocol, source.machine, constants=constants, readings=readings)
    suite = build_suite(bound, protocol, source.cover)
    return Vectors(source, suite, bound)


def from_file(path: str, protocol_argument: str = "") -> Vectors:
    """Vectors of a file; `SpecError` when they were made from another specification.

    ``protocol_argument`` says where the protocol is, unless its name does.
    """
    return from_suite(read_suite(Path(path)), path, protocol_argument)


def from_suite(suite: Suite, path: str, protocol_argument: str = "") -> Vectors:
    """The same of what has been read from a file."""
    argument = protocol_argument or suite.protocol
    protocol = load(argument)
    if protocol.name != suite.protocol:
        raise SpecError(f"these are vectors of {suite.protocol}, not {protocol.name}", where=path)
    try:
        constants = read_constants(protocol.machine(suite.machine), suite.constants)
        now = machine_hash(
            protocol, suite.machine, constants=constants, readings=dict(suite.readings)
        )
        bound = bind(protocol, suite.machine, constants=constants, readings=suite.readings)
    except SpecError as error:
        raise error.within(path) from None
    if now != suite.model_sha256:
        raise SpecError(
            f"stale: made from another {suite.protocol} {suite.machine} "
            f"({suite.model_sha256[:12]}, now {now[:12]})",
            where=path,
            hint="write them again with spec-check suite",
        )
    source = Source(argument, suite.machine, vectors=path)
    return Vectors(source, suite, bound)


def files(argument: str) -> tuple[str, ...]:
    """The vectors files that ``--vectors`` names: a file, or all of a folder."""
    path = Path(argument)
    try:
        if not path.is_dir():
            return (argument,)
        found = sorted(str(p) for p in path.iterdir() if p.name.endswith(ENDING))
    except (OSError, ValueError) as error:
        raise SpecError(f"can't be read: {error}", where=argument[:100]) from None
    if not found:
        raise SpecError(f"no *{ENDING} in this folder", where=argument)
    return tuple(found)


def chosen(suite: Suite, ids: Sequence[str]) -> tuple[str, ...]:
    """The vectors that ids name, in the order of the ids, those of a group as in the suite.

    An id is ``group/vector``, ``protocol/machine/group/vector``, or a whole ``group``.
    """
    prefix = f"{suite.protocol}/{suite.machine}/"
    groups = {g.id: tuple(v.id for v in g.vectors) for g in suite.groups}
    known = {v.id for v in suite.vectors}
    found: dict[str, None] = {}
    for given in ids:
        id = given.removeprefix(prefix)
        if id not in known and id not in groups:
            raise _unknown(given, [*known, *groups])
        found |= dict.fromkeys((id,) if id in known else groups[id])
    return tuple(found)


def _unknown(id: str, known: Sequence[str]) -> SpecError:
    from difflib import get_close_matches

    near = get_close_matches(id[:200], sorted(known), 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "spec-check suite lists the ids"
    return SpecError(f"there is no vector {id[:200]!r}", where="--id", hint=hint)
