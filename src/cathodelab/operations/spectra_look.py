"""What a quick look at spectra shows: a block for each file, then whether the files may be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cathodelab.core.errors import CathodelabError
from cathodelab.core.operation import Output
from cathodelab.techniques.impedance.model import SOURCE_CIRCUIT, EvaluatedSpectrum, ImpedanceResult
from cathodelab.techniques.impedance.page import resistance_rows, state_of
from cathodelab.techniques.impedance.parameters import parameter_rows

_MOST_SPECTRA = 12
_IN_A_LINE = 4


@dataclass(frozen=True, eq=False)
class SpectraFileLook:
    """What one file gave: a result with its figures, or an error.

    Args:
        path: the file as it was named.
        name: what stands in its figures, unique among the files.
        reader: id of the reader that took it.
        charge_mAh_g: stated state of charge, ``nan`` where none was.
        error: why there is no result.
        figures: files that were written.
    """

    path: Path
    name: str
    reader: str = ""
    charge_mAh_g: float = float("nan")
    result: ImpedanceResult | None = None
    error: CathodelabError | None = None
    figures: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class SpectraLook(Output):
    """What each file of spectra gave, and whether their resistances may be compared."""

    files: tuple[SpectraFileLook, ...]
    comparison: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every file was evaluated."""
        return all(one.error is None for one in self.files)

    def lines(self) -> list[str]:
        """A block for each file, the comparison, what was written."""
        lines: list[str] = []
        for one in self.files:
            lines += [*_file(one), ""]
        lines += self.comparison
        written = [path for one in self.files for path in one.figures]
        if written:
            pictures = sum(path.suffix == ".png" for path in written)
            lines.append(f"{pictures} figures (png, svg, csv) in {written[0].parent}")
        return lines

    def record(self) -> dict[str, Any]:
        """Everything that was found; what is not a number becomes ``None``."""
        return {
            "schema_version": 1,
            "comparison": list(self.comparison),
            "files": [_file_record(one) for one in self.files],
        }


def _file(one: SpectraFileLook) -> Iterable[str]:
    if one.result is None:
        yield f"{one.path}: not evaluated. {one.error}"
        return
    result = one.result
    count = len(result.spectra)
    yield f"{one.path} ({one.reader}): {count} spectr{'um' if count == 1 else 'a'}, electrode area {result.area_cm2:g} cm²"
    titles = f"{'noise / %':>9}  {'Kramers-Kronig':14}  {'residual/noise':>14}  {'circuit':34}"
    yield f"  {'no.':>3}  {titles}  part of the cell (parameters): R·A / Ω cm²"
    rows = resistance_rows(result)
    for each in result.spectra[:_MOST_SPECTRA]:
        parts = [
            f"{row.role} ({row.names}): {row.shown}" + ("" if row.limits == "–" else f" [{row.limits}]")
            for row in rows
            if row.spectrum == each.spectrum.number
        ]
        yield _head(each) + (parts[0] if parts else "none")
        yield from (" " * 86 + part for part in parts[1:])
        if state := state_of(result, each):
            yield f"      state: {state}"
        if result.settings.circuit != SOURCE_CIRCUIT:
            yield from (" " * 6 + text for text in _wrapped([row.shown for row in parameter_rows(each)]))
        if each.distribution is not None:
            yield from (" " * 6 + text for text in _peaks(each, result.area_cm2))
    if count > _MOST_SPECTRA:
        yield f"  and {count - _MOST_SPECTRA} more; --json has all."
    yield from _said(result)


def _wrapped(parts: list[str]) -> Iterable[str]:
    """Parameters side by side, a few in a line."""
    for start in range(0, len(parts), _IN_A_LINE):
        yield ("parameters: " if start == 0 else " " * 12) + ", ".join(parts[start : start + _IN_A_LINE])


def _peaks(one: EvaluatedSpectrum, area: float) -> Iterable[str]:
    """Peaks of the distribution of relaxation times."""
    assert one.distribution is not None  # noqa: S101 - the caller looked
    for peak in one.distribution.peaks:
        hertz = 1 / (2 * np.pi * peak.time_second)
        yield (
            f"relaxation times: {hertz:.3g} Hz, {peak.resistance_ohm * area:.3g} Ω cm² "
            f"(did not come back in {100 * peak.ghost_probability:.0f} % of repetitions)"
        )


def _head(one: EvaluatedSpectrum) -> str:
    verdict = "consistent" if one.test.valid else "NOT consistent"
    word = "" if one.chosen.adequate else "!"
    return (
        f"  {one.spectrum.number:>3}  {100 * one.test.noise:>9.3g}  {verdict:14}  {one.chosen.noise_ratio:>13.2f}{word:1}  "
        f"{one.chosen.fit.circuit.expression:34}  "
    )


def _said(result: ImpedanceResult) -> Iterable[str]:
    """What failed, in words, and what ± and brackets are."""
    yield "  ±: one standard uncertainty; []: 95 % interval; !: the circuit does not describe the spectrum."
    for check in result.checks:
        if check.passed is False or (check.name == "points_left_out"):
            yield f"  {check.name.replace('_', ' ')}: {check.sentence}"


def _file_record(one: SpectraFileLook) -> dict[str, Any]:
    record: dict[str, Any] = {
        "file": str(one.path),
        "reader": one.reader,
        "charge_mAh_g": _number(one.charge_mAh_g),
        "error": one.error.as_record() if one.error else None,
        "figures": [str(path) for path in one.figures],
    }
    if one.result is not None:
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
                    "parameters_with_uncertainty": {
                        row.name: {
                            "value": row.value,
                            "standard_uncertainty": _number(row.standard),
                            "unit": row.unit,
                            "note": row.note,
                        }
                        for row in parameter_rows(each)
                    },
                    "relaxation_times": [
                        {
                            "second": peak.time_second,
                            "resistance_ohm": peak.resistance_ohm,
                            "ghost_probability": peak.ghost_probability,
                        }
                        for peak in (each.distribution.peaks if each.distribution is not None else ())
                    ],
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
                    "state": row.state,
                }
                for row in resistance_rows(result)
            ],
        }
    return record


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
