"""Where the text can be read in more than one way, and the reading taken."""

from __future__ import annotations

from ...model import SILENT, UNSPECIFIED, Contradiction
from ...register import as_input, choice, note

BEFORE_PLERIXAFOR = (
    choice(
        "PLX-A01",
        "28 days of lenalidomide: at any dose, or at 10 mg?",
        {
            "any_dose": "since the first dose, whatever it was",
            "at_ten": "since the dose became 10 mg",
        },
        "any_dose",
        "The text names 10 mg and 28 days as two conditions.",
        severity="H",
    ),
    choice(
        "PLX-A02",
        "At least 28 days: when 28 days have passed, or with the 28th dose?",
        {
            "elapsed": "when 28 days have passed since the first: day 29",
            "doses": "on the day of the 28th dose: day 28",
        },
        "elapsed",
        "A duration is the difference of two dates, and day 29 falls on the weekday of day 1. With "
        "doses and a Monday start of the cycle, lenalidomide has to begin on a Tuesday.",
        severity="H",
    ),
    choice(
        "PLX-A03",
        "'Stably maintained' on 10 mg: for how long?",
        {
            "now": "at present",
            "week": "7 days",
            "two_weeks": "14 days",
            "four_weeks": "28 days",
        },
        "week",
        "As long as a step of the titration. The text gives no number.",
        "now",
        severity="H",
    ),
    choice(
        "PLX-A04",
        "The dose goes up 'every 7 days': exactly then, or then at the earliest?",
        {
            "exactly": "on the seventh day after the last change, or never",
            "at_least": "on the seventh day or later",
        },
        "at_least",
        "A visit can be late; an early step is the deviation.",
        "exactly",
    ),
    choice(
        "PLX-A05",
        "A dose of lenalidomide is not tolerated in Stage 1.",
        {
            "stay": "the dose goes back by one step, 5 mg at the least, and may be tried again "
            "after 7 days",
            "off": "treatment ends",
        },
        UNSPECIFIED,
        "The text says when the dose goes up and nothing else: neither a lower dose, nor another "
        "try, nor an end.",
        gap=True,
        severity="H",
    ),
    choice(
        "PLX-A06",
        "Does a subject who never meets the conditions for plerixafor take a place of a cohort?",
        {
            "excluded": "no: places are taken when plerixafor begins",
            "consumes": "yes: a place is taken when the cohort is assigned",
        },
        "excluded",
        "Who never gets plerixafor can't show its toxicity. The other reading needs a cohort "
        "before plerixafor (PLX-A07 registration), without which it changes nothing; and it keeps "
        "the place of one who never starts for good.",
        severity="H",
        context={"PLX-A07": "registration"},
    ),
    choice(
        "PLX-A07",
        "When is the cohort assigned?",
        {
            "registration": "on the first day of lenalidomide",
            "entry": "when plerixafor begins",
        },
        "entry",
        "At least 28 days lie between the two, in which the open level can change.",
        severity="H",
    ),
    choice(
        "PLX-A08",
        "Must the white cell count be below 100 at every cycle?",
        {
            "once": "only when plerixafor is added",
            "each_cycle": "on day 1 of each cycle; a count that isn't given doesn't meet it",
        },
        "once",
        "The condition stands in the sentence on adding plerixafor.",
        severity="H",
    ),
    note(
        "PLX-A09",
        "Is a count of 100.0 allowed?",
        "No: the text says below 100.0 x 10^9/L.",
    ),
    choice(
        "PLX-A10",
        "Weekdays (Mon, Wed, Fri) and numbered days agree only when day 1 is a Monday.",
        {
            "both": "both hold: a cycle starts on a Monday",
            "days": "the numbered days govern",
            "weekdays": "the weekdays govern, in the first three weeks of a cycle",
        },
        "both",
        "The text states both, and there is a way to keep both. A start_cycle that names no "
        "weekday is taken to be on the right one; its doses are seen against their weekdays.",
        severity="H",
    ),
)

COHORTS = (
    choice(
        "PLX-A20",
        "'Standard 3 + 3' names three designs, which differ in what a maximum tolerated dose rests "
        "on.",
        {
            "E": "escalation only: the level below a failed one, and the highest level, are "
            "declared as they are",
            "K": "the level below a failed one is filled to six, the highest is not",
            "N": "every declared level has six subjects",
        },
        "N",
        "Cohorts of three to six are in the text, and six is the safest of the three.",
        severity="H",
    ),
    choice(
        "PLX-A21",
        "For how long is a subject observed for dose-limiting toxicity?",
        {
            "first_cycle": "the first 28 days of the combination",
            "lenalidomide": "from the first day of lenalidomide to the end of the first cycle with "
            "plerixafor",
            "four_cycles": "until the interim assessment",
        },
        "first_cycle",
        "The usual window. A toxicity before plerixafor belongs to no level (PLX-A07), so that "
        "under lenalidomide what it counts for is unspecified.",
        severity="H",
        context={"PLX-A07": "registration"},
    ),
    note(
        "PLX-A22",
        "Two toxicities in two: does the level close at once?",
        "No: cohorts have three subjects at least (PLX-07), and are judged when complete.",
    ),
    choice(
        "PLX-A24",
        "May a subject be given less plerixafor than the cohort's dose?",
        {"lower": "yes, any lower dose"},
        SILENT,
        "The text gives one dose to each cohort; silent here means that any other is refused. A "
        "dose may be left out.",
        gap=True,
    ),
    note(
        "PLX-A25",
        "Three weeks, then a week of rest: day 19 to day 29 is longer than a week.",
        "Days 20 and 21 are the weekend of the third week: nine days without a dose, of which the "
        "last seven are the week of rest.",
    ),
    note(
        "PLX-A26",
        "'Up to three stages': must a subject see all three?",
        "No: who has a complete response never enters Stage 3.",
    ),
    choice(
        "PLX-A27",
        "The nine days are printed with cohort 4. Do they hold for every cohort?",
        {
            "all": "yes",
            "cohort_4": "no: the others have no week of rest",
        },
        "all",
        "The sentence speaks of plerixafor, not of a cohort.",
    ),
    note(
        "PLX-A28",
        "'Daily thrice weekly'.",
        "Once a day, on the three days named; PLX-12 lists all nine of a cycle. A second dose on "
        "one day is seen against the calendar, not by the machine.",
    ),
    note(
        "PLX-A29",
        "'In the dose escalation phase' implies another phase, which is not described.",
        "The trial machine ends with the maximum tolerated dose: what follows is unspecified.",
    ),
)

RESPONSE = (
    choice(
        "PLX-A11",
        "'A maximum of 12 cycles': in all, or after the interim assessment?",
        {
            "total": "twelve in all",
            "after_interim": "twelve more: sixteen",
        },
        "total",
        "Cycles 5 to 12 are eight, as many as the doses of rituximab. With sixteen cycles twelve "
        "would be due, of which PLX-19 forbids four.",
        severity="H",
    ),
    note(
        "PLX-A12",
        "Is the cap of eight doses of rituximab a rule of its own?",
        "It is kept as one. Under twelve cycles in all it follows from PLX-17 and PLX-18, which is "
        "a claim here; under PLX-A11 after_interim it binds.",
    ),
    choice(
        "PLX-A13",
        "A dose of rituximab is missed.",
        {
            "lost": "it is lost: the next one is that of the next cycle",
            "deferred": "it may be given on a later day, also of a later cycle",
        },
        "lost",
        "'Up to' eight, on day 1 of a cycle.",
        severity="H",
    ),
    choice(
        "PLX-A14",
        "Stage 1 too has a cycle 1 day 1. Is there one count of cycles?",
        {
            "combination": "no: cycles of the combination are counted by themselves",
            "one_counter": "yes: the first 28 days of lenalidomide are one of the twelve",
        },
        "combination",
        "The text says 'of combination therapy' each time. One counter for PLX-17 as well would "
        "give rituximab before the interim assessment; here it moves the last cycle alone, for a "
        "Stage 1 of one cycle.",
        severity="H",
    ),
    choice(
        "PLX-A15",
        "Progression is named only as the end of lenalidomide alone. What if it comes earlier, or "
        "is found at the interim assessment?",
        {
            "off": "treatment ends",
            "mono": "lenalidomide alone goes on",
        },
        "off",
        "Every arm ends with progression.",
        gap=True,
        severity="H",
    ),
    choice(
        "PLX-A16",
        "NCI-96 knows a nodular partial response, the text does not.",
        {"as_pr": "as a partial response", "as_cr": "as a complete response"},
        "as_pr",
        "NCI-96 does not count it as complete.",
        gap=True,
    ),
    choice(
        "PLX-A17",
        "A complete response is found after the interim assessment.",
        {
            "carry_on": "the combination goes on",
            "stop": "plerixafor and rituximab stop, as in PLX-15",
        },
        "carry_on",
        "The response decides once, after four cycles.",
        gap=True,
        severity="H",
    ),
    choice(
        "PLX-A18",
        "Stable disease, and investigator or subject does not want to go on.",
        {"mono": "lenalidomide alone", "off": "treatment ends"},
        UNSPECIFIED,
        "The text says what going on means, not what the other choice leads to. The choice is made "
        "once.",
        gap=True,
    ),
    choice(
        "PLX-A19",
        "Stable disease, going on: is rituximab part of it?",
        {
            "implied": "yes: going on means Stage 3",
            "optional": "it is added when a first dose is given",
        },
        "implied",
        "The text says that it will be added, and that treatment is the same as with a partial "
        "response.",
    ),
    choice(
        "PLX-A23",
        "Which dose of lenalidomide goes on alone?",
        {"last": "the last one", "ten": "10 mg"},
        "last",
        "Nothing says that it changes. It matters only where a dose was reduced (X-A14).",
        context={"X-A14": "step"},
    ),
    choice(
        "PLX-A30",
        "Unacceptable toxicity: the text has no exit for it.",
        {"off": "treatment ends"},
        UNSPECIFIED,
        "Complete response, progression and the choice with stable disease are the only ways out "
        "that it names.",
        gap=True,
        severity="H",
    ),
    choice(
        "PLX-A31",
        "A subject has had a dose-limiting toxicity. What of this subject's treatment?",
        {"continue": "it goes on", "off": "it ends"},
        UNSPECIFIED,
        "The text says nothing; that the trial counts it is another matter (evaluate).",
        gap=True,
        severity="H",
    ),
)

COMMON = (
    note(
        "X-A01",
        "When does the first cycle end for the judgement of toxicity?",
        "The text states no window at all: see PLX-A21.",
        "H",
    ),
    as_input(
        "X-A02",
        "What is a dose-limiting toxicity?",
        "The text does not define it: the investigator's finding is an input.",
        "H",
    ),
    choice(
        "X-A03",
        "Treatment ends within the window, without a toxicity.",
        {
            "counts": "the subject counts as one without",
            "replaced": "the subject is not evaluable and is replaced",
        },
        "replaced",
        "An unobserved subject is no evidence of safety. How many begin plerixafor then has no "
        "bound; caps are on those evaluated and under observation.",
        "counts",
        severity="H",
    ),
    choice(
        "X-A04",
        "May subjects of a level be under observation at the same time?",
        {
            "overlapping": "up to the cohort; nothing is decided before all of it is evaluated",
            "staggered": "one at a time",
        },
        "overlapping",
        "The text speaks of cohorts. Both are verified.",
        severity="H",
    ),
    choice(
        "X-A05",
        "A toxicity within the window is reported after the subject was evaluated or replaced.",
        {
            "readjudicate": "unspecified: people must take the decisions since then again",
            "report": "counts from the report on",
            "ignore": "decides nothing",
        },
        "readjudicate",
        "Any automatic answer would rewrite or ignore decisions about other subjects.",
        severity="H",
    ),
    note(
        "X-A06",
        "Does a period of days include the first day?",
        "No: a duration is the difference of two dates. The one place where it can be read in two "
        "ways is PLX-A02.",
    ),
    note(
        "X-A07",
        "Cycle numbers after a delay.",
        "Day 1 of a cycle is when it begins. A cycle that begins after day 29 of the last one is "
        "overdue, and the days are counted from there.",
    ),
    choice(
        "X-A08",
        "Is a missed dose of plerixafor made up?",
        {
            "skip": "no: the nine days are the only ones",
            "make_up": "yes, on another day of the three weeks",
        },
        "skip",
        "The text lists the days.",
    ),
    as_input(
        "X-A09",
        "'May continue'.",
        "A permission: what investigator and subject decide is the argument of choose_sd.",
    ),
    as_input(
        "X-A10",
        "What is tolerated, what is unacceptable toxicity?",
        "The text does not define them: the investigator's finding is an input. Stable is PLX-A03.",
    ),
    note(
        "X-A11",
        "The order of events on one day.",
        "They are taken in the order recorded; where the order matters, that is reported.",
    ),
    choice(
        "X-A12",
        "Death, loss to follow-up and withdrawal of consent are not mentioned.",
        {
            "absorbing": "they end the case, once the trial has been told about toxicity; none of "
            "them is a dose-limiting toxicity by itself"
        },
        "absorbing",
        "Nothing can follow.",
        SILENT,
        gap=True,
    ),
    as_input(
        "X-A13",
        "When is weight or body surface measured again, and how are doses rounded?",
        "The text does not say: amounts are in mg/kg and mg/m2.",
    ),
    choice(
        "X-A14",
        "May lenalidomide be reduced once plerixafor has been added?",
        {"step": "yes, by 2.5 mg at a time, 5 mg at the least"},
        UNSPECIFIED,
        "The text has no reductions.",
        gap=True,
        severity="H",
    ),
)

CONTRADICTIONS = (
    Contradiction(
        {"PLX-A06": "consumes", "PLX-A07": "entry"},
        "who never begins plerixafor has no cohort to take a place in, if a cohort is assigned "
        "when plerixafor begins",
    ),
    Contradiction(
        {"PLX-A21": "lenalidomide", "PLX-A07": "entry"},
        "a toxicity before plerixafor would count for a level that the subject has not been "
        "assigned to yet",
    ),
)

AMBIGUITIES = (
    *sorted((*BEFORE_PLERIXAFOR, *COHORTS, *RESPONSE), key=lambda a: a.id),
    *COMMON,
)
