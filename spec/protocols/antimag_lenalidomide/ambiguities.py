"""Where the text can be read in more than one way, and the reading taken."""

from __future__ import annotations

from ...model import SILENT, UNSPECIFIED, Contradiction
from ...register import as_input, choice, note

DESIGN = (
    choice(
        "MAG-A01",
        "The text names the target rate, and not the rates that are to be told from it.",
        {
            "usual": "0.6 and 1.4 times the target, as published and as software takes them",
            "narrow": "0.8 and 1.2 times the target",
        },
        "usual",
        "What the design uses where nothing else is said.",
        severity="H",
    ),
    choice(
        "MAG-A02",
        "The text does not mention the elimination of levels.",
        {
            "published": "a level is eliminated, with all above, when its rate is above the target "
            "with a probability over 0.95, on three patients or more",
            "none": "no level is eliminated",
        },
        "published",
        "It is part of the published design. Without it all twelve patients can have a toxicity.",
        "none",
        severity="H",
    ),
    choice(
        "MAG-A03",
        "The lowest level is eliminated before all twelve were treated.",
        {
            "stop": "the trial ends without a maximum tolerated dose",
            "continue": "patients are treated there until there are twelve",
        },
        "stop",
        "The other reading treats patients at a level known to be too toxic: it goes with no "
        "elimination at all (MAG-A02 none) alone, and then it is the same.",
        "continue",
        severity="H",
        context={"MAG-A02": "none"},
    ),
    choice(
        "MAG-A04",
        "The lowest level is too toxic, but not eliminated: there is none below.",
        {
            "stay": "the next patient is treated there",
            "stop": "the trial ends without a maximum tolerated dose",
        },
        "stay",
        "So the design is published. Stopping then is an option of some software.",
        severity="H",
    ),
    choice(
        "MAG-A05",
        "Starting doses are assigned at registration, and the design selects the level. Which "
        "level does the first patient have?",
        {"lowest": "the lowest", "any": "any"},
        "lowest",
        "Registration records what the design says, and the design starts at the lowest.",
        severity="H",
    ),
    choice(
        "MAG-A06",
        "Cohorts begin with one patient and may change. When, and to which size?",
        {
            "one": "every cohort has one patient",
            "free": "from the second cohort on any size that the twelve allow",
        },
        "one",
        "What is claimed of the design holds for cohorts of one. With free sizes twelve of twelve "
        "can have a toxicity.",
        "free",
        severity="H",
    ),
    choice(
        "MAG-A07",
        "Is the next patient enrolled before the last one was observed to the end?",
        {
            "wait": "no: one at a time",
            "rolling": "yes, at the same level; the level changes when all were evaluated, "
            "replacements among them",
        },
        "wait",
        "A cohort of one is decided on when it is complete.",
        severity="H",
    ),
    choice(
        "MAG-A08",
        "Are the twelve those of part 1, or of the whole trial?",
        {
            "part_1": "of part 1: twenty in all",
            "overall": "of the trial: then part 2 has no place left for anybody",
        },
        "part_1",
        "The eight are 'additional', and the other reading leaves none of them.",
    ),
    choice(
        "MAG-A09",
        "May a level be selected at which nobody was treated?",
        {
            "tried": "no",
            "any": "yes: its rate is estimated as that of the nearest tried level below",
        },
        "tried",
        "Nothing is known of it.",
        severity="H",
    ),
    choice(
        "MAG-A10",
        "What does the isotonic regression start from, and with which weights?",
        {
            "raw": "observed rates, weighted by patients",
            "counts": "a twentieth of a toxicity in a tenth of a patient added, weighted by "
            "patients",
            "variance": "the same, weighted by the inverse of the variance",
        },
        "variance",
        "So established software does it. Few outcomes tell the three apart.",
        context={"MAG-A11": "lowest"},
    ),
    choice(
        "MAG-A11",
        "Two levels have estimates as near to the target.",
        {
            "published": "with equal estimates the highest if they are below the target, else the "
            "lowest; of one below and one above, the lower",
            "lowest": "the lowest",
        },
        "published",
        "So established software does it.",
        severity="H",
    ),
    choice(
        "MAG-A12",
        "The nearest estimate belongs to a level that the data of all twelve would eliminate.",
        {
            "safe": "it is not selected: there may be no maximum tolerated dose",
            "literal": "it is selected all the same",
        },
        "safe",
        "So established software does it. Read literally, 10 mg is selected on 6 of 11 and 1 of 1.",
        "literal",
        severity="H",
    ),
    choice(
        "MAG-A12b",
        "The nearest estimate is above the boundary at which the design goes down.",
        {
            "nearest": "it is selected all the same",
            "bounded": "only estimates up to that boundary are selected",
        },
        "nearest",
        "The text says no more than 'closest'. It happens in 121 of the 348 ways in which part 1 "
        "can end, which people must know.",
        "nearest",
        severity="H",
    ),
    note(
        "MAG-A13",
        "May the trial stop before twelve because little can change any more?",
        "The text has no such rule.",
        "H",
    ),
    note(
        "MAG-A24",
        "Do patients of part 1 at the maximum tolerated dose count among the eight?",
        "No: eight additional patients.",
    ),
    choice(
        "MAG-A27",
        "The aim is a recommended dose. Can it differ from the maximum tolerated one?",
        {
            "same": "part 2 is at the maximum tolerated dose",
            "may_differ": "part 2 may be at a lower dose",
        },
        "same",
        "MAG-14 says so; a recommended dose stands in the objectives alone.",
    ),
    choice(
        "MAG-A28",
        "The dose is selected 'after the enrolment' of the last patient.",
        {
            "evaluated": "when the last one was evaluated",
            "enrolled": "as soon as the last one is enrolled, with or without the outcome",
        },
        "evaluated",
        "Whoever is not evaluated yet has no outcome to estimate from.",
        "enrolled",
    ),
    choice(
        "MAG-A32",
        "Toxicities in part 2: no rule.",
        {"monitor": "they are recorded and decide nothing"},
        "monitor",
        "A stopping rule would be invented; people must watch.",
        gap=True,
        severity="H",
    ),
)

PATIENTS = (
    note(
        "MAG-A14",
        "Months and cycles: blood is drawn after cycles 18 and 24, treatment continues after 24 "
        "months.",
        "They are two counts. 24 cycles are 672 days, 24 months 730 or 731: without a delay the "
        "24th cycle ends first, with delays of 59 days in all it ends later.",
        "H",
    ),
    choice(
        "MAG-A15",
        "What is the 'extension phase', in which blood is drawn after cycles 18 and 24?",
        {
            "expansion": "the expansion cohort, part 2",
            "beyond_12": "treatment beyond the twelfth cycle, of anybody",
            "beyond_24": "treatment beyond month 24",
        },
        "expansion",
        "The objectives speak of an extension cohort, and of nothing else that is extended.",
        severity="H",
    ),
    choice(
        "MAG-A16",
        "After 24 months: no progression, acceptable toxicity 'or' not withdrawn.",
        {"all": "all of these", "one_of_them": "one of them is enough"},
        "all",
        "With one of them enough, whoever is on hold for toxicity could continue.",
        "one_of_them",
        severity="H",
    ),
    choice(
        "MAG-A17",
        "Unacceptable adverse events end treatment, and after them it may go on at a lower dose.",
        {
            "choice": "treatment is on hold: a lower dose, or stop",
            "discontinue": "treatment ends, and there are no reductions",
            "reduce_first": "toxicity is no reason to stop while a reduction is left",
        },
        "choice",
        "May is a permission, and both sentences keep a meaning.",
        severity="H",
    ),
    choice(
        "MAG-A18",
        "What counts as one of the two reductions?",
        {
            "dose": "a lower dose of lenalidomide from then on, whichever",
            "steps": "each step from one of the three doses to the next",
            "holds": "a lower dose, and each time treatment is held",
        },
        "dose",
        "A hold lowers no dose. Dexamethasone has one dose in the text: a lower one is refused.",
        severity="H",
    ),
    choice(
        "MAG-A19",
        "Toxicity at 10 mg: there is no lower dose.",
        {"stop": "treatment ends", "five": "5 mg may be given"},
        "stop",
        "The text names no dose below 10 mg.",
        severity="H",
    ),
    choice(
        "MAG-A20",
        "From when is a delay counted?",
        {
            "planned": "from the day on which the next cycle should begin",
            "last_dose": "from day 21, the last with lenalidomide",
            "last_drug": "from day 22, the last with either drug",
        },
        "planned",
        "Before that day nothing is late. A delay of 28 days is allowed, of 29 not.",
    ),
    choice(
        "MAG-A21",
        "Progression is not among the reasons to stop.",
        {
            "stop": "treatment ends, and event monitoring begins",
            "off": "treatment ends, and so does the study for this patient",
            "continue": "treatment goes on",
        },
        "stop",
        "MAG-16 implies that treatment ends with progression; where to, it does not say.",
        "continue",
        severity="H",
    ),
    note(
        "MAG-A22",
        "Is treatment between the twelfth cycle and month 24 part of the protocol?",
        "Yes: MAG-16 begins after 24 months, and nothing ends treatment before.",
    ),
    note(
        "MAG-A23",
        "Withdrawal: from treatment, or from the study?",
        "Two events. After withdraw charts are reviewed, after withdraw_consent nothing is.",
    ),
    choice(
        "MAG-A25",
        "Blood 'after cycle k': until when?",
        {
            "before_next": "from the end of the cycle until the first dose of the next",
            "end": "after the end of the cycle and before the next one begins",
        },
        "before_next",
        "The end of a cycle and day 1 of the next are often one visit.",
    ),
    choice(
        "MAG-A26",
        "The red-top tube is for a possible later evaluation. Is it taken each time?",
        {"both": "yes: both tubes", "optional": "the EDTA tube alone is enough"},
        "both",
        "The evaluation is possible, the tube is collected.",
    ),
    choice(
        "MAG-A29",
        "The text never says dose-limiting, and gives no window. Which toxicities decide?",
        {
            "first_cycle": "those in the first 28 days",
            "two_cycles": "those in the first two cycles",
        },
        "first_cycle",
        "The usual window. Which of them count is an input (X-A02).",
        severity="H",
    ),
    choice(
        "MAG-A30",
        "Re-treatment at a lower dose is printed after the sentence on 24 months. Is it for then "
        "only?",
        {"throughout": "no: at any time", "after_24": "yes: only who continues after 24 months"},
        "throughout",
        "Else no patient could be kept on treatment by a lower dose in the first two years.",
        severity="H",
    ),
    as_input(
        "MAG-A31",
        "24 months: from registration, or from the first dose?",
        "From the first dose, from which treatment is counted. The landmark has one start: whoever "
        "counts from registration has to give that date to the first dose.",
        "H",
    ),
)

STOPS = (
    choice(
        "MAG-A33",
        "Treatment is stopped for a reason that is not listed.",
        {"monitoring": "event monitoring begins, as for those that are"},
        UNSPECIFIED,
        "The reasons are introduced by 'include', and only for these it is said what follows.",
        gap=True,
    ),
    choice(
        "MAG-A34",
        "A patient has had a toxicity that counts for the trial. What of this patient?",
        {
            "as_toxicity": "as after any unacceptable toxicity",
            "off": "treatment ends",
        },
        "as_toxicity",
        "The text makes no difference between them.",
        severity="H",
    ),
)

COMMON = (
    note(
        "X-A01",
        "When does the first cycle end for the judgement of toxicity?",
        "The text states no window at all: see MAG-A29. A delay after it does not extend it.",
        "H",
    ),
    as_input(
        "X-A02",
        "Which toxicities count for the target rate?",
        "The text does not define them: the investigator's finding is an input.",
        "H",
    ),
    choice(
        "X-A03",
        "Treatment ends within the window, without a toxicity.",
        {
            "counts": "the patient counts as one without",
            "replaced": "the patient is not evaluable and is replaced",
        },
        "replaced",
        "An unobserved patient is no evidence of safety. The cap of twelve is on those evaluated "
        "and under observation.",
        "counts",
        severity="H",
    ),
    note("X-A04", "May patients be under observation at the same time?", "See MAG-A07.", "H"),
    choice(
        "X-A05",
        "A toxicity within the window is reported after the patient was evaluated.",
        {
            "readjudicate": "unspecified: people must take the decisions since then again",
            "report": "counts from the report on",
            "ignore": "decides nothing",
        },
        "readjudicate",
        "Any automatic answer would rewrite or ignore decisions about other patients.",
        severity="H",
    ),
    note(
        "X-A06",
        "Does a period include its first day?",
        "No: a duration is the difference of two dates. More than four weeks are 29 days.",
    ),
    note(
        "X-A07",
        "Cycle numbers and days after a delay.",
        "A cycle begins with its day 1, whenever that is; the next one is planned 28 days later.",
    ),
    note(
        "X-A08",
        "Is a missed dose made up?",
        "No: a dose is given on the days of the text or left out.",
    ),
    note("X-A09", "'May be eligible for re-treatment'.", "A permission: see MAG-A17."),
    as_input(
        "X-A10",
        "What is unacceptable toxicity?",
        "The text does not define it: the investigator's finding is an input.",
    ),
    choice(
        "X-A11",
        "The evaluation for toxicity and day 1 of the next cycle fall on one day.",
        {
            "evaluated_first": "the patient is evaluated before the next cycle begins",
            "any": "in any order",
        },
        "evaluated_first",
        "Nobody is treated on before a toxicity would be known.",
        "any",
    ),
    choice(
        "X-A12",
        "Death, loss to follow-up and withdrawal of consent are not mentioned.",
        {
            "absorbing": "the case ends, once the trial has been told about toxicity; none of "
            "them is a toxicity by itself"
        },
        "absorbing",
        "Nothing can follow.",
        SILENT,
        gap=True,
    ),
    note(
        "X-A14",
        "Dose reductions.",
        "On the three doses of the text: see MAG-A18 and MAG-A19.",
        "H",
    ),
)

CONTRADICTIONS = (
    Contradiction(
        {"MAG-A02": "published", "MAG-A03": "continue"},
        "patients would be treated at a level that is eliminated",
    ),
)

AMBIGUITIES = (*sorted((*DESIGN, *PATIENTS, *STOPS), key=lambda a: a.id), *COMMON)
