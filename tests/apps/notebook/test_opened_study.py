"""A study in a notebook: frames hold the numbers of the csv files, figures are axes, wrong names say what is there."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib.axes import Axes

import cathodelab
from cathodelab.apps.notebook.opened_study import OpenedStudy
from cathodelab.report.write import write_results
from cathodelab.study.run import run_study

mpl.use("Agg")


@pytest.fixture(scope="module")
def folder(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with its csv files."""
    copy = Path(shutil.copytree(demo_template, tmp_path_factory.mktemp("notebook") / "demo"))
    write_results(run_study(copy))
    return copy


@pytest.fixture(scope="module")
def study(folder: Path) -> OpenedStudy:
    """The same, opened."""
    return cathodelab.open_study(folder)


def test_frames_hold_what_the_csv_files_hold(study: OpenedStudy, folder: Path) -> None:
    """Every table, number by number; nothing is left out."""
    written = {path.stem: path for path in (folder / "results" / "tables").glob("*.csv")}
    assert set(study.tables) == set(written)
    for name, path in written.items():
        frame = study.table(name)
        stored = pl.read_csv(path, schema=dict(frame.schema))
        assert frame.with_columns(pl.col(pl.String).replace("", None)).equals(stored), name
    assert study.estimates().equals(study.table("estimates"))
    assert set(study.checks()["passed"].unique()) <= {True, False, None}
    assert study.outcomes().filter(status="failed").is_empty()


def test_a_figure_of_all_utilizations_in_colours_of_ones_own_takes_six_lines(study: OpenedStudy, folder: Path) -> None:
    """As a notebook has it; the points are the estimates in per cent."""
    del study
    lines = [
        "import cathodelab, matplotlib.pyplot as plt",
        "found = cathodelab.open_study(folder).estimates().filter(estimate='static_utilization')",
        "value, minus, plus = (100 * found[name] for name in ('value', 'minus', 'plus'))",
        "drawn = plt.errorbar(found['sample'], value, [minus, plus], fmt='o', color='tab:red')",
        "label = plt.ylabel('utilization / %')",
    ]
    assert len(lines) <= 6
    names: dict[str, object] = {"folder": folder}
    exec("\n".join(lines), names)  # noqa: S102 - the lines are those above
    drawn, found = names["drawn"], names["found"]
    assert drawn.lines[0].get_ydata() == pytest.approx(100 * found["value"].to_numpy())  # type: ignore[attr-defined,index]
    mpl.pyplot.close("all")


def test_a_figure_of_the_report_becomes_axes(study: OpenedStudy) -> None:
    """With its labels and marks, on axes of its own or given ones; one of several panels says that it needs its own."""
    own = study.figure("utilization-overview")
    assert isinstance(own, Axes)
    assert "θ" in own.get_ylabel() or "tilization" in own.get_ylabel()
    assert own.lines or own.collections or own.containers
    given = mpl.pyplot.figure().add_subplot()
    assert study.figure("utilization-overview", given) is given
    several = next(name for name in study.figures if isinstance(study.figure(name), tuple))
    with pytest.raises(cathodelab.CathodelabError, match="panels"):
        study.figure(several, given)
    mpl.pyplot.close("all")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda study: study.figure("utilization-overvew"), "utilization-overview"),
        (lambda study: study.table("estimate"), "estimates"),
        (lambda study: study.cell("ssb-1"), "ssb-01"),
        (lambda study: study.spectra(), "no table 'spectra'"),
    ],
)
def test_a_wrong_name_says_which_there_are(study: OpenedStudy, call: object, said: str) -> None:
    """The nearest ones first."""
    with pytest.raises(cathodelab.CathodelabError, match=said):
        call(study)  # type: ignore[operator]


def test_pandas_is_used_where_it_is_installed_and_named_where_not(study: OpenedStudy) -> None:
    """The default needs nothing but what cathodelab brings."""
    if importlib.util.find_spec("pandas") is None:
        with pytest.raises(cathodelab.CathodelabError, match="pip install pandas"):
            study.estimates(pandas=True)
    else:
        assert list(study.estimates(pandas=True)["sample"]) == study.estimates()["sample"].to_list()


def test_a_notebook_shows_the_overview(study: OpenedStudy) -> None:
    """One row a cell, its numbers with their intervals; names are text, not markup."""
    shown = study._repr_html_()
    estimate = study.cell("ssb-01").estimate("utilization", "static_utilization")
    assert f"{100 * estimate.value:.1f} " in shown
    assert shown.count("<tr>") == 1 + sum(cell.role == "cell" for cell in study.results.study.cells)
    assert "<script" not in shown
    assert repr(study).startswith("<study ")
