"""When figures are drawn, and that each is drawn once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from cathodelab.figures.pictures import Order
from cathodelab.report.drawings import Drawings
from cathodelab.report.write import drawn_at_once, write_results
from cathodelab.study.results import StudyResults
from cathodelab.study.run import run_study


class _Listed:
    """Workers that do what they are given when it is asked for, and note when it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        self.given += [task.spec.id for task in tasks if isinstance(task, Order)]
        return map(function, tasks)

    def start(self, tasks: int) -> None:
        """Nothing is to be started."""


def test_figures_of_a_changed_cell_are_ordered_before_the_others_are_known(copy: Path) -> None:
    """Only those that changed are drawn, each once; the overviews come last."""
    raw = copy / "raw" / "ssb-01.bdf.csv"
    lines = raw.read_text().splitlines(keepends=True)
    raw.write_text("".join(lines[:-1]))
    workers, seen = _Listed(), list[tuple[int, int]]()
    drawings = Drawings(copy, workers)
    order = drawn_at_once(drawings, paper=False)

    def at_once(results: StudyResults) -> None:
        before = len(workers.given)
        order(results)
        seen.append((len({outcome.sample for outcome in results.outcomes}), len(workers.given) - before))

    results = run_study(copy, at_once=at_once)
    early = list(workers.given)
    assert results.read_anew == (("cell", "ssb-01"),)
    assert seen == [(1, len(early))]
    assert early
    assert all(name.startswith("ssb-01") for name in early)
    report = write_results(results, drawings=drawings)
    later = workers.given[len(early) :]
    assert later
    assert not any(name.startswith("ssb-") for name in later)
    assert len(set(workers.given)) == len(workers.given)
    alone = Path(report.parent / "figures" / f"{early[0]}.svg").read_bytes()
    write_results(run_study(copy))
    assert Path(report.parent / "figures" / f"{early[0]}.svg").read_bytes() == alone
