"""YAML as this repository writes it, with text that Ansible must not evaluate."""

from __future__ import annotations

from typing import Any

import yaml


class Unsafe(str):
    """Text that is written as !unsafe: AWX evaluates it, Ansible does not."""

    __slots__ = ()


class Writer(yaml.SafeDumper):
    """Lists one step deeper than their key, as yamllint requires."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Never without indentation."""
        super().increase_indent(flow, False)


class Reader(yaml.SafeLoader):
    """Reads what Writer writes."""


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    tag = "!unsafe" if isinstance(text, Unsafe) else "tag:yaml.org,2002:str"
    style = "|" if "\n" in text else '"' if "{" in text else None
    return writer.represent_scalar(tag, str(text), style=style)


def _read(reader: yaml.SafeLoader, node: yaml.ScalarNode) -> Unsafe:
    return Unsafe(reader.construct_scalar(node))


Writer.add_representer(str, _text)
Writer.add_representer(Unsafe, _text)
Reader.add_constructor("!unsafe", _read)


def write(data: Any) -> str:
    """Return data as a YAML document without its first line."""
    return yaml.dump(data, Dumper=Writer, sort_keys=False, width=130, default_flow_style=False, allow_unicode=True)


def read(text: str) -> Any:
    """Return what a YAML document holds."""
    return yaml.load(text, Reader)  # noqa: S506 (it is a SafeLoader)
