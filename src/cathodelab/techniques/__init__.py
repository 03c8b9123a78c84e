"""One folder a measurement technique; siblings never import each other."""
