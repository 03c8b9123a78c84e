"""What a discrete-element engine must get right, as cases to run: for the tests and for the validation report."""
