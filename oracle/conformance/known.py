"""Known failures: a TOML list of vectors that are expected to fail, each until a day.

[[known]]
id = "ibrutinib-mm/trial/treated-cap/seventh-refused"
reason = "ticket 4711: the cap is checked at night"
expires = 2027-03-31
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ...spec.errors import SpecError
from ...spec.place import short

KEYS = ("id", "reason", "expires")
SHAPE = 'write [[known]] with id = "...", reason = "..." and expires = 2027-03-31'


@dataclass(frozen=True, slots=True)
class Known:
    """One failure that is expected up to and including a day."""

    id: str
    reason: str
    expires: date

    def expired(self, today: date) -> bool:
        """Whether its day is over."""
        return today > self.expires


def read_known(path: str) -> dict[str, Known]:
    """The entries of a file by id; `SpecError` for a file that is not such a list."""
    try:
        tree = tomllib.loads(Path(path).read_bytes().decode())
    except OSError as error:
        raise SpecError(f"can't be read: {error.strerror}", where=path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"not TOML: {error}", where=path, hint=SHAPE) from None
    found: dict[str, Known] = {}
    items = tree.pop("known", [])
    if tree or not isinstance(items, list):
        raise SpecError("this is no list of known failures", where=path, hint=SHAPE)
    for number, item in enumerate(items, 1):
        made = _entry(item, f"{path}: entry {number}")
        if made.id in found:
            raise SpecError(f"{short(made.id)} is listed twice", where=path)
        found[made.id] = made
    return found


def _entry(item: Any, where: str) -> Known:
    if not isinstance(item, Mapping):
        raise SpecError("this is no entry", where=where, hint=SHAPE)
    for name in item:
        if name not in KEYS:
            raise SpecError(f"unknown key {short(name)}", where=where, hint=SHAPE)
    for name in ("id", "reason"):
        if not isinstance(item.get(name), str) or not item[name].strip():
            raise SpecError(f"{name} is a text that is not empty", where=where, hint=SHAPE)
    expires = item.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise SpecError("expires is a day", where=where, hint=SHAPE)
    return Known(item["id"], item["reason"], expires)
