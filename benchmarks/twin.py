"""CPU time of the twin: hours of a cell a second, and how it grows with the number of cells.

python benchmarks/twin.py
"""

from __future__ import annotations

import time
from dataclasses import replace

from cathodelab.simulation.twin.model import Population, TwinCell
from cathodelab.simulation.twin.protocols import pulse_titration, stepped_titration
from cathodelab.simulation.twin.solver import simulate

SOLID = TwinCell(utilization=0.8, offset_volt=0.62, series_ohm=60.0)
TWO = replace(SOLID, populations=(Population(0.7), Population(0.3, diffusion_second=2.7e6)))


def main() -> None:
    """Print one row for each fleet."""
    print("| cells | protocol | hours of each | CPU / s | CPU of 60 h of one cell / s |")
    print("| --- | --- | --- | --- | --- |")
    protocols = (("stepped titration, 8 h rests", stepped_titration()), ("62 pulses, 2 h rests", pulse_titration()))
    for name, steps in protocols:
        for cell, count in ((SOLID, 1), (TWO, 1), (TWO, 12), (TWO, 100)):
            if name.startswith("62"):
                cell = replace(cell, offset_volt=0.0)  # noqa: PLW2901 - the reference is against lithium
            simulate([cell], [steps[:2]])
            start = time.process_time()
            records = simulate([cell] * count, [steps] * count)
            spent = time.process_time() - start
            hours = float(records[0].time_second[-1]) / 3600
            kinds = f"{count} ({len(cell.populations)} population{'s' if len(cell.populations) > 1 else ''})"
            print(f"| {kinds} | {name} | {hours:.0f} | {spent:.2f} | {spent / count / hours * 60:.3f} |")


if __name__ == "__main__":
    main()
