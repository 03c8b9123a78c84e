"""How a state goes forward: arrays on a device, lists of neighbours, steps, and back to a state."""
