"""How the columns of somebody's log map to case, event, time and the arguments of events.

A mapping file is TOML::

    delimiter = ";"                # of a CSV file; a comma when it is left out

    [columns]                      # our name = the log's
    case = "trial_no"
    event = "activity"
    level = "dose level"

    [values.event]                 # the log's value = ours, for one of our columns
    "DLT assessment" = "evaluate"

    [constants]                    # for columns that the log doesn't have
    drug = "ibrutinib"

    [observed]                     # what the log says of the case after each event
    state = "status"
    "treated[1]" = "n_level_1"

Without a mapping file every column keeps its name, and a column ``state`` is taken as observed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..spec.errors import SpecError
from ..spec.frozen import Frozen
from ..spec.place import short
from .lines import Cell

MAX_MAPPING = 1_000_000


@dataclass(frozen=True)
class Columns:
    """A mapping file as read: our names to the log's, values, constants, observations."""

    names: Mapping[str, str] = field(default_factory=Frozen)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=Frozen)
    constants: Mapping[str, Cell] = field(default_factory=Frozen)
    observed: Mapping[str, str] = field(default_factory=Frozen)
    delimiter: str = ","


def read_columns(path: str) -> Columns:
    """The mapping file at ``path``; `SpecError` names what is wrong in it."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_MAPPING + 1)
    except OSError as error:
        raise SpecError(f"can't be read: {error.strerror}", where=path) from None
    if len(content) > MAX_MAPPING:
        raise SpecError(f"more than {MAX_MAPPING} bytes", where=path)
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise SpecError("this is not UTF-8", where=path) from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"this is not TOML: {error}", where=path) from None
    except RecursionError:
        raise SpecError("nested too deep", where=path) from None
    parts = ("columns", "values", "constants", "observed", "delimiter")
    for name in found:
        if name not in parts:
            raise SpecError(
                f"unknown part {short(name)}", where=path, hint=f"parts: {', '.join(parts)}"
            )
    _check_delimiter(found, path)
    delimiter = found.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise SpecError("delimiter must be one character", where=path)
    values = _table(found, "values", path)
    return Columns(
        Frozen(_texts(_table(found, "columns", path), "columns", path)),
        Frozen({k: Frozen(_texts(v, f"values.{k}", path)) for k, v in values.items()}),
        Frozen(_constants(_table(found, "constants", path), path)),
        Frozen(_texts(_table(found, "observed", path), "observed", path)),
        delimiter,
    )


def _check_delimiter(found: Mapping[str, Any], path: str) -> None:
    """In TOML a line belongs to the table above it: there the delimiter would be lost."""
    tables = {f"[{name}]": table for name, table in found.items()}
    values = found.get("values")
    if isinstance(values, dict):
        tables |= {f"[values.{name}]": table for name, table in values.items()}
    for name, table in tables.items():
        if isinstance(table, dict) and isinstance(table.get("delimiter"), str):
            raise SpecError(
                f"delimiter stands in {name}",
                where=path,
                hint="put it above the first [table] of the file",
            )


def _table(found: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise SpecError(f"{name} must be a table", where=path, hint=f"write [{name}]")
    return table


def _texts(table: object, name: str, path: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise SpecError(f"{name} must be a table", where=path, hint=f"write [{name}]")
    for key, value in table.items():
        if not isinstance(value, str):
            raise SpecError(f"{key} in [{name}] must be a text", where=path)
    return table


def _constants(table: Mapping[str, Any], path: str) -> dict[str, Cell]:
    for key, value in table.items():
        if not isinstance(value, str | int):
            raise SpecError(
                f"{key} in [constants] must be a text, a whole number or a truth value", where=path
            )
    return dict(table)
