"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real instrument files beside the repository; never committed. Missing: skip, and fail in CI."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("CATHODELAB_TEST_DATA", default))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"no test data in {folder}")
        pytest.skip(f"no test data in {folder}: set CATHODELAB_TEST_DATA")
    return folder
