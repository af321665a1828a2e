"""Counters and gauges under the documented names, as the API shows them: JSON, or Prometheus text.

prometheus_client would add `_total` to every counter's name, which the documented names do not have.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Labels = tuple[tuple[str, str], ...]
Entry = dict[str, Any]


def metric(help_text: str, kind: str, values: Iterable[tuple[Mapping[str, str], float]]) -> Entry:
    """One metric as the API shows it; kind is `gauge` or `counter`."""
    return {
        "data": [{"labels": dict(labels), "value": value} for labels, value in values],
        "help": help_text,
        "type": kind,
    }


class Metrics:
    """What one process counted since its start."""

    def __init__(self, kinds: Mapping[str, tuple[str, str]], **common: str) -> None:
        """Takes name -> (kind, help text) of every metric there may be, and the labels that all values have."""
        self._kinds = kinds
        self._common = common
        self._values: dict[str, dict[Labels, float]] = {name: {} for name in kinds}

    def _key(self, labels: Mapping[str, str]) -> Labels:
        return tuple({**self._common, **labels}.items())

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Raises a counter."""
        values, key = self._values[name], self._key(labels)
        values[key] = values.get(key, 0) + amount

    def set(self, name: str, value: float, **labels: str) -> None:
        """Sets a gauge."""
        self._values[name][self._key(labels)] = value

    def observe(self, name: str, amount: float, **labels: str) -> None:
        """Raises a pair `<name>_count` and `<name>_sum`."""
        self.add(f"{name}_count", 1, **labels)
        self.add(f"{name}_sum", amount, **labels)

    def as_json(self) -> dict[str, Entry]:
        """Every metric, one 0 for what has not happened yet."""
        nothing = {self._key({}): 0.0}
        return {
            name: metric(text, kind, ((dict(key), _round(value)) for key, value in (values or nothing).items()))
            for (name, (kind, text)), values in zip(self._kinds.items(), self._values.values(), strict=True)
        }


def _round(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def prometheus_text(parts: Iterable[tuple[Mapping[str, str], Mapping[str, Entry]]]) -> str:
    """Text exposition of metrics of several origins, each with the labels that name its origin."""
    merged: dict[str, tuple[Entry, list[str]]] = {}
    for origin, metrics in parts:
        for name, entry in metrics.items():
            lines = merged.setdefault(name, (entry, []))[1]
            for point in entry["data"]:
                labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in {**point["labels"], **origin}.items())
                lines.append(f"{name}{{{labels}}} {point['value']}" if labels else f"{name} {point['value']}")
    blocks = [
        "\n".join([f"# HELP {name} {entry['help']}", f"# TYPE {name} {entry['type']}", *lines])
        for name, (entry, lines) in merged.items()
    ]
    return "\n".join([*blocks, ""])
