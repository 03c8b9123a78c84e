"""Foreign files to plain tables with units, and back."""
