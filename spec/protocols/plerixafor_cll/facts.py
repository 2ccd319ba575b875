"""What holds in every configuration, and the lemmas that make it inductive."""

from __future__ import annotations

from ...designs.three_plus_three import SUPPORT, lemmas
from ...model import Invariant, Lemma

_SUPPORTED = " or ".join(f"PLX_A20 == '{name}' and ({text})" for name, text in SUPPORT.items())
_ENDED = "state in ('mtd', 'no_mtd')"

TRIAL_INVARIANTS = (
    Invariant(
        "PLX-07",
        "treated-cap",
        "At most six evaluable subjects are treated at a level.",
        "all(treated[k] <= cap for k in levels)",
        tight=True,
    ),
    Invariant(
        "PLX-07",
        "places",
        "At the open level at most six are evaluated or under observation, three of them at first.",
        "treated[level] + pending <= (cohort if state == 'first_three' else cap)",
        tight=True,
    ),
    Invariant(
        "PLX-07",
        "evaluable-total",
        "The escalation has at most six evaluable subjects for each level.",
        "sum(treated[k] for k in levels) <= cap * levels",
        tight=True,
    ),
    Invariant(
        "PLX-07",
        "whole-cohorts",
        "A level that is not open any more has no subject, a cohort of three, or six.",
        f"all(implies(k != level or {_ENDED}, treated[k] in (0, cohort, cap)) for k in levels)",
    ),
    Invariant(
        "PLX-07",
        "closed-stays-closed",
        "A level closed for toxicity is never opened again.",
        "state == 'no_mtd' or level < lowest_closed",
    ),
    Invariant(
        "PLX-07",
        "mtd-support",
        "The maximum tolerated dose rests on the numbers that the reading of 3 + 3 allows.",
        f"implies(state == 'mtd' and X_A05 != 'report', {_SUPPORTED})",
        tight="state == 'mtd' and dlts[level] == tolerated",
    ),
    Invariant(
        "PLX-07",
        "mtd-is-highest",
        "The level above the maximum tolerated dose, if there is one, is closed for toxicity.",
        "implies(state == 'mtd', level + 1 == lowest_closed)",
    ),
)

TRIAL_LEMMAS = (
    *lemmas(),
    Lemma("none-confirmed", "implies(PLX_A20 == 'E', state != 'confirming_three')"),
    Lemma("all-evaluated", f"implies({_ENDED}, pending == 0)"),
)

_ON_PLERIXAFOR = "state in ('combination', 'interim_due', 'stage3')"
_OVER = "state in ('off', 'dead', 'lost', 'withdrawn')"
_IN_CYCLES = "state in ('combination', 'interim_due', 'sd_choice', 'stage3')"
_CONTINUES = "response in ('PR', 'nPR', 'SD')"

SUBJECT_INVARIANTS = (
    Invariant(
        "PLX-02",
        "stage-3-last",
        "Stage 3 comes after four cycles of Stage 2.",
        f"implies(state == 'stage3', combo_cycle >= interim_after and {_CONTINUES})",
    ),
    Invariant(
        "PLX-05",
        "ceiling",
        "Nobody takes more than 10 mg of lenalidomide a day.",
        "len_dose <= 10",
        tight=True,
    ),
    Invariant(
        "PLX-06a",
        "plerixafor-on-ten",
        "Nobody is on plerixafor with another dose of lenalidomide than 10 mg.",
        f"implies({_IN_CYCLES} and X_A14 != 'step', len_dose == 10)",
    ),
    Invariant(
        "PLX-06c",
        "plerixafor-after-28-days",
        "Nobody is on plerixafor before 28 days of lenalidomide.",
        f"implies({_IN_CYCLES}, on_len >= needed_days)",
    ),
    Invariant(
        "PLX-07",
        "in-a-cohort",
        "Whoever begins plerixafor belongs to a cohort.",
        "implies(combo_cycle > 0, level > 0)",
    ),
    Invariant(
        "PLX-07",
        "reported-before-the-end",
        "No case ends while the trial waits to be told about toxicity.",
        f"implies({_OVER}, not (outstanding))",
    ),
    Invariant(
        "PLX-14",
        "assessed-before-the-fifth",
        "Nobody begins a fifth cycle without an assessment of response.",
        "implies(combo_cycle > interim_after, response != 'none')",
    ),
    Invariant(
        "PLX-15",
        "complete-response-stops",
        "A complete response at the interim assessment ends plerixafor, before any rituximab.",
        f"implies(response == 'CR', rtx == 0 and not ({_ON_PLERIXAFOR}))",
    ),
    Invariant(
        "PLX-17",
        "rituximab-from-the-fifth",
        "Nobody is given rituximab before the fifth cycle, or without a partial response or stable "
        "disease.",
        f"implies(rtx > 0, combo_cycle > interim_after and {_CONTINUES})",
    ),
    Invariant(
        "PLX-18",
        "combination-cap",
        "The combination lasts twelve cycles at most.",
        "combo_cycle <= last_cycle",
        tight=True,
    ),
    Invariant(
        "PLX-19",
        "rituximab-cap",
        "Nobody is given more than eight doses of rituximab.",
        "rtx <= rtx_cap",
        tight=True,
    ),
    Invariant(
        "PLX-19",
        "rituximab-once-a-cycle",
        "There is at most one dose of rituximab for each cycle from the fifth.",
        "rtx == 0 or rtx + interim_after <= combo_cycle",
    ),
)

SUBJECT_LEMMAS = (
    Lemma(
        "stage-1-alone",
        "implies(state == 'stage1', combo_cycle == 0 and response == 'none' and not evaluated)",
    ),
    Lemma("then-in-cycles", f"implies({_ON_PLERIXAFOR}, combo_cycle > 0)"),
    Lemma(
        "interim-after-four",
        "implies(state in ('interim_due', 'sd_choice'), combo_cycle == interim_after)",
    ),
    Lemma("interim-not-yet", "implies(state == 'interim_due', response == 'none')"),
    Lemma("choice-with-stable-disease", "implies(state == 'sd_choice', response == 'SD')"),
    Lemma(
        "combination-before-the-interim",
        "implies(state == 'combination' and PLX_A19 == 'implied',"
        " combo_cycle < interim_after and response == 'none')",
    ),
    Lemma(
        "rituximab-in-stage-3",
        "implies(state in ('stage1', 'interim_due', 'sd_choice')"
        " or state == 'combination' and PLX_A19 == 'implied', rtx == 0)",
    ),
    Lemma(
        "one-dose-a-day",
        "implies(state == 'stage3' and in_cycle == 0 and since_rtx >= 1,"
        " rtx + interim_after < combo_cycle)",
    ),
    Lemma(
        "interim-at-the-end-of-a-cycle",
        "implies(state in ('sd_choice', 'stage3') and combo_cycle == interim_after,"
        " in_cycle >= cycle_days)",
    ),
    Lemma(
        "unreported-is-awaited", "implies(state == 'unreported', outstanding and cause != 'none')"
    ),
)
