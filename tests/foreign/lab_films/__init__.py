"""Somebody else's package: optical absorbance of thin films, with a blank beside each; no line of cathodelab knows it."""
