"""Flagged bars: which they are and why, with the same letters in every picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.report import cells
from eventstudy.report.lines import shorten

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: what stands between the reasons of one bar
BETWEEN = "; "
#: letters of a legend that says every reason, and of one in a column of a journal
LONGEST, SHORT = 150, 90


def flags(bars: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are flagged."""
    if "flagged" not in bars.columns:
        return np.zeros(len(bars), dtype=bool)
    return np.array([not cells.is_missing(x) and bool(x) for x in bars["flagged"].tolist()])


def reasons(bars: pd.DataFrame) -> list[str]:
    """The distinct reasons of the flagged bars, from the top of the picture down."""
    every = [reason for row in _by_bar(bars)[::-1] for reason in row]
    return list(dict.fromkeys(every))


def marks(bars: pd.DataFrame) -> list[str]:
    """`` (a)`` or `` (a,c)`` behind a label where several reasons have to be told apart."""
    known = reasons(bars)
    if len(known) < 2:
        return [""] * len(bars)
    told = [",".join(_letter(k) for k in sorted(map(known.index, row))) for row in _by_bar(bars)]
    return [f" ({letters})" if letters else "" for letters in told]


def legend(bars: pd.DataFrame, longest: int = LONGEST) -> str:
    """What hatched bars are, and what each letter says."""
    known = reasons(bars)
    if len(known) > 1:
        known = [f"({_letter(k)}) {reason}" for k, reason in enumerate(known)]
    return shorten(f"flagged: {BETWEEN.join(known)}" if known else "flagged", longest)


def _by_bar(bars: pd.DataFrame) -> list[list[str]]:
    """The reasons of each row; none where it is not flagged."""
    if "flag_note" not in bars.columns:
        return [[] for _ in range(len(bars))]
    pairs = zip(flags(bars).tolist(), bars["flag_note"].tolist(), strict=True)
    return [
        [part.strip() for part in str(note).split(BETWEEN.strip()) if part.strip()]
        if flag and not cells.is_missing(note)
        else []
        for flag, note in pairs
    ]


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else str(k + 1)
