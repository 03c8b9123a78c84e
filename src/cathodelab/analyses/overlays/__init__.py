"""Curves of all samples in one figure: what is measured of each, side by side. They lay out what others found."""
