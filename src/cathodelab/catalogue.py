"""The techniques of the house, in the order in which their methods run; others come by the entry point ``cathodelab.techniques``.

One line a technique, by name: nothing is imported before it is used. No storey below this list knows any of them.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from cathodelab.formats.technique import Technique, loaded

OURS: tuple[str, ...] = (
    "cathodelab.techniques.utilization.technique:TECHNIQUE",
    "cathodelab.analyses.technique:LOSSES",
    "cathodelab.techniques.cycling.technique:TECHNIQUE",
    "cathodelab.techniques.impedance.technique:TECHNIQUE",
    "cathodelab.techniques.compaction.technique:POROSITY",
    "cathodelab.techniques.compaction.technique:TECHNIQUE",
    "cathodelab.techniques.conduction.technique:TECHNIQUE",
    "cathodelab.analyses.technique:ANALYSES",
)


@cache
def techniques() -> tuple[Technique, ...]:
    """Ours and those of installed plug-ins."""
    ours = tuple(loaded(place) for place in OURS)
    foreign = tuple(entry.load() for entry in entry_points(group="cathodelab.techniques"))
    # a method alone, without files of its own, is a technique of its own
    lone = tuple(
        Technique(id=entry.name, methods={entry.load().id: entry.value})
        for entry in entry_points(group="cathodelab.methods")
    )
    return (*ours, *foreign, *lone)
