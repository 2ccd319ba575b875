"""Standard output and standard error that may lose their reader before a command has ended."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


class Output:
    """A stream that goes on taking text when nobody reads it any more.

    A command comes to its verdict, and so to its exit code, whoever has stopped listening.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes a text, or drops it."""
        try:
            self._stream.write(text)
        except BrokenPipeError:
            abandon(self._stream)
        return len(text)

    def flush(self) -> None:
        """Writes what has been held back, or drops it."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            abandon(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def abandon(stream: TextIO) -> None:
    """Lets what is still buffered go nowhere: at exit Python would try to write it once more."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        # the stream is no file, as under a test
        return


@contextlib.contextmanager
def outlived() -> Iterator[None]:
    """Within it both streams outlive their readers."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(cast(TextIO, Output(sys.stdout))))
        if sys.stderr is not None:
            stack.enter_context(contextlib.redirect_stderr(cast(TextIO, Output(sys.stderr))))
        yield
