"""Every shipped protocol with its re-telling and the generator of its example logs."""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import antimag_logs
import dextr_logs
import everolimus_logs
import ibrutinib_logs
import plerixafor_logs
import retelling_antimag
import retelling_dextr
import retelling_everolimus
import retelling_ibrutinib
import retelling_plerixafor

MACHINES = ("trial", "subject", "study")


class Retold(NamedTuple):
    """``logs`` generates the example logs, whose names begin with ``short``."""

    protocol: str
    short: str
    told: ModuleType
    logs: ModuleType


RETOLD = (
    Retold("antimag-lenalidomide", "antimag", retelling_antimag, antimag_logs),
    Retold("dextr-mm", "dextr", retelling_dextr, dextr_logs),
    Retold("everolimus-cll", "everolimus", retelling_everolimus, everolimus_logs),
    Retold("ibrutinib-mm", "ibrutinib", retelling_ibrutinib, ibrutinib_logs),
    Retold("plerixafor-cll", "plerixafor", retelling_plerixafor, plerixafor_logs),
)


def retold(log: str) -> Retold:
    """The protocol that an example log is of."""
    return next(r for r in RETOLD if log.startswith(f"{r.short}-"))


def machine_of(log: str) -> str:
    """What an example log is of: one machine, or a study."""
    return log.split("-")[1].removesuffix("s")
