"""Processes that share the work of one run."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Processes:
    """Up to ``jobs`` processes; without work none are started. While there is little work this process counts as one of them.

    They are started afresh: a forked one would inherit the threads of the libraries half-alive. They end with this process,
    however that ends.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: Executor | None = None
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        """What the function gives for each task, in their order; other processes begin at once."""
        if self._jobs < 2 or not tasks:
            return map(function, tasks)
        pool = self._pool or self._started(self._jobs)
        return pool.map(function, tasks)

    def start(self, tasks: int) -> None:
        """Have processes for so many tasks started; where there are few, ready to draw until they come."""
        if self._jobs < 2:
            return
        few = tasks < self._jobs
        size = self._jobs - few
        if self._size < size:
            pool = self._started(size)
            for _ in range(size if few else 0):
                pool.submit(_ready_to_draw)

    def _started(self, size: int) -> Executor:
        """So many processes; earlier ones, which were too few, end when they have done what they were given."""
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        if self._pool is not None:
            self._pool.shutdown(wait=False)
        self._pool, self._size = ProcessPoolExecutor(size, get_context("spawn"), initializer=_end_quickly), size
        return self._pool


def one_thread_for_linear_algebra() -> None:
    """For this process and those it starts; asked for before numpy is loaded, a user's own choice stands.

    Our matrices are small and the processes share the cores already: threads that wait for each other only use up time.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """For a process that draws no figures: a million objects that it makes stay, and hardly any of them is a cycle.

    Over a study of fifty cells Python's collector found 1,200 of them and took a twentieth of the time; memory was the same.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _ready_to_draw() -> None:
    """Load what draws: a good part of the time that a few figures take. None of it is looked through for cycles ever after."""
    with no_search_for_cycles():
        from cathodelab.core.figure import Axis, FigureSpec, Panel
        from cathodelab.figures.matplotlib_figure import drawings

        drawings(FigureSpec("", "", (Panel(Axis("x"), Axis("y"), ()),)), ("svg",))
        gc.freeze()


def load_meanwhile(modules: Sequence[str]) -> None:
    """Load modules in a thread: this process has little to do while it hashes files and waits for others that read."""
    from contextlib import suppress
    from importlib import import_module
    from threading import Thread

    def load() -> None:
        for module in modules:
            with suppress(ImportError):  # said when it is used
                import_module(module)

    Thread(target=load, daemon=True).start()


def _end_quickly() -> None:
    """End at once when there is no more work (taking down libraries one by one costs a quarter of a second), or no parent.

    A killed parent cannot stop its workers: each watches it. What a worker writes is whole or not there.
    """
    from multiprocessing import parent_process
    from multiprocessing.util import Finalize
    from threading import Thread

    Finalize(None, os._exit, args=(0,), exitpriority=-1000)  # after all else that is to be done at the end

    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
