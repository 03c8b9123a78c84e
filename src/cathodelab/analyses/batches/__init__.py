"""Reproducibility: scatter of batches, correlations, causes of loss, and the limits of comparisons."""
