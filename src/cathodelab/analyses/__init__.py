"""What spans techniques."""
