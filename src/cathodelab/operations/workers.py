"""Processes that share the work of one run."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


class Processes:
    """Up to ``jobs`` processes; without work none are started. While there is little work this process counts as one of them.

    They are started afresh: a forked one would inherit the threads of the libraries half-alive. They end with this process,
    however that ends.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: Executor | None = None
        self._lone: Executor | None = None
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in (self._pool, self._lone):
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        """What the function gives for each task, in their order; other processes begin at once."""
        if self._jobs < 2 or not tasks:
            return map(function, tasks)
        return self._as_they_come(function, tasks, [self._submitted(function, task) for task in tasks])

    def _submitted(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:  # noqa: ANN401 - as above
        """Work that is under way; in new processes where one of those before died, which ends the others too."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            return (self._pool or self._started(self._jobs)).submit(function, task)
        except BrokenProcessPool:
            return self._started(self._size).submit(function, task)

    def _as_they_come(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], under_way: list[Future[Any]]
    ) -> Iterator[Any]:
        """Results in their order. Where a process died, the first task without a result is tried alone, the rest in new ones."""
        from concurrent.futures.process import BrokenProcessPool

        while under_way:
            try:
                found = under_way.pop(0).result()
            except BrokenProcessPool:
                found = self._alone(function, tasks[-1 - len(under_way)])
                for place, one in enumerate(under_way):
                    if one.done() and isinstance(one.exception(), BrokenProcessPool):
                        under_way[place] = self._submitted(function, tasks[place - len(under_way)])
            yield found

    def _alone(self, function: Callable[[Any], Any], task: Any) -> Any:  # noqa: ANN401 - as above
        """What the function gives in a process that does nothing else, or the error that it ended."""
        from concurrent.futures.process import BrokenProcessPool

        from cathodelab.study.fence import process_ended

        self._lone = self._lone or _pool_of(1)
        try:
            return self._lone.submit(function, task).result()
        except BrokenProcessPool:
            self._lone = None
            return process_ended("worker process")

    def start(self, tasks: int) -> None:
        """Have processes for so many tasks started; where there are few, ready to draw until they come."""
        if self._jobs < 2:
            return
        few = tasks < self._jobs
        size = self._jobs - few
        if self._size < size:
            pool = self._started(size)
            with suppress(OSError, RuntimeError):  # a process that died: seen by the work that it was to do
                for _ in range(size if few else 0):
                    pool.submit(_ready_to_draw)

    def _started(self, size: int) -> Executor:
        """So many processes; earlier ones, which were too few, end when they have done what they were given."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
        self._pool, self._size = _pool_of(size), size
        return self._pool


def _pool_of(size: int) -> Executor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(size, get_context("spawn"), initializer=_end_quickly)


def one_thread_for_linear_algebra() -> None:
    """For this process and those it starts; asked for before numpy is loaded, a user's own choice stands.

    Our matrices are small and the processes share the cores already: threads that wait for each other only use up time.
    """
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


@contextmanager
def garbage_collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: a run makes a million lasting objects and almost no reference cycles.

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
    """Import and warm up matplotlib early: that is most of the cost of the first figures. The collector skips it from then on."""
    with garbage_collector_paused():
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
