"""Where the text can be read in more than one way, and the reading taken."""

from __future__ import annotations

from ...model import SILENT, UNSPECIFIED
from ...register import as_input, choice, note

TRIAL = (
    choice(
        "EVE-A01",
        "By which rule does the dose of everolimus go up?",
        {
            "people": "people choose the level and declare the maximum tolerated dose; a toxicity "
            "decides nothing by itself",
            "three_plus_three": "by 3 + 3 in its variant N: cohorts of three to six, six at the "
            "maximum tolerated dose, from the lowest level up",
        },
        UNSPECIFIED,
        "The text speaks of dose escalation and names no rule. Who plugs one in decides; other "
        "designs can't be plugged in here.",
        gap=True,
        severity="H",
    ),
    as_input(
        "EVE-A02",
        "Which dose levels are there, what is a dose-limiting toxicity, how large is a cohort?",
        "The text names none: levels and cohort are constants, two levels being the fewest of an "
        "escalation, and a toxicity is what the investigator finds.",
        "H",
    ),
    choice(
        "EVE-A06",
        "44 'projected' patients, who 'will be accrued'.",
        {
            "cap": "44 at most",
            "forecast": "a plan: more may be enrolled, as many as the constant overrun says",
            "exact": "44 at most, and no fewer when the trial closes",
        },
        "cap",
        "The text says 'a total of'. Refusing the 45th makes 44 a theorem.",
        severity="H",
    ),
    choice(
        "EVE-A07",
        "Do patients who had the maximum tolerated dose in phase I count in phase II?",
        {
            "shared": "yes, and once in the total",
            "separate": "no: phase II counts its own",
        },
        "shared",
        "They had the treatment that phase II is about. It changes who is analysed: each counts "
        "once in the 44 in any case.",
        "separate",
    ),
)

COURSES = (
    choice(
        "EVE-A03",
        "When does alemtuzumab start relative to everolimus?",
        {
            "constant": "offset_days after it: 0, on the same day",
            "end_together": "so that both end together: 14 days after it",
            "free": "whenever",
        },
        "constant",
        "The text gives both courses in one sentence and no days between them. The constant can be "
        "set; the seven weeks lie within the nine for 0 to 14 days.",
        gap=True,
        severity="H",
    ),
    choice(
        "EVE-A04",
        "'Thrice weekly': which days?",
        {
            "any": "any three days of a week, each days_apart after the last: 1, so on three days",
            "fixed": "the first, third and fifth day of each week",
        },
        "any",
        "The text names no days; 2 for days_apart asks for a free day between doses. With fixed "
        "days the calendar can say which doses are due.",
    ),
    choice(
        "EVE-A05",
        "'For nine weeks': does the calendar end a course, or the number of doses?",
        {
            "both": "whichever comes first",
            "calendar": "the calendar: a dose that is missed is lost",
            "count": "the doses, 27 and 21: a week without any is made up later",
        },
        "both",
        "Weeks of the calendar, three doses in each. By blocks of seven days the cap follows from "
        "the calendar; with weeks from Monday to Sunday (EVE-A17) it binds.",
        severity="H",
        context={"EVE-A17": "calendar"},
    ),
    as_input(
        "EVE-A08",
        "What is the standard dose of alemtuzumab, and is it reached in steps?",
        "The text gives none: any amount is taken.",
        "H",
    ),
    choice(
        "EVE-A09",
        "One drug is not tolerated. May the other go on?",
        {
            "both": "no: both stop",
            "single": "yes: stop_drug ends one, toxicity ends both",
        },
        "both",
        "The text gives both 'in the absence of' toxicity, without telling the drugs apart.",
        severity="H",
    ),
    choice(
        "EVE-A15",
        "May a subject be given less everolimus than the dose level of enrolment?",
        {"lower": "yes, any lower level"},
        SILENT,
        "The text knows no other dose for a subject; silent here means that any other is refused. "
        "A dose may be left out.",
        gap=True,
        severity="H",
    ),
    choice(
        "EVE-A17",
        "What is a week?",
        {
            "block": "seven days from the first dose of the drug, and so on",
            "calendar": "Monday to Sunday; the first dose of a drug then has to name its weekday",
        },
        "block",
        "Nine such weeks are nine weeks of treatment. Weeks of the calendar make it ten where "
        "treatment does not begin on a Monday, and 30 doses unless they are counted.",
        severity="H",
    ),
)

RESPONSE = (
    note(
        "EVE-A10",
        "Five years from when?",
        "From the end of treatment: the text says after its completion. The last day is the one "
        "five years later.",
    ),
    as_input(
        "EVE-A11",
        "How often is 'periodically'?",
        "The text gives no interval: any visit within the five years is taken.",
    ),
    choice(
        "EVE-A12",
        "'After completion of study treatment': is a subject followed up who stopped early?",
        {
            "all": "yes, everyone whose treatment has ended",
            "completers": "no: only who completed both courses",
        },
        "all",
        "Survival and time to next treatment (EVE-06) are those of all.",
        "completers",
    ),
    choice(
        "EVE-A13",
        "The fourth objective names no phase, nor does the fifth.",
        {
            "phase1": "phase I",
            "phase2": "phase II",
            "both": "both phases",
        },
        "phase2",
        "It follows an objective of phase II and judges a regimen, which needs its dose. The fifth "
        "one, toxicity, is for both.",
        "both",
    ),
    choice(
        "EVE-A14",
        "In which order are the tests of a complete response done?",
        {
            "any": "in any",
            "ct_first": "CT before flow cytometry",
        },
        "any",
        "The text asks for clinical remission before flow cytometry and for nothing else.",
    ),
    choice(
        "EVE-A16",
        "'In patients in complete clinical remission': which tests does it qualify?",
        {
            "flow_only": "flow cytometry, the last of the three",
            "all": "CT and marrow immunohistochemistry as well",
        },
        "flow_only",
        "It stands next to flow cytometry, and CT belongs to what finds a remission.",
    ),
    choice(
        "EVE-A18",
        "When is the response assessed?",
        {
            "after": "after treatment",
            "any_time": "during treatment as well",
        },
        "after",
        "The text gives no date, and speaks of the response to the regimen.",
        "any_time",
    ),
)

COMMON = (
    note(
        "X-A01",
        "When does the first cycle end for the judgement of toxicity?",
        "The text has neither cycles nor a window: that a subject was observed to the end is an "
        "event of the trial.",
        "H",
    ),
    as_input(
        "X-A02",
        "What is a dose-limiting toxicity?",
        "The text does not define it: the investigator's finding is an input.",
        "H",
    ),
    note(
        "X-A03",
        "Who can't be judged for toxicity: does that one count?",
        "Under EVE-A01 three_plus_three no: such a subject is replaced, and counts in the 44.",
        "H",
    ),
    note(
        "X-A04",
        "May subjects of a level be under observation at the same time?",
        "Under EVE-A01 three_plus_three up to the cohort, and nothing is decided before all of it "
        "is evaluated.",
        "H",
    ),
    note(
        "X-A05",
        "A dose-limiting toxicity is reported after the subject was evaluated.",
        "Unspecified: people must take the decisions since then again.",
        "H",
    ),
    note(
        "X-A06",
        "Does a period of days include the first day? What are five years?",
        "A duration is the difference of two dates: nine weeks end before day 64, and five years "
        "on the day of the same date.",
    ),
    note("X-A07", "Cycle numbers after a delay.", "The text has no cycles; weeks are EVE-A17."),
    note(
        "X-A08",
        "Is a missed dose made up?",
        "On another day of its week, as three doses a week allow; later only under EVE-A05 count.",
    ),
    note("X-A09", "'May' clauses.", "The text has none."),
    as_input(
        "X-A10",
        "What is unacceptable toxicity?",
        "The text does not define it: the investigator's finding is an input.",
    ),
    note(
        "X-A11",
        "The order of events on one day.",
        "They are taken in the order recorded; where the order matters, that is reported.",
    ),
    choice(
        "X-A12",
        "Death, loss to follow-up and withdrawal of consent are not mentioned.",
        {"absorbing": "they end the case; none of them is a dose-limiting toxicity by itself"},
        "absorbing",
        "Nothing can follow.",
        SILENT,
        gap=True,
    ),
    note("X-A13", "Weight and body surface.", "No dose depends on them here."),
    note("X-A14", "Dose reductions.", "The text has none: see EVE-A15.", "H"),
)

AMBIGUITIES = (*sorted((*TRIAL, *COURSES, *RESPONSE), key=lambda a: a.id), *COMMON)
