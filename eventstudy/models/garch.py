"""The market model with a variance that changes from day to day: GARCH(1, 1), EGARCH(1, 1)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from eventstudy import errors
from eventstudy.arrays import Block, BoolArray, Fit, FloatArray, IntArray
from eventstudy.models.conditional import PROCESSES, Process, followed, states
from eventstudy.models.quasi_likelihood import Estimate, estimate, maximiser
from eventstudy.one_line import call

#: the options, and what is said of single events
VARIANCES = ("garch", "egarch")
HORIZONS = ("forecast", "filter")
FALLBACK = "the {} did not converge, so least squares with a constant variance was used"
#: event days whose variance is this many times σ² are spoken of
EXTREME = 100.0
WILD = "the {} expects more than {:.0f} times the usual variance of an event day"


@dataclass(frozen=True)
class GarchMarketModel:
    """The market model with a conditional variance: R = α + β·Rm + ε, ε | past ~ N(0, h).

    ``"garch"``: h_t = ω + aε²_{t−1} + bh_{t−1}, ω > 0, a, b ≥ 0, a + b ≤ 0.9999.
    ``"egarch"``: ln h_t = ω + a(|z_{t−1}| − √(2/π)) + γz_{t−1} + b ln h_{t−1} with z = ε/√h,
    0 ≤ a ≤ 1, |γ| ≤ 1, 0 ≤ b ≤ 0.9999.

    All parameters maximise the Gaussian likelihood of the valid estimation days jointly; the
    recursion passes over missing days and starts from the mean squared residual of least
    squares. AR = R − α̂ − β̂·Rm, SAR = AR/√h, Var(CAR) = Σ h. σ̂² = Σe²/(M − p) stays the
    average; `Fit.variance` is h/σ̂². Where the likelihood finds no maximum, the event gets
    least squares and a constant variance, and the result says so. Needs the package ``arch``
    (``pip install arch``) and about 10 milliseconds an event: each one is
    an optimisation of its own.

    Parameters
    ----------
    market : str
        Name of the market; "market" is the market of the panel.
    variance : {"garch", "egarch"}
        How the variance moves.
    horizon : {"forecast", "filter"}
        Variance of the event days: what was expected of them on the last estimation day, with
        every trading day since counted, the gap included; or the recursion continued with the
        abnormal returns up to the day before.
    fec : bool
        Whether the variance of a CAR counts the error of α̂ and β̂, from the inverse Hessian of
        the likelihood.
    factors : tuple of str
        Further factors beside the market.

    References
    ----------
    Bollerslev (1986), Journal of Econometrics 31; Nelson (1991), Econometrica 59; Savickas
    (2003), Journal of Financial Research 26.

    Examples
    --------
    >>> GarchMarketModel(factors=("IBIT",)).needs
    ('market', 'IBIT')
    """

    market: str = "market"
    variance: str = "garch"
    horizon: str = "forecast"
    fec: bool = False
    factors: tuple[str, ...] = ()

    __repr__ = call

    def __post_init__(self) -> None:
        for option, known in (("variance", VARIANCES), ("horizon", HORIZONS)):
            if getattr(self, option) not in known:
                raise errors.unknown_option(option, getattr(self, option), known)
        names = (self.factors,) if isinstance(self.factors, str) else tuple(self.factors)
        if len({self.market, *names}) < 1 + len(names):
            raise errors.factor_twice((self.market, *names), type(self).__name__)
        object.__setattr__(self, "factors", names)

    @property
    def needs(self) -> tuple[str, ...]:
        """The market and the other factors."""
        return (self.market, *self.factors)

    @property
    def n_params(self) -> int:
        """Mean and variance parameters: all are estimated from the same days."""
        return 1 + len(self.needs) + len(PROCESSES[self.variance].names)

    def fit(self, block: Block) -> Fit:
        """Maximise the likelihood of each event on its valid estimation days."""
        process = PROCESSES[self.variance]
        x, known = _design(block), _known(block)
        found = _estimates(block.returns, x, known, self)
        mean = np.stack([one.mean for one in found])
        expected = np.einsum("nlp,np->nl", x, mean)
        gap = block.returns - expected
        h = _event_variance(process, block, found, gap, self.horizon)
        dof = known.sum(axis=1) - x.shape[2]
        squares = np.where(known, gap, 0.0) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            sigma = np.sqrt(squares.sum(axis=1) / np.where(dof > 0, dof, np.nan))
            ratio = h / sigma[:, None] ** 2
        return Fit(
            residuals=np.where(known, gap, np.nan)[:, block.estimation],
            abnormal=gap[:, block.event],
            expected=expected[:, block.event],
            params=np.concatenate([mean, [one.variance for one in found]], axis=1),
            names=("alpha", *block.names, *process.names),
            sigma=sigma,
            dof=dof.astype(float),
            root=_root(x[:, block.event], found) if self.fec else np.zeros((h.shape[1], 0)),
            variance=ratio,
            common=False,
            flags=_flags(found, ratio, self.variance.upper()),
        )


def _design(block: Block) -> FloatArray:
    """(n, L, p) rows of the regression: 1 and the factors."""
    shape = (*block.returns.shape, block.factors.shape[-1])
    factors = np.broadcast_to(block.factors, shape)
    return np.concatenate([np.ones((*shape[:2], 1)), factors], axis=2)


def _known(block: Block) -> BoolArray:
    """(n, L) valid days of the estimation."""
    known = np.zeros(block.returns.shape, dtype=bool)
    known[:, block.estimation] = block.valid[:, block.estimation]
    return known


def _estimates(
    returns: FloatArray, x: FloatArray, known: BoolArray, model: GarchMarketModel
) -> list[Estimate]:
    """One optimisation an event: the only loop over events, since they share no arithmetic."""
    process, maximise = PROCESSES[model.variance], maximiser(model.variance)
    with warnings.catch_warnings():  # arch warns of single events, and sets filters itself
        warnings.simplefilter("ignore")
        return [
            estimate(returns[i, days], x[i, days], process, maximise, fec=model.fec)
            for i, days in enumerate(known)
        ]


def _event_variance(
    process: Process, block: Block, found: list[Estimate], gap: FloatArray, horizon: str
) -> FloatArray:
    """(n, L2) variance of the event days, seen from the last estimation day before them."""
    parameters = np.stack([one.variance for one in found])
    level = np.array([one.level for one in found])
    known, first = _known(block), block.event.start
    state, begin = _last_state(states(process, parameters, gap, known, level), known, first)
    if horizon == "filter":
        path = followed(process, parameters, gap, state, begin)[:, block.event]
        return process.variance(path)
    ahead = np.arange(first, block.event.stop) - begin[:, None] + 1
    return process.forecast(parameters, state, ahead)


def _last_state(path: FloatArray, known: BoolArray, first: int) -> tuple[FloatArray, IntArray]:
    """State of the day after the last known one before column ``first``, and its column.

    Without such a day (the whole estimation lies after the event): the start, at ``first``.
    """
    before = known[:, :first]
    past = first - np.argmax(before[:, ::-1], axis=1) if first else np.zeros(len(path), dtype=int)
    begin = np.where(before.any(axis=1), past, first).astype(np.int64)
    return path[np.arange(len(path)), begin], begin


def _root(x: FloatArray, found: list[Estimate]) -> FloatArray:
    """(n, L2, p) event rows times the spread of the mean parameters."""
    return np.asarray(np.matmul(x, np.stack([one.spread for one in found])))


def _flags(found: list[Estimate], ratio: FloatArray, name: str) -> tuple[str, ...]:
    """What is to be said of each event."""
    wild = np.any(ratio > EXTREME, axis=1).tolist()
    return tuple(
        FALLBACK.format(name) if not one.arrived else WILD.format(name, EXTREME) if far else ""
        for one, far in zip(found, wild, strict=True)
    )
