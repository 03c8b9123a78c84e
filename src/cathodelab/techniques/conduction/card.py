"""The method card of conduction."""

from cathodelab.core.method import MethodCard

CARD = MethodCard(
    title="Partial conductivity from a staircase of voltage",
    sentence="How well a pellet conducts electrons, or ions, alone: electrodes block the other carrier, and the current that "
    "is left "
    "in the end belongs to one.",
    formula="σ = L / (A · (1/G − R_separators)); I(t) = I₀ + G·V_k + Σ a_m·exp(−t/τ_m), all a_m ≥ 0, with every change of the "
    "voltage "
    "remembered; interval of G: where the smallest χ² over all such sums rises by 1 (68 %) or 4 (95 %).",
    source="Staircases between steel, and between separators whose resistance is subtracted: Kissel et al., Nat. Commun. 2026 "
    "(10.1038/s41467-026-71305-2; chapter 4 of the source dissertation). Blocking electrodes: Wagner 1956. Answers of "
    "networks of resistors and capacitors are such sums: Foster 1924, Cauer 1926. Intervals by optimization under "
    "constraints: Rust and Burrus 1972; that they hold is not guaranteed in general (Batlle et al., arXiv 2310.02461), so it was "
    "measured: benchmarks/conduction.md. Joint fit, laws and checks: this project.",
    assumptions=(
        "The electrodes block one carrier completely, and the current of the other is steady in the end.",
        "The cell is linear and does not change: each change of the voltage is answered alike. Branches and line test it.",
        "No relaxation is slower than the whole record.",
        "Contacts of the electrodes have no resistance. One thickness cannot tell: pellets of two thicknesses can.",
        "The current flows through the area of the contacts, straight through the thickness.",
    ),
    valid_range="Steps that hold for at least one time constant of the slowest relaxation; below that only a bound is given. "
    "Separators below nine tenths of the resistance. Voltages below those at which the electrolyte decomposes.",
    cannot_see="A relaxation that is slower than the whole record passes as steady. Leakage through the cell's housing, and an "
    "electrode that does not block completely, conduct in parallel and look like the pellet. Contact resistances make the "
    "conductivity too small. Units that are wrong by 1000 in both current and voltage leave no trace, and in the current "
    "alone only where the conductivity becomes impossible or stands out among its neighbours.",
)
