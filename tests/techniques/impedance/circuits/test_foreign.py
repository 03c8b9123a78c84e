"""Circuits in impedance.py's notation."""

from __future__ import annotations

import numpy as np
import pytest

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.circuits.foreign import translated

FREQUENCIES = np.logspace(5, -1, 20)


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("R0-p(R1,C1)", "R-(RC)"),
        ("R0-p(R1-Wo1,CPE1)", "R-([RWo]Q)"),
        ("L0-R0-p(R1,CPE1)-p(R2,CPE2)-CPE3", "L-R-(RQ)-(RQ)-Q"),
        ("R_0-p(C_1,R_1-p(R_2,C_2))", "R-(C[R(RC)])"),
        ("R0-Zarc1-Ws1", "R-(RQ)-Ws"),
    ],
)
def test_translations_are_the_same_circuit(foreign: str, ours: str) -> None:
    """By expression, and by impedance at the same parameters."""
    assert translated(foreign) == ours
    circuit, wanted = parsed(foreign), parsed(ours)
    assert circuit.names == wanted.names
    assert circuit.expression == ours
    theta = np.linspace(-1, 0.9, len(circuit.names))
    np.testing.assert_allclose(circuit.impedance(FREQUENCIES, theta), wanted.impedance(FREQUENCIES, theta))


@pytest.mark.parametrize(
    ("foreign", "why"),
    [
        ("R0-p(R1,La1)", "'La1' has no counterpart"),
        ("R0-TLMQ1-p(R1,C1)", "'TLMQ1'"),
        ("R0-p(R1,C1", "not closed"),
        ("R0-p(,C1)", "empty"),
        ("R0-p(R1,C1))-R2", "left over"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(foreign: str, why: str) -> None:
    """With what is known."""
    with pytest.raises(CathodelabError, match="cannot be translated") as error:
        parsed(foreign)
    assert why in error.value.why
