"""Figures of a daily profit and of trades: Sharpe ratio and its error, drawdown, hit rate, exit.

Profits are added, not compounded, since the notional never changes: a mean is arithmetic and the
equity a running sum. The notional that everything is a fraction of falls out of every ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.backtest.booking import YEAR

#: a spread of the daily profit below this share of its largest value is rounding
ROUNDING = 1e-12
#: of a session's dollar volume, the part that one seller can have; sessions it is measured over,
#: and how many of them must have a volume
PARTICIPATION, BEFORE, ENOUGH_VOLUME = 0.1, 20, 10

NAN = float("nan")


def sharpe_ratio(net: FloatArray) -> FloatArray:
    """Annualised Sharpe ratio √252 · mean / standard deviation (n − 1) of daily profits.

    Parameters
    ----------
    net : (..., T) array
        Daily net profits, sessions without a position included: they are part of the record.

    Returns
    -------
    (...) array
        NaN where the profit does not vary.

    References
    ----------
    Sharpe (1994), Journal of Portfolio Management 21.

    Examples
    --------
    >>> float(sharpe_ratio(np.array([0.01, 0.0, 0.02, 0.01]))).__round__(2)
    19.44
    """
    sessions = net.shape[-1]
    if sessions < 2:
        return np.full(net.shape[:-1], NAN)
    spread, varies = _spread(net)
    daily = np.divide(net.mean(axis=-1), spread, out=np.full(spread.shape, NAN), where=varies)
    return np.asarray(math.sqrt(YEAR) * daily)


def _spread(net: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Standard deviations (n − 1), and where they are more than rounding."""
    spread = np.asarray(net.std(axis=-1, ddof=1))
    return spread, np.asarray(spread > ROUNDING * np.abs(net).max(axis=-1))


@dataclass(frozen=True)
class Sharpe:
    """The Sharpe ratio of T daily profits and its standard error, annualised.

    With SR the ratio of a session, γ₃ the skewness and γ₄ the kurtosis of the daily profit,

        se² = (1 − γ₃ SR + (γ₄ − 1)/4 · SR²) / (T − 1).

    It holds for sessions that are independent of each other; what trades of one date have in
    common is in the profit of its sessions already.

    References
    ----------
    Mertens (2002), working paper, University of Basel; Lo (2002), Financial Analysts Journal 58;
    Opdyke (2007), Journal of Asset Management 8.

    Examples
    --------
    >>> found = Sharpe.of(np.tile([0.02, -0.01], 126))
    >>> round(found.ratio, 2), round(found.se, 2)
    (5.28, 1.0)
    """

    ratio: float
    se: float
    sessions: int
    #: of the daily profit; γ₃ and γ₄ − 3
    skewness: float
    excess_kurtosis: float

    @classmethod
    def of(cls, net: FloatArray) -> Sharpe:
        """Measure (T,) daily profits; all is NaN where they do not vary."""
        sessions, ratio = len(net), float(sharpe_ratio(net))
        if math.isnan(ratio):
            return cls(NAN, NAN, sessions, NAN, NAN)
        z = (net - net.mean()) / net.std()
        skewness, kurtosis = float(np.mean(z**3)), float(np.mean(z**4))
        se = math.sqrt(YEAR) * error(ratio / math.sqrt(YEAR), skewness, kurtosis, sessions)
        return cls(ratio, se, sessions, skewness, kurtosis - 3.0)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval, normal."""
        reach = float(ndtri(0.975)) * self.se
        return self.ratio - reach, self.ratio + reach

    def probability(self, benchmark: float = 0.0) -> float:
        """Probabilistic Sharpe ratio: Φ((SR − benchmark) / se).

        The probability, given the length and the tails of the record, that the true ratio lies
        above ``benchmark`` (annualised).

        References
        ----------
        Bailey and López de Prado (2012), Journal of Risk 15.
        """
        return float(ndtr((self.ratio - benchmark) / self.se)) if self.se > 0.0 else NAN

    def deflated(self, tried: int, spread: float | None = None) -> float:
        """Deflated Sharpe ratio: the probability that it beats the best of ``tried`` lucky rules.

        The benchmark is `expected_best`; ``spread`` is the standard deviation of the annualised
        Sharpe ratios of the rules that were tried. Where it is not known the rules count as
        independent and worthless, with a spread of √(252/(T − 1)).

        References
        ----------
        Bailey and López de Prado (2014), Journal of Portfolio Management 40.
        """
        return self.probability(self.hurdle(tried, spread))

    def hurdle(self, tried: int, spread: float | None = None) -> float:
        """Sharpe ratio that the best of ``tried`` rules without merit has on average."""
        if spread is None:
            spread = math.sqrt(YEAR / (self.sessions - 1)) if self.sessions > 1 else NAN
        return expected_best(tried) * spread


def error(daily: float, skewness: float, kurtosis: float, sessions: int) -> float:
    """Standard error of the Sharpe ratio of a session, see `Sharpe`.

    >>> round(error(0.1, 0.0, 3.0, 101), 6)  # normal: √((1 + SR²/2)/(T − 1))
    0.10025
    """
    wide = 1.0 - skewness * daily + (kurtosis - 1.0) / 4.0 * daily**2
    # γ₄ ≥ 1 + γ₃² leaves (1 − γ₃ SR/2)² at least: what lies below zero is rounding
    return math.sqrt(max(wide, 0.0) / (sessions - 1))


def expected_best(tried: int) -> float:
    """Expected maximum of ``tried`` independent standard normal numbers.

    (1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e)), γ = 0.5772 Euler's constant; 0 for one.

    Examples
    --------
    >>> round(expected_best(1), 2), round(expected_best(1000), 2)
    (0.0, 3.26)
    """
    if tried < 2:
        return 0.0
    first, second = ndtri(1.0 - 1.0 / tried), ndtri(1.0 - 1.0 / (tried * math.e))
    return float((1.0 - np.euler_gamma) * first + np.euler_gamma * second)


@dataclass(frozen=True)
class Drawdown:
    """The deepest fall of an additive equity below its highest value so far, and its sessions."""

    #: in the unit of the profits; 0 where the equity never fell
    depth: float
    #: positions of the session of the peak, of the low, and of the first at the peak again; −1
    #: where there is none
    peak: int
    low: int
    recovered: int
    #: sessions after the peak up to the recovery, or to the end
    sessions: int

    @classmethod
    def of(cls, net: FloatArray) -> Drawdown:
        """Find it in (T,) daily profits; the equity before the first session counts as well.

        >>> Drawdown.of(np.array([0.25, -0.5, 0.25, 0.5]))
        Drawdown(depth=0.5, peak=0, low=1, recovered=3, sessions=3)
        """
        below = underwater(net)
        low = int(below.argmin()) if len(net) else 0
        if not len(net) or below[low] == 0.0:
            return cls(0.0, -1, -1, -1, 0)
        at_top = np.flatnonzero(below[:low] == 0.0)
        peak = int(at_top[-1]) if len(at_top) else -1
        again = np.flatnonzero(below[low:] == 0.0)
        recovered = low + int(again[0]) if len(again) else -1
        end = recovered if len(again) else len(net) - 1
        # a fall from the start on has its peak at the entry, on the first session
        return cls(float(-below[low]), max(peak, 0), low, recovered, end - peak)


def underwater(net: FloatArray) -> FloatArray:
    """(T,) how far the equity lies below its highest value so far, zero or negative.

    Differences that running sums make out of nothing are none.
    """
    equity = np.cumsum(net)
    below = equity - np.maximum(np.maximum.accumulate(equity), 0.0) if len(net) else equity
    scale = ROUNDING * max(1.0, float(np.abs(equity).max(initial=0.0)))
    return np.asarray(np.where(below > -scale, 0.0, below))


def wilson(share: float, n: float) -> tuple[float, float]:
    """95 % interval of a share of ``n`` independent cases, which need be no whole number.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22.

    Examples
    --------
    >>> [round(x, 3) for x in wilson(0.5, 10)]
    [0.237, 0.763]
    """
    if not n > 0:
        return NAN, NAN
    z = float(ndtri(0.975))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def profit_factor(net: FloatArray) -> float:
    """Sum of the gains over the sum of the losses; NaN without a loss."""
    losses = -float(net[net < 0].sum())
    return float(net[net > 0].sum()) / losses if losses > 0.0 else NAN


def share_of_best(net: FloatArray, best: int = 3) -> float:
    """Part of the total that the ``best`` trades earned; NaN unless there is a profit to share.

    Above 1 where all others together lost.
    """
    total = float(net.sum())
    least = ROUNDING * float(np.abs(net).sum())
    return float(np.sort(net)[-best:].sum()) / total if total > least else NAN


def days_to_exit(dollars: FloatArray, volume: FloatArray) -> FloatArray:
    """(n,) sessions that it takes to sell a position at a tenth of the volume.

    Parameters
    ----------
    dollars : (n,) array
        Size of each position.
    volume : (n, 20) array
        Dollar volume of the sessions before the entry, NaN where missing; their median counts,
        and there must be ten.

    Returns
    -------
    (n,) array
        NaN where the volume is not known, infinite where nothing is traded.
    """
    known = np.isfinite(volume).sum(axis=1) >= ENOUGH_VOLUME
    usual = np.full(len(dollars), NAN)
    if known.any():
        usual[known] = np.nanmedian(np.where(np.isfinite(volume), volume, NAN)[known], axis=1)
    found = np.full(len(dollars), NAN)
    np.divide(dollars, PARTICIPATION * usual, out=found, where=usual > 0.0)
    found[usual == 0.0] = np.inf
    return found
