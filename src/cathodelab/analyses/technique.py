"""What the analyses declare: methods on results of several techniques, and comparisons of samples."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.formats.technique import Technique

_FOILS = tuple(
    column
    for metal in ("indium", "lithium")
    for column in (
        Column(
            f"{metal}_diameter_mm", f"diameter of the {metal} foil of the anode", "mm", low=0, above=True, usual=(2, 50)
        ),
        Column(f"{metal}_thickness_um", f"thickness of the {metal} foil", "um", low=0, above=True, usual=(1, 1000)),
    )
)
_WEIGHED = tuple(
    Column(
        f"{part}_mass_standard_uncertainty_mg",
        f"standard uncertainty of the mass of the {part}",
        "mg",
        low=0,
        usual=(0, 100),
    )
    for part in ("composite", "separator", "anode")
)
_STATED_RESISTANCES = tuple(
    column
    for part in ("separator", "cathode", "anode")
    for column in (
        Column(
            f"{part}_resistance_ohm_cm2",
            f"areal resistance of the {part}, where no spectrum shows it",
            "ohm cm2",
            low=0,
            above=True,
            usual=(0.01, 1e5),
        ),
        Column(
            f"{part}_resistance_standard_uncertainty_ohm_cm2",
            f"standard uncertainty of the resistance of the {part}",
            "ohm cm2",
            low=0,
        ),
    )
)

LOSSES = Technique(id="losses", methods={"losses": "cathodelab.analyses.losses:METHOD"})
ANALYSES = Technique(
    id="analyses",
    columns={
        "cell": (
            Column("anode_mass_mg", "anode, all foils", "mg", low=0, above=True, usual=(0.1, 1e4)),
            *_FOILS,
            *_WEIGHED,
            Column(
                "series_discharge_mAh",
                "charge of the development series, instead of the record's first discharge",
                "mAh",
                low=0,
            ),
            Column(
                "series_mean_potential_volt", "its mean potential against the counter electrode", "V", usual=(-1, 6)
            ),
            *_STATED_RESISTANCES,
        )
    },
    measurements={"compliance": "cathodelab.analyses.protocol_compliance:COMPLIANCE"},
    methods={
        "active": "cathodelab.analyses.active:METHOD",
        "secondary_mixing": "cathodelab.analyses.secondary_mixing:METHOD",
        "ageing": "cathodelab.analyses.ageing:METHOD",
        "stack": "cathodelab.analyses.stack:METHOD",
        "interface_growth": "cathodelab.analyses.hold:METHOD",
        "causes": "cathodelab.analyses.causes.method:METHOD",
        "protocol_compliance": "cathodelab.analyses.protocol_compliance:METHOD",
    },
    study_methods={
        "utilization_overview": "cathodelab.analyses.overview:UTILIZATION",
        "loss_overview": "cathodelab.analyses.overview:LOSSES",
        "cycles_overlaid": "cathodelab.analyses.overlays.cycling:METHOD",
        "spectra_overlaid": "cathodelab.analyses.overlays.spectra:METHOD",
        "batches": "cathodelab.analyses.batches.method:METHOD",
        "mixing_degrees": "cathodelab.analyses.mixing_degrees:METHOD",
        "drift_apart": "cathodelab.analyses.drift_apart:METHOD",
        "worth": "cathodelab.analyses.worth:METHOD",
        "resistances_compared": "cathodelab.analyses.resistances_compared:METHOD",
    },
)
