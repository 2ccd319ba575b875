"""Proofs for every size: what is proved, what stays open without a lemma, what is never proved."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from small import COUNTS, bound, escalation, protocol, result
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Bool,
    Category,
    Clock,
    Count,
    Flag,
    Function,
    Invariant,
    Lemma,
    Observation,
    OneOf,
    Protocol,
    State,
    Transition,
    Whole,
)
from trialspec.statemachines.bind import bind
from trialspec.statemachines.functions import function
from trialspec.statemachines.proof import induction as induction_module
from trialspec.statemachines.proof.induction import Induction, induction
from trialspec.statemachines.proof.obligations import obligations, properties
from trialspec.statemachines.proof.solver import check
from trialspec.statemachines.proof.verdict import MachineReport
from trialspec.statemachines.proof.verify import SYMBOLIC_KINDS, scripts_text, verify_machine

GO, UP, END = Action("go"), Action("up"), Action("end")


def rule(
    event: str = "go",
    when: str = "True",
    then: str = "",
    target: str | None = None,
    source: str = "open",
    clause: str = "C",
) -> Transition:
    return Transition(clause, source, event, target, when, then)


def general(whole: Protocol, size: str = "D") -> Induction:
    """The induction for every value of a size."""
    machine = bind(whole, symbolic=size)
    return induction(machine, properties(machine))


def changed(**parts: Any) -> Protocol:
    """M(D) with parts of its machine replaced."""
    whole = escalation()
    return replace(whole, machines=(replace(whole.machines[0], **parts),))


def without(name: str) -> Protocol:
    """M(D) without one of its lemmas."""
    return changed(lemmas=tuple(m for m in escalation().machines[0].lemmas if m.name != name))


def engines(report: MachineReport) -> set[tuple[str, tuple[str, ...], str]]:
    """Verdict, engines and size of the obligations that the symbolic engine can settle."""
    return {
        (r.verdict, (r.engine, *r.agreed_by), r.for_all)
        for r in report.results
        if r.obligation.kind in SYMBOLIC_KINDS
    }


# ---- the reference model


def test_everything_is_proved_for_every_number_of_levels() -> None:
    found = general(escalation())
    assert found.open == {}
    ids = {o.id for o in obligations(bind(escalation())) if o.kind in SYMBOLIC_KINDS}
    assert ids <= found.proved
    assert {
        "ESC-10/treated-cap",
        "ESC-11/toxicities-among-treated",
        "ESC-12/current-level-open",
        "ESC-13/mtd-evidence",
    } <= found.proved


@pytest.mark.parametrize("levels", [1, 2, 5])
def test_two_engines_agree_at_every_size(levels: int) -> None:
    report = verify_machine(escalation(), constants={"D": levels})
    assert engines(report) == {("proved", ("induction", "enumeration"), "D")}
    assert all(r.as_expected for r in report.results)
    if levels in COUNTS:
        assert (report.configurations, report.transitions) == COUNTS[levels]
    assert report.steps == 12 * levels


def test_a_proof_names_the_lemmas_it_may_use() -> None:
    report = verify_machine(escalation(), engine="induction")
    names = tuple(f"lemma/{m.name}" for m in escalation().machines[0].lemmas)
    assert result(report, "ESC-13/mtd-evidence").lemmas == names
    assert result(report, names[0]).lemmas == names[1:]
    assert (report.configurations, report.transitions, report.steps) == (None, None, None)
    tight = result(report, "ESC-10/treated-cap/tight")
    assert (tight.verdict, tight.reason) == ("unknown", "no engine that was asked settles this")


STUCK = {"range/pend", "deadlock/escalating", "deadlock/expanding"}
UNANSWERED = {"totality/escalating/evaluate", "totality/expanding/evaluate"}


@pytest.mark.parametrize(
    ("lemma", "still_open"),
    [
        # implied by the others: nothing needs it
        ("patients in flight", set()),
        ("cohort in progress", STUCK),
        (
            "closed level adjacent",
            {"lemma/patients in flight", "lemma/cohort in progress"} | STUCK | UNANSWERED,
        ),
        (
            "levels above untouched",
            {"lemma/patients in flight", "lemma/cohort in progress"} | STUCK | UNANSWERED,
        ),
        (
            "levels below cleared",
            {"lemma/cohort in progress", "ESC-13/mtd-evidence"} | STUCK,
        ),
    ],
)
def test_without_a_lemma_what_needs_it_stays_open(lemma: str, still_open: set[str]) -> None:
    found = general(without(lemma))
    assert set(found.open) == still_open
    assert not found.proved & still_open
    assert f"lemma/{lemma}" not in found.kept


def test_what_stays_open_is_settled_by_the_other_engine_alone_and_for_no_other_size() -> None:
    report = verify_machine(without("levels below cleared"), constants={"D": 3})
    found = result(report, "ESC-13/mtd-evidence")
    assert (found.verdict, found.engine, found.agreed_by, found.for_all) == (
        "proved",
        "enumeration",
        (),
        "",
    )
    assert result(report, "ESC-10/treated-cap").for_all == "D"
    alone = verify_machine(without("levels below cleared"), engine="induction")
    found = result(alone, "ESC-13/mtd-evidence")
    assert (found.verdict, found.engine, found.counterexample) == ("unknown", "", None)
    assert found.reason == (
        "not inductive as it stands (at ESC-09/escalating-evaluate, ESC-09/expanding-evaluate); "
        "a lemma may be missing"
    )


def test_a_false_lemma_proves_nothing_and_is_told_apart() -> None:
    lemmas = (*escalation().machines[0].lemmas, Lemma("too strong", "all(d[k] <= 1 for k in D)"))
    whole = changed(lemmas=lemmas)
    assert "lemma/too strong" in general(whole).open
    report = verify_machine(whole, constants={"D": 3})
    assert report.unused_lemmas == ("too strong",)
    assert "lemma/too strong" not in result(report, "ESC-13/mtd-evidence").lemmas
    assert engines(report) == {("proved", ("induction", "enumeration"), "D")}
    assert verify_machine(escalation(), constants={"D": 3}).unused_lemmas == ()


def test_the_same_statement_as_an_invariant_is_refuted_with_its_shortest_run() -> None:
    strong = (
        *escalation().machines[0].invariants,
        Invariant("X", "one", "", "all(d[k] <= 1 for k in D)"),
    )
    report = verify_machine(changed(invariants=strong), constants={"D": 3})
    found = result(report, "X/one")
    assert (found.verdict, found.engine) == ("refuted", "enumeration")
    assert found.counterexample is not None
    assert [s.event for s in found.counterexample] == [
        "enroll",
        "enroll",
        "evaluate",
        "evaluate",
    ]


@pytest.mark.parametrize(
    ("invariant", "configurations"),
    [
        ("all(n[k] <= 5 for k in D)", 753),
        ("cur < tox", 753),
        ("implies(state == 'mtd', d[cur] == 1)", 753),
    ],
)
def test_a_false_invariant_is_never_proved(invariant: str, configurations: int) -> None:
    false = (*escalation().machines[0].invariants, Invariant("X", "false", "", invariant))
    whole = changed(invariants=false)
    assert "X/false" not in general(whole).proved
    report = verify_machine(whole, constants={"D": 3})
    assert result(report, "X/false").verdict == "refuted"
    assert report.configurations == configurations


def test_a_wrong_rule_is_never_proved_right() -> None:
    table = tuple(
        replace(t, when=t.when.replace("< cap", "<= cap")) if t.clause == "ESC-01" else t
        for t in escalation().machines[0].transitions
    )
    whole = changed(transitions=table)
    report = verify_machine(whole, constants={"D": 2})
    wrong = {r.obligation.id for r in report.results if r.verdict == "refuted"}
    assert wrong
    assert not wrong & general(whole).proved


def test_the_same_scripts_every_time() -> None:
    assert scripts_text(escalation()) == scripts_text(escalation())
    text = scripts_text(escalation())
    assert text.startswith("; escalation trial\n; start\n(set-logic QF_UFLIA)\n")
    assert text.count("(push 1)") == text.count("(pop 1)") > text.count("(check-sat)") > 0
    assert "forall" not in text


# ---- sums for every size


COUNTER: Mapping[str, Any] = {
    "constants": {"levels": 3, "cap": 6},
    "variables": (
        Count("level", 1, "levels"),
        Count("treated", 0, "cap", per="levels"),
        Count("total", 0, "cap * levels"),
    ),
    "events": (GO, UP, END),
    "transitions": (
        rule(when="treated[level] < cap", then="treated[level] += 1; total += 1"),
        rule("up", "level < levels", "level += 1"),
        rule("end", target="done"),
    ),
}
AT_MOST = Invariant(
    "C", "six-each", "at most 6K", "sum(treated[k] for k in levels) <= cap * levels", tight=True
)
TOTAL = Invariant("C", "total", "at most 6K", "total <= cap * levels", tight=True)
COUNTED = Lemma("counted", "total == sum(treated[k] for k in levels)")


def test_six_for_each_level_is_proved_for_every_number_of_levels() -> None:
    whole = protocol(**COUNTER, invariants=(AT_MOST, TOTAL), lemmas=(COUNTED,))
    found = general(whole, "levels")
    assert found.open == {}
    for levels in (1, 2, 3):
        report = verify_machine(whole, constants={"levels": levels})
        assert engines(report) == {("proved", ("induction", "enumeration"), "levels")}
        for invariant in ("C/six-each", "C/total"):
            tight = result(report, f"{invariant}/tight")
            assert tight.verdict == "proved"
            assert tight.witness is not None
            assert len(tight.witness) == 7 * levels - 1


def test_a_counter_that_counts_something_else_is_not_what_it_counts() -> None:
    table = (
        rule(when="treated[level] < cap", then="treated[level] += 1; total += 2"),
        *COUNTER["transitions"][1:],
    )
    variables = (*COUNTER["variables"][:2], Count("total", 0, "2 * cap * levels"))
    whole = protocol(**{**COUNTER, "transitions": table, "variables": variables}, lemmas=(COUNTED,))
    found = general(whole, "levels")
    assert set(found.open) == {"lemma/counted", "range/total"}
    report = verify_machine(whole)
    assert report.unused_lemmas == ("counted",)


def test_the_range_of_what_is_summed_never_rests_on_the_bounds_of_the_sum() -> None:
    # the sum says that a[i] is what is left of 6K: were the sum afterwards known to be at most 6K,
    # it would follow that a[i] can't grow beyond 6
    whole = protocol(
        constants={"k": 3},
        variables=(Count("i", 1, "k"), Count("a", 0, 6, initial=6, per="k")),
        events=(GO, UP, END),
        transitions=(
            rule(then="a[i] += 1"),
            rule("up", then="a[i] = 0"),
            rule("end", target="done"),
        ),
        lemmas=(Lemma("left", "sum(a[j] for j in k) == 6 * k - 6 + a[i]"),),
    )
    assert "range/a" in general(whole, "k").open
    assert result(verify_machine(whole), "range/a").verdict == "refuted"


def test_an_initial_value_outside_its_range_is_not_proved_by_the_bounds_of_a_sum() -> None:
    whole = protocol(
        constants={"k": 1},
        variables=(Count("a", 0, 6, initial="k + 5", per="k"),),
        events=(END,),
        transitions=(rule("end", target="done"),),
        invariants=(Invariant("C", "i", "", "sum(a[j] for j in k) >= 0"),),
    )
    # in range for one level alone
    assert "range/a" in general(whole, "k").open
    found = result(verify_machine(whole), "range/a")
    assert (found.verdict, found.for_all) == ("proved", "")


@pytest.mark.parametrize(
    ("then", "still_open"),
    [
        # two cells at once: what is added to the sum is not followed
        ("treated[level] += 1; treated[1] = 0", {"range/total", "lemma/counted"}),
        ("treated[level] = 0", {"range/total", "lemma/counted"}),
        ("treated[level] += 1; total += 1", set()),
    ],
)
def test_sums_follow_one_cell_of_a_rule(then: str, still_open: set[str]) -> None:
    table = (
        rule(when="treated[level] < cap and level > 1", then=then),
        *COUNTER["transitions"][1:],
    )
    whole = protocol(**{**COUNTER, "transitions": table}, lemmas=(COUNTED,))
    found = general(whole, "levels")
    assert {"lemma/counted"} & set(found.open) == {"lemma/counted"} & still_open


def test_a_sum_of_terms_that_are_no_cells() -> None:
    full = "sum(1 if treated[k] == cap else 0 for k in levels)"
    counts = Count("filled", 0, "levels")
    table = (
        rule(when="treated[level] < cap - 1", then="treated[level] += 1"),
        rule(when="treated[level] == cap - 1", then="treated[level] += 1; filled += 1"),
        *COUNTER["transitions"][1:],
    )
    whole = protocol(
        **{**COUNTER, "transitions": table, "variables": (*COUNTER["variables"][:2], counts)},
        lemmas=(Lemma("filled", f"filled == {full}"),),
    )
    report = verify_machine(whole, constants={"levels": 2})
    found = result(report, "lemma/filled")
    assert (found.verdict, found.for_all) == ("proved", "")
    assert result(report, "range/treated").for_all == "levels"


# ---- functions: proofs know their contracts alone


@function("next_free")
def _next_free(cells: tuple[int, ...], level: int) -> int:
    return next((k for k in range(level, len(cells) + 1) if cells[k - 1] == 0), 0)


def choosing(ensures: str, **more: Any) -> Protocol:
    return protocol(
        constants={"levels": 2},
        variables=(
            Count("level", 1, "levels"),
            Count("treated", 0, 1, per="levels"),
        ),
        events=(GO, UP, END),
        functions=(Function("next_free", (None, Whole(1, "levels")), Whole(0, "levels"), ensures),),
        transitions=(
            rule(
                when="next_free(treated, level) > 0",
                then="level = next_free(treated, level); treated[level] = 1",
            ),
            rule("up", "next_free(treated, level) == 0"),
            rule("end", target="done"),
        ),
        **more,
    )


def test_a_proof_rests_on_the_contract_of_a_function() -> None:
    ahead = (Invariant("C", "open", "", "level >= 1 and level <= levels"),)
    report = verify_machine(choosing("True", invariants=ahead))
    assert engines(report) == {("proved", ("induction", "enumeration"), "levels")}


def test_what_the_contract_does_not_promise_is_not_proved() -> None:
    # the function never answers a level below; only a contract that says so proves it
    never = Invariant("C", "never-back", "", "next_free(treated, 1) != 2 or treated[1] == 1")
    weak, strong = (
        choosing("True", invariants=(never,)),
        choosing("result == 0 or result == 1 or treated[1] == 1", invariants=(never,)),
    )
    assert result(verify_machine(weak), "C/never-back").engine == "enumeration"
    found = result(verify_machine(strong), "C/never-back")
    assert (found.engine, found.agreed_by) == ("induction", ("enumeration",))


@function("coin")
def _coin(n: int) -> int:
    return n % 2


def test_a_function_of_truth_values() -> None:
    whole = protocol(
        variables=(Count("n", 0, 3), Flag("f")),
        events=(GO, UP, END),
        functions=(Function("coin", (Whole(0, 3),), Bool, "result == (n in (1, 3))"),),
        transitions=(
            rule(when="coin(n)", then="f = coin(n)"),
            rule("up", "n < 3 and not coin(n)", "n += 1"),
            rule("end", target="done"),
        ),
        invariants=(Invariant("C", "odd", "", "not f or n == 1"),),
        lemmas=(Lemma("small", "n <= 1"),),
    )
    report = verify_machine(whole)
    assert engines(report) == {("proved", ("induction", "enumeration"), "")}


# ---- time


def test_a_day_keeps_what_is_proved_or_it_is_not() -> None:
    parts: dict[str, Any] = {
        "variables": (Clock("c", 10), Flag("f")),
        "events": (GO, END),
        "transitions": (
            rule(when="c < 5", then="f = True; c = 0"),
            rule("end", "c >= 5", target="done"),
        ),
    }
    whole = protocol(
        **parts,
        invariants=(
            Invariant("C", "fine", "", "c >= 0"),
            Invariant("C", "short", "", "c < 7"),
            Invariant("C", "after", "", "implies(state == 'done', c >= 5)"),
        ),
    )
    report = verify_machine(whole)
    assert {r.obligation.id: (r.verdict, r.engine) for r in report.results} == {
        "range/c": ("proved", "induction"),
        "deadlock/open": ("proved", "induction"),
        "termination/final": ("proved", "enumeration"),
        "C/fine": ("proved", "induction"),
        "C/short": ("refuted", "enumeration"),
        "C/after": ("proved", "induction"),
    }
    short = result(report, "C/short").counterexample
    assert short is not None
    assert [(s.event, s.arguments) for s in short] == [("elapse", (("days", 7),))]


# ---- shapes that the symbolic reading meets


def test_categories_arguments_tables_and_choices() -> None:
    whole = protocol(
        constants={"k": 3, "t": (1, 2, 3)},
        variables=(
            Count("i", 1, "k"),
            Category("best", ("none", "PR", "CR")),
            Flag("f", per="k"),
            Count("m", -3, 4),
        ),
        events=(
            Observation("see", r=OneOf(("PR", "CR")), x=Whole(1, "k"), y=Bool),
            Action("go", x=Whole(1, "k")),
            Action("pick", r=OneOf(("PR", "CR")), y=Bool),
            END,
        ),
        transitions=(
            rule(
                "see", "r == 'PR' and y", "best = 'PR'; f[x] = not f[x]; m = t[x] if f[i] else -x"
            ),
            rule("see", "otherwise", "i = min(t[i], max(x, 2)); f[i] = y; m = min(4, x + y)"),
            rule("go", "x == i and f[x]", "f[x] = False"),
            rule("pick", "r == 'CR' and (y or best != 'CR')", "best = 'CR'"),
            rule("end", "(f[1] if i > 1 else True) != (best == 'CR')", target="done"),
        ),
        invariants=(Invariant("C", "m", "", "m > -4 and (i > 0 if f[1] else i < 9)"),),
    )
    # the table has three values: it is proved at that size alone
    assert "definedness/C/open-see-2" not in general(whole, "k").proved
    report = verify_machine(whole)
    assert {(v, e) for v, e, _ in engines(report)} == {("proved", ("induction", "enumeration"))}
    assert result(report, "C/m").verdict == "proved"


def test_a_table_that_needs_the_size_as_a_number_is_proved_at_that_size() -> None:
    whole = protocol(
        constants={"k": 2},
        variables=(Count("i", 1, "k"), Count("a", 0, 1, per="k"), Count("b", 0, 2, saturates=True)),
        events=(GO, END),
        definitions={"many": "k * k"},
        transitions=(
            rule(
                when="a[i] < 1 and many > 3 and all(a[j] < 2 for j in k)", then="a[i] += 1; b += 1"
            ),
            rule("end", target="done"),
        ),
    )
    report = verify_machine(whole)
    assert all(r.as_expected for r in report.results)


def test_a_size_that_can_not_be_symbolic_leaves_the_proof_at_the_size() -> None:
    # the horizon of what saturates must be a number
    whole = protocol(
        constants={"k": 2},
        variables=(Count("i", 0, "k", saturates=True), Count("a", 0, 1, per="k")),
        events=(GO, END),
        transitions=(rule(then="i += 1"), rule("end", target="done")),
    )
    with pytest.raises(SpecError, match=r"i saturates: its highest value must be a number"):
        bind(whole, symbolic="k")
    report = verify_machine(whole)
    assert engines(report) == {("proved", ("induction", "enumeration"), "")}


def test_what_can_not_be_said_without_quantifiers_is_left_open() -> None:
    whole = protocol(
        constants={"k": 2},
        variables=(Count("i", 1, "k"), Flag("a", per="k"), Flag("f")),
        events=(GO, END),
        transitions=(
            rule(when="not a[i]", then="a[i] = True; f = all(a[j] for j in k)"),
            rule("end", "(1 if any(a[j] for j in k) else 0) == 1", target="done"),
        ),
        invariants=(
            Invariant("C", "choice", "", "True if (any(a[j] for j in k) == f) else i >= 1"),
            Invariant("C", "branch", "", "any(a[j] for j in k) or not f if i >= 1 else f"),
        ),
    )
    found = general(whole, "k")
    assert "C/choice" in found.open
    report = verify_machine(whole)
    assert [r.obligation.id for r in report.results if not r.as_expected] == []
    assert result(report, "C/choice").verdict == "proved"


def test_effects_that_can_not_be_said_may_have_any_value() -> None:
    whole = protocol(
        constants={"k": 2},
        variables=(
            Count("i", 1, "k"),
            Flag("a", per="k"),
            Count("n", 0, 1),
            Count("b", 0, 2, per="k"),
        ),
        events=(GO, UP, END),
        transitions=(
            rule(when="not a[i]", then="a[i] = True; n = 1 if all(a[j] for j in k) else 0"),
            rule("up", "i < k", "i += 1; b[1 if any(a[j] for j in k) else i] = 1; b[i + 1] = 2"),
            rule("end", target="done"),
        ),
        lemmas=(Lemma("some", "sum(b[j] for j in k) >= 0"),),
    )
    found = general(whole, "k")
    assert {"range/n", "definedness/C/open-up"} <= set(found.open)
    report = verify_machine(whole)
    assert all(r.as_expected for r in report.results)
    assert result(report, "range/n").for_all == ""


def test_existential_facts_need_a_level_that_shows_them() -> None:
    whole = protocol(
        constants={"k": 2},
        variables=(Count("i", 1, "k"), Flag("a", per="k"), Flag("seen")),
        events=(GO, UP, END),
        transitions=(
            rule(when="not seen", then="a[i] = True; seen = True"),
            rule("up", "i < k", "i += 1"),
            rule("end", target="done"),
        ),
        invariants=(Invariant("C", "somewhere", "", "implies(seen, any(a[j] for j in k))"),),
    )
    report = verify_machine(whole)
    found = result(report, "C/somewhere")
    assert found.verdict == "proved"
    assert "C/somewhere" in general(whole, "k").proved | set(general(whole, "k").open)


def test_undefined_properties_are_refuted_though_their_text_is_always_true() -> None:
    whole = protocol(
        constants={"k": 2},
        variables=(Count("x", 1, 3), Count("a", 0, 3, per="k")),
        events=(GO, END),
        transitions=(rule(when="x < 3", then="x += 1"), rule("end", target="done")),
        invariants=(Invariant("C", "same", "", "a[x] == a[x]"),),
    )
    report = verify_machine(whole)
    verdicts = {r.obligation.id: (r.verdict, r.engine) for r in report.results}
    assert verdicts["definedness/C/same"] == verdicts["C/same"] == ("refuted", "enumeration")
    run = result(report, "definedness/C/same").counterexample
    assert run is not None
    assert [s.event for s in run] == ["go", "go"]


@pytest.mark.parametrize(
    ("bad", "id"),
    [
        (rule("up", "x == 3 and a[x] >= 0"), "definedness/C/open-up"),
        (rule("up", "x == 3", "x = a[x]"), "definedness/C/open-up"),
        (rule("up", "x == 3", "a[x] = 0"), "definedness/C/open-up"),
        (rule("up", "x == 3", "a[x - 2] = 1; a[1] = 2"), "definedness/C/open-up"),
        (rule("up", "x == 3 and t[x] > 0"), "definedness/C/open-up"),
        (rule("up", "x == 3", "x += 1"), "range/x"),
        (rule("go", "x == 2"), "determinism/open/go"),
    ],
)
def test_defects_of_rules_are_proved_by_neither_engine(bad: Transition, id: str) -> None:
    whole = protocol(
        constants={"k": 2, "t": (1, 2)},
        variables=(Count("x", 1, 3), Count("a", 0, 3, per="k")),
        events=(GO, UP, END),
        transitions=(rule(when="x < 3", then="x += 1"), bad, rule("end", target="done")),
    )
    assert id not in general(whole, "k").proved
    assert result(verify_machine(whole), id).verdict == "refuted"
    assert result(verify_machine(whole, engine="induction"), id).verdict == "unknown"


def test_giving_up_is_not_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(induction_module, "MAX_ROUNDS", 1)
    found = general(without("closed level adjacent"))
    assert found.proved == frozenset()
    assert set(found.open.values()) == {("too many rounds",)}


def test_states_alone_need_no_arrays() -> None:
    machine = bound(
        states=(State("open", initial=True), State("held"), State("done", final=True)),
        events=(GO, END),
        transitions=(rule(target="held"), rule("end", source="held", target="done")),
        invariants=(Invariant("C", "any", "", "state in ('open', 'held', 'done')"),),
    )
    found = induction(machine, properties(machine))
    assert found.open == {}
    assert found.proved == {"C/any", "deadlock/open", "deadlock/held"}


# ---- the solver


def test_answers_of_the_solver() -> None:
    text = "(declare-const x Int)\n(assert (< x 0))\n(check-sat)\n(assert (> x 0))\n(check-sat)\n"
    assert check(text) == ["sat", "unsat"]
    assert check("") == []


def test_an_answer_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    import z3

    monkeypatch.setattr(z3, "Z3_eval_smtlib2_string", lambda *_: "sat\nsurprise\n")
    with pytest.raises(AssertionError, match="the solver did not take the script: sat\nsurprise"):
        check("(check-sat)")


def test_a_text_that_the_solver_does_not_take_is_a_defect_of_this_program() -> None:
    with pytest.raises(AssertionError, match=r"the solver did not take the script"):
        check("(assert |no such thing|)\n(check-sat)\n")
