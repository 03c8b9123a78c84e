"""What readers share: delimited texts, labels and units, what is rebuilt, fences around foreign libraries."""
