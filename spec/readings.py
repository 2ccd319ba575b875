"""Which reading of each ambiguity is taken: profiles, letters and slugs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import SpecError
from .model import SILENT, UNSPECIFIED, Ambiguity, Contradiction, Protocol

PROFILES = ("default", "literal", "strict")


def profile(protocol: Protocol, name: str) -> dict[str, str]:
    """The reading of every ambiguity under a profile.

    ``literal`` adds no rule that the text doesn't state; ``strict`` is literal, but answers
    unspecified where a gap leaves the text silent.
    """
    if name not in PROFILES:
        raise SpecError(f"unknown profile {name!r}", hint=f"profiles: {', '.join(PROFILES)}")
    return {a.id: _under(a, name) for a in protocol.ambiguities if a.choices}


def _under(ambiguity: Ambiguity, name: str) -> str:
    if name == "default":
        return ambiguity.choice(ambiguity.default)
    silent = SILENT if ambiguity.gap else ambiguity.default
    literal = ambiguity.choice(ambiguity.literal or silent)
    return UNSPECIFIED if name == "strict" and literal == SILENT else literal


def parse_readings(protocol: Protocol, options: Iterable[str]) -> dict[str, str]:
    """``default|literal|strict|ID=NAME`` options, later ones winning, as ids to slugs.

    `SpecError` for readings that contradict each other.
    """
    chosen = profile(protocol, "default")
    for option in options:
        id, equals, name = option.partition("=")
        if not equals:
            if option.upper().replace("_", "-") in {a.id.upper() for a in protocol.ambiguities}:
                raise SpecError(f"--reading {option} needs a reading", hint=f"write {option}=NAME")
            chosen = profile(protocol, option)
            continue
        ambiguity = protocol.ambiguity(id)
        if not ambiguity.choices:
            raise SpecError(f"{id} is a {ambiguity.kind}: there is nothing to choose")
        chosen[id] = ambiguity.choice(name)
    return _consistent(protocol, chosen)


def resolve_readings(protocol: Protocol, given: Mapping[str, str]) -> dict[str, str]:
    """The default profile with the given readings (by slug or letter) put in.

    `SpecError` for readings that contradict each other.
    """
    chosen = profile(protocol, "default")
    for id, name in given.items():
        chosen[id] = protocol.ambiguity(id).choice(name)
    return _consistent(protocol, chosen)


def contradiction(protocol: Protocol, readings: Mapping[str, str]) -> Contradiction | None:
    """The first declared contradiction that the readings hold together."""
    for found in protocol.contradictions:
        pairs = ((id, protocol.ambiguity(id).choice(name)) for id, name in found.readings.items())
        if all(readings.get(id) == slug for id, slug in pairs):
            return found
    return None


def _consistent(protocol: Protocol, readings: dict[str, str]) -> dict[str, str]:
    found = contradiction(protocol, readings)
    if found is None:
        return readings
    both = " and ".join(f"{id}={slug}" for id, slug in found.readings.items())
    others = [
        f"--reading {id}={choice}"
        for id, slug in found.readings.items()
        for choice in protocol.ambiguity(id).choices
        if choice != slug and contradiction(protocol, {**readings, id: choice}) is None
    ]
    raise SpecError(
        f"{both} contradict each other: {found.because}",
        where=f"{protocol.name}: readings",
        hint=f"take one of {', '.join(others)}" if others else "change more than one of them",
    )
