"""What a log or a system shows of a configuration, compared with the configuration itself."""

from __future__ import annotations

from collections.abc import Mapping

from ..spec.errors import SpecError
from ..spec.place import short
from ..spec.types import Type, shown
from ..statemachines.arguments import read_value
from ..statemachines.bound import Bound, as_int
from ..statemachines.evaluate import Configuration
