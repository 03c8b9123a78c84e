"""What the technique of compaction declares."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.formats.technique import Technique

_PRESS = (
    Column(
        "press_compliance_um_kN",
        "how far press and punches give way, from pressing without powder; 0 where the machine corrects it",
        "um/kN",
        low=0,
        high=1000,
        usual=(0, 50),
        inherited=False,
    ),
    Column("press_compliance_standard_uncertainty_um_kN", "its standard uncertainty", "um/kN", low=0, inherited=False),
    Column(
        "press_compliance_um_MPa",
        "the same for a pressure on this pellet, instead of that for a force",
        "um/MPa",
        low=0,
        high=100,
        usual=(0, 5),
        inherited=False,
    ),
    Column(
        "press_compliance_standard_uncertainty_um_MPa", "its standard uncertainty", "um/MPa", low=0, inherited=False
    ),
    Column("press", "name of the press: pellets of one press share its errors", inherited=False),
    Column("die", "name of the die: pellets of one die share the error of its bore", inherited=False),
)
_PELLET = (
    Column("diameter_standard_uncertainty_mm", "standard uncertainty of diameter_mm", "mm", low=0, inherited=False),
    Column(
        "diameter_out_of_die_mm",
        "diameter of the ejected pellet, where it was measured",
        "mm",
        low=0,
        above=True,
        usual=(2, 50),
        inherited=False,
    ),
    Column("diameter_out_of_die_standard_uncertainty_mm", "its standard uncertainty", "mm", low=0, inherited=False),
    Column(
        "thickness_is",
        "where the thickness in the compaction file was measured, if the file does not say it",
        choices=("in die", "out of die"),
        inherited=False,
    ),
    Column(
        "height_at_zero_displacement_um",
        "distance of the punches where the displacement in the compaction file is 0",
        "um",
        low=0,
        above=True,
        usual=(20, 1e5),
        inherited=False,
    ),
    Column(
        "height_at_zero_displacement_standard_uncertainty_um", "its standard uncertainty", "um", low=0, inherited=False
    ),
)
_THEORETICAL = (
    Column(
        "theoretical_density_g_cm3",
        "density without pores, instead of that from shares and densities of what it was made from",
        "g/cm3",
        low=0,
        above=True,
        usual=(0.5, 12),
        inherited=False,
    ),
    Column(
        "theoretical_density_standard_uncertainty_g_cm3", "its standard uncertainty", "g/cm3", low=0, inherited=False
    ),
)

POROSITY = Technique(
    id="porosity", columns={"pellet": ()}, methods={"porosity": "cathodelab.techniques.compaction.porosity:METHOD"}
)
"""Of every pellet whose table states a thickness: it needs no file."""
TECHNIQUE = Technique(
    id="compaction",
    columns={"pellet": (*_PELLET, *_PRESS, *_THEORETICAL), "composite": _THEORETICAL},
    tables="cathodelab.techniques.compaction.table_kind:TABLES",
    readers="cathodelab.techniques.compaction.reader:READERS",
    measurements={"compaction_curve": "cathodelab.techniques.compaction.read:MEASUREMENT"},
    methods={"compaction": "cathodelab.techniques.compaction.method:METHOD"},
)
