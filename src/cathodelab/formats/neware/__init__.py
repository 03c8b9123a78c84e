"""Neware: binary files and text exports."""
