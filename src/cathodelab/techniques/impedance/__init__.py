"""Impedance spectra: are they valid, which circuit describes them, which resistances follow, and how sure is that."""
