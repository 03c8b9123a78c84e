"""One run of a study that holds everything, and its files as a reader meets them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from delivery import Delivered
from lab import skewed, write_study
from reading import csv_tables_of, page_of, record_of, workbook_of
from wanted import Wanted

from cathodelab.report.write import write_results
from cathodelab.study.run import run_study


@pytest.fixture(scope="session")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    """The study with every interval skewed, so that no swap of minus and plus stays unseen."""
    study = tmp_path_factory.mktemp("last-metre") / "study"
    write_study(study)
    results = skewed(run_study(study))
    folder = write_results(results).parent
    return Delivered(
        Wanted(results),
        folder,
        page_of(folder / "report.html"),
        workbook_of(folder / "report.xlsx"),
        csv_tables_of(folder / "tables"),
        csv_tables_of(folder / "figures"),
        record_of(folder / "results.json"),
    )
