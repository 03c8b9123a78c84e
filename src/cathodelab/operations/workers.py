"""Processes that share the work of one run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Processes:
    """As many processes as there is work for and not more than ``jobs``; without work none are started.

    They are started afresh: a forked one would inherit the threads of the libraries half-alive. They end with this process,
    however that ends.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[Any], Any], tasks: Sequence[Any], /) -> Iterable[Any]:
        """What the function gives for each task, in their order; other processes begin at once."""
        if self._jobs < 2 or not tasks:
            return map(function, tasks)
        return self._started().map(function, tasks)

    def start(self) -> None:
        """Have the processes started and ready to draw when they have nothing else to do."""
        if self._jobs > 1:
            for _ in range(self._jobs):
                self._started().submit(_ready_to_draw)

    def _started(self) -> Executor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            self._pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), initializer=_end_with_parent)
        return self._pool


def _ready_to_draw() -> None:
    """Load what draws: a good part of the time that a few figures take."""
    from cathodelab.core.figure import Axis, FigureSpec, Panel
    from cathodelab.figures.matplotlib_figure import drawings

    drawings(FigureSpec("", "", (Panel(Axis("x"), Axis("y"), ()),)), ("svg", "pdf", "png"), dots_per_inch=50)


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


def _end_with_parent() -> None:
    """A killed parent cannot stop its workers: each watches it and ends at once (what it writes is whole or not there)."""
    from multiprocessing import parent_process
    from threading import Thread

    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
