"""The method card of impedance spectroscopy."""

from cathodelab.core.method import MethodCard

CARD = MethodCard(
    title="Impedance spectra: validity, circuit, resistances",
    sentence="Which resistances a cell's spectra show, to which part of the cell each belongs, and whether the circuit describes "
    "the spectrum at all.",
    formula="Z(ω) = R + Σ R/(1 + (jωτ)ⁿ) + 1/(Q (jω)ⁿ) and other circuits; least squares on real and imaginary part relative to "
    "|Z|; noise from a linear Kramers-Kronig test, σ² = Σ|r|²/(2m − p); intervals from the profile likelihood; C = τ/R.",
    source="Circuit and frequency windows: Kissel et al., benchmark of coatings (chapter 5 of the source dissertation); linear "
    "test after Boukamp, J. Electrochem. Soc. 142 (1995) 1885; transmission lines after Paasch et al., Electrochim. Acta 38 "
    "(1993) 2653; start-free fit, adequacy, roles by capacitance and intervals: this project.",
    assumptions=(
        "The cell is linear, causal and stable during a sweep.",
        "Noise of real and imaginary part is independent and proportional to the modulus.",
        "Parts of the cell are told apart by time constant and capacitance; two electrodes show them all in series.",
        "Spectra are compared at the same state of charge only.",
    ),
    valid_range="Time constants inside the measured frequencies. A spectrum that ends at 10 kHz shows a series resistance, not "
    "the separator. Intervals mean what they say only where the circuit is adequate: its residual is the noise.",
    cannot_see="A drift that is slow beside the sweep passes every Kramers-Kronig test: 3 % of drift in the cathode resistance "
    "are invisible in one spectrum; two spectra with time stamps show it. Charge transfer, constriction, interphase and "
    "rock-salt layer share one arc. Another circuit can describe the same spectrum: an adequate circuit is not a true one.",
)
