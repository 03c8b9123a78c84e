"""One instrument file in a notebook: its table with units, its spectra, its cycles, dQ/dV with its uncertainty."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from cathodelab.apps.notebook.frames import Frame, frame_of
from cathodelab.core.arrays import FloatArray
from cathodelab.core.errors import CathodelabError
from cathodelab.core.estimate import Estimate
from cathodelab.core.records import Provenance
from cathodelab.core.samples import Cell
from cathodelab.core.units import unit_of

if TYPE_CHECKING:
    from cathodelab.core.records import CyclingRecord
    from cathodelab.formats.table import Table
    from cathodelab.techniques.cycling.model import CyclingResult, CyclingSettings

_BASIS_MAH_G = 200.0
_AGAINST_LITHIUM = "shoulder_charge"  # its limit is against Li+/Li, which one file does not tell
Setting = bool | float | str
"""Value of a setting of the method ``cycling``."""


def read(path: str | Path) -> OpenedFile:
    """Read one file of a cycler or impedance analyser, by the reader that knows its format.

    Raises:
        CathodelabError: there is no such file, no reader takes it, or it is damaged.
    """
    from cathodelab.formats.readers import read_table
    from cathodelab.operations.given_files import content_of

    path = Path(path)
    content = content_of(path)
    try:
        table, reader = read_table(path.name, content)
    except CathodelabError as error:
        raise error.at(str(path)) from None
    source = Provenance(path.name, hashlib.sha256(content).hexdigest(), reader.id, reader.version)
    return OpenedFile(path, table, source)


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """What one file holds.

    ``file["voltage_volt"]`` is a column as a read-only array; :attr:`units` says the unit of each, which also ends its name.

    Args:
        path: the file.
        read_as: its table: kind, columns, unknown columns, entries of the header.
        source: hash of the content, reader and its version.
    """

    path: Path
    read_as: Table
    source: Provenance

    @property
    def units(self) -> Mapping[str, str]:
        """Column -> unit; empty for counts."""
        return MappingProxyType({name: unit_of(name) for name in self.read_as.columns})

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader rebuilt, left out or found odd; with cycles also what their evaluation notes."""
        return self.read_as.notes

    def __getitem__(self, column: str) -> FloatArray:
        return self.read_as.column(column)

    def table(self, *, pandas: bool = False) -> Frame:
        """Every column of the file, one row a recorded row. Spectra have a table of their own, :meth:`spectra`."""
        return frame_of(self.read_as.columns, pandas=pandas)

    def spectra(self, *, pandas: bool = False) -> Frame:
        """One row a frequency of an impedance spectrum: its number, frequency in Hz, impedance in ohm, time and potential.

        Raises:
            OtherData: the file holds no spectrum.
        """
        from cathodelab.formats.cell_records import impedance_spectra

        rows: dict[str, list[Any]] = {}
        for number, one in enumerate(impedance_spectra([self.read_as], [self.source]), 1):
            for name, values in {
                "spectrum": np.full(one.frequency_hertz.size, float(number)),
                "frequency_hertz": one.frequency_hertz,
                "real_impedance_ohm": one.real_impedance_ohm,
                "imaginary_impedance_ohm": one.imaginary_impedance_ohm,
                "test_time_second": np.full(one.frequency_hertz.size, one.test_time_second),
                "voltage_volt": np.full(one.frequency_hertz.size, one.voltage_volt),
            }.items():
                rows.setdefault(name, []).extend(None if np.isnan(value) else value for value in values.tolist())
        return frame_of(rows, pandas=pandas)

    def cycles(
        self,
        *,
        cam_mass_mg: float = float("nan"),
        basis_mAh_g: float = _BASIS_MAH_G,
        pandas: bool = False,
        **settings: Setting,
    ) -> Frame:
        """One row a cycle: charges, energies, efficiencies and potentials, each with its standard uncertainty.

        Args:
            cam_mass_mg: mass of active material; without it specific capacities and C-rates are missing. It is taken as exact:
                a study carries its uncertainty.
            basis_mAh_g: capacity that defines 1C.
            pandas: pandas' data frame instead of polars'.
            settings: settings of the method ``cycling``, e.g. ``cycle_begins_with="discharge"``.

        Raises:
            OtherData: no clock, or no current ever flowed.
            CathodelabError: an unknown setting, or a charge that is impossible for the mass.
        """
        table = self._metrics(cam_mass_mg, basis_mAh_g, settings).cycles
        columns: dict[str, Any] = {"cycle": table.number}
        standard = np.sqrt(np.sum(table.effects**2, axis=-1))
        for name, unit, values, widths in zip(table.names, table.units, table.values, standard, strict=True):
            if np.isfinite(values).any() and name != _AGAINST_LITHIUM:
                head = f"{name} / {unit}" if unit else name
                columns[head] = _missing(values)
                columns[f"± {head}"] = _missing(widths)
        return frame_of(columns, pandas=pandas)

    def differential(
        self, cycle: int | None = None, *, direction: str = "both", pandas: bool = False, **settings: Setting
    ) -> Frame:
        """dQ/dV, which conserves charge, with its standard uncertainty from the noise of the potentials.

        One row a bin of potential: cycle, direction (+1 charge, -1 discharge), potential in V against the counter electrode,
        dQ/dV in mAh/V (positive in both directions), its standard uncertainty, and the standard deviation of the smoothing
        kernel in V.

        Args:
            cycle: its number; all of them without.
            direction: ``charge``, ``discharge`` or ``both``.
            pandas: pandas' data frame instead of polars'.
            settings: settings of the method ``cycling``, e.g. ``largest_smoothing_volt=0.005``.

        Raises:
            OtherData: no clock, or no current ever flowed.
            CathodelabError: an unknown cycle, direction or setting.
        """
        from cathodelab.techniques.cycling.method import all_differential_curves

        wanted = {"charge": (1,), "discharge": (-1,), "both": (1, -1)}.get(direction)
        if wanted is None:
            raise _wrong("direction", repr(direction), "charge, discharge and both")
        curves = all_differential_curves(self._cell(float("nan")), self._record, _settings(settings), _BASIS_MAH_G)
        numbers = sorted({one.cycle for one in curves})
        if cycle is not None and cycle not in numbers:
            raise _wrong("cycle", str(cycle), f"{numbers[0]} to {numbers[-1]}" if numbers else "none")
        parts: dict[str, list[np.ndarray]] = {}
        for one in curves:
            if one.direction in wanted and cycle in (None, one.cycle):
                count = one.potential_volt.size
                for name, values in {
                    "cycle": np.full(count, one.cycle),
                    "direction": np.full(count, one.direction),
                    "potential_volt": one.potential_volt,
                    "differential_charge_mAh_V": one.density_mAh_V,
                    "standard_uncertainty_mAh_V": one.standard_mAh_V,
                    "smoothing_volt": np.full(count, one.smoothing_volt),
                }.items():
                    parts.setdefault(name, []).append(values)
        return frame_of({name: np.concatenate(found) for name, found in parts.items()}, pandas=pandas)

    @cached_property
    def _record(self) -> CyclingRecord:
        from cathodelab.formats.cell_records import cycling_record

        return cycling_record([self.read_as], [self.source])

    def _cell(self, cam_mass_mg: float) -> Cell:
        name = self.path.stem
        return Cell(name, "cell", Estimate(cam_mass_mg), "counter electrode", Estimate(0.0), (self.path.name,))

    def _metrics(self, cam_mass_mg: float, basis_mAh_g: float, settings: Mapping[str, object]) -> CyclingResult:
        from cathodelab.techniques.cycling.method import cycling_metrics

        return cycling_metrics(self._cell(cam_mass_mg), self._record, _settings(settings), basis_mAh_g)

    def __repr__(self) -> str:
        return f"<{self.path.name}: {self.read_as.kind}, {self.read_as.rows} rows, read as {self.source.reader}>"

    def _repr_html_(self) -> str:
        """The first rows, the units in the heads, and the reader's notes."""
        from html import escape

        from cathodelab.apps.notebook.opened_study import html_table

        heads = [f"{name} / {self.units[name] or 1}" for name in self.read_as.columns]
        first = zip(*(values[:5].tolist() for values in self.read_as.columns.values()), strict=True)
        rows = [[f"{value:.6g}" for value in row] for row in first]
        said = "".join(f"<li>{escape(one)}</li>" for one in self.notes)
        return f"<p>{escape(repr(self))}</p>{html_table(heads, rows)}{f'<ul>{said}</ul>' if said else ''}"


def _missing(values: FloatArray) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _settings(given: Mapping[str, object]) -> CyclingSettings:
    """Settings as a study reads them.

    Raises:
        CathodelabError: an unknown setting, or a value that is not allowed.
    """
    from cathodelab.core.settings import settings_from
    from cathodelab.techniques.cycling.model import CyclingSettings

    made, problems = settings_from(CyclingSettings, given, "settings", "methods.cycling")
    if problems:
        raise CathodelabError(
            "wrong-setting",
            "A setting cannot be used",
            where="; ".join(f"{one.column} = {one.value}" for one in problems),
            why=" ".join(
                f"{one.column}: {one.hint} allowed is {one.allowed}.".replace(":  ", ": ") for one in problems
            ),
            what_to_do="Settings are those of the method cycling, as `cathodelab init` lists them in study.toml.",
        )
    return made


def _wrong(what: str, given: str, known: str) -> CathodelabError:
    return CathodelabError(
        f"no-such-{what}",
        f"There is no {what} {given}",
        where=f"{what} {given}",
        why=f"There are: {known}.",
        what_to_do="Use one of these.",
    )
