"""Drawing of FigureSpecs."""
