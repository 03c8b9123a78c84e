"""Work in several processes gives what one process gives."""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path

import pytest

from cathodelab.operations.model import RunInput
from cathodelab.operations.table import OPERATIONS
from cathodelab.operations.workers import Processes, garbage_collector_paused, one_thread_for_linear_algebra


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


def test_processes_are_as_many_as_there_is_work_for() -> None:
    """One fewer while this process has its share of little work; more when more turns up; none for one job."""
    with Processes(3) as workers:
        workers.start(0)
        few = set(workers.map(_process, range(20)))
        workers.start(50)
        many = set(workers.map(_process, range(200)))
        workers.start(0)
        assert set(workers.map(_process, range(20))) <= many, "those that are there stay"
    assert os.getpid() not in few | many
    assert len(few) <= 2
    assert len(many) <= 3
    assert not few & many
    with Processes(1) as alone:
        alone.start(5)
        assert set(alone.map(_process, range(5))) == {os.getpid()}


def test_linear_algebra_has_one_thread_unless_a_user_wants_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that are started have it too."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    one_thread_for_linear_algebra()
    assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["MKL_NUM_THREADS"]) == ("1", "3")
    with Processes(2) as workers:
        assert set(workers.map(os.getenv, ["OPENBLAS_NUM_THREADS", "OPENBLAS_NUM_THREADS"])) == {"1"}


def _process(number: int) -> int:
    del number
    return os.getpid()


def test_the_search_for_cycles_is_off_only_within() -> None:
    """As it was afterwards; who had turned it off keeps it so."""
    with garbage_collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with garbage_collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
