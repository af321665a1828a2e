#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation only: the work is done by the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Check an inventory and its hosts before anything is changed
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads the variables of all hosts of the cluster, checks them, and returns who runs what.
  - All findings come in one message, each with host, variable and remedy; values of secrets are never shown.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
attributes:
  action:
    description: Runs on the controller and connects to no host.
    support: full
options:
  reader:
    description: Name of the playbook whose variables are read, without C(.yml), or C(alone) and the name of a role.
    type: str
    required: true
  stage:
    description:
      - V(topology) returns who runs what without checks of the nodes. For a role in a play of your own
        (O(reader) is C(alone webapp)) the hosts of the play count as members of its group, and what concerns a single
        host is checked.
      - V(inventory) checks the inventory alone.
      - V(hosts) judges what M(wabiz.onprem.host_info) found on the hosts.
      - V(images) judges the images in O(reports) alone, once they are pulled and before they are used.
      - V(database) judges what M(wabiz.onprem.database_info) saw of the database server.
      - V(reachability) judges what M(wabiz.onprem.reachability_info) found between the hosts.
      - V(media) judges what M(wabiz.onprem.media_probe) found in the containers.
    type: str
    choices: [topology, inventory, hosts, images, database, reachability, media]
    default: inventory
  reports:
    description:
      - Results of M(wabiz.onprem.host_info), by host, for O(stage=hosts) and O(stage=images), and of
        M(wabiz.onprem.database_info) for O(stage=database), of M(wabiz.onprem.reachability_info) for
        O(stage=reachability), of M(wabiz.onprem.media_probe) for O(stage=media). For the first, without it, those that
        M(wabiz.onprem.survey) was registered with on the hosts of the play, as C(_wabiz_survey).
    type: dict
    default: {}
  refuse:
    description: Whether findings end the run. Without, RV(refusal) returns them, so that the caller can end in order.
    type: bool
    default: true
  last:
    description: Whether no later look at the database server follows, so that what could not be looked at is refused.
    type: bool
    default: false
  allow_version_change:
    description: Accept containers of another version than C(wabiz_version); for the upgrade.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Check an inventory and its hosts
  hosts: all
  gather_facts: false
  tasks:
    - name: Check the inventory
      wabiz.onprem.preflight:
        reader: preflight
      run_once: true
      register: topology

    - name: Inspect the host
      wabiz.onprem.survey:
        topology: "{{ topology }}"
      become: true
      register: survey

    - name: Judge what the hosts said
      wabiz.onprem.preflight:
        reader: preflight
        stage: hosts
        reports: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'survey'))) }}"
      run_once: true
      register: judged
"""

RETURN = r"""
cluster:
  description: Name of the cluster.
  returned: success
  type: str
unique_name:
  description:
    - The name with a few digits that follow from the phone number and the first webapp's host, as clusters of other
      sites may have the same name. For directories on the controller and on the host that asks the API.
  returned: success
  type: str
groups:
  description: Hosts by C(database), C(webapp), C(master) and C(coreapp), whatever the inventory calls its groups.
  returned: success
  type: dict
services:
  description: The same by host.
  returned: success
  type: dict
membership:
  description: Groups of the collection's own names for each host, as a list of dictionaries with C(host) and C(groups).
  returned: success
  type: list
  elements: dict
counts:
  description: Number of nodes by service, instances included.
  returned: success
  type: dict
nodes:
  description:
    - Every client container of the inventory, with C(host), C(service), C(name), C(address), its host C(ports) and the
      first of them, C(port), and the host's C(further) ports, which the site publishes in addition.
  returned: success
  type: list
  elements: dict
waiting:
  description: Name of the container from which a host looks around before a node is started.
  returned: success
  type: str
own_database:
  description:
    - The database server that the cluster runs itself, if any, with C(host), C(address), C(port), and C(published), the
      only address of the host on which it is published, empty for all.
  returned: success
  type: list
  elements: dict
balancers:
  description: Every load balancer of the inventory, with C(host), C(address) and C(port).
  returned: success
  type: list
  elements: dict
addresses:
  description: Name or address under which the other nodes reach a host, by host.
  returned: success
  type: dict
published:
  description: By host of a node, the only address of the host on which its ports are published, empty for all.
  returned: success
  type: dict
own_files:
  description:
    - Names of the files that the collection writes into a cluster's directory, by service, those of a host with all
      its services (C(host)), all of them (C(configuration)), and those that are kept when a cluster is removed
      (C(saved)).
  returned: success
  type: dict
images:
  description: Images that the nodes need, by host.
  returned: success
  type: dict
balanced:
  description: The webapps as the load balancers serve them, each with C(name), C(address) and C(port).
  returned: success
  type: list
  elements: dict
dumps:
  description: By host, the directory in which it would keep dumps of the databases, where the reader dumps any.
  returned: success
  type: dict
stale:
  description: By host, the records of services that it does not run (any more), whether they are there or not.
  returned: success
  type: dict
parts:
  description: By host, what each part of it consists of, as for O(wabiz.onprem.host_info#module:parts).
  returned: success
  type: dict
unfinished:
  description: By host, the files that an upgrade or a rotation leaves behind as long as it is not finished.
  returned: success
  type: dict
media:
  description: Directory of the shared media by host; empty where there is none.
  returned: success
  type: dict
media_settings:
  description:
    - What each host of a node says of its media, as far as the playbook reads it; without options, which may hold a
      password.
  returned: success
  type: dict
disk_limits:
  description:
    - By host, the variable that says how much has to be free on it for Docker, and its GB.
  returned: success
  type: dict
balancer_socket:
  description: Runtime socket of the load balancer by host; empty where there is none.
  returned: success
  type: dict
endpoints:
  description: Base URLs of all webapps.
  returned: success
  type: list
  elements: str
survey:
  description: What M(wabiz.onprem.survey) asks about a host, by host.
  returned: success
  type: dict
keeper:
  description: The host that holds the cluster's lock, and what an interrupted run left.
  returned: success
  type: str
lock:
  description: Path of the lock on it.
  returned: success
  type: str
playbook:
  description: The same as O(reader).
  returned: success
  type: str
run:
  description: The part of RV(holder) that is the same for all hosts of the run.
  returned: success
  type: str
holder:
  description:
    - Who holds the lock when this run does; user and host, or user and job of AWX. For a role in a play of your own
      also the host that it is for.
  returned: success
  type: str
refusal:
  description: Why nothing may be done; empty where nothing speaks against it.
  returned: O(stage=hosts) and O(stage=database)
  type: str
due:
  description:
    - Why a part of a host has to be compared in full, by host and part. Those that are as the last run left them are
      not named.
  returned: O(stage=hosts)
  type: dict
due_groups:
  description: The hosts that RV(due) names, with C(host) and C(groups), which are C(wabiz_due) and one for each part.
  returned: O(stage=hosts)
  type: list
  elements: dict
wanted:
  description: Digest of the settings of each part of a host, by host and part.
  returned: O(stage=hosts)
  type: dict
"""
