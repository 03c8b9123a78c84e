"""Numbers as text for readers: two digits of the half-width, typographic minus signs."""

from __future__ import annotations

import math

from cathodelab.core.estimate import Estimate

NO_WIDTH = 5e-7
"""Half-widths that six decimals do not show are not written as ± 0.000000."""
_SMALL, _SHOWN_WIDTH, _NEGLIGIBLE = 1e-2, 1e-5, 1e-6
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(one: Estimate | None) -> str:
    """A fraction as `76.4 % (+1.1 −1.0)`."""
    return "–" if one is None else _with_interval(100 * one.value, 100 * one.minus, 100 * one.plus, " %")


def quantity(one: Estimate | None) -> str:
    """A value with its interval, without unit."""
    return "–" if one is None else _with_interval(one.value, one.minus, one.plus, "")


def plain_number(value: float | None, digits: int = 3) -> str:
    """A plain number of a table."""
    if value is None or math.isnan(value):
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")  # no "−0"


def _with_interval(value: float, minus: float, plus: float, unit: str) -> str:
    """The value with as many decimals as two digits of its half-width need."""
    if math.isnan(value):
        return "–"
    if math.isnan(minus) or math.isnan(plus):
        return f"{value:.4g}{unit} (± unknown)".replace("-", "−")
    if is_small(value, minus, plus):
        return _in_powers_of_ten(value, minus, plus, unit)
    if max(minus, plus) < NO_WIDTH:
        return f"{value:.4g}{unit}".replace("-", "−")
    digits = decimals(minus, plus)
    low, high = f"{minus:.{digits}f}", f"{plus:.{digits}f}"
    number = plain_number(value, digits)
    return f"{number}{unit} ± {high}" if low == high else f"{number}{unit} (+{high} −{low})"


def is_small(value: float, minus: float, plus: float) -> bool:
    """Whether six decimals do not show two digits of the half-width of a small number: powers of ten do."""
    widest = max(minus, plus)
    return 0 < widest < _SHOWN_WIDTH and abs(value) < _SMALL and widest > _NEGLIGIBLE * abs(value)


def _in_powers_of_ten(value: float, minus: float, plus: float, unit: str) -> str:
    """``(3.02 ± 0.07)·10⁻⁹``."""
    power = math.floor(math.log10(max(abs(value), minus, plus)))
    number, low, high = (f"{10.0**-power * one:.{_digits(power, minus, plus)}f}" for one in (value, minus, plus))
    interval = f" ± {high}" if low == high else f" +{high} −{low}"
    return f"({number.replace('-', '−')}{interval})·10{str(power).translate(_RAISED)}{unit}"


def _digits(power: int, minus: float, plus: float) -> int:
    return decimals(10.0**-power * minus, 10.0**-power * plus)


def decimals(minus: float, plus: float) -> int:
    """Decimals that show two digits of the larger half-width; 3 where it is zero or unknown."""
    widest = max(minus, plus)
    return min(max(1 - math.floor(math.log10(widest)), 0), 6) if 0 < widest < math.inf else 3
