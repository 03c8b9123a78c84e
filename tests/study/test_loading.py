"""A run loads what its study uses: the code of another technique costs every user of the others its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_run_of_cells_loads_neither_techniques_of_pellets_nor_all_of_scipy(known_truth: Path) -> None:
    """scipy.stats alone takes a second."""
    lines = (known_truth / "cells.csv").read_text().splitlines()
    (known_truth / "cells.csv").write_text("\n".join(lines[:3]) + "\n")
    code = (
        f"import sys, cathodelab; cathodelab.run_study({str(known_truth)!r})\n"
        "print('LOADED', [name for name in sys.modules if name == 'scipy.stats' or name.startswith("
        "('cathodelab.techniques.compaction.', 'cathodelab.techniques.conduction.')) and not name.endswith("
        "('.technique', '.columns'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("LOADED []")
