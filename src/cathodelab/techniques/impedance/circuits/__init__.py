"""Equivalent circuits: elements, transmission lines, expressions, and constraints on parameters."""
