"""Fits of circuits to spectra: starts, minimisation, intervals, sequences of spectra."""
