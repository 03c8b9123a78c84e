"""Compiled kernels are kept where tests may write, once for all of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """A cache for compiled kernels beside other temporary files, unless the environment names one."""
    del config
    os.environ.setdefault("WARP_CACHE_PATH", str(Path(tempfile.gettempdir()) / "cathodelab-warp-tests"))


@pytest.fixture(autouse=True)
def _needs_warp() -> None:
    pytest.importorskip("warp")
