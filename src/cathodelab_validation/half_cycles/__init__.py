"""Cycling tests whose half cycles are known: programmes, the cell that they cycle, and the texts that four cyclers write."""
