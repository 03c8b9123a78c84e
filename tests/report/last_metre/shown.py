"""Numbers as a reader should see them, written out once more without the report's own code."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

_UNITS = {
    "Wh kg⁻¹": "Wh/kg",
    "mAh g⁻¹": "mAh/g",
    "h⁻¹": "1/h",
    "Ω cm²": "ohm cm2",
    **{one: one for one in ("", "V", "mAh", "mg", "%")},
}


def plain_unit(written: str) -> str:
    """The unit of an estimate as a head of the page writes it, back again."""
    return _UNITS[written.replace("\u00a0", " ").strip()]


def places(minus: float, plus: float) -> int:
    """Decimals that two digits of the larger half-width need, 0 to 6; 3 without one."""
    widest = max(minus, plus)
    if not 0 < widest < math.inf:
        return 3
    return min(max(1 - Decimal(widest).adjusted(), 0), 6)


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals, a true minus sign, and no minus before nothing."""
    if value is None or math.isnan(value):
        return "–"
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return f"{abs(rounded) if rounded == 0 else rounded:f}".replace("-", "−")


def with_interval(value: float, minus: float, plus: float, unit: str = "") -> str:
    """``76.4 % (+1.1 −1.0)``, or ± where both half-widths look alike."""
    if math.isnan(value):
        return "–"
    if math.isnan(minus) or math.isnan(plus):
        return f"{value:.4g}{unit} (± unknown)".replace("-", "−")
    if max(minus, plus) < 5e-7:
        return f"{value:.4g}{unit}".replace("-", "−")
    digits = places(minus, plus)
    middle, low, high = (number(one, digits) for one in (value, minus, plus))
    return f"{middle}{unit} ± {high}" if low == high else f"{middle}{unit} (+{high} −{low})"


def percent(one: object) -> str:
    """A fraction with its interval, in percent."""
    value, minus, plus = (100 * getattr(one, name) for name in ("value", "minus", "plus"))
    return with_interval(value, minus, plus, " %")


def quantity(one: object) -> str:
    """A value with its interval."""
    value, minus, plus = (getattr(one, name) for name in ("value", "minus", "plus"))
    return with_interval(value, minus, plus)


def three(one: object, digits: int = 1) -> str:
    """A value with its limits: ``78.3 (47.5 to 109.0)``."""
    value, low, high = (number(getattr(one, name), digits) for name in ("value", "low", "high"))
    return value if low == "–" else f"{value} ({low} to {high})"
