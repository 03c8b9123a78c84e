"""Tools shared by readers: delimited texts, labels and units, rebuilt columns, fences around third-party libraries."""
