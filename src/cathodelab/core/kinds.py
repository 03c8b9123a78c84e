"""The kinds of samples of a lab: powders, composites, pellets, cells, each made from others."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.core.electrodes import NAMES
from cathodelab.core.samples import SampleKind

EXCLUSION = (
    Column("excluded", "whether it is left out", truth=True, inherited=False),
    Column("exclusion_reason", "why it is left out", inherited=False),
)
COLUMN_MAP = Column("columns", "name of the declared column map of study.toml for its files", inherited=False)
MADE_FROM = Column(
    "made_from",
    "what it was made from, with shares in mass %: ncm85-c1: 80; lpscl-3: 20 (shares optional)",
    inherited=False,
)
ACTIVE_MATERIAL = "cam_name"
"""Column that names the active material."""
MAKING = (
    Column(ACTIVE_MATERIAL, "active material, e.g. LiNi0.82Co0.11Mn0.07O2", tier="required"),
    Column("electrolyte_name", "solid electrolyte in the cathode", tier="required"),
    Column(
        "cam_mass_fraction",
        "share of (coated) active material in the composite",
        "1",
        tier="required",
        low=0,
        high=1,
        usual=(0.05, 1.0),
    ),
    Column("mixing_method", "hand, mill, mixer: device and media", tier="required"),
    Column("cam_supplier", "supplier and lot", tier="recommended"),
    Column("cam_d50_um", "median particle size", "um", tier="recommended", low=0, above=True, usual=(0.05, 100)),
    Column("coating", "coating material, or none", tier="recommended"),
    Column(
        "coating_mass_fraction",
        "share of coating in the coated active material",
        "1",
        tier="recommended",
        low=0,
        high=0.99,
        usual=(0, 0.2),
    ),
    Column("electrolyte_supplier", "supplier and lot", tier="recommended"),
    Column("additive", "conductive additive and binder, or none", tier="recommended"),
    Column(
        "mixing_speed_per_min",
        "speed or frequency of the mixing device",
        "1/min",
        tier="recommended",
        low=0,
        usual=(1, 2e4),
    ),
    Column("mixing_time_min", "mixing time", "min", tier="recommended", low=0, usual=(0.05, 1e4)),
)
"""What is true of a whole mixing run: cells of one batch that differ in it contradict each other."""
DENSITY = Column(
    "density_g_cm3", "true density of the powder", "g/cm3", low=0, above=True, usual=(0.5, 12.0), inherited=False
)
DENSITY_ERROR = Column(
    "density_standard_uncertainty_g_cm3", "standard uncertainty of the density", "g/cm3", low=0, inherited=False
)

MATERIAL = SampleKind(
    id="material",
    table="materials",
    columns=(
        Column("material", "name of the powder", needed=True, inherited=False),
        Column(
            "role",
            "what it is in the composite",
            choices=("active material", "electrolyte", "additive", "binder"),
            inherited=False,
        ),
        MADE_FROM,
        DENSITY,
        DENSITY_ERROR,
        *(
            one
            for one in MAKING
            if one.name.startswith(("cam_", "coating", "electrolyte")) and one.name != "cam_mass_fraction"
        ),
        COLUMN_MAP,
        *EXCLUSION,
    ),
    made_of=("material",),
)
COMPOSITE = SampleKind(
    id="composite",
    table="composites",
    columns=(
        Column("composite", "name of the mixing run, or of the sample drawn from one", needed=True, inherited=False),
        MADE_FROM,
        Column("drawn_from", "the mixing run that it was drawn from", link="composite", inherited=False),
        *MAKING,
        COLUMN_MAP,
        *EXCLUSION,
    ),
    made_of=("material", "composite"),
)
PELLET = SampleKind(
    id="pellet",
    table="pellets",
    columns=(
        Column("pellet", "name of the pellet", needed=True, inherited=False),
        MADE_FROM,
        Column("mass_mg", "mass of the pellet", "mg", low=0, above=True, high=1e6, usual=(1, 1e4), inherited=False),
        Column("mass_standard_uncertainty_mg", "standard uncertainty of the mass", "mg", low=0, inherited=False),
        Column("diameter_mm", "diameter of the pellet or die", "mm", low=0, above=True, usual=(2, 50), inherited=False),
        Column(
            "area_cm2",
            "area of the pellet, where it is no disc",
            "cm2",
            low=0,
            above=True,
            usual=(0.02, 20),
            inherited=False,
        ),
        Column("thickness_um", "thickness of the pellet", "um", low=0, above=True, usual=(20, 2e4), inherited=False),
        Column(
            "thickness_standard_uncertainty_um", "standard uncertainty of the thickness", "um", low=0, inherited=False
        ),
        Column("fabrication_pressure_MPa", "pressure in pressing", "MPa", low=0, usual=(1, 2000), inherited=False),
        COLUMN_MAP,
        *EXCLUSION,
    ),
    made_of=("material", "composite"),
)
_OF_CELLS = (
    Column("cell", "name of the cell", needed=True, inherited=False),
    Column(
        "role",
        "cell (solid state) or reference (liquid electrolyte)",
        needed=True,
        choices=("cell", "reference"),
        inherited=False,
    ),
    Column(
        "cam_mass_mg",
        "active material in the cathode, with its coating",
        "mg",
        needed=True,
        low=0,
        above=True,
        high=10_000,
        usual=(0.1, 5000),
    ),
    Column("cam_mass_standard_uncertainty_mg", "its standard uncertainty", "mg", needed=True, low=0, high=10_000),
    Column(
        "counter_electrode",
        f"electrode that potentials are against, the reference electrode where the cell has one: {NAMES}, or any other "
        "with reference_offset_volt and its uncertainty",
        needed=True,
        inherited=False,
    ),
    Column("file", "raw files of the cycler", needed=True, files=True, inherited=False),
    Column("reference", "reference cell that it is compared with", names="reference", sole=True, inherited=False),
    Column("batch", "name of the composite batch (one mixing run)", tier="required", link="composite", inherited=False),
    MADE_FROM,
    COLUMN_MAP,
    *EXCLUSION,
    Column("reference_offset_volt", "potential of its counter electrode vs. Li+/Li", "V", low=-5, high=5),
    Column("reference_offset_standard_uncertainty_volt", "its standard uncertainty", "V", low=0, high=1),
    Column("composite_mass_mg", "composite in the cell", "mg", tier="required", low=0, high=1e6, usual=(0.1, 1e4)),
    Column("area_cm2", "geometric electrode area", "cm2", tier="required", low=0, high=1e6, usual=(0.02, 200)),
    Column("fabrication_pressure_MPa", "pressure in cell assembly", "MPa", tier="required", low=0, usual=(0.1, 2000)),
    Column("stack_pressure_MPa", "pressure during the test", "MPa", tier="required", low=0, usual=(0, 1000)),
    Column("temperature_degC", "temperature during the test", "degC", tier="required", low=-273.15, usual=(-60, 150)),
    *MAKING,
    Column("separator_mass_mg", "separator", "mg", tier="recommended", low=0, usual=(0.1, 1e4)),
    Column("anode", "foils, masses, atomic ratio", tier="recommended"),
    Column("pressing_time_min", "time under fabrication pressure", "min", tier="recommended", low=0),
    Column("instrument", "cycler and channel", tier="recommended"),
    Column("operator", "who built the cell", tier="recommended"),
    Column("assembly_date", "when it was built", tier="recommended"),
    Column("rest_before_test_h", "open circuit before the first charge", "h", tier="recommended", low=0),
)
CELL = SampleKind(
    id="cell", table="cells", columns=_OF_CELLS, made_of=("composite", "material"), title="solid-state cells"
)
REFERENCE = SampleKind(
    id="reference", table="cells", columns=_OF_CELLS, made_of=("material",), title="reference cells", names_in="cell"
)
KINDS: tuple[SampleKind, ...] = (MATERIAL, COMPOSITE, PELLET, CELL, REFERENCE)
