"""Readers: instrument files to plain tables with units."""
