"""Columns that conduction adds to the tables of pellets and composites."""

from __future__ import annotations

from typing import Literal, get_args

from cathodelab.core.columns import Column

Blocked = Literal["ions", "electrons", "separator cell"]
"""What electrodes block; a separator cell is measured for its resistance alone."""

_CONDUCTOR = Column(
    "conductor_vol_percent",
    "share of the electronic conductor, for percolation",
    "vol%",
    low=0,
    high=100,
    usual=(0, 60),
)
_SERIES = Column(
    "composition_series", "name of the series that it belongs to, where a study has several (matrix, composite)"
)
PELLET_COLUMNS = (
    Column(
        "blocked",
        "what the electrodes block: ions (electronic conductivity), electrons (ionic), or a separator cell",
        choices=get_args(Blocked),
        inherited=False,
    ),
    Column(
        "contact_diameter_mm",
        "diameter of the contacts, where they are smaller than the pellet",
        "mm",
        low=0,
        above=True,
        usual=(1, 50),
        inherited=False,
    ),
    Column("area_standard_uncertainty_cm2", "standard uncertainty of the area", "cm2", low=0, inherited=False),
    Column("separator_cell", "cell of the same separators and electrodes without the composite", names="pellet"),
    Column(
        "separator_ratio",
        "how many times the separators of the separator cell it holds (1 where empty)",
        "1",
        low=0,
        above=True,
        usual=(0.1, 10),
    ),
    Column("separator_resistance_ohm", "resistance of all separators and electrodes in series with it", "ohm", low=0),
    Column("separator_resistance_standard_uncertainty_ohm", "its standard uncertainty", "ohm", low=0),
    Column("temperature_degC", "temperature of the measurement", "degC", low=-273.15, usual=(-60, 150)),
    _CONDUCTOR,
    _SERIES,
)
"""Columns that pellets have besides thickness, diameter and area."""
COMPOSITE_COLUMNS = (_CONDUCTOR, _SERIES)
"""The share belongs to the composite; pellets pressed from it have it from there."""
