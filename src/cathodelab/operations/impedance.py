"""A quick look at files of impedance spectra, without a study: the same evaluation, its figures and a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.figures.matplotlib_figure import as_csv, drawings
from cathodelab.formats.cell_records import impedance_spectra
from cathodelab.formats.readers import read_table
from cathodelab.formats.spectra.labels import KNOWN_LABELS
from cathodelab.operations.model import LookedAt, LookedAtFile, Progress, SpectraInput
from cathodelab.operations.names import file_names, refuse_overwriting
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.method import METHOD, resistances
from cathodelab.techniques.impedance.model import ImpedanceSettings
from cathodelab.techniques.impedance.read import spectra_from_records

if TYPE_CHECKING:
    from cathodelab.techniques.impedance.model import ImpedanceResult

_DOTS_PER_INCH = 200
_SAME_CHARGE = 2.0
"""States of charge, as stated by hand, count as one within this many mAh/g."""


def looked_at(inputs: SpectraInput, progress: Progress) -> LookedAt:
    """Evaluate each file for itself; the fault of one file does not stop the others.

    Raises:
        CathodelabError: area, circuit or states of charge make no sense, or the folder cannot be written.
    """
    charges = _charges(inputs)
    settings = _settings(inputs)
    if not (inputs.area >= 0 and np.isfinite(inputs.area)):
        raise _wrong(
            "--area", f"An area of {inputs.area:g} cm²", "An electrode area is above zero.", "State it in cm²."
        )
    try:
        inputs.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _wrong(
            "--folder", f"{inputs.folder} cannot be made", f"{error.strerror}.", "Name another folder for the figures."
        ) from error
    tasks = list(zip(inputs.files, file_names(inputs.files, "spectra"), charges, strict=True))
    found = tuple(
        _look(path, name, charge, inputs, settings) for path, name, charge in progress(tasks, len(tasks), "files")
    )
    return LookedAt(found, tuple(_comparison(found)))


def _look(path: Path, name: str, charge: float, inputs: SpectraInput, settings: ImpedanceSettings) -> LookedAtFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = _wrong(str(path), "The file cannot be read", f"{error.strerror}.", "Check its name and place.")
        return LookedAtFile(path, name, charge_mAh_g=charge, error=fault)
    reader_id = ""
    try:
        table, reader = read_table(path.name, content)
        reader_id = reader.id
        source = Provenance(path.name, hashlib.sha256(content).hexdigest(), reader.id, reader.version)
        spectra = spectra_from_records(impedance_spectra([table], [source]))
        details = {"area_cm2": f"{inputs.area:g}"} if inputs.area else {}
        # a mass would be needed for a charge alone, which is stated by hand here
        cell = Cell(name, "cell", Estimate(float("nan")), inputs.counter, Estimate(0.0), (path.name,), details=details)
        result = resistances(cell, spectra, settings)
        written = tuple(_written(cell, result, inputs.folder, inputs.files))
    except CathodelabError as error:
        return LookedAtFile(path, name, reader_id, charge, error=_without_study(error).at(str(path)))
    return LookedAtFile(path, name, reader_id, charge, result, figures=written)


def _without_study(error: CathodelabError) -> CathodelabError:
    """The same error with advice that fits a lone file: there is no study.toml and no cells.csv to change."""
    advice = {
        "format-unknown": (
            "Known are spectra of BioLogic (.mpr, .mpt), RelaxIS, Gamry (.DTA), ZPlot, Autolab, VersaStudio (.par), and csv.",
            f"Name the columns of a csv in its first line, in any order: {KNOWN_LABELS}.",
        ),
        "no-spectra": (
            "It has no rows with a frequency and an impedance of the whole cell.",
            f"Name a file with spectra; a csv needs the columns {KNOWN_LABELS}.",
        ),
        "spectrum-too-short": (error.why, "Measure more frequencies below 3 MHz."),
    }
    if error.code not in advice:
        return error
    why, what_to_do = advice[error.code]
    where = "whole file" if error.code == "no-spectra" else error.where
    return CathodelabError(error.code, error.what, where=where, why=why, what_to_do=what_to_do)


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
    if not inputs.circuit.strip():
        return ImpedanceSettings()
    parsed(inputs.circuit)
    return ImpedanceSettings(circuit=inputs.circuit, other_circuits="")


def _charges(inputs: SpectraInput) -> list[float]:
    """The stated state of charge of each file; one number holds for all."""
    count = len(inputs.files)
    if not inputs.charge.strip():
        return [float("nan")] * count
    try:
        values = [float(part) for part in inputs.charge.split(",")]
    except ValueError:
        values = []
    if len(values) not in (1, count) or not np.all(np.isfinite(values)):
        raise _wrong(
            "--charge",
            f"States of charge {inputs.charge!r} for {count} files",
            "They are numbers in mAh/g with a decimal point, one for each file in order or one for all.",
            "Write for example --charge 0,95.5,190.",
        )
    return values * count if len(values) == 1 else values


def _comparison(found: tuple[LookedAtFile, ...]) -> Iterable[str]:
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


def _wrong(where: str, what: str, why: str, what_to_do: str) -> CathodelabError:
    return CathodelabError("impedance-input", what, where=where, why=why, what_to_do=what_to_do)


def as_record(output: LookedAt) -> dict[str, Any]:
    """Everything that was found, as plain data; what is not a number becomes ``None``."""
    return {
        "schema_version": 1,
        "comparison": list(output.comparison),
        "files": [_file_record(one) for one in output.files],
    }


def _file_record(one: LookedAtFile) -> dict[str, Any]:
    record: dict[str, Any] = {
        "file": str(one.path),
        "reader": one.reader,
        "charge_mAh_g": _number(one.charge_mAh_g),
        "error": one.error.as_record() if one.error else None,
        "figures": [str(path) for path in one.figures],
    }
    if one.result is not None:
        from cathodelab.report.impedance import resistance_rows

        result = one.result
        record |= {
            "area_cm2": result.area_cm2,
            "checks": [
                {"name": check.name, "passed": check.passed, "sentence": check.sentence} for check in result.checks
            ],
            "spectra": [
                {
                    "number": each.spectrum.number,
                    "points": int(each.spectrum.frequency_hertz.size),
                    "potential_volt": _number(each.spectrum.potential_volt),
                    "kramers_kronig_valid": each.test.valid,
                    "noise": each.test.noise,
                    "circuit": each.chosen.fit.circuit.expression,
                    "adequate": each.chosen.adequate,
                    "residual_over_noise": each.chosen.noise_ratio,
                    "tried": {attempt.fit.circuit.expression: attempt.noise_ratio for attempt in each.attempts},
                    "parameters": each.chosen.fit.values,
                }
                for each in result.spectra
            ],
            "resistances": [
                {
                    "spectrum": row.spectrum,
                    "role": row.role,
                    "value": _number(row.value.value),
                    "minus": _number(row.value.minus),
                    "plus": _number(row.value.plus),
                    "unit": row.value.unit,
                    "interval_95": row.limits,
                    "parameters": row.names,
                    "reason": row.reason,
                }
                for row in resistance_rows(result)
            ],
        }
    return record


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
