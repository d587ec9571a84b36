"""Standardised portfolios of dates: BMP and Patell across dates (D.16 b and c)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray, IntArray, Statistic
from eventstudy.blas import one_thread
from eventstudy.inference._answer import Question, ask
from eventstudy.inference._linear_rows import LinearRows, closed
from eventstudy.inference._sample import CHUNK, Sample, spread
from eventstudy.inference.clusters import lone_cluster, merged
from eventstudy.windows import WindowLike

#: what `Abnormal.memo` keeps the variances of the portfolios under
ESTIMATED = "date portfolios"


def dates_bmp(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the mean of the dates' standardised portfolios: T = √D·mean(S)/s(S) ~ t_{D−1}.

    S_d = P_d / √(σ_d²·Q_d) is the `portfolio_t` of date d: the mean CAR of its complete events
    over its forecast standard error. Valid whatever the correlation inside a date; compared
    with `dates_csect` it gives calm dates their weight, and it is robust to a variance on event
    days that grows alike on all dates.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    Statistic
        ``estimate`` is the mean S. ``n`` counts the events in the portfolios and ``n_dates``
        the dates that have one; dates whose windows overlap are one cluster, and S is then the
        mean over the cluster's dates.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Boehmer, Musumeci and Poulsen (1991), Journal of Financial Economics 30, on the event-date
    portfolios of Jaffe (1974), Journal of Business 47.

    Examples
    --------
    >>> from eventstudy.inference import dates_bmp
    >>> from eventstudy.inference._example import example
    >>> found = dates_bmp(example(dates=6), (-1, 1))
    >>> found.n, found.n_dates, found.df
    (48, 6, 5.0)
    """
    question = ask("dates_bmp", abnormal, window, alternative)
    if why := question.lacks() or unportfolioed(question.sample):
        return question.nothing(why)
    dates = portfolios(question.sample)
    s, d = dates.cluster_means(dates.scar), dates.n_clusters
    return dates.ratio(question, float(s.mean()), spread(s) / np.sqrt(d), "t", d - 1.0)


def dates_patell(
    abnormal: Abnormal, window: WindowLike, *, alternative: str = "two-sided"
) -> Statistic:
    """Test the sum of the dates' standardised portfolios: Z = ΣS / √(Σν/(ν−2)) ~ N(0, 1).

    S_d as in `dates_bmp`. It uses the variance of the estimation windows, so it needs no more
    than two dates, and is not robust to a larger variance on the event days. In a cluster of
    overlapping dates S is the mean over its dates and has the variance that it would have if
    they moved as one: the test is then cautious.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.

    Returns
    -------
    Statistic
        ``estimate`` is the mean S; ``n`` and ``n_dates`` as in `dates_bmp`.

    Raises
    ------
    OptionError
        If ``alternative`` is not known.

    References
    ----------
    Patell (1976), Journal of Accounting Research 14, on the event-date portfolios of Jaffe
    (1974), Journal of Business 47.

    Examples
    --------
    >>> from eventstudy.inference import dates_patell
    >>> from eventstudy.inference._example import example
    >>> dates_patell(example(dates=6), (-1, 1)).law
    'normal'
    """
    question = ask("dates_patell", abnormal, window, alternative)
    if why := question.lacks() or unportfolioed(question.sample):
        return question.nothing(why, "normal")
    dates = portfolios(question.sample)
    if (dates.dof <= 2).any():
        return question.nothing(
            "a date has only two degrees of freedom or fewer",
            "normal",
        )
    variance = dates.cluster_means(dates.dof / (dates.dof - 2.0))
    se = float(np.sqrt(variance.sum())) / dates.n_clusters
    mean = float(dates.cluster_means(dates.scar).mean())
    return dates.ratio(question, mean, se, "normal")


@dataclass(frozen=True, eq=False)
class Portfolios:
    """The portfolios of complete events, one a date that has any."""

    #: (D,) mean CAR over its forecast standard error, and degrees of freedom
    scar: FloatArray
    dof: FloatArray
    #: (D,) cluster of overlapping windows, counted from 0 without holes
    cluster: IntArray
    #: events they hold, dates of the sample
    held: int
    n_dates: int

    @property
    def n_clusters(self) -> int:
        """Number of clusters with a portfolio."""
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0

    def cluster_means(self, values: FloatArray) -> FloatArray:
        """Mean over the dates of each cluster."""
        total = np.bincount(self.cluster, weights=values)
        return np.asarray(total / np.bincount(self.cluster))

    def ratio(
        self, question: Question, estimate: float, se: float, law: str, df: float = np.nan
    ) -> Statistic:
        """Answer for the events and dates that the portfolios hold."""
        d, n = len(self.scar), question.sample.n
        notes = [merged(d, self.n_clusters)]
        if d < self.n_dates:
            notes.append(f"{d} of {self.n_dates} dates have a complete event")
        if self.held < n:
            notes.append(f"{self.held} of {n} events are complete")
        found = question.ratio(estimate, se, law, df, note="; ".join(filter(None, notes)))
        return replace(found, n=self.held, n_dates=d)


def unportfolioed(sample: Sample) -> str:
    """Why there are no portfolios of dates to compare; or nothing."""
    if not sample.abnormal.common_design:
        return "the model leaves the events no common design"
    if why := lone_cluster(sample):
        return why
    dates = portfolios(sample)
    if dates.n_clusters > 1:
        return ""
    return f"{len(dates.scar)} of {sample.n_dates} dates have a complete event"


def surely_portfolioed(sample: Sample) -> bool:
    """Whether two clusters have an event without any gap: known without the residuals."""
    if not sample.abnormal.common_design:
        return False
    return len(np.unique(sample.cluster[full_dates(sample)])) > 1


def full_dates(sample: Sample) -> BoolArray:
    """(D,) dates with an event that misses no day of either window."""

    def make() -> BoolArray:
        days = len(sample.abnormal.estimation)
        full = (sample.abnormal.n_obs[sample.index] == days) & _on_window(sample)
        order, begins = sample.by_date
        return np.logical_or.reduceat(full[order], begins[:-1])

    found: BoolArray = sample.abnormal.memo(("full dates", sample.window), make)
    return found


def portfolios(sample: Sample) -> Portfolios:
    """Make the portfolio of each date from its complete events (D.3, M.6)."""
    d = dated(sample)
    used = (d.held > 0) & (d.variance > (1e-12 * d.sigma) ** 2)
    _, cluster = np.unique(sample.cluster[used], return_inverse=True)
    return Portfolios(
        scar=d.car[used] / np.sqrt(d.variance[used] * d.q[used]),
        dof=d.dof[used],
        cluster=cluster,
        held=int(d.held[used].sum()),
        n_dates=sample.n_dates,
    )


@dataclass(frozen=True, eq=False)
class Dated:
    """Of each of D dates, the portfolio of its complete events; NaN where there are none."""

    #: (D,) events, their mean CAR, variance of a day, largest σ of an event
    held: FloatArray
    car: FloatArray
    variance: FloatArray
    sigma: FloatArray
    #: (D,) forecast-error factor and degrees of freedom, which complete events of a date share
    q: FloatArray
    dof: FloatArray


def dated(sample: Sample) -> Dated:
    """Sum the complete events of each date."""

    def make() -> Dated:
        whole, variance = _estimated(sample)
        order, begins = sample.by_date
        starts = begins[:-1]
        held = np.add.reduceat(whole[order].astype(float), starts)
        total = np.add.reduceat(np.where(whole, sample.car, 0.0)[order], starts)
        places = np.where(whole[order], np.arange(sample.n), sample.n)
        first = order[np.minimum(np.minimum.reduceat(places, starts), sample.n - 1)]
        some = held > 0
        return Dated(
            held=held,
            car=np.divide(total, held, out=np.full(len(held), np.nan), where=some),
            variance=variance,
            sigma=np.fmax.reduceat(np.where(whole, sample.sigma, 0.0)[order], starts),
            q=np.where(some, sample.q[first], np.nan),
            dof=np.where(some, sample.portfolio_dof[first], np.nan),
        )

    found: Dated = sample.abnormal.memo(("dated", sample.window), make)
    return found


def _on_window(sample: Sample) -> BoolArray:
    """(n,) events with a return on every day of W."""
    abnormal = sample.abnormal
    if abnormal.missing == "drop" and abnormal.bridged is None:  # those that miss one have no CAR
        return np.ones(sample.n, dtype=bool)
    return np.asarray(abnormal.counts(sample.window)[sample.index] == sample.length)


def _estimated(sample: Sample) -> tuple[BoolArray, FloatArray]:
    """(n,) complete events and (D,) variances of their portfolios, for all windows alike."""
    there = _on_window(sample)

    def make() -> tuple[BoolArray, FloatArray]:
        whole, variance = np.zeros(sample.n, dtype=bool), np.full(sample.n_dates, np.nan)
        order, begins = sample.by_date
        linear = closed(sample.abnormal)
        full = sample.abnormal.n_obs[sample.index] == len(sample.abnormal.estimation)
        with one_thread():
            for run in _runs(begins):
                some = order[begins[run.start] : begins[run.stop]]
                starts = begins[run] - begins[run.start]
                # where all events of the dates are complete, nothing has to be compared
                measure = _linear_variances if linear and full[some].all() else _variances
                whole[some], variance[run] = measure(sample, some, starts, there[some])
        return whole, variance

    key = (ESTIMATED, sample.key, np.packbits(there).tobytes())
    made: tuple[BoolArray, FloatArray] = sample.abnormal.memo(key, make)
    return made


def _runs(begins: IntArray) -> Iterator[slice]:
    """Successive dates with a bounded number of events (more only if one date has more)."""
    first, last = 0, len(begins) - 1
    while first < last:
        stop = int(np.searchsorted(begins, begins[first] + CHUNK, side="right")) - 1
        stop = max(stop, first + 1)
        yield slice(first, stop)
        first = stop


def _variances(
    sample: Sample, some: IntArray, starts: IntArray, there: BoolArray
) -> tuple[BoolArray, FloatArray]:
    """Complete events among ``some``, dates beginning at ``starts``, and σ² of each date."""
    e = sample.residuals(some)
    found = np.isfinite(e)
    days = np.logical_or.reduceat(found, starts, axis=0)
    date = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(some))))
    whole = (found == days[date]).all(axis=1) & there
    held = np.add.reduceat(whole.astype(float), starts)
    total = np.add.reduceat(np.where(found & whole[:, None], e, 0.0), starts, axis=0)
    series = np.where(days, total / np.maximum(held, 1.0)[:, None], np.nan)
    dof = np.maximum.reduceat(np.where(whole, sample.portfolio_dof[some], 0.0), starts)
    return whole, variances(sample.abnormal, series, dof)


def variances(abnormal: Abnormal, series: FloatArray, dof: FloatArray) -> FloatArray:
    """(D,) variances σ² of the (D, L1) series of portfolios, NaN where there is no day."""
    found = np.isfinite(series)
    series = np.where(found, series, 0.0)
    if abnormal.params.shape[1] == 0:  # about the mean where nothing is estimated (M.10)
        mean = series.sum(axis=1) / np.maximum(found.sum(axis=1), 1)
        series = np.where(found, series - mean[:, None], 0.0)
    squares = np.einsum("dt,dt->d", series, series)
    return np.asarray(np.divide(squares, dof, out=np.full(len(dof), np.nan), where=dof > 0))


def _linear_variances(
    sample: Sample, some: IntArray, starts: IntArray, there: BoolArray
) -> tuple[BoolArray, FloatArray]:
    """The same of events that miss no estimation day, from the sums of their returns."""
    rows = LinearRows.of(sample, some)
    held = np.add.reduceat(there.astype(float), starts)
    total = rows.weighted([there[None].astype(float)])[0][0]
    series = total / np.maximum(held, 1.0)[:, None]
    dof = np.maximum.reduceat(np.where(there, sample.portfolio_dof[some], 0.0), starts)
    squares = np.einsum("dt,dt->d", series, series)
    return there, np.divide(squares, dof, out=np.full(len(dof), np.nan), where=dof > 0)
