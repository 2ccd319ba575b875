"""The trial machine: who may be registered where, and what each evaluated patient decides."""

from __future__ import annotations

from ...designs.three_plus_three import (
    CONSTANTS,
    DOWN,
    END,
    RECORD,
    STAGES,
    Citations,
    Closing,
    closing_rules,
    decision_table,
    variables,
)
from ...model import (
    Action,
    Bool,
    Count,
    Machine,
    Observation,
    Optional,
    Requirement,
    State,
    Transition,
    Unspecified,
    Whole,
)
from .claims import CLAIMS
from .facts import INVARIANTS, LEMMAS

LEVEL = Whole(1, "levels")
ESCALATION = tuple(STAGES)
OPEN = (*ESCALATION, "expansion")

DEFINITIONS = {
    # one more evaluated patient at the open level
    "n": "treated[level] + 1",
    "y": "dlts[level] + dlt",
    "higher": "level + 1 < lowest_closed",
    "top": "lowest_closed > levels",
    "escalating": "state in ('first_three', 'additional_three', 'confirming_three')",
    "ended": "state in ('expansion', 'complete', 'no_mtd')",
    # where a patient may begin, as in the machine of a patient
    "place": "level if escalating else levels + level",
    # one patient at a time can be judged without a record of the registration
    "unrecorded": "X_A04 == 'staggered' and escalating and pending[level] == 0",
    # who stays under observation at the open level, without the one who is being evaluated
    "others": "max(pending[level] - 1, 0)",
    "enrolled": "n + others",
    "first_places": "pair if IBR_A01 == 'pair' and dlts[level] == 0 else cohort",
    # the first three
    "first_ready": "n == cohort or IBR_A01 == 'pair' and n == pair and y == 0",
    "closes_from": "pair if IBR_A01 != 'three' and IBR_A02 in ('close', 'stop') else cohort",
    "first_toxic": "y > tolerated and n >= closes_from",
    "first_continues": "n < cohort and not (IBR_A01 == 'pair' and n == pair and y == 0)"
    " and not first_toxic",
    "first_clear": "first_ready and y == 0",
    "first_one": "first_ready and y == tolerated",
    "first_fails": "first_toxic and IBR_A02 == 'close'",
    # three more after one toxicity
    "added_toxicity": "y > tolerated if IBR_A02 != 'expand' or IBR_A08 == 'after_all' else dlt",
    "uncovered": "IBR_A28 != 'window' and dlt and enrolled == cap and dlts[level] <= tolerated",
    "additional_continues": "n < cap and not uncovered"
    " and not (added_toxicity and IBR_A08 == 'immediate')",
    "additional_passes": "n == cap and not added_toxicity",
    "additional_fails": "added_toxicity and not uncovered and (IBR_A08 == 'immediate' or n == cap)",
    # three more to confirm a level without toxicity
    "enough": "cap if IBR_A29 == 'up_to_six' and not top"
    " else (pair if IBR_A01 == 'pair' else cohort) + cohort",
    "allowed": "(tolerated if IBR_A05 == 'accept' else 0 if IBR_A05 == 'close' else cap) if top"
    " else (tolerated if IBR_A06 == 'accept' else 0)",
    "confirming_toxic": "y > allowed",
    "reopens": "IBR_A07 == 'literal' and not top",
    "confirming_continues": "n < enough and not (confirming_toxic and IBR_A08 == 'immediate')",
    "confirming_clear": "n >= enough and not confirming_toxic"
    " and (not top or IBR_A05 in ('accept', 'close'))",
    "confirming_passes": "confirming_clear and not reopens",
    "confirming_fails": "confirming_toxic and (IBR_A08 == 'immediate' or n >= enough)",
    # where a level that closes for toxicity leads
    "room_below": "level > 1 and treated[level - 1] < cap",
    "full_below": "level > 1 and treated[level - 1] >= cap",
    "loops": "IBR_A29 == 'loop' and IBR_A07 == 'literal'",
    "nowhere": "full_below and IBR_A04 == 'stop'"
    " or level == 1 and (IBR_A03 == 'stop' or IBR_A03 == 'stay' and n >= cap)",
    # the expansion, and what is learnt late
    "flagged": "flag_share * (expansion_dlts + 1) >= expanded",
    "later_closes": "IBR_A09 == 'ever' and event.level == level"
    " and (additional or IBR_A27 == 'any_patient')",
}

_NO_MTD = (
    Closing("IBR-09", "{} and IBR_A16 == 'none'", "no_mtd", END),
    Closing(
        "IBR-15", "{} and IBR_A16 == 'lowest'", "expansion", "lowest_closed = level; level = 1"
    ),
)


def _without_mtd(when: str) -> tuple[Closing, ...]:
    return tuple(Closing(c.clause, c.when.format(when), c.target, c.then) for c in _NO_MTD)


CLOSINGS = (
    Closing("IBR-09", "room_below and not loops", "confirming_three", DOWN),
    Closing("IBR-05", "room_below and loops", "confirming_three", END),
    Closing("IBR-09", "full_below and IBR_A04 == 'mtd'", "expansion", DOWN),
    *_without_mtd("nowhere"),
    Closing("IBR-09", "level == 1 and IBR_A03 == 'lower_level'", Unspecified("IBR-A03")),
    Closing("IBR-09", "level == 1 and IBR_A03 == 'stay' and n < cap", "additional_three"),
)

TREAT = RECORD + "; pending[level] = others"

CITES = Citations(
    first="IBR-05",
    escalate="IBR-05",
    confirm="IBR-06",
    add="IBR-07",
    additional="IBR-07",
    escalate_after_six="IBR-10",
    declare="IBR-11",
    confirming="IBR-06",
    declare_confirmed="IBR-11",
    close="IBR-08",
)

DECIDE = (
    *decision_table(CITES, dict.fromkeys(STAGES, CLOSINGS), declared="expansion", record=TREAT),
    *closing_rules(
        "first_three",
        "evaluate",
        Requirement("IBR-08", "first_toxic"),
        TREAT,
        _without_mtd("IBR_A02 == 'stop'"),
    ),
    Transition(
        "IBR-07",
        "first_three",
        "evaluate",
        "additional_three",
        "n == cohort and y > tolerated and IBR_A02 == 'expand'",
        TREAT,
    ),
    Transition(
        "IBR-08",
        "additional_three",
        "evaluate",
        Unspecified("IBR-A28"),
        "uncovered and IBR_A28 == 'enrolling'",
    ),
    Transition(
        "IBR-10",
        "confirming_three",
        "evaluate",
        "confirming_three",
        "confirming_clear and reopens",
        TREAT + "; level += 1",
    ),
)

ENROL = (
    *(
        Transition(
            "IBR-02",
            state,
            "register",
            then="pending[event.level] += 1",
            requires=(
                Requirement(clause, "X_A04 == 'overlapping' or pending[event.level] == 0"),
                Requirement("IBR-03", "treated[event.level] + pending[event.level] < cap"),
                Requirement(clause, "event.level == level"),
                *places,
            ),
        )
        # the clause that keeps enrolment at this level while its patients are judged
        for state, clause, places in (
            (
                "first_three",
                "IBR-05",
                (Requirement("IBR-05", "treated[level] + pending[level] < first_places"),),
            ),
            ("additional_three", "IBR-07", ()),
            ("confirming_three", "IBR-06", ()),
        )
    ),
    Transition(
        "IBR-02",
        OPEN,
        "withdraw_registration",
        when="pending[event.level] > 0",
        then="pending[event.level] -= 1",
    ),
    Transition(
        "IBR-03",
        OPEN,
        "not_evaluable",
        then="pending[event.level] = max(pending[event.level] - 1, 0)",
    ),
    # without an effect here: in a study the patient's level has to be the one that is open
    Transition("IBR-02", OPEN, "first_dose"),
    Transition("IBR-08", OPEN, "evaluate_closed", Unspecified("X-A04"), "X_A04 == 'staggered'"),
    Transition(
        "IBR-08",
        OPEN,
        "evaluate_closed",
        when="X_A04 == 'overlapping'",
        then="treated[event.level] += 1; dlts[event.level] = event.dlt + dlts[event.level];"
        " pending[event.level] -= 1",
    ),
)

LATE = (
    Transition("IBR-05", OPEN, "late_dlt", Unspecified("X-A05"), "X_A05 == 'readjudicate'"),
    Transition("IBR-05", OPEN, "late_dlt", when="X_A05 == 'report'", then="dlts[event.level] += 1"),
    Transition("IBR-05", OPEN, "late_dlt", when="X_A05 == 'ignore'"),
    Transition("IBR-08", ("first_three", "confirming_three", "expansion"), "later_dlt"),
    Transition("IBR-08", "additional_three", "later_dlt", when="not (later_closes)"),
    *closing_rules(
        "additional_three", "later_dlt", Requirement("IBR-08", "later_closes"), "", CLOSINGS
    ),
)

EXPAND = (
    Transition(
        "IBR-15",
        "expansion",
        "register_expansion",
        then="expanded += 1",
        requires=(
            Requirement("IBR-15", "expanded < expansion_size"),
            Requirement("IBR-15", "event.level == level"),
            Requirement(
                "IBR-03", "IBR_A10 == 'escalation_only' or treated[level] + expanded < cap"
            ),
        ),
    ),
    Transition("IBR-15", "expansion", "expansion_dlt", when="IBR_A17 == 'monitor'"),
    Transition(
        "IBR-15",
        "expansion",
        "expansion_dlt",
        when="IBR_A17 == 'flag' and not flagged",
        then="expansion_dlts += 1",
    ),
    Transition(
        "IBR-15",
        "expansion",
        "expansion_dlt",
        Unspecified("IBR-A17"),
        "IBR_A17 == 'flag' and flagged",
    ),
    Transition("IBR-15", "expansion", "close", "complete", "expanded == expansion_size"),
)

EVENTS = (
    Action("register", level=LEVEL, meaning="a patient is registered in the escalation"),
    Action(
        "withdraw_registration", level=LEVEL, meaning="a registered patient leaves before any dose"
    ),
    # of a patient; a system that is a trial's alone need not hear of it
    Action("first_dose", asked="False", meaning="a patient begins treatment at the open level"),
    Observation(
        "evaluate",
        possible="escalating and treated[level] < cap and (pending[level] > 0 or unrecorded)",
        asked="not (unrecorded)",
        dlt=Bool,
        meaning="a patient at the open level completed the first cycle, or had a toxicity in it",
    ),
    Observation(
        "evaluate_closed",
        possible="event.level != level and pending[event.level] > 0",
        level=LEVEL,
        dlt=Bool,
        meaning="a patient still under observation at a level that has closed: counted only",
    ),
    Observation(
        "not_evaluable",
        possible="X_A03 == 'replaced'"
        " and (pending[event.level] > 0 or unrecorded and event.level == level)",
        asked="X_A03 == 'counts' or event.level != level or not (unrecorded)",
        level=LEVEL,
        meaning="a patient left the first cycle without a toxicity, and is replaced",
    ),
    Observation(
        "late_dlt",
        possible="dlts[event.level] < treated[event.level]",
        level=LEVEL,
        meaning="a first-cycle toxicity of a patient who was already evaluated without one",
    ),
    Observation(
        "later_dlt",
        possible="treated[event.level] > 0 and implies(additional, treated[event.level] > cohort)",
        level=LEVEL,
        additional=Optional(Bool, "False"),
        meaning="a toxicity after the first cycle; whether of one of the additional three",
    ),
    Action("register_expansion", level=Optional(LEVEL, "level"), meaning="part 2"),
    Observation(
        "expansion_dlt",
        possible="state == 'expansion' and expansion_dlts < expanded",
        meaning="a dose-limiting toxicity in part 2",
    ),
    Action("close", meaning="part 2 is full"),
)

TRIAL = Machine(
    name="trial",
    meaning="Dose escalation with de-escalation in threes, then ten patients at the MTD.",
    constants={
        **CONSTANTS,
        "pair": 2,
        "start": 1,
        "expansion_size": 10,
        "flag_share": 3,
    },
    variables=(
        *variables("start"),
        Count("pending", 0, "cap", per="levels", meaning="patients under observation"),
        Count("expanded", 0, "expansion_size", meaning="patients of part 2"),
        Count("expansion_dlts", 0, "expansion_size", meaning="toxicities flagged in part 2"),
    ),
    definitions=DEFINITIONS,
    states=(
        State("first_three", initial=True, meaning="fewer than three evaluated at this level"),
        State("additional_three", meaning="one toxicity in the first three: three more"),
        State(
            "confirming_three", meaning="no toxicity in the first three, none higher: three more"
        ),
        State("expansion", meaning="part 2, at the maximum tolerated dose"),
        State("complete", final=True, meaning="part 2 is full"),
        State("no_mtd", final=True, meaning="no level is tolerated"),
    ),
    events=EVENTS,
    transitions=(*ENROL, *DECIDE, *LATE, *EXPAND),
    invariants=INVARIANTS,
    lemmas=LEMMAS,
    claims=CLAIMS,
)
