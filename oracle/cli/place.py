"""Where in a document the text stands that an error is about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...spec.errors import SpecError

ENDINGS = (".json", ".yaml", ".yml")


def placed(error: SpecError, arguments: Iterable[str]) -> SpecError:
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
