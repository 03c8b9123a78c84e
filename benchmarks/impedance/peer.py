"""One peer, in its own environment: answers line by line. Started by ``speed.py``; needs numpy and the peer only.

Reads JSON lines ``{"task": "fit" | "test", "real": [...], "imaginary": [...]}`` and writes JSON lines with the CPU time of the
peer's own call and the sum of squares of its result. Peers are given good start values (those of the source's cells);
ours is given none.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
import warnings

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
from generator import FREQUENCIES

START = (40.0, 60.0, 1e-5, 0.8, 10.0, 5e-3, 0.85, 0.2, 0.5)
"""R, then R, Q, n of both arcs, then Q, n of the tail."""


def squares(parameters: list[float], z: np.ndarray) -> float:
    """Sum of squares relative to the modulus."""
    r1, r2, q2, n2, r3, q3, n3, q4, n4 = parameters
    turn = 2j * np.pi * FREQUENCIES
    model = r1 + r2 / (1 + r2 * q2 * turn**n2) + r3 / (1 + r3 * q3 * turn**n3) + 1 / (q4 * turn**n4)
    return float(np.sum(np.abs((model - z) / np.abs(z)) ** 2))


def impedance_py(task: str, z: np.ndarray) -> list[float]:
    """impedance.py: weighted by the modulus; its linear test with capacitance, complex."""
    from impedance import validation
    from impedance.models.circuits import CustomCircuit
    from impedance.models.circuits.elements import circuit_elements

    if task == "test":
        validation.circuit_elements["np"] = np  # release 1.7.1 does not run with numpy 2 without it
        circuit_elements["np"] = np
        validation.linKK(FREQUENCIES, z, c=0.85, max_M=60, fit_type="complex", add_cap=True)
        return []
    circuit = CustomCircuit("R0-p(R1,CPE1)-p(R2,CPE2)-CPE3", initial_guess=list(START))
    circuit.fit(FREQUENCIES, z, weight_by_modulus=True)
    return [float(value) for value in circuit.parameters_]


def pyimpspec_py(task: str, z: np.ndarray) -> list[float]:
    """pyimpspec: its best setting of those that were tried; its own exploratory test."""
    import pyimpspec

    data = pyimpspec.DataSet(frequencies=FREQUENCIES, impedances=z)
    if task == "test":
        pyimpspec.perform_kramers_kronig_test(data, test="complex", num_procs=1)
        return []
    words = "R{{R={:g}}}(R{{R={:g}}}Q{{Y={:g},n={:g}}})(R{{R={:g}}}Q{{Y={:g},n={:g}}})Q{{Y={:g},n={:g}}}".format(*START)
    circuit = pyimpspec.parse_cdc(words)
    found = pyimpspec.fit_circuit(circuit, data, method="least_squares", weight="modulus", num_procs=1).parameters
    keys = (("R_1", "R"), ("R_2", "R"), ("Q_1", "Y"), ("Q_1", "n"), ("R_3", "R"), ("Q_2", "Y"), ("Q_2", "n"))
    return [float(found[a][b].value) for a, b in (*keys, ("Q_3", "Y"), ("Q_3", "n"))]


def main() -> None:
    """Answer until the input ends."""
    warnings.simplefilter("ignore")
    call = {"impedance.py": impedance_py, "pyimpspec": pyimpspec_py}[sys.argv[1]]
    answer = sys.stdout
    for line in sys.stdin:
        asked = json.loads(line)
        z = np.array(asked["real"]) + 1j * np.array(asked["imaginary"])
        clock = time.process_time()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                parameters = call(asked["task"], z)
            error = ""
        except Exception as failure:  # noqa: BLE001 - whatever the peer raises is its answer
            parameters, error = [], repr(failure)[:80]
        clock = time.process_time() - clock
        found = squares(parameters, z) if parameters else None
        answer.write(json.dumps({"seconds": clock, "squares": found, "error": error}) + "\n")
        answer.flush()


if __name__ == "__main__":
    main()
