"""What a protocol says, as frozen values: clauses, ambiguities, and machines of states and rules.

Guards, effects and bounds are texts in the language of `expression`; they are brought to one
canonical form when a value is built, so that two spellings of one guard are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .calendar import Regimen
from .canonical import canonical, frozen, tuples
from .errors import SpecError
from .expression import parse, parse_effects
from .frozen import Frozen
from .kinds import (
    Bool,
    Boolean,
    Category,
    Clock,
    Count,
    Days,
    Exact,
    Flag,
    Kind,
    OneOf,
    Quantity,
    Text,
    Variable,
    Whole,
)
from .sources import IndexEntry, SourceIndex
from .study import Joint, Study

Constant = int | bool | str | Decimal | tuple[int | Decimal, ...]


# ---- events, states, rules


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that comes with an event; with a ``default`` it may be left out."""

    name: str
    kind: Kind
    default: Text | None = None

    def __post_init__(self) -> None:
        canonical(self, "default", f"argument {self.name}")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is decided (an action, refusable) or that happens (an observation).

    Where ``asked`` is false the event is answered all the same, but no test vector holds a system
    to the answer.
    """

    name: str
    observation: bool
    arguments: tuple[Argument, ...] = ()
    possible: str = "True"
    meaning: str = ""
    asked: str = "True"

    def __post_init__(self) -> None:
        tuples(self, "arguments")
        canonical(self, "possible", f"event {self.name}")
        canonical(self, "asked", f"event {self.name}")


def _arguments(kinds: Mapping[str, Kind | Argument]) -> tuple[Argument, ...]:
    return tuple(
        Argument(name, kind.kind, kind.default)
        if isinstance(kind, Argument)
        else Argument(name, kind)
        for name, kind in kinds.items()
    )


def Optional(kind: Kind, default: Text) -> Argument:
    """An argument that may be left out; ``default`` is read in the configuration of the moment."""
    return Argument("", kind, default)


def Action(
    name: str, /, *, asked: str = "True", meaning: str = "", **arguments: Kind | Argument
) -> Event:
    """An event someone decides on; it can be refused."""
    return Event(name, False, _arguments(arguments), "True", meaning, asked)


def Observation(
    name: str,
    /,
    *,
    possible: str = "True",
    asked: str = "True",
    meaning: str = "",
    **arguments: Kind | Argument,
) -> Event:
    """An event that happens; wherever it is ``possible`` the protocol must answer it."""
    return Event(name, True, _arguments(arguments), possible, meaning, asked)


@dataclass(frozen=True, slots=True)
class Landmark:
    """A date that comes a fixed time after the first acceptance of an event, or of one of several.

    It is a variable as well, with the values waiting, running and passed.
    """

    name: str
    after: tuple[str, ...] | str
    months: int = 0
    days: int = 0
    meaning: str = ""

    def __post_init__(self) -> None:
        after = (self.after,) if isinstance(self.after, str) else tuple(self.after)
        object.__setattr__(self, "after", after)
        if not after:
            raise SpecError("a landmark needs an event that starts it", where=self.name)

    @property
    def starts(self) -> tuple[str, ...]:
        """The events that start it."""
        return self.after if isinstance(self.after, tuple) else (self.after,)


@dataclass(frozen=True, slots=True)
class State:
    """A named mode. ``within`` says how long it may last; a log that stays longer is overdue."""

    name: str
    initial: bool = False
    final: bool = False
    within: str | None = None
    within_clause: str = ""
    meaning: str = ""

    def __post_init__(self) -> None:
        canonical(self, "within", f"state {self.name}")


@dataclass(frozen=True, slots=True)
class Unspecified:
    """The outcome of an event that the text does not decide, by the ambiguity's id."""

    ambiguity: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition of a rule that comes from a clause of its own."""

    clause: str
    condition: str

    def __post_init__(self) -> None:
        canonical(self, "condition", self.clause)


@dataclass(frozen=True, slots=True)
class Transition:
    """In ``source``, on ``event``, when the guard holds: do the effects and go to ``target``.

    ``target`` None stays. ``when`` may be ``"otherwise"``: no sibling of the same state and event
    holds. ``requires`` are conditions that cite clauses of their own; the guard is all of them
    and ``when``.
    """

    clause: str
    source: tuple[str, ...] | str
    event: str
    target: str | Unspecified | None = None
    when: str = "True"
    then: str = ""
    requires: tuple[Requirement, ...] = ()

    def __post_init__(self) -> None:
        source = (self.source,) if isinstance(self.source, str) else tuple(self.source)
        object.__setattr__(self, "source", source)
        if not source:
            raise SpecError("a transition needs a source state", where=self.clause)
        object.__setattr__(
            self,
            "requires",
            tuple(r if isinstance(r, Requirement) else Requirement(*r) for r in self.requires),
        )
        where = f"{self.clause} ({', '.join(source)} on {self.event})"
        canonical(self, "when", where)
        effects = parse_effects(self.then, where)
        object.__setattr__(self, "then", "; ".join(map(str, effects)))

    @property
    def sources(self) -> tuple[str, ...]:
        """The states it starts from."""
        return self.source if isinstance(self.source, tuple) else (self.source,)


# ---- what must be true


@dataclass(frozen=True, slots=True)
class Invariant:
    """A property of every reachable configuration; ``tight`` demands a run that attains it.

    ``tight`` True derives the attaining condition from the bounds in ``holds``; a text states it.
    """

    clause: str
    slug: str
    statement: str
    holds: str
    tight: bool | str = False

    def __post_init__(self) -> None:
        canonical(self, "holds", f"{self.clause}/{self.slug}")
        if isinstance(self.tight, str):
            canonical(self, "tight", f"{self.clause}/{self.slug}")


@dataclass(frozen=True, slots=True)
class Lemma:
    """An invariant that only serves proofs: proved with the others, cited by them."""

    name: str
    holds: str
    why: str = ""

    def __post_init__(self) -> None:
        canonical(self, "holds", f"lemma {self.name}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A theorem with its hypotheses, and the verdict expected of it: proved or refuted.

    ``kind`` is always, reachable, earliest-day, latest-day, equivalent or count. Day and count
    claims compare with ``value``. An equivalent claim says of every configuration where ``holds``
    that it answers, for ever, as the one that differs from it by ``exchange``, a value for each
    variable named there; those variables aside. ``readings`` and ``constants`` are the hypotheses
    it is judged under; where ``given``, a condition on the constants, is false, the claim says
    nothing and is not judged.
    """

    slug: str
    clause: str
    statement: str
    kind: str
    holds: str
    expected: str = "proved"
    value: int | None = None
    readings: Mapping[str, str] = field(default_factory=Frozen)
    constants: Mapping[str, Constant] = field(default_factory=Frozen)
    given: str = "True"
    exchange: Mapping[str, str] = field(default_factory=Frozen)

    def __post_init__(self) -> None:
        canonical(self, "holds", f"claim {self.slug}")
        canonical(self, "given", f"claim {self.slug}")
        exchange = {n: str(parse(str(t), f"claim {self.slug}")) for n, t in self.exchange.items()}
        object.__setattr__(self, "exchange", Frozen(exchange))
        frozen(self, "readings")
        frozen(self, "constants")


@dataclass(frozen=True, slots=True)
class Function:
    """A pure function on finite values, named in the registry of `functions`, and its contract.

    A parameter None stands for a whole array. In ``ensures`` the value is ``result`` and the
    variables are those of the configuration it is called in.
    """

    name: str
    parameters: tuple[Kind | None, ...]
    result: Kind
    ensures: str = "True"

    def __post_init__(self) -> None:
        tuples(self, "parameters")
        canonical(self, "ensures", f"function {self.name}")


@dataclass(frozen=True, slots=True)
class Machine:
    """One explicit state machine: the table that is run, proved, drawn and used as judge."""

    name: str
    states: tuple[State, ...]
    events: tuple[Event, ...]
    transitions: tuple[Transition, ...]
    constants: Mapping[str, Constant] = field(default_factory=Frozen)
    variables: tuple[Variable, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=Frozen)
    landmarks: tuple[Landmark, ...] = ()
    functions: tuple[Function, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    lemmas: tuple[Lemma, ...] = ()
    claims: tuple[Claim, ...] = ()
    regimens: tuple[Regimen, ...] = ()
    meaning: str = ""

    def __post_init__(self) -> None:
        tuples(
            self,
            "states",
            "events",
            "transitions",
            "variables",
            "landmarks",
            "functions",
            "invariants",
            "lemmas",
            "claims",
            "regimens",
        )
        definitions = {
            name: str(parse(str(text), f"definition {name}"))
            for name, text in self.definitions.items()
        }
        object.__setattr__(self, "definitions", Frozen(definitions))
        frozen(self, "constants")


# ---- the protocol around its machines


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement of the source, paraphrased, with its place and kind.

    ``kind`` is S state, E event, G guard, F effect, I invariant, T timing, C calendar,
    N not modelled; ``reason`` says why a clause is cited by nothing.
    """

    id: str
    text: str
    kind: str
    document: str = ""
    sentences: tuple[int, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        tuples(self, "sentences")


SILENT = "silent"
UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A place where the text can be read in more than one way, and the reading taken.

    ``readings`` maps slugs to meanings, in the order of the register's letters a, b, c. A ``gap``
    has two more: ``silent`` (no rule) and ``unspecified`` (answered so wherever a reading would
    act). ``literal`` is the reading that adds no rule the text doesn't state; if empty it is silent
    for a gap and the default for another.
    ``kind`` is behaviour (switchable), input (left to the people who use it) or note. ``context``
    is the readings of others under which those of this one differ, where the defaults hide it.
    """

    id: str
    question: str
    readings: Mapping[str, str] = field(default_factory=Frozen)
    default: str = ""
    why: str = ""
    literal: str = ""
    gap: bool = False
    severity: str = ""
    kind: str = "behaviour"
    context: Mapping[str, str] = field(default_factory=Frozen)

    def __post_init__(self) -> None:
        frozen(self, "readings")
        frozen(self, "context")

    @property
    def name(self) -> str:
        """Its name in guards: ``IBR_A05``."""
        return self.id.replace("-", "_")

    @property
    def choices(self) -> tuple[str, ...]:
        """Every reading it can be set to."""
        return (*self.readings, *((SILENT, UNSPECIFIED) if self.gap else ()))

    def choice(self, name: str) -> str:
        """The slug of a reading given by slug or by letter."""
        letters = {chr(97 + i): slug for i, slug in enumerate(self.readings)}
        slug = name if name in self.choices else letters.get(name.lower(), "")
        if not slug:
            listed = ", ".join(
                [f"{k} ({v})" for k, v in letters.items()]
                + [c for c in self.choices if c not in self.readings]
            )
            raise SpecError(
                f"{self.id} has no reading {name!r}", hint=f"its readings: {listed or 'none'}"
            )
        return slug


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Readings of different ambiguities, by id, that can't be taken together, and why."""

    readings: Mapping[str, str]
    because: str

    def __post_init__(self) -> None:
        frozen(self, "readings")


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol: its clauses, its ambiguities, and its machines, of the trial and of a subject.

    ``sources`` index the sentences of the documents that the clauses cite.
    """

    name: str
    title: str
    machines: tuple[Machine, ...]
    clauses: tuple[Clause, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    documents: Mapping[str, str] = field(default_factory=Frozen)
    notes: str = ""
    study: Study = field(default_factory=Study)
    contradictions: tuple[Contradiction, ...] = ()
    sources: tuple[SourceIndex, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "machines", "clauses", "ambiguities", "contradictions", "sources")
        indexed: set[str] = set()
        for index in self.sources:
            if index.document in indexed:
                raise SpecError(f"two indexes of the document {index.document[:60]!r}")
            indexed.add(index.document)
        frozen(self, "documents")

    def machine(self, name: str) -> Machine:
        """The machine of that name."""
        for machine in self.machines:
            if machine.name == name:
                return machine
        raise SpecError(
            f"{self.name} has no machine {name!r}",
            hint="it has: " + ", ".join(m.name for m in self.machines),
        )

    def ambiguity(self, id: str) -> Ambiguity:
        """The ambiguity with that id."""
        for ambiguity in self.ambiguities:
            if ambiguity.id == id:
                return ambiguity
        plain = id.upper().replace("_", "-")
        near = [a.id for a in self.ambiguities if a.id.upper() == plain]
        listed = f"spec-check show {self.name} lists them"
        hint = f"did you mean {near[0]}?" if near else listed
        raise SpecError(f"{self.name} has no ambiguity {id!r}", hint=hint)


__all__ = [
    "Action",
    "Ambiguity",
    "Argument",
    "Bool",
    "Boolean",
    "Category",
    "Claim",
    "Clause",
    "Clock",
    "Constant",
    "Contradiction",
    "Count",
    "Days",
    "Event",
    "Exact",
    "Flag",
    "Function",
    "IndexEntry",
    "Invariant",
    "Joint",
    "Kind",
    "Landmark",
    "Lemma",
    "Machine",
    "Observation",
    "OneOf",
    "Optional",
    "Protocol",
    "Quantity",
    "Regimen",
    "Requirement",
    "SILENT",
    "SourceIndex",
    "State",
    "Study",
    "Text",
    "Transition",
    "UNSPECIFIED",
    "Unspecified",
    "Variable",
    "Whole",
]
