"""Collectors and items: the vectors of the options, and those of ``*.vectors.json`` files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ...spec.errors import SpecError
from ..adapters.connection import Connection
from .vector import NotConforming, SpecVector


class VectorItem(pytest.Item):
    """A test item that is one vector: it is run in the setup and judged in the call."""

    def __init__(
        self, *, vector: SpecVector, connect: Callable[[], Connection], **parts: Any
    ) -> None:
        super().__init__(**parts)
        self.vector = vector
        self._connect = connect

    def setup(self) -> None:
        """Runs the vector; an error here is an error for pytest, not a failure."""
        self.vector.ask(self._connect())

    def runtest(self) -> None:
        """Says what came of it."""
        self.vector.conclude()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The failure text alone: whose traceback would it be?"""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The id is the name in every listing."""
        return self.path, None, self.vector.id


class SuiteNode(pytest.Collector):
    """The vectors that the options ask for."""

    def __init__(
        self, *, vectors: Iterable[SpecVector], connect: Callable[[], Connection], **parts: Any
    ) -> None:
        super().__init__(**parts)
        self._vectors = vectors
        self._connect = connect

    def collect(self) -> Iterator[VectorItem]:
        """An item for each vector, its node id ``protocol/machine/group/vector``."""
        for vector in self._vectors:
            yield VectorItem.from_parent(
                self, name=vector.id, nodeid=vector.id, vector=vector, connect=self._connect
            )


class Problem(pytest.Item):
    """A mistake in the options that shows only in the collection."""

    def __init__(self, *, text: str, **parts: Any) -> None:
        super().__init__(**parts)
        self._text = text

    def runtest(self) -> None:
        """Fails with the message."""
        pytest.fail(self._text, pytrace=False)


class VectorsFile(pytest.File):
    """A ``*.vectors.json`` file."""

    def __init__(
        self,
        *,
        read: Callable[[Path], Iterable[SpecVector]],
        connect: Callable[[], Connection],
        **parts: Any,
    ) -> None:
        super().__init__(**parts)
        self._read = read
        self._connect = connect

    def collect(self) -> Iterator[VectorItem]:
        """An item for each vector, its node id ``FILE::protocol/machine/group/vector``."""
        try:
            vectors = self._read(self.path)
        except SpecError as error:
            raise self.CollectError(str(error)) from None
        for vector in vectors:
            yield VectorItem.from_parent(self, name=vector.id, vector=vector, connect=self._connect)


def vector_of(item: pytest.Item) -> SpecVector | None:
    """The vector that an item is, or has as its argument."""
    if isinstance(item, VectorItem):
        return item.vector
    found = getattr(getattr(item, "callspec", None), "params", {}).get("vector")
    return found if isinstance(found, SpecVector) else None


def mark(item: pytest.Item, vector: SpecVector) -> None:
    """Gives an item the properties that JUnit shows, and the clauses for ``-k``."""
    suite = vector.vectors.suite
    clauses = vector.group.clauses
    item.extra_keyword_matches.update(clauses)
    item.user_properties += [
        ("protocol", suite.protocol),
        ("machine", suite.machine),
        ("clause", ", ".join(clauses)),
        ("sha256", vector.task.vector.sha256),
    ]
