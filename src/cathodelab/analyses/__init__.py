"""Analyses that combine several techniques or several cells."""
