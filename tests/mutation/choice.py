"""Which mutants a run tries: those of the changed lines, and of the file whose turn it is."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .sites import Key, Mutant

HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
DAY = 86400


def git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def base(root: Path, given: str = "") -> tuple[str, str]:
    """The commit to compare with and why; the commit is empty where there is none."""
    head = git(root, "rev-parse", "HEAD")
    if head is None:
        return "", "git knows no commit here"
    if given:
        commit = git(root, "rev-parse", "--verify", "--quiet", f"{given}^{{commit}}")
        if commit is None:
            raise SystemExit(f"git knows no commit {given!r}")
        return commit, f"compared with {given}"
    for name in ("origin/main", "main"):
        commit = git(root, "merge-base", "HEAD", name)
        if commit and commit != head:
            return commit, f"compared with where the branch left {name}"
    commit = git(root, "rev-parse", "--verify", "--quiet", "HEAD~1")
    if commit is None:
        return "", "this clone has no commit before the newest"
    return commit, "compared with the commit before"


def changed_lines(root: Path, commit: str) -> dict[str, set[int]]:
    """By file, the lines that are new since a commit."""
    text = git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", commit, "--", "*.py")
    found: dict[str, set[int]] = {}
    file = ""
    for line in (text or "").splitlines():
        if line.startswith("+++ "):
            file = line.removeprefix("+++ ").removeprefix("b/")
        elif hunk := HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            found.setdefault(file, set()).update(range(start, start + count))
    return {file: lines for file, lines in found.items() if lines}


def turn(root: Path, core: tuple[str, ...]) -> tuple[str, str]:
    """The core file of this run and why: by the number of commits, or the newest one's day."""
    shallow = git(root, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return core[0], "default: git knows nothing here"
    if shallow == "false":
        count = int(git(root, "rev-list", "--count", "HEAD") or 0)
        return core[count % len(core)], f"commit number {count}"
    day = int(git(root, "log", "-1", "--format=%ct") or 0) // DAY
    return core[day % len(core)], f"day {day} of the newest commit"


@dataclass(frozen=True)
class Accepted:
    """A survivor that stays, and why."""

    key: Key
    reason: str


def read_accepted(path: Path | None) -> list[Accepted]:
    """The accepted survivors of a TOML file; each must say why."""
    if path is None:
        return []
    found = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", []):
        key = Key(entry["file"], entry["function"], entry["line"], entry["change"])
        if not entry["reason"].strip():
            raise SystemExit(f"{path}: no reason is given for {key}")
        found.append(Accepted(key, entry["reason"]))
    return found


def stale(accepted: list[Accepted], found: list[Mutant]) -> list[Accepted]:
    """The accepted survivors that no mutant answers to any more."""
    known = {m.key for m in found}
    return [a for a in accepted if a.key not in known]
