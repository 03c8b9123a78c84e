"""A quick look at files of impedance spectra, without a study: the same evaluation, its figures and a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cathodelab.core.electrodes import electrode_name
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.operation import Progress
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.figures.matplotlib_figure import as_csv, drawings
from cathodelab.formats.cell_records import impedance_spectra
from cathodelab.formats.readers import read_table
from cathodelab.formats.spectra.labels import KNOWN_LABELS
from cathodelab.operations.given_files import (
    content_of,
    declared_maps,
    file_names,
    made,
    refuse_overwriting,
    without_study,
)
from cathodelab.operations.model import SpectraInput
from cathodelab.operations.spectra_look import SpectraFileLook, SpectraLook
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.method import METHOD, resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.read import spectra_from_records
from cathodelab.techniques.impedance.stated import constraints_of

if TYPE_CHECKING:
    from cathodelab.techniques.impedance.model import ImpedanceResult

_DOTS_PER_INCH = 200
_COLUMNS = f"Name the columns of a csv of spectra in its first line, in any order: {KNOWN_LABELS}."
_OPTIONS = {
    "area_cm2": "--area",
    "counter_electrode": "--counter",
    "impedance.circuit": "--circuit",
    "impedance.parameters": "--parameters",
    "impedance.leave_out": "--without",
}
_DOOR = without_study(_OPTIONS, _COLUMNS, _COLUMNS)
_SAME_CHARGE = 2.0
"""States of charge, as stated by hand, count as one within this many mAh/g."""


def looked_at(inputs: SpectraInput, progress: Progress) -> SpectraLook:
    """Evaluate each file for itself; the fault of one file does not stop the others.

    Raises:
        CathodelabError: the circuit is none, there are other numbers of files and states of charge, or the folder cannot be made.
    """
    charges = _charges(inputs)
    settings = _settings(inputs)
    made(inputs.folder)
    tasks = list(zip(inputs.files, file_names(inputs.files, "spectra"), charges, strict=True))
    found = tuple(
        _look(path, name, charge, inputs, settings) for path, name, charge in progress(tasks, len(tasks), "files")
    )
    return SpectraLook(found, tuple(_comparison(found)))


def _look(path: Path, name: str, charge: float, inputs: SpectraInput, settings: ImpedanceSettings) -> SpectraFileLook:
    try:
        content = content_of(path)
    except CathodelabError as error:
        return SpectraFileLook(path, name, charge_mAh_g=charge, error=error)
    reader_id = ""
    try:
        table, reader = read_table(path.name, content, declared_maps(inputs.columns))
        reader_id = reader.id
        source = Provenance(path.name, hashlib.sha256(content).hexdigest(), reader.id, reader.version)
        spectra = spectra_from_records(impedance_spectra([table], [source]))
        details = {"area_cm2": f"{inputs.area:g}"} if inputs.area else {}
        # a mass would be needed for a charge alone, which is stated by hand here
        counter = electrode_name(inputs.counter)
        cell = Cell(name, "cell", Estimate(float("nan")), counter, Estimate(0.0), (path.name,), details=details)
        result = resistances(cell, spectra, settings)
        written = tuple(_written(cell, result, inputs.folder, inputs.files))
    except CathodelabError as error:
        return SpectraFileLook(path, name, reader_id, charge, error=error.shown_at(_DOOR).at(str(path)))
    return SpectraFileLook(path, name, reader_id, charge, result, figures=written)


def _written(cell: Cell, result: ImpedanceResult, folder: Path, given: tuple[Path, ...]) -> Iterable[Path]:
    for spec in METHOD.figures(cell, result):
        contents = drawings(spec, ("png", "svg"), _DOTS_PER_INCH)
        contents |= {"csv": as_csv(spec).encode(), "txt": (spec.caption + "\n").encode()}
        for kind, content in contents.items():
            path = folder / f"{spec.id}.{kind}"
            refuse_overwriting(path, given)
            path.write_bytes(content)
            yield path


def _settings(inputs: SpectraInput) -> ImpedanceSettings:
    stated = ImpedanceSettings(parameters=inputs.parameters, leave_out=inputs.without, distribution=inputs.distribution)
    constraints_of(inputs.parameters)
    if not inputs.circuit.strip():
        return stated
    parsed(inputs.circuit)
    return replace(stated, circuit=inputs.circuit, other_circuits="")


def _charges(inputs: SpectraInput) -> list[float]:
    """The stated state of charge of each file; one number holds for all."""
    count, stated = len(inputs.files), list(inputs.charge)
    if len(stated) in (0, 1):
        return (stated or [float("nan")]) * count
    if len(stated) != count:
        raise CathodelabError(
            "impedance-input",
            f"{len(stated)} states of charge for {count} files",
            where="--charge",
            why="There is one for each file in order, or one for all.",
            what_to_do="Write for example --charge 0,95.5,190.",
        )
    return stated


def _comparison(found: tuple[SpectraFileLook, ...]) -> Iterable[str]:
    """Whether the cathode resistances of the files may stand beside each other."""
    known = [one for one in found if one.result is not None]
    if len(known) < 2:
        return
    charges = np.array([one.charge_mAh_g for one in known])
    if np.isnan(charges).any():
        yield (
            "The state of charge of the files is not stated (--charge): their cathode resistances must not be compared; "
            "46 mV can make 40 % of one."
        )
    elif np.ptp(charges) > _SAME_CHARGE:
        yield (
            f"The states of charge differ by {np.ptp(charges):.3g} mAh/g: the cathode resistances must not be compared without a "
            "correction; a study with spectra at four states or more makes it."
        )
    else:
        yield f"All files are stated to be within {np.ptp(charges):.2g} mAh/g: their resistances may be compared."
