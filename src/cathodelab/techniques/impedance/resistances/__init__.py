"""Resistances of a fitted circuit: which can be told apart, and which part of the cell each belongs to."""
