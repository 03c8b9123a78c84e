"""A notice, never a failure: files over 330 lines and functions over 60, for a person to look at."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("src", "tests", "benchmarks", ".ci")
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 330, 60


def long_parts(path: Path) -> list[tuple[int, str]]:
    """(lines, what) of a file and of its functions that are too long; decorators and docstrings count."""
    text = path.read_text(encoding="utf-8")
    name, count = path.relative_to(ROOT).as_posix(), len(text.splitlines())
    found = [(count, name)] if count > MOST_LINES_OF_A_FILE else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            lines = (node.end_lineno or first) - first + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                found.append((lines, f"{name}:{node.lineno} {node.name}"))
    return found


def main() -> None:
    """Print what is long, the longest first."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = sorted((one for path in paths for one in long_parts(path)), reverse=True)
    limits = f"files over {MOST_LINES_OF_A_FILE} lines and functions over {MOST_LINES_OF_A_FUNCTION}"
    print(f"Notice, {limits}: {len(found) or 'none'}")
    for lines, what in found:
        print(f"{lines:6d}  {what}")


main()
