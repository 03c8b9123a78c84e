"""Content of a figure, independent of the library that draws it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Literal

import numpy as np

from cathodelab.core.arrays import FloatArray, ReadOnlyArrays

SeriesKind = Literal["line", "points", "band", "bars"]


@dataclass(frozen=True)
class Axis:
    """Quantity and unit; a potential also names its reference electrode, a capacity its mass basis.

    ``ticks`` are names at 0, 1, 2, ... on an axis of categories; ``logarithmic`` axes show only what is above zero;
    ``whole_numbers`` axes (cycles) have no ticks between.
    """

    quantity: str
    unit: str = ""
    against: str = ""
    ticks: tuple[str, ...] = ()
    logarithmic: bool = False
    whole_numbers: bool = False

    @property
    def label(self) -> str:
        """Axis label in slash form, e.g. ``E vs. Li⁺/Li / V``."""
        against = f" vs. {self.against}" if self.against else ""
        return f"{self.quantity}{against}" + (f" / {self.unit}" if self.unit else "")


@dataclass(frozen=True, eq=False)
class Series(ReadOnlyArrays):
    """One set of marks.

    ``line`` and ``points`` use x, y and the half-widths; ``band`` fills between ``y - y_minus`` and ``y + y_plus``
    along x; ``bars`` stand on ``base`` (0 where ``None``) and reach to ``base + y``. ``colour`` is a number: the same
    number is the same colour, marker and dash everywhere (one colour a batch); -1, -2, -3 are greys. In a figure of one
    cell, 0 is the cell's own colour, which becomes that of its batch (:meth:`FigureSpec.with_colours_from`).
    ``heavy`` points are thick bars without mark or cap; a heavy line is black, whole, and lies over the marks. ``thin`` lines
    stand back behind others. ``shade``, from 0 to 1, is a place on one sequential scale instead of a colour number, for what
    has an order (cycles, time). ``names`` stand at the marks, one for each, empty for none. ``sample`` is whose data it is,
    where a figure shows several.
    """

    kind: SeriesKind
    x: FloatArray
    y: FloatArray
    label: str = ""
    colour: int = 0
    x_minus: FloatArray | None = None
    x_plus: FloatArray | None = None
    y_minus: FloatArray | None = None
    y_plus: FloatArray | None = None
    base: FloatArray | None = None
    open_marks: bool = False
    heavy: bool = False
    thin: bool = False
    shade: float | None = None
    names: tuple[str, ...] = ()
    sample: str = ""


@dataclass(frozen=True)
class Panel:
    """One pair of axes; ``equal_scales`` where a unit has the same length on both (impedance planes, geometry)."""

    x: Axis
    y: Axis
    series: tuple[Series, ...]
    title: str = ""
    equal_scales: bool = False


@dataclass(frozen=True)
class FigureSpec:
    """A figure of one or more panels side by side.

    ``caption`` says what the error bars are and n. ``width_cm`` is 8.4 (one column) or 17.4 (two columns). A ``record`` shows
    a file as it is, to look at and hardly to print: it is drawn in fewer formats.
    """

    id: str
    caption: str
    panels: tuple[Panel, ...]
    width_cm: float = 17.4
    height_cm: float = 7.0
    record: bool = False

    def with_colours_from(self, first: int) -> FigureSpec:
        """The same figure with all colour numbers shifted by ``first``; greys stay."""
        panels = tuple(
            replace(panel, series=tuple(_recoloured(series, first) for series in panel.series)) for panel in self.panels
        )
        return replace(self, panels=panels)

    def digest(self) -> str:
        """SHA-256 of everything that the figure shows: equal digests mean equal pictures."""
        return hashlib.sha256(_bytes_of(self)).hexdigest()


def _bytes_of(value: object) -> bytes:
    """Serialise a spec for hashing: every field by name with its length, arrays bit by bit."""
    if isinstance(value, np.ndarray):
        inner = f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value):
        inner = b"".join(one.name.encode() + _bytes_of(getattr(value, one.name)) for one in fields(value))
    elif isinstance(value, tuple):
        inner = b"".join(map(_bytes_of, value))
    else:
        inner = repr(value).encode()
    return f"{type(value).__name__}:{len(inner)}:".encode() + inner


def _recoloured(series: Series, first: int) -> Series:
    return series if series.colour < 0 else replace(series, colour=series.colour + first)
