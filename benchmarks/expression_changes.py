"""Changes of single expressions of a source file: what a mutant of ``mutants.py`` can be.

By the syntax tree: signs turned, products made quotients, terms dropped, comparisons turned round, arguments and pairs swapped,
numbers and truth values changed, keys renamed. Texts, types, decorators and what is raised are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

_SYMMETRIC = {"min", "max", "minimum", "maximum", "hypot", "isclose", "gcd", "isinstance", "getattr", "partial"}
"""Calls whose first two arguments change nothing, or only raise, when swapped."""


@dataclass(frozen=True)
class Mutant:
    """One change: file (in the package), function, kind, line, source before and after, place of the expression in bytes."""

    file: str
    function: str
    kind: str
    line: int
    before: str
    after: str
    start: int
    end: int
    verdict: str = ""
    test: str = ""
    seconds: float = 0.0


def variants(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """(kind, changed expression) of one expression."""
    for kind, made in _VARIANTS.items():
        if isinstance(node, kind):
            yield from made(node, copy.deepcopy(node))


def _of_operation(node: ast.BinOp, changed: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    if type(node.op) in _SWAPPED and not _holds_text(node):
        changed.op = _SWAPPED[type(node.op)]()
        yield "sign" if isinstance(node.op, ast.Add | ast.Sub) else "quotient", changed
        yield "dropped term", node.left
        yield "dropped term", node.right


def _of_sign(node: ast.UnaryOp, _: ast.UnaryOp) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.op, ast.USub | ast.Not):
        yield "sign" if isinstance(node.op, ast.USub) else "comparison", node.operand


def _of_comparison(node: ast.Compare, changed: ast.Compare) -> Iterator[tuple[str, ast.expr]]:
    if len(node.ops) == 1:
        changed.ops = [_TURNED[type(node.ops[0])]()]
        yield "comparison", changed


def _of_both(node: ast.BoolOp, _: ast.BoolOp) -> Iterator[tuple[str, ast.expr]]:
    for operand in node.values if len(node.values) == 2 else ():
        yield "dropped term", operand


def _of_call(node: ast.Call, changed: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = ast.unparse(node.func).rpartition(".")[2]
    starred = any(isinstance(one, ast.Starred) for one in node.args[:2])
    if len(node.args) >= 2 and not starred and name not in _SYMMETRIC:
        changed.args[:2] = reversed(changed.args[:2])
        yield "swapped", changed


def _of_pair(node: ast.Tuple, changed: ast.Tuple) -> Iterator[tuple[str, ast.expr]]:
    starred = any(isinstance(one, ast.Starred) for one in node.elts[-2:])
    if isinstance(node.ctx, ast.Load) and len(node.elts) >= 2 and not starred:
        changed.elts[-2:] = reversed(changed.elts[-2:])
        yield "swapped", changed


def _of_constant(node: ast.Constant, _: ast.Constant) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield "constant", ast.Constant(node.value + 1)
        if node.value not in (0, 1):
            yield "constant", ast.Constant(node.value * 10)


_VARIANTS: dict[type[ast.expr], Callable[[Any, Any], Iterator[tuple[str, ast.expr]]]] = {
    ast.BinOp: _of_operation,
    ast.UnaryOp: _of_sign,
    ast.Compare: _of_comparison,
    ast.BoolOp: _of_both,
    ast.Call: _of_call,
    ast.Tuple: _of_pair,
    ast.Constant: _of_constant,
}


def _holds_text(node: ast.BinOp) -> bool:
    """Whether texts are joined, or names of files: no sum and no quotient of numbers."""
    words = ast.unparse(node).lower()
    return any(name in words for name in ("folder", "path", "file(")) or any(
        isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in ast.walk(node)
    )


class _Finder(ast.NodeVisitor):
    """Every mutant of a file."""

    def __init__(self, file: str, source: str) -> None:
        self.found: list[Mutant] = []
        self._file, self._source = file, source
        self._starts = [0]
        for line in source.encode().split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._names: list[str] = []
        self.visit(ast.parse(source))

    def visit(self, node: ast.AST) -> None:
        """Below: what may be changed; types, texts for users, and what only type checkers see may not."""
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert):
            return
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._names.append(node.name)
            for inner in node.body:
                self.visit(inner)
            self._names.pop()
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.visit(node.value)
            return
        if isinstance(node, ast.Dict | ast.Subscript):
            self._keys(node)
        elif isinstance(node, ast.expr):
            for kind, changed in variants(node):
                self._add(node, kind, changed)
        self.generic_visit(node)

    def _keys(self, node: ast.Dict | ast.Subscript) -> None:
        for key in node.keys if isinstance(node, ast.Dict) else [node.slice]:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                self._add(key, "key", ast.Constant(f"{key.value}_"))

    def _add(self, node: ast.expr, kind: str, changed: ast.expr) -> None:
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        before = self._source.encode()[start:end].decode()
        after = f"({ast.unparse(changed)})"
        if ast.unparse(node) != ast.unparse(changed):
            place = ".".join(self._names) or "module"
            self.found.append(Mutant(self._file, place, kind, node.lineno, before, after, start, end))


def drawn(package: Path, part: str, seed: int, count: int) -> list[Mutant]:
    """Mutants of a part of the package, kinds in turn, no more than a fifth of them from one file."""
    listed = [
        mutant
        for path in sorted((package / part).rglob("*.py"))
        for mutant in _Finder(path.relative_to(package).as_posix(), path.read_text(encoding="utf-8")).found
    ]
    chance = np.random.default_rng([seed, *part.encode()])
    listed = [listed[place] for place in chance.permutation(len(listed))]
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in listed:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    chosen: list[Mutant] = []
    files: Counter[str] = Counter()
    while len(chosen) < count and any(by_kind.values()):
        for kind in sorted(by_kind):
            while by_kind[kind]:
                mutant = by_kind[kind].pop()
                taken = any(one.file == mutant.file and one.line == mutant.line for one in chosen)
                if files[mutant.file] < max(count // 5, 1) and not taken:
                    chosen.append(mutant)
                    files[mutant.file] += 1
                    break
    return chosen[:count]
