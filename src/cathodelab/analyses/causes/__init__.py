"""Where the loss of a cell comes from."""
