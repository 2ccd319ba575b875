"""A Python class as a system, in our own process.

The class is imported, made and asked in a thread of its own, so that an endless loop costs one
time-out and no more. The thread is told to stop; one that swallows every exception, or is inside
an extension, goes on until our process ends. What ends the whole process (``os._exit``, a crash of
an extension) can't be kept from us: give such a system as a program.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Mapping
from decimal import Decimal
from importlib import import_module
from operator import index
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any
from zlib import crc32

from ...spec.place import short
from .replies import VERBS
from .trouble import AdapterError
from .wire import MAX_DEPTH, MAX_LINE

MAX_VALUES = 100_000
LAST_LINES = 30
GRACE = 0.1  # seconds
ARGUMENTS = {
    "start": ("protocol", "machine", "constants", "readings"),
    "apply": ("event", "arguments"),
    "run": ("steps",),
}
Outcome = dict[str, Any] | AdapterError


class ClassChannel:
    """An instance of ``module:Class`` or ``file.py:Class``; `AdapterError` if it can't be made.

    ``timeout`` is the most seconds that one call, and the making, may take.
    """

    def __init__(self, argument: str, timeout: float) -> None:
        self._timeout = timeout
        self._requests: SimpleQueue[tuple[str, Mapping[str, object]] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._working = threading.Lock()
        self._working.acquire()
        self._thread = threading.Thread(
            target=_work,
            args=(argument, self._requests, self._outcomes, self._working),
            daemon=True,
        )
        self._thread.start()
        self._busy = True
        self._take()

    def call(self, verb: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """The answer to one verb, in the shape of the lines that a program would write."""
        self._requests.put((verb, fields))
        self._busy = True
        return self._take()

    def _take(self) -> dict[str, Any]:
        try:
            outcome = self._outcomes.get(timeout=self._timeout)
        except Empty:
            self.kill()
            raise AdapterError("timeout", f"no answer within {self._timeout:g} s") from None
        self._busy = False
        if isinstance(outcome, AdapterError):
            self.kill()
            raise outcome
        return outcome

    def close(self) -> None:
        """Lets go of the instance."""
        self._requests.put(None)

    def kill(self) -> None:
        """Lets go of the instance, and stops what it is doing as far as Python can."""
        self._requests.put(None)
        if self._busy and self._thread.ident is not None:
            self._busy = False
            _interrupt(self._thread.ident, self._working)


def _interrupt(thread: int, working: threading.Lock) -> None:
    """Raises `SystemExit` in a thread, and takes it back if the thread is not there to catch it.

    While an exception waits for a thread that is blocked, CPython 3.11 never gets into a Python
    function that is traced, as under a debugger or coverage, in any thread: here only C functions
    are called until it is gone.
    """
    import ctypes

    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
    there, here = ctypes.c_ulong(thread), ctypes.c_ulong(threading.get_ident())
    error, nothing = ctypes.py_object(SystemExit), ctypes.py_object()
    throw(there, error)
    if not working.acquire(True, GRACE):
        throw(there, nothing)
        try:
            # that something waits is only forgotten once something has been caught
            if throw(here, error):
                for _ in range(1_000):
                    pass
        except SystemExit:
            pass


def _work(
    argument: str,
    requests: SimpleQueue[tuple[str, Mapping[str, object]] | None],
    outcomes: SimpleQueue[Outcome],
    working: threading.Lock,
) -> None:
    """The thread: makes the instance, then answers one request after another."""
    try:
        system = make(argument)
        outcomes.put({})
        while (request := requests.get()) is not None:
            verb, fields = request
            try:
                outcomes.put(ask(system, verb, fields))
            except AdapterError as error:
                outcomes.put(error)
    except AdapterError as error:
        outcomes.put(error)
    finally:
        working.release()


# ---- the class


def make(argument: str) -> Any:
    """The instance of ``module:Class`` or ``file.py:Class``; `AdapterError` with its traceback."""
    place, _, name = argument.rpartition(":")
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found: Any = _import(place)
        for part in name.split("."):
            found = getattr(found, part)
        system = found()
        missing = [verb for verb in VERBS if not callable(getattr(system, verb, None))]
    except BaseException as error:
        raise AdapterError(
            "cannot_start", f"{short(argument, 100)}: {_named(error)}", _traceback(error)
        ) from None
    if missing:
        raise AdapterError("cannot_start", f"{short(argument, 100)} has no method {missing[0]}")
    return system


def _import(place: str) -> Any:
    if not place.endswith(".py"):
        return import_module(place)
    from importlib.util import module_from_spec, spec_from_file_location

    path = Path(place).resolve()
    known = f"{path.stem}_{crc32(str(path).encode()):08x}"
    if known in sys.modules:
        return sys.modules[known]
    spec = spec_from_file_location(known, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # dataclasses and pickles look their module up by its name
    sys.modules[known] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[known]
        raise
    return module


def ask(system: Any, verb: str, fields: Mapping[str, object]) -> dict[str, Any]:
    """One verb of an instance, answered as a program would answer it on a line."""
    arguments = [_copy(fields[name]) for name in ARGUMENTS.get(verb, ())]
    try:
        result = getattr(system, verb)(*arguments)
        if verb == "stop":
            return {}
        answer = plain(result)
    except AdapterError:
        raise
    except BaseException as error:
        raise AdapterError("raised", _named(error), _traceback(error)) from None
    if verb in ("start", "observe"):
        return {"observe": answer}
    if verb == "run":
        return {"answers": answer}
    if not isinstance(answer, dict):
        raise AdapterError("not_an_object", f"{verb} returns a mapping, not {short(result)}")
    if "error" in answer:
        raise AdapterError("reported", str(answer["error"])[:1_000])
    return answer


def _copy(value: object) -> object:
    """Plain values of which the system may keep or change its own copy."""
    if isinstance(value, Mapping):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value


def _named(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    name = type(error).__name__
    return f"{name}: {' '.join(text.split())[:500]}" if text else name


def _traceback(error: BaseException) -> str:
    """The traceback from the first line of the system's own code."""
    frames: TracebackType | None = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename in _OURS:
        frames = frames.tb_next
    try:
        lines = traceback.format_exception(type(error), error, frames)
    except Exception:
        return ""
    return "\n".join("".join(lines).splitlines()[-LAST_LINES:])


_OURS = (
    __file__,
    import_module.__code__.co_filename,
    "<frozen importlib._bootstrap>",
    "<frozen importlib._bootstrap_external>",
)


# ---- values


def plain(value: Any) -> Any:
    """A returned value as JSON would carry it; `AdapterError` for a float and for other objects.

    >>> plain({"dose": Decimal("7.5"), "treated": (3, 0)})
    {'dose': Decimal('7.5'), 'treated': [3, 0]}
    """
    return _plain(value, MAX_DEPTH, [MAX_VALUES])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth < 0:
        raise AdapterError("too_deep", f"nested more than {MAX_DEPTH} deep")
    if left[0] < 0:
        raise AdapterError("too_long", f"more than {MAX_VALUES:,} values")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise AdapterError("not_a_number", f"{value} is no number")
        return Decimal(value)
    if isinstance(value, float):
        raise AdapterError(
            "wrong_type", f"{value!r} is a binary float: return the text or the Decimal instead"
        )
    if hasattr(value, "__index__"):
        return index(value)
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise AdapterError("wrong_type", "the keys of a mapping are names")
        return {_text(name): _plain(item, depth - 1, left) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1, left) for item in value]
    raise AdapterError("wrong_type", f"a {type(value).__name__} is no plain value")


def _text(value: str) -> str:
    # of an enumeration this is the value, whatever its own __str__ says
    text = str.__str__(value)
    if len(text) > MAX_LINE:
        raise AdapterError("too_long", f"a text of more than {MAX_LINE:,} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise AdapterError("not_json", f"half of a surrogate pair in {short(text)}") from None
    return text
