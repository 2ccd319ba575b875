"""Where the text can be read in more than one way, and the reading taken."""

from __future__ import annotations

from ...model import SILENT, UNSPECIFIED
from ...register import as_input, choice, note

ENROLMENT = (
    choice(
        "DTR-A21",
        "Each drug 'as a single agent or with corticosteroids': in the two regimens that qualify, "
        "or whenever it was given?",
        {
            "qualifying": "in the two that qualify; other lines may have had other partners",
            "every_line": "in every line that had one of the drugs",
        },
        "qualifying",
        "The sentence asks for two regimens; it does not exclude what came besides.",
        severity="H",
    ),
    choice(
        "DTR-A22",
        "Both drugs were given separately, and in one more regimen together.",
        {"eligible": "the patient qualifies", "excluded": "the patient does not"},
        "eligible",
        "The separate regimens are there.",
    ),
    choice(
        "DTR-A23",
        "RevAssist and S.T.E.P.S. 'agreement form': one form, or two?",
        {
            "one": "one: signed for either programme it is signed for both",
            "two": "two, both of them signed",
        },
        "two",
        "They were two programmes. Both are history: use the arguments for what replaced them.",
    ),
    note(
        "DTR-A24",
        "Do patients who are screened and not enrolled count among the 45?",
        "No: the text counts those enrolled.",
    ),
    choice(
        "DTR-A36",
        "A subject is treated, of whom no enrolment is on record.",
        {
            "assumed": "the case is that of somebody who was enrolled",
            "recorded": "treatment waits for the enrolment",
        },
        "assumed",
        "The record of a subject alone begins with day 1. Where a whole study is judged, recorded "
        "finds whoever is treated without it.",
        severity="H",
    ),
)

RESPONSE = (
    choice(
        "DTR-A01",
        "A plateau 'for > 2 cycles'.",
        {
            "comparisons": "three assessments in a row without a change",
            "values": "three equal values, which are two assessments without a change",
            "days": "more than 56 days between the first and the last of equal values",
        },
        "comparisons",
        "More than two cycles, each compared with the one before it. Under days, the value before "
        "treatment has no date here: days count from the first assessment.",
        severity="H",
    ),
    as_input(
        "DTR-A02",
        "How large may a difference be that is 'no change in M-spike'?",
        "The text gives none: the finding is the argument unchanged.",
        "H",
    ),
    choice(
        "DTR-A03",
        "Immunofixation is negative, or there is a plateau, before the fourth cycle is over.",
        {
            "finish": "four cycles are completed first",
            "at_once": "maintenance begins with the next cycle",
        },
        "finish",
        "The rule stands under 'after completing 4 cycles'.",
        severity="H",
    ),
    choice(
        "DTR-A04",
        "Do comparisons in the first four cycles count for the plateau?",
        {"count": "yes", "later": "no: only those at the end of the fifth and later"},
        "count",
        "The text says when patients go over, not when their plateau begins.",
        severity="H",
    ),
    choice(
        "DTR-A05",
        "After four cycles: no progression, no response, no plateau yet.",
        {
            "continue": "induction goes on",
            "off": "the study ends for whoever is unchanged, and not for long enough",
        },
        "continue",
        "The text knows progression, plateau and response alone. A rise short of progression can't "
        "be told from a fall by the arguments: it goes on under both.",
        gap=True,
        severity="H",
    ),
    note(
        "DTR-A06",
        "How many cycles of induction at most?",
        "The text gives no limit: induction can last for ever, which is a claim here.",
    ),
    choice(
        "DTR-A07",
        "Is one negative immunofixation enough?",
        {"one": "yes", "two": "two in a row"},
        "one",
        "The text asks for no second one.",
    ),
    choice(
        "DTR-A08",
        "Is there a plateau where immunofixation is negative?",
        {
            "disease": "no: with no disease to see there is no plateau of it",
            "spike": "yes, if the M-spike doesn't change",
        },
        "disease",
        "A plateau 'of disease'. What it is without a measurable M-spike the text does not say: "
        "the finding is the argument unchanged.",
        severity="H",
    ),
    note(
        "DTR-A09",
        "Progression 'at any time' stands under 'after completing 4 cycles', and again for DexTR. "
        "Do both hold in maintenance?",
        "Yes: DTR-23 ends every phase with progression.",
    ),
    choice(
        "DTR-A10",
        "After four cycles a patient without plateau or negative immunofixation has untoward "
        "toxicity.",
        {
            "off": "the study ends",
            "maintenance": "maintenance begins",
            "reduce": "induction goes on, on lower doses if the investigator says so",
        },
        UNSPECIFIED,
        "Induction goes on 'in the absence of' it; what else to do the text does not say.",
        gap=True,
        severity="H",
    ),
    choice(
        "DTR-A26",
        "When is the 'end of every cycle'?",
        {
            "end": "day 28, or day 29 before the next cycle begins",
            "window": "from day 22 on, before the next cycle begins",
        },
        "end",
        "The text allows the day that is day 1 of the next cycle. A later assessment is accepted, "
        "and the cycle is overdue.",
    ),
    choice(
        "DTR-A30",
        "Does 'for > 2 cycles' go with the negative immunofixation as well?",
        {
            "plateau": "with the plateau alone",
            "both": "with both: negative at the end of three cycles in a row",
        },
        "plateau",
        "A response is achieved once; a plateau takes time.",
        severity="H",
    ),
    as_input(
        "DTR-A31",
        "'CR' is not defined. Is it the negative immunofixation?",
        "It is taken for it. Whoever asks for more of a CR reports ifx_negative when that is met.",
        "H",
    ),
    choice(
        "DTR-A33",
        "Is the value before treatment the first that is compared?",
        {
            "ignored": "no: the first comparison is at the end of the second cycle",
            "counted": "yes: at the end of the first",
        },
        "ignored",
        "A plateau is of the disease under treatment.",
        severity="H",
    ),
    choice(
        "DTR-A35",
        "Immunofixation was negative, or there was a plateau, and at the decision it isn't so any "
        "more, without progression.",
        {"achieved": "once is enough", "held": "it must still be so"},
        "achieved",
        "The text says achieve. A relapse is progression, which comes first.",
        severity="H",
    ),
)

DOSES = (
    choice(
        "DTR-A11",
        "Creatinine clearance: when is it looked at, and does the dose rise again (DTR-A12)?",
        {
            "start": "at the start of maintenance alone",
            "down": "then and later; the dose is lowered and stays so",
            "both": "then and later; the dose rises again from 40 cc/min on",
        },
        "down",
        "The kidneys can get worse, and no sentence raises a dose.",
        "start",
        severity="H",
    ),
    note(
        "DTR-A12",
        "The clearance recovers to 40 cc/min or more.",
        "See DTR-A11: under both the dose rises, else it stays.",
        "H",
    ),
    note(
        "DTR-A13",
        "The asterisk after '40cc/min' has no footnote.",
        "The point under it is taken for the footnote.",
    ),
    choice(
        "DTR-A14",
        "The clearance is below 40 cc/min during induction.",
        {"full": "the dose stays", "fifteen": "at most 15 mg from then on"},
        "full",
        "The rule stands under maintenance.",
        severity="H",
    ),
    note(
        "DTR-A15",
        "A clearance of exactly 40 cc/min.",
        "It is not below 40: 25 mg.",
    ),
    choice(
        "DTR-A16",
        "To which doses may lenalidomide be reduced in induction?",
        {
            "any": "any lower one in steps of 5 mg, 0 mg while it is held",
            "step": "by 5 mg at a time",
        },
        "any",
        "The text knows reduced doses, and no ladder.",
        severity="H",
    ),
    choice(
        "DTR-A17",
        "May dexamethasone or thalidomide be reduced?",
        {"lower": "any lower dose may be given, of dexamethasone in maintenance too"},
        SILENT,
        "The text gives one dose for each day; silent here means that another is refused. A dose "
        "may be left out, and maintenance has 20 mg of dexamethasone in any case.",
        gap=True,
        severity="H",
    ),
    choice(
        "DTR-A18",
        "Thalidomide in maintenance.",
        {"stopped": "it has ended", "continues": "100 mg a day go on"},
        "stopped",
        "Maintenance 'will consist of' two drugs.",
        severity="H",
    ),
    choice(
        "DTR-A19",
        "50 or 100 mg of thalidomide are not tolerated.",
        {"fifty": "50 mg a day from then on"},
        UNSPECIFIED,
        "The text raises the dose on day 8 whatever happens.",
        gap=True,
    ),
    choice(
        "DTR-A20",
        "The first cycle is interrupted: does the week of 50 mg begin again?",
        {
            "day": "no: the day of the cycle governs",
            "doses": "the first seven doses are of 50 mg, on whichever days",
        },
        "day",
        "The text numbers the days.",
        severity="H",
    ),
    choice(
        "DTR-A27",
        "Weekly laboratory work in the first cycle.",
        {
            "days": "on days 1, 8, 15 and 22",
            "blocks": "once in each seven days of the cycle",
        },
        "blocks",
        "The text says weekly. Work that is missing is not seen by the machine.",
    ),
    note(
        "DTR-A28",
        "Induction goes on after the fourth cycle: on the same doses?",
        "Yes: the doses are those of each cycle, and no others are given.",
    ),
    choice(
        "DTR-A34",
        "Lenalidomide was held (0 mg) when induction ended.",
        {
            "zero": "maintenance begins without it",
            "unstated": "the text does not say: unspecified",
        },
        "unstated",
        "'The same dose' would be none; the text speaks of reduced doses.",
        severity="H",
    ),
)

LEAVING = (
    choice(
        "DTR-A25",
        "Who may leave for a transplantation?",
        {
            "plateau": "whoever has a plateau",
            "both": "whoever has a negative immunofixation as well",
        },
        "plateau",
        "The text names the plateau alone; that it means to leave out complete responses is "
        "doubtful.",
        severity="H",
    ),
    note(
        "DTR-A29",
        "Three sentences end the study with progression.",
        "They say the same (DTR-10, DTR-20, DTR-23): progression is answered alike everywhere.",
    ),
    choice(
        "DTR-A32",
        "'All patients will remain' until progression or side effects, and some may leave for a "
        "transplantation, with a 'stable' plateau.",
        {
            "exception": "the second is an exception; a stable plateau is a plateau",
            "remain": "all remain: nobody leaves for a transplantation",
        },
        "exception",
        "The later sentence would say nothing else.",
    ),
)

COMMON = (
    note(
        "X-A06",
        "Does a period of days include the first day?",
        "No: a duration is the difference of two dates. Four cycles have passed on day 113.",
    ),
    note(
        "X-A07",
        "Cycle numbers after a delay.",
        "Day 1 of a cycle is when it begins. A cycle that begins after day 29 of the last one is "
        "overdue, and the days are counted from there.",
    ),
    choice(
        "X-A08",
        "Is a missed dose of dexamethasone made up?",
        {
            "skip": "no: the days listed are the only ones",
            "make_up": "yes, on another day of the cycle",
        },
        "skip",
        "The text lists the days.",
    ),
    as_input(
        "X-A09",
        "'May be taken off study'.",
        "A permission: go_to_asct is somebody's decision.",
    ),
    as_input(
        "X-A10",
        "What is untoward toxicity, what are excessive side effects, what is progression?",
        "The text does not define them: the finding is an input.",
    ),
    note(
        "X-A11",
        "The order of events on one day.",
        "They are taken in the order recorded. The assessment comes before the next cycle begins, "
        "and so before its doses.",
    ),
    choice(
        "X-A12",
        "Death, loss to follow-up and withdrawal of consent are not mentioned.",
        {"absorbing": "they end the case"},
        "absorbing",
        "Nothing can follow.",
        SILENT,
        gap=True,
    ),
    choice(
        "X-A14",
        "May lenalidomide be reduced in maintenance?",
        {"lower": "yes, to any lower dose in steps of 5 mg"},
        UNSPECIFIED,
        "The text says on which dose maintenance begins, and nothing on later reductions.",
        gap=True,
        severity="H",
    ),
)

AMBIGUITIES = (
    *sorted((*ENROLMENT, *RESPONSE, *DOSES, *LEAVING), key=lambda a: a.id),
    *COMMON,
)
