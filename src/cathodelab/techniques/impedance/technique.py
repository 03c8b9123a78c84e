"""What the technique of impedance spectroscopy declares."""

from __future__ import annotations

from cathodelab.formats.technique import Look, Technique

TECHNIQUE = Technique(
    id="impedance",
    columns={"cell": ()},
    files=("spectra_file", "file"),
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
