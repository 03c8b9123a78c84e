"""The method card of the coulometric titration comparison, with what was measured of its blind ranges."""

from __future__ import annotations

from dataclasses import dataclass

from cathodelab.core.method import MethodCard


@dataclass(frozen=True)
class Blind:
    """A row of ``benchmarks/checks.md`` of which fewer than nine in ten biased cells are found."""

    flaw: str
    strength: str
    words: str
    bias_percent: float
    found_percent: float


BLIND = (
    Blind(
        "diffusivity of 10% of the particles",
        "1e-05",
        "a tenth of the particles diffuse 100,000 times slower",
        -9.2,
        1.0,
    ),
    Blind("diffusivity of 10% of the particles", "1e-06", "a tenth diffuse a million times slower", -9.7, 3.0),
    Blind("diffusivity of 30% of the particles", "1e-06", "three tenths diffuse a million times slower", -29.2, 4.0),
    Blind("exchange current of 10% of the particles", "1e-05", "a tenth react 100,000 times slower", -8.2, 83.0),
    Blind("exchange current of 10% of the particles", "1e-06", "a tenth react a million times slower", -9.6, 59.0),
    Blind(
        "exchange current of 30% of the particles", "1e-06", "three tenths react a million times slower", -29.4, 38.0
    ),
)
FALSE_ALARMS_PERCENT = 3.3


def _blind_ranges() -> str:
    return ", ".join(
        f"{one.found_percent:.0f} % where {one.words} (utilization {abs(one.bias_percent):.0f} % too small)"
        for one in BLIND
    )


CARD = MethodCard(
    title="Static utilization by coulometric titration comparison (CTC)",
    sentence="Which fraction of the active material that was weighed into a solid-state cathode is electrochemically "
    "connected at all, whatever the rate.",
    formula="θ = ΔQ(cell; U₁→U₂) / m(cell) : ΔQ(reference; U₁→U₂) / m(reference); all relaxed potentials of a cell together: "
    "Qᵢ = Q₀ + θ · m · q_ref(Vᵢ + E), with E the potential of the counter electrode against Li⁺/Li under its stated prior.",
    source="Vettori, Kissel et al., Chem. Commun. 62 (2026) 5241 (Publication I of the source dissertation), SI 2 and 3; "
    "joint estimate, common errors and checks: this project.",
    assumptions=(
        "All active material of the liquid reference cell takes part; otherwise the result is relative to it.",
        "The potentials are relaxed and follow the same titration curve in both cells.",
        "All charge goes into or out of the active material (faradaic efficiency 1).",
        "The utilization does not change during the titration.",
        "Intervals hold for independent channels; cells that share a reference share its errors, and the covariance says so.",
    ),
    valid_range="Potentials inside the reference curve, where it rises clearly; for layered oxides below about 4.2 V vs. "
    "Li⁺/Li. Plateaus make the comparison meaningless; such windows are dropped with the reason.",
    cannot_see="Particles so slow that they hardly take part look unconnected. Measured on simulated cells with rests of 8 h "
    f"and 0.1 mV of noise (benchmarks/checks.md), the checks find of the cells {_blind_ranges()}. Weaker flaws that bias by more "
    "than 2 % (up to 10,000 times slower particles, parasitic currents from 0.05 mA/g, counter electrodes that drift by "
    f"0.2 mV/h) are found in 94 to 100 % of the cells; of sound cells {FALSE_ALARMS_PERCENT:.1f} % are suspected wrongly. "
    "Parasitic currents of 0.02 mA/g (bias below 1 %) raise no check. A counter electrode that is off by less "
    "than twice its stated uncertainty, hysteresis that is the same in cell and reference, and a wrong mass "
    "(below 100 %) leave no trace: a mass that is wrong by some factor shifts the utilization by that factor. A "
    "reference that is itself not fully used raises every utilization.",
)
