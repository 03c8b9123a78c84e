"""Cyclers whose text exports are declarations: labels with their meaning, and what marks them."""
