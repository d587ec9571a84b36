"""Abnormal returns of all events, and their sums over windows.

From the daily abnormal returns, σ and ``root`` follow every AR, CAR, SCAR and BHAR of the
textbook with its exact forecast error (docs/methods.md, C.1–C.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import BoolArray, FloatArray, IntArray, Paths
from eventstudy.one_line import about, many
from eventstudy.roots import Roots, squares, summed
from eventstudy.windows import Window, WindowLike, as_window

#: what tests keep (`Abnormal.memo`) that comes from the estimation windows and the dates alone
ESTIMATION_ONLY = frozenset(
    (
        *("estimation", "estimation ranks", "lags", "correlation"),
        *("balanced", "date portfolios", "whitening"),
    )
)


#: rows that are standardised at once: they stay in the cache
ROWS = 1024


def cumulated(ar: FloatArray, missing: str) -> FloatArray:
    """(N,) sums of (N, L) abnormal returns; NaN where the event leaves the window (A.5)."""
    if missing == "drop":
        return np.asarray(np.einsum("nl->n", ar))
    found = np.isfinite(ar)
    return np.where(found.any(axis=1), np.where(found, ar, 0.0).sum(axis=1), np.nan)


@dataclass(frozen=True, eq=False)
class Kept:
    """Sums over some windows, kept in the place of the days."""

    windows: tuple[Window, ...]
    #: (N, windows) sums, and (N,) events that miss a day of one of the windows
    sums: FloatArray
    holes: BoolArray

    def take(self, index: IntArray | BoolArray | slice) -> Kept:
        """The events ``index``."""
        return Kept(self.windows, self.sums[index], self.holes[index])


class Daily:
    """The field `Abnormal.abnormal`: an array, or made from the paths when it is asked for."""

    @overload
    def __get__(self, instance: None, owner: type[Abnormal]) -> Daily: ...

    @overload
    def __get__(self, instance: Abnormal, owner: type[Abnormal]) -> FloatArray: ...

    def __get__(self, instance: Abnormal | None, owner: type[Abnormal]) -> Daily | FloatArray:
        if instance is None:  # the field has no default
            raise AttributeError("abnormal")
        given: FloatArray | None = instance.__dict__["_given"]
        return instance.made if given is None else given

    def __set__(self, instance: Abnormal, value: FloatArray | None) -> None:
        instance.__dict__["_given"] = value


@dataclass(frozen=True, eq=False)
class Abnormal:
    """Abnormal returns of N events around their day 0."""

    estimation: Window
    window: Window
    #: (N, L2) abnormal returns, NaN where missing; None: made from the paths when asked for
    abnormal: FloatArray
    #: (N,) residual standard deviation, its degrees of freedom, valid estimation days
    sigma: FloatArray
    dof: FloatArray
    n_obs: FloatArray
    #: (N, p) parameters, their names, and (N,) R²
    params: FloatArray
    names: tuple[str, ...]
    r2: FloatArray
    #: (N,) calendar row of day 0 and row of the security
    row: IntArray
    firm: IntArray
    #: (G, L2, p) forecast operators of G designs, and (N,) the design of each event
    root: FloatArray | Roots
    design: IntArray
    #: where residuals, actual and expected returns come from, and (N,) their index there
    paths: Paths = field(repr=False)
    path: IntArray = field(repr=False)
    #: "simple" or "log" returns
    kind: str = "simple"
    #: "drop", "skip" or "zero": what a missing event day does (methods A.5)
    missing: str = "drop"
    #: whether one regression design serves all complete events of a date (portfolio tests)
    common_design: bool = True
    #: (N, L2) variance of each event day against σ², where the model forecasts it
    variance: FloatArray | None = None
    #: (N, K) weighted autocorrelations of the residuals at lags 1 … K (methods C.2, ``hac``): the
    #: variance of a CAR knows them; None where days count as independent
    serial: FloatArray | None = None
    #: (N, L2) abnormal returns of several sessions, on the one that ends them, and how many they
    #: cover, NaN elsewhere (methods A.5); None where every return is of one session
    bridged: FloatArray | None = None
    covers: FloatArray | None = None
    #: (N,) remarks of the model on single events, "" where there is none
    flags: npt.NDArray[np.str_] | None = None
    #: sums over some windows where the days are not kept
    kept: Kept | None = None
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.row)

    def __repr__(self) -> str:
        dates = many(len(np.unique(self.row)), "date")
        spans = f"estimation {self.estimation.label}, window {self.window.label}"
        return about(self, f"{many(len(self), 'event')} on {dates}", spans)

    # ── daily paths ──────────────────────────────────────────────────────────────────────
    @cached_property
    def residuals(self) -> FloatArray:
        """(N, L1) residuals of the estimation window, NaN where not valid."""
        return self.paths.residuals(self.path)

    @cached_property
    def actual(self) -> FloatArray:
        """(N, L2) returns of the event window."""
        return self.paths.actual(self.path)

    @cached_property
    def expected(self) -> FloatArray:
        """(N, L2) expected total returns of the event window."""
        return self.paths.expected(self.path)

    @cached_property
    def made(self) -> FloatArray:
        """(N, L2) abnormal returns from the paths."""
        return self._again(np.arange(len(self)))

    def _again(self, index: IntArray) -> FloatArray:
        """(m, L2) abnormal returns of some events from the paths."""
        path = self.path[index]
        return np.asarray(self.paths.actual(path) - self.paths.expected(path))

    @cached_property
    def sar(self) -> FloatArray:
        """(N, L2) standardised abnormal returns AR / (σ√C) (methods C.3)."""
        return self._standardised(self.abnormal, slice(None))

    def _standardised(self, ar: FloatArray, days: slice) -> FloatArray:
        """(N, L) abnormal returns of some days over their forecast errors σ√C."""
        extra = squares(self.root)[:, days]
        if self.variance is not None:
            own = self.variance[:, days] + extra[self.design]
            return np.asarray(ar / (self.sigma[:, None] * np.sqrt(own)))
        factor, precision = extra, 1.0 / self.sigma
        factor += 1.0
        np.sqrt(factor, out=factor)
        np.divide(1.0, factor, out=factor)
        found, room = np.empty(ar.shape), np.empty((min(ROWS, len(ar)), ar.shape[1]))
        for a in range(0, len(ar), ROWS):
            rows = slice(a, a + ROWS)
            part = room[: len(ar) - a]
            np.take(factor, self.design[rows], axis=0, out=part, mode="clip")
            part *= ar[rows]
            each = np.repeat(precision[rows], ar.shape[1]).reshape(part.shape)
            np.multiply(part, each, out=found[rows])
        return found

    # ── sums over a window ───────────────────────────────────────────────────────────────
    def days(self, window: WindowLike) -> slice:
        """Columns of ``window`` in the (N, L2) arrays."""
        return as_window(window).columns(self.window)

    def counts(self, window: WindowLike) -> IntArray:
        """(N,) days of ``window`` with an abnormal return."""
        days = self.days(window)
        if self._sums(window) is None:
            found: IntArray = np.isfinite(self.abnormal[:, days]).sum(axis=1)
            return found
        found = np.full(len(self), days.stop - days.start)
        some, seen = self._holed(window)
        found[some] = seen.sum(axis=1)
        return found

    def car(self, window: WindowLike) -> FloatArray:
        """(N,) cumulative abnormal returns; NaN where the event leaves the window (A.5)."""
        sums = self._sums(window)
        return cumulated(self._bridged(self.days(window)), self.missing) if sums is None else sums

    def _sums(self, window: WindowLike) -> FloatArray | None:
        """(N,) the kept sums over ``window``; None where the days themselves are there."""
        window = as_window(window)
        given = self.__dict__["_given"] is not None
        if given or self.kept is None or window not in self.kept.windows:
            return None
        return self.kept.sums[:, self.kept.windows.index(window)].copy()

    def _holed(self, window: WindowLike) -> tuple[IntArray, BoolArray]:
        """(m,) events that miss a day of ``window``, and (m, L) the days that they have."""
        days = self.days(window)
        if self.kept is not None and self._sums(window) is not None:
            some = np.flatnonzero(self.kept.holes)
            return some, np.isfinite(self._again(some)[:, days])
        seen = self._seen(days)
        some = np.flatnonzero(~seen.all(axis=1))
        return some, seen[some]

    def _seen(self, days: slice) -> BoolArray:
        """(N, L) sessions with an abnormal return, of one session or of several."""
        found = np.isfinite(self.abnormal[:, days])
        return found if self.bridged is None else found | np.isfinite(self.bridged[:, days])

    def _bridged(self, days: slice) -> FloatArray:
        """(N, L) abnormal returns; those of several sessions where the window holds all of them.

        Sessions without a trade under such a return are no holes: they count as 0. A return
        that began before the window leaves the event without any (methods A.5).
        """
        ar = self.abnormal[:, days]
        if self.bridged is None or self.covers is None:
            return ar
        wide = np.isfinite(self.bridged[:, days])
        reach = np.where(wide, self.covers[:, days], 0.0)
        out = np.where(wide, self.bridged[:, days], ar)
        column = np.arange(out.shape[1])
        for t in column:
            under = (column < t) & (column > t - reach[:, t, None])
            out[under & np.isnan(out)] = 0.0
        out[(reach > column + 1).any(axis=1)] = np.nan
        return out

    def q(self, window: WindowLike) -> FloatArray:
        """(N,) forecast-error factor Q = L + ‖Σ_{t∈W} root_t‖² of a CAR (methods C.2).

        Under ``missing="skip"`` the sum runs over the days on which the event has a return.
        Where the model forecasts the variance of each day, Σ_W of it stands in the place of L;
        where the residuals are taken as autocorrelated, L is the sum of their correlations.
        """
        days = self.days(window)
        s = summed(self.root, days)
        extra = np.einsum("gp,gp->g", s, s)
        q = (days.stop - days.start + extra)[self.design]
        if self.variance is not None:
            q = self.variance[:, days].sum(axis=1) + extra[self.design]
        if self.missing != "drop" or self.bridged is not None:
            some, seen = self._holed(window)
            root = self.root[self.design[some]][:, days]
            rows = np.where(seen[:, :, None], root, 0.0)
            own = seen.astype(float)
            if self.variance is not None:
                own = np.where(seen, self.variance[some, days], 0.0)
            sums = rows.sum(axis=1)
            q[some] = own.sum(axis=1) + np.einsum("np,np->n", sums, sums)
        return np.asarray(q if self.serial is None else q + self._alike(self.serial, days))

    def _alike(self, serial: FloatArray, days: slice) -> FloatArray:
        """(N,) 2·Σ_k (pairs of days of a window k days apart)·ρ_k: what autocorrelation adds.

        Where the model forecasts the variance of each day, a pair counts √(v_s v_t) times.
        """
        seen = np.ones((len(self), days.stop - days.start))
        if self.missing != "drop":
            seen = self._seen(days).astype(float)
        if self.variance is not None:
            seen = np.where(seen > 0, np.sqrt(self.variance[:, days]), 0.0)
        found = np.zeros(len(self))
        for k in range(1, min(serial.shape[1] + 1, seen.shape[1])):
            found += 2.0 * serial[:, k - 1] * np.einsum("nl,nl->n", seen[:, k:], seen[:, :-k])
        return found

    def scar(self, window: WindowLike) -> FloatArray:
        """(N,) CAR divided by its forecast standard error σ√Q (methods C.3)."""
        found = self.q(window)  # in place: of millions, fresh arrays would take longer than this
        np.sqrt(found, out=found)
        found *= self.sigma
        np.divide(self.car(window), found, out=found)
        return found

    def csar(self, window: WindowLike) -> FloatArray:
        """(N,) sums of standardised abnormal returns, Σ SAR / √L (methods C.3).

        L counts the returns; one of several sessions is one. NaN where `car` is.
        """
        days = self.days(window)
        ar = self.abnormal[:, days]
        if self.bridged is not None:
            wide = self.bridged[:, days]
            ar = np.where(np.isfinite(wide), wide, ar)
        found = np.isfinite(ar)
        total = np.where(found, self._standardised(ar, days), 0.0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            summed = total / np.sqrt(found.sum(axis=1))
        return np.where(np.isfinite(self.car(window)), summed, np.nan)

    def bhar(self, window: WindowLike) -> FloatArray:
        """(N,) buy-and-hold abnormal returns Π(1+R) − Π(1+E[R]) (methods C.4).

        Log returns are compounded exactly. Under ``missing="zero"`` an untraded day has
        return 0 while the benchmark still compounds; under ``"skip"`` both leave the day out.
        """
        days = self.days(window)
        actual, expected = self.actual[:, days], self.expected[:, days]
        untraded = ~np.isfinite(actual)
        if self.missing == "skip" or self.bridged is not None:
            gone = ~self._seen(days)
            actual, expected = np.where(gone, 0.0, actual), np.where(gone, 0.0, expected)
            untraded = gone
        elif self.missing == "zero":
            actual = np.where(untraded, 0.0, actual)
        if self.kind == "log":
            held = np.expm1(actual.sum(axis=1)) - np.expm1(expected.sum(axis=1))
        else:
            held = (1.0 + actual).prod(axis=1) - (1.0 + expected).prod(axis=1)
        if self.bridged is not None:
            untraded = np.isnan(self.car(window))[:, None]
        return np.where(untraded.all(axis=1), np.nan, held)

    # ── parts ────────────────────────────────────────────────────────────────────────────
    def take(self, index: IntArray | BoolArray | slice) -> Abnormal:
        """The events ``index`` (positions, a mask, a slice): a view, nothing is refitted."""
        rows = ["sigma", "dof", "n_obs", "params", "r2", "row", "firm", "design"]
        rows += [
            name
            for name in ("variance", "serial", "flags", "bridged", "covers")
            if getattr(self, name) is not None
        ]
        picked = {name: getattr(self, name)[index] for name in rows}
        given: FloatArray | None = self.__dict__["_given"]
        picked["abnormal"] = None if given is None else given[index]
        kept = None if self.kept is None else self.kept.take(index)
        return replace(self, **picked, path=self.path[index], kept=kept, _memo={})

    def changed(self, **fields: Any) -> Abnormal:  # noqa: ANN401  (as `dataclasses.replace`)
        """Other values of some fields; days that were not made stay unmade."""
        return replace(self, **{"abnormal": self.__dict__["_given"], **fields})

    def planted(self, day: int, effect: float) -> Abnormal:
        """The same events with ``effect`` added to the abnormal return of event day ``day``.

        The estimation stays what it was, and so does all that tests keep of it. The returns
        behind the abnormal ones (`actual`, `bhar`) are left as they are.
        """
        ar = self.abnormal.copy()
        ar[:, self.days((day, day))] += effect
        kept = {
            key: value
            for key, value in self._memo.items()
            if isinstance(key, tuple) and key[0] in ESTIMATION_ONLY
        }
        found = replace(self, abnormal=ar, _memo=kept)
        if "residuals" in self.__dict__:
            found.__dict__["residuals"] = self.residuals
        return found

    def memo(self, key: object, make: Callable[[], Any]) -> Any:  # noqa: ANN401  (a cache)
        """Keep what ``make()`` returns: several tests of one window share their sample."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def __getstate__(self) -> dict[str, Any]:
        """Travel without what tests keep: it is made again where it is asked for."""
        return {**self.__dict__, "_memo": {}}

    def forget(self) -> None:
        """Drop what is kept: samples point back to their events, which would linger."""
        self._memo.clear()


# after the class is made, since a field with a default may not stand before those without
Abnormal.abnormal = Daily()  # type: ignore[assignment]  # gives and takes such arrays
