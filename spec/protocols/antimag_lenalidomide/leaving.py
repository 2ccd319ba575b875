"""How a patient's treatment ends, event monitoring, and what is still reported to the trial."""

from __future__ import annotations

from ...model import Requirement, Transition

ON_PROTOCOL = ("treated", "toxicity_hold", "delayed", "eligible_24")
SINCE_DOSE = (*ON_PROTOCOL, "monitoring")
ENDS = ("off", "dead", "lost", "withdrawn")
# what is known of the window when treatment ends; the clock is not read any more, and stands still
SETTLED = "outcome = at_the_end; continues = False; in_cycle = cycle_days + delay_limit + 2"

_STOPS = Requirement("MAG-17", "MAG_A17 != 'reduce_first' or not (can_reduce)")


def gone(event: str, end: str, when: str = "True") -> tuple[Transition, ...]:
    """The patient leaves the study: at once, or when the trial has been told about toxicity."""
    left = f"cause = '{end}'; {SETTLED}"
    registered = f"cause = '{end}'"
    return (
        Transition("X-A12", "pre_treatment", event, end, f"({when}) and assigned == 0", registered),
        Transition(
            "X-A12", "pre_treatment", event, "unreported", f"({when}) and assigned > 0", registered
        ),
        Transition("X-A12", SINCE_DOSE, event, end, f"({when}) and told", left),
        Transition("X-A12", SINCE_DOSE, event, "unreported", f"({when}) and not (told)", left),
        Transition("X-A12", "unreported", event, None, when, f"cause = '{end}'"),
    )


def _stops(clause: str, event: str, when: str = "True") -> tuple[Transition, ...]:
    """Treatment ends and event monitoring begins."""
    return (Transition(clause, ON_PROTOCOL, event, "monitoring", when, SETTLED),)


LEAVE = (
    *_stops("MAG-19", "withdraw"),
    *_stops("MAG-21", "delay_over"),
    *_stops("MAG-22", "illness", "investigator"),
    Transition("MAG-22", ON_PROTOCOL, "illness", when="not investigator"),
    *_stops("MAG-23", "other_therapy"),
    *_stops("MAG-A21", "progression", "MAG_A21 == 'stop'"),
    Transition(
        "MAG-A21",
        ON_PROTOCOL,
        "progression",
        "off",
        "MAG_A21 == 'off' and told",
        f"cause = 'off'; {SETTLED}",
    ),
    Transition(
        "MAG-A21",
        ON_PROTOCOL,
        "progression",
        "unreported",
        "MAG_A21 == 'off' and not (told)",
        f"cause = 'off'; {SETTLED}",
    ),
    Transition(
        "MAG-A21", ON_PROTOCOL, "progression", None, "MAG_A21 == 'continue'", "progressed = True"
    ),
    Transition(
        "MAG-24",
        "toxicity_hold",
        "stop",
        "monitoring",
        "True",
        SETTLED,
        (Requirement("MAG-20", "reason == 'toxicity'"), _STOPS),
    ),
    *_stops("MAG-A33", "stop", "reason == 'other' and MAG_A33 == 'monitoring'"),
    *gone("death", "dead", "X_A12 == 'absorbing'"),
    *gone("lost", "lost", "X_A12 == 'absorbing'"),
    *gone("withdraw_consent", "withdrawn", "X_A12 == 'absorbing'"),
)

# what it opens, continue_after_24 says
MONTH_24 = (Transition("MAG-16", (*SINCE_DOSE, "unreported"), "month_24"),)

MONITORING = (
    Transition("MAG-25", "monitoring", "physician_therapy"),
    Transition("MAG-26", "monitoring", "chart_progression"),
    Transition("MAG-26", "monitoring", "chart_survival", when="alive"),
    Transition(
        "MAG-26",
        "monitoring",
        "chart_survival",
        "dead",
        "not alive and told",
        f"cause = 'dead'; {SETTLED}",
    ),
    Transition(
        "MAG-26",
        "monitoring",
        "chart_survival",
        "unreported",
        "not alive and not (told)",
        f"cause = 'dead'; {SETTLED}",
    ),
)


def _reported(clause: str, event: str) -> tuple[Transition, ...]:
    """The trial is told: by a patient who stays, or as the last there is of one who left."""
    return (
        Transition(clause, SINCE_DOSE, event, then="outcome = 'told'"),
        *(
            Transition(clause, "unreported", event, end, f"cause == '{end}'", "outcome = 'told'")
            for end in ENDS
        ),
    )


REPORTS = (
    *_reported("MAG-07", "evaluate"),
    *_reported("MAG-10", "not_evaluable"),
    *_reported("MAG-14", "expansion_toxicity"),
    Transition(
        "MAG-06",
        "pre_treatment",
        "withdraw_registration",
        "off",
        "event.part == part and assigned > 0",
        "cause = 'off'",
    ),
    *(
        Transition(
            "MAG-06",
            "unreported",
            "withdraw_registration",
            end,
            f"event.part == part and cycle == 0 and cause == '{end}'",
            "outcome = 'told'",
        )
        for end in ENDS[1:]
    ),
    Transition("MAG-07", SINCE_DOSE, "late_dlt"),
)
