"""Numbers as texts: digits, signs, and what is not known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cathodelab.core.estimate import Estimate
from cathodelab.core.number_text import decimals, percent, plain_number, quantity

NAN = float("nan")


@pytest.mark.parametrize(
    ("minus", "plus", "digits"),
    [
        (1.0, 1.0, 1),
        (0.99, 0.2, 2),
        (0.2, 0.99, 2),
        (9.99, 0.0, 1),
        (10.0, 1.0, 0),
        (123.0, 1.0, 0),
        (0.012, 0.011, 3),
        (1.2e-6, 1e-7, 6),
        (1e-9, 1e-9, 6),
        (0.0, 0.0, 3),
        (NAN, NAN, 3),
        (math.inf, 1.0, 3),
    ],
)
def test_decimals_show_two_digits_of_the_larger_half_width(minus: float, plus: float, digits: int) -> None:
    """Between none and six; three where there is no width to go by."""
    assert decimals(minus, plus) == digits


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(140.24, 1.1, 1.3), "140.2 (+1.3 −1.1)"),
        (Estimate(140.24, 1.3, 1.1), "140.2 (+1.1 −1.3)"),
        (Estimate(140.24, 1.31, 1.29), "140.2 ± 1.3"),
        (Estimate(140.24, 12.0, 0.4), "140 (+0 −12)"),
        (Estimate(-0.004, 0.13, 0.17), "0.00 (+0.17 −0.13)"),
        (Estimate(-1.5, 0.1, 0.1), "−1.50 ± 0.10"),
        (Estimate(0.123456, 0.0, 0.0), "0.1235"),
        (Estimate(0.123456, 4e-7, 4e-7), "0.1235"),
        (Estimate(0.123456, 6e-7, 6e-7), "0.123456 ± 0.000001"),
        (Estimate(3.2e-9, 6.1e-11, 6.1e-11), "(3.200 ± 0.061)·10⁻⁹"),
        (Estimate(-3e-7, 1e-8, 2e-8), "(−3.00 +0.20 −0.10)·10⁻⁷"),
        (Estimate(2e-9, 2e-9, 0.0), "(2.0 +0.0 −2.0)·10⁻⁹"),
        (Estimate(0.002, 1.5e-5, 1.5e-5), "0.002000 ± 0.000015"),
        (Estimate(2e-3, 1e-10, 1e-10), "0.002"),
        (Estimate(-0.123456), "−0.1235 (± unknown)"),
        (Estimate(1.0, NAN, 0.1), "1 (± unknown)"),
        (Estimate(1.0, 0.1, NAN), "1 (± unknown)"),
        (Estimate(NAN, 0.1, 0.1), "–"),
        (None, "–"),
    ],
)
def test_a_quantity_has_its_sides_and_says_what_is_unknown(estimate: Estimate | None, text: str) -> None:
    """Upwards first, a true minus sign, no minus before nothing."""
    assert quantity(estimate) == text


def test_percent_are_a_hundred_times_the_fraction_on_every_side() -> None:
    """Value, minus, plus."""
    assert percent(Estimate(0.7641, 0.0102, 0.0213)) == "76.4 % (+2.1 −1.0)"
    assert percent(Estimate(0.7641)) == "76.41 % (± unknown)"
    assert percent(Estimate(0.5, 0.0, 0.0)) == "50 %"
    assert percent(None) == "–"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(None, 3, "–"), (NAN, 3, "–"), (-0.0004, 3, "0.000"), (-1.25, 1, "−1.2"), (2.0, 0, "2"), (1.23456, 3, "1.235")],
)
def test_plain_numbers(value: float | None, digits: int, text: str) -> None:
    """With so many decimals."""
    assert plain_number(value, digits) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e4), st.floats(1e-4, 1e4))
def test_what_is_written_is_the_number_to_half_a_digit(value: float, minus: float, plus: float) -> None:
    """Read back again."""
    text = quantity(Estimate(value, minus, plus)).replace("−", "-")
    assert "-0.0" not in text.split(" ")[0] or float(text.split(" ")[0]) < 0
    shown, _, rest = text.partition(" ")
    digits = decimals(minus, plus)
    assert float(shown) == pytest.approx(value, abs=0.5000001 * 10**-digits)
    high, low = (rest[2:],) * 2 if rest.startswith("±") else rest.strip("()").split(" ")
    assert float(high) == pytest.approx(plus, abs=0.5000001 * 10**-digits)
    assert abs(float(low)) == pytest.approx(minus, abs=0.5000001 * 10**-digits)
