"""Enumeration of M(10): beside Spin's compiled checker, and driven through ``transitions``."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import process
from table import Row

MODELS = Path(__file__).parent / "models"
PEER = Path(__file__).parent / "peer.py"
MODEL = str(MODELS / "escalation.json")


def verify(levels: int) -> list[str]:
    """Our command: all checks of M(D) by enumeration."""
    return [
        sys.executable,
        "-m",
        "trialspec.oracle.cli.main",
        "verify",
        MODEL,
        "--set",
        f"D={levels}",
        "--engine",
        "enumeration",
        "--json",
    ]


def rows(runs: int, quick: bool) -> list[Row]:
    """M(10) by whole process beside Spin; M(D) by search alone beside the library."""
    ours = process(verify(10), runs)
    spin = _spin(runs)
    cpu, memory = ours.cpu / spin.cpu, ours.megabytes / spin.megabytes
    found = [
        Row(
            "enumerate and check M(10), 412,213 configurations, processor time of the process",
            f"{ours.cpu:.3f} s",
            f"Spin's compiled run, {spin.cpu:.3f} s",
            cpu,
            "<= 1.5",
            cpu <= 1.5,
        ),
        Row(
            "the same, seconds on the clock",
            f"{ours.wall:.3f} s",
            f"Spin's compiled run, {spin.wall:.3f} s",
            ours.wall / spin.wall,
            "<= 1.5",
            ours.wall / spin.wall <= 1.5,
        ),
        Row(
            "the same, peak memory",
            f"{ours.megabytes:.0f} MB",
            f"Spin's compiled run, {spin.megabytes:.0f} MB",
            memory,
            "<= 0.25",
            memory <= 0.25,
        ),
    ]
    levels = 6 if quick else 10
    mine = process(verify(levels), runs)
    seconds = process([sys.executable, str(PEER), str(levels)], 1 if levels == 10 else runs)
    ratio = mine.cpu / seconds.cpu
    kept = ratio <= 1 / 20
    bar = "<= 0.05" if levels == 10 else "<= 0.05 at D = 10"
    found.append(
        Row(
            f"enumerate M({levels}), whole process",
            f"{mine.cpu:.3f} s",
            f"the same model by hand in transitions, every event triggered, {seconds.cpu:.2f} s",
            ratio,
            bar,
            kept or levels != 10,
        )
    )
    return found


def _spin(runs: int):
    """Spin's checker for M(10), generated and compiled here; only its run is measured."""
    spin, gcc = shutil.which("spin"), shutil.which("gcc")
    if spin is None or gcc is None:
        sys.exit("this benchmark needs spin and gcc: apt-get install spin gcc")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(MODELS / "M10.pml", folder)
        quiet = {"cwd": folder, "capture_output": True}
        subprocess.run([spin, "-a", "M10.pml"], check=True, **quiet)
        subprocess.run([gcc, "-O2", "-DSAFETY", "-o", "pan", "pan.c"], check=True, **quiet)
        return process(["./pan", "-m100000"], runs, cwd=folder)
