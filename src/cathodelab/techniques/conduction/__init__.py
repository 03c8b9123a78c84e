"""Partial conductivities of pellets from staircases of voltage, contact resistances, percolation along a series."""
