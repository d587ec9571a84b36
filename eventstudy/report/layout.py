"""Columns of text side by side, within the width of a terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eventstudy.report import cells
from eventstudy.report.lines import pad, width_of, wrap

_GAP = 2
_TEXT_AT_LEAST, _HEAD_AT_MOST, _NOTE_AT_MOST = 12, 20, 14


@dataclass(frozen=True)
class Column:
    """One column as text."""

    head: str
    texts: tuple[str, ...]
    right: bool
    index: bool = False
    width: int = 0

    def natural(self) -> Column:
        """Make the column as wide as its content asks for."""
        head = min(width_of(self.head), _HEAD_AT_MOST)
        return replace(self, width=max([head, *map(width_of, self.texts), 1]))


def numbered(columns: list[Column], width: int) -> tuple[list[Column], list[str]]:
    """Move a long ``note`` column below the table; equal notes share a number."""
    if _total([c.natural() for c in columns]) <= width:
        return columns, []
    for at, column in enumerate(columns):
        if column.head == "note" and max(map(width_of, column.texts), default=0) > _NOTE_AT_MOST:
            known = list(dict.fromkeys(t for t in column.texts if t not in {"", cells.NOTHING}))
            marks = tuple(f"[{known.index(t) + 1}]" if t in known else t for t in column.texts)
            columns = [*columns[:at], replace(column, texts=marks), *columns[at + 1 :]]
            return columns, [f"[{i}] {text}" for i, text in enumerate(known, start=1)]
    return columns, []


def _total(columns: list[Column]) -> int:
    return sum(c.width for c in columns) + _GAP * (len(columns) - 1)


def _shrunk(columns: list[Column], width: int) -> list[Column]:
    """Narrow the widest text columns until the row fits or none can give more."""
    columns = [replace(c, width=min(c.width, width)) for c in columns]
    while _total(columns) > width:
        free = [i for i, c in enumerate(columns) if not c.right and c.width > _TEXT_AT_LEAST]
        if not free:
            break
        widest = max(free, key=lambda i: columns[i].width)
        columns[widest] = replace(columns[widest], width=columns[widest].width - 1)
    return columns


def panels_of(columns: list[Column], width: int) -> list[list[Column]]:
    """Lay the columns side by side, in as many panels as the width asks for."""
    whole = _shrunk(columns, width)
    if _total(whole) <= width:
        return [whole]
    index = [c for c in columns if c.index]
    most = max(1, (width // 2 - _GAP * len(index)) // max(len(index), 1))
    index = [replace(c, width=min(c.width, most)) for c in index]
    room = width - sum(c.width + _GAP for c in index)
    panels: list[list[Column]] = []
    for column in (c for c in columns if not c.index):
        joined = [*panels[-1], column] if panels else [column]
        if not panels or _total(_shrunk(joined, room)) > room:
            panels.append([replace(column, width=min(column.width, room))])
        else:
            panels[-1] = joined
    return [[*index, *_shrunk(panel, room)] for panel in panels or [[]]]


def panel_lines(columns: list[Column]) -> list[str]:
    """Return the lines of one panel: heads, a rule, rows."""
    rows = zip(*(c.texts for c in columns), strict=True)
    lines = _row([c.head for c in columns], columns)
    lines.append("-" * max(_total(columns), 0))
    for texts in rows:
        lines += _row(list(texts), columns)
    return lines


def _row(texts: list[str], columns: list[Column]) -> list[str]:
    """One row: as many lines as its highest cell needs."""
    wrapped = [wrap(t, c.width) for t, c in zip(texts, columns, strict=True)]
    height = max(map(len, wrapped), default=0)
    filled = [[*lines, *[""] * (height - len(lines))] for lines in wrapped]
    gap = " " * _GAP
    return [
        gap.join(
            pad(cell[k], c.width, right=c.right) for cell, c in zip(filled, columns, strict=True)
        ).rstrip()
        for k in range(height)
    ]
