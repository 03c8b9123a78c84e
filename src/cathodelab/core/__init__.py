"""What travels between the storeys: estimates, records, samples, checks, errors. numpy and the standard library only."""
