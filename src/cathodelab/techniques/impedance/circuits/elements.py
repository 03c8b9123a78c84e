"""Circuit elements: small declarations with analytic derivatives, evaluated over a batch axis.

Coordinates ``theta`` of an element are logarithms of its positive parameters and the exponents themselves, so that a
circuit of passive elements is passive for every ``theta``. Every element is homogeneous of degree one in its ``scale``
parameters: adding the same number to the logarithms of all of them multiplies its impedance. The start search and the fit
use this to solve for the sizes of the terms of a series circuit linearly.

Shapes: ``log_omega`` (m,), ``theta`` (b, p), impedance (b, m), slopes (b, p, m); angular frequency in rad/s, ohm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cathodelab.core.arrays import FloatArray

ComplexArray = NDArray[np.complex128]
ParameterKind = Literal["scale", "time", "ratio", "exponent"]
HALF_PI = np.pi / 2

Respond = Callable[[FloatArray, FloatArray, ComplexArray], ComplexArray]
Nodes = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Parameter:
    """One parameter of an element.

    Args:
        symbol: as electrochemists write it.
        unit: of its value.
        kind: ``scale`` (its logarithm adds to that of the impedance), ``time`` (a time constant: bounds follow from the
            frequencies), ``ratio`` (another positive number) or ``exponent`` (taken as it is).
        low, high: bounds of an exponent.
        power: -1 where the value is the reciprocal of the scale (capacitances).
    """

    symbol: str
    unit: str
    kind: ParameterKind
    low: float = -np.inf
    high: float = np.inf
    power: int = 1

    def value(self, theta: FloatArray) -> FloatArray:
        """Physical value of a coordinate."""
        return theta if self.kind == "exponent" else np.asarray(np.exp(self.power * theta))

    def coordinate(self, value: float) -> float:
        """Coordinate of a physical value."""
        return value if self.kind == "exponent" else self.power * float(np.log(value))


@dataclass(frozen=True)
class Element:
    """A two-pole.

    Args:
        symbol: its name in a circuit expression.
        name: in words.
        parameters: in the order of its coordinates.
        respond: ``respond(log_omega, theta, slopes)`` returns the impedance and fills its derivatives.
        nodes: ``nodes(log_times)`` gives start coordinates (k, p) for a search, with scale 1, for time constants
            on the given grid.
    """

    symbol: str
    name: str
    parameters: tuple[Parameter, ...]
    respond: Respond
    nodes: Nodes


def _resistor(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Z = R."""
    z = np.empty((theta.shape[0], log_omega.size), dtype=np.complex128)
    z[:] = np.exp(theta[:, :1])
    slopes[:, 0] = z
    return z


def _inductor(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Z = j w L."""
    z = np.asarray(1j * np.exp(theta[:, :1] + log_omega), dtype=np.complex128)
    slopes[:, 0] = z
    return z


def _capacitor(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Z = 1 / (j w C), theta = -ln C."""
    z = np.asarray(-1j * np.exp(theta[:, :1] - log_omega), dtype=np.complex128)
    slopes[:, 0] = z
    return z


def _constant_phase(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Z = 1 / (Q (j w)^n), theta = (-ln Q, n)."""
    n = theta[:, 1:2]
    size = np.exp(theta[:, :1] - n * log_omega)
    z = np.empty(size.shape, dtype=np.complex128)
    z.real, z.imag = size * np.cos(HALF_PI * n), -size * np.sin(HALF_PI * n)
    slopes[:, 0] = z
    slopes[:, 1] = -z * (log_omega + 1j * HALF_PI)
    return z


def _warburg(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Semi-infinite diffusion: Z = A (1 - j) / sqrt(w)."""
    z = np.asarray((1 - 1j) * np.exp(theta[:, :1] - 0.5 * log_omega), dtype=np.complex128)
    slopes[:, 0] = z
    return z


def _gerischer(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Z = R / sqrt(1 + j w tau)."""
    turn = 1j * np.exp(theta[:, 1:2] + log_omega)
    z = np.asarray(np.exp(theta[:, :1]) / np.sqrt(1 + turn), dtype=np.complex128)
    slopes[:, 0] = z
    slopes[:, 1] = -0.5 * z * turn / (1 + turn)
    return z


def damped_tanh(x: ComplexArray) -> ComplexArray:
    """tanh(x) for Re x >= 0 without overflow."""
    decay = np.exp(-2 * x)
    return np.asarray((1 - decay) / (1 + decay), dtype=np.complex128)


def _diffusion_transmissive(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Finite length, fixed concentration at the end: Z = R tanh(x) / x, x = sqrt(j w tau)."""
    x = np.exp(0.5 * (theta[:, 1:2] + log_omega) + 0.5j * HALF_PI)
    t = damped_tanh(x)
    size = np.exp(theta[:, :1])
    z = np.asarray(size * t / x, dtype=np.complex128)
    slopes[:, 0] = z
    slopes[:, 1] = 0.5 * (size * (1 - t * t) - z)
    return z


def _diffusion_blocking(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Finite length, closed at the end: Z = R coth(x) / x, x = sqrt(j w tau)."""
    x = np.exp(0.5 * (theta[:, 1:2] + log_omega) + 0.5j * HALF_PI)
    c = 1 / damped_tanh(x)
    size = np.exp(theta[:, :1])
    z = np.asarray(size * c / x, dtype=np.complex128)
    slopes[:, 0] = z
    slopes[:, 1] = 0.5 * (size * (1 - c * c) - z)
    return z


def _arc(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Depressed arc (ZARC), R parallel to Q: Z = R / (1 + (j w tau)^n), tau = (R Q)^(1/n)."""
    n = theta[:, 2:3]
    log_turn = log_omega + theta[:, 1:2]
    size = np.exp(n * log_turn)
    real = size * np.cos(HALF_PI * n) + 1
    imaginary = size * np.sin(HALF_PI * n)
    scale = np.exp(theta[:, :1]) / (real * real + imaginary * imaginary)
    z = np.empty(size.shape, dtype=np.complex128)
    z.real, z.imag = scale * real, -scale * imaginary
    # (j w tau)^n / (1 + (j w tau)^n) = 1 - Z/R
    slope = z * np.exp(-theta[:, :1])
    slope -= 1
    slope *= z
    slopes[:, 0] = z
    slopes[:, 1] = slope * n
    turned = np.empty(size.shape, dtype=np.complex128)
    turned.real, turned.imag = log_turn, HALF_PI
    slopes[:, 2] = slope * turned
    return z


def _arc_pair(log_omega: FloatArray, theta: FloatArray, slopes: ComplexArray) -> ComplexArray:
    """Two arcs with their sum as parameter: Z = R (s / (1 + (j w tau_a)^n_a) + (1 - s) / (1 + (j w tau_b)^n_b))."""
    share = theta[:, 1:2]
    total = np.exp(theta[:, :1])
    unit = np.zeros((theta.shape[0], 1))
    inner = np.empty((theta.shape[0], 3, log_omega.size), dtype=np.complex128)
    first = _arc(log_omega, np.hstack([unit, theta[:, 2:4]]), inner)
    slopes[:, 2:4] = inner[:, 1:] * (total * share)[:, None]
    second = _arc(log_omega, np.hstack([unit, theta[:, 4:6]]), inner)
    slopes[:, 4:6] = inner[:, 1:] * (total * (1 - share))[:, None]
    z = total * (share * first + (1 - share) * second)
    slopes[:, 0] = z
    slopes[:, 1] = total * (first - second)
    return np.asarray(z, dtype=np.complex128)


def _one(log_times: FloatArray) -> FloatArray:
    del log_times
    return np.zeros((1, 1))


def _each_time(log_times: FloatArray) -> FloatArray:
    return np.stack([np.zeros(log_times.size), log_times], axis=1)


def _constant_phase_nodes(log_times: FloatArray) -> FloatArray:
    del log_times
    return np.array([[0.0, 0.3], [0.0, 0.55], [0.0, 0.85]])


def _arc_pair_nodes(log_times: FloatArray) -> FloatArray:
    return np.array([[0.0, 0.5, time, 0.75, time + 1.0, 0.85] for time in log_times])


def _arc_nodes(log_times: FloatArray) -> FloatArray:
    return np.array([[0.0, time, n] for time in log_times for n in (0.65, 0.88)])


_TIME = Parameter("tau", "s", "time")
_ARC_EXPONENT = Parameter("n", "1", "exponent", low=0.5, high=1.0)

ELEMENTS: tuple[Element, ...] = (
    Element("R", "resistor", (Parameter("R", "ohm", "scale"),), _resistor, _one),
    Element("L", "inductor", (Parameter("L", "H", "scale"),), _inductor, _one),
    Element("C", "capacitor", (Parameter("C", "F", "scale", power=-1),), _capacitor, _one),
    Element(
        "Q",
        "constant-phase element",
        (Parameter("Q", "F s^(n-1)", "scale", power=-1), Parameter("n", "1", "exponent", low=0.15, high=1.0)),
        _constant_phase,
        _constant_phase_nodes,
    ),
    Element("W", "Warburg diffusion", (Parameter("A", "ohm s^-0.5", "scale"),), _warburg, _one),
    Element(
        "Ws",
        "finite diffusion, transmissive",
        (Parameter("R", "ohm", "scale"), _TIME),
        _diffusion_transmissive,
        _each_time,
    ),
    Element(
        "Wo",
        "finite diffusion, blocking",
        (Parameter("R", "ohm", "scale"), _TIME),
        _diffusion_blocking,
        _each_time,
    ),
    Element(
        "G",
        "Gerischer element",
        (Parameter("R", "ohm", "scale"), _TIME),
        _gerischer,
        _each_time,
    ),
    Element(
        "Arc",
        "depressed arc: R parallel to Q",
        (
            Parameter("R", "ohm", "scale"),
            _TIME,
            _ARC_EXPONENT,
        ),
        _arc,
        _arc_nodes,
    ),
    Element(
        "Arcs",
        "two depressed arcs in series, by the sum of their resistances and the share of the first",
        (
            Parameter("R", "ohm", "scale"),
            Parameter("s", "1", "exponent", low=0.0, high=1.0),
            _TIME,
            _ARC_EXPONENT,
            Parameter("tau_b", "s", "time"),
            Parameter("n_b", "1", "exponent", low=0.5, high=1.0),
        ),
        _arc_pair,
        _arc_pair_nodes,
    ),
)
"""``(RQ)`` in an expression becomes an ``Arc``, as resistance and time constant are far less correlated than R and Q."""

BY_SYMBOL = {element.symbol: element for element in ELEMENTS}
