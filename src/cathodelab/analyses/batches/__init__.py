"""Reproducibility: scatter of batches, correlations, causes of loss, and what a comparison may claim."""
