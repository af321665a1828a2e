# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster for each of two versions of the stand-in; the test files use it in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.integration.webapps")

from tests.integration.webapps import Webapps  # noqa: E402 - after the rewrite of its assertions
from tests.standin.cluster import Cluster, running_cluster  # noqa: E402

SCALE = 10.0
VERSIONS = {"2.53.3": "PGSQL", "2.57.2": "MYSQL"}


@pytest.fixture(scope="package", params=[pytest.param("2.53.3", marks=pytest.mark.drill), "2.57.2"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a fresh cluster of two webapps, two masters and five coreapps."""
    with running_cluster(VERSIONS[request.param], scale=SCALE, version=request.param) as running:
        running.up(masters=2, coreapps=5)
        yield running


@pytest.fixture(scope="package")
def api(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Webapps:
    """Return the cluster's webapps; what is kept there lasts as long as the cluster."""
    return Webapps(cluster, tmp_path_factory.mktemp("integration"))
