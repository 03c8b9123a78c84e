"""Discrete elements: particles that touch, slide and are stirred."""
