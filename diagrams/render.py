"""DOT text -> SVG, PNG or PDF bytes, by the Graphviz inside pygraphviz's wheels.

Rendering runs in a process of its own: a label that upsets the C libraries, or a graph that takes
too long, then costs one message and not the caller's process, and their remarks on fonts stay out
of the terminal.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

from ..spec.errors import SpecError

FORMATS = ("svg", "png", "pdf")
SECONDS = 120

_CHILD = """
import sys
import pygraphviz

def draw(text, kind):
    graph = pygraphviz.AGraph(string=text)
    if kind == "png":
        graph.graph_attr["dpi"] = "132"
    return graph.draw(format=kind, prog="dot")

kind = sys.argv[1]
probe = "digraph { a [shape=box, width=1, fixedsize=true, label=%s] }"
if kind != "svg" and draw(probe % '"M"', "png") == draw(probe % '" "', "png"):
    sys.exit(3)
sys.stdout.buffer.write(draw(sys.stdin.buffer.read().decode(), kind))
"""
_NO_FONTS = 3


def render(dot: str, kind: str, seconds: float = SECONDS) -> bytes:
    """The drawing as ``svg``, ``png`` or ``pdf``; the same bytes for the same DOT on one machine.

    Fonts differ between machines, and with them the layout. `SpecError` when pygraphviz is
    missing, when there are no fonts to draw a png or pdf with, or after ``seconds``.
    """
    if kind not in FORMATS:
        raise SpecError(f"unknown format {kind!r}", hint=f"formats: {', '.join(FORMATS)}")
    try:
        done = subprocess.run(  # noqa: S603 (this interpreter, and a program that is written above)
            [sys.executable, "-c", _CHILD, kind],
            input=dot.encode(),
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpecError(
            f"drawing took more than {seconds:g} seconds",
            hint="the dot and mermaid formats need no layout",
        ) from None
    if done.returncode == _NO_FONTS:
        raise SpecError(
            f"this machine has no fonts, so a {kind} would have no text",
            hint="install one, such as fonts-dejavu-core, or draw svg",
        )
    # a label that can't be read leaves an empty drawing, and is told on standard error alone
    if done.returncode or not done.stdout or b"Error: syntax error" in done.stderr:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise SpecError(
            f"Graphviz failed: {said[-1][:300]}",
            hint="pygraphviz 2 or later is needed; the dot and mermaid formats need nothing",
        )
    return _undated(done.stdout) if kind == "pdf" else done.stdout


def _undated(pdf: bytes) -> bytes:
    """The PDF without the moment it was made, in as many bytes: its index counts them."""
    return re.sub(
        rb"/CreationDate \(D:[^)]{0,40}\)",
        lambda found: b"/CreationDate (D:20000101000000Z)".ljust(len(found[0])),
        pdf,
    )
