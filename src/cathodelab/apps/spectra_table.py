"""What a quick look at spectra prints: a block for each file, then whether the files may be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cathodelab.report.impedance import resistance_rows

if TYPE_CHECKING:
    from cathodelab.operations.model import LookedAt, LookedAtFile
    from cathodelab.techniques.impedance.model import EvaluatedSpectrum, ImpedanceResult

_MOST_SPECTRA = 12


def lines_of(output: LookedAt) -> list[str]:
    """Lines for a terminal."""
    lines: list[str] = []
    for one in output.files:
        lines += [*_file(one), ""]
    lines += output.comparison
    written = [path for one in output.files for path in one.figures]
    if written:
        lines.append(f"{sum(path.suffix == '.png' for path in written)} figures (png, svg, csv) in {written[0].parent}")
    return lines


def _file(one: LookedAtFile) -> Iterable[str]:
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
    if count > _MOST_SPECTRA:
        yield f"  and {count - _MOST_SPECTRA} more; --json has all."
    yield from _said(result)


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
        if check.passed is False:
            yield f"  {check.name.replace('_', ' ')}: {check.sentence}"
