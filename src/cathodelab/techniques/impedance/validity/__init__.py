"""Validity of spectra: linear, causal, stable, and steady during the sweep."""
