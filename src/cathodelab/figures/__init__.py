"""Draws a FigureSpec."""
