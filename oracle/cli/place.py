"""Where in a document the text stands that an error is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...spec.errors import SpecError
from ...spec.place import short

ENDINGS = (".json", ".yaml", ".yml")


def placed(error: SpecError, arguments: Sequence[str]) -> SpecError:
    """The error with the ``--set`` that led to it in front, or the place in a document."""
    found = _in_document(error, arguments)
    if error.where.startswith("machine "):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", error.message)
        for option in _settings(arguments):
            name, _, value = option.partition("=")
            if value in numbers or repr(name) in error.message:
                return found.within(f"--set {short(option)[1:-1]}")
    return found


def _settings(arguments: Sequence[str]) -> list[str]:
    """What ``--set`` is given."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    apart = [after for argument, after in pairs if argument == "--set"]
    return apart + [a.partition("=")[2] for a in arguments if a.startswith("--set=")]


def _in_document(error: SpecError, arguments: Iterable[str]) -> SpecError:
    """The error with file, line and column in front, where a document given has its text.

    Errors of reading a document say where already; those found later, when a machine is bound, know
    only the text, which is looked for here, spaces apart.
    """
    wanted = "".join(error.text.split())
    for argument in arguments:
        if not argument.endswith(ENDINGS) or error.where.startswith(argument):
            continue
        if not wanted:
            # an error of the machine as a whole: a name that is missing or there twice
            return error.within(argument) if error.where.startswith("machine ") else error
        try:
            lines = Path(argument).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(lines, 1):
            if wanted in "".join(line.replace('\\"', '"').split()):
                start = line.find(error.text.split()[0])
                column = max(start, 0) + 1 + (error.column or 0)
                return error.within(f"{argument}:{number}:{column}")
        return error.within(argument)
    return error
