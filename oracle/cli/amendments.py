"""``--amendment DATE=PROTOCOL``: the versions of a protocol, each in force from its date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.place import short
from ...spec.registry import load

WHERE = "--amendment"
MOST = 20


def amendments(options: Sequence[str], first: Protocol) -> list[tuple[date, Protocol, str]]:
    """The dates and protocols of the options, in order; each must have the first one's machines."""
    found: list[tuple[date, Protocol, str]] = []
    if len(options) > MOST:
        raise SpecError(f"more than {MOST} amendments", where=WHERE)
    for option in options:
        text, equals, argument = option.partition("=")
        if not equals or not argument:
            raise SpecError(f"takes DATE=PROTOCOL, not {short(option, 60)}", where=WHERE)
        since = iso_date(text, WHERE)
        if found and since <= found[-1][0]:
            raise SpecError(
                f"{since} does not come after {found[-1][0]}",
                where=WHERE,
                hint="name amendments in the order of their dates, one for a date",
            )
        protocol = load(argument)
        machines = [{m.name for m in p.machines} for p in (first, protocol)]
        if machines[0] != machines[1]:
            have = ", ".join(sorted(machines[1]))
            raise SpecError(
                f"{protocol.name} has the machines {have}; the version before it has "
                f"{', '.join(sorted(machines[0]))}",
                where=WHERE,
            )
        found.append((since, protocol, argument))
    return found


def iso_date(text: str, where: str) -> date:
    """A date such as 2024-03-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SpecError(
            f"{short(text, 40)} is not an ISO date such as 2024-03-01", where=where
        ) from None
