# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that all API modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection options."""

    DOCUMENTATION = r"""
options:
  endpoints:
    description:
      - Base addresses of the webapps, for example V(https://web1.example.net:9090).
      - They are asked in this order. A webapp that cannot be reached, or that has trouble of its own (HTTP 5xx), is
        passed over for the next one.
    type: list
    elements: str
    required: true
  validate_certs:
    description:
      - Whether the webapp's certificate is verified.
      - For the certificate that a webapp makes for itself give its CA as O(ca_path) rather than switching this off.
    type: bool
    default: true
  ca_path:
    description:
      - PEM file, on the host that runs the module, with the CA that signed the webapp's certificate. In a webapp
        container it is C(/var/lib/whatsapp/ca.pem).
      - Without it the CA certificates that come with the Python library requests are used.
    type: path
  client_cert:
    description: PEM file with a client certificate, on the host that runs the module. It may hold the key as well.
    type: path
  client_key:
    description: PEM file with the key of O(client_cert), where it is a file of its own.
    type: path
  server_hostname:
    description:
      - Name in the webapp's certificate, where it is not the one in O(endpoints).
      - Also sent as the TLS server name.
      - A certificate with the name in O(endpoints) is accepted as well, as while the certificate is changed.
    type: str
  proxy:
    description:
      - Address of an HTTP proxy.
      - Without it the environment variables C(https_proxy) and C(no_proxy) count; an empty string switches them off.
    type: str
  timeout:
    description: Seconds after which one request is given up. Connecting takes at most 10 of them.
    type: float
    default: 30.0
  retries:
    description:
      - How often a request is repeated, on all O(endpoints), when it failed for a reason that may pass.
      - These are an unreachable webapp, error codes 1011 and 1015 to 1018, and HTTP 429 and 5xx. No other HTTP 4xx is
        ever repeated, and no request that may have been carried out and would do harm a second time.
    type: int
    default: 4
  retry_delay:
    description:
      - Seconds before the first repetition; doubled each time up to 20 seconds, and shortened at random by up to half.
    type: float
    default: 1.0
requirements:
  - requests (Python library)
"""
