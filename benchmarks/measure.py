"""Timing whole processes and calls, as medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Medians over the runs: seconds on the clock, seconds of processor time, peak megabytes."""

    wall: float
    cpu: float
    megabytes: float


def process(command: Sequence[str], runs: int = 5, cwd: str | None = None) -> Cost:
    """What a command costs as a whole process; one run to warm up is not counted."""
    walls, cpus, peaks = [], [], []
    for i in range(runs + 1):
        started = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"benchmark command failed with {child.returncode}: {' '.join(command)}")
        if i:
            walls.append(wall)
            cpus.append(usage.ru_utime + usage.ru_stime)
            peaks.append(usage.ru_maxrss / 1024)
    return Cost(statistics.median(walls), statistics.median(cpus), statistics.median(peaks))


def call(work: Callable[[], int], runs: int = 5) -> float:
    """Seconds for one unit of work, where ``work`` answers how many units it did."""
    times = []
    for i in range(runs + 1):
        started = time.perf_counter()
        units = work()
        if i:
            times.append((time.perf_counter() - started) / units)
    return statistics.median(times)
