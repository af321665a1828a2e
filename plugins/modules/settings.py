#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: settings
short_description: Read the variables of a host, typed and checked
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads the variables C(wabiz_*) of the host as the collection declares them. What is blank or null is not
    given and has its default, text is converted to the declared type, and names, ranges and choices are checked.
  - Where a job of AWX has a credential of the type that C(awx/objects) declares, its fields that are not blank take the
    place of the host's variables.
  - The result holds secrets; it is hidden from all output unless C(wabiz_no_log) is explicitly false.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
attributes:
  action:
    description: Runs on the controller and connects to no host.
    support: full
options:
  reader:
    description: The playbook, or C(role NAME), that needs the settings; it gets those that are declared for it.
    type: str
    required: true
  names:
    description:
      - Read only these, named without C(wabiz_).
      - Variables that may be costly to look up are read only when they are named here.
    type: list
    elements: str
    default: []
  required:
    description: Those of O(names) that must be given, in addition to what is declared as required.
    type: list
    elements: str
    default: []
  judge:
    description:
      - Fail with all findings in one message.
      - With V(false) they are returned, for M(wabiz.onprem.preflight) to judge those of all hosts at once, and a host
        that is in none of the cluster's groups is not read.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Read what role coreapp needs
  wabiz.onprem.settings:
    reader: role coreapp
  register: wanted

- name: Say how many coreapps there will be
  ansible.builtin.debug:
    msg: "{{ wanted.coreapp_instances }}"
"""

RETURN = r"""
cluster_name:
  description:
    - The value of C(wabiz_cluster_name); likewise for every other variable that was read, named without C(wabiz_).
  returned: success
  type: str
reader:
  description: The same as O(reader).
  returned: success
  type: str
findings:
  description: What is wrong with the values, each with C(where), C(variable), C(problem) and C(remedy).
  returned: with O(judge=false)
  type: list
  elements: dict
"""
