"""``spec-check``: finds the command, runs it, and turns its outcome into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from ...spec.notice import NOTICE
from .codes import INPUT, INTERNAL, INTERRUPTED, OK
from .output import abandon, outlived

# name -> (module, one line of help); a command's module is imported only when it is called
COMMANDS = {
    "list": ("listing", "the protocols, with counts of states, clauses, ambiguities, invariants"),
    "show": ("show", "clauses, ambiguities with their readings, transitions, regimens"),
    "verify": ("verify", "prove or refute every obligation of every machine"),
    "readings": ("readings", "what each reading of an ambiguity changes; letters to a sponsor"),
    "next": ("next", "after a history: what is possible, what is refused and why"),
    "replay": ("replay", "judge event logs against a protocol"),
    "suite": ("suite", "write test vectors for a system"),
    "test": ("test", "run test vectors against a system"),
    "calendar": ("calendar", "what is due on each day, by state or for a history, with totals"),
    "diagram": ("diagram", "draw a protocol's machines"),
    "export": ("export", "the spec as a document for other tools"),
}
LATER = ("recheck", "diff", "mutants", "doses", "report")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code is 0, 1, 2, 3, 4, 70 or 130, as the help explains."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None:
        print("spec-check: standard output is closed", file=sys.stderr)
        return INPUT
    with outlived():
        return _code(arguments)


def _code(arguments: list[str]) -> int:
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("spec-check: interrupted", file=sys.stderr)
        return INTERRUPTED
    except SystemExit as exit_:
        return int(exit_.code) if isinstance(exit_.code, int) else INPUT
    except Exception as error:
        return _failed(error, arguments)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help(), file=sys.stdout if arguments else sys.stderr)
        return OK if arguments else INPUT
    if arguments[0] == "--version":
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"trialspec {version('trialspec')}")
        except PackageNotFoundError:
            print("trialspec (not installed)")
        return OK
    if "" not in sys.path and os.getcwd() not in sys.path:
        # so that module:attribute finds a protocol of one's own in the current folder
        sys.path.append(os.getcwd())
    name, rest = arguments[0], arguments[1:]
    if name in LATER:
        print(f"spec-check: this version has no command {name!r} yet", file=sys.stderr)
        return INPUT
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        print(f"spec-check: unknown command {name!r}\n  commands: {known}", file=sys.stderr)
        return INPUT
    module = import_module(f".{COMMANDS[name][0]}", __package__)
    return int(module.run(rest))


def _failed(error: Exception, arguments: list[str]) -> int:
    """An error as one message: a user's mistake, a full disk, or a defect of this program."""
    from ...spec.errors import SpecError

    if isinstance(error, SpecError):
        from .place import placed

        print(f"spec-check: {placed(error, arguments)}", file=sys.stderr)
        return INPUT
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        if not where:
            abandon(sys.stdout)
        print(f"spec-check: {where}{error.strerror or error}", file=sys.stderr)
        return INPUT
    if isinstance(error, MemoryError):
        print(
            "spec-check: there is not enough memory for this\n"
            "  set smaller constants, for instance fewer levels (--set), or one --machine",
            file=sys.stderr,
        )
        return INPUT
    print(
        f"spec-check: internal error: {type(error).__name__}: {error}\n"
        "  This is a defect of trialspec; please report it with the command line.",
        file=sys.stderr,
    )
    if os.environ.get("TRIALSPEC_TRACEBACK"):
        raise error
    return INTERNAL


def _help() -> str:
    lines = ["usage: spec-check COMMAND [options]", "", "commands:"]
    lines += [f"  {name:<9} {text}" for name, (_, text) in COMMANDS.items()]
    lines += [
        "",
        "spec-check COMMAND --help explains a command; --version prints the version.",
        "",
        "exit codes: 0 all required holds or conforms; 1 refuted, or deviations found;",
        "  2 wrong usage, input or spec; 3 inconclusive; 4 a gate failed; 70 internal error;",
        "  130 interrupted",
        "",
        NOTICE,
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
