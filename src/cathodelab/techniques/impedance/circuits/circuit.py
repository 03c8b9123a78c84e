"""A circuit: terms in series, each a tree of elements, evaluated with derivatives over a batch axis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cathodelab.core.arrays import FloatArray, read_only
from cathodelab.techniques.impedance.circuits.elements import ComplexArray, Element, Parameter
from cathodelab.techniques.impedance.circuits.lines import LINES, RAILS, LineKind, line_impedance

_MOST_NODES = 400
_RELATIVE_SIZES = np.log([0.2, 1.0, 5.0])
_FASTER = np.log([1e3, 1e2, 1e1])
_LINE_RATIOS = np.log([0.05, 0.5, 3.0])
_LINE_INTERFACES = np.log([0.3, 3.0, 30.0])


class Node:
    """A part of a circuit; ``parameters`` in the order of its coordinates."""

    parameters: tuple[Parameter, ...]

    def impedance(self, log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
        """Impedance (b, m); fills slopes (b, p, m)."""
        raise NotImplementedError

    def starts(self, log_times: FloatArray) -> FloatArray:
        """Start coordinates (k, p) for a search, at unit size."""
        raise NotImplementedError

    def scales(self) -> FloatArray:
        """1 for coordinates that scale the whole node, 0 for others; shape (p,)."""
        return np.array([float(parameter.kind == "scale") for parameter in self.parameters])


@dataclass(frozen=True, eq=False)
class Leaf(Node):
    """One element."""

    element: Element

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:  # type: ignore[override]
        """Those of the element."""
        return self.element.parameters

    def impedance(self, log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
        """Impedance of the element."""
        return self.element.respond(log_omega, theta, slopes)

    def starts(self, log_times: FloatArray) -> FloatArray:
        """Those of the element."""
        return self.element.nodes(log_times)


def power_of(node: Node) -> float | None:
    """Power of 1/omega of an element without time constant; 0 where it is a parameter, ``None`` for other nodes."""
    powers = {"C": 1.0, "L": -1.0, "W": 0.5, "Q": 0.0}
    return powers.get(node.element.symbol) if isinstance(node, Leaf) else None


@dataclass(frozen=True, eq=False)
class Group(Node):
    """Nodes side by side (parallel) or one after the other (series)."""

    children: tuple[Node, ...]
    parallel: bool

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:  # type: ignore[override]
        """Parameters of all children, one after the other."""
        return tuple(parameter for child in self.children for parameter in child.parameters)

    def impedance(self, log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
        """Sum of impedances, or reciprocal of the sum of admittances."""
        parts, rows = [], self._rows()
        for child, row in zip(self.children, rows, strict=True):
            parts.append(child.impedance(log_omega, theta[:, row], slopes[:, row]))
        if not self.parallel:
            return np.asarray(np.sum(parts, axis=0))
        total = 1 / np.sum([1 / part for part in parts], axis=0)
        for part, row in zip(parts, rows, strict=True):
            slopes[:, row] *= ((total / part) ** 2)[:, None, :]
        return np.asarray(total)

    def starts(self, log_times: FloatArray) -> FloatArray:
        """All combinations of the children's starts, with different relative sizes.

        A capacitor, an inductor and the like equal their neighbours at one frequency: their sizes follow the time grid, as
        a resistance has no other time constant than the one it makes with them.
        """
        lists = []
        resistive = [number for number, child in enumerate(self.children) if power_of(child) is None]
        unit = resistive[0] if resistive else 0
        for number, child in enumerate(self.children):
            own, scale = child.starts(log_times), child.scales()
            power = power_of(child)
            if number == unit:
                sizes = np.zeros((1, len(own)))
            elif power is None:
                sizes = np.tile(_RELATIVE_SIZES[:, None], (1, len(own)))
            else:
                exponents = own[:, 1] if power == 0 else np.full(len(own), power)
                # an inductor is often faster than the range: cables
                times = np.concatenate([log_times[0] - _FASTER, log_times]) if power < 0 else log_times
                sizes = -times[:, None] * exponents
            lists.append(np.concatenate([own + size[:, None] * scale for size in sizes]))
        return thinned(_products(lists), _MOST_NODES)

    def _rows(self) -> list[slice]:
        ends = np.cumsum([len(child.parameters) for child in self.children])
        return [
            slice(int(end) - len(child.parameters), int(end)) for child, end in zip(self.children, ends, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Line(Node):
    """A two-rail transmission line with its interface."""

    kind: LineKind
    interface: Node

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:  # type: ignore[override]
        """Both rails, then the interface."""
        return (*RAILS, *self.interface.parameters)

    def impedance(self, log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
        """See :mod:`cathodelab.techniques.impedance.circuits.lines`."""
        interface = self.interface.impedance(log_omega, theta[:, 2:], slopes[:, 2:])
        z, by_interface = line_impedance(self.kind, theta[:, :2], interface, slopes[:, :2])
        slopes[:, 2:] *= by_interface[:, None, :]
        return z

    def starts(self, log_times: FloatArray) -> FloatArray:
        """The interface's starts, with different ratios of the rails to each other and to the interface."""
        own, scale = self.interface.starts(log_times), self.interface.scales()
        lines = [
            np.column_stack([np.zeros(len(own)), np.full(len(own), ratio), own + size * scale])
            for ratio in _LINE_RATIOS
            for size in _LINE_INTERFACES
        ]
        return thinned(np.concatenate(lines), 2 * _MOST_NODES)


@dataclass(frozen=True, eq=False)
class Circuit:
    """Terms in series.

    Args:
        expression: as written by the user.
        terms: the nodes in series.
        names: one for each coordinate, e.g. ``R_2``: symbol and place of the element in the expression.
    """

    expression: str
    terms: tuple[Node, ...]
    names: tuple[str, ...]
    _ends: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        ends = itertools.accumulate(len(term.parameters) for term in self.terms)
        object.__setattr__(self, "_ends", tuple(ends))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters in the order of the coordinates."""
        return tuple(parameter for term in self.terms for parameter in term.parameters)

    @cached_property
    def rows(self) -> tuple[slice, ...]:
        """Slice of the coordinates of each term."""
        return tuple(slice(end - len(term.parameters), end) for term, end in zip(self.terms, self._ends, strict=True))

    @cached_property
    def scales(self) -> FloatArray:
        """Shape (p, terms): 1 where a coordinate scales a term."""
        matrix = np.zeros((len(self.parameters), len(self.terms)))
        for column, (term, row) in enumerate(zip(self.terms, self.rows, strict=True)):
            matrix[row, column] = term.scales()
        return read_only(matrix)

    @cached_property
    def membership(self) -> FloatArray:
        """Shape (p, terms): 1 where a coordinate belongs to a term."""
        matrix = np.zeros((len(self.parameters), len(self.terms)))
        for column, row in enumerate(self.rows):
            matrix[row, column] = 1
        return read_only(matrix)

    def evaluate(
        self, log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray | None = None
    ) -> tuple[ComplexArray, ComplexArray]:
        """Impedance, ohm, shape (b, m), and derivatives by the coordinates, shape (b, p, m) (in ``slopes``, if given)."""
        if slopes is None:
            slopes = np.empty((theta.shape[0], theta.shape[1], log_omega.size), dtype=np.complex128)
        z = np.zeros((theta.shape[0], log_omega.size), dtype=np.complex128)
        for term, row in zip(self.terms, self.rows, strict=True):
            z += term.impedance(log_omega, theta[:, row], slopes[:, row])
        return z, slopes

    def impedance(self, frequency_hertz: FloatArray, theta: FloatArray) -> ComplexArray:
        """Impedance of one set of coordinates (p,) or of several (b, p)."""
        z, _ = self.evaluate(np.log(2 * np.pi * frequency_hertz), np.atleast_2d(theta))
        return z if np.ndim(theta) == 2 else z[0]

    def values(self, theta: FloatArray) -> FloatArray:
        """Physical values of coordinates (..., p)."""
        columns = [parameter.value(theta[..., place]) for place, parameter in enumerate(self.parameters)]
        return np.stack(columns, axis=-1)

    def coordinates(self, values: FloatArray) -> FloatArray:
        """Coordinates of physical values (p,)."""
        return np.array([parameter.coordinate(value) for parameter, value in zip(self.parameters, values, strict=True)])

    def arcs(self) -> Iterator[tuple[int, slice]]:
        """(term, coordinates) of the terms that are depressed arcs."""
        for number, (term, row) in enumerate(zip(self.terms, self.rows, strict=True)):
            if isinstance(term, Leaf) and term.element.symbol == "Arc":
                yield number, row

    def bounds(self, log_omega: FloatArray, log_size: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the coordinates: generous, but finite.

        Time constants may lie two decades outside the measured range, sizes eight decades from that of the spectrum.
        """
        low, high = np.empty(len(self.parameters)), np.empty(len(self.parameters))
        margin = 2 * np.log(10)
        for place, parameter in enumerate(self.parameters):
            if parameter.kind == "exponent":
                low[place], high[place] = parameter.low, parameter.high
            elif parameter.kind == "time":
                low[place], high[place] = -log_omega.max() - margin, -log_omega.min() + margin
            else:
                # sizes of L and C contain powers of the angular frequency
                span = np.log(1e8) + np.max(np.abs(log_omega))
                low[place], high[place] = log_size - span, log_size + span
        return low, high


def _products(lists: list[FloatArray]) -> FloatArray:
    """All combinations of one row from each array, joined side by side."""
    grids = np.meshgrid(*(np.arange(len(one)) for one in lists), indexing="ij")
    return np.concatenate([one[grid.ravel()] for one, grid in zip(lists, grids, strict=True)], axis=1)


def thinned(rows: FloatArray, most: int) -> FloatArray:
    """At most ``most`` of the rows, drawn with a fixed seed and kept in order."""
    if len(rows) <= most:
        return rows
    chosen = np.random.default_rng(0).permutation(len(rows))[:most]
    return rows[np.sort(chosen)]


def line_symbols() -> tuple[str, ...]:
    """Symbols of the transmission lines."""
    return tuple(LINES)
