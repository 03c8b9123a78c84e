"""The techniques of the house, in the order in which their methods run; others come by the entry point ``cathodelab.techniques``.

One line a technique, by name: nothing is imported before it is used. No storey below this list knows any of them.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from cathodelab.formats.technique import Technique, loaded

OURS: tuple[str, ...] = (
    "cathodelab.techniques.utilization.technique:TECHNIQUE",
    "cathodelab.techniques.cycling.technique:TECHNIQUE",
    "cathodelab.techniques.impedance.technique:TECHNIQUE",
    "cathodelab.analyses.technique:TECHNIQUE",
)


@cache
def techniques() -> tuple[Technique, ...]:
    """Ours and those of installed plug-ins."""
    ours = tuple(loaded(place) for place in OURS)
    return (*ours, *(entry.load() for entry in entry_points(group="cathodelab.techniques")))
