"""A system that accepts everything, for measuring what judging costs beside it.

``python echo.py`` answers one event a request, ``python echo.py run`` many at once;
``echo.py:Echo`` is the same as a class.
"""

from __future__ import annotations

import json
import sys

SHOWN = {"state": "open", "level": 1, "treated": [3, 0, 0]}


class Echo:
    """The five verbs, and run."""

    verbs: tuple[str, ...] = ()

    def describe(self, request: object = None) -> dict:
        return {
            "name": "echo",
            "version": "1",
            "contract": 1,
            "observes": list(SHOWN),
            "events": [],
            "verbs": list(self.verbs),
        }

    def start(self, *given: object) -> dict:
        return {}

    def apply(self, *given: object) -> dict:
        return {"answer": "accepted", "observe": SHOWN}

    def observe(self, request: object = None) -> dict:
        return SHOWN

    def stop(self, request: object = None) -> None:
        return None

    def answer(self, request: dict) -> dict:
        """One answer, as a line shows it."""
        verb = request["verb"]
        if verb == "apply":
            found = self.apply()
        elif verb == "run":
            found = {"answers": [self.apply()] * len(request["steps"])}
        elif verb == "describe":
            found = self.describe()
        else:
            found = {"start": {"observe": {}}, "observe": {"observe": SHOWN}}.get(verb, {})
        return {"seq": request["seq"], **found}


if __name__ == "__main__":
    echo = Echo()
    echo.verbs = tuple(sys.argv[1:])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(echo.answer(json.loads(line))) + "\n")
        sys.stdout.flush()
