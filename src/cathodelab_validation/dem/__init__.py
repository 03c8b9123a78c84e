"""What a discrete-element engine must get right, as cases that run: used by the tests and by the validation report."""
