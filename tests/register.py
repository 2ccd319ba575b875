"""What tests of several protocols ask of a register of ambiguities."""

from collections.abc import Mapping

from trialspec.spec.mentions import mentioned
from trialspec.spec.model import Protocol
from trialspec.spec.readings import contradiction, resolve_readings


def machines_naming(protocol: Protocol, id: str) -> list[str]:
    """The machines whose rules depend on an ambiguity."""
    name = protocol.ambiguity(id).name
    return [m.name for m in protocol.machines if name in mentioned(m)]


def switches(protocol: Protocol) -> list[tuple[str, str]]:
    """Every reading that is not the one taken."""
    return [
        (a.id, choice) for a in protocol.ambiguities for choice in a.choices if choice != a.default
    ]


def settings(protocol: Protocol, id: str, choice: str) -> list[Mapping[str, str]]:
    """The readings under which one may be taken: alone, and with those it needs."""
    context = protocol.ambiguity(id).context
    tried = [{id: choice}, {**context, id: choice}] if context else [{id: choice}]
    full = resolve_readings(protocol, {})
    return [t for t in tried if contradiction(protocol, {**full, **t}) is None]
