"""The arrays that flow from one stage to the next. No tables here.

Letters used in shapes, everywhere in the package:

==  =================================================================
S   securities of the panel
T   trading sessions of the panel
N   events (a firm on a date), the cross-sectional unit
n   events of one block (one date)
L1  days of the estimation window
L2  days of the event window
L   days from the first estimation day to the last event day, gap included
K   factors of the model
p   estimated mean parameters, the intercept included
==  =================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from mmap import mmap
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from eventstudy import errors
from eventstudy.one_line import about, many, shapes, short
from eventstudy.windows import Window

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
DateArray: TypeAlias = npt.NDArray[np.datetime64]


class Reason(StrEnum):
    """Why an event is not in the study: a closed list."""

    UNKNOWN_TICKER = "unknown_ticker"
    NOT_TRADING_DAY = "not_trading_day"
    SHIFT = "shift"
    BEFORE_DATA = "before_data"
    AFTER_DATA = "after_data"
    NO_EVENT_DATA = "no_event_data"
    MISSING_IN_WINDOW = "missing_in_window"
    MIN_EST = "min_est"
    NOT_OWN_PRICE = "not_own_price"
    ZERO_VARIANCE = "zero_variance"
    COLLINEAR = "collinear"
    DUPLICATE = "duplicate"
    FACTOR_MISSING = "factor_missing"

    @property
    def code(self) -> int:
        """1, 2, …: how arrays of events carry the reason; 0 means kept."""
        return _CODES[self]


_CODES = {reason: code for code, reason in enumerate(Reason, start=1)}
KEPT = 0


@dataclass(frozen=True)
class Mapped:
    """Where an array lies in a file."""

    path: str
    dtype: str
    offset: int
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: npt.NDArray[Any]) -> Mapped:
        """Say where an array lies that was opened with `numpy.memmap` or `numpy.load`."""
        assert isinstance(array, np.memmap)  # noqa: S101  (what `Inputs.mapped` says)
        return cls(str(array.filename), array.dtype.str, int(array.offset), array.shape)

    def open(self) -> np.memmap[Any, Any]:
        """Open it, read-only; nothing is read before it is used."""
        try:
            return np.memmap(self.path, self.dtype, "r", self.offset, self.shape)
        except (OSError, ValueError):
            raise errors.file_not_here(self.path) from None


Number = TypeVar("Number", bound=np.generic)


def excerpt(
    series: npt.NDArray[Number], firms: IntArray | None, days: slice
) -> npt.NDArray[Number]:
    """Only these rows (None: all) and columns of an (S, T) array."""
    return np.asarray(series[:, days] if firms is None else series[firms, days])


@dataclass(frozen=True)
class Inputs:
    """What happened, as the engine sees it: returns and the series a model asked for."""

    #: (S, T) returns, NaN where missing, C-order
    returns: FloatArray
    #: (T, K) the factors that the model needs, in its order, NaN where missing
    factors: FloatArray
    #: K names
    names: tuple[str, ...]
    #: (T,) risk-free rate, NaN where missing; None if the panel has none
    risk_free: FloatArray | None = None
    #: (S, T) days that no estimation may use (windows of the firm's other events), or None
    excluded: BoolArray | None = None
    #: "simple" or "log"
    kind: str = "simple"
    #: factors that differ by firm: column of ``factors`` → (S, T) series of each security
    own: Mapping[int, FloatArray] = field(default_factory=dict)

    __repr__ = shapes

    @property
    def mapped(self) -> bool:
        """Whether the returns are a whole array of a file."""
        return isinstance(self.returns, np.memmap) and isinstance(self.returns.base, mmap)

    def part(self, firms: IntArray | None, days: slice) -> Inputs:
        """Only these securities (None: all) and days of the calendar.

        Returns that are a file stay whole, so that their address travels: `excerpt` takes the part
        out of them where it is used.
        """
        return replace(
            self,
            returns=self.returns if self.mapped else excerpt(self.returns, firms, days),
            factors=self.factors[days],
            risk_free=None if self.risk_free is None else self.risk_free[days],
            excluded=None if self.excluded is None else excerpt(self.excluded, firms, days),
            own={k: excerpt(series, firms, days) for k, series in self.own.items()},
        )

    def __getstate__(self) -> dict[str, Any]:
        """A panel that is a file travels as its address: whoever gets it opens the file."""
        state = dict(vars(self))
        if self.mapped:
            state["returns"] = Mapped.of(self.returns)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["returns"], Mapped):
            state["returns"] = state["returns"].open()
        self.__dict__.update(state)


@dataclass(frozen=True)
class Placement:
    """Where each kept event lies in the panel."""

    #: (N,) row of the security in ``Inputs.returns``
    firm: IntArray
    #: (N,) column of day 0
    row: IntArray
    #: (N,) position in the events table
    event: IntArray

    __repr__ = shapes


@dataclass(frozen=True)
class Losses:
    """Which events could not be used, and why."""

    #: (N,) 0 = kept, else `Reason.code`; (N,) valid estimation days of those that were lost
    reason: IntArray
    n_obs: IntArray
    #: the number of valid estimation days that was needed
    min_obs: int

    __repr__ = shapes


@dataclass(frozen=True)
class Block:
    """All events of one date: what a model sees.

    Columns run from the first estimation day to the last day of the event window, the gap
    included (with several estimation intervals: over all of them). An estimation may read
    ``estimation`` columns only; ``valid`` says which of them hold a return and every factor.

    Examples
    --------
    A model is handed one; here two firms, four estimation days and two event days:

    >>> returns = np.array([[0.01, np.nan, 0.02, 0.0, 0.1, 0.0], [0.01, 0.02, 0.0, 0.01, 0.0, 0.0]])
    >>> market = np.array([[0.01], [0.02], [0.0], [0.01], [0.0], [0.01]])
    >>> block = Block(returns, market, ("market",), np.arange(6), slice(0, 4), slice(4, 6))
    >>> block.valid[:, block.estimation].sum(axis=1).tolist(), block.shifted(0).shape
    ([3, 4], (6, 1))
    """

    #: (n, L) returns, NaN where missing
    returns: FloatArray
    #: (L, K) factors of the date, or (n, L, K) where they differ by firm
    factors: FloatArray
    #: K names
    names: tuple[str, ...]
    #: (L,) calendar rows; negative before the data
    rows: IntArray
    #: columns of the estimation window and of the event window
    estimation: slice
    event: slice
    #: (L,) risk-free rate, or None
    risk_free: FloatArray | None = None
    #: (n, L) days no estimation may use, or None
    excluded: BoolArray | None = None
    #: the factors with ``leads`` more days on either side, for a model that asks for them
    around: FloatArray | None = None

    __repr__ = shapes

    def shifted(self, days: int) -> FloatArray:
        """(L, K) or (n, L, K) factors of ``days`` sessions later (negative: earlier).

        NaN outside the data; no further than the ``leads`` of the model.

        Parameters
        ----------
        days : int
            How many sessions later.
        """
        if self.around is None:
            return self.factors if days == 0 else np.full_like(self.factors, np.nan)
        length = self.factors.shape[-2]
        margin = (self.around.shape[-2] - length) // 2
        return self.around[..., margin + days : margin + days + length, :]

    @property
    def valid(self) -> BoolArray:
        """(n, L) days with a return, all factors, and not excluded from estimations."""
        factors = np.isfinite(self.factors).all(axis=-1)
        found = np.isfinite(self.returns) & factors
        return found if self.excluded is None else found & ~self.excluded


@dataclass(frozen=True)
class Fit:
    """What a model expected of one block, and how far off it was.

    Examples
    --------
    `Fit.of` makes one of what is expected on every day of a block; σ, the residuals and the
    abnormal returns follow:

    >>> returns = np.array([[0.01, 0.03, 0.02, 0.02, 0.0, 0.05]])
    >>> block = Block(returns, np.empty((6, 0)), (), np.arange(6), slice(0, 4), slice(4, 6))
    >>> mean = returns[:, block.estimation].mean(axis=1, keepdims=True)
    >>> fit = Fit.of(block, mean + np.zeros_like(returns), params=mean, names=("alpha",))
    >>> fit.abnormal.round(3).tolist(), fit.sigma.round(4).tolist()
    ([[-0.02, 0.03]], [0.0082])
    """

    #: (n, L1) actual − expected in the estimation window, NaN where not valid
    residuals: FloatArray
    #: (n, L2) actual − expected in the event window, NaN where missing
    abnormal: FloatArray
    #: (n, L2) expected return; a known path even where the actual return is missing
    expected: FloatArray
    #: (n, p) estimated parameters and their p names
    params: FloatArray
    names: tuple[str, ...]
    #: (n,) residual standard deviation and its degrees of freedom
    sigma: FloatArray
    dof: FloatArray
    #: (L2, p) or (n, L2, p): x R⁻¹ of the QR of the estimation rows, so that
    #: Var(CAR over W) = σ²(|W| + ‖Σ_{t∈W} root_t‖²); (L2, 0) where nothing is estimated
    root: FloatArray
    #: (n, L2) variance of each event day against σ², where a model forecasts it: Σ_W of it then
    #: takes the place of |W|
    variance: FloatArray | None = None
    #: (n, L2) abnormal returns of several sessions, on the one that ends them, and how many they
    #: cover (NaN elsewhere): only a window that holds all these sessions counts them
    bridged: FloatArray | None = None
    covers: FloatArray | None = None
    #: whether one regression on a common design serves all complete firms of the date, so that
    #: it also is the regression of their portfolio
    common: bool = True
    #: n remarks on single events ("" = none), or None; `Result.notes` counts them
    flags: tuple[str, ...] | None = None

    __repr__ = shapes

    @classmethod
    def of(
        cls,
        block: Block,
        expected: FloatArray,
        *,
        params: FloatArray | None = None,
        names: tuple[str, ...] = (),
        root: FloatArray | None = None,
    ) -> Fit:
        """Build a fit from an expected path over the whole block.

        Parameters
        ----------
        block : Block
            What the model was given.
        expected : (n, L) array
            Expected return of each event on each day of the block.
        params, names : (n, p) array and p names, optional
            Estimated parameters; their number lowers the degrees of freedom. Without any,
            σ is taken about the mean residual (df M − 1).
        root : (L2, p) or (n, L2, p) array, optional
            See `Fit.root`. Left out: no forecast error from estimation is counted.

        Examples
        --------
        >>> block = Block(np.zeros((1, 6)), np.zeros((6, 0)), (), np.arange(6),
        ...               slice(0, 4), slice(4, 6))
        >>> Fit.of(block, np.full((1, 6), -0.01)).abnormal
        array([[0.01, 0.01]])
        """
        n = len(block.returns)
        params = np.empty((n, 0)) if params is None else np.asarray(params, dtype=float)
        gap = block.returns - expected
        residuals = np.where(block.valid, gap, np.nan)[:, block.estimation]
        abnormal = gap[:, block.event]
        if root is None:
            root = np.zeros((abnormal.shape[1], 0))
        count = np.isfinite(residuals).sum(axis=1)
        mean = np.zeros(n)
        if params.shape[1] == 0:
            mean = np.nansum(residuals, axis=1) / np.maximum(count, 1)
        dof = count - max(params.shape[1], 1)
        squares = np.nansum((residuals - mean[:, None]) ** 2, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            sigma = np.sqrt(squares / np.where(dof > 0, dof, np.nan))
        return cls(
            residuals=residuals,
            abnormal=abnormal,
            expected=expected[:, block.event],
            params=params,
            names=names,
            sigma=sigma,
            dof=dof.astype(float),
            root=root,
        )


@runtime_checkable
class FirmFactor(Protocol):
    """A factor that differs by firm: it may stand in the ``needs`` of a model beside names.

    Examples
    --------
    >>> import eventstudy as es
    >>> class Largest:
    ...     name, tickers = "largest", ("MARA",)
    ...     def series(self, returns, tickers):
    ...         return np.repeat(returns[[tickers.index("MARA")]], len(tickers), axis=0)
    >>> study = es.EventStudy(model=es.FactorModel(("SPY", Largest())))
    >>> events = es.events_on("2026-02-25", ["IREN", "HUT"], session="after_close")
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> list(study.run(events, panel).estimates.columns[2:5])
    ['alpha', 'SPY', 'largest']
    """

    @property
    def name(self) -> str:
        """What it is called in tables and sentences."""
        ...

    @property
    def tickers(self) -> tuple[str, ...]:
        """Whose returns it is made from: what a loader has to fetch."""
        ...

    def series(self, returns: FloatArray, tickers: tuple[str, ...]) -> FloatArray:
        """(S, T) the factor of each of the S ``tickers``, made from their (S, T) ``returns``."""
        ...


class Model(Protocol):
    """The whole contract of a model: which factors it reads, and what it expects of a block.

    A model may also have ``leads`` (an int: how many days around each day `Block.shifted`
    reaches), ``n_params`` (its number of parameters, where that is not K + 1), and ``excess``
    (True where it needs the risk-free rate).
    """

    @property
    def needs(self) -> tuple[str | FirmFactor, ...]:
        """Names of the factors; "market" is the panel's market. Firm factors may stand beside."""
        ...

    def fit(self, block: Block) -> Fit:
        """Estimate on ``block.estimation`` only, and say what was expected everywhere."""
        ...


class Paths(Protocol):
    """Daily paths of the events, made when asked for: they are the large arrays."""

    def residuals(self, index: IntArray) -> FloatArray:
        """(m, L1) estimation-window residuals of the events ``index``."""
        ...

    def actual(self, index: IntArray) -> FloatArray:
        """(m, L2) event-window returns."""
        ...

    def expected(self, index: IntArray) -> FloatArray:
        """(m, L2) expected total event-window returns."""
        ...


@dataclass(frozen=True)
class StoredPaths:
    """Paths that are held as arrays."""

    residual: FloatArray
    actual_: FloatArray
    expected_: FloatArray

    __repr__ = shapes

    def residuals(self, index: IntArray) -> FloatArray:
        return self.residual[index]

    def actual(self, index: IntArray) -> FloatArray:
        return self.actual_[index]

    def expected(self, index: IntArray) -> FloatArray:
        return self.expected_[index]


@dataclass(frozen=True)
class Statistic:
    """One answer of one test over one window.

    ``statistic`` follows ``law`` (``"t"``, ``"normal"``, ``"F"``, ``"binomial"``,
    ``"signed-rank"``, ``"permutation"`` of exchangeable days, ``"bootstrap"`` of resampled
    residuals or events, ``"randomisation"`` of signs) under the null hypothesis. Where a test
    does not apply, the numbers are NaN and ``note`` says why: never an exception, never a bare
    NaN.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> panel = es.EventStudy().load(events, es.loaders.sample, market="SPY")
    >>> found = es.EventStudy().run(events, panel).test("adj_bmp", (0, 0))
    >>> found.law, found.df, round(found.pvalue, 3), round(found.n_eff, 1)
    ('t', 12.0, 0.137, 1.9)
    """

    #: the key of the test
    name: str
    #: what the test is about, in its own unit (CAAR, mean SCAR, share of positive CARs …)
    estimate: float
    #: its standard error, NaN where the test has none
    se: float
    statistic: float
    law: str
    #: degrees of freedom; NaN for laws without
    df: float
    pvalue: float
    #: 95 % confidence interval of ``estimate``, NaN where the test has none
    ci: tuple[float, float] = (float("nan"), float("nan"))
    #: events, distinct dates, mean residual correlation, effective number of events
    n: int = 0
    n_dates: int = 0
    rbar: float = float("nan")
    n_eff: float = float("nan")
    #: window label
    window: str = ""
    note: str = ""

    def __repr__(self) -> str:
        numbers = {"estimate": self.estimate, "statistic": self.statistic, "p": self.pvalue}
        said = [f"{name} {value:.4g}" for name, value in numbers.items() if not math.isnan(value)]
        what = f"{short(self.name)} {self.window}".rstrip()
        return about(self, what, *(said or [self.note]), many(self.n, "event"))


@dataclass(frozen=True)
class Windows:
    """The two windows of a study; the estimation may consist of several intervals."""

    #: from the first to the last estimation day
    estimation: Window
    event: Window
    #: the intervals inside it that are used; () stands for all of it
    intervals: tuple[Window, ...] = ()

    @property
    def first(self) -> int:
        """The first day of either window."""
        return min(self.estimation.first, self.event.first)

    @property
    def span(self) -> int:
        """Days from the first to the last day of either window."""
        return max(self.event.last, self.estimation.last) - self.first + 1

    @property
    def whole(self) -> Window:
        """Both windows and what lies between."""
        return Window(self.first, self.first + self.span - 1)

    @property
    def estimation_columns(self) -> slice:
        """Where the estimation window stands among the days of a block."""
        start = self.estimation.first - self.first
        return slice(start, start + len(self.estimation))

    @property
    def event_columns(self) -> slice:
        """Where the event window stands among the days of a block."""
        start = self.event.first - self.first
        return slice(start, start + len(self.event))

    @property
    def used(self) -> BoolArray:
        """(L1,) days of the estimation window that lie in one of its intervals."""
        found = np.zeros(len(self.estimation), dtype=bool)
        for interval in self.intervals or (self.estimation,):
            found[interval.columns(self.estimation)] = True
        return found

    @property
    def days(self) -> int:
        """Number of estimation days."""
        return sum(len(interval) for interval in self.intervals or (self.estimation,))

    @property
    def label(self) -> str:
        """``[-250,-11]``, or all intervals."""
        return " and ".join(i.label for i in self.intervals or (self.estimation,))
