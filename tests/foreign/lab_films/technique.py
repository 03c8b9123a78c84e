"""What the package declares."""

from __future__ import annotations

from cathodelab.core.columns import Column
from cathodelab.core.samples import SampleKind
from cathodelab.formats.technique import Technique

FILM = SampleKind(
    id="film",
    table="films",
    columns=(
        Column("film", "name of the film", needed=True, inherited=False),
        Column("made_from", "the slurry that it was cast from", inherited=False),
        Column("film_thickness_um", "thickness of the film", "um", low=0, above=True, usual=(0.1, 100)),
        Column("film_thickness_standard_uncertainty_um", "its standard uncertainty", "um", low=0),
        Column("blank", "the bare substrate measured beside it", names="film", inherited=False),
    ),
    made_of=("material", "composite"),
)
TECHNIQUE = Technique(
    id="absorbance",
    kinds=(FILM,),
    columns={"film": ()},
    files=("absorbance_file", "map_file"),
    conditions=(Column("temperature_degC", "temperature of the sample", "degC"),),
    readers="lab_films.readers:READERS",
    measurements={
        "absorbance_spectrum": "lab_films.measurements:SPECTRUM",
        "thickness_map": "lab_films.measurements:MAP",
    },
    methods={"attenuation": "lab_films.method:METHOD"},
    study_methods={"darkest_film": "lab_films.darkest:METHOD"},
    libraries=("numpy",),
)
