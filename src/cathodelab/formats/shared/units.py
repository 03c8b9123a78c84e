"""Units that lab tables use, as factors to the canonical unit of a quantity."""

from __future__ import annotations

UNITS: dict[str, dict[str, float]] = {
    "test_time_second": {"s": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "voltage_volt": {"V": 1.0, "mV": 1e-3},
    "current_ampere": {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "µA": 1e-6},
    "net_charge_ampere_hour": {
        "Ah": 1.0,
        "mAh": 1e-3,
        "uAh": 1e-6,
        "µAh": 1e-6,
        "C": 1 / 3600,
        "A.h": 1.0,
        "mA.h": 1e-3,
    },
    "step_count": {"1": 1.0},
}
"""Canonical column -> unit as written -> factor."""

MAP_KEYS = {
    "time": "test_time_second",
    "voltage": "voltage_volt",
    "current": "current_ampere",
    "charge": "net_charge_ampere_hour",
    "step": "step_count",
}
"""Words of a declared column map -> canonical column."""
