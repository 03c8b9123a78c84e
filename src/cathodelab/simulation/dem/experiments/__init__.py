"""Simulated experiments, and parameters calibrated with measured ones."""
