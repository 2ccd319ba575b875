"""The 3+3 design as a machine with any number of levels, in the three variants software implements.

One decision table serves them all. What "clear", "passes" and "fails" mean is given by named
definitions, so that a protocol with rules of its own replaces those and keeps the table:

====================  ============================================================
``first_continues``   the first cohort is not complete and nothing is decided
``first_clear``       complete, and nobody had a dose-limiting toxicity
``first_one``         complete, and one had: a second cohort at the same level
``first_fails``       the level closes for toxicity
``additional_...``    ``continues``, ``passes`` or ``fails``: the second cohort after one toxicity
``confirming_...``    the same for the cohort that confirms a level of which nobody had one
====================  ============================================================

Variant E escalates only: the level below a failed one is the maximum tolerated dose (MTD) even on
three patients. K first treats three more there. N confirms the highest level in that way as
well, so that every declared MTD rests on six.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..errors import SpecError
from ..model import (
    Action,
    Bool,
    Claim,
    Clause,
    Count,
    Event,
    Invariant,
    Lemma,
    Machine,
    Observation,
    Protocol,
    Requirement,
    State,
    Transition,
    Unspecified,
    Variable,
    Whole,
)

VARIANTS = ("E", "K", "N")

CONSTANTS: Mapping[str, int] = MappingProxyType(
    {"levels": 3, "cohort": 3, "cap": 6, "tolerated": 1}
)

RECORD = "treated[level] = n; dlts[level] = y"
UP = "level += 1"
DOWN = "lowest_closed = level; level -= 1"
END = "lowest_closed = level"

DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "higher": "level + 1 < lowest_closed",
        "first_continues": "n < cohort",
        "first_clear": "n == cohort and y == 0",
        "first_one": "n == cohort and y == tolerated",
        "first_fails": "n == cohort and y > tolerated",
        "additional_continues": "n < cap",
        "additional_passes": "n == cap and y <= tolerated",
        "additional_fails": "n == cap and y > tolerated",
        "confirming_continues": "n < cap",
        "confirming_passes": "n == cap and y <= tolerated",
        "confirming_fails": "n == cap and y > tolerated",
    }
)

STAGES: Mapping[str, str] = MappingProxyType(
    {
        "first_three": "first_fails",
        "additional_three": "additional_fails",
        "confirming_three": "confirming_fails",
    }
)
"""The states in which patients are being evaluated, and the definition by which each fails."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Where the trial goes when a level closes for toxicity, and which clause says so."""

    clause: str
    when: str
    target: str | Unspecified
    then: str = ""


@dataclass(frozen=True, slots=True)
class Citations:
    """The clause that each row of the decision table cites."""

    first: str
    escalate: str
    confirm: str
    add: str
    additional: str
    escalate_after_six: str
    declare: str
    confirming: str
    declare_confirmed: str
    close: str


def variables(start: str | int = 1) -> tuple[Variable, ...]:
    """The level being studied, what happened at each, and the lowest one closed for toxicity."""
    return (
        Count("level", 1, "levels", initial=start, meaning="the level that is open, or the MTD"),
        Count("treated", 0, "cap", per="levels", meaning="evaluable patients of the escalation"),
        Count("dlts", 0, "cap", per="levels", meaning="those with a dose-limiting toxicity"),
        Count(
            "lowest_closed",
            1,
            "levels + 1",
            initial="levels + 1",
            meaning="lowest level closed for toxicity; levels + 1 when there is none",
        ),
    )


def closings(variant: str, declared: str, clause: str) -> tuple[Closing, ...]:
    """What the standard design does when a level closes.

    ``variant`` is E, K or N, or the name in guards of a reading that chooses among the three.
    """
    lowest = Closing(clause, "level == 1", "no_mtd", END)
    declare = Closing(clause, "level > 1", declared, DOWN)
    below = "level > 1 and treated[level - 1]"
    confirm = (
        Closing(clause, f"{below} < cap", "confirming_three", DOWN),
        Closing(clause, f"{below} >= cap", declared, DOWN),
    )
    if variant == "E":
        return (declare, lowest)
    if variant in VARIANTS:
        return (*confirm, lowest)
    only_up, down = f"{variant} == 'E'", f"{variant} != 'E'"
    return (
        replace(declare, when=f"{only_up} and {declare.when}"),
        *(replace(c, when=f"{down} and {c.when}") for c in confirm),
        lowest,
    )


def closing_rules(
    source: str, event: str, failed: Requirement, record: str, ends: Sequence[Closing]
) -> tuple[Transition, ...]:
    """One rule for each way to go when ``event`` closes the level; ``failed`` says when it does."""
    return tuple(
        Transition(
            end.clause,
            source,
            event,
            end.target,
            end.when,
            "" if isinstance(end.target, Unspecified) else _join(record, end.then),
            (failed,),
        )
        for end in ends
    )


def decision_table(
    cites: Citations,
    ends: Mapping[str, Sequence[Closing]],
    *,
    event: str = "evaluate",
    declared: str = "mtd",
    record: str = RECORD,
    confirm_top: bool | str = True,
    confirming: bool = True,
) -> tuple[Transition, ...]:
    """Every rule of the 3+3 design for one evaluated patient (or cohort).

    ``ends`` says for each state of `STAGES` where a failed level leads; ``record`` is what each
    rule writes down first; ``declared`` is the state in which ``level`` is the MTD. Without
    ``confirm_top`` the highest level is declared on three; a text is the condition under which it
    is confirmed. Without ``confirming`` no level is ever confirmed.
    """

    def rule(clause: str, source: str, target: str | None, when: str, then: str = "") -> Transition:
        return Transition(clause, source, event, target, when, _join(record, then))

    first, additional, confirm = STAGES
    clear = "first_clear and not higher"
    if isinstance(confirm_top, str):
        top = [
            rule(cites.confirm, first, confirm, f"{clear} and ({confirm_top})"),
            rule(cites.declare_confirmed, first, declared, f"{clear} and not ({confirm_top})"),
        ]
    else:
        top = [rule(cites.confirm, first, confirm if confirm_top else declared, clear)]
    table = [
        rule(cites.first, first, None, "first_continues"),
        rule(cites.escalate, first, first, "first_clear and higher", UP),
        *top,
        rule(cites.add, first, additional, "first_one"),
        rule(cites.additional, additional, None, "additional_continues"),
        rule(cites.escalate_after_six, additional, first, "additional_passes and higher", UP),
        rule(cites.declare, additional, declared, "additional_passes and not higher"),
    ]
    if confirming:
        table.append(rule(cites.confirming, confirm, None, "confirming_continues"))
        table.append(rule(cites.declare_confirmed, confirm, declared, "confirming_passes"))
    for source, fails in STAGES.items():
        if source != confirm or confirming:
            failed = Requirement(cites.close, fails)
            table += closing_rules(source, event, failed, record, ends[source])
    return tuple(table)


# ---- what is true of it, for every number of levels

PASSED = "treated[k] == cohort and dlts[k] == 0 or treated[k] == cap and dlts[k] == tolerated"
"""A level that was left upwards: nobody of the first three, or one of six."""


def lemmas(declared: str = "mtd", closed: str = "dlts[k] > tolerated") -> tuple[Lemma, ...]:
    """Inductive facts about the table above; ``closed`` is what is known of a failed level."""
    escalating = "state in ('first_three', 'additional_three')"
    return (
        Lemma(
            "levels-below",
            f"all(implies(k < level, {PASSED}) for k in levels)",
            "a level is left upwards only with 0 of 3 or 1 of 6",
        ),
        Lemma(
            "untried-above",
            "all(implies(level < k and k < lowest_closed, treated[k] == 0 and dlts[k] == 0)"
            " for k in levels)",
            "levels are opened in order",
        ),
        Lemma(
            "closed-above",
            f"all(implies(k >= lowest_closed, {closed}"
            " or k > lowest_closed and treated[k] == 0 and dlts[k] == 0) for k in levels)",
            "only a failed level closes for toxicity",
        ),
        Lemma("none-closed", f"implies({escalating}, lowest_closed == levels + 1)"),
        Lemma(
            "next-to-closed",
            f"implies(state in ('confirming_three', '{declared}'), level + 1 == lowest_closed)",
            "a level is confirmed or declared only below a closed one or at the top",
        ),
        Lemma("first-open", "implies(state == 'first_three', treated[level] < cohort)"),
        Lemma(
            "additional-open",
            "implies(state == 'additional_three', treated[level] >= cohort and treated[level] < cap"
            " and dlts[level] >= tolerated)",
        ),
        Lemma(
            "confirming-open",
            "implies(state == 'confirming_three',"
            " treated[level] >= cohort and treated[level] < cap)",
        ),
        Lemma("toxic-are-treated", "all(dlts[k] <= treated[k] for k in levels)"),
    )


SUPPORT: Mapping[str, str] = MappingProxyType(
    {
        "E": "treated[level] == cohort and dlts[level] == 0"
        " or treated[level] == cap and dlts[level] == tolerated",
        "K": "treated[level] == cohort and dlts[level] == 0"
        " or treated[level] == cap and dlts[level] <= tolerated",
        "N": "treated[level] == cap and dlts[level] <= tolerated",
    }
)
"""On which numbers a maximum tolerated dose can rest, by variant."""


# ---- the design on its own


_CLAUSES = (
    Clause("TPT-1", "Patients are treated in cohorts of three, from the lowest level up.", "S"),
    Clause("TPT-2", "No toxicity in the first three: the next higher level opens.", "G"),
    Clause("TPT-3", "One toxicity in the first three: three more at the same level.", "G"),
    Clause("TPT-4", "One in six: the next higher level opens.", "G"),
    Clause("TPT-5", "Two or more: the level closes, with all above.", "G"),
    Clause("TPT-6", "Which level is the maximum tolerated dose, and on how many patients.", "G"),
)

_CITES = Citations(
    first="TPT-1",
    escalate="TPT-2",
    confirm="TPT-6",
    add="TPT-3",
    additional="TPT-3",
    escalate_after_six="TPT-4",
    declare="TPT-6",
    confirming="TPT-6",
    declare_confirmed="TPT-6",
    close="TPT-5",
)


def three_plus_three(variant: str = "N", *, batch: bool = False) -> Protocol:
    """The design alone, as a trial machine; ``levels`` is a constant.

    ``variant`` is E, K or N. Patients are evaluated one at a time by ``evaluate(dlt)`` and
    decided on when a cohort is complete; with ``batch`` a cohort is one event,
    ``evaluate_cohort(toxicities)``, and complete paths are those that dose-finding software counts.
    `SpecError` for another variant.

    >>> [s.name for s in three_plus_three("E").machine("trial").states]
    ['first_three', 'additional_three', 'mtd', 'no_mtd']
    """
    if variant not in VARIANTS:
        raise SpecError(f"there is no 3+3 variant {variant!r}", hint="variants: E, K, N")
    confirming = variant != "E"
    event = "evaluate_cohort" if batch else "evaluate"
    ends = closings(variant, "mtd", "TPT-5")
    table = decision_table(
        _CITES,
        dict.fromkeys(STAGES, ends),
        event=event,
        confirm_top=variant == "N",
        confirming=confirming,
    )
    if batch:
        # a whole cohort is never incomplete
        table = tuple(t for t in table if not t.when.endswith("_continues"))
    return Protocol(
        name=f"three-plus-three-{variant.lower()}",
        title=f"3+3 dose escalation, variant {variant}",
        clauses=_CLAUSES,
        machines=(
            Machine(
                name="trial",
                constants=dict(CONSTANTS),
                variables=variables(),
                definitions={
                    "n": "treated[level] + cohort" if batch else "treated[level] + 1",
                    "y": "dlts[level] + toxicities" if batch else "dlts[level] + dlt",
                    **_used(DECISIONS, table),
                },
                states=_states(confirming),
                events=_events(batch),
                transitions=(*_register(confirming, batch), *table),
                invariants=_invariants(variant),
                lemmas=_lemmas(confirming, batch),
                claims=(_on_six(variant),),
                meaning="Finds the highest dose level at which at most one in six had a "
                "dose-limiting toxicity.",
            ),
        ),
    )


def _states(confirming: bool) -> tuple[State, ...]:
    live = [State("first_three", initial=True), State("additional_three")]
    if confirming:
        live.append(State("confirming_three"))
    return (*live, State("mtd", final=True), State("no_mtd", final=True))


def _events(batch: bool) -> tuple[Event, ...]:
    if batch:
        return (Observation("evaluate_cohort", toxicities=Whole(0, "cohort")),)
    return (Action("register", level=Whole(1, "levels")), Observation("evaluate", dlt=Bool))


def _register(confirming: bool, batch: bool) -> tuple[Transition, ...]:
    if batch:
        return ()
    live = tuple(STAGES)[: 3 if confirming else 2]
    return (Transition("TPT-1", live, "register", None, "event.level == level"),)


def _used(definitions: Mapping[str, str], table: Sequence[Transition]) -> dict[str, str]:
    named = " ".join(" ".join((t.when, *(r.condition for r in t.requires))) for t in table)
    return {name: text for name, text in definitions.items() if name in named}


def _invariants(variant: str) -> tuple[Invariant, ...]:
    return (
        Invariant(
            "TPT-1",
            "treated-cap",
            "At most six patients are treated at a level.",
            "all(treated[k] <= cap for k in levels)",
            tight=True,
        ),
        Invariant(
            "TPT-6",
            "mtd-support",
            "The maximum tolerated dose rests on the numbers this variant allows.",
            f"implies(state == 'mtd', {SUPPORT[variant]})",
        ),
        Invariant(
            "TPT-5",
            "closed-stays-closed",
            "A level closed for toxicity is never opened again.",
            "state == 'no_mtd' or level < lowest_closed",
        ),
    )


def _on_six(variant: str) -> Claim:
    """True of N alone: E declares the level below one that fails, K the top level, on three."""
    return Claim(
        "mtd-on-six",
        "TPT-6",
        "Every maximum tolerated dose rests on six patients.",
        "always",
        "implies(state == 'mtd', treated[level] == cap)",
        expected="proved" if variant == "N" else "refuted",
    )


def __getattr__(name: str) -> Protocol:
    """The variants by name, for ``trialspec.spec.designs.three_plus_three:E``."""
    if name in VARIANTS:
        return three_plus_three(name)
    raise AttributeError(name)


def _lemmas(confirming: bool, batch: bool) -> tuple[Lemma, ...]:
    found = list(lemmas())
    if not confirming:
        found = [m for m in found if m.name not in ("confirming-open", "next-to-closed")]
        found.append(Lemma("next-to-closed", "implies(state == 'mtd', level + 1 == lowest_closed)"))
    if batch:
        found.append(Lemma("whole-cohorts", "all(treated[k] in (0, cohort, cap) for k in levels)"))
    return tuple(found)


def _join(*effects: str) -> str:
    return "; ".join(e for e in effects if e)
