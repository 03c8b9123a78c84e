"""Equivalent circuits: elements, transmission lines, expressions, and what of a circuit is not free."""
