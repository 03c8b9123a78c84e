"""Compiled kernels are kept where tests may write, once for all of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest


def pytest_configure(config: pytest.Config) -> None:
    """A cache for compiled kernels beside other temporary files, unless the environment names one."""
    del config
    os.environ.setdefault("WARP_CACHE_PATH", str(Path(tempfile.gettempdir()) / "cathodelab-warp-tests"))


@pytest.fixture(autouse=True)
def _needs_warp() -> None:
    pytest.importorskip("warp")


@pytest.fixture
def crowd() -> tuple[np.ndarray, np.ndarray]:
    """Places and radii (m): a large particle, then 400 small ones all around it."""
    way = np.random.default_rng(1).normal(size=(400, 3))
    way /= np.linalg.norm(way, axis=1)[:, None]
    big, small = 1.5e-3, 75e-6
    return np.concatenate([[[0, 0, 0]], way * (big + 1.2 * small)]), np.append(big, np.full(400, small))
