"""Trustworthy numbers for solid-state-battery cathodes.

A folder of cells in, static utilization and losses with honest uncertainty out::

    import cathodelab
    results = cathodelab.run_study("my-study")
    results.cell("ssb-01").estimate("utilization", "static_utilization")

In a notebook, a study as data frames and axes, and one file as a table with units::

    study = cathodelab.open_study("my-study")
    study.estimates(), study.checks(), study.cycles(), study.figure("utilization-overview")
    cathodelab.read("cell.mpr").differential(cycle=1)

Heavy libraries load when they are used, so this import stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cathodelab.apps.notebook.opened_file import read
    from cathodelab.apps.notebook.opened_study import open_study
    from cathodelab.core.errors import CathodelabError
    from cathodelab.study.run import run_study

__all__ = ["CathodelabError", "__version__", "open_study", "read", "run_study"]

_HOMES = {
    "run_study": "cathodelab.study.run",
    "open_study": "cathodelab.apps.notebook.opened_study",
    "read": "cathodelab.apps.notebook.opened_file",
    "CathodelabError": "cathodelab.core.errors",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the public names differ in type
    """Load a public name from its home on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cathodelab' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
