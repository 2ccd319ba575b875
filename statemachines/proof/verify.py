"""All obligations of a protocol's machines, by engines that must agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from ...spec.errors import SpecError
from ...spec.expression import TRUE, Node
from ...spec.model import Constant, Protocol
from ..bind import bind, sizes
from ..bound import Bound
from ..defined import defined
from ..evaluate import BROKEN, Broken, Undefined, evaluate
from .enumeration import NAME as ENUMERATION
from .enumeration import Enumeration, Judged
from .obligations import attainments, obligations, properties
from .verdict import PROVED, REFUTED, UNDATED, UNKNOWN, MachineReport, Obligation, Result

if TYPE_CHECKING:
    from .claims import Group
    from .induction import Induction

INDUCTION = "induction"
LEMMA = "lemma/"
ENGINES = (INDUCTION, ENUMERATION, "all")
SYMBOLIC_KINDS = ("range", "definedness", "determinism", "totality", "deadlock", "invariant")


class Disagreement(AssertionError):
    """Two engines contradict each other: a defect of this program, never of a protocol."""


def verify_machine(
    protocol: Protocol,
    machine: str = "trial",
    *,
    constants: Mapping[str, Constant] | None = None,
    readings: Mapping[str, str] | None = None,
    engine: str = "all",
) -> MachineReport:
    """Judges every obligation and claim of one machine under these constants and readings."""
    if engine not in ENGINES:
        raise SpecError(f"unknown engine {engine!r}", hint=f"engines: {', '.join(ENGINES)}")
    constants, readings = constants or {}, readings or {}
    bound = bind(protocol, machine, constants=constants, readings=readings)
    started = perf_counter()
    symbolic: list[tuple[str, Induction]] = []
    if engine != ENUMERATION:
        symbolic = _symbolic(protocol, machine, bound, constants, readings)
    proof_seconds = perf_counter() - started
    # lemmas serve the induction alone: they are judged where it is used
    lemmas = engine != ENUMERATION
    started = perf_counter()
    enumerated: Enumeration | None = None
    claims: list[Group] = []
    if engine != INDUCTION:
        always: dict[str, Node] = {}
        reached = attainments(bound)
        if bound.claims:
            from .claims import grouped

            claims = grouped(bound, protocol)
            always |= claims[0].watched("always")
            reached |= claims[0].watched("reachable")
        for prop in properties(bound, lemmas):
            always[prop.id] = prop.node
            if (meaningful := defined(bound, prop.node)) != TRUE:
                always[f"definedness/{prop.id}"] = meaningful
        enumerated = Enumeration(bound, always, reached)
    search_seconds = perf_counter() - started
    listed = obligations(bound, lemmas)
    if enumerated is not None:
        listed += _found_only(enumerated, listed)
    results = []
    for obligation in listed:
        result = _settle(obligation, bound, symbolic, enumerated)
        seconds = proof_seconds if result.engine == INDUCTION else search_seconds
        results.append(replace(result, seconds=seconds / len(listed)))
    idle = [r for r in results if r.obligation.id.startswith(LEMMA) and r.verdict != PROVED]
    results = [r for r in results if r not in idle]
    if claims and enumerated is not None:
        from .claims import judge_claims

        results += judge_claims(claims, enumerated, bound.claims)
    return MachineReport(
        bound,
        tuple(results),
        enumerated.space.configurations if enumerated else None,
        enumerated.space.transitions if enumerated else None,
        enumerated.end.steps if enumerated else None,
        tuple(r.obligation.id.removeprefix(LEMMA) for r in idle),
    )


def _symbolic(
    protocol: Protocol,
    machine: str,
    bound: Bound,
    constants: Mapping[str, Constant],
    readings: Mapping[str, str],
) -> list[tuple[str, Induction]]:
    """Inductions: for every value of the size where there is one, then at the size if need be."""
    from .induction import induction

    done: list[tuple[str, Induction]] = []
    for size in sizes(bound.machine)[:1]:
        try:
            general = bind(protocol, machine, constants=constants, readings=readings, symbolic=size)
        except SpecError:
            # bounds or tables that need the size as a number: only the sized proof applies
            continue
        done.append((size, induction(general, properties(general))))
    if not done or done[0][1].open:
        done.append(("", induction(bound, properties(bound))))
    return done


def _found_only(enumerated: Enumeration, listed: list[Obligation]) -> list[Obligation]:
    """Defects that enumeration met where no obligation was expected."""
    known = {o.id for o in listed}
    return [
        Obligation("/".join(key), key[0], "", finding.detail or key[0])
        for key, finding in enumerated.space.issues.items()
        if "/".join(key) not in known
    ]


def _settle(
    obligation: Obligation,
    bound: Bound,
    symbolic: list[tuple[str, Induction]],
    enumerated: Enumeration | None,
) -> Result:
    """One obligation's verdict from what the engines found."""
    proof = None
    if obligation.kind in SYMBOLIC_KINDS:
        proof = next(((s, i) for s, i in symbolic if obligation.id in i.proved), None)
    judged = _enumerated(obligation, enumerated) if enumerated is not None else None
    complete = enumerated is not None and enumerated.space.complete
    if judged is not None and not judged.holds and complete and (judged.dated or proof):
        if proof is not None and enumerated is not None and not _broken(obligation, enumerated):
            raise Disagreement(f"{obligation.id}: induction proves it, enumeration refutes it")
        return Result(
            obligation,
            REFUTED,
            ENUMERATION,
            counterexample=judged.trace,
            problem=judged.problem,
            bound=bound,
        )
    if judged is not None and not judged.holds and judged.trace is not None:
        return Result(obligation, REFUTED, ENUMERATION, counterexample=judged.trace, bound=bound)
    if judged is not None and not judged.dated and proof is None:
        return Result(obligation, UNKNOWN, "", reason=UNDATED, bound=bound)
    witness = judged.trace if judged is not None and obligation.kind == "tightness" else None
    agreed = judged is not None and (complete or witness is not None)
    if proof is not None:
        size, found = proof
        lemmas = tuple(k for k in found.kept if k != obligation.id and k.startswith(LEMMA))
        return Result(
            obligation,
            PROVED,
            INDUCTION,
            agreed_by=(ENUMERATION,) if agreed else (),
            lemmas=lemmas,
            for_all=size,
            bound=bound,
        )
    if agreed:
        return Result(obligation, PROVED, ENUMERATION, witness=witness, bound=bound)
    return Result(obligation, UNKNOWN, "", reason=_reason(obligation, symbolic), bound=bound)


def _broken(obligation: Obligation, enumerated: Enumeration) -> bool:
    """Whether a function broke its contract: every proof assumed that none does."""
    if any(BROKEN in finding.detail for finding in enumerated.space.issues.values()):
        return True
    node = enumerated.always.get(obligation.id)
    violation = enumerated.space.violations.get(obligation.id)
    if node is None or violation is None:
        return False
    try:
        evaluate(enumerated.bound, node, violation.configuration, {})
    except Broken:
        return True
    except Undefined:
        return False
    return False


def _enumerated(obligation: Obligation, enumerated: Enumeration) -> Judged | None:
    """The enumeration's word on an obligation; None where it can't tell."""
    kind, id = obligation.kind, obligation.id
    if kind == "tightness":
        return enumerated.is_reached(id)
    if kind == "invariant":
        return enumerated.always_holds(id)
    if kind == "termination" and not enumerated.end.known:
        return None
    if kind == "definedness" and id in enumerated.always:
        return enumerated.always_holds(id)
    return enumerated.issue(kind, id.partition("/")[2])


def _reason(obligation: Obligation, symbolic: list[tuple[str, Induction]]) -> str:
    """Why nothing settled it."""
    for _, found in symbolic:
        if obligation.id in found.open:
            places = ", ".join(found.open[obligation.id][:3])
            return f"not inductive as it stands (at {places}); a lemma may be missing"
    return "no engine that was asked settles this"


def scripts_text(protocol: Protocol) -> str:
    """The SMT-LIB scripts of every machine, for every value of its size where it has one."""
    from .scripts import Scripts

    texts = []
    for machine in protocol.machines:
        size = next(iter(sizes(machine)), None)
        bound = bind(protocol, machine.name, symbolic=size)
        ranges = tuple(f.name for f in bound.fields if not f.is_flag)
        for script in Scripts(bound, properties(bound), ranges).all():
            texts.append(f"; {protocol.name} {machine.name}\n{script.text}(reset)\n")
    return "\n".join(texts)
