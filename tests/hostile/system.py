"""Systems that do everything wrong that a system can do; each must be found out, none may pass.

``python system.py FAULT`` is a program over JSON lines; ``system.py:Name`` is its twin in process.
The behaviour around each fault is that of a system that accepts everything and shows nothing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

ABOUT = {"name": "hostile", "version": "1", "contract": 1, "observes": [], "events": []}
NEVER = threading.Event()


def honest(request: dict[str, Any]) -> dict[str, Any]:
    """An answer in good order."""
    more: dict[str, dict[str, Any]] = {
        "describe": ABOUT,
        "apply": {"answer": "accepted"},
        "start": {"observe": {}},
        "observe": {"observe": {}},
    }
    return {"seq": request["seq"], **more.get(request["verb"], {})}


def say(*lines: bytes) -> None:
    """Writes bytes as they are."""
    for line in lines:
        os.write(1, line)


def answer(request: dict[str, Any], **fields: Any) -> bytes:
    """A line with some fields in place of the honest ones."""
    return json.dumps({**honest(request), **fields}).encode() + b"\n"


def wait(request: dict[str, Any]) -> None:
    """Says nothing, for ever."""
    NEVER.wait()


def spin(request: dict[str, Any]) -> None:
    """Says nothing, and is busy."""
    while True:
        pass


def crash(request: dict[str, Any]) -> None:
    """Ends with an exit code and last words."""
    say_error("line one\nthe disk is on fire\n")
    os._exit(3)


def say_error(text: str) -> None:
    """Writes to standard error."""
    sys.stderr.write(text)
    sys.stderr.flush()


def killed(request: dict[str, Any]) -> None:
    """Ends by a signal."""
    os.kill(os.getpid(), 11)


def child(request: dict[str, Any]) -> None:
    """Leaves a child behind that holds the output open, and waits."""
    if os.fork() == 0:
        say_error(f"child {os.getpid()}\n")
    NEVER.wait()


def flood(request: dict[str, Any]) -> None:
    """Writes a line that never ends."""
    while True:
        say(b"x" * 65_536)


def huge(request: dict[str, Any]) -> None:
    """Answers at great length."""
    say(answer(request, reason="x" * 2_000_000))


def drip(request: dict[str, Any]) -> None:
    """Writes a letter now and then, and never a line."""
    while True:
        say(b" ")
        NEVER.wait(0.02)


def loud(request: dict[str, Any]) -> None:
    """Fills standard error before it answers."""
    say_error("noise\n" * 100_000)
    say(answer(request))


def deep(request: dict[str, Any]) -> None:
    """Nests beyond every parser."""
    say(b'{"seq": 1, "observe": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")


def rather_deep(request: dict[str, Any]) -> None:
    """Nests as deep as parsers still read."""
    say(answer(request, observe={"state": json.loads("[" * 30 + "]" * 30)}))


def ends(request: dict[str, Any]) -> None:
    """Closes its output in good order, without an answer."""
    os._exit(0)


def closes_output(request: dict[str, Any]) -> None:
    """Closes its output and goes on."""
    os.close(1)
    NEVER.wait()


def closes_input(request: dict[str, Any]) -> None:
    """Answers, and reads nothing any more."""
    say(answer(request))
    os.close(0)
    NEVER.wait()


def half(request: dict[str, Any]) -> None:
    """Ends within a line."""
    say(answer(request)[:5])
    os._exit(0)


def twice(request: dict[str, Any]) -> None:
    """Answers twice."""
    say(answer(request), answer(request))


def text(line: bytes) -> Any:
    """A fault that writes a line whatever it is asked; ``@`` becomes the right number."""

    def fault(request: dict[str, Any]) -> None:
        say(line.replace(b"@", str(request["seq"]).encode()) + b"\n")

    return fault


def fields(**wrong: Any) -> Any:
    """A fault that answers with some wrong fields."""

    def fault(request: dict[str, Any]) -> None:
        say(answer(request, **wrong))

    return fault


# the fault, and the kind of error that it must be found as
FAULTS: dict[str, tuple[Any, str]] = {
    "hang": (wait, "timeout"),
    "busy": (spin, "timeout"),
    "child": (child, "timeout"),
    "drip": (drip, "timeout"),
    "crash": (crash, "crashed"),
    "killed": (killed, "crashed"),
    "ends": (ends, "ended"),
    "closes-output": (closes_output, "ended"),
    "closes-input": (closes_input, "timeout"),
    "half-line": (half, "half_line"),
    "flood": (flood, "too_long"),
    "huge": (huge, "too_long"),
    "twice": (twice, "answered_twice"),
    "wrong-seq": (fields(seq=99), "wrong_seq"),
    "no-seq": (fields(seq=None), "wrong_seq"),
    "true-seq": (fields(seq=True), "wrong_seq"),
    "text-seq": (fields(seq="3"), "wrong_seq"),
    "error": (fields(error="out of paper"), "reported"),
    "error-object": (fields(error={"code": 7}), "reported"),
    "nonsense": (text(b"hello"), "not_json"),
    "empty-line": (text(b""), "not_json"),
    "two-on-a-line": (text(b'{"seq": @}{"seq": @}'), "not_json"),
    "long-number": (text(b'{"seq": @, "answer": ' + b"9" * 5_000 + b"}"), "not_json"),
    "far-number": (text(b'{"seq": @, "answer": 1e99999999999999999999}'), "not_json"),
    "surrogate": (text(b'{"seq": @, "answer": "\\ud800"}'), "not_json"),
    "list": (text(b"[1, 2]"), "not_an_object"),
    "null": (text(b"null"), "not_an_object"),
    "not-utf8": (text(b'{"seq": @, "answer": "\xff\xfe"}'), "not_utf8"),
    "nan": (text(b'{"seq": @, "answer": "accepted", "level": NaN}'), "not_a_number"),
    "infinity": (text(b'{"seq": @, "answer": "accepted", "level": -Infinity}'), "not_a_number"),
    "deep": (deep, "too_deep"),
    "rather-deep": (rather_deep, "too_deep"),
    "key-twice": (text(b'{"seq": @, "answer": "refused", "answer": "accepted"}'), "duplicate_key"),
    "no-answer": (text(b'{"seq": @}'), "wrong_type"),
    "maybe": (fields(answer="maybe"), "wrong_type"),
    "answer-true": (fields(answer=True), "wrong_type"),
    "reason-number": (fields(reason=7), "wrong_type"),
    "observe-list": (fields(observe=[1]), "wrong_type"),
    "observe-null": (fields(observe=None), "wrong_type"),
    "state-number": (fields(observe={"state": 5}), "wrong_type"),
    "level-true": (fields(observe={"level": True}), "wrong_type"),
    "level-list": (fields(observe={"level": [1]}), "wrong_type"),
    "level-word": (fields(observe={"level": "one"}), "wrong_type"),
    "treated-number": (fields(observe={"treated": 3}), "wrong_type"),
    "level-null": (fields(observe={"level": None}), "wrong_type"),
}


def main(name: str, verb: str = "apply", number: str = "1") -> None:
    """Answers in good order until the fault is due: at the verb, for the number-th time."""
    left = int(number)
    for line in sys.stdin:
        request = json.loads(line)
        left -= request["verb"] == verb
        if left <= 0 and request["verb"] == verb and name in FAULTS:
            FAULTS[name][0](request)
        else:
            say(json.dumps(honest(request)).encode() + b"\n")
    if name == "lingers":
        NEVER.wait()


# ---- in process


class Accepting:
    """Accepts everything, shows nothing."""

    def describe(self) -> Any:
        return ABOUT

    def start(self, protocol: str, machine: str, constants: Any, readings: Any) -> Any:
        return {}

    def apply(self, event: str, arguments: Any) -> Any:
        return {"answer": "accepted"}

    def observe(self) -> Any:
        return {}

    def stop(self) -> Any:
        return None


class Busy(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        while True:
            pass


class Stubborn(Accepting):
    """Can't be interrupted by an exception, only by the end of the test."""

    over = threading.Event()

    def apply(self, event: str, arguments: Any) -> Any:
        while not self.over.is_set():
            try:
                self.over.wait(0.01)
            except BaseException:
                continue


class Raising(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        return {}["level"]


class Exiting(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        sys.exit("that is enough")


class Interrupting(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        raise KeyboardInterrupt


class Unspeakable(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        class Quiet(Exception):
            def __str__(self) -> str:
                raise ValueError

        raise Quiet


class Recursive(Accepting):
    def apply(self, event: str, arguments: Any) -> Any:
        return self.apply(event, arguments)


class NoStop:
    describe = start = apply = observe = Accepting.describe


class NeverMade(Accepting):
    def __init__(self) -> None:
        raise OSError("no licence")


class HangingStop(Accepting):
    def stop(self) -> Any:
        NEVER.wait()


class Endless(dict):
    """A mapping without an end."""

    def items(self) -> Any:
        while True:
            yield "x", 1

    def __iter__(self) -> Any:
        return iter(())


def returning(value: Any, name: str) -> type:
    """A class whose apply returns a value."""
    return type(name, (Accepting,), {"apply": lambda self, event, arguments: value})


def loop() -> list[Any]:
    """A list that holds itself."""
    made: list[Any] = []
    made.append(made)
    return made


# the value that apply returns, and the kind of error that it must be found as
RETURNS: dict[str, tuple[Any, str]] = {
    "Nothing": (None, "not_an_object"),
    "Word": ("accepted", "not_an_object"),
    "Maybe": ({"answer": "maybe"}, "wrong_type"),
    "Object": ({"answer": "accepted", "observe": {"level": object()}}, "wrong_type"),
    "Float": ({"answer": "accepted", "observe": {"level": 1.0}}, "wrong_type"),
    "Numbered": ({"answer": "accepted", "observe": {1: 1}}, "wrong_type"),
    "Loop": ({"answer": "accepted", "observe": {"level": loop()}}, "too_deep"),
    "Endless": (Endless(answer="accepted"), "too_long"),
    "Wide": ({"answer": "accepted", "observe": {"level": [0] * 200_000}}, "too_long"),
    "Long": ({"answer": "accepted", "reason": "x" * 2_000_000}, "too_long"),
    "Surrogate": ({"answer": "accepted", "reason": "\ud800"}, "not_json"),
    "Error": ({"error": "out of paper"}, "reported"),
    "StateNumber": ({"answer": "accepted", "observe": {"state": 5}}, "wrong_type"),
}
globals().update({name: returning(value, name) for name, (value, _) in RETURNS.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
