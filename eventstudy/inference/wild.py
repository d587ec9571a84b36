"""The wild bootstrap: random signs for events or for dates (D.15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference._answer import NO_DEVIATION, ZERO, Question, ask
from eventstudy.inference._laws import check
from eventstudy.inference._resampling import DRAWS, SEED, Rng, batches, check_draws, generator
from eventstudy.inference._sample import spread
from eventstudy.inference.clusters import cluster_means, lone_cluster, merged
from eventstudy.windows import WindowLike

#: weights of mean 0 and variance 1, all equally likely; 1, which changes nothing, comes first
WEIGHTS = {
    "rademacher": np.array([1.0, -1.0]),
    "webb": np.array([1.0, -1.0, 1.5**0.5, -(1.5**0.5), 0.5**0.5, -(0.5**0.5)]),
}
#: scores lie between −1 and 1; one this close to the sample's own is equal to it
TIE = 1e-12


def wild_events(  # noqa: PLR0913  (each is an option of its own in D.15)
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    statistic: str = "csect",
    weights: str = "rademacher",
    draws: int = DRAWS,
    rng: Rng = SEED,
    batch: int | None = None,
) -> Statistic:
    """Compare T with T of randomly signed events, CAR*_i = w_i·CAR_i: p = (1+#{|T*| ≥ |T|})/(n+1).

    No law is assumed but that CARs are symmetric about zero. Signs that are drawn for each
    event take events as independent: with shared dates it rejects as often as `csect_t` does.
    With few events all patterns of signs are counted instead, and p is their exact share.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    statistic : {"csect", "bmp"}
        T of `csect_t` on CARs, or of `bmp` on SCARs.
    weights : {"rademacher", "webb"}
        w = ±1, or the six points ±√1.5, ±1, ±√0.5, which tell more patterns apart.
    draws : int
        Random patterns; where all of them are no more than ``draws + 1``, they are counted.
    rng : int or Generator
        Seed.
    batch : int, optional
        Patterns held at a time; changes nothing but memory.

    Returns
    -------
    Statistic
        ``statistic`` is T, ``estimate`` the mean CAR (SCAR with ``"bmp"``).

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Wu (1986), Annals of Statistics 14; weights of Webb (2023), Canadian Journal of Economics 56.

    Examples
    --------
    >>> from eventstudy.inference import wild_events
    >>> from eventstudy.inference._example import example
    >>> found = wild_events(example(), (0, 0))
    >>> found.note, (found.pvalue * 256).is_integer()
    ('all 256 patterns of weights', True)
    """
    question = ask("wild_events", abnormal, window, alternative)
    check("statistic", statistic, ("csect", "bmp"))
    patterns = Patterns.of(weights, draws, rng, batch)
    s = question.sample
    if why := question.lacks(2):
        return question.nothing(why, "bootstrap")
    x = s.car if statistic == "csect" else s.scar
    # in an order of their own, so that the order of the events does not change the draws
    x = x[np.lexsort((x, abnormal.firm[s.index], s.rows))]
    return _compare(question, x, patterns, "")


def wild_dates(
    abnormal: Abnormal,
    window: WindowLike,
    *,
    alternative: str = "two-sided",
    weights: str = "rademacher",
    draws: int = DRAWS,
    rng: Rng = SEED,
    batch: int | None = None,
) -> Statistic:
    """Compare the T of `dates_csect` with T of randomly signed dates: p = (1+#{|T*| ≥ |T|})/(n+1).

    One sign a date, so whatever correlation there is inside a date stays. Dates whose windows
    overlap are one cluster with one sign. With D clusters no two-sided p lies below 2/2^D: five
    dates or fewer never reject at 5 %. With few dates all patterns are counted.

    Parameters
    ----------
    abnormal : Abnormal
        Abnormal returns of the events.
    window : window
        W, in trading days around day 0.
    alternative : {"two-sided", "greater", "less"}
        The alternative hypothesis.
    weights : {"rademacher", "webb"}
        ±1, or the six points ±√1.5, ±1, ±√0.5, which tell more patterns apart: for fewer than
        12 dates.
    draws : int
        Random patterns; where all of them are no more than ``draws + 1``, they are counted.
    rng : int or Generator
        Seed.
    batch : int, optional
        Patterns held at a time; changes nothing but memory.

    Returns
    -------
    Statistic
        ``statistic`` and ``estimate`` are those of `dates_csect`.

    Raises
    ------
    OptionError
        If an option is not known.

    References
    ----------
    Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90; weights of Webb
    (2023), Canadian Journal of Economics 56.

    Examples
    --------
    >>> from eventstudy.inference import wild_dates
    >>> from eventstudy.inference._example import example
    >>> wild_dates(example(dates=4), (0, 0)).note
    'all 16 patterns of weights; no two-sided p below 0.125'
    """
    question = ask("wild_dates", abnormal, window, alternative)
    patterns = Patterns.of(weights, draws, rng, batch)
    s = question.sample
    if why := question.lacks() or lone_cluster(s):
        return question.nothing(why, "bootstrap")
    return _compare(question, cluster_means(s), patterns, merged(s.n_dates, s.n_components))


@dataclass(frozen=True)
class Patterns:
    """Which weights are put on n values: all patterns of them, or random ones."""

    points: FloatArray
    draws: int
    rng: np.random.Generator
    batch: int | None

    @classmethod
    def of(cls, weights: str, draws: int, rng: Rng, batch: int | None) -> Patterns:
        """Check the options."""
        check("weights", weights, tuple(WEIGHTS))
        return cls(WEIGHTS[weights], check_draws(draws), generator(rng), batch)

    def complete(self, n: int) -> bool:
        """Whether there are no more patterns than draws and the sample."""
        return bool(len(self.points) ** n <= self.draws + 1)

    def __call__(self, n: int) -> Iterator[FloatArray]:
        """(patterns, n) weights, a batch at a time."""
        k = len(self.points)
        size = k**n if self.complete(n) else self.draws
        for some in batches(size, self.batch, each=2 * n):
            if self.complete(n):
                picked = np.arange(some.start, some.stop)[:, None] // k ** np.arange(n) % k
            else:
                picked = self.rng.integers(0, k, (some.stop - some.start, n))
            yield self.points[picked]


def _compare(question: Question, x: FloatArray, patterns: Patterns, note: str) -> Statistic:
    """T of the mean of ``x``, and how many T of weighted ``x`` are at least as extreme."""
    n, k, side = len(x), len(patterns.points), question.alternative
    mean, se = float(x.mean()), spread(x) / np.sqrt(n)
    if not np.isfinite(mean):
        return question.nothing(NO_DEVIATION, "bootstrap")
    if se == 0:
        return question.nothing(ZERO, "bootstrap")
    x = x / np.abs(x).max()
    bound, count = _score(np.ones((1, n)), x, side)[0] - TIE, 0
    for weights in patterns(n):
        count += int(np.count_nonzero(_score(weights, x, side) >= bound))
    if patterns.complete(n):
        p, said = count / k**n, [f"all {k**n} patterns of weights", note, smallest(k**n, side)]
    else:
        p = (1 + count) / (1 + patterns.draws)
        said = [f"{patterns.draws} random patterns of weights", note]
    told = "; ".join(filter(None, said))
    return question.score(mean, mean / se, "bootstrap", p, se=se, note=told)


def _score(weights: FloatArray, x: FloatArray, alternative: str) -> FloatArray:
    """Σwx/√(NΣ(wx)²), which grows with T = √N·mean/s of wx; its extremity by ``alternative``."""
    size = np.sqrt((weights**2) @ (x**2) * len(x))
    score = (weights @ x) / size
    if alternative == "two-sided":
        return np.asarray(np.abs(score))
    return np.asarray(score if alternative == "greater" else -score)


def smallest(patterns: int, alternative: str) -> str:
    """Say how small p can get, where that is not below 1 %."""
    two = alternative == "two-sided"
    least = (1 + two) / patterns
    return f"no {'two' if two else 'one'}-sided p below {least:.3g}" if least > 0.01 else ""
