"""Where arrays live and kernels run: a CPU with some threads, or a CUDA device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from cathodelab.simulation.dem.engine.warp_library import checked_device, warp

# Warp describes its arrays, kernels and structs at run time only: for a type checker they are anything.
WarpArray = Any
WarpKernel = Any
WarpStruct = Any
WarpType = Any
Values = Any


class Device:
    """A device and the threads that launch kernels on it.

    Args:
        name: ``cpu`` or ``cuda``.
        threads: of a CPU; CUDA has its own.

    Raises:
        CathodelabError: ``extra-missing`` without Warp, ``dem-no-cuda`` without a CUDA device.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        self.wp = warp()
        self.name = name
        self.is_cuda = checked_device(name).startswith("cuda")
        self.threads = 1 if self.is_cuda else threads
        self.pool = ThreadPoolExecutor(self.threads - 1) if self.threads > 1 else None

    def close(self) -> None:
        """End the threads."""
        if self.pool:
            self.pool.shutdown()

    def zeros(self, count: int, kind: WarpType) -> WarpArray:
        """An array of zeros on the device."""
        return self.wp.zeros(count, dtype=kind, device=self.name)

    def given(self, values: Values, kind: WarpType) -> WarpArray:
        """An array with these values on the device."""
        return self.wp.array(values, dtype=kind, device=self.name)

    def launch(self, kernel: WarpKernel, count: int, inputs: Sequence[Values]) -> None:
        """Launch a kernel once over ``count`` places."""
        self.wp.launch(kernel, count, inputs=list(inputs), device=self.name)

    def recorded(self, kernel: WarpKernel, count: int, inputs: Sequence[Values]) -> WarpStruct:
        """A launch that is ready to be called, again and again."""
        return self.wp.launch(kernel, count, inputs=list(inputs), device=self.name, record_cmd=True)

    def spread(self, kernel: WarpKernel, inputs: Sequence[Values], cuts: Sequence[int]) -> None:
        """Launch a kernel on all threads at once: thread k works on the places ``cuts[k]`` to ``cuts[k + 1]``.

        The first argument of the kernel is the first place of its thread.
        """
        parts = [self.recorded(kernel, end - begin, [begin, *inputs]) for begin, end in pairwise(cuts)]
        self.together([part.launch for part in parts])

    def together(self, calls: Sequence[Callable[[], object]]) -> None:
        """Call all of them at once: the first here, the others in the pool. A launch releases Python's lock."""
        waiting = [self.pool.submit(one) for one in calls[1:]] if self.pool else []
        calls[0]()
        for one in waiting:
            one.result()
