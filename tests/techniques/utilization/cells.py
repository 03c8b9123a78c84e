"""Small exact cells for the tests of the method: a straight reference, points that lie on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cathodelab.core.estimate import Estimate
from cathodelab.core.samples import Cell
from cathodelab.techniques.utilization.model import Titration

REFERENCE_MASS, CELL_MASS = 5.0, 10.0


def cell(
    role: str = "cell", mass: float = CELL_MASS, uncertainty: float = 0.1, offset: tuple[float, float] = (0.62, 0.004)
) -> Cell:
    """A cell with a weighed mass and a stated counter electrode."""
    return Cell(
        id="ssb-01" if role == "cell" else "liquid-01",
        role=role,  # type: ignore[arg-type]
        cam_mass=Estimate(mass, uncertainty, uncertainty, "mg"),
        counter_electrode="In/InLi" if role == "cell" else "Li",
        offset=Estimate(offset[0], offset[1], offset[1], "V"),
        files=("x.csv",),
    )


def reference_cell(uncertainty: float = 0.05) -> Cell:
    """The liquid cell."""
    return cell("reference", REFERENCE_MASS, uncertainty, (0.0, 0.0))


def q_reference(u: Any) -> Any:
    """mAh/g at a potential vs. Li+/Li: smooth, rising, curved."""
    return 220 * (u - 3.55) + 25 * np.sin(6 * (u - 3.55))


def titration(potential: Any, charge: Any, **more: Any) -> Titration:
    """A titration with quiet rests of 8 h."""
    size = len(potential)
    values: dict[str, Any] = {
        "potential_noise_volt": np.zeros(size),
        "slope_volt_per_second": np.zeros(size),
        "slope_noise_volt_per_second": np.full(size, 1e-9),
        "rest_second": np.full(size, 28_800.0),
        "polarization_second": np.linspace(3600, 3600 * size, size),
        "pulse_mA": np.full(size, 0.1),
        "pulse_second": np.full(size, 3600.0),
        "elapsed_hour": 9.0 * np.arange(1, size + 1),
    }
    return Titration(potential_volt=potential, charge_mAh=charge, **{**values, **more})


def reference(points: int = 66) -> Titration:
    """A dense titration of the liquid cell."""
    u = np.linspace(3.55, 4.20, points)
    return titration(u, q_reference(u) * REFERENCE_MASS * 1e-3)


def solid(
    theta: float, potentials: Any = (3.70, 3.80, 3.90, 4.00, 4.10), offset: float = 0.62, **more: Any
) -> Titration:
    """Points of a solid cell that lie exactly on the reference."""
    u = np.array(potentials)
    return titration(u - offset, theta * q_reference(u) * CELL_MASS * 1e-3, **more)
