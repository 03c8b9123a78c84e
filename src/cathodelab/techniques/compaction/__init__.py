"""Compaction of powders: density and porosity under load and after ejection, and the laws that they follow."""
