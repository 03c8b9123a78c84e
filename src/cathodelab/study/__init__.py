"""The study folder: manifest, cells x methods, outcomes, results."""
