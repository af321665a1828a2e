#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: survey
short_description: Inspect a host of a cluster in one execution
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Runs M(wabiz.onprem.host_info) with the questions that follow from the inventory for this host.
  - This is an action plugin; it needs nothing on the host but Python.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
options:
  topology:
    description:
      - Result of M(wabiz.onprem.preflight). Without it that which was registered as C(_wabiz_topology).
    type: dict
  client:
    description: How to ask the cluster's client for its health in the same execution, as in M(wabiz.onprem.host_info).
    type: dict
"""

EXAMPLES = r"""
- name: Inspect all hosts of an inventory
  hosts: all
  gather_facts: false
  tasks:
    - name: Say who runs what
      wabiz.onprem.preflight:
        reader: status
        stage: topology
      run_once: true
      register: topology

    - name: Inspect the host
      wabiz.onprem.survey:
        topology: "{{ topology }}"
      become: true
      register: survey
"""

RETURN = r"""
# Everything that wabiz.onprem.host_info returns.
engine:
  description: The container engine, as in RV(wabiz.onprem.host_info#module:engine).
  returned: always
  type: dict
"""
