"""One-day moves that look like a mistake: splits, units, bad ticks, total losses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.panel.suspicion.found import (
    Found,
    Stretches,
    found_at,
    joined,
    many,
    parts,
    stretches,
)
from eventstudy.panel.suspicion.moves import Moves, Nearest

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: only moves beyond this, in logarithms, are looked at
_LARGE = 0.2
#: a return below this is a total loss: prices cannot go on from there
_GONE = np.log(1e-9)
#: usual splits and reverse splits; 3 for 2 only where a volume shows that nothing happened
_RATIOS = np.array([2.0, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50])
_HALF_RATIOS = np.array([1.5])
#: cents and pence, thousands
_UNITS = np.array([100.0, 1000.0])
#: a move that large is looked up, whatever made it: ×4 in a day, or a fifth
_UP, _DOWN = np.log(4.0), np.log(0.2)
#: from 4 for 1 on hardly any news moves a price as far: a day's own return may come on top
_RARE, _ON_TOP = 4, 0.12


def jumps(panel: Panel) -> list[Found]:
    """Look at every large move; each gets one reason at most."""
    at = joined([stretches(_beyond(panel, part), 1, start) for start, part in parts(panel.returns)])
    large = Jumps(panel, *_cells(at))
    moves = Jumps(panel, large.row[large.odd], large.column[large.odd])
    row, column = moves.row, moves.column
    left = np.ones(len(row), dtype=np.bool_)
    found = []
    for check, rule, words in (
        ("total_loss", moves.total, moves.say_total),
        ("bad_tick", moves.reverses, moves.say_reverses),
        ("split", moves.unlike_close, moves.say_unlike_close),
        ("unit", moves.unit, moves.say_unit),
        ("split", moves.split, moves.say_split),
        ("extreme", moves.extreme, moves.say_extreme),
    ):
        hit = left & rule
        left &= ~hit
        if check == "bad_tick":
            left &= ~moves.after(hit)  # the way back is part of it
        here = np.flatnonzero(hit)
        days = Stretches(row[here], column[here], column[here])
        found.append(found_at(panel, check, days, [words(k) for k in here.tolist()]))
    return [each for each in found if each]


def _beyond(panel: Panel, part: FloatArray) -> BoolArray:
    low, high = (-_LARGE, _LARGE) if panel.kind == "log" else np.expm1([-_LARGE, _LARGE])
    return np.asarray((part > high) | (part < low))


def _cells(at: Stretches) -> tuple[IntArray, IntArray]:
    """Every cell of the stretches, in their order."""
    row = np.repeat(at.row, at.days)
    step = np.arange(len(row)) - np.repeat(np.cumsum(at.days) - at.days, at.days)
    return row, np.repeat(at.first, at.days) + step


def _percent(size: float) -> str:
    """A move given in logarithms: ``-50.0 %``, ``+9,900.0 %``."""
    return f"{np.expm1(size):+,.1%}".replace("%", " %")


class Jumps(Moves):
    """Large moves, and the rules that give them a reason."""

    @cached_property
    def odd(self) -> BoolArray:
        """(M,) those that some rule can meet, whatever the ticker's volatility: cheap to say."""
        back = self.left <= np.fmax(0.02, np.abs(self.size) / 4)  # far: a quarter is 2 σ
        near = np.fmin(self.near_whole[1], self.near_unit[1]) <= _ON_TOP
        if "volume" in self.panel.fields:
            near |= self.near_half[1] <= _ON_TOP
        return np.asarray(self.total | self.extreme | self.unlike_close | back | near)

    @cached_property
    def near_whole(self) -> Nearest:
        return self.nearest(_RATIOS)

    @cached_property
    def near_half(self) -> Nearest:
        return self.nearest(_HALF_RATIOS)

    @cached_property
    def near_unit(self) -> Nearest:
        return self.nearest(_UNITS)

    @cached_property
    def total(self) -> BoolArray:
        return np.asarray(self.size < _GONE)

    @cached_property
    def reverses(self) -> BoolArray:
        """A move that the next day takes back, in a quiet week: not both can be right."""
        # what is left are the own returns of two days
        back = self.left <= np.fmax(0.02, np.fmax(2 * self.sigma, np.abs(self.size) / 8))
        hit = back & self.far & self.calm & self.quiet(range(2, 7))
        return np.asarray(hit & ~self.after(hit))

    @cached_property
    def unlike_close(self) -> BoolArray:
        """The adjusted price jumps and the plain close does not: a wrong adjustment."""
        return (np.abs(self.plain) < 0.05) & (np.abs(self.size - self.plain) > _LARGE)

    @cached_property
    def unit(self) -> BoolArray:
        return self.near_unit[1] <= np.clip(3 * self.sigma, 0.03, _ON_TOP)

    @cached_property
    def split(self) -> BoolArray:
        """Near a ratio, far beyond the usual, in a quiet week, without the volume of news."""
        close = np.clip(1.5 * self.sigma, 0.01, 0.05)
        ratio, gap = self.near_whole
        at_whole = gap <= np.where(ratio >= _RARE, np.clip(3 * self.sigma, 0.03, _ON_TOP), close)
        # a split multiplies the shares that are traded, and no more; NaN: not known
        news = self.turnover > 3 * np.exp(np.clip(-self.size, 0.0, 100.0))
        half = (self.near_half[1] <= close) & (self.turnover <= 2) & (self.size < 0)
        like = (at_whole & ~news) | half
        return np.asarray(like & self.far & self.calm & self.quiet(range(1, 6)) & ~self.final)

    @cached_property
    def extreme(self) -> BoolArray:
        return np.asarray((self.size > _UP) | (self.size < _DOWN))

    # ── the words ────────────────────────────────────────────────────────────────────────
    def _move(self, k: int) -> str:
        return _percent(self.size[k])

    def say_total(self, k: int) -> str:
        later = self.panel.returns[self.row[k], self.column[k] + 1 :]
        count = int(np.isfinite(later).sum())
        if count:
            return f"A return of -100 %, and {many(count, 'return')} after it: impossible."
        return "A return of -100 % at the end: worthless, or an absent price filled with 0?"

    def say_reverses(self, k: int) -> str:
        back = _percent(self.following[k])
        return f"{self._move(k)}, and {back} on the next session: a wrong price in between?"

    def say_unlike_close(self, k: int) -> str:
        plain = _percent(self.plain[k])
        return f"{self._move(k)}, but the unadjusted close {plain}: a wrong adjustment?"

    def say_unit(self, k: int) -> str:
        ratio = int(self.near_unit[0][k])
        way = "multiplied" if self.size[k] > 0 else "divided"
        return (
            f"{self._move(k)}: the price is {way} by {ratio:,}. Another unit (cents, pence), or a "
            f"split that was not adjusted?"
        )

    def say_split(self, k: int) -> str:
        whole, half = self.near_whole, self.near_half
        ratio = f"{whole[0][k]:.0f} for 1" if whole[1][k] <= half[1][k] else "3 for 2"
        kind = "reverse split" if self.size[k] > 0 else "split"
        ratio = f"1 for {whole[0][k]:.0f}" if self.size[k] > 0 else ratio
        volume = self.turnover[k]
        said = f", on {volume:.1f} times the usual volume" if np.isfinite(volume) else ""
        return f"{self._move(k)}{said}: a {kind} {ratio} that was not adjusted?"

    def say_extreme(self, k: int) -> str:
        return f"{self._move(k)} from one session to the next."
