"""Elements, lines and expressions against numbers that were worked out otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted

LOG_OMEGA = np.log(2 * np.pi * np.logspace(6, -2, 30))
EXPRESSIONS = (
    "R-(RQ)-(RQ)-Q",
    "L-R-C-W-Ws-Wo-G",
    "R-(C[RW])",
    "Arcs-R",
    "Tm{(RQ)}",
    "Ti{(RQ)}",
    "Te{(Q[RWs])}",
    "R-Tm{(Q[RWo])}-(RQ)-Q",
)


def drawn(expression: str, seed: int) -> tuple[object, np.ndarray]:
    circuit = parsed(expression)
    chance = np.random.default_rng(seed)
    theta = chance.normal(size=(2, len(circuit.parameters)))
    for place, parameter in enumerate(circuit.parameters):
        if parameter.kind == "exponent":
            theta[:, place] = chance.uniform(0.5, 0.95, 2)
    return circuit, theta


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_derivatives_are_those_of_the_impedance(expression: str) -> None:
    """Central differences, relative to the modulus, for every coordinate of every element."""
    circuit, theta = drawn(expression, 1)
    z, slopes = circuit.evaluate(LOG_OMEGA, theta)  # type: ignore[attr-defined]
    step = 1e-6
    for place in range(theta.shape[1]):
        move = np.zeros(theta.shape[1])
        move[place] = step
        above = circuit.evaluate(LOG_OMEGA, theta + move)[0]  # type: ignore[attr-defined]
        below = circuit.evaluate(LOG_OMEGA, theta - move)[0]  # type: ignore[attr-defined]
        assert np.max(np.abs((above - below) / (2 * step) - slopes[:, place]) / np.abs(z)) < 1e-7


@pytest.mark.parametrize("expression", EXPRESSIONS)
@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.01, 100), seed=st.integers(0, 1000))
def test_sizes_scale_the_impedance(expression: str, factor: float, seed: int) -> None:
    """Adding to the logarithms of all sizes multiplies Z: what the start search and the fit rely on."""
    circuit, theta = drawn(expression, seed)
    sizes = circuit.scales.sum(axis=1)  # type: ignore[attr-defined]
    z = circuit.evaluate(LOG_OMEGA, theta)[0]  # type: ignore[attr-defined]
    scaled = circuit.evaluate(LOG_OMEGA, theta + sizes * np.log(factor))[0]  # type: ignore[attr-defined]
    np.testing.assert_allclose(scaled, factor * z, rtol=1e-9)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_circuits_are_passive(expression: str) -> None:
    """No negative real part anywhere, whatever the coordinates."""
    for seed in range(5):
        circuit, theta = drawn(expression, seed)
        assert np.all(circuit.evaluate(LOG_OMEGA, theta)[0].real > -1e-9)  # type: ignore[attr-defined]


def ladder(ionic: float, electronic: float, interface: complex, kind: str, cells: int = 400) -> complex:
    """The line as a network of discrete resistors and interfaces, solved by nodes."""
    count = 2 * (cells + 1)
    admittance = np.zeros((count, count), dtype=complex)

    def joined(a: int, b: int, y: complex) -> None:
        for i, j, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
            admittance[i, j] += sign * y

    for k in range(cells):
        joined(k, k + 1, cells / ionic)
        joined(cells + 1 + k, cells + 2 + k, cells / electronic)
    for k in range(cells + 1):
        joined(k, cells + 1 + k, (0.5 if k in (0, cells) else 1) / (cells * interface))
    ends = {
        "Tm": (0, 2 * cells + 1),
        "Ti": (cells + 1, 2 * cells + 1),
        "Te": (0, cells),
    }[kind]
    keep = [i for i in range(count) if i != ends[1]]
    current = np.zeros(count, dtype=complex)
    current[ends[0]] = 1
    potential = np.linalg.solve(admittance[np.ix_(keep, keep)], current[keep])
    return complex(potential[keep.index(ends[0])])


@pytest.mark.parametrize("kind", ["Tm", "Ti", "Te"])
def test_transmission_lines_agree_with_a_ladder(kind: str) -> None:
    """400 cells at high, middle and low frequency: the closed forms within the ladder's own error."""
    circuit = parsed(f"{kind}{{(RQ)}}")
    theta = circuit.coordinates(np.array([80.0, 25.0, 30.0, (30 * 1e-4) ** (1 / 0.9), 0.9]))
    for hertz in (1e4, 1e2, 0.1):
        interface = 1 / (1 / 30 + 1e-4 * (2j * np.pi * hertz) ** 0.9)
        z = circuit.impedance(np.array([hertz]), theta)[0]
        assert abs(z / ladder(80.0, 25.0, interface, kind) - 1) < 1e-4


def test_limits_of_the_mixed_line() -> None:
    """High frequency: the rails in parallel; low and a slow interface: that interface and a third of both rails."""
    circuit = parsed("Tm{(RQ)}")
    theta = circuit.coordinates(np.array([80.0, 20.0, 3e4, 1e-3, 1.0]))
    z = circuit.impedance(np.array([1e12, 1e-6]), theta)
    assert z[0] == pytest.approx(16, rel=1e-3)
    assert z[1] - 3e4 == pytest.approx(100 / 3, rel=1e-2)


def test_very_long_lines_do_not_overflow() -> None:
    """A line that the current never crosses is a Warburg-like half space, not infinity."""
    circuit = parsed("Tm{(RQ)}")
    theta = circuit.coordinates(np.array([1e9, 1e-3, 1e-6, 1.0, 1.0]))
    assert np.all(np.isfinite(circuit.impedance(np.logspace(7, -3, 20), theta)))


def test_parallel_of_r_and_q_is_an_arc_with_its_own_names() -> None:
    """Names carry the element's place in the expression."""
    assert parsed("R-(RQ)-(RQ)-Q").names == ("R_1", "R_2", "tau_2", "n_2", "R_3", "tau_3", "n_3", "Q_4", "n_4")
    assert parsed("R1(R2Q2)(R3Q3)Q4").names == parsed("R-(RQ)-(RQ)-Q").names


def test_resistors_in_parallel_and_series_add_as_they_do() -> None:
    """(R[RR]) with 2, 1 and 1 ohm is 1 ohm."""
    circuit = parsed("(R[RR])")
    assert circuit.impedance(np.array([1.0]), np.log([2.0, 1.0, 1.0]))[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "holds no element"),
        ("R-X", "no element 'X'"),
        ("R-(RQ", "not closed"),
        ("R)", "closed that was not opened"),
        ("R-()", "bracket is empty"),
        ("R{Q}", "Braces hold the interface"),
        ("Tm", "needs its interface"),
        ("__import__('os')", "no element and no bracket"),
        ("R" * 40, "parameters"),
        ("R-" * 200, "signs"),
        ("(" * 20 + "R" + ")" * 20, "nested deeper"),
    ],
)
def test_what_is_no_circuit_is_refused_in_words(expression: str, words: str) -> None:
    """Expressions are parsed, never run."""
    with pytest.raises(CathodelabError, match="is no circuit") as caught:
        parsed(expression)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("(RC)Q", (300.0, 5e-10, 1e-6, 0.9)),
        ("R(RC)(RW)", (100.0, 200.0, 8e-7, 500.0, 1768.0)),
        ("R(LR)(RC)", (10.0, 1e-6, 50.0, 300.0, 1e-6)),
    ],
)
def test_plain_elements_in_parallel_find_their_time_constant(expression: str, values: tuple[float, ...]) -> None:
    """The sizes of C, L and W follow the time grid: the fit reaches the noise without start values."""
    circuit = parsed(expression)
    frequencies = np.logspace(6, -1, 71)
    z = circuit.impedance(frequencies, circuit.coordinates(np.array(values)))
    chance = np.random.default_rng(1)
    z = z * (1 + 0.002 * (chance.standard_normal(z.size) + 1j * chance.standard_normal(z.size)))
    (found,) = fitted(circuit, frequencies, z[None], noise=0.002)
    assert found.residual_noise < 0.0025
    assert np.exp(np.abs(np.log(list(found.values.values())) - np.log(values))) == pytest.approx(1, abs=0.02)
