"""Steps, cycles, capacities, efficiencies and dQ/dV of cycling tests."""
