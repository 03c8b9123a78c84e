"""Warp, loaded when it is used, with a cache of compiled kernels in a place that can be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import ModuleType

from cathodelab.core.errors import CathodelabError


def warp() -> ModuleType:
    """The module ``warp``, set up once.

    Kernels are compiled on first use (some seconds) and kept in ``$WARP_CACHE_PATH``, else in Warp's own place under
    the home directory, else, where that cannot be written, in a folder beside other temporary files.

    Raises:
        CathodelabError: ``extra-missing`` where Warp is not installed.
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
        module.init()  # type: ignore[no-untyped-call]
        warp.ready = True  # type: ignore[attr-defined]
    checked: ModuleType = module
    return checked


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
