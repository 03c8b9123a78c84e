"""Causes of the capacity loss of a cell."""
