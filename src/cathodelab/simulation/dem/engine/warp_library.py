"""Warp, loaded when it is used, with its cache of compiled kernels in a place that can be written."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from cathodelab.core.errors import CathodelabError


def warp() -> ModuleType:
    """The module ``warp``, set up once.

    Kernels are compiled on first use (some seconds) and cached in ``$WARP_CACHE_PATH``, else in Warp's own place in the home
    directory, else (if that cannot be written) in a temporary folder.

    Raises:
        CathodelabError: ``extra-missing`` if Warp is not installed.
    """
    try:
        import warp as module
    except ImportError as error:
        raise CathodelabError(
            "extra-missing",
            "Discrete elements need the library warp-lang",
            where="import",
            why=f"It is not installed ({error}).",
            what_to_do='Install it with: pip install "cathodelab[dem]".',
        ) from error
    if not getattr(warp, "ready", False):
        module.config.log_level = module.LOG_ERROR
        module.config.enable_backward = False
        if "WARP_CACHE_PATH" not in os.environ and not _writable(Path.home() / ".cache"):
            module.config.kernel_cache_dir = str(Path(tempfile.gettempdir()) / "cathodelab-warp")
        _started(module)
        warp.ready = True  # type: ignore[attr-defined]
    checked: ModuleType = module
    return checked


def _started(module: ModuleType) -> None:
    """Start Warp, without the message of its native part that there is no CUDA driver: on a laptop that is not news."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            module.init()
        finally:
            os.dup2(shown, 2)
            os.close(shown)
            caught.seek(0)
            for line in caught.read().decode(errors="replace").splitlines():
                if "Could not find or load the NVIDIA CUDA driver" not in line:
                    print(line, file=sys.stderr)  # noqa: T201 - what the library said


def checked_device(device: str) -> str:
    """The device, if it is there.

    Raises:
        CathodelabError: ``dem-no-cuda``.
    """
    if device.startswith("cuda") and not warp().is_cuda_available():
        raise CathodelabError(
            "dem-no-cuda",
            f"There is no CUDA device ({device})",
            where="device",
            why="Warp finds no NVIDIA driver or no device on this machine.",
            what_to_do='Set device = "cpu" in [run], or run on a machine with an NVIDIA GPU.',
        )
    return device


def yield_address() -> int:
    """Address of the system's function that lets another thread run."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
