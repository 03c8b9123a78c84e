"""Runs as users make them: run file, plan, runner, restart file, sweeps, stress record."""
