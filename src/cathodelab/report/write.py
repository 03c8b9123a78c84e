"""Results to the study's folder: report, workbook, JSON, figures; each file whole or not at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from cathodelab.core.errors import CathodelabError
from cathodelab.core.figure import FigureSpec
from cathodelab.figures.matplotlib_figure import as_csv as figure_csv
from cathodelab.figures.matplotlib_figure import rendered, style_digest
from cathodelab.report.excel import workbook
from cathodelab.report.html import report_html, study_figures
from cathodelab.study.cache import FileCache, content_hash, write_atomically
from cathodelab.study.run import Progress, StudyResults, Workers
from cathodelab.study.store import as_csv, results_record, tables

FOLDER = "results"


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
    written: dict[str, bytes] = {}
    shown: dict[str, tuple[bytes, str]] = {}
    for spec, (svg, png) in zip(specs, _drawings(specs, results.study.folder, progress, workers), strict=True):
        shown[spec.id] = svg, spec.caption
        written[f"figures/{spec.id}.svg"] = svg
        written[f"figures/{spec.id}.png"] = png
        written[f"figures/{spec.id}.csv"] = figure_csv(spec).encode()
    sheets = tables(results)
    for name, rows in sheets.items():
        written[f"tables/{name}.csv"] = as_csv(rows).encode()
    written["report.xlsx"] = workbook(results, sheets)
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
Drawing = tuple[bytes, bytes]


def _drawings(
    specs: list[FigureSpec], study: Path, progress: Progress | None, workers: Workers | None
) -> list[Drawing]:
    """Vector for print and page, raster for slides, of every figure; drawn before, they come from the cache."""
    cache = FileCache(study, "figures")
    keys = [content_hash((spec.digest() + style_digest()).encode())[:40] for spec in specs]
    found = {key: drawing for key in keys if (drawing := _stored(cache, key)) is not None}
    missing = {key: spec for key, spec in zip(keys, specs, strict=True) if key not in found}
    tasks = list(missing.values())
    drawn = workers.map(_drawn, tasks) if workers else map(_drawn, tasks)
    if progress:
        drawn = progress(drawn, len(tasks), "figures")
    for key, drawing in zip(missing, drawn, strict=True):
        for kind, content in zip(_ENDS, drawing, strict=True):
            cache.store(f"{key}.{kind}", content)
        found[key] = drawing
    return [found[key] for key in keys]


def _drawn(spec: FigureSpec) -> Drawing:
    return rendered(spec, "svg", 300), rendered(spec, "png", 300)


def _stored(cache: FileCache, key: str) -> Drawing | None:
    """What an earlier run drew, if both are whole."""
    svg, png = (cache.get(f"{key}.{kind}") for kind in _ENDS)
    if svg is None or png is None or not svg.endswith(_ENDS["svg"]) or not png.endswith(_ENDS["png"]):
        return None
    return svg, png


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
