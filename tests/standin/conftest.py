"""Markers of the stand-in's tests."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker of tests that start containers in the local engine."""
    config.addinivalue_line("markers", "docker: starts containers of the stand-in's images in the local engine")
