"""A connection to a system under test, the same whichever way it is attached."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Protocol, TypeVar

from ...spec.errors import SpecError
from .replies import (
    Description,
    Reply,
    read_description,
    read_observation,
    read_replies,
    read_reply,
)
from .trouble import AdapterError

TIMEOUT = 10.0
MOST_SECONDS = 86_400
COMMAND = "cmd:"
HIDDEN = True  # from the tracebacks that pytest shows: what went wrong is the system's
STEPS_AT_ONCE = 200  # of one `run`, so that no line grows beyond its limit
T = TypeVar("T")
# protocol, machine, constants, readings
Usual = tuple[str, str, Mapping[str, object], Mapping[str, str]]
HINT = "write module:Class, file.py:Class, or cmd:COMMAND"


class Channel(Protocol):
    """A way to ask a system: a verb and its fields, answered by an object, or `AdapterError`."""

    def call(self, verb: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """The answer to one request."""

    def close(self) -> None:
        """Ends the system in good order."""

    def kill(self) -> None:
        """Ends the system at once."""


class Connection:
    """A system that is started when it is first asked, and anew after an error.

    ``argument`` is ``module:Class``, ``file.py:Class`` or ``cmd:COMMAND``; ``timeout`` is the most
    seconds for each exchange. Every verb raises `AdapterError` when the conversation breaks down;
    the system is gone then, and the next `start` or `describe` starts another. `SpecError` for an
    argument that names no adapter.

    >>> with Connection("trialspec.oracle.adapters.reference:Reference") as system:
    ...     shown = system.start("ibrutinib-mm", "trial", {"levels": 2})
    ...     system.apply("register", {"level": 2}).answer
    'refused'
    """

    def __init__(self, argument: str, timeout: float = TIMEOUT) -> None:
        check_argument(argument)
        if not 0 < timeout <= MOST_SECONDS:
            raise SpecError(f"a time-out is between 0 and {MOST_SECONDS} seconds, not {timeout}")
        self.argument = argument
        self.timeout = timeout
        self.description: Description | None = None
        self.in_case = False
        self.usual: Usual | None = None
        self._channel: Channel | None = None

    def describe(self) -> Description:
        """What the system says about itself; asked once for each start of it."""
        if self._channel is None or self.description is None:
            self.close()
            self._channel = self._open()
            self.description = self._read(read_description, "describe")
        return self.description

    def start(
        self,
        protocol: str = "",
        machine: str = "trial",
        constants: Mapping[str, object] | None = None,
        readings: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """A fresh case; what the system shows of it.

        Where ``usual`` is set, it stands for the arguments when no protocol is named.
        """
        __tracebackhide__ = HIDDEN
        if not protocol and self.usual is not None:
            protocol, machine, constants, readings = self.usual
        self.stop()
        self.describe()
        fields = {
            "protocol": protocol,
            "machine": machine,
            "constants": dict(constants or {}),
            "readings": dict(readings or {}),
        }
        found = self._read(read_observation, "start", fields)
        self.in_case = True
        return found

    def apply(self, event: str, arguments: Mapping[str, object] | None = None) -> Reply:
        """One event; the usual case is started first where none is open."""
        __tracebackhide__ = HIDDEN
        if not self.in_case and self.usual is not None:
            self.start()
        fields = {"event": event, "arguments": dict(arguments or {})}
        return self._read(read_reply, "apply", fields)

    def run(self, steps: Sequence[tuple[str, Mapping[str, object]]]) -> tuple[Reply, ...]:
        """Many events at once, for a system whose description has the verb ``run``."""
        __tracebackhide__ = HIDDEN
        found: list[Reply] = []
        for first in range(0, len(steps), STEPS_AT_ONCE):
            part = steps[first : first + STEPS_AT_ONCE]
            items = [{"event": event, "arguments": dict(given)} for event, given in part]
            found += self._read(partial(read_replies, steps=len(part)), "run", {"steps": items})
        return tuple(found)

    def observe(self) -> Mapping[str, Any]:
        """What the system shows now."""
        __tracebackhide__ = HIDDEN
        return self._read(read_observation, "observe")

    def stop(self) -> None:
        """Ends the case, if there is one; the system stays."""
        __tracebackhide__ = HIDDEN
        if self.in_case:
            self.in_case = False
            self._call("stop")

    def close(self) -> None:
        """Ends the system."""
        self.in_case = False
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def alone(self) -> Connection:
        """Another connection to the same system, in a process of its own."""
        if self.argument.startswith(COMMAND):
            return Connection(self.argument, self.timeout)
        return _Served(self.argument, self.timeout)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> Channel:
        if self.argument.startswith(COMMAND):
            from .lines import LineChannel

            return LineChannel(_words(self.argument), self.timeout)
        from .inside import ClassChannel

        return ClassChannel(self.argument, self.timeout)

    def _read(
        self,
        read: Callable[[Mapping[str, Any]], T],
        verb: str,
        fields: Mapping[str, object] | None = None,
    ) -> T:
        __tracebackhide__ = HIDDEN
        answer = self._call(verb, fields)
        try:
            return read(answer)
        except AdapterError as error:
            self._drop()
            raise error.at(verb) from None

    def _call(self, verb: str, fields: Mapping[str, object] | None = None) -> dict[str, Any]:
        __tracebackhide__ = HIDDEN
        if self._channel is None:
            raise AdapterError("not_started", f"{verb}: no case has been started")
        try:
            return self._channel.call(verb, fields or {})
        except AdapterError as error:
            self._drop()
            raise error.at(verb) from None

    def _drop(self) -> None:
        """Ends a system that can't be trusted any more."""
        self.in_case = False
        if self._channel is not None:
            self._channel.kill()
            self._channel = None


class _Served(Connection):
    """A class behind JSON lines, in a process of its own."""

    def _open(self) -> Channel:
        from .lines import LineChannel

        words = [sys.executable, "-m", f"{__package__}.serve", self.argument]
        # what this process finds, that process finds
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
        return LineChannel(words, self.timeout, {**os.environ, "PYTHONPATH": path})


def check_argument(argument: str) -> None:
    """`SpecError` for an argument that names no adapter."""
    if argument.startswith(("http://", "https://")):
        raise SpecError("this version has no HTTP adapters", where=argument[:100], hint=HINT)
    if argument.startswith(COMMAND):
        if os.name != "posix":
            raise SpecError("cmd: adapters need Linux or macOS", hint="give a Python class instead")
        _words(argument)
        return
    place, colon, name = argument.rpartition(":")
    if not colon or not place or not name:
        raise SpecError(f"{argument[:100]!r} names no adapter", hint=HINT)


def _words(argument: str) -> list[str]:
    """The words of a command; no shell sees them."""
    try:
        words = shlex.split(argument.removeprefix(COMMAND))
    except ValueError as error:
        raise SpecError(f"the command can't be read: {error}", where=argument[:100]) from None
    if not words:
        raise SpecError("cmd: needs a command", where=argument[:100], hint=HINT)
    return words
