"""Data of known truth."""
