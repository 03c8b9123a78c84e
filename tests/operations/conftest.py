"""A small mixer as a run file, for the commands of discrete elements."""

from __future__ import annotations

from pathlib import Path

import pytest

_SMALL = (Path(__file__).parents[1] / "simulation" / "dem" / "small_mixer.toml").read_text()
_TEXT = _SMALL.replace("duration_s = 0.002", "duration_s = 0.0005").replace("count = 150", "count = 60")


@pytest.fixture
def run_text() -> str:
    """Its text."""
    return _TEXT


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    """The file."""
    pytest.importorskip("warp")
    path = tmp_path / "mixer.toml"
    path.write_text(_TEXT)
    return path
