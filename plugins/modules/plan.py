#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
short_description: Make the plan of a playbook
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Works out the plan of a playbook of this collection from what the run has read before. These are the settings of
    each host (C(_wabiz), by M(wabiz.onprem.settings)), who runs what (C(_wabiz_topology), by
    M(wabiz.onprem.preflight)), the survey of each host (C(_wabiz_survey), by M(wabiz.onprem.host_info)), what the API
    says (C(_wabiz_snapshot), by M(wabiz.onprem.snapshot_info)), and where there are any the comparisons
    (C(_wabiz_compared)), the record of an interrupted upgrade (C(_wabiz_record)), C(_wabiz_secrets), where databases
    are dumped (C(_wabiz_dump_place)) and what is there (C(_wabiz_databases), by M(wabiz.onprem.database_dump_info)),
    and which backups there are (C(_wabiz_backups), by M(wabiz.onprem.backup_info)).
  - Changes nothing and asks no one. A host that could not be reached, and a cluster that does not answer, are part of
    the plan. The result holds no secret.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
attributes:
  action:
    description: Runs on the controller and connects to no host.
    support: full
options:
  verb:
    description:
      - The playbook whose plan is wanted.
      - With V(bring_images) how images come that hosts lack, other than from their registry; part of several playbooks.
      - With V(database_place) where databases are dumped and restored.
    type: str
    choices:
      - site
      - uninstall
      - status
      - verify
      - ports
      - failover_drill
      - multiconnect
      - upgrade
      - rotate_database_password
      - images
      - bring_images
      - database_place
      - database_backup
      - database_restore
      - backup
      - restore
      - rotate_secrets
    required: true
  connections:
    description: How many connections the database server has and allows, for O(verb=status).
    type: list
    elements: int
    default: []
  database:
    description: What the database server says of the client's login, for O(verb=rotate_database_password).
    type: dict
    default: {}
    suboptions:
      administered:
        description: Whether there is an administrator's login of the server.
        type: bool
        default: false
      accepts:
        description: Whether the server accepts the login of the settings.
        type: bool
        default: false
      exists:
        description: Whether the user of the settings is there.
        type: bool
        default: false
      two_passwords:
        description: Whether a user of this server can have two passwords.
        type: bool
        default: false
      second_password:
        description: Whether the user of the settings has a second password.
        type: bool
        default: false
      other_user:
        description: Whether the other one of the two users between which a rotation changes may log in.
        type: bool
        default: false
      mighty_owner:
        description: Who owns databases of the prefix, is none of the two users, and is a superuser or may create users.
        type: str
        default: ""
  secrets:
    description:
      - What was found of the client's secrets, for O(verb=rotate_secrets). C(admin) is the result of
        M(wabiz.onprem.token) for the password of the account admin, C(webapps) are the results of
        M(wabiz.onprem.certificate) for each webapp, each with the node as C(item), C(webhook_ca) its result for the
        webhook server's CA, all in check mode; what was not looked at is left out.
    type: dict
    default: {}
  archive:
    description: The images that were saved, as RV(wabiz.onprem.image_archive#module:images), for images.
    type: list
    elements: dict
    default: []
  hosts:
    description: The hosts that are brought images with O(verb=bring_images). All, if empty.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the status of a cluster
  hosts: all
  gather_facts: false
  tasks:
    - name: Read the settings
      wabiz.onprem.settings:
        reader: status
        judge: false
      register: _wabiz

    - name: Say who runs what
      wabiz.onprem.preflight:
        reader: status
        stage: topology
      run_once: true
      register: _wabiz_topology

    - name: Inspect the host
      wabiz.onprem.survey:
      become: true
      register: _wabiz_survey

    - name: Ask the client
      wabiz.onprem.snapshot_info:
        endpoints: [https://web1.example.net:9090]
        ca_path: /etc/wabiz/ca.pem
        api_key: "{{ vault_api_key }}"
        username: admin
        password: "{{ vault_admin_password }}"
      run_once: true
      register: _wabiz_snapshot

    - name: Put it together
      wabiz.onprem.plan:
        verb: status
      run_once: true
      register: status

    - name: Show it
      ansible.builtin.debug:
        msg: "{{ status.text }}"
      run_once: true
"""

RETURN = r"""
text:
  description: The plan as lines of text.
  returned: success
  type: list
  elements: str
refusals:
  description: Why nothing must be done; empty where nothing speaks against it.
  returned: success
  type: list
  elements: str
warnings_found:
  description: What is allowed and unwise.
  returned: success
  type: list
  elements: str
steps:
  description: What is going to be done, in its order.
  returned: >-
    with O(verb=multiconnect), O(verb=upgrade), O(verb=rotate_database_password), O(verb=images) and
    O(verb=bring_images)
  type: list
  elements: dict
begin:
  description:
    - How the login of the settings is made to work beside the one that nodes use. V(password) gives the user a second
      password, V(user) makes another user; empty where nothing is to be done.
  returned: with O(verb=rotate_database_password)
  type: str
end:
  description: Which logins are to be ended, V(password) and V(user) as in RV(begin).
  returned: with O(verb=rotate_database_password)
  type: list
  elements: str
pending:
  description: How many nodes use another login than that of the settings.
  returned: with O(verb=rotate_database_password)
  type: int
record:
  description: What the next run must know, should this one be interrupted.
  returned: with O(verb=rotate_database_password)
  type: dict
sql:
  description: Statements for the administrator of a server of which there is no administrator's login.
  returned: with O(verb=rotate_database_password)
  type: dict
missing:
  description: The hosts that lack an image, by image.
  returned: with O(verb=images)
  type: dict
state:
  description: V(OK), V(WARNING) or V(CRITICAL).
  returned: with O(verb=verify)
  type: str
line:
  description: The state in one line, as Nagios reads it.
  returned: with O(verb=verify)
  type: str
  sample: WABIZ OK - 12 nodes, 2 of 2 shards served | critical=0 warning=0
findings:
  description: What is wrong, each with C(level) (V(critical) or V(warning)), C(where), C(problem) and C(remedy).
  returned: with O(verb=verify)
  type: list
  elements: dict
target:
  description: The container that is going to be killed, with its host, node name and role; null where none may be.
  returned: with O(verb=failover_drill)
  type: dict
"""
