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
        "Noise is independent and proportional to the modulus; points beyond five standard deviations take no part.",
        "Of the circuits that describe the spectra, that with the smallest Bayes' criterion is taken; for a series one.",
        "The cathode's resistance is that of its process at zero frequency, without the tail; of a line, between its rails.",
        "Consecutive spectra at one potential are a series: potential and clock decide, never a fit.",
        "In a series other parameters change no faster than the data ask for, and every sweep is brought to one moment.",
        "Parts of the cell are told apart by time constant and capacitance; two electrodes show them all in series.",
        "Spectra are compared at the same state of charge only.",
    ),
    valid_range="Time constants inside the measured frequencies. A spectrum that ends at 10 kHz shows a series resistance, not "
    "the separator. Intervals mean what they say only where the circuit is adequate: its residual is the noise. Where none "
    "is, an interval holds how far near circuits lie apart, up to 30 %; beyond, there is none.",
    cannot_see="A drift of the whole impedance is found from about 5 % on at 0.3 % noise (the check states it); one of the "
    "cathode's arc alone needs twice as much; two spectra with time stamps show it. Charge transfer, constriction, interphase "
    "and rock-salt layer share one arc. Another circuit can describe the same spectrum: an adequate circuit is not a true one; "
    "where none of those on offer made the spectrum, intervals are too narrow.",
)
