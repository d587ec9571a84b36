"""Merged folds in the place of the events: what tests ask of a sample, answered from sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, cast

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.inference._fold_first import Fold
from eventstudy.inference._fold_pairs import lags_of
from eventstudy.inference._fold_ranks import Ranked
from eventstudy.inference._fold_sample import FoldedSample
from eventstudy.inference._fold_second import Second, pseudo
from eventstudy.inference._fold_together import Together
from eventstudy.inference._pairs import MIN_OVERLAP
from eventstudy.inference._sample import Estimation, Sample, sample_of
from eventstudy.inference.generalised_ranks import OwnRanks, Ranks
from eventstudy.one_line import about, many
from eventstudy.windows import Window, WindowLike, as_window


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

    #: sums hold no autocorrelations of events
    serial: ClassVar[None] = None

    fold: Fold
    second: Second | None = None
    _memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return self.fold.n

    def __repr__(self) -> str:
        windows = " ".join(w.label for w in self.windows)
        sample = f"{many(len(self), 'event')} on {many(len(self.dates), 'date')}"
        return about(self, sample, windows)

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

    @property
    def remarks(self) -> dict[str, int]:
        """Remarks of the model on single events, and how many have each."""
        return self.fold.remarks

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


def _estimation(folded: Folded, key: bytes) -> Estimation:
    second, at = _second(folded), int.from_bytes(key, "big")
    return second.looked.of(second.known.which[at], round(_of(folded, key).sigmas.n[0]))


def _ranked(folded: Folded, key: bytes) -> tuple[Ranked, int]:
    """Sums of ranks, and which of their sets has the window."""
    second = _second(folded)
    at = second.known.which[int.from_bytes(key, "big")]
    if at >= len(second.known.sars):
        raise errors.events_not_kept("residuals")
    return second.ranked, at


def _scores(folded: Folded, key: bytes) -> tuple[FloatArray, FloatArray]:
    ranked, at = _ranked(folded, key)
    found = ranked.scores.of(at)
    return np.stack([found.total, ranked.signs[at]]), found.events


def _scaled(folded: Folded, key: bytes) -> tuple[FloatArray, FloatArray]:
    ranked, at = _ranked(folded, key)
    found = ranked.scaled.of(at)
    return found.total[None], found.events


def _ranks(folded: Folded, key: bytes) -> Ranks:
    ranked, at = _ranked(folded, key)
    alone = ranked.alone.of(at)
    return Ranks(alone.total, alone.events, float(ranked.variance[at]))


def _own_ranks(folded: Folded, window: Window, factor: float) -> OwnRanks:
    return _second(folded).own.of(_place(folded, window), int(factor != 1.0))


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
    "estimation": _estimation,
    "lags": _lags,
    "ranks": _scores,
    "scaled ranks 1.0": _scaled,
    "estimation ranks": _ranks,
    "own ranks": _own_ranks,
    "jackknife": lambda folded, window: pseudo(_second(folded), _place(folded, window)),
    "dated": lambda folded, window: _second(folded).portfolios[_place(folded, window)],
    "full dates": _full,
}
