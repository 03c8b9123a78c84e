"""Whether a spectrum is one: linear, causal, stable, and steady during the sweep."""
