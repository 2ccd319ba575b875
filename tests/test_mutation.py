"""The driver of the mutation tests: the changes it makes, what it chooses, what it decides."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from mutation.choice import base, changed_lines, read_accepted, stale, turn
from mutation.judge import drawn
from mutation.project import ROOT, TRIALSPEC
from mutation.sites import Mutant, mutants, unparsed

# ---- changes


def changes(body: str) -> list[str]:
    """The changes of a function with this body."""
    source = "def f(a, b, c=x):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return [m.key.change for m in mutants("f.py", source)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a < b", ["< to <="]),
        ("return a <= b > c", ["<= to <", "> to >="]),
        ("return a >= b == c", [">= to >", "== to !="]),
        ("return a != b", ["!= to =="]),
        ("return a is b", ["is to is not"]),
        ("return a is not b", ["is not to is"]),
        ("return a in b", ["in to not in"]),
        (
            "return a not in (b, 'x')",
            ["not in to in", "not among b", "not among 'x'"],
        ),
        ("return a in (b,)", ["in to not in"]),
        ("return a and b", ["and without a", "and without b"]),
        ("return a or b or c", ["or without a", "or without b", "or without c"]),
        ("return not a", ["without not"]),
        ("return -a", ["without -"]),
        ("return ~a", ["without ~"]),
        ("return 7", ["7 to 8", "7 to 6"]),
        ("return True", ["True to False"]),
        ("return a + b", ["returns None", "+ to -"]),
        ("return a - b", ["returns None", "- to +"]),
        ("return a * b", ["returns None", "* to +"]),
        ("return a // b", ["returns None", "// to *"]),
        ("return a % b", ["returns None", "% to //"]),
        ("return a << b", ["returns None", "<< to >>"]),
        ("return a | b", ["returns None", "only a", "only b"]),
        ("return a & b", ["returns None", "only a", "only b"]),
        ("return a + [b]", ["returns None", "only a", "only [b]"]),
        ("return 'x' * a", ["returns None"]),
        ("return min(a, b)", ["returns None", "min to max"]),
        ("return any(a)", ["returns None", "any to all"]),
        ("return a[0]", ["returns None", "0 to 1"]),
        ("return a[2]", ["returns None", "2 to 3", "2 to 1"]),
        ("return b if a else c", ["returns None", "condition turned"]),
        ("return [x for x in a if b]", ["returns None", "condition turned"]),
        ("return [x for x in a if b < c]", ["returns None", "< to <="]),
        ("if a:\n    return b\nreturn c", ["condition turned", "return left out", "returns None"]),
        ("if not a:\n    return b\nreturn c", ["without not", "return left out", "returns None"]),
        ("while a:\n    break", ["condition turned", "break left out"]),
        ("for x in a:\n    continue", ["continue left out"]),
        ("a.append(b)", ["call left out"]),
        ("yield a", ["call left out"]),
        ("raise a", ["raise left out"]),
        ("a += b", ["assignment left out", "+ to -"]),
        ("a = b", ["assignment left out"]),
        ("a, b = b, a", ["assignment left out"]),
        ("a.x = b", ["assignment left out"]),
        ("a[b] = c", ["assignment left out"]),
        ("return f'{a + b} of {c}'", ["returns None", "+ to -"]),
        ("try:\n    a()\nexcept E:\n    b()\nfinally:\n    c()", ["call left out"] * 3),
        ("with a(b):\n    c()", ["call left out"]),
        ("match a:\n    case 1:\n        b()", ["call left out"]),
        ("return lambda: a < b", ["returns None", "< to <="]),
        ("def g():\n    return a < b\nreturn g", ["< to <=", "returns None"]),
    ],
)
def test_the_changes_of_a_statement(body: str, expected: list[str]) -> None:
    found = [c.removesuffix(" (2)").removesuffix(" (3)") for c in changes(body)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    "body",
    [
        "'a text'",
        "return 'a text'",
        "pass",
        "return",
        "return None",
        "assert a < b",
        "from x import y",
        "first = a",
        "first: int",
        "return zip(a, b, strict=True) if None else None",
        "if TYPE_CHECKING:\n    a()",
    ],
)
def test_what_is_left_alone(body: str) -> None:
    assert set(changes(body)) <= {"returns None", "condition turned"}


def test_a_number_told_to_the_type_checker_is_left_alone() -> None:
    assert changes("return int(a or 0)") == ["returns None"]
    assert changes("return int(a or 1)") != ["returns None"]


MODULE = '''
"""Says what it is."""

from dataclasses import dataclass

Either = int | str
LIMIT = 3
TABLE = {"<": ">=", ">": "<="}


@dataclass(frozen=True)
class Thing:
    """A thing."""

    size: int = 1

    def larger(self, by: int = 2) -> bool:
        """Whether."""
        return self.size > by


TABLE.update(a="b")
'''


def test_a_module_and_its_classes() -> None:
    found = [(m.key.function, m.key.change, m.in_function) for m in mutants("m.py", MODULE)]
    assert found == [
        ("", "3 to 4", False),
        ("", "3 to 2", False),
        ("", "without '<'", False),
        ("", "without '>'", False),
        ("Thing", "1 to 2", False),
        ("Thing", "1 to 0", False),
        ("Thing.larger", "2 to 3", False),
        ("Thing.larger", "2 to 1", False),
        ("Thing.larger", "> to >=", True),
        ("", "call left out", False),
    ]


def lines_that_differ(mutant: Mutant, source: str) -> list[tuple[str, str]]:
    """Before and after, without what is equal."""
    before = unparsed(ast.parse(source)).splitlines()
    after = mutant.source().splitlines()
    assert len(before) == len(after)
    return [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]


def test_each_mutant_differs_in_one_line_and_leaves_the_others_alone() -> None:
    found = mutants("m.py", MODULE)
    for _ in range(2):
        assert [lines_that_differ(m, MODULE) for m in found[:5]] == [
            [("LIMIT = 3", "LIMIT = 4")],
            [("LIMIT = 3", "LIMIT = 2")],
            [("TABLE = {'<': '>=', '>': '<='}", "TABLE = {'>': '<='}")],
            [("TABLE = {'<': '>=', '>': '<='}", "TABLE = {'<': '>='}")],
            [("    size: int = 1", "    size: int = 2")],
        ]


def test_a_mutant_knows_the_lines_of_its_statement() -> None:
    source = (
        "def f(a):\n    if (a and\n        b):\n        return g(\n            1)\n    return 2\n"
    )
    found = {m.key.change: m.lines for m in mutants("m.py", source)}
    assert found["and without a"] == range(2, 4)
    assert found["1 to 2"] == range(4, 6)
    assert found["2 to 3"] == range(6, 7)


def test_keys_are_unique_and_the_mutants_are_programs() -> None:
    for file in TRIALSPEC.core:
        found = mutants(file, TRIALSPEC.source(file))
        assert len({m.key for m in found}) == len(found) > 50
    for mutant in drawn(mutants("spec/fold.py", TRIALSPEC.source("spec/fold.py")))[:10]:
        assert ast.dump(ast.parse(mutant.source())) != ast.dump(
            ast.parse(TRIALSPEC.source("spec/fold.py"))
        )


def test_the_order_of_a_draw_does_not_depend_on_the_order_of_the_lines() -> None:
    found = mutants("m.py", MODULE)
    assert drawn(found) == drawn(reversed(found))
    assert drawn(found) != found


# ---- choices


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "one more")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    commit(folder, a="1\n2\n3\n", b="1\n")
    return folder


def test_without_an_earlier_commit_there_is_nothing_to_compare_with(
    repository: Path, tmp_path: Path
) -> None:
    assert base(repository) == ("", "this clone has no commit before the newest")
    assert turn(tmp_path, ("a.py", "b.py")) == ("a.py", "default: git knows nothing here")
    assert base(tmp_path) == ("", "git knows no commit here")


def test_changed_lines_are_those_since_the_commit_before(repository: Path) -> None:
    commit(repository, a="1\n2\nthree\nfour\n", c="1\n2\n")
    found, why = base(repository)
    assert why == "compared with the commit before"
    assert changed_lines(repository, found) == {"a.py": {3, 4}, "c.py": {1, 2}}


def test_changed_lines_are_those_since_the_branch_left_main(repository: Path) -> None:
    git(repository, "switch", "-c", "work")
    commit(repository, b="one\n")
    commit(repository, a="1\n3\n")
    found, why = base(repository)
    assert why == "compared with where the branch left main"
    # a line that is gone is no line to change
    assert changed_lines(repository, found) == {"b.py": {1}}
    found, why = base(repository, "HEAD~1")
    assert why == "compared with HEAD~1"
    assert changed_lines(repository, found) == {}
    with pytest.raises(SystemExit, match="git knows no commit 'nowhere'"):
        base(repository, "nowhere")


def test_turns_go_by_the_number_of_commits(repository: Path) -> None:
    core = ("a.py", "b.py", "c.py")
    assert turn(repository, core) == ("b.py", "commit number 1")
    commit(repository, a="x\n")
    assert turn(repository, core) == ("c.py", "commit number 2")
    commit(repository, a="y\n")
    assert turn(repository, core) == ("a.py", "commit number 3")


def test_in_a_shallow_clone_turns_go_by_the_day(repository: Path, tmp_path: Path) -> None:
    commit(repository, a="x\n")
    git(tmp_path, "clone", "--depth", "1", f"file://{repository}", "shallow")
    assert base(tmp_path / "shallow") == ("", "this clone has no commit before the newest")
    file, why = turn(tmp_path / "shallow", ("a.py", "b.py"))
    day = int(why.removeprefix("day ").removesuffix(" of the newest commit"))
    assert file == ("a.py", "b.py")[day % 2]
    assert day > 20_000


def test_a_survivor_is_accepted_for_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    entry = dedent(
        """
        [[survivor]]
        file = "m.py"
        function = ""
        line = "LIMIT = 3"
        change = "3 to 4"
        reason = "{}"
        """
    )
    path.write_text(entry.format("three or four, who cares") + entry.format("again"), "utf-8")
    first, second = read_accepted(path)
    assert first.reason == "three or four, who cares"
    assert stale([first, second], mutants("m.py", MODULE)) == []
    assert stale([first], mutants("m.py", "LIMIT = 5\n")) == [first]
    path.write_text(entry.format(" "), "utf-8")
    with pytest.raises(SystemExit, match=r"no reason is given for m.py \(module\): LIMIT = 3"):
        read_accepted(path)
    assert read_accepted(None) == []


def test_the_accepted_survivors_are_mutants_of_today() -> None:
    # one whose line has changed since is to be judged anew: take it out, or write the line anew
    accepted = read_accepted(TRIALSPEC.accepted)
    keys = [a.key for a in accepted]
    assert len(set(keys)) == len(keys)
    found = [m for file in {k.file for k in keys} for m in mutants(file, TRIALSPEC.source(file))]
    assert stale(accepted, found) == []


# ---- a whole run

SUMS = '''
"""What is tested."""

LIMIT = 3


def count(n: int) -> int:
    """Counts to n."""
    done = 0
    while done < n:
        done += 1
    return done
'''
CLAMP = '''

def clamp(n: int) -> int:
    """At most the limit."""
    if n > LIMIT:
        return LIMIT
    return n


def elsewhere() -> bool:
    """Is seen by another process."""
    return True
'''
TESTS = """
import subprocess
import sys

from toyland.room.sums import LIMIT, clamp, count, elsewhere


def test_clamp():
    assert clamp(5) == LIMIT
    assert clamp(1) == 1


def test_count():
    assert count(0) == 0
    assert count(3) == 3


def test_elsewhere():
    elsewhere()
    code = "from toyland.room.sums import elsewhere; print(elsewhere())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True\\n"


def test_that_passes_only_when_run_by_itself():
    clamp(2)
    assert "mutation" not in sys.modules
"""
COMMAND = """
import sys
from pathlib import Path
from mutation import bench
from mutation.__main__ import main
from mutation.project import Project

bench.BEYOND = 2
accepted = Path(sys.argv[1]) if sys.argv[1] else None
project = Project(Path.cwd(), "toyland", ("room",), ("room/sums.py",), accepted)
sys.exit(main(sys.argv[2:], project))
"""
ACCEPTED = """
[[survivor]]
file = "room/sums.py"
function = "clamp"
line = "if n > LIMIT:"
change = "> to >="
reason = "at the limit both ways give the limit"
"""


def run(folder: Path, *arguments: str, accepted: str = "") -> subprocess.CompletedProcess[str]:
    """The command on the small project, in a process of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    paths = os.pathsep.join([str(folder / "lib"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-c", COMMAND, accepted, "--measured", str(folder / "m"), *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture(scope="module")
def toyland(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose package is imported from lib/, with the measurements of its tests."""
    folder = tmp_path_factory.mktemp("toyland")
    for name in ("room", "tests", "lib/toyland"):
        (folder / name).mkdir(parents=True)
    (folder / "lib" / "toyland" / "room").symlink_to(folder / "room")
    (folder / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\n"
        'addopts = ["--import-mode=importlib"]\nfilterwarnings = ["error"]\n',
        encoding="utf-8",
    )
    (folder / ".gitignore").write_text("m/\n__pycache__\nlib\n", encoding="utf-8")
    git(folder, "init", "-b", "main")
    (folder / "tests" / "test_sums.py").write_text(TESTS, encoding="utf-8")
    (folder / "room" / "__init__.py").touch()
    commit(folder / "room", sums=SUMS)
    commit(folder / "room", sums=SUMS + CLAMP)
    done = run(folder, "--measure", "--processes", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    return folder


def test_a_run_as_in_ci(toyland: Path, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.toml"
    accepted.write_text(ACCEPTED, encoding="utf-8")
    done = run(toyland, "--verbose", accepted=str(accepted))
    assert done.stderr == ""
    changed, _, rotated = done.stdout.partition("\n\n")
    assert changed.splitlines()[0].startswith("Changed lines, compared with the commit before (")
    assert "the changed lines: 3 of 3 mutants tried in" in changed
    assert ", 1 more accepted\n" in changed
    # a function that only another process tells apart
    assert "failed: tests/test_sums.py::test_elsewhere <- room/sums.py elsewhere" in changed
    assert changed.endswith("  3 of 3 killed: 100.0 %")
    assert rotated.startswith("room/sums.py, whose turn it is by commit number 2\n")
    assert "took too long: tests/test_sums.py::test_count <- room/sums.py count" in rotated
    survived = rotated[rotated.index("room/sums.py: 14 of 14 mutants tried") :]
    assert "  survived 3 tests, line 4: room/sums.py (module): LIMIT = 3\n      3 to 4" in survived
    assert survived.count("  survived") == 3
    left_out = "it fails here without a change: tests/test_sums.py::test_that_passes_only"
    assert left_out in survived
    assert survived.endswith("  11 of 14 killed: 78.6 %, and 90 % are needed: " + ADVICE)
    assert done.returncode == 1


ADVICE = "test what survived, or list it\n"


def test_a_run_without_time_is_no_success(toyland: Path) -> None:
    done = run(toyland, "--minutes", "0", "--only", "room/sums.py")
    assert "room/sums.py: 0 of 15 mutants tried" in done.stdout
    assert done.returncode == 1


def test_a_run_without_measurements_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "room/sums.py")
    assert done.returncode == 1
    assert "coverage is not there: measure first (--measure)" in done.stderr
