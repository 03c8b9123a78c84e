"""The method card of cycling."""

from cathodelab.core.method import MethodCard

CARD = MethodCard(
    title="Cycling: capacities, efficiencies, overpotentials and dQ/dV",
    sentence="What a cell took and gave in every cycle, per which mass, with what error, and where dQ/dV shows its features.",
    formula="q = Q / (m · x);  efficiency = Q(discharge) / Q(charge);  mean potential = ∫U dQ / Q;  overpotential = half the "
    "difference of the mean potentials;  dQ/dV from charge laid into potential bins, Gaussian smoothing, integral = charge",
    source="Publication II of the source dissertation (Adv. Energy Mater. 2025, 2405405), equations 1 and 2; Publication III, "
    "Table S4; steps from data and flags, correlated errors, adapted smoothing: this project.",
    assumptions=(
        "A cycle is a charge and the discharge after it (setting cycle_begins_with).",
        "The cycler's own charge is believed where the file has it; the integral of the current stands beside it.",
        "All errors of one cell's weighing and instrument are common to its cycles.",
        "Features are looked for where nickel-rich layered oxides have them.",
    ),
    valid_range="Any cycling test with time, potential and current. Features: NCM with 80 % nickel and more.",
    cannot_see="Two-electrode cells: overpotential and rate losses are those of anode, separator and cathode together. Charge "
    "that goes into the electrolyte counts as capacity; the shoulder charge and the first efficiency are its only traces.",
)
