"""A stand-in for AWX's controller API, for the modules of awx.awx; it is not AWX and runs no job.

It holds organisations, projects, templates and the like in memory, and notes each request. It answers what those
modules ask, in the forms of AWX 24: defaults of fields, lookups by name, associations, hidden secrets. It refuses what
AWX refuses where that decides whether an import works: surveys, credential types, schedules, prompts that a template
does not ask for, playbooks that a project does not have. As AWX does, it ignores fields that a type does not have.
Rights, pages and every other rule of AWX are not here.

with Controller() as controller:
    run_playbook(play, environment=controller.environment)
    controller.changes              # the requests that were to change something
"""

from __future__ import annotations

from tests.support.controller.server import Controller, Request

__all__ = ["Controller", "Request"]
