"""Impedance spectra: validity, equivalent circuits, and resistances with their uncertainty."""
