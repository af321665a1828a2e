#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_lock
short_description: Let only one operation at a time change a cluster
version_added: 0.1.0
description:
  - Keeps a lease in a file on one host of the cluster. While it is valid no one but its holder gets it; after its end
    anyone may take it, so that a run that was killed does not lock the cluster forever.
  - The host's own clock counts. Two requests at the same moment do not both succeed.
  - A lease that a killed run of the same controller left is taken over at once, where its process has ended.
  - In check mode nothing is taken, and a lease of another holder is a warning that names the holder.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: The holder's lease is renewed each time. Removing it is idempotent.
options:
  path:
    description: The file. Its directory must exist, on a local file system.
    type: path
    required: true
  holder:
    description: Who wants it. The same text in the next run renews the lease instead of waiting for its end.
    type: str
    required: true
  state:
    description:
      - With V(present) the lease is taken, or renewed where O(holder) has it.
      - With V(renewed) it is renewed. Who does not have it any more gets an error, since others may have changed the
        cluster meanwhile.
      - With V(absent) it is released. A lease of another holder is kept, without an error.
    type: str
    choices: [present, renewed, absent]
    default: present
  lease:
    description: Seconds from now on that it lasts.
    type: int
    default: 3600
  purpose:
    description: What it is for; shown to others who want it. A renewal without it keeps what the lease has.
    type: str
    default: ''
  take_over:
    description: Take over a lease that another holder has and that is still valid.
    type: bool
    default: false
  take_over_from:
    description: The same, but only from this holder; of several who find it at once one gets it.
    type: str
  wait_for:
    description:
      - Wait as long as the lease is valid and its holder's text contains this, as of another host in the same run.
        Every other holder is an error at once.
      - From such a holder O(take_over) takes nothing.
    type: str
  wait_interval:
    description: Seconds between two looks while it waits.
    type: float
    default: 1
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Begin
  wabiz.onprem.cluster_lock:
    path: /run/wabiz-wabiz.lock
    holder: anna@controller.example.net
    purpose: upgrade to 2.57.2
    lease: 7200

- name: End
  wabiz.onprem.cluster_lock:
    path: /run/wabiz-wabiz.lock
    holder: anna@controller.example.net
    state: absent
"""

RETURN = r"""
holder:
  description: Who has the lease now; empty where no one does. After a refusal, who has it still.
  returned: always
  type: str
  sample: anna@controller.example.net
purpose:
  description: What it is for.
  returned: always
  type: str
  sample: upgrade to 2.57.2
since:
  description: When it began, in UTC; empty where no one has it.
  returned: always
  type: str
  sample: "2026-03-01T02:00:00+00:00"
until:
  description: When it ends, in UTC; empty where no one has it.
  returned: always
  type: str
  sample: "2026-03-01T04:00:00+00:00"
reached:
  description: Whether the host could be reached. Where it could not, the task fails instead of being unreachable.
  returned: always
  type: bool
taken_over_from:
  description: The holder who had it before, where its time was over or O(take_over) was set; else empty.
  returned: success
  type: str
  sample: ''
"""

import time
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host import lease

LOST = "This run has lost the cluster's lock and changes nothing more; check the cluster, then begin again."
NO_ONE = dict.fromkeys(("holder", "purpose", "since", "until"), "")


def shown(found: lease.Lease | None) -> dict[str, str]:
    """A lease for the result."""
    return NO_ONE if found is None else found.as_dict()


def decide(params: dict[str, t.Any], found: lease.Lease | None, now: float) -> lease.Decision:
    """What is to be done with what was found."""
    if params["state"] == "absent":
        return lease.release(found, params["holder"], now)
    wanted = lease.Lease(params["holder"], params["purpose"], now, now + params["lease"])
    if params["state"] == "renewed":
        return lease.renew(found, wanted)
    known = found is not None and found.holder == params["take_over_from"]
    return lease.acquire(found, wanted, known or (params["take_over"] and not expected(params, found)))


def expected(params: dict[str, t.Any], found: lease.Lease | None) -> bool:
    """Whether a lease is of a holder who is waited for."""
    return bool(params["wait_for"] and found and params["wait_for"] in found.holder)


def refuse(module: AnsibleModule, blocker: lease.Lease) -> None:
    """Another holder has it; in check mode that is only a warning."""
    if module.check_mode:
        module.warn(f"The cluster is in use by {blocker}; a run that changes the cluster would be refused.")
        return
    module.fail_json(
        msg=f"The cluster is in use by {blocker}; nothing was changed. Wait until it ends, or take over if you know "
        f"that the run has ended: take_over: true. The lock is {module.params['path']}.",
        **shown(blocker),
    )


def apply(path: Path, decision: lease.Decision) -> None:
    """Make the file what was decided. Raises OSError."""
    if decision.lease is None:
        path.unlink(missing_ok=True)
    else:
        lease.write(path, decision.lease)


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """Read, decide and write, while no other process on this host does. Raises OSError, ValueError."""
    path = Path(module.params["path"])
    while True:
        with lease.alone(path):
            found = lease.read(path)
            decision = decide(module.params, found, time.time())
            if not waits(module, decision):
                return settle(module, path, found, decision)
        time.sleep(module.params["wait_interval"])


def waits(module: AnsibleModule, decision: lease.Decision) -> bool:
    """Whether the blocker is one who is waited for."""
    return expected(module.params, decision.blocker) and not module.check_mode


def settle(module: AnsibleModule, path: Path, found: lease.Lease | None, decision: lease.Decision) -> dict[str, t.Any]:
    """Do what was decided, or fail with the reason why it is not done. Raises OSError."""
    if decision.blocker is not None:
        refuse(module, decision.blocker)
    elif decision.lost and not module.check_mode:
        module.fail_json(msg=f"{LOST} {found or 'No run has it now.'} The lock is {path}.", **shown(found))
    changed = decision.lease != found
    if changed and not module.check_mode:
        apply(path, decision)
    diff = {"before": shown(found), "after": shown(decision.lease)}
    return {"changed": changed, "diff": diff, "taken_over_from": decision.former, **shown(decision.lease)}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "holder": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "renewed", "absent"], "default": "present"},
            "lease": {"type": "int", "default": 3600},
            "purpose": {"type": "str", "default": ""},
            "take_over": {"type": "bool", "default": False},
            "take_over_from": {"type": "str"},
            "wait_for": {"type": "str"},
            "wait_interval": {"type": "float", "default": 1.0},
        },
        supports_check_mode=True,
    )
    if not module.params["holder"].strip():
        module.fail_json(msg="holder is blank: any two that give none would have the lock at the same time.")
    try:
        result = run(module)
    except (OSError, ValueError) as error:
        module.fail_json(msg=f"The lock {module.params['path']} cannot be read or written: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
