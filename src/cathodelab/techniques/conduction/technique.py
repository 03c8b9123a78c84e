"""What the technique of conduction declares."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.formats.technique import Technique
from cathodelab.techniques.conduction.columns import COMPOSITE_COLUMNS, PELLET_COLUMNS

_HOME = "cathodelab.techniques.conduction"

TECHNIQUE = Technique(
    id="conduction",
    columns={"pellet": PELLET_COLUMNS, "composite": COMPOSITE_COLUMNS},
    files=("conduction_file",),
    conditions=(Column("temperature_degC", "temperature of the measurement", "degC", low=-273.15, usual=(-60, 150)),),
    readers=f"{_HOME}.staircase_text:CONDUCTION_READERS",
    measurements={"staircase": f"{_HOME}.read:STAIRCASE"},
    methods={"conduction": f"{_HOME}.method:METHOD"},
    study_methods={
        "contact_resistance": f"{_HOME}.thickness_series:CONTACT",
        "percolation": f"{_HOME}.composition_series:PERCOLATION",
    },
)
