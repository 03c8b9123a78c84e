"""CPU time beside the peers, spectrum by spectrum in turn, in one run.

    python benchmarks/impedance/speed.py PEERS_PYTHON [spectra] > benchmarks/impedance/speed.md

``PEERS_PYTHON`` is the interpreter of an environment with impedance.py and pyimpspec (and nothing of ours). The peers get
good start values; ours gets none. Times are CPU seconds inside each process, one thread each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
from generator import FREQUENCIES, drawn, impedance, measured

from cathodelab.techniques.impedance.circuits.expression import parsed
from cathodelab.techniques.impedance.fitting.fit import fitted
from cathodelab.techniques.impedance.validity.kramers_kronig import kramers_kronig

PEERS = ("impedance.py", "pyimpspec")
BATCH, NOISE, CIRCUIT = 256, 0.005, parsed("R-(RQ)-(RQ)-Q")


class Peer:
    """A peer in a process of its own."""

    def __init__(self, python: str, name: str) -> None:
        script = Path(__file__).with_name("peer.py")
        # the peers' environment must not see our packages
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        self.name = name
        self._process = subprocess.Popen(
            [python, str(script), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def asked(self, task: str, z: np.ndarray) -> dict[str, float | None]:
        """Its answer to one task."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": task, "real": list(z.real), "imaginary": list(z.imag)}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, float | None] = json.loads(self._process.stdout.readline())
        return answer


def _cpu(call: object) -> float:
    assert callable(call)
    clock = time.process_time()
    call()
    return time.process_time() - clock


def _versions(python: str) -> str:
    code = "from importlib.metadata import version as v; print(', '.join(f'{n} {v(n)}' for n in "
    code += "('impedance', 'pyimpspec', 'numpy', 'scipy', 'lmfit')))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Run and print the page."""
    python, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40
    peers = [Peer(python, name) for name in PEERS]
    batch = measured(impedance(drawn(BATCH, 2034)), NOISE, 2035)
    z = batch[:count]
    for peer in peers:  # imports and caches are not counted
        peer.asked("fit", z[0])
    fitted(CIRCUIT, FREQUENCIES, z[:1])
    answers: dict[str, list[dict[str, float | None]]] = {name: [] for name in PEERS}
    tests: dict[str, list[float]] = {name: [] for name in PEERS}
    lone, cold, ours_tests, single_tests = [], [], [], []
    for row, one in enumerate(z):
        for peer in peers:
            answers[peer.name].append(peer.asked("fit", one))
            if row < max(count // 20, 2):
                tests[peer.name].append(float(peer.asked("test", one)["seconds"] or np.nan))
        lone.append(_cpu(lambda one=one: fitted(CIRCUIT, FREQUENCIES, one[None])))
        single_tests.append(_cpu(lambda one=one: kramers_kronig(FREQUENCIES, one[None])))
        if row % 8 == 0:
            cold.append(_cpu(lambda: fitted(CIRCUIT, FREQUENCIES, batch)) / BATCH)
            ours_tests.append(_cpu(lambda: kramers_kronig(FREQUENCIES, batch)) / BATCH)
    warm_start = np.array([fit.theta for fit in fitted(CIRCUIT, FREQUENCIES, batch)])
    warm = _cpu(lambda: fitted(CIRCUIT, FREQUENCIES, batch, starts=warm_start)) / BATCH
    ours = np.array([fit.chi_square for fit in fitted(CIRCUIT, FREQUENCIES, z)])
    _page(python, count, answers, tests, ours, (lone, cold, warm, ours_tests, single_tests))


def _page(
    python: str,
    count: int,
    answers: dict[str, list[dict[str, float | None]]],
    tests: dict[str, list[float]],
    ours: np.ndarray,
    times: tuple[list[float], list[float], float, list[float], list[float]],
) -> None:
    lone, cold, warm, ours_tests, single_tests = times
    commit = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    print("# Circuit fits and Kramers-Kronig: CPU time beside the peers\n")
    print(
        f"`python benchmarks/impedance/speed.py PEERS_PYTHON {count}`, commit {commit}, ours with numpy {np.__version__}; peers: "
        f"{_versions(python)}. Seeds 2034 and 2035; the source's circuit, 76 frequencies, 0.5 % noise. Peers start from good "
        "values, ours from none. Success: sum of squares within 1 % of the lowest of all.\n"
    )
    squares = {name: np.array([float(one["squares"] or np.inf) for one in found]) for name, found in answers.items()}
    best = np.min([ours, *squares.values()], axis=0)
    base = float(np.median(cold))
    print("| fit | median, ms CPU | 95th percentile, ms | ours is faster by (medians) | success |")
    print("|---|---|---|---|---|")
    for name, found in answers.items():
        seconds = np.array([float(one["seconds"] or np.nan) for one in found])
        print(
            f"| {name} | {1e3 * np.median(seconds):.1f} | {1e3 * np.percentile(seconds, 95):.1f} "
            f"| {np.median(seconds) / base:.0f} | "
            f"{100 * np.mean(squares[name] <= 1.01 * best):.0f} % |"
        )
    print(
        f"| ours, cold batch of {BATCH} | {1e3 * base:.2f} | {1e3 * np.max(cold):.2f} | 1 "
        f"| {100 * np.mean(ours <= 1.01 * best):.0f} % |"
    )
    print(f"| ours, lone spectrum | {1e3 * np.median(lone):.1f} | {1e3 * np.percentile(lone, 95):.1f} | | |")
    print(f"| ours, warm start | {1e3 * warm:.2f} | | | |")
    print("\n| Kramers-Kronig | median, ms CPU | ours is faster by |")
    print("|---|---|---|")
    test = float(np.median(ours_tests))
    for name, seconds_of in tests.items():
        print(f"| {name} | {1e3 * np.median(seconds_of):.0f} | {np.median(seconds_of) / test:.0f} |")
    print(f"| ours, batch of {BATCH} | {1e3 * test:.2f} | 1 |")
    print(f"| ours, lone spectrum | {1e3 * np.median(single_tests):.2f} | |")


if __name__ == "__main__":
    main()
