"""What the commands share: options, JSON output, files written whole or not at all."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ...spec.errors import SpecError
from ...spec.notice import NOTICE
from .codes import INPUT

if TYPE_CHECKING:
    from pathlib import Path

    from ...spec.model import Constant, Machine, Protocol


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one message and exit code 2."""

    given: Sequence[str] = ()

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """As `argparse` does, and keeps what was given."""
        self.given = list(args or ())
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Prints the message with the command's name, and what an unknown option may have meant."""
        hint = f"{self.prog} --help lists the options"
        for name, near in self._unknown():
            if near:
                hint = f"did you mean {near} for {name}? {hint}"
            elif name not in message:
                hint = f"there is no option {name}; {hint}"
        self.exit(INPUT, f"{self.prog}: {message}\n  {hint}\n")

    def _unknown(self) -> list[tuple[str, str]]:
        """The options given that the command doesn't have, each with the nearest it has."""
        from difflib import get_close_matches

        known = [o for action in self._actions for o in action.option_strings]
        names = [plain(word.partition("=")[0])[:60] for word in self.given]
        names = names[: names.index("--")] if "--" in names else names
        unknown = dict.fromkeys(n for n in names if n.startswith("--") and n not in known)
        return [(n, next(iter(get_close_matches(n, known, 1)), "")) for n in unknown]


def parser(name: str, description: str) -> Parser:
    """A parser with the options that every command has."""
    made = Parser(prog=f"spec-check {name}", description=description, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="answer as JSON on standard output")
    made.add_argument("--quiet", action="store_true", help="no progress or warnings")
    return made


def add_binding(made: argparse.ArgumentParser) -> None:
    """The options that choose constants and readings."""
    made.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a constant, for instance levels=4",
    )
    made.add_argument(
        "--reading",
        action="append",
        default=[],
        metavar="PROFILE|ID=NAME",
        help="default, literal, strict, or one ambiguity's reading; later ones win",
    )


def constants_for(machine: Machine, options: Sequence[str]) -> dict[str, Constant]:
    """The ``--set`` options that name a constant of this machine."""
    return {
        name: _constant(machine.constants[name], name, text)
        for name, text in (_assignment(o) for o in options)
        if name in machine.constants
    }


def check_constants(protocol: Protocol, options: Sequence[str]) -> None:
    """Refuses a ``--set`` of a constant that no machine of the protocol has."""
    known = {name for machine in protocol.machines for name in machine.constants}
    for option in options:
        name, _ = _assignment(option)
        if name not in known:
            raise SpecError(
                f"{protocol.name} has no constant {name!r}",
                where="--set",
                hint=f"its constants: {', '.join(sorted(known)) or 'none'}",
            )


def _assignment(option: str) -> tuple[str, str]:
    name, equals, text = option.partition("=")
    if not equals or not name:
        raise SpecError(f"--set takes NAME=VALUE, not {option!r}")
    return name, text


def _constant(old: Constant, name: str, text: str) -> Constant:
    """The text as a constant of the same kind as the one it replaces."""
    from decimal import Decimal, InvalidOperation

    try:
        if isinstance(old, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(old, int):
            return int(text)
        if isinstance(old, Decimal):
            value = Decimal(text)
            if "e" in text.lower() or not value.is_finite():
                raise ValueError
            return value
        if isinstance(old, tuple):
            return tuple(int(v) for v in text.split(","))
    except (ValueError, KeyError, InvalidOperation):
        raise SpecError(
            f"{text!r} is not a value for {name}, which is {old!r}", where="--set"
        ) from None
    return text


def print_json(kind: str, answer: dict[str, Any]) -> None:
    """Prints an answer with its format name in front."""
    whole = {"format": f"trialspec/{kind}/1", **answer, "notice": NOTICE}
    sys.stdout.write(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def warn(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr)


def plain(text: str) -> str:
    """A text from outside as one line that can't control a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _write_device(path: Path, content: bytes) -> None:
    """Writes to a terminal, a pipe or a device, which must not be replaced by a file."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SpecError(f"can't be written: {error.strerror}", where=str(path)) from None


def write_file(path: Path, content: bytes) -> None:
    """Writes a whole file or nothing: to a temporary file beside it, then renamed."""
    import tempfile

    if path.exists() and not path.is_file() and not path.is_dir():
        _write_device(path, content)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except (FileExistsError, NotADirectoryError):
        raise SpecError("is a file, not a folder", where=str(path.parent)) from None
    except OSError as error:
        raise SpecError(f"can't write here: {error.strerror}", where=str(path.parent)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as error:
        if os.path.exists(name):
            os.unlink(name)
        if isinstance(error, OSError):
            raise SpecError(f"can't be written: {error.strerror}", where=str(path)) from None
        raise
