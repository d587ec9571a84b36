"""Control firms: for each event the firms that were most like it before the event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.longrun.benchmarks import EXCLUDE, Found, NoBenchmark, Setting, nothing, undated
from eventstudy.longrun.characteristics import Characteristics, read_characteristics
from eventstudy.longrun.matching import Choice
from eventstudy.one_line import call
from eventstudy.windows import is_whole


@dataclass(frozen=True, eq=False)
class ControlFirms:
    """Compare each firm with the n firms that were most like it before the event.

    Candidates are firms of the panel whose characteristics lie ``within`` multiples of the event
    firm's own; of these the ``nearest`` are taken. Used are the latest characteristics dated
    before day 0, of the event firm and of the candidates: what is published later changes
    nothing. Barber and Lyon (1997): size within 70 to 130 %, of those the nearest book-to-market.

    Parameters
    ----------
    characteristics : DataFrame
        Columns ``ticker``, ``date`` (when the numbers were known) and numbers such as ``size``;
        without ``date`` one row a firm, whose tickers may be the index.
    within : mapping of column to (low, high), optional
        Multiples of the event firm's own value between which a candidate's lies.
    nearest : str or list of str, optional
        The distance: of one column |x_i − x_j|, of several the root of the summed squares, each
        in standard deviations over the candidates of that date. Default: all columns that
        ``within`` does not name (or those it names, if there are no others).
    n : int
        Control firms of an event; the benchmark is the mean of their buy-and-hold returns.
    exclude : {"overlapping", "earlier", "none"}
        Firms that are no candidates because of an event of their own in the same run: within a
        holding before or after this day 0, before it only, or none. The first two differ by what
        was not known on day 0. The firm itself never is a candidate.

    Raises
    ------
    eventstudy.errors.OptionError, eventstudy.errors.PanelError
        If the table or an option cannot be read.

    Notes
    -----
    A control firm whose prices end during the holding is replaced from the next session on by the
    next nearest that still has prices; the ledger says so. Where none is left the holding of the
    event ends there, for the firm too. Equal distances are decided by the alphabet.

    References
    ----------
    Barber and Lyon (1997), Journal of Financial Economics 43; Lyon, Barber and Tsai (1999),
    Journal of Finance 54.

    Examples
    --------
    >>> table = pd.DataFrame({"ticker": ["IREN", "CIFR", "HUT"], "size": [10.0, 9.0, 2.0]})
    >>> ControlFirms(table, within={"size": (0.7, 1.3)}).label
    '1 control firm: size within 0.7 to 1.3, nearest size'
    """

    characteristics: pd.DataFrame = field(repr=False)
    within: Mapping[str, tuple[float, float]] | None = None
    nearest: str | Sequence[str] | None = None
    n: int = 1
    exclude: str = "overlapping"
    _bounds: dict[str, tuple[float, float]] = field(init=False, repr=False)
    _nearest: tuple[str, ...] = field(init=False, repr=False)
    _known: Characteristics = field(init=False, repr=False)

    __repr__ = call

    def __post_init__(self) -> None:
        if not is_whole(self.n) or self.n < 1:
            raise errors.not_a_count("n", self.n)
        if self.exclude not in EXCLUDE:
            raise errors.unknown_option("exclude", self.exclude, EXCLUDE)
        bounds = _bounds(self.within)
        named = [self.nearest] if isinstance(self.nearest, str) else self.nearest
        if named is None:
            every = read_characteristics(self.characteristics, None).names
            named = [name for name in every if name not in bounds] or list(bounds)
        if not isinstance(named, Iterable) or not (named := list(named)):
            raise errors.nearest_unreadable(self.nearest)
        names = tuple(dict.fromkeys([*bounds, *named]))
        put = object.__setattr__
        put(self, "_bounds", bounds)
        put(self, "_nearest", tuple(dict.fromkeys(named)))
        put(self, "_known", read_characteristics(self.characteristics, names))

    @property
    def label(self) -> str:
        """What it is called in a summary."""
        inside = "".join(f"{c} within {a:g} to {b:g}, " for c, (a, b) in self._bounds.items())
        firms = f"{self.n} control firm{'s' if self.n > 1 else ''}"
        return f"{firms}: {inside}nearest {' and '.join(self._nearest)}"

    def find(self, setting: Setting) -> Found:
        """Find the control firms of every event."""
        known = self._known
        places = setting.places(known)
        own = np.full(setting.panel.returns.shape[0] + 1, -1)
        own[places] = np.arange(len(places))  # the last place stands for no row
        own[-1] = -1
        choice = Choice(setting, self.n)
        reason, detail = nothing(len(setting.row)), nothing(len(setting.row))
        for row, events in setting.dates():
            values = known.before(setting.panel.sessions[row])
            mine = own[setting.firm[events]]
            x = np.where(mine[:, None] >= 0, values[mine], np.nan)
            blind = ~np.isfinite(x).all(axis=1)
            distance = self._distances(x, values, setting.eligible(places, row, self.exclude))
            distance[np.flatnonzero(mine >= 0), mine[mine >= 0]] = np.inf
            lonely = ~blind & ~np.isfinite(distance).any(axis=1)
            reason[events[blind]] = NoBenchmark.NO_CHARACTERISTICS
            detail[events[blind]] = f"no {' and '.join(known.names)} known before day 0"
            reason[events[lonely]] = NoBenchmark.NO_CONTROL
            detail[events[lonely]] = f"no firm to compare with ({self.label})"
            some = np.flatnonzero(~blind & ~lonely)
            choice.choose(events[some], places, distance[some])
        return choice.found(reason, detail, undated(known))

    def _distances(self, x: FloatArray, values: FloatArray, eligible: BoolArray) -> FloatArray:
        """(n, F) distance of every candidate; ∞ for firms that are none."""
        names = self._known.names
        fit = eligible & np.isfinite(values).all(axis=1)
        out = np.where(fit, np.zeros((len(x), 1)), np.inf)
        for name, (low, high) in self._bounds.items():
            k = names.index(name)
            ends = np.sort(x[:, k, None] * np.array([low, high]), axis=1)  # also of negative x
            out[~((values[:, k] >= ends[:, :1]) & (values[:, k] <= ends[:, 1:]))] = np.inf
        used = [names.index(name) for name in self._nearest]
        for k in used:
            gap = np.abs(x[:, k, None] - values[:, k])
            if len(used) > 1:
                sd = float(values[fit, k].std(ddof=1)) if fit.sum() > 1 else 0.0
                gap = (gap / (sd if sd > 0 else 1.0)) ** 2
            out += np.where(np.isfinite(out), np.nan_to_num(gap), 0.0)
        return out


def _bounds(within: object) -> dict[str, tuple[float, float]]:
    """Column → lowest and highest multiple."""
    if within is None:
        return {}
    if not isinstance(within, Mapping):
        raise errors.within_unreadable(within)
    found = {}
    for name, ends in within.items():
        pair = isinstance(ends, (tuple, list)) and len(ends) == 2
        if not pair or not all(isinstance(end, Real) and isfinite(end) for end in ends):
            raise errors.within_unreadable(within)
        if not ends[0] <= ends[1]:
            raise errors.within_unreadable(within)
        found[str(name)] = (float(ends[0]), float(ends[1]))
    return found
