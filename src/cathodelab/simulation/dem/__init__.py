"""Discrete elements: particles that touch, slide and are stirred; each file one idea that does not know the others."""
