"""The methods of the house, in the order in which they run; others come by the entry point ``cathodelab.methods``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from cathodelab.analyses.active import METHOD as ACTIVE
from cathodelab.analyses.ageing import METHOD as AGEING
from cathodelab.analyses.causes.method import METHOD as CAUSES
from cathodelab.analyses.hold import METHOD as INTERFACE_GROWTH
from cathodelab.analyses.losses import METHOD as LOSSES
from cathodelab.analyses.stack import METHOD as STACK
from cathodelab.core.method import AnyMethod
from cathodelab.techniques.cycling.method import METHOD as CYCLING
from cathodelab.techniques.impedance.method import METHOD as IMPEDANCE
from cathodelab.techniques.utilization.method import METHOD as UTILIZATION

METHODS: tuple[AnyMethod, ...] = (
    UTILIZATION,
    LOSSES,
    CYCLING,
    ACTIVE,
    AGEING,
    STACK,
    IMPEDANCE,
    INTERFACE_GROWTH,
    CAUSES,
)


@cache
def all_methods() -> tuple[AnyMethod, ...]:
    """Ours and those of installed plug-ins."""
    loaded: tuple[Any, ...] = tuple(entry.load() for entry in entry_points(group="cathodelab.methods"))
    return (*METHODS, *loaded)
