"""Static utilization of the active material by coulometric titration comparison (CTC)."""
