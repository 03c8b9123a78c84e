"""Where the real files are, small studies that tests share, and what a machine cannot test."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """``$CATHODELAB_TEST_DATA``, else ``../shared/data`` beside the repository."""
    stated = os.environ.get("CATHODELAB_TEST_DATA")
    return Path(stated) if stated else REPOSITORY.parent / "shared" / "data"


@functools.cache
def cuda_is_here() -> bool:
    """Whether the driver has a CUDA device; the driver itself is asked, Warp would take a second."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int()
    return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """What needs a CUDA device is no test where there is none: the summary says so, and nothing counts as skipped."""
    return True if collection_path.name == "test_on_cuda.py" and not cuda_is_here() else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was left out."""
    if not cuda_is_here():
        terminalreporter.write_line("Not collected: tests/simulation/dem/test_on_cuda.py (no CUDA device here).")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; without it the test skips (and fails where ``CI`` is set)."""
    folder = data_folder()
    if not folder.is_dir():
        reason = f"no real files in {folder} (set CATHODELAB_TEST_DATA)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def faults_of_ours_are_raised(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run reports what it was not made for as an outcome; in tests (but those of just that) it is an error."""
    if "own_fault" not in request.keywords:

        def raised(method: object, where: object, error: BaseException) -> NoReturn:
            del method, where
            raise error

        monkeypatch.setattr("cathodelab.study.fence.own_fault", raised)


@pytest.fixture
def known_truth(data: Path, tmp_path: Path) -> Path:
    """A writable copy of the known-truth study."""
    folder = tmp_path / "known-truth"
    shutil.copytree(data / "known_truth", folder)
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    return folder


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration study, generated once."""
    from cathodelab.operations.demo import write_demo_study

    folder = tmp_path_factory.mktemp("template") / "demo"
    write_demo_study(folder, seed=1)
    return folder


@pytest.fixture
def demo_study(demo_template: Path, tmp_path: Path) -> Path:
    """A fresh copy of the demonstration study (synthetic)."""
    return Path(shutil.copytree(demo_template, tmp_path / "demo"))
