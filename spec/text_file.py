"""Text files from outside: bounded in size, UTF-8, and what is wrong with one is told."""

from __future__ import annotations

from .errors import SpecError
from .json_reader import place_at

MAX_BYTES = 5_000_000
BOM = b"\xef\xbb\xbf"


def read_bytes(name: str) -> bytes:
    """The content of a file of 5 MB at most; `SpecError` that names it."""
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise SpecError("this is a directory, not a file", where=name) from None
    except FileNotFoundError:
        raise SpecError("there is no such file", where=name) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(f"can't be read: {reason}", where=name[:300]) from None
    if len(data) > MAX_BYTES:
        raise SpecError(f"larger than {MAX_BYTES // 1_000_000} MB", where=name)
    return data


def decoded(name: str, data: bytes) -> str:
    """The text of a file; `SpecError` with line and column where it isn't one."""
    data = data.removeprefix(BOM)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = place_at(data[: error.start].decode(), error.start)
        raise SpecError(
            "not UTF-8 text",
            where=f"{name}:{place.line}:{place.column}",
            hint="save the file as UTF-8",
        ) from None
    if not text.strip():
        raise SpecError("the file is empty", where=name)
    if "\0" in text:
        place = place_at(text, text.index("\0"))
        raise SpecError("a NUL byte", where=f"{name}:{place.line}:{place.column}")
    return text
