"""Seeded mutants: one expression of the code is changed at a time, and the tests of its own folder should notice.

python benchmarks/mutants.py core study report --seed 1 --count 24
python benchmarks/mutants.py study --tests "tests/study -k 'not killed_runs'" --jobs 2
python benchmarks/mutants.py report --list

Every mutant (``expression_changes.py``) lives on a copy of the tree. Kinds take turns, no file gives more than a fifth of
a part's mutants. Writes ``mutants.md`` beside this file (the sections of the parts that were run);
``mutants_explained.toml`` says of survivors why.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from expression_changes import Mutant, drawn

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = Path("src/cathodelab")
TABLE, EXPLAINED = Path(__file__).with_suffix(".md"), Path(__file__).with_name("mutants_explained.toml")


class Workplace:
    """A copy of the tree in which one mutant at a time lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("src", "tests"):
            shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "constraints.txt"):
            shutil.copy(REPOSITORY / name, folder / name)
        shutil.copytree(REPOSITORY / "docs", folder / "docs")

    def tested(self, tests: Sequence[str], seconds: float) -> tuple[str, str]:
        """(verdict, first test that failed)."""
        data = os.environ.get("CATHODELAB_TEST_DATA", str(REPOSITORY.parent / "shared" / "data"))
        more = {"PYTHONPATH": str(self.folder / "src"), "CATHODELAB_TEST_DATA": data, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=os.environ | more,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "killed", "(ran without end)"
        if done.returncode == 0:
            return "survived", ""
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return "killed", lines[0].split(" - ")[0].partition(" ")[2].rpartition("/")[2] if lines else "(collection)"

    def with_mutant(self, mutant: Mutant, tests: Sequence[str], seconds: float) -> Mutant:
        """The mutant with its verdict."""
        path = self.folder / PACKAGE / mutant.file
        source = path.read_bytes()
        path.write_bytes(source[: mutant.start] + mutant.after.encode() + source[mutant.end :])
        begin = time.perf_counter()
        try:
            verdict, test = self.tested(tests, seconds)
        finally:
            path.write_bytes(source)
        return replace(mutant, verdict=verdict, test=test, seconds=time.perf_counter() - begin)


def run_part(mutants: Sequence[Mutant], tests: Sequence[str], jobs: int) -> list[Mutant]:
    """All mutants of a part; the unchanged copy has to pass first, and gives the time that a run may take."""
    with tempfile.TemporaryDirectory() as name:
        free: SimpleQueue[Workplace] = SimpleQueue()
        for number in range(jobs):
            (Path(name) / str(number)).mkdir()
            free.put(Workplace(Path(name) / str(number)))
        first = free.get()
        begin = time.perf_counter()
        verdict, test = first.tested(tests, 3600)
        if verdict != "survived":
            raise SystemExit(f"the unchanged copy fails: {test}")
        limit = 60 + 6 * (time.perf_counter() - begin)
        free.put(first)

        def one(mutant: Mutant) -> Mutant:
            place = free.get()
            try:
                found = place.with_mutant(mutant, tests, limit)
            finally:
                free.put(place)
            print(f"{found.verdict:8} {found.seconds:5.0f} s  {found.file}:{found.line}  {_short(found)}", flush=True)
            return found

        with ThreadPoolExecutor(jobs) as threads:
            return list(threads.map(one, mutants))


def _short(mutant: Mutant, longest: int = 60) -> str:
    sides = (" ".join(side.split()) for side in (mutant.before, mutant.after))
    return " -> ".join(side if len(side) <= longest else f"{side[: longest - 3]}..." for side in sides)


def section(part: str, mutants: Sequence[Mutant], tests: Sequence[str], seed: int, commit: str) -> str:
    """The part's section of the table."""
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.is_file() else {}
    survivors = [one for one in mutants if one.verdict == "survived"]
    kinds = Counter(one.kind for one in mutants)
    left = Counter(one.kind for one in survivors)
    counts = ", ".join(f"{kind} {kinds[kind] - left[kind]}/{kinds[kind]}" for kind in sorted(kinds))
    commit = _output("git", "rev-parse", "--short", "HEAD") + (
        "+" if _output("git", "status", "--porcelain", "src", "tests") else ""
    )
    killed = f"{len(mutants) - len(survivors)} of {len(mutants)} killed"
    lines = [
        f"## {part}",
        "",
        f"Seed {seed}, commit {commit}, `{shlex.join(tests)}`: **{killed}** ({counts}).",
        "",
        "| file | function | kind | change | verdict |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in mutants:
        why = explained.get(f"{one.file}: {_short(one, 200)}", "not explained")
        words = f"killed by `{one.test}`" if one.verdict == "killed" else f"**survived**: {why}"
        change = _short(one).replace("|", "\\|").replace("`", "'")
        lines.append(f"| {one.file} | {one.function} | {one.kind} | `{change}` | {words} |")
    return "\n".join(lines) + "\n"


def write_table(sections: dict[str, str]) -> None:
    """Sections of the parts that were run take the place of the old ones."""
    old = TABLE.read_text(encoding="utf-8").split("\n## ")[1:] if TABLE.is_file() else []
    kept = {text.partition("\n")[0]: f"## {text.rstrip()}\n" for text in old} | sections
    head = f"""# Mutants

One expression changed at a time on a copy of the tree, against the tests of its own folder (`python benchmarks/mutants.py`,
{platform.machine()}, Python {platform.python_version()}). Killed is what these tests notice. "+" after a commit: with changes
that were not committed yet.
"""
    TABLE.write_text("\n".join([head, *(kept[part] for part in sorted(kept))]), encoding="utf-8")


def _commit() -> str:
    """The commit of the tree, with a + where something was changed since."""
    changed = "+" if _output("git", "status", "--porcelain", "src", "tests") else ""
    return _output("git", "rev-parse", "--short", "HEAD") + changed


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY).stdout.strip()


def main() -> None:
    """Draw, run, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="+", help="folders of the package, e.g. core study report")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=24, help="mutants of each part")
    parser.add_argument("--tests", help="tests to run instead of tests/PART, with options of pytest, as one text")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="say which mutants are drawn and run nothing")
    given = parser.parse_args()
    sections = {}
    for part in given.parts:
        mutants, tests = (
            drawn(REPOSITORY / PACKAGE, part, given.seed, given.count),
            shlex.split(given.tests or f"tests/{part}"),
        )
        if given.list:
            print("\n".join(f"{one.file}:{one.line} {one.kind}: {_short(one)}" for one in mutants))
            continue
        commit = _commit()
        sections[part] = section(part, run_part(mutants, tests, given.jobs), tests, given.seed, commit)
        write_table(sections)


if __name__ == "__main__":
    main()
