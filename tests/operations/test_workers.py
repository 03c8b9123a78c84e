"""Work in several processes gives what one process gives."""

from __future__ import annotations

import json
from pathlib import Path

from cathodelab.operations.model import RunInput
from cathodelab.operations.table import OPERATIONS


def test_two_processes_give_the_same_results_as_one(demo_study: Path) -> None:
    """Numbers, checks and figures, with one broken file among them."""
    (demo_study / "raw" / "ssb-02.bdf.csv").write_text("")
    run = next(one for one in OPERATIONS if one.name == "run").run
    found = []
    for jobs in (1, 2):
        run(RunInput(demo_study, jobs), lambda items, *_: items)
        record = json.loads((demo_study / "results" / "results.json").read_text(encoding="utf-8"))
        del record["provenance"]["created"]
        found.append((record, (demo_study / "results" / "figures" / "ssb-01-utilization.svg").read_bytes()))
    assert found[0] == found[1]
