"""Results to the study's folder: report, workbook, JSON, figures; each file whole or not at all."""

from __future__ import annotations

import csv
import json
from concurrent.futures import Executor
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import FigureSpec
from cathodelab.figures.matplotlib_figure import as_csv as figure_csv
from cathodelab.figures.matplotlib_figure import rendered, style_digest
from cathodelab.report.excel import workbook
from cathodelab.report.html import report_html, study_figures
from cathodelab.study.cache import FileCache, content_hash, write_atomically
from cathodelab.study.run import StudyResults
from cathodelab.study.store import as_csv, results_record, tables

FOLDER = "results"


def write_results(results: StudyResults, executor: Executor | None = None) -> Path:
    """Write everything to ``STUDY/results``; returns the report's path. Figures are drawn in the executor, if any.

    Figures that an earlier run left and this one does not make are removed (only files that a run wrote); all else in
    the folder stays.

    Raises:
        CathodelabError: a file cannot be written.
    """
    folder = results.study.folder / FOLDER
    truth = known_truth(results.study.folder) if results.study.synthetic else None
    specs = study_figures(results, truth)
    written: dict[str, bytes] = {}
    tasks = [(spec, results.study.folder) for spec in specs]
    drawings = executor.map(_drawn, tasks) if executor else map(_drawn, tasks)
    shown: dict[str, tuple[bytes, str]] = {}
    for spec, (svg, png) in zip(specs, drawings, strict=True):
        shown[spec.id] = svg, spec.caption
        written[f"figures/{spec.id}.svg"] = svg
        written[f"figures/{spec.id}.png"] = png
        written[f"figures/{spec.id}.csv"] = figure_csv(spec).encode()
    for name, rows in tables(results).items():
        written[f"tables/{name}.csv"] = as_csv(rows).encode()
    written["report.xlsx"] = workbook(results)
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


_ENDS = {"svg": b"</svg>\n", "png": b"IEND\xaeB`\x82"}


def _drawn(task: tuple[FigureSpec, Path]) -> tuple[bytes, bytes]:
    """Vector for print and page, raster for slides; drawn before, they come from the cache."""
    spec, study = task
    cache = FileCache(study, "figures")
    svg, png = (_cached_drawing(spec, kind, cache) for kind in ("svg", "png"))
    return svg, png


def _cached_drawing(spec: FigureSpec, kind: str, cache: FileCache) -> bytes:
    key = f"{content_hash((spec.digest() + style_digest()).encode())[:40]}.{kind}"
    stored = cache.get(key)
    if stored is not None and stored.endswith(_ENDS[kind]):
        return stored
    drawing = rendered(spec, kind, 300)
    cache.store(key, drawing)
    return drawing


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
