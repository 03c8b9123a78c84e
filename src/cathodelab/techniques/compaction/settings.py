"""Every knob of compaction and of stated porosities."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.core.settings import knob


@dataclass(frozen=True)
class Uncertainties:
    """Standard uncertainties that count where the tables state none."""

    mass_standard_uncertainty_mg: float = knob(
        0.1, "standard uncertainty of a pellet's mass", unit="mg", low=0, high=1000
    )
    area_relative_uncertainty: float = knob(
        0.001, "standard uncertainty of the die's area, as a fraction (10 mm within 5 µm)", low=0, high=0.5
    )
    density_relative_uncertainty: float = knob(
        0.005, "standard uncertainty of a material's density, as a fraction", low=0, high=0.5
    )
    share_standard_uncertainty: float = knob(
        0.0005, "standard uncertainty of the share of a material in the mass (Publication II)", low=0, high=0.5
    )
    thickness_standard_uncertainty_um: float = knob(
        5.0, "standard uncertainty of one reading of a thickness", unit="um", low=0.01, high=1000
    )
    thickness_zero_standard_uncertainty_um: float = knob(
        1.0, "standard uncertainty of the zero of a gauge, common to its readings", unit="um", low=0, high=1000
    )
    compliance_relative_uncertainty: float = knob(
        0.1, "standard uncertainty of the compliance of the press, as a fraction", low=0, high=2
    )
    pressure_gain_limit: float = knob(0.01, "limit of the gain error of the pressure", low=0, high=0.5)


@dataclass(frozen=True)
class CompactionSettings(Uncertainties):
    """Every knob of compaction."""

    window_low_MPa: float = knob(
        0.0, "Heckel: lowest pressure of the straight part; 0: found from the data", unit="MPa", low=0, high=5000
    )
    window_high_MPa: float = knob(
        0.0, "Heckel: highest pressure of the straight part; 0: found from the data", unit="MPa", low=0, high=5000
    )
    fewest_points: int = knob(4, "Heckel: fewest points of a straight part", low=3, high=1000)
    window_ratio: float = knob(
        2.0, "Heckel: a straight part reaches at least from some pressure to this many times it", low=1.1, high=100
    )
    least_share_of_rise: float = knob(
        0.5,
        "Heckel: a straight part holds at least this fraction of the whole rise of ln(1/(1-D)): a short piece of any curve looks "
        "straight",
        low=0,
        high=1,
    )
    largest_slope_change: float = knob(
        0.01,
        "Heckel: the straight part begins where rearrangement, fitted to the whole curve, changes the slope by less than this "
        "fraction",
        low=1e-4,
        high=0.5,
    )
    guard_factor: float = knob(
        1.5,
        "Heckel: where no law of rearrangement describes the curve, the straight part begins at this many times the pressure "
        "from which a line describes the points within their noise; the same factor tells how much the choice matters",
        low=1,
        high=10,
    )
    misfit_tolerance: float = knob(
        0.01,
        "largest root mean square misfit of a law that noise does not explain, as a fraction of what the law describes (rise of "
        "ln(1/(1-D)), loss of thickness); the misfit is in the intervals",
        low=0,
        high=0.2,
    )
    largest_recovery: float = knob(
        0.1,
        "elastic recovery of the thickness beyond this means that the zero of the crosshead is wrong",
        low=0,
        high=1,
    )
    reversal_tolerance: float = knob(
        0.02,
        "a pressure that falls by more than this fraction of the highest before it is an unloading",
        low=0,
        high=0.5,
    )
