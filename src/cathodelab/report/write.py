"""Results to the study's folder: report, workbook, JSON, figures; each file whole or not at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.figures.matplotlib_figure import as_csv as figure_csv
from cathodelab.report.drawings import Drawings
from cathodelab.report.excel import workbook
from cathodelab.report.html import report_html, study_figures
from cathodelab.study.cache import write_atomically
from cathodelab.study.run import Progress, StudyResults, Workers
from cathodelab.study.store import as_csv, results_record, tables

FOLDER = "results"
_KINDS, _DOTS_PER_INCH = ("svg", "png"), 300  # vector for print and page, raster for slides


def write_results(results: StudyResults, progress: Progress | None = None, workers: Workers | None = None) -> Path:
    """Write everything to ``STUDY/results``; returns the report's path. Figures are drawn by the workers, if any.

    Figures that an earlier run left and this one does not make are removed (only files that a run wrote); all else in
    the folder stays.

    Raises:
        CathodelabError: a file cannot be written.
    """
    folder = results.study.folder / FOLDER
    truth = known_truth(results.study.folder) if results.study.synthetic else None
    specs = study_figures(results, truth)
    drawings = Drawings([(spec, _KINDS) for spec in specs], results.study.folder, _DOTS_PER_INCH, workers)
    written = {f"figures/{spec.id}.csv": figure_csv(spec).encode() for spec in specs}
    sheets = tables(results)
    for name, rows in sheets.items():
        written[f"tables/{name}.csv"] = as_csv(rows).encode()
    written["report.xlsx"] = workbook(results, sheets)
    shown: dict[str, tuple[bytes, str]] = {}
    for spec, pictures in zip(specs, drawings.collected(progress), strict=True):
        shown[spec.id] = pictures["svg"], spec.caption
        written |= {f"figures/{spec.id}.{kind}": picture for kind, picture in pictures.items()}
    written["report.html"] = report_html(results, shown, truth).encode()
    record = {**results_record(results), "written": sorted([*written, "results.json"])}
    written["results.json"] = json.dumps(record, indent=1, allow_nan=False, ensure_ascii=False).encode()
    before = _written_before(folder)
    for name, content in written.items():
        try:
            write_atomically(folder / name, content)
        except OSError as error:
            raise CathodelabError(
                "cannot-write",
                f"{name} cannot be written",
                where=str(folder),
                why=f"The system says: {error.strerror}.",
                what_to_do="Close the file in other programs (Excel keeps it open) and check the folder's rights.",
            ) from error
    for name in before - set(written):
        (folder / name).unlink(missing_ok=True)
    return folder / "report.html"


def known_truth(folder: Path) -> dict[str, float]:
    """Utilizations that a generated study states in its ``truth.csv``."""
    path = folder / "truth.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {row["cell"]: float(row["static_utilization"]) for row in rows if row.get("static_utilization")}


def _written_before(folder: Path) -> set[str]:
    """Figures and tables of the run before, by its own list."""
    try:
        names = json.loads((folder / "results.json").read_text(encoding="utf-8")).get("written", [])
    except (OSError, ValueError):
        return set()
    return {str(name) for name in names if str(name).startswith(("figures/", "tables/")) and ".." not in str(name)}
