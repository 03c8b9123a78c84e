"""Validation of the product: generators, writers and cases that tests and benchmarks use; not part of the installed package."""
