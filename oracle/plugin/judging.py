"""What one pytest process shares: options, suites, the connection to the system."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ...spec.errors import SpecError
from ...spec.readings import parse_readings
from ...spec.registry import load
from ..adapters.connection import TIMEOUT, Connection
from ..adapters.trouble import AdapterError
from ..case import Case
from ..cli.common import check_constants, constants_for
from ..cli.replay import machine_name
from ..conformance.examine import Examiner
from ..conformance.known import Known, read_known
from ..conformance.source import COMPLETE, Source, Vectors, from_criterion, from_suite
from ..suites.build import check_criterion
from ..vectors import Suite, plain_constants, read_suite
from .items import Problem, SuiteNode, VectorItem, VectorsFile, mark, vector_of
from .vector import Setting, SpecVector


class Judging:
    """What one pytest process shares: options, suites, the connection."""

    def __init__(self, config: pytest.Config, options: Mapping[str, Any]) -> None:
        self.config = config
        self.options = options
        self.worker = hasattr(config, "workerinput")
        self.known: dict[str, Known] = {}
        self.opened: Connection | None = None
        self._examiners: dict[Connection, Examiner] = {}
        self._made: dict[Source, Vectors] = {}
        self._fresh: dict[Source, Case] = {}
        self._collected: dict[str, set[str]] = {}
        self._setting = Setting(
            self.known, options["known-failures"] or "", date.today(), self.examiner
        )

    def check_options(self) -> None:
        """`pytest.UsageError` for options that can't be used."""
        try:
            if self.options["adapter"]:
                self.connection()
            elif self.options["report"]:
                raise SpecError("--spec-report needs --spec-adapter")
            if self._setting.known_file:
                self.known |= read_known(self._setting.known_file)
            if self.options["protocol"]:
                check_criterion(self.source().cover)
        except SpecError as error:
            raise pytest.UsageError(str(error)) from None

    # ---- vectors

    def source(self, marker: pytest.Mark | None = None) -> Source:
        """Which vectors a marker, or else the options, ask for; `SpecError` for none such."""
        given = self._wanted(marker)
        if not given["protocol"]:
            raise SpecError("no protocol is named", hint="give --spec-protocol or the marker")
        protocol = load(given["protocol"])
        machine = protocol.machine(machine_name(protocol, given["machine"]))
        check_constants(protocol, given["set"])
        parse_readings(protocol, given["reading"])
        return Source(
            given["protocol"],
            machine.name,
            cover=given["cover"] or COMPLETE,
            settings=tuple(given["set"]),
            readings=tuple(given["reading"]),
        )

    def _wanted(self, marker: pytest.Mark | None) -> dict[str, Any]:
        if marker is None:
            options = self.options
            return {**options, "set": options["set"] or [], "reading": options["reading"] or []}
        names = ("machine", "cover", "constants", "readings")
        surplus = [name for name in marker.kwargs if name not in names]
        if len(marker.args) != 1 or not isinstance(marker.args[0], str) or surplus:
            raise SpecError(
                "the marker protocol takes a name, and machine, cover, constants and readings"
            )
        constants = marker.kwargs.get("constants") or {}
        readings = marker.kwargs.get("readings") or {}
        return {
            "protocol": marker.args[0],
            "machine": marker.kwargs.get("machine"),
            "cover": marker.kwargs.get("cover"),
            "set": [f"{name}={_option(value)}" for name, value in constants.items()],
            "reading": [readings]
            if isinstance(readings, str)
            else [f"{id}={name}" for id, name in readings.items()],
        }

    def made(self, source: Source) -> Vectors:
        """The vectors of a source, made once; `SpecError` where they can't be."""
        if source not in self._made:
            protocol = load(source.protocol)
            constants = constants_for(protocol.machine(source.machine), source.settings)
            readings = parse_readings(protocol, source.readings)
            self._made[source] = from_criterion(source, protocol, constants, readings)
        return self._made[source]

    def file(self, path: Path) -> list[SpecVector]:
        """The vectors of a file, for the protocol of that name or the one of the options.

        None of a file that is of another protocol or machine than the options ask for.
        """
        self.adapter()
        where = _relative(path)
        suite = read_suite(Path(where))
        if not self._is_asked_for(suite, path):
            return []
        return self.vectors_of(from_suite(suite, where, str(self.options["protocol"] or "")))

    def _is_asked_for(self, suite: Suite, path: Path) -> bool:
        """Whether a file is of the protocol and machine that the options name, if they do.

        Where the machine is not named, one that is given by its path is.
        """
        argument, machine = self.options["protocol"], self.options["machine"]
        if argument and load(argument).name != suite.protocol:
            return False
        if argument and not machine and not _is_given(self.config, path):
            machine = machine_name(load(argument), None)
        return machine in (None, "", suite.machine)

    def vectors_of(self, vectors: Vectors) -> list[SpecVector]:
        """The vectors as pytest sees them."""
        found = [
            SpecVector(task, vectors, order, self._setting)
            for order, task in enumerate(vectors.tasks)
        ]
        prefix = f"{vectors.suite.protocol}/{vectors.suite.machine}/"
        self._collected.setdefault(prefix, set()).update(v.id for v in found)
        return found

    def vectors_file(self, path: Path, parent: pytest.Collector) -> VectorsFile:
        """The collector of a vectors file."""
        made: VectorsFile = VectorsFile.from_parent(
            parent, path=path, read=self.file, connect=self.connection
        )
        return made

    def parametrize(self, metafunc: pytest.Metafunc, marker: pytest.Mark) -> None:
        """Fills the argument ``vector``."""
        try:
            found = self.vectors_of(self.made(self.source(marker)))
        except SpecError as error:
            text = str(error.within(metafunc.definition.name))
            raise pytest.Collector.CollectError(text) from None
        metafunc.parametrize("vector", found, ids=[v.id for v in found])

    # ---- fixtures

    def case(self, node: pytest.Item) -> Case:
        """A fresh case of the reference for a test."""
        try:
            source = self.source(node.get_closest_marker("protocol"))
            if source not in self._fresh:
                protocol = load(source.protocol)
                constants = constants_for(protocol.machine(source.machine), source.settings)
                readings = parse_readings(protocol, source.readings)
                self._fresh[source] = Case(protocol, source.machine, constants, readings)
            # to bind a machine takes longer than many cases of it
            return copy(self._fresh[source])
        except SpecError as error:
            raise failure(f"the fixture oracle: {error}") from None

    @contextmanager
    def connected(self, node: pytest.Item) -> Iterator[Connection]:
        """The connection for a test; a case that it leaves open is stopped."""
        try:
            connection = self.connection()
        except SpecError as error:
            raise failure(f"the fixture adapter: {error}") from None
        marker = node.get_closest_marker("protocol")
        if marker is not None or self.options["protocol"]:
            bound = self.case(node).bound
            constants = plain_constants(bound.constants)
            machine = bound.machine.name
            connection.usual = (bound.protocol, machine, constants, bound.readings)
        try:
            connection.describe()
            yield connection
            connection.stop()
        except AdapterError as error:
            raise failure(f"error, {error.kind}: {error}") from None
        finally:
            connection.usual = None

    def adapter(self) -> str:
        """The adapter that the options name; `SpecError` when they name none."""
        if not self.options["adapter"]:
            raise SpecError("there is no system to judge", hint="give --spec-adapter")
        return str(self.options["adapter"])

    def connection(self) -> Connection:
        """The connection to the system of the options, one for each process."""
        if self.opened is None:
            try:
                timeout = float(self.options["timeout"] or TIMEOUT)
            except ValueError:
                raise SpecError("--spec-timeout is a number of seconds") from None
            self.opened = Connection(self.adapter(), timeout)
        return self.opened

    def examiner(self, connection: Connection) -> Examiner:
        """The examiner that knows what a connection has been through."""
        if not isinstance(connection, Connection):
            raise TypeError("vector.check takes the fixture adapter")
        return self._examiners.setdefault(connection, Examiner(connection))

    # ---- hooks

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None]:
        """Adds the vectors that the options ask for, and marks all by protocol and clause."""
        problem = ""
        try:
            self._check_judging(items)
            items.extend(self._asked_for(session))
            items[:] = _each_once(items)
            self._check_known()
        except SpecError as error:
            problem = str(error)
        for item in items:
            vector = vector_of(item)
            if vector is not None:
                mark(item, vector)
        yield
        if not problem and any(isinstance(item, VectorItem) for item in items):
            problem = self._trouble()
        if problem and not self.worker:
            raise pytest.UsageError(problem)
        if problem:
            # a worker of xdist can't end the run; this item fails, whatever -k says
            made: Problem = Problem.from_parent(session, name="trialspec", text=problem)
            items[:] = [item for item in items if not isinstance(item, VectorItem)]
            items.append(made)

    def _check_judging(self, items: list[pytest.Item]) -> None:
        """`SpecError` where a protocol was asked for, and nothing would be judged by it."""
        used = any("oracle" in getattr(item, "fixturenames", ()) for item in items)
        if self.config.getoption("spec_protocol") and not used:
            self.adapter()

    def _trouble(self) -> str:
        """What is wrong with a system that can't even say what it is; it is asked once."""
        if self.config.getoption("collectonly"):
            return ""
        try:
            self.connection().describe()
        except AdapterError as error:
            return f"--spec-adapter {self.adapter()}: error, {error.kind}: {error}"
        return ""

    def _asked_for(self, session: pytest.Session) -> Iterator[pytest.Item]:
        """The items of the options."""
        if self.options["protocol"] and self.options["adapter"]:
            made = self.made(self.source())
            prefix = f"{made.suite.protocol}/{made.suite.machine}"
            node: SuiteNode = SuiteNode.from_parent(
                session,
                name=prefix,
                nodeid=prefix,
                vectors=self.vectors_of(made),
                connect=self.connection,
            )
            yield from node.collect()

    def _check_known(self) -> None:
        """`SpecError` for a known failure that is no vector at all."""
        for id in self.known:
            prefix = "/".join(id.split("/")[:2]) + "/"
            ids = self._collected.get(prefix)
            if id in (ids or ()) or (ids is None and _is_machine(prefix)):
                continue
            if id not in self._complete(prefix):
                raise SpecError(
                    f"there is no vector {id[:200]!r}",
                    where=self._setting.known_file,
                    hint="ids are written protocol/machine/group/vector",
                )

    def _complete(self, prefix: str) -> set[str]:
        """The ids of all vectors of a machine, where only some are judged in this run."""
        found = set()
        for source in list(self._made):
            whole = self.made(
                Source(
                    source.protocol,
                    source.machine,
                    settings=source.settings,
                    readings=source.readings,
                )
            )
            if prefix == f"{whole.suite.protocol}/{whole.suite.machine}/":
                found |= {prefix + v.id for v in whole.suite.vectors}
        return found


def failure(text: str) -> BaseException:
    """A failure of a test that shows a text alone."""
    made: BaseException = pytest.fail.Exception(text, pytrace=False)
    return made


def _is_given(config: pytest.Config, path: Path) -> bool:
    """Whether a file is an argument of the command itself."""
    given = (Path(config.invocation_params.dir, str(a).partition("::")[0]) for a in config.args)
    return any(path == g.resolve() for g in given)


def _each_once(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """The items without vectors that another one of them is already: those of a file come first."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        if isinstance(item, VectorItem):
            told = item.vector.id, item.vector.task.vector.sha256
            if told in seen:
                continue
            seen.add(told)
        yield item


def _is_machine(prefix: str) -> bool:
    """Whether ``protocol/machine/`` names a machine that there is."""
    try:
        protocol, machine, _ = prefix.split("/")
        load(protocol).machine(machine)
    except (SpecError, ValueError):
        return False
    return True


def _relative(path: Path) -> str:
    """A path as short as it can be written from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _option(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
