"""Parser of circuit expressions; nothing in them is ever executed.

Boukamp's notation: neighbours are in series, ``( )`` encloses parallel elements, ``[ ]`` a series inside a parallel, ``{ }``
the interface of a transmission line. A minus sign or a blank may separate terms; numbers after a symbol are
ignored. ``R-(RQ)-(RQ)-Q`` is the source's circuit, ``R-Tm{(RQ)}-(RQ)`` a two-rail line with an arc.
"""

from __future__ import annotations

import re

from cathodelab.core.errors import CathodelabError
from cathodelab.techniques.impedance.circuits.circuit import Circuit, Group, Leaf, Line, Node
from cathodelab.techniques.impedance.circuits.elements import BY_SYMBOL
from cathodelab.techniques.impedance.circuits.foreign import is_foreign, translated
from cathodelab.techniques.impedance.circuits.lines import LINES

_PART = re.compile(r"\s*([A-Z][a-z]*\d*|[()\[\]{}-])")
_LONGEST, _DEEPEST, _MOST_PARAMETERS = 200, 8, 30


def parsed(expression: str) -> Circuit:
    """The circuit of an expression; one in impedance.py's notation is translated.

    Raises:
        CathodelabError: the expression is invalid; the message shows where.
    """
    if len(expression) > _LONGEST:
        raise _wrong(expression[:60] + "...", f"It has {len(expression)} signs; up to {_LONGEST} are read.")
    if is_foreign(expression):
        expression = translated(expression)
    reader = _Reader(expression)
    terms = reader.nodes(depth=0)
    if reader.rest():
        raise _wrong(expression, f"A bracket is closed that was not opened, at {reader.rest()[:20]!r}.")
    if not terms:
        raise _wrong(expression, "It holds no element.")
    circuit = Circuit(expression, tuple(terms), tuple(reader.names(terms)))
    if len(circuit.parameters) > _MOST_PARAMETERS:
        raise _wrong(expression, f"It has {len(circuit.parameters)} parameters; up to {_MOST_PARAMETERS} are fitted.")
    return circuit


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._symbols: list[str] = []
        place = 0
        while place < len(expression.rstrip()):
            match = _PART.match(expression, place)
            if match is None:
                raise _wrong(expression, f"{expression[place:].strip()[:20]!r} is no element and no bracket.")
            self._symbols.append(match[1])
            place = match.end()
        self._next = 0

    def rest(self) -> str:
        return "".join(self._symbols[self._next :])

    def nodes(self, depth: int) -> list[Node]:
        """Nodes up to a closing bracket or the end."""
        if depth > _DEEPEST:
            raise _wrong(self._expression, f"Brackets are nested deeper than {_DEEPEST}.")
        found: list[Node] = []
        while self._next < len(self._symbols) and self._symbols[self._next] not in ")]}":
            part = self._symbols[self._next]
            self._next += 1
            if part == "(":
                found.append(_parallel(self._inside(")", depth), self._expression))
            elif part == "[":
                found.append(_series(self._inside("]", depth), self._expression))
            elif part == "{":
                raise _wrong(self._expression, "Braces hold the interface of a line: " + ", ".join(LINES) + ".")
            elif part != "-":
                found.append(self._named(part.rstrip("0123456789"), depth))
        return found

    def _named(self, symbol: str, depth: int) -> Node:
        if symbol in LINES:
            if self._next >= len(self._symbols) or self._symbols[self._next] != "{":
                raise _wrong(self._expression, f"{symbol} needs its interface in braces, e.g. {symbol}{{(RQ)}}.")
            self._next += 1
            return Line(LINES[symbol], _series(self._inside("}", depth), self._expression))
        if symbol not in BY_SYMBOL:
            raise _wrong(self._expression, f"There is no element {symbol!r}.")
        return Leaf(BY_SYMBOL[symbol])

    def _inside(self, closing: str, depth: int) -> list[Node]:
        found = self.nodes(depth + 1)
        if self._next >= len(self._symbols) or self._symbols[self._next] != closing:
            raise _wrong(self._expression, f"A bracket is not closed by {closing!r}.")
        self._next += 1
        return found

    def names(self, nodes: list[Node]) -> list[str]:
        """Name of every coordinate: symbol and number of its element."""
        names: list[str] = []
        number = 0

        def walk(node: Node) -> None:
            nonlocal number
            if isinstance(node, Group):
                for child in node.children:
                    walk(child)
                return
            number += 1
            own = node.parameters[:2] if isinstance(node, Line) else node.parameters
            names.extend(f"{parameter.symbol}_{number}" for parameter in own)
            if isinstance(node, Line):
                walk(node.interface)

        for node in nodes:
            walk(node)
        return names


def _series(nodes: list[Node], expression: str) -> Node:
    if not nodes:
        raise _wrong(expression, "A bracket is empty.")
    return nodes[0] if len(nodes) == 1 else Group(tuple(nodes), parallel=False)


def _parallel(nodes: list[Node], expression: str) -> Node:
    symbols = sorted(node.element.symbol if isinstance(node, Leaf) else "" for node in nodes)
    if symbols == ["Q", "R"]:
        return Leaf(BY_SYMBOL["Arc"])
    node = _series(nodes, expression)
    return Group(node.children, parallel=True) if isinstance(node, Group) and len(nodes) > 1 else node


def _wrong(expression: str, why: str) -> CathodelabError:
    return CathodelabError(
        "circuit-unreadable",
        f"{expression!r} is no circuit",
        where="circuit expression",
        why=why,
        what_to_do="Write terms in series side by side and parallel ones in ( ), with "
        + ", ".join([*BY_SYMBOL, *(f"{line}{{...}}" for line in LINES)])
        + "; for example R-(RQ)-(RQ)-Q.",
    )
