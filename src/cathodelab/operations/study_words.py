"""What the terminal says of a checked study and of its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cathodelab.core.number_text import NO_WIDTH, decimals, is_small, plain_number

if TYPE_CHECKING:
    from cathodelab.core.estimate import Estimate
    from cathodelab.core.method import Shown
    from cathodelab.study.manifest import Study
    from cathodelab.study.results import SampleResults, StudyResults
    from cathodelab.study.seen_files import SeenFile

_MOST_LINES = 3  # of one reason to skip a method
_MOST_NUMBERS = 4  # of a sample in one line


def lines_of_check(study: Study, missing_files: Sequence[tuple[str, str]], files: Sequence[SeenFile] = ()) -> list[str]:
    """Counts by kind, doubts, the reporting checklist, what nothing declares, and missing files."""
    score = study.completeness
    own = [one for one in study.samples if one.entries]
    counts = []
    for kind in study.kinds.values():
        number = sum(one.kind == kind.id for one in own)
        if number:
            counts.append(f"{number} {_one_or_several(kind.several, number)}")
    excluded = sum(bool(one.excluded) for one in own)
    lines = [f"{study.title}: {', '.join(counts)}, {excluded} excluded. The manifest is valid."]
    if study.nameless:
        names = ", ".join(f"{one.kind} {one.id}" for one in study.nameless)
        lines.append(f"{len(study.nameless)} named without data of their own: {names}.")
    if study.doubts:
        lines.append(f"{len(study.doubts)} doubtful; the study runs, and the report says so:")
        lines += [f"  {one}" for one in study.doubts]
    if any(one.kind == "cell" for one in own):
        required, recommended = f"{score.required_percent:.0f} %", f"{score.recommended_percent:.0f} %"
        lines.append(f"Reporting checklist: {required} of the required entries, {recommended} of the recommended.")
        if score.missing_required:
            lines.append("  missing required: " + ", ".join(score.missing_required))
        if score.missing_recommended:
            lines.append("  missing recommended: " + ", ".join(score.missing_recommended))
    if study.unknown_columns:
        lines.append("Columns kept as they are: " + ", ".join(study.unknown_columns))
    lines += [f"Missing file: {name} ({sample})" for sample, name in missing_files]
    return [*lines, *_files(files)]


def _files(files: Sequence[SeenFile]) -> list[str]:
    """How many files are of which format, those that two readers would take, and those that none does, with what to do."""
    numbers = Counter(f"{one.found.instrument} ({one.found.reader})" for one in files if one.found.error is None)
    lines = []
    if numbers:
        listed = ", ".join(f"{number} of {what}" for what, number in numbers.most_common())
        lines.append(f"Files, by their beginning: {listed}.")
    lines += [f"  {one.file} ({one.sample}): {one.found.sentence}" for one in files if one.found.also]
    lines += [f"Not read: {one.file} ({one.sample}): {one.error}" for one in files if one.found.error is not None]
    return lines


def lines_of_run(results: StudyResults, report: Path) -> list[str]:
    """The numbers of every sample, what was not evaluated and why, what was read, and where the report lies."""
    lines = ["SYNTHETIC DATA: generated, not measured."] if results.study.synthetic else []
    lines += _numbers(results)
    lines += _said(results)
    if results.study.doubts:
        count = len(results.study.doubts)
        lines.append(
            f"{count} doubtful entr{'y' if count == 1 else 'ies'} in the tables: `cathodelab check` lists them."
        )
    taking_part = {name for name, _ in results.files}
    if taking_part:
        anew = len(set(results.read_anew))
        others = "; the rest came from the cache" if anew < len(taking_part) else ""
        lines.append(f"Read the files of {anew} of {len(taking_part)} samples{others}.")
    lines.append(f"Report: {report}")
    return lines


def _numbers(results: StudyResults) -> list[str]:
    """One table a kind: the numbers for overviews with their intervals, and failed checks."""
    lines: list[str] = []
    for kind in results.study.kinds:
        found = [
            results.sample(kind, name)
            for name in dict.fromkeys(one.sample for one in results.outcomes if one.kind == kind and one.status == "ok")
        ]
        shown = [
            (method, number)
            for method, numbers in results.headlines.items()
            for number in numbers
            if number.in_overview and any(_number(one, method, number) is not None for one in found)
        ][:_MOST_NUMBERS]
        if found and shown:
            heads = [
                kind,
                *(f"{number.title}{f' / {number.unit}' if number.unit else ''}" for _, number in shown),
                "checks",
            ]
            rows = [
                [
                    one.sample.id,
                    *(_interval(_number(one, method, number)) for method, number in shown),
                    "failed: " + ", ".join(one.failed_checks) if one.failed_checks else "none failed",
                ]
                for one in found
            ]
            lines += _aligned([heads, *rows])
    return lines


def _number(found: SampleResults, method: str, shown: Shown) -> Estimate | None:
    outcome = found.outcomes.get(method)
    return shown.of(outcome.result.estimates) if outcome is not None and outcome.status == "ok" else None


def _interval(one: Estimate | None) -> str:
    """Value with its half-widths in plain characters: a terminal may not know others."""
    if one is None:
        return "-"
    if is_small(one.value, one.minus, one.plus):
        return f"{one.value:.3e} +{one.plus:.1e} -{one.minus:.1e}"
    if max(one.minus, one.plus) < NO_WIDTH:
        return f"{one.value:.4g}"
    digits = decimals(one.minus, one.plus)
    value, plus, minus = (plain_number(number, digits).replace("−", "-") for number in (one.value, one.plus, one.minus))
    return f"{value} +{plus} -{minus}" if plus != "–" and minus != "–" else value.replace("–", "-")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _said(results: StudyResults) -> list[str]:
    """What was not evaluated and why; a reason that many samples share once, with their number and the first of them."""
    lines = []
    for group in results.said_together:
        first = group[0]
        methods = ", ".join(first.methods)
        if len(group) > _MOST_LINES:
            several = f"{len(group)} {results.study.kinds[first.kind].several}, {methods}: {first.status}."
            lines.append(f"{several} The first, {first.sample}: {first.error}")
        else:
            lines += [f"{f'{one.sample}, ' if one.sample else ''}{methods}: {one.status}. {one.error}" for one in group]
    return lines


def _one_or_several(several: str, number: int) -> str:
    return several.removesuffix("s") if number == 1 else several
