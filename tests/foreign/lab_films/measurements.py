"""What is taken from the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays
from cathodelab.core.errors import OtherData
from cathodelab.core.samples import Sample
from cathodelab.formats.recording import Grid, Recorded
from cathodelab.formats.technique import Measurement


@dataclass(frozen=True, eq=False)
class Spectrum(ReadOnlyArrays):
    """Absorbance over wavelength, and the temperature that files.csv states, degC."""

    wavelength_nm: FloatArray
    absorbance: FloatArray
    temperature_degC: str = ""


@dataclass(frozen=True)
class Heights:
    """Mean height of a map, um, and its pixels."""

    mean_um: float
    pixels: int


def spectrum_of(recorded: Sequence[Recorded], sample: Sample, settings: Mapping[str, Any]) -> Spectrum:
    """The first spectrum."""
    del sample, settings
    one = recorded[0]
    columns = one.table.columns
    temperature = one.named.conditions.get("temperature_degC", "")
    return Spectrum(columns["wavelength_nanometre"], columns["absorbance_ratio"], temperature)


def heights_of(recorded: Sequence[Recorded], sample: Sample, settings: Mapping[str, Any]) -> Heights:
    """Of the part that files.csv names."""
    del sample, settings
    found = [one.content for one in recorded if isinstance(one.content, Grid)]
    if not found:
        raise OtherData(
            "no-map", "No part is named", where="files.csv", why="A file holds many.", what_to_do="Name one."
        )
    return Heights(float(found[0].values.mean()), found[0].values.size)


SPECTRUM = Measurement("absorbance_spectrum", spectrum_of, columns=("absorbance_file",))
MAP = Measurement("thickness_map", heights_of, columns=("map_file",))
