"""How a subject's treatment ends, and what is still reported of a subject who left.

Where the text has no such end, the rule cites the ambiguity whose reading makes it.
"""

from __future__ import annotations

from ...model import Transition, Unspecified

TREATED = ("stage1", "combination", "interim_due", "sd_choice", "stage3", "mono")
BEFORE_MONO = TREATED[:-1]
AFTER_STAGE_1 = TREATED[1:]
# with PLX-A15 mono the window can still be open on lenalidomide alone
IN_WINDOW = ("combination", "interim_due", "mono")
# where a subject can have a dose-limiting toxicity: before the interim assessment
DLT_STATES = ("combination", "interim_due")
ENDS = ("off", "dead", "lost", "withdrawn")
# in a final state no clock is read any more
STILL = "on_len = 0; since_raise = 0; in_cycle = 0; since_rtx = 0"
# a window that is over stays over
PAST = "in_cycle = cycle_days + 1; since_raise = entry_days; since_rtx = 1"

OPEN, OVER = "open", "over"


def leave(
    clause: str,
    sources: tuple[str, ...],
    event: str,
    end: str = "off",
    when: str = "True",
    record: str = "",
    windows: tuple[str, ...] = (OPEN, OVER),
) -> tuple[Transition, ...]:
    """Treatment ends: at once, or when the trial has been told about toxicity.

    ``windows`` says whether the observation for toxicity can still be open then, or over.
    """
    to = f"cause = '{end}'" + (f"; {record}" if record else "")
    ways = [(end, sources, "not (outstanding)", STILL)]
    if OPEN in windows:
        open_ = "outstanding and not (window_over)"
        ways.append(("unreported", IN_WINDOW, open_, "cut_short = True"))
    if OVER in windows:
        ways.append(("unreported", AFTER_STAGE_1, "outstanding and window_over", PAST))
    found = []
    for target, states, how, then in ways:
        source = tuple(s for s in sources if s in states)
        if source:
            guard = how if when == "True" else f"({when}) and {how}"
            found.append(Transition(clause, source, event, target, guard, f"{to}; {then}"))
    return tuple(found)


def _gone(event: str, end: str) -> tuple[Transition, ...]:
    """Death, loss or withdrawal, on treatment or after it."""
    return (
        *leave("X-A12", TREATED, event, end, "X_A12 == 'absorbing'"),
        Transition("X-A12", "unreported", event, None, "X_A12 == 'absorbing'", f"cause = '{end}'"),
    )


LEAVE = (
    *leave("PLX-20", ("mono",), "progression"),
    *leave("PLX-A15", BEFORE_MONO, "progression", when="PLX_A15 == 'off'"),
    Transition(
        "PLX-A15", BEFORE_MONO, "progression", "mono", "PLX_A15 == 'mono'", "len_dose = mono_dose"
    ),
    *leave("PLX-A05", ("stage1",), "intolerance", when="PLX_A05 == 'off'"),
    *leave("PLX-A30", TREATED, "toxicity", when="PLX_A30 == 'off'"),
    *leave("PLX-A31", DLT_STATES, "dlt", when="PLX_A31 == 'off'", windows=(OPEN,)),
    *_gone("death", "dead"),
    *_gone("lost", "lost"),
    *_gone("withdraw_consent", "withdrawn"),
)

REPORTS = (
    *(
        Transition("PLX-07", AFTER_STAGE_1, event, then="evaluated = True")
        for event in ("evaluate", "not_evaluable")
    ),
    *(
        Transition(
            "PLX-07", "unreported", event, end, f"cause == '{end}'", f"evaluated = True; {STILL}"
        )
        for event in ("evaluate", "not_evaluable")
        for end in ENDS
    ),
    Transition(
        "PLX-07", AFTER_STAGE_1, "late_dlt", Unspecified("X-A05"), "X_A05 == 'readjudicate'"
    ),
    Transition("PLX-07", AFTER_STAGE_1, "late_dlt", when="X_A05 != 'readjudicate'"),
)
