"""What states say: stress of the grains, energy account, free surface, snapshots."""
