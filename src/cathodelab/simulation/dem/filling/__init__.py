"""Where grains start: on a lattice, or through inlets while a run goes on."""
