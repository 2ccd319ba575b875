"""Plain values as YAML text: no anchors, no tags, small leaves on one line."""

from __future__ import annotations

from typing import Any

import yaml

from .yaml_reader import NUMBER

WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML might take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: _Dumper, value: dict[str, Any]) -> yaml.Node:
    kind = "type" in value and not any(isinstance(v, dict) for v in value.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=kind)


def _listing(dumper: _Dumper, value: list[Any]) -> yaml.Node:
    leaf = not any(isinstance(v, dict | list) for v in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=leaf)


def _text(dumper: _Dumper, value: str) -> yaml.Node:
    # line ends and odd blanks survive in double quotes alone
    odd = not value.isprintable() or value != value.strip()
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if odd else None)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _listing)
_Dumper.add_representer(str, _text)
# 1e3 is a number in YAML 1.2 and a text in 1.1
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER, list("-0123456789"))


def yaml_text(value: Any) -> str:
    """The value as YAML, keys in their order."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
