"""A program as a system: one JSON request a line on its input, one answer a line on its output.

Every exchange has a deadline and every line a limit. The program leads a process group of its own,
and the whole group is killed as soon as anything is wrong, so that nothing is left behind.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ...spec.place import short
from .trouble import AdapterError
from .wire import MAX_LINE, read_line, write_line

CHUNK = 65_536
GRACE = 1.0  # seconds for a program to end by itself
LAST_LINES = 20
LAST_BYTES = 4_000


class LineChannel:
    """A started program; `AdapterError` when it can't be started.

    ``timeout`` is the most seconds that one exchange may take.
    """

    def __init__(
        self, words: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None
    ) -> None:
        self._timeout = timeout
        self._number = 0
        self._buffer = bytearray()
        self._errors = bytearray()
        self._open = True
        try:
            # the command is the user's own, and no shell reads it
            self._process = subprocess.Popen(  # noqa: S603
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
                env=environment,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise AdapterError("cannot_start", f"{short(words[0])}: {reason}") from None
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        self._err = self._process.stderr.fileno()
        for handle in (self._in, self._out, self._err):
            os.set_blocking(handle, False)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._poll.register(self._err, select.POLLIN)

    def call(self, verb: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """The answer to one request; after an `AdapterError` the program is gone."""
        self._number += 1
        request = write_line({"seq": self._number, "verb": verb, **fields})
        try:
            reply = read_line(self._exchange(request))
            self._check_number(reply)
        except AdapterError as error:
            self.kill()
            raise AdapterError(error.kind, error.message, self.last_errors()) from None
        if "error" in reply:
            self.kill()
            text = reply["error"] if isinstance(reply["error"], str) else short(reply["error"])
            raise AdapterError("reported", text[:1_000], self.last_errors())
        return reply

    def _check_number(self, reply: Mapping[str, Any]) -> None:
        number = reply.get("seq")
        if type(number) is int and number == self._number:
            return
        said = f"; it says: {short(reply['error'], 200)}" if "error" in reply else ""
        if type(number) is int and number == self._number - 1:
            raise AdapterError("answered_twice", f"a second answer to request {number}{said}")
        wanted = f"the answer to request {self._number} has the seq {short(number)}"
        raise AdapterError("wrong_seq", wanted + said)

    # ---- bytes

    def _exchange(self, request: bytes) -> bytes:
        """Writes a request and reads a line, whatever else the program does meanwhile."""
        deadline = time.monotonic() + self._timeout
        rest = self._write(request)
        if rest:
            self._poll.register(self._in, select.POLLOUT)
        searched = 0
        while True:
            end = -1 if rest else self._buffer.find(b"\n", searched)
            if max(end, len(self._buffer) if end < 0 else 0) > MAX_LINE:
                raise AdapterError("too_long", f"a line of more than {MAX_LINE:,} bytes")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line
            searched = 0 if rest else len(self._buffer)
            left = deadline - time.monotonic()
            ready = self._poll.poll(left * 1000) if left > 0 else []
            if not ready:
                raise self._late()
            for handle, _ in ready:
                if handle == self._out:
                    self._read(deadline)
                elif handle == self._err:
                    self._read_errors()
                else:
                    rest = self._write(rest)
                    if not rest:
                        self._poll.unregister(self._in)

    def _write(self, rest: bytes) -> bytes:
        """What could not be written yet; nothing once the program no longer reads."""
        try:
            return rest[os.write(self._in, rest) :]
        except BlockingIOError:
            return rest
        except BrokenPipeError:
            return b""

    def _read(self, deadline: float) -> None:
        chunk = os.read(self._out, CHUNK)
        if not chunk:
            raise self._ended(deadline)
        self._buffer += chunk

    def _read_errors(self) -> None:
        chunk = os.read(self._err, CHUNK)
        if not chunk:
            self._poll.unregister(self._err)
        self._errors = (self._errors + chunk)[-LAST_BYTES:]

    # ---- ends

    def _late(self) -> AdapterError:
        code = self._process.poll()
        end = f"; the program has ended with {_end(code)}" if code is not None else ""
        return AdapterError("timeout", f"no answer within {self._timeout:g} s{end}")

    def _ended(self, deadline: float) -> AdapterError:
        """The error for an output that has ended: in a line, by a crash, or just so."""
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(max(0.0, min(GRACE, deadline - time.monotonic())))
        how = "still running" if code is None else _end(code)
        if self._buffer:
            half = short(bytes(self._buffer[:60]).decode(errors="replace"), 80)
            return AdapterError("half_line", f"the output ended within a line: {half} ({how})")
        if code:
            return AdapterError("crashed", f"the program ended with {how}")
        return AdapterError("ended", f"the program closed its output without an answer ({how})")

    def close(self) -> None:
        """Lets the program end by itself for a second, then kills what is left of it."""
        if self._open and self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(min(GRACE, self._timeout))
        self.kill()

    def kill(self) -> None:
        """Kills the program and everything it has started."""
        if not self._open:
            return
        self._open = False
        # the group outlives its leader, and holds what the program left behind
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        with contextlib.suppress(OSError):
            while chunk := os.read(self._err, CHUNK):
                self._errors = (self._errors + chunk)[-LAST_BYTES:]
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def last_errors(self) -> str:
        """The last lines that the program wrote to standard error."""
        lines = self._errors.decode(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])


def _end(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
