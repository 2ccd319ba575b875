"""The pytest plug-in: judges a system against a protocol, each vector a test of its own.

pytest imports this module at every start, so it imports nothing but pytest; what does the work is
in `plugin/`, imported when an option, a marker, a fixture or a vectors file asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .adapters.connection import Connection
    from .case import Case
    from .plugin.judging import Judging

ENDING = ".vectors.json"
MARKER = (
    "protocol(name, machine='trial', cover='complete', constants={}, readings={}): fills the "
    "argument `vector` with each test vector of a protocol, and chooses the protocol of the "
    "fixtures `oracle` and `adapter`"
)
# option, what --help says of it, whether it may be given more than once
OPTIONS = (
    ("protocol", "a protocol: a name, module:attribute or document", False),
    ("machine", "the machine that the system plays: trial (default) or subject", False),
    ("adapter", "the system: module:Class, file.py:Class or cmd:COMMAND", False),
    ("cover", "which vectors to make (default complete)", False),
    ("set", "NAME=VALUE sets a constant", True),
    ("reading", "a profile or ID=NAME", True),
    ("timeout", "the most seconds for each answer (default 10)", False),
    ("known-failures", "FILE (TOML) of the vectors that are expected to fail", False),
    ("report", "FILE to write the run to, as spec-check test --json does", False),
)
JUDGING = pytest.StashKey["Judging"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--spec-...`` options, and an ini key ``spec_...`` for each."""
    group = parser.getgroup("trialspec", "judging a system against a clinical-trial protocol")
    for name, text, several in OPTIONS:
        key = _key(name)
        kind: Literal["args", "string"] = "args" if several else "string"
        parser.addini(key, text, kind, default=None)
        group.addoption(
            f"--spec-{name}",
            dest=key,
            action="append" if several else "store",
            metavar="V",
            help=text,
        )


def pytest_configure(config: pytest.Config) -> None:
    """Checks the options before anything is collected."""
    config.addinivalue_line("markers", MARKER)
    if any(option(config, name) for name, _, _ in OPTIONS):
        judging(config).check_options()


def option(config: pytest.Config, name: str) -> Any:
    """An option from the command line, else from the ini file; None where neither has it."""
    given = config.getoption(_key(name))
    return given if given is not None else config.getini(_key(name)) or None


def judging(config: pytest.Config) -> Judging:
    """What this run shares: suites, and the connection to the system."""
    found = config.stash.get(JUDGING, None)
    if found is None:
        from .plugin.judging import Judging
        from .plugin.reporting import Reporting

        found = config.stash[JUDGING] = Judging(
            config, {n: option(config, n) for n, _, _ in OPTIONS}
        )
        config.pluginmanager.register(found, "trialspec-judging")
        config.pluginmanager.register(Reporting(found), "trialspec-reporting")
    return found


def _key(name: str) -> str:
    return f"spec_{name.replace('-', '_')}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Vectors files, when there is a system to judge or when one is named."""
    if not file_path.name.endswith(ENDING):
        return None
    named = parent.session.isinitpath(file_path)
    if not named and not option(parent.config, "adapter"):
        return None
    return judging(parent.config).vectors_file(file_path, parent)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Fills the argument ``vector`` of tests with the marker ``protocol``."""
    marker = metafunc.definition.get_closest_marker("protocol")
    if marker is not None and "vector" in metafunc.fixturenames:
        judging(metafunc.config).parametrize(metafunc, marker)


@pytest.fixture
def oracle(request: pytest.FixtureRequest) -> Case:
    """A fresh case of the reference: of the marker's protocol, else of ``--spec-protocol``."""
    return judging(request.config).case(request.node)


@pytest.fixture
def adapter(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """The connection to ``--spec-adapter``, started; a case that is still open is stopped."""
    with judging(request.config).connected(request.node) as connection:
        yield connection
