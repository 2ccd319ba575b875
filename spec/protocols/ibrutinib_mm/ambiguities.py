"""Where the text can be read in more than one way, and the reading taken."""

from __future__ import annotations

from ...model import SILENT
from ...register import as_input, choice, note

ESCALATION = (
    choice(
        "IBR-A01",
        "A level has at least two patients, yet every rule speaks of the first three. What can "
        "two patients decide?",
        {
            "at_two": "two toxicities in two close a level; everything else waits for three",
            "three": "nothing is decided before three",
            "pair": "two patients without toxicity are enough to go up, two toxicities to close",
        },
        "at_two",
        "It gives the minimum of two a meaning and exposes nobody to a level known to fail; pacing "
        "or slow accrual could explain it too. Going up on two contradicts IBR-05.",
        "three",
        severity="H",
    ),
    choice(
        "IBR-A02",
        "No rule covers two or three toxicities in the first three.",
        {
            "close": "the level closes and enrolment goes down, as in IBR-08 and IBR-09",
            "stop": "the trial stops without a maximum tolerated dose",
            "expand": "three more are treated and judged by IBR-08 and IBR-10; with IBR-A08 "
            "after_all they are judged on all six",
        },
        "close",
        "One toxicity among three more already closes a level; two among three can't do less.",
        SILENT,
        gap=True,
        severity="H",
    ),
    choice(
        "IBR-A03",
        "The lowest level closes: there is no next lower one.",
        {
            "stop": "the trial ends without a maximum tolerated dose",
            "lower_level": "a level below is added; its dose is not in the text, so what follows "
            "is unspecified",
            "stay": "enrolment stays there up to six patients, then the trial ends without one",
        },
        "stop",
        "The text names no dose below the lowest. To plan for one, count it as level 1 and set "
        "start to 2.",
        SILENT,
        gap=True,
        severity="H",
    ),
    choice(
        "IBR-A04",
        "The next lower level already holds six patients, so it is not reopened. What then?",
        {
            "mtd": "that level is the maximum tolerated dose",
            "stop": "the trial ends without a maximum tolerated dose",
        },
        "mtd",
        "Under the default it holds six patients with one toxicity, which IBR-10 accepts.",
        SILENT,
        gap=True,
        severity="H",
    ),
    choice(
        "IBR-A05",
        "One toxicity among the three that confirm the highest level (IBR-06).",
        {
            "accept": "one in six is accepted: the level is the maximum tolerated dose",
            "close": "the three additional patients of IBR-08 are meant: the level closes",
        },
        "accept",
        "One in six is accepted everywhere else. If the three of IBR-08, IBR-10 and IBR-11 are "
        "only those of IBR-07, the confirmation has no rule at all: the reading silent.",
        "close",
        gap=True,
        severity="H",
    ),
    choice(
        "IBR-A06",
        "One toxicity among three more at a reopened level that had none in three.",
        {
            "accept": "one in six is accepted, as if none of the three had one",
            "close": "the level closes by IBR-08",
        },
        "accept",
        "The same standard as in IBR-A05: one in six.",
        "close",
        severity="H",
    ),
    choice(
        "IBR-A07",
        "After three clean patients at a reopened level, IBR-10 opens the next higher level: also "
        "one that closed for toxicity?",
        {
            "literal": "yes: the next higher level is opened again",
            "not_closed": "no: only a level not closed for toxicity is still to be tested; "
            "otherwise this one is the maximum tolerated dose",
        },
        "not_closed",
        "'To be tested' in IBR-11 supports it, and the other reading treats patients at a level "
        "known to fail, even where it already holds six, which IBR-03 forbids.",
        "literal",
        severity="H",
    ),
    choice(
        "IBR-A08",
        "Does a toxicity among the three additional patients close the level at once?",
        {
            "immediate": "yes, whichever of them it is",
            "after_all": "no, when all three have been evaluated",
        },
        "immediate",
        "The text says at any time in the enrolment.",
        "immediate",
        severity="H",
    ),
    choice(
        "IBR-A09",
        "IBR-08 alone does not say 'during the first cycle'. Does a later one close it?",
        {
            "first_cycle": "no, only first-cycle toxicities count",
            "ever": "yes, while the three are being enrolled",
        },
        "first_cycle",
        "Consistent with IBR-05, IBR-07 and IBR-10.",
        "ever",
        severity="H",
    ),
    choice(
        "IBR-A10",
        "Six at most at a level, and ten more at the maximum tolerated dose.",
        {
            "escalation_only": "the cap holds in the escalation alone",
            "both_parts": "the cap holds throughout, and forbids part 2",
        },
        "escalation_only",
        "The other reading makes IBR-15 impossible.",
        severity="H",
    ),
)

EXPANSION = (
    choice(
        "IBR-A11",
        "Part 2 gives dexamethasone at the dose of part 1, and part 1 names none.",
        {
            "unstated": "whether a dose of it is right is unspecified",
            "weekly": "the usual weekly dose is meant, and dispensing it is accepted",
        },
        "unstated",
        "The text gives no dose, and none is invented.",
        severity="H",
    ),
    note(
        "IBR-A12",
        "Neither the doses nor the number of levels are given.",
        "The constant levels; everything is proved for every number of them.",
        "H",
    ),
    as_input(
        "IBR-A13",
        "With two drugs, which level is the next higher one?",
        "The protocol's own table has to say: levels are numbered in one order, from 1.",
        "H",
    ),
    as_input(
        "IBR-A14",
        "At which level does the trial start?",
        "The constant start, 1 unless the protocol says otherwise. Above 1, an untouched lower "
        "level can be reopened and six are treated there.",
    ),
    note("IBR-A15", "'Established or determined'.", "Two words for one thing."),
    choice(
        "IBR-A16",
        "Part 2 when no level is tolerated.",
        {"none": "there is no part 2", "lowest": "part 2 opens at the lowest level"},
        "none",
        "Part 2 is at the maximum tolerated dose, and there is none.",
    ),
    choice(
        "IBR-A17",
        "Dose-limiting toxicities in part 2: no rule.",
        {
            "monitor": "they are recorded and decide nothing",
            "flag": "recorded; unspecified once a third of the patients had one",
        },
        "monitor",
        "A stopping rule would be invented; people must watch.",
        SILENT,
        gap=True,
        severity="H",
    ),
)

PATIENTS = (
    choice(
        "IBR-A18",
        "Treatment lasts until unacceptable toxicity, and may resume after it.",
        {
            "choice": "toxicity puts treatment on hold: a lower dose, or stop",
            "stop": "toxicity ends treatment",
        },
        "choice",
        "IBR-14 would mean nothing otherwise.",
    ),
    choice(
        "IBR-A19",
        "A patient at the lowest level has unacceptable toxicity.",
        {
            "stop": "there is no lower dose: stop",
            "off_ladder": "a dose below the lowest level may be given; which is unspecified",
        },
        "stop",
        "The text knows no dose below the lowest level.",
        severity="H",
    ),
    note(
        "IBR-A20",
        "How many reductions may a patient have?",
        "As many as there are lower levels: each goes down, and under the default of IBR-A21 "
        "nothing goes up.",
    ),
    choice(
        "IBR-A21",
        "After a reduction, may the dose go up again?",
        {
            "monotone": "no: a patient's dose never goes up",
            "assigned": "yes, up to the level assigned at registration",
        },
        "monotone",
        "IBR-04 has no exception.",
        severity="H",
    ),
    choice(
        "IBR-A22",
        "Who enters survival follow-up? 'Protocol defined reasons' are not listed.",
        {
            "all": "everyone who discontinues, withdrawal of consent included",
            "listed": "progression, toxicity and refusal of treatment only",
            "not_withdrawn": "everyone but those who withdraw consent",
        },
        "not_withdrawn",
        "IBR-13 names progression, toxicity and refusal; without consent nobody can be followed. "
        "Refusing treatment and withdrawing consent are two events.",
        "listed",
    ),
    choice(
        "IBR-A23",
        "May a patient go on at a lower dose after a first-cycle dose-limiting toxicity?",
        {"lower": "yes, by IBR-14; it counts at the original level", "off": "no"},
        "lower",
        "IBR-14 makes no exception.",
    ),
    as_input(
        "IBR-A24",
        "Six accrued: registered, or dosed?",
        "Dosed. A patient registered and never dosed leaves by withdraw_registration, and the "
        "place is free again.",
    ),
    choice(
        "IBR-A25",
        "How exactly is 28 days meant for the visit?",
        {"exact": "on the day", "window": "three days earlier or later (a constant)"},
        "window",
        "Clinics need a window; the text gives none.",
        "exact",
    ),
    note(
        "IBR-A26",
        "When no level ever fails, is the highest one the maximum tolerated dose?",
        "Yes; it is the highest tested, which a report should say.",
    ),
    choice(
        "IBR-A27",
        "Whose toxicity closes the level by IBR-08?",
        {
            "one_of_three": "that of one of the additional three",
            "any_patient": "that of any patient at the level",
        },
        "one_of_three",
        "The sentence is about these three. It matters for toxicities after the first cycle.",
        "any_patient",
        severity="H",
        context={"IBR-A09": "ever"},
    ),
    choice(
        "IBR-A28",
        "'At any time in the enrolment' of the three: until when?",
        {
            "enrolling": "until the sixth is enrolled; a toxicity after that is unspecified",
            "window": "until the first cycle of the sixth ends",
        },
        "window",
        "Otherwise a toxicity of the sixth patient has no rule in IBR-08 or in IBR-10.",
        SILENT,
        gap=True,
        severity="H",
    ),
    choice(
        "IBR-A29",
        "How many are added at a reopened level, and does 'none of the first three', already true "
        "there, apply at once?",
        {
            "three_more": "three more, judged with the first three",
            "up_to_six": "as many as make six",
            "loop": "it applies at once: read literally (IBR-A07), the level just closed is the "
            "next higher one and opens again",
        },
        "three_more",
        "As in IBR-06 and IBR-07. The level holds exactly three, so that both come to six.",
        severity="H",
        context={"IBR-A01": "pair", "IBR-A07": "literal"},
    ),
    as_input(
        "IBR-A30",
        "How long is a cycle?",
        "28 days is an assumption, taken from the visits (the constant cycle_days).",
        "H",
    ),
    as_input(
        "IBR-A31",
        "'The same schedule as above', and no schedule, dose or route is given above.",
        "The protocol itself has to supply it; no dose is ever shown as due.",
        "H",
    ),
    choice(
        "IBR-A32",
        "A patient is registered and not yet dosed when the level closes.",
        {
            "reassign": "may be assigned another level before the first dose",
            "withdraw": "the registration has to be withdrawn first",
        },
        "reassign",
        "Nobody starts at a level known to fail; which of the two is not said.",
        "withdraw",
    ),
)

COMMON = (
    choice(
        "X-A01",
        "When does the first cycle end for the judgement of toxicity?",
        {
            "day_28": "after 28 days",
            "next_cycle": "with the first dose of cycle 2 or, without one, when treatment ends",
        },
        "next_cycle",
        "A toxicity in a delay belongs to the cycle that caused it. The actual length of the "
        "cycle is the same wherever a second cycle is given.",
        "next_cycle",
        severity="H",
    ),
    as_input(
        "X-A02",
        "What is a dose-limiting toxicity?",
        "The text does not define it: the investigator's finding is an input.",
        "H",
    ),
    choice(
        "X-A03",
        "A patient leaves the first cycle without a toxicity.",
        {
            "counts": "counts as treated without one: there is no patient who is not evaluable, "
            "and the result is reported by evaluate",
            "replaced": "is not evaluable and is replaced; caps count evaluable and under "
            "observation",
        },
        "replaced",
        "An unobserved patient is no evidence of safety.",
        "counts",
        severity="H",
    ),
    choice(
        "X-A04",
        "May patients of a level be under observation at the same time?",
        {
            "overlapping": "up to a cohort; closing for toxicity is immediate, everything else "
            "waits until nobody at the level is under observation",
            "staggered": "one at a time: nobody is registered at a level before the patient "
            "registered there last has been judged",
        },
        "staggered",
        "The theorems hold as stated; both are verified.",
        severity="H",
    ),
    choice(
        "X-A05",
        "A first-cycle toxicity is reported after the patient was counted without one.",
        {
            "readjudicate": "unspecified: people must take the decisions since then again",
            "report": "counts from the report on",
            "ignore": "decides nothing",
        },
        "readjudicate",
        "Any automatic answer would rewrite or ignore decisions about other patients.",
        severity="H",
    ),
    choice(
        "X-A06",
        "Does a period of 28 days include the first day?",
        {"inclusive": "yes: day 28", "exclusive": "no: the difference of the dates, day 29"},
        "exclusive",
        "A duration is the difference of two dates.",
    ),
    note(
        "X-A07",
        "Cycle numbers after a delay.",
        "Cycle 2 begins with its first dose; nothing here depends on later numbers.",
    ),
    as_input("X-A08", "Is a missed dose made up?", "There is no schedule to miss (IBR-A31)."),
    choice(
        "X-A09",
        "'May be eligible for re-treatment'.",
        {
            "permission": "a choice: lower dose, or stop",
            "obligation": "while there is a lower level, toxicity alone is no reason to stop",
        },
        "permission",
        "May is a permission.",
    ),
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
        "Death and loss to follow-up are not mentioned.",
        {"absorbing": "they end the case; a death is no dose-limiting toxicity by itself"},
        "absorbing",
        "Nothing can follow.",
        SILENT,
        gap=True,
    ),
)

AMBIGUITIES = (*ESCALATION, *EXPANSION, *PATIENTS, *COMMON)
