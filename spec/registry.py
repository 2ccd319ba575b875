"""Protocols by name, by ``module:attribute`` or from a document, loaded when they are asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .errors import SpecError
from .installed import installed

if TYPE_CHECKING:
    from .model import Protocol

GROUP = "trialspec.protocols"
SUFFIXES = (".json", ".yaml", ".yml")

# found without an entry point, as in a checkout that isn't installed
SHIPPED = {
    "plerixafor-cll": "plerixafor_cll",
    "ibrutinib-mm": "ibrutinib_mm",
    "antimag-lenalidomide": "antimag_lenalidomide",
    "everolimus-cll": "everolimus_cll",
    "dextr-mm": "dextr_mm",
}


def load(argument: str) -> Protocol:
    """The protocol that a PROTOCOL argument names.

    ``argument`` is a registered name, a path to a JSON or YAML document, or ``module:attribute``,
    tried in this order; `SpecError` when there is none such or it can't be loaded.
    """
    target = _targets().get(argument)
    if target is not None:
        return _from_module(target, argument)
    if argument.lower().endswith(SUFFIXES) or _is_path(argument):
        from .document import read_document

        return read_document(argument)
    if ":" in argument:
        return _from_module(argument, argument)
    raise _unknown(argument)


def names() -> tuple[str, ...]:
    """The registered names: the shipped ones in their usual order, then others by name."""
    found = _targets()
    shipped = [name for name in SHIPPED if name in found]
    return (*shipped, *sorted(set(found) - set(shipped)))


def _targets() -> dict[str, str]:
    """``module:attribute`` by name."""
    found: dict[str, str] = {}
    for name, target in installed(GROUP):
        if found.setdefault(name, target) != target:
            raise SpecError(
                f"two installed packages register a protocol {name!r}",
                hint=f"{found[name]} and {target}: uninstall one of them",
            )
    for name, module in SHIPPED.items():
        full = f"{__package__}.protocols.{module}"
        if name not in found and find_spec(full) is not None:
            found[name] = f"{full}:PROTOCOL"
    return found


def _is_path(argument: str) -> bool:
    """Whether there is such a file; a folder counts when it is written as a path."""
    from pathlib import Path

    try:
        path = Path(argument)
        return path.exists() and (not path.is_dir() or len(path.parts) > 1)
    except (OSError, ValueError):
        return False


def _from_module(target: str, where: str) -> Protocol:
    from .model import Protocol

    module, _, attribute = target.replace(" ", "").partition(":")
    if not module or not attribute or module.startswith("."):
        raise SpecError("write module:attribute, as in my_trials.first:PROTOCOL", where=where)
    try:
        found: object = import_module(module)
    except SpecError as error:
        raise error.within(where) from None
    except Exception as error:
        raise SpecError(
            f"{module} can't be imported: {type(error).__name__}: {error}",
            where=where,
            hint="is it installed, or its folder on PYTHONPATH?",
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise SpecError(f"{module} has no attribute {attribute!r}", where=where)
        found = getattr(found, part)
    if not isinstance(found, Protocol):
        raise SpecError(f"this is a {type(found).__name__}, not a Protocol", where=where)
    return found


def _unknown(argument: str) -> SpecError:
    from difflib import get_close_matches

    known = names()
    near = get_close_matches(argument[:100].lower(), known, 3)
    listed = f"known: {', '.join(known) or 'none'}; or a path to a .json or .yaml document"
    hint = f"did you mean {' or '.join(near)}? {listed}" if near else listed
    return SpecError(f"there is no protocol {argument[:100]!r}", hint=hint)
