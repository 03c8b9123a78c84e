"""What the technique of impedance spectroscopy declares."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.formats.technique import Look, Technique

TECHNIQUE = Technique(
    id="impedance",
    columns={"cell": ()},
    files=("spectra_file", "file"),
    conditions=(
        Column("charge_mAh", "net charge of the cell since its record began, when the spectrum was measured", "mAh"),
        Column("rest_h", "time without current before the spectrum", "h", low=0),
        Column(
            "potential_volt", "potential of the cell during the spectrum, where its file has none", "V", usual=(-1, 6)
        ),
    ),
    readers="cathodelab.formats.readers:READERS",
    measurements={"spectra": "cathodelab.techniques.impedance.measurement:SPECTRA"},
    methods={"impedance": "cathodelab.techniques.impedance.method:METHOD"},
    looks={
        "impedance": Look(
            "Look at files of impedance spectra without a study: validity, circuit, resistances, figures.",
            "cathodelab.operations.model:SpectraInput",
            "cathodelab.operations.impedance:looked_at",
        )
    },
)
