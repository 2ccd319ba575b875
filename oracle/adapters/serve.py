"""A Python class as a program over JSON lines: ``python -m trialspec.oracle.adapters.serve
module:Class``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .inside import ask, make
from .trouble import AdapterError
from .wire import read_line


def serve(system: Any) -> None:
    """Answers the requests on standard input until it ends.

    What the system prints goes to standard error: standard output is for answers alone.
    """
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_answer(system, line), default=_decimal).encode() + b"\n")


def _answer(system: Any, line: bytes) -> dict[str, Any]:
    request: Mapping[str, Any] = read_line(line)
    number = {"seq": request["seq"]}
    try:
        return {**ask(system, request["verb"], request), **number}
    except AdapterError as error:
        print(error.details, file=sys.stderr, flush=True)
        return {**number, "error": error.message}


def _decimal(value: object) -> str:
    assert isinstance(value, Decimal)
    return str(value)


if __name__ == "__main__":
    try:
        made = make(sys.argv[1])
    except AdapterError as error:
        sys.exit(f"{error.details}\n{error}")
    serve(made)
