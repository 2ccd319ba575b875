"""What the doses of a course sum to, by cycle and in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .amounts import can_be_summed, total
from .entries import Day, Period, Total


def totals(
    days: Sequence[Day], ends: Mapping[Period, int], records_doses: bool
) -> tuple[Total, ...]:
    """The sums of each drug: period by period in order of time, then in all.

    ``ends`` has the last day of each period. Recorded doses are counted where the log has some.
    """
    return tuple(_totals(days, ends, records_doses))


def _totals(
    days: Sequence[Day], ends: Mapping[Period, int], records_doses: bool
) -> Iterator[Total]:
    drugs = list(dict.fromkeys((dose.drug, dose.unit) for day in days for dose in day.doses))
    named = [drug for drug, _ in drugs]
    spans = [(period, period.first, last) for period, last in ends.items()]
    for period, first, last in (*spans, (None, 1, len(days))):
        for drug, unit in drugs:
            due = [
                (dose, day.ahead)
                for day in days
                for dose in day.doses
                if (dose.drug, dose.unit) == (drug, unit) and period in (None, dose.period)
            ]
            # a recorded amount has no unit: it is told by the drug, where that has one alone
            known = records_doses and named.count(drug) == 1
            given = [
                entry.amount
                for day in days
                for entry in day.given
                if known and entry.drug == drug and period in (None, entry.period)
            ]
            if not due and not given:
                continue
            later = [dose.dose for dose, ahead in due if ahead]
            summed = can_be_summed(unit)
            counted = not any(dose.weekdays for dose, _ in due)
            yield Total(
                drug,
                unit,
                len(due) if counted else None,
                total(dose.dose for dose, _ in due) if summed and counted else "",
                period=period,
                first=first,
                last=last,
                ahead=len(later),
                ahead_total=total(later) if summed and counted else "",
                given=len(given) if known else None,
                given_total=total(given) if known and summed else "",
            )
