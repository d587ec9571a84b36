"""Reference portfolios: the firms that were of the event firm's kind before the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, FloatArray, IntArray
from eventstudy.longrun.benchmarks import (
    EXCLUDE,
    Found,
    NoBenchmark,
    Setting,
    TextArray,
    never,
    nothing,
    undated,
)
from eventstudy.longrun.characteristics import Characteristics, read_characteristics
from eventstudy.one_line import call
from eventstudy.windows import is_whole

#: members below which a portfolio is that of a few firms
FEW = 10
WEIGHTING = ("buy_and_hold", "rebalanced")


@dataclass(frozen=True, eq=False)
class ReferencePortfolios:
    """Compare each firm with the portfolio of the firms of its kind: same quantiles, same date.

    On every day 0 the firms of the panel are sorted by each characteristic into groups of equal
    number, independently of each other; five by size times five by book-to-market are 25
    portfolios. The breakpoints are those of all firms known that day, from the latest
    characteristics dated before it. The members of a portfolio are bought in equal parts when the
    holding begins and held (Lyon, Barber and Tsai 1999: no rebalancing, no new listings later).

    Parameters
    ----------
    characteristics : DataFrame
        As in `ControlFirms`.
    groups : int or mapping of column to int
        Number of groups, of every column or of each that is named.
    weighting : {"buy_and_hold", "rebalanced"}
        "rebalanced" brings the members back to equal parts every session, which earns bid-ask
        bounce that no investor earns.
    exclude : {"overlapping", "earlier", "none"}
        As in `ControlFirms`: firms with an event of their own that are no members. Under "none"
        the event firm is a member of its own portfolio, as in the original.

    Raises
    ------
    eventstudy.errors.OptionError, eventstudy.errors.PanelError
        If the table or an option cannot be read.

    Notes
    -----
    A member without a return on a day earns 0 that day. What a member brings that is delisted is
    spread over the others in proportion to what they are worth (rebalanced: evenly). Where no
    member is left the holding of the event ends there, for the firm too.

    References
    ----------
    Lyon, Barber and Tsai (1999), Journal of Finance 54.

    Examples
    --------
    >>> table = pd.DataFrame({"ticker": ["IREN", "CIFR"], "size": [10.0, 9.0]})
    >>> ReferencePortfolios(table, groups={"size": 2}).label
    'reference portfolios: 2 by size, bought and held'
    """

    characteristics: pd.DataFrame = field(repr=False)
    groups: int | Mapping[str, int] = 5
    weighting: str = "buy_and_hold"
    exclude: str = "overlapping"
    _counts: dict[str, int] = field(init=False, repr=False)
    _known: Characteristics = field(init=False, repr=False)

    __repr__ = call

    def __post_init__(self) -> None:
        if self.weighting not in WEIGHTING:
            raise errors.unknown_option("weighting", self.weighting, WEIGHTING)
        if self.exclude not in EXCLUDE:
            raise errors.unknown_option("exclude", self.exclude, EXCLUDE)
        counts = self._read_groups()
        object.__setattr__(self, "_counts", counts)
        object.__setattr__(self, "_known", read_characteristics(self.characteristics, counts))

    def _read_groups(self) -> dict[str, int]:
        """Column → number of groups."""
        given = self.groups
        if is_whole(given):
            names = read_characteristics(self.characteristics, None).names
            given = dict.fromkeys(names, given)
        if not isinstance(given, Mapping) or not given:
            raise errors.groups_unreadable(self.groups)
        if not all(is_whole(count) and count >= 2 for count in given.values()):
            raise errors.groups_unreadable(self.groups)
        return {str(name): int(count) for name, count in given.items()}

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        sorts = " times ".join(f"{count} by {name}" for name, count in self._counts.items())
        how = "bought and held" if self.weighting == "buy_and_hold" else "rebalanced"
        return f"reference portfolios: {sorts}, {how}"

    def find(self, setting: Setting) -> Found:
        """Form the portfolios of every date, and find that of every event."""
        known, n = self._known, len(setting.row)
        places = setting.places(known)
        code, names, end = np.zeros(n, dtype=np.int64), nothing(n), np.zeros(n, dtype=np.int64)
        reason, detail, paths, made = nothing(n), nothing(n), [], 0
        size = np.zeros(n, dtype=np.int64)
        for row, events in setting.dates():
            listed = setting.eligible(places, row, "none")
            group, texts = self._sorted(known.before(setting.panel.sessions[row]), listed)
            own = np.full(setting.panel.returns.shape[0], -1)
            own[places[listed]] = group[listed]
            mine = own[setting.firm[events]]
            members = setting.eligible(places, row, self.exclude) & np.isin(group, mine[mine >= 0])
            daily = self._portfolios(setting, row, places[members], group[members], len(texts))
            number = np.bincount(group[members], minlength=len(texts))
            names[events], size[events] = texts[mine], np.where(mine >= 0, number[mine], 0)
            ends = np.isfinite(daily).sum(axis=1) + row + setting.start - 1
            end[events] = ends[mine]
            blind, lonely = mine < 0, (mine >= 0) & ~np.isfinite(daily[mine, 0])
            reason[events[blind]] = NoBenchmark.NO_CHARACTERISTICS
            detail[events[blind]] = f"no {' and '.join(known.names)} known before day 0"
            reason[events[lonely]] = NoBenchmark.NO_CONTROL
            detail[events[lonely]] = "no other firm in its portfolio"
            kept, which = np.unique(mine, return_inverse=True)
            code[events] = made + which
            paths.append(daily[kept])
            made += len(kept)
        benchmark = Portfolios(np.concatenate(paths), code)
        few = f"are compared with portfolios of fewer than {FEW} firms: their luck is in the BHAR"
        notes = undated(known)
        return Found(benchmark, end, names, reason, detail, never(), notes, size < FEW, few)

    def _sorted(self, values: FloatArray, listed: BoolArray) -> tuple[IntArray, TextArray]:
        """(F,) group of each firm, −1 where it is not known, and the names of the groups."""
        known = listed & np.isfinite(values).all(axis=1)
        group, texts = np.zeros(len(values), dtype=np.int64), np.array([""], dtype=object)
        for k, (name, count) in enumerate(self._counts.items()):
            x = values[:, k]
            share = np.arange(1, count) / count
            cuts = np.quantile(x[known], share) if known.any() else share
            group = group * count + np.searchsorted(cuts, x, side="left").clip(max=count - 1)
            said = np.array([f"{name} {i + 1} of {count}" for i in range(count)], dtype=object)
            texts = (texts[:, None] + np.where(texts == "", "", ", ")[:, None] + said).reshape(-1)
        return np.where(known, group, -1), texts

    def _portfolios(
        self, setting: Setting, row: int, members: IntArray, group: IntArray, count: int
    ) -> FloatArray:
        """(G, L) daily returns of the portfolios formed for day 0 ``row``; NaN without members."""
        days = np.arange(row + setting.start, row + setting.start + setting.length)
        days = days[days < setting.panel.returns.shape[1]]
        last = setting.lives[1][members, None]
        raw = setting.history.between(members, days)
        returns = np.where((days <= last) & np.isfinite(raw), raw, 0.0)
        worth = np.ones_like(returns)
        if self.weighting == "buy_and_hold":
            worth[:, 1:] = np.cumprod(1.0 + returns, axis=1)[:, :-1]
        held, sold = np.where(days <= last, worth, 0.0), np.where(days == last + 1, worth, 0.0)
        total, earned, gone = (_sums(part, group, count) for part in (held, held * returns, sold))
        out = np.full((count, setting.length), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(gone > 0, gone / (gone + total), 0.0)
            found = (1.0 + setting.loss * share) * (1.0 + earned / total) - 1.0
        out[:, : len(days)] = np.where(total > 0, found, np.nan)
        return out


@dataclass(frozen=True, eq=False)
class Portfolios:
    """Daily returns of portfolios, and which of them is the benchmark of each event."""

    #: (P, L) returns from the first day held on
    returns: FloatArray
    #: (N,) portfolio of each event
    code: IntArray

    def daily(self, at: IntArray, days: IntArray) -> FloatArray:  # noqa: ARG002  (Benchmark)
        """(m, L) returns of the events' portfolios."""
        return np.nan_to_num(self.returns[self.code[at]])


def _sums(values: FloatArray, group: IntArray, count: int) -> FloatArray:
    """(G, L) sums of the rows of each group."""
    out = np.zeros((count, values.shape[1]))
    order = np.argsort(group, kind="stable")
    found, begins = np.unique(group[order], return_index=True)
    if found.size:
        out[found] = np.add.reduceat(values[order], begins, axis=0)
    return out
