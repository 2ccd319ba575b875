"""Logs judged under versions of a protocol: each row under the one in force on its date."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main
from trialspec.oracle.replay.carried import carried
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Bool,
    Category,
    Clock,
    Count,
    Exact,
    Flag,
    Landmark,
    Machine,
    Observation,
    OneOf,
    Protocol,
    Quantity,
    State,
    Transition,
)
from trialspec.statemachines.bind import bind

SUBJECT = Machine(
    name="subject",
    constants={"most": 2, "gap": 7},
    variables=(
        Count("visits", 0, 9),
        Clock("since", 7),
        Quantity("size", "0", "20", "2.5", "mg", initial="5"),
        Category("arm", ("a", "b"), initial="a"),
    ),
    states=(
        State("on", initial=True, within="since <= 6"),
        State("rest"),
        State("off", final=True),
    ),
    events=(
        Action("visit"),
        Action("pause"),
        Action("dose", drug=OneOf(("x",)), amount=Exact("0", "20", "2.5", "mg")),
        Observation("stop"),
        Observation("seen", what=Bool),
    ),
    transitions=(
        Transition("C-1", "on", "visit", when="visits < most", then="visits += 1; since = 0"),
        Transition("C-1", "on", "pause", "rest", then="since = 0"),
        Transition("C-1", "rest", "visit", "on", when="since >= gap", then="since = 0"),
        Transition("C-1", "on", "dose", when="amount == size", then="arm = arm"),
        Transition("C-2", ("on", "rest"), "stop", "off"),
        Transition("C-2", ("on", "rest"), "seen"),
    ),
)
FIRST = Protocol("visits", "Visits", (SUBJECT,))


def version(title: str, **parts: Any) -> Protocol:
    return replace(FIRST, title=title, machines=(replace(SUBJECT, **parts),))


def row(time: str, event: str, case: str = "p", **given: object) -> dict[str, object]:
    return {"case": case, "time": time, "event": event, **given}


@pytest.fixture
def judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Replays rows under versions, and gives the code and the answer."""

    def run(
        rows: Sequence[dict[str, object]],
        *later: tuple[str, Protocol],
        options: Sequence[str] = (),
        first: Protocol = FIRST,
    ) -> tuple[int, dict[str, Any]]:
        log = tmp_path / "log.jsonl"
        log.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        (tmp_path / "first.json").write_text(dump_json(first), encoding="utf-8")
        words = ["replay", str(tmp_path / "first.json"), str(log), "--json", *options]
        for number, (since, protocol) in enumerate(later):
            path = tmp_path / f"later{number}.json"
            path.write_text(dump_json(protocol), encoding="utf-8")
            words += ["--amendment", f"{since}={path}"]
        code = main(words)
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if shown.out else {"error": shown.err}

    return run


def kinds(answer: dict[str, Any]) -> list[tuple[object, str]]:
    return [(d["row"], d["kind"]) for d in answer["deviations"]]


MORE = version("More visits", constants={"most": 4, "gap": 7})


def test_cases_go_on_under_the_new_version(judged: Any) -> None:
    rows = [row(f"2024-01-0{n}", "visit") for n in (1, 2, 3, 4, 5)]
    code, answer = judged(rows)
    assert (code, kinds(answer)) == (1, [(n, "wrongly_accepted") for n in (3, 4, 5)])
    # from the third on, the third and fourth visits are allowed; the fifth is not
    code, answer = judged(rows, ("2024-01-03", MORE))
    assert (code, kinds(answer)) == (1, [(5, "wrongly_accepted")])
    (amendment,) = answer["amendments"]
    assert (amendment["date"], amendment["protocol"]) == ("2024-01-03", "visits")
    assert amendment["from"].endswith("later0.json")
    assert (answer["cases"], answer["events"], answer["conforming_cases"]) == (1, 5, 0)
    # from the fourth on, the third came too early
    code, answer = judged(rows[:4], ("2024-01-04", MORE))
    assert (code, kinds(answer)) == (1, [(3, "wrongly_accepted")])


def test_each_case_changes_with_its_own_first_row(judged: Any) -> None:
    rows = [
        row("2024-01-01", "visit", "old"),
        row("2024-01-02", "visit", "old"),
        row("2024-01-05", "visit", "new"),
        row("2024-01-05", "visit", "old"),
        row("2024-01-02", "visit", "late"),
        row("2024-01-03", "visit", "late"),
        row("2024-01-04", "visit", "late"),
    ]
    code, answer = judged(rows, ("2024-01-05", MORE))
    assert (code, kinds(answer)) == (1, [(7, "wrongly_accepted")])
    assert (answer["cases"], answer["conforming_cases"]) == (3, 2)


def test_the_days_before_pass_under_the_old_version(judged: Any) -> None:
    longer = version(
        "Longer",
        states=(State("on", initial=True, within="since <= 20"), *SUBJECT.states[1:]),
        variables=(SUBJECT.variables[0], Clock("since", 21), *SUBJECT.variables[2:]),
    )
    rows = [row("2024-01-01", "visit"), row("2024-01-20", "visit")]
    code, answer = judged(rows)
    assert kinds(answer) == [(2, "overdue")]
    # the stay was too long before the amendment
    code, answer = judged(rows, ("2024-01-10", longer))
    assert kinds(answer)[0][1] == "overdue"
    # and not, where it came in time
    code, answer = judged(rows, ("2024-01-05", longer))
    assert (code, kinds(answer)) == (0, [])


def test_what_can_not_go_on_is_reported_once(judged: Any) -> None:
    without = version(
        "Without rest",
        states=(SUBJECT.states[0], SUBJECT.states[2]),
        transitions=tuple(
            replace(t, source=tuple(s for s in t.sources if s != "rest"))
            for t in SUBJECT.transitions
            if t.sources != ("rest",) and t.target != "rest"
        ),
    )
    rows = [
        row("2024-01-01", "pause", "resting"),
        row("2024-01-01", "visit", "on"),
        row("2024-01-01", "stop", "ended"),
        row("2024-01-05", "visit", "resting"),
        row("2024-01-05", "visit", "resting"),
        row("2024-01-05", "visit", "on"),
        row("2024-01-05", "seen", "ended", what=True),
    ]
    code, answer = judged(rows[:6], ("2024-01-05", without))
    assert code == 3
    (found,) = answer["deviations"]
    assert (found["row"], found["kind"], found["case"]) == (4, "unspecified", "resting")
    assert found["because"] == (
        "visits since 2024-01-05 does not say how this goes on: there is no state rest in it"
    )
    assert found["expected"] == {"protocol": "visits", "since": "2024-01-05"}
    assert answer["undecided"] == 1 and answer["by_kind"] == {"unspecified": 1}
    # what has ended is over in every version
    code, answer = judged(rows, ("2024-01-05", without))
    assert (7, "wrongly_accepted") in kinds(answer) and len(kinds(answer)) == 2


def test_several_amendments(judged: Any) -> None:
    rows = [row(f"2024-01-0{n}", "visit") for n in (1, 2, 3, 4, 5)]
    fewer = version("Fewer", constants={"most": 3, "gap": 7})
    code, answer = judged(rows, ("2024-01-03", MORE), ("2024-01-04", fewer))
    assert kinds(answer) == [(4, "wrongly_accepted"), (5, "wrongly_accepted")]
    # a case that only begins under the last, and one whose rows have no dates
    rows = [row("2024-02-01", "visit", "q"), {"case": "r", "event": "visit"}]
    code, answer = judged(rows, ("2024-01-03", MORE), ("2024-01-04", fewer))
    assert (code, answer["cases"], answer["events"]) == (0, 2, 2)


def test_undated_rows_stay_with_their_case(judged: Any) -> None:
    rows: list[dict[str, object]] = [
        row("2024-01-01", "visit"),
        row("2024-01-02", "visit"),
        row("2024-01-03", "visit"),
        {"case": "p", "event": "visit"},
        {"case": "p", "event": "visit"},
    ]
    _, answer = judged(rows, ("2024-01-03", MORE))
    # the new version allows it; the same row twice is reported, as in every log
    assert kinds(answer) == [(5, "extra_event")]


def test_rows_out_of_order_do_not_bring_the_old_version_back(judged: Any) -> None:
    rows = [row("2024-01-05", "visit"), row("2024-01-01", "visit"), row("2024-01-06", "visit")]
    _, answer = judged(rows, ("2024-01-05", MORE))
    assert kinds(answer) == [(2, "out_of_order")]


def test_time_passes_to_the_end_in_the_last_version(judged: Any) -> None:
    rows = [row("2024-01-01", "visit"), row("2024-01-02", "visit", "q")]
    shorter = version(
        "Shorter", states=(State("on", initial=True, within="since <= 3"), *SUBJECT.states[1:])
    )
    end = ["--as-of", "2024-01-06"]
    assert judged(rows, options=end)[0] == 0
    code, answer = judged(rows, ("2024-01-03", shorter), options=end)
    assert (code, answer["by_kind"]) == (1, {"overdue": 2})
    code, answer = judged(rows, ("2024-01-07", shorter), options=end)
    assert code == 0
    code, answer = judged(rows, ("2024-01-02", MORE), options=["--as-of", "2024-01-01"])
    assert code == 2 and "before the last row" in answer["error"]


def test_doses_and_landmarks_are_carried_over(judged: Any) -> None:
    regimen = Regimen("C-3", "x", "size", "mg", ("on",))
    machine = replace(
        SUBJECT,
        regimens=(regimen,),
        landmarks=(Landmark("month", after="visit", months=1),),
        states=(State("on", initial=True), *SUBJECT.states[1:]),
        transitions=(*SUBJECT.transitions, Transition("C-4", "on", "month", "off")),
    )
    first = replace(FIRST, machines=(machine,))
    rows = [row("2024-01-01", "visit")]
    rows += [row(f"2024-01-0{n}", "dose", drug="x", amount="5") for n in (1, 2, 4, 5, 6)]
    # a dose is missing on the third, before and after the change
    for since in ("2024-01-02", "2024-01-04", "2024-01-06"):
        _, answer = judged(rows, (since, first), first=first)
        assert kinds(answer) == [(4, "missing_event")], since
    # the month has begun under the first version
    rows = [row("2024-01-01", "visit"), row("2024-02-10", "visit")]
    _, answer = judged(rows, ("2024-01-10", first), first=first)
    assert kinds(answer) == [(2, "wrongly_accepted")]


@pytest.mark.parametrize("name", ["plerixafor-cll", "dextr-mm", "everolimus-cll"])
def test_an_amendment_that_changes_nothing_changes_no_answer(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole study whose every day may be the day of an amendment."""
    logs = Path(__file__).parent.parent / "examples" / "logs"
    for log in sorted(logs.glob(f"{name.partition('-')[0]}-study-*.csv")):
        words = ["replay", name, str(log), "--json"]
        code = main(words)
        alone = json.loads(capsys.readouterr().out)
        with log.open(encoding="utf-8", newline="") as file:
            days = sorted({line["time"][:10] for line in csv.DictReader(file) if line["time"]})
        assert len(days) > 9
        for day in days[5 :: len(days) // 3]:
            assert main([*words, "--amendment", f"{day}={name}"]) == code
            found = json.loads(capsys.readouterr().out)
            assert found["by_kind"] == alone["by_kind"], (log, day)


# ---- what is carried


def other(*variables: Any, **parts: Any) -> Any:
    return bind(
        version(
            "Other",
            variables=variables,
            transitions=(),
            states=(State("on", initial=True), State("off", final=True)),
            **parts,
        ),
        "subject",
    )


OLD = bind(FIRST, "subject")


def test_values_are_carried_by_name() -> None:
    new = other(
        Category("arm", ("c", "b", "a"), initial="c"),
        Quantity("size", "0", "40", "0.5", "mg"),
        Flag("more", initial=True),
        Clock("since", 5),
    )
    here = (0, 3, 6, 5, 1)
    assert carried(OLD, new, here) == (0, 1, 25, 1, 5)
    assert carried(OLD, OLD, here) == here


def test_cells_of_arrays_are_carried() -> None:
    def sized(levels: int) -> Any:
        return other(Count("seen", 0, 6, per="levels"), constants={"levels": levels})

    assert carried(sized(2), sized(3), (0, 4, 5)) == (0, 4, 5, 0)
    assert carried(sized(3), sized(2), (0, 4, 5, 0)) == (0, 4, 5)
    with pytest.raises(SpecError, match=r"seen\[3\] is 1, and it has no seen\[3\]"):
        carried(sized(3), sized(2), (0, 4, 5, 1))


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (Clock("since", 30), "since is 7 or more, and it counts to 30"),
        (Count("visits", 0, 2), "visits = 9 is outside 0..2"),
        (Category("arm", ("c", "d"), initial="c"), "arm = 'b' is not one of c, d"),
        (Quantity("size", "0", "20", "2", "mg"), "size"),
        (Quantity("size", "0", "20", "2.5", "mg/kg"), "size is another kind of value"),
        (Flag("visits"), "visits is another kind of value"),
    ],
)
def test_what_can_not_be_carried_exactly(variable: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        carried(OLD, other(variable), (0, 9, 7, 5, 1))


def test_a_count_that_means_more_is_carried_where_it_means_the_same() -> None:
    short = other(Count("visits", 0, 4, saturates=True))
    assert carried(OLD, short, (0, 9, 0, 0, 0)) == (0, 4)
    assert carried(short, short, (0, 4)) == (0, 4)
    with pytest.raises(SpecError, match="4 or more"):
        carried(short, OLD, (0, 4))


# ---- wrong input


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["2024-01-05"], "takes DATE=PROTOCOL"),
        (["2024-01-05="], "takes DATE=PROTOCOL"),
        (["soon=dextr-mm"], "is not an ISO date"),
        (["2024-01-05=nowhere"], "nowhere"),
        (["2024-01-05=dextr-mm", "2024-01-05=dextr-mm"], "does not come after 2024-01-05"),
        (["2024-01-05=everolimus-cll"], "the version before it has subject, trial"),
        ([f"20{n}-01-01=dextr-mm" for n in range(10, 40)], "more than 20 amendments"),
    ],
)
def test_wrong_amendments(
    given: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "a.csv"
    log.write_text("case,time,event\n", encoding="utf-8")
    words = [w for text in given for w in ("--amendment", text)]
    assert main(["replay", "dextr-mm", str(log), *words]) == 2
    assert message in capsys.readouterr().err


def test_the_text_names_the_versions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "a.csv"
    log.write_text("case,time,event,dlt,level,colour\np,2024-01-01,register,,1,red\n", "utf-8")
    words = ["replay", "ibrutinib-mm", str(log), "--amendment", "2024-01-01=ibrutinib-mm"]
    assert main(words) == 0
    shown = capsys.readouterr()
    assert "since 2024-01-01 under ibrutinib-mm (ibrutinib-mm)\n" in shown.out
    assert "another protocol" not in shown.err
    main(["replay", "ibrutinib-mm", str(log), "--amendment", "2024-01-01=dextr-mm"])
    assert "dextr-mm is another protocol than ibrutinib-mm" in capsys.readouterr().err
    assert shown.err.count("column 'colour' means nothing here") == 1
