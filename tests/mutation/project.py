"""What is tested: the rooms of the package, where they are installed, and the tests."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """A repository whose folders ``rooms`` are the sub-packages of an installed ``package``.

    ``core`` are the files that have their turn, one a run; ``accepted`` lists the survivors that
    are known, with reasons.
    """

    root: Path
    package: str
    rooms: tuple[str, ...]
    core: tuple[str, ...] = ()
    accepted: Path | None = None

    def installed(self, room: str) -> Path:
        """The folder from which a room is imported."""
        found = importlib.util.find_spec(f"{self.package}.{room}")
        if found is None or not found.submodule_search_locations:
            raise SystemExit(f"{self.package}.{room} is not installed")
        return Path(found.submodule_search_locations[0])

    def copy(self, to: Path) -> None:
        """A copy of the installed package, to be put in front of it on the path."""
        for room in self.rooms:
            shutil.copytree(self.installed(room), to / self.package / room)

    def source(self, file: str) -> str:
        """The text of a file such as ``spec/fold.py``, as it is installed."""
        room, _, rest = file.partition("/")
        return (self.installed(room) / rest).read_text(encoding="utf-8")

    def is_code(self, file: str) -> bool:
        """Whether a file of the repository is one of the package's, and installed."""
        room, _, rest = file.partition("/")
        return (
            room in self.rooms and file.endswith(".py") and (self.installed(room) / rest).exists()
        )


ROOT = Path(__file__).parents[2]
TRIALSPEC = Project(
    ROOT,
    "trialspec",
    ("spec", "statemachines", "oracle", "diagrams"),
    core=(
        "spec/expression.py",
        "spec/fold.py",
        "spec/resolve.py",
        "statemachines/step.py",
        "statemachines/evaluate.py",
        "statemachines/compile.py",
        "statemachines/explore.py",
        "statemachines/smt.py",
        "statemachines/bind.py",
        "statemachines/rules.py",
    ),
    accepted=Path(__file__).with_name("accepted.toml"),
)
