"""The generated parts of docs/awx.md: what there is to press, and what the workflows do."""

from __future__ import annotations

from collections.abc import Iterator

from tools.awx import objects
from tools.awx.objects import Object, Offer

_ARROWS = {"success": "-->", "failure": "-. failure .->", "always": "-->"}


def page(text: str, given: Offer) -> str:
    """Return the page with its generated parts made anew; they are between two comments that name them."""
    parts = {"templates": _table(given), "workflows": _diagrams(given), "fields": _fields(given)}
    for name, lines in parts.items():
        begin, end = f"<!-- {name}: made by python -m tools.awx -->", f"<!-- end of {name} -->"
        made = "\n".join([begin, "", *lines, "", end])
        before, found, rest = text.partition(begin)
        _old, ends, after = rest.partition(end)
        if not (found and ends):
            raise ValueError(f"docs/awx.md has no part {name}")
        text = f"{before}{made}{after}"
    return text


def _table(given: Offer) -> Iterator[str]:
    yield "| job template | what it does | asks for | runs by itself |"
    yield "|---|---|---|---|"
    for row, template in zip(given.templates, objects.templates(given), strict=True):
        questions = template["survey_spec"].get("spec", [])
        asks = ", ".join(f"`{one['variable']}`{' (required)' if one['required'] else ''}" for one in questions)
        schedule = f"`{row.schedule}`{', not enabled' if row.disabled else ''}" if row.schedule else ""
        yield f"| `{template['name']}` | {row.description} | {asks} | {schedule} |"


def _fields(given: Offer) -> Iterator[str]:
    (kind,) = objects.credential_types(given)
    yield ", ".join(f"`{field['id']}`" for field in kind["inputs"]["fields"])


def _diagrams(given: Offer) -> Iterator[str]:
    for workflow in objects.workflows(given):
        yield from (f"`{workflow['name']}`: {workflow['description']}", "", "```mermaid", "flowchart LR")
        yield from _diagram(workflow["simplified_workflow_nodes"])
        yield from ("```", "")


def _diagram(nodes: list[Object]) -> Iterator[str]:
    numbers = {node["identifier"]: f"n{number}" for number, node in enumerate(nodes)}
    for node in nodes:
        number = numbers[node["identifier"]]
        if "approval_node" in node:
            yield f'  {number}{{{{"{node["approval_node"]["name"]}"}}}}'
        else:
            check = ", check job" if node.get("job_type") == "check" else ""
            yield f'  {number}["{node["unified_job_template"]}{check}"]'
    for node in nodes:
        for when, arrow in _ARROWS.items():
            yield from (f"  {numbers[node['identifier']]} {arrow} {numbers[then]}" for then in node[f"{when}_nodes"])
