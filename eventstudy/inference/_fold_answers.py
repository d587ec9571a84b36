"""Merged folds in the place of the events: what tests ask of a sample, answered from sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, cast

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._fold_events import Together
from eventstudy.inference._fold_first import Fold
from eventstudy.inference._fold_pairs import lags_of
from eventstudy.inference._fold_second import Second, pseudo
from eventstudy.inference._moments import Values
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.inference.generalised_ranks import OwnRanks, Ranks
from eventstudy.windows import Window, WindowLike, as_window

_STORE = 'run with store="car" or "full"'
#: tests that are no sum over events, and what they need
EVENTS = {
    "wilcoxon": "every event's CAR",
    "wild_events": "every event's CAR",
    "sur_F": "the residuals of every event",
    "gls_mean": "the residuals of every event",
    "contrasts": "the residuals of every event",
    "boot_residual": "the residuals of every event",
    "romano_wolf": "every event's CAR",
}
#: options that are none, or would be one more sum, and what they need
OPTIONS = {
    ("gen_sign", "phat"): "the residuals of every event",
    ("skew_t", "on"): "every event's BHAR",
    ("skew_t", "law"): "every event's CAR",
    ("rank_cz", "cross_correction"): "the residuals of every event",
    ("grank_t", "correction"): "the residuals of every event",
    ("correlation", "min_overlap"): "the residuals of every event",
    ("leverages", "adjust=True"): "the design of every event",
    ("leverages", "standardise=True"): "the design of every event",
}
#: of these, tests of one date: several dates are what stands against them first
ONE_DATE = frozenset({"sur_F", "gls_mean", "contrasts", "boot_residual"})
#: tests that are folded for the windows that were asked for, but not for the days beside them
ASKED = frozenset(
    (
        *("rank", "cumrank_t", "corrado_sign", "rank_cz", "grank_t", "grank_z", "jackknife"),
        *("dates_bmp", "dates_patell", "placebo_window"),
    )
)


@dataclass(frozen=True, eq=False)
class Folded:
    """Sums over the events of a study: it takes the place of an `Abnormal` in every test.

    Tests of the windows that were folded give the answers that they give on the events; those
    that are no sums give NaN and say so. Any other window is refused.

    Examples
    --------
    >>> from eventstudy.inference import bmp
    >>> from eventstudy.inference._example import example
    >>> from eventstudy.inference._folded import fold_all
    >>> events = example(dates=3)
    >>> sums = fold_all(events, [(-1, 1)])
    >>> round(bmp(sums, (-1, 1)).statistic - bmp(events, (-1, 1)).statistic, 12)
    0.0
    """

    fold: Fold
    second: Second | None = None
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return self.fold.n

    def __getstate__(self) -> dict[str, Any]:
        """Sums travel, what was made of them does not."""
        return {"fold": self.fold, "second": self.second, "_memo": {}}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (it never returns)
        if name in _OF_EVENTS:
            raise errors.events_not_kept(name)
        raise AttributeError(name)

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that were asked for."""
        return self.fold.plan.asked

    @property
    def window(self) -> Window:
        """The event window."""
        return self.fold.plan.window

    @property
    def estimation(self) -> Window:
        """The estimation window."""
        return self.fold.plan.estimation

    @property
    def kind(self) -> str:
        """``"simple"`` or ``"log"`` returns."""
        return self.fold.plan.kind

    @property
    def missing(self) -> str:
        """What a missing event day does: ``"drop"``, ``"skip"`` or ``"zero"``."""
        return self.fold.plan.missing

    @property
    def common_design(self) -> bool:
        """Whether one regression design serves all complete events of a date."""
        return self.fold.plan.common_design

    @property
    def dates(self) -> IntArray:
        """(D,) calendar rows of all day 0, ascending."""
        return self.fold.dates.rows

    def days(self, window: WindowLike) -> slice:
        """Columns of ``window`` among the event days; refuses one that was not folded."""
        w = as_window(window)
        columns = w.columns(self.window)
        if w not in self.fold.plan.windows:
            raise errors.window_not_folded(w, self.windows)
        return columns

    def sample(self, window: WindowLike) -> Sample:
        """The events of ``window`` as tests see them."""
        return sample_of(self, window)

    def memo(self, key: object, make: Callable[[], Any]) -> Any:  # noqa: ANN401  (a cache)
        """Keep what is known under ``key``: from the sums, or made of what tests see."""
        if key not in self._memo:
            name, *rest = key if isinstance(key, tuple) else (key,)
            known = _KNOWN.get(str(name))
            self._memo[key] = known(self, *rest) if known else make()
        return self._memo[key]


#: what an `Abnormal` has of every event: asked of sums, it is refused with a sentence
_OF_EVENTS = frozenset(
    (
        *(f.name for f in fields(Abnormal)),
        *("residuals", "actual", "expected", "sar", "counts", "car", "q", "scar", "csar", "bhar"),
        *("take", "planted"),
    )
)


class FoldedSample(Sample):
    """The events of a window, as their sums tell."""

    @property
    def _folded(self) -> Folded:
        return cast("Folded", self.abnormal)

    @property
    def _fold(self) -> Fold:
        return self._folded.fold

    @cached_property
    def at(self) -> int:
        """Place of the window among those folded."""
        return self._fold.plan.windows.index(self.window)

    @cached_property
    def _set(self) -> Together:
        return self._fold.sets.of(self.at)

    @property
    def key(self) -> bytes:
        """Identity of the window: what depends on its events is found by it."""
        return self.at.to_bytes(4, "big")

    def unkept(self, test: str, *option: str) -> str:
        """Why the sums do not hold what a test or an option of it needs; or nothing."""
        if option:
            return f"needs {OPTIONS[test, option[0]]}: {_STORE}"
        if test in EVENTS:
            return (
                "" if test in ONE_DATE and self.n_dates > 1 else f"needs {EVENTS[test]}: {_STORE}"
            )
        if test in ASKED and self.window not in self._folded.windows:
            return f"summed for the windows of windows= only: name {self.window.label} there"
        return ""

    # ── what the events are together ─────────────────────────────────────────────────────
    @property
    def n(self) -> int:
        return int(self._fold.cars.n[self.at])

    @cached_property
    def cars(self) -> Values:
        return self._fold.cars.at(self.at)

    @cached_property
    def scars(self) -> Values:
        return self._fold.scars.at(self.at)

    @cached_property
    def csars(self) -> Values:
        return self._fold.csars.at(self.at)

    @cached_property
    def sigmas(self) -> Values:
        return self._set.sigmas.at(0)

    @cached_property
    def dofs(self) -> Values:
        return self._set.dofs.at(0)

    @cached_property
    def inflation(self) -> float:
        return self._set.inflation

    @cached_property
    def lost(self) -> int:
        return round(self._set.lost)

    @cached_property
    def estimation_days(self) -> tuple[int, int]:
        return int(self._set.least), int(self._set.most)

    @cached_property
    def positive(self) -> int:
        return int(self._fold.positive[self.at])

    @property
    def first_q(self) -> float:
        return float(self._fold.first_q[self.at])

    @cached_property
    def event_days(self) -> FloatArray:
        return self._set.event.mean[self._folded.days(self.window)]

    @cached_property
    def bridged(self) -> bool:
        return bool(self._fold.bridged[self.at])

    @cached_property
    def successive(self) -> int:
        runs = self._set.runs.get(self.length)
        return runs.longest if runs is not None else 1  # where windows overlap nobody asks

    # ── dates ────────────────────────────────────────────────────────────────────────────
    @cached_property
    def dates(self) -> IntArray:
        return np.asarray(self._fold.dates.rows[self._fold.dates.events[self.at] > 0])

    @cached_property
    def by_date(self) -> tuple[IntArray, IntArray]:
        size = self._fold.dates.events[self.at]
        begins = np.concatenate([[0], np.cumsum(size[size > 0])])
        return np.empty(0, dtype=np.int64), begins

    @cached_property
    def cluster_cars(self) -> FloatArray:
        dates = self._fold.dates
        there = dates.events[self.at] > 0
        return np.asarray(
            np.bincount(self.cluster, weights=dates.cars[self.at][there]), dtype=float
        )


def _of(folded: Folded, key: bytes) -> Together:
    return folded.fold.sets.of(int.from_bytes(key, "big"))


def _sample(folded: Folded, window: Window) -> Sample:
    return FoldedSample(cast("Abnormal", folded), window, np.empty(0, dtype=np.int64))


def _lags(folded: Folded, key: bytes, least: int) -> object:
    at, fold = int.from_bytes(key, "big"), folded.fold
    if least != MIN_OVERLAP or fold.rho is None or fold.used is None:
        raise errors.events_not_kept("residuals")
    length = len(fold.plan.windows[at])
    return lags_of(fold.rho[at], fold.used[at], length, len(fold.plan.estimation))


def _scores(folded: Folded, key: bytes) -> tuple[FloatArray, FloatArray]:
    scores = _of(folded, key).scores
    if scores is None:
        raise errors.events_not_kept("abnormal")
    return np.stack([scores.ranks, scores.signs]), scores.events


def _scaled(folded: Folded, key: bytes) -> tuple[FloatArray, FloatArray]:
    second = _second(folded)
    found = second.scaled.of(second.known.which[int.from_bytes(key, "big")])
    return found.total[None], found.events


def _ranks(folded: Folded, key: bytes) -> Ranks:
    second = _second(folded)
    at = second.known.which[int.from_bytes(key, "big")]
    base = second.base.of(at)
    return Ranks(base.total, base.events, float(second.variance[at]))


def _own_ranks(folded: Folded, window: Window, factor: float) -> OwnRanks:
    second = _second(folded)
    at = second.known.windows.index(window)
    f = int(factor != 1.0)
    return OwnRanks(float(second.rank[f, at]), second.above[f, at])


def _second(folded: Folded) -> Second:
    if folded.second is None:
        raise errors.events_not_kept("residuals")
    return folded.second


def _place(folded: Folded, window: Window) -> int:
    return folded.fold.plan.windows.index(window)


def _full(folded: Folded, window: Window) -> object:
    dates, at = folded.fold.dates, _place(folded, window)
    return dates.full[at][dates.events[at] > 0]


#: what tests keep of a study under these names (`Abnormal.memo`), from the sums
_KNOWN: Mapping[str, Callable[..., Any]] = {
    "sample": _sample,
    "estimation": lambda folded, key: _of(folded, key).pass_,
    "lags": _lags,
    "ranks": _scores,
    "scaled ranks 1.0": _scaled,
    "estimation ranks": _ranks,
    "own ranks": _own_ranks,
    "jackknife": lambda folded, window: pseudo(
        _second(folded), _second(folded).known.windows.index(window)
    ),
    "dated": lambda folded, window: folded.fold.dates.portfolios[_place(folded, window)],
    "full dates": _full,
}
