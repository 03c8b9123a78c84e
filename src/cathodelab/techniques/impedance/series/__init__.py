"""Series of spectra at one potential: which belong to them, one inductance and one circuit for all, and their joint fit."""
