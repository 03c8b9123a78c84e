"""Whatever happens with one sample takes no other with it: in a file, a figure, a part of the page, a process."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import polars as pl
import pytest

from cathodelab.core.errors import CathodelabError, StudyInvalid
from cathodelab.core.method import Outcome
from cathodelab.figures.pictures import Order, pictures
from cathodelab.operations.workers import Processes
from cathodelab.report import drawings, write
from cathodelab.report.write import written_results
from cathodelab.study.fence import ENDED, OWN_FAULT, fenced
from cathodelab.study.run import run_study

HEAD = "cell,role,cam_mass_mg,cam_mass_standard_uncertainty_mg,counter_electrode,file"
NESTED = pl.DataFrame({name: [["a"], ["b"]] for name in ("test_time_second", "voltage_volt", "current_ampere")})


@pytest.fixture
def small(demo_template: Path, tmp_path: Path) -> Path:
    """A reference and two cells."""
    folder = tmp_path / "small"
    (folder / "raw").mkdir(parents=True)
    rows = [HEAD]
    for name, role, electrode in (
        ("liquid-01", "reference", "Li"),
        ("ssb-01", "cell", "In/InLi"),
        ("ssb-02", "cell", "In/InLi"),
    ):
        shutil.copy(demo_template / "raw" / f"{name}.bdf.csv", folder / "raw")
        rows.append(
            f"{name},{role},{'5.691,0.05' if role == 'reference' else '10.3,0.1'},{electrode},raw/{name}.bdf.csv"
        )
    (folder / "cells.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.own_fault
@pytest.mark.parametrize("sample", ["ssb-01", "liquid-01"])
def test_a_column_of_lists_is_a_fault_of_that_file(small: Path, sample: str) -> None:
    """As a cell it alone has no result; as the reference none that needs it, and the study is written."""
    NESTED.write_parquet(small / "raw" / "nested.parquet")
    table = (small / "cells.csv").read_text().replace(f"raw/{sample}.bdf.csv", "raw/nested.parquet")
    (small / "cells.csv").write_text(table)
    results = written_results(run_study(small))
    assert {one.sample for one in results.failed if isinstance(one, Outcome)} >= {"ssb-01"}
    assert (results.cell("ssb-02").outcomes["utilization"].status == "ok") == (sample == "ssb-01")
    assert (small / "results" / "report.html").is_file()


@pytest.mark.own_fault
def test_a_figure_that_fails_is_the_outcome_of_its_sample(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is described and when it is drawn; the other sample keeps its numbers and its figures."""
    draw = pictures

    def broken(order: Order) -> drawings.Pictures:
        if order.spec.id == "ssb-01-utilization":
            raise ValueError("arange: cannot compute length")
        return draw(order)

    monkeypatch.setattr(drawings, "pictures", broken)
    results = written_results(run_study(small))
    assert [(one.sample, one.method) for one in results.failed if isinstance(one, Outcome)] == [
        ("ssb-01", "utilization")
    ]
    assert "arange" in str(results.failed[0].error)
    page = (small / "results" / "report.html").read_text(encoding="utf-8")
    assert "arange: cannot compute length" in page
    assert (small / "results" / "figures" / "ssb-02-utilization.svg").is_file()
    assert not (small / "results" / "figures" / "ssb-01-utilization.svg").exists()


@pytest.mark.own_fault
def test_a_workbook_that_fails_does_not_take_the_page(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is missing, and that is said."""

    def broken(book: object) -> bytes:
        raise ValueError(f"no {type(book).__name__}")

    monkeypatch.setattr(write, "workbook", broken)
    results = written_results(run_study(small))
    assert [one.method for one in results.failed] == ["report.xlsx"]
    assert "report.xlsx" in (small / "results" / "results.json").read_text(encoding="utf-8")
    assert not (small / "results" / "report.xlsx").exists()


def test_an_uncertainty_as_large_as_the_mass_is_refused(small: Path) -> None:
    """One standard uncertainty below the mass would be no mass."""
    (small / "cells.csv").write_text((small / "cells.csv").read_text().replace("10.3,0.1", "10.3,10.3", 1))
    with pytest.raises(StudyInvalid, match=r"below 10\.3"):
        run_study(small)


@pytest.mark.own_fault
def test_panics_of_libraries_are_caught_and_the_users_stop_is_not() -> None:
    """A panic is no Exception; lack of memory has words of its own."""

    class PanicException(BaseException):
        pass

    def ends_with(error: BaseException) -> object:
        def work() -> object:
            raise error

        return fenced(work, "reading", "cell a")

    found = ends_with(PanicException("index out of bounds"))
    assert isinstance(found, CathodelabError)
    assert (found.code, "PanicException" in found.what) == (OWN_FAULT, True)
    memory = ends_with(MemoryError())
    assert isinstance(memory, CathodelabError)
    assert "memory" in memory.what
    with pytest.raises(KeyboardInterrupt):
        ends_with(KeyboardInterrupt())


def test_a_worker_that_dies_takes_no_other_task_with_it(tmp_path: Path) -> None:
    """What dies alone too is said to be lost; what died once by chance is done; the rest are done in their order."""
    once = tmp_path / "once"
    tasks = ["a", "die", "b", f"once {once}", "c", "d"]
    with Processes(2) as workers:
        found = list(workers.map(_work, tasks))
        assert list(workers.map(_work, ["e"])) == ["e"]
    lost = found[1]
    assert isinstance(lost, CathodelabError)
    assert (lost.code, "memory" in lost.what) == (ENDED, True)
    assert [*found[:1], *found[2:]] == ["a", "b", tasks[3], "c", "d"]


def _work(task: str) -> str:
    if task == "die":
        os._exit(9)
    if task.startswith("once "):
        mark = Path(task.removeprefix("once "))
        if not mark.exists():
            mark.touch()
            os._exit(9)
    return task
