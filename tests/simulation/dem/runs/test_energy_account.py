"""The energy account of run files at the step that the product proposes: dashpots, thin meshes, every normal law, a mill.

The same with inlets is in ``filling/test_inlets.py``; halving the step and longer runs are in ``benchmarks/dem/accounts.md``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cathodelab.simulation.dem.runs.run_file import read_run_file
from cathodelab.simulation.dem.runs.runner import run
from cathodelab_validation.dem.account_cases import CASES, write_case


@pytest.mark.parametrize("name", list(CASES))
def test_the_account_closes_at_the_proposed_step(name: str, tmp_path: Path) -> None:
    """To a thousandth of what was turned over; grains have met ten times on average."""
    done = run(read_run_file(write_case(name, tmp_path)), tmp_path / "out")
    checks = {one.name: one for one in done.checks}
    assert checks["energy_ledger"].passed, checks["energy_ledger"].sentence
    assert checks["no_particle_lost"].passed
    assert done.state.sums.ended.mean() > 10
