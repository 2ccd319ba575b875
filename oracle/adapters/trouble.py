"""What can go wrong between us and a system, each kind told apart from every other."""

from __future__ import annotations

# kind -> what it means, as the documentation lists them
KINDS = {
    "cannot_start": "the program or the class can't be started",
    "wrong_contract": "it speaks another version of the contract",
    "timeout": "no answer in time",
    "crashed": "the program ended with an exit code or a signal",
    "ended": "the program closed its output without an answer",
    "half_line": "the output ended within a line",
    "too_long": "a line of more than a million bytes",
    "not_utf8": "a line that is not UTF-8",
    "not_json": "a line that is not JSON",
    "not_an_object": "JSON, but no object",
    "not_a_number": "NaN or an infinity",
    "too_deep": "nested more than 20 deep",
    "duplicate_key": "a key twice in one object",
    "wrong_seq": "the answer to another request",
    "answered_twice": "a second answer to a request",
    "wrong_type": "an answer that is not made as the contract says",
    "reported": "the system itself reports an error",
    "raised": "the class raised an exception",
    "not_started": "a verb without a case",
}


class AdapterError(Exception):
    """The conversation with a system broke down: no answer about the protocol, and never a pass.

    ``kind`` is one of `KINDS`; ``details`` are the last lines of standard error, or the traceback
    of the system's own code.
    """

    def __init__(self, kind: str, message: str, details: str = "") -> None:
        assert kind in KINDS
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.details = details

    def at(self, place: str) -> AdapterError:
        """The same error with the request in front that it came from."""
        return AdapterError(self.kind, f"{place}: {self.message}", self.details)

    def __str__(self) -> str:
        return f"{self.message}\n{self.details}" if self.details else self.message
