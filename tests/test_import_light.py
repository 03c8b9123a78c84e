"""Starting is quick: heavy libraries load when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("scipy", "polars", "pandas", "matplotlib", "plotly", "typst", "openpyxl", "xlsxwriter", "jinja2")


@pytest.mark.parametrize(
    "code",
    [
        "import cathodelab",
        "import cathodelab.apps.cli as cli\ntry:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass",
        "import cathodelab.apps.cli as cli\ntry:\n    cli.main(['run', '--help'])\nexcept SystemExit:\n    pass",
    ],
    ids=["import", "help", "run help"],
)
def test_import_and_help_load_no_heavy_library(code: str) -> None:
    """`import cathodelab` and `cathodelab --help` load neither scipy, polars, matplotlib nor plotly."""
    report = f"{code}\nimport sys\nprint('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("LOADED []")


def test_public_names_load_on_first_use() -> None:
    """The lazy names are really there, and a wrong one says so."""
    import cathodelab

    assert callable(cathodelab.run_study)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cathodelab.nothing
