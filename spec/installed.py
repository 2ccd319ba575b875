"""Entry points of the installed packages, read without importing ``importlib.metadata``.

That module alone takes longer than everything else that ``spec-check list`` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

FOLDERS = (".dist-info", ".egg-info")


def installed(group: str) -> Iterator[tuple[str, str]]:
    """The (name, ``module:attribute``) pairs that installed packages register under a group.

    A package found twice on the path counts where it comes first, as an import would.
    """
    seen: set[str] = set()
    for folder in sys.path:
        for entry in _packages(folder or "."):
            package = entry.partition("-")[0].lower()
            if package in seen:
                continue
            seen.add(package)
            yield from _entries(os.path.join(folder or ".", entry, "entry_points.txt"), group)


def _packages(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(FOLDERS))
    except OSError:
        return []


def _entries(path: str, group: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return
    inside = False
    for line in text.splitlines() if f"[{group}]" in text else ():
        if line.strip().startswith("["):
            inside = line.strip() == f"[{group}]"
        elif inside and "=" in line:
            name, _, target = line.partition("=")
            yield name.strip(), target.partition("[")[0].strip()
