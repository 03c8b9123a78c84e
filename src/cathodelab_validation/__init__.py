"""What only tests, benchmarks and validation pages use: data of known truth and writers of instrument files.

It is no part of the installed package: it stands beside it in ``src`` and is imported from a clone.
"""
