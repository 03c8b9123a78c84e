"""A half-cell of known truth: physics, then a measuring instrument, then files. Shares nothing with the estimators."""
