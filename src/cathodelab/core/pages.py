"""Parts of pages that several methods have: grids of estimates, checks and error budgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cathodelab.core.checks import Check
from cathodelab.core.document import Block, Drawing, Entry, Grid, Head, Paragraph, Subtitle, Tone, texts
from cathodelab.core.estimate import EstimateSet
from cathodelab.core.number_text import plain_number, quantity

_NEGLIGIBLE = 0.0005
_ORDER = {False: 0, None: 1, True: 2}
VERDICTS: dict[bool | None, tuple[str, Tone]] = {
    False: ("✗\u00a0failed", "bad"),
    None: ("?\u00a0cannot\u00a0tell", "unknown"),
    True: ("✓\u00a0passed", "good"),
}


@dataclass(frozen=True)
class Page:
    """A method's part of a sample's page: ``top`` stands before the checks of all methods, ``rest`` behind them."""

    top: tuple[Block, ...] = ()
    rest: tuple[Block, ...] = ()


def plain_page(title: str, estimates: EstimateSet, drawings: Sequence[Drawing]) -> Page:
    """Title, figures and estimates; nothing where there are none."""
    if not estimates.names and not drawings:
        return Page()
    grid = (estimate_grid(estimates, title),) if estimates.names else ()
    return Page(rest=(Subtitle(title), *drawings, *grid))


def estimate_grid(estimates: EstimateSet, about: str) -> Grid:
    """Every estimate of a result with what it refers to."""
    heads = (
        Head("Quantity"),
        Head("value", number=True),
        Head("unit"),
        Head("per", wide=True),
        Head("how", wide=True),
    )
    rows = tuple(
        texts(estimate_title(name), quantity(one), one.unit if one.unit != "1" else "–", one.per or "–", one.how)
        for name, one in estimates.as_mapping().items()
    )
    return Grid(about, heads, rows)


def unit_on_page(unit: str) -> str:
    """A unit as a page sets it: ``mAh/g`` as mAh g⁻¹, ``ohm cm2`` as Ω cm²; what it does not know stays as it is."""
    above, *below = unit.split("/")
    if any(" " in one or "^" in one for one in below):
        return unit
    parts = [_typeset(one) for one in above.split(" ") if one not in ("", "1")]
    parts += [_typeset(one, below=True) for one in below]
    return "\u00a0".join(parts)


_SYMBOLS = {"ohm": "Ω", "um": "µm", "degC": "°C"}
_POWERS = {"2": "²", "3": "³"}
_RAISED = str.maketrans("-.0123456789", "⁻·⁰¹²³⁴⁵⁶⁷⁸⁹")


def _typeset(unit: str, *, below: bool = False) -> str:
    if "^" in unit:
        name, _, exponent = unit.partition("^")
        return _SYMBOLS.get(name, name) + exponent.translate(_RAISED)
    power = unit[-1] if unit[-1:] in _POWERS else ""
    name = unit.removesuffix(power)
    raised = f"⁻{_POWERS.get(power, '¹')}" if below else _POWERS.get(power, "")
    return _SYMBOLS.get(name, name) + raised


def estimate_title(name: str) -> str:
    """The name of an estimate as a reader wants it."""
    return name.replace("_", " ").replace("c rate", "C-rate").replace("coulombic", "Coulombic")


def check_grid(checks: Iterable[Check], about: str) -> Grid:
    """Verdicts and sentences in the order given."""
    heads = Head("Verdict"), Head("Check"), Head("What was found", wide=True)
    rows = tuple(
        (Entry(*VERDICTS[check.passed]), Entry(check.name.replace("_", " ")), Entry(check.sentence)) for check in checks
    )
    return Grid(about, heads, rows)


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """Each sentence once, what failed first: several methods read the same files."""
    once: dict[tuple[str, bool | None], Check] = {}
    for check in checks:
        once.setdefault((check.sentence, check.passed), check)
    return sorted(once.values(), key=lambda check: _ORDER[check.passed])


def budget_blocks(
    estimates: EstimateSet, name: str, symbol: str, *, unit: str = "", scale: float = 1.0, digits: int = 2
) -> list[Block]:
    """What the interval of an estimate is made of.

    Args:
        estimates: the set.
        name: the estimate.
        symbol: what a reader calls it.
        unit: unit of the effects as they are shown.
        scale: factor from the estimate to what is shown.
        digits: decimals of the effects.
    """
    budget = estimates.budget(name)
    heads = (
        Head("Source of error", wide=True),
        Head(f"effect on {symbol}", unit, number=True),
        Head("share of the variance"),
        Head("what would help", wide=True),
    )
    rows = tuple(
        (
            Entry(line.group),
            Entry(f"+{plain_number(scale * line.plus, digits)} −{plain_number(scale * line.minus, digits)}"),
            Entry(f"{100 * line.share:.1f} %", share=line.share),
            Entry(line.halving),
        )
        for line in budget
        if line.share > _NEGLIGIBLE
    )
    blocks: list[Block] = [Subtitle("Where the interval comes from"), Grid("Error budget", heads, rows)]
    if smaller := [line.group for line in budget if line.share <= _NEGLIGIBLE]:
        blocks.append(Paragraph(f"Below 0.05 % of the variance each: {'; '.join(smaller)}.", soft=True))
    return blocks
