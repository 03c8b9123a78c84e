"""`python -m cathodelab` is the command line."""

from cathodelab.apps.cli import command

command()
