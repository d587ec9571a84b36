"""What a calibration draws, plants and asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from eventstudy import errors, inference
from eventstudy.arrays import IntArray, Windows
from eventstudy.calibration.asking import Asked
from eventstudy.inference._resampling import Rng, check_draws
from eventstudy.inference.lookup import Test
from eventstudy.panel import Panel
from eventstudy.placebo import volatility_strata
from eventstudy.windows import Window, WindowLike, as_window, is_whole

#: the level of verdicts, and of the effect that is found
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The options of `EventStudy.calibrate`, read."""

    draws: int = 1000
    effects: Sequence[float] = (0.0, 0.01, 0.02)
    windows: WindowLike | Sequence[WindowLike] | None = None
    tests: Sequence[str | Test] | None = None
    levels: Sequence[float] = (0.01, LEVEL, 0.10)
    day: int = 0
    strata: int | None = None
    rng: Rng = 0

    def __post_init__(self) -> None:
        check_draws(self.draws)
        for effect in self.effects:
            if not np.isfinite(effect):
                raise errors.effect_not_finite(effect)
        for level in self.levels:
            if not 0.0 < level < 1.0:
                raise errors.level_outside(level)
        if self.strata is not None and (not is_whole(self.strata) or self.strata < 2):
            raise errors.strata_too_few(self.strata)

    @property
    def planted(self) -> tuple[float, ...]:
        """No effect first, then the others in ascending order."""
        return (0.0, *sorted({float(e) for e in self.effects} - {0.0}))

    @property
    def shares(self) -> tuple[float, ...]:
        """Levels in ascending order; 5 % is always among them, since verdicts are about it."""
        return tuple(sorted({LEVEL, *map(float, self.levels)}))

    @property
    def asked(self) -> list[Asked]:
        """The tests: by default all that draw no random numbers themselves."""
        return [Asked.of(t) for t in (inference.names() if self.tests is None else self.tests)]

    def tested(self, whole: Window) -> list[Window]:
        """Windows inside the event window; by default the day of the effect.

        A pair of whole numbers is one window.
        """
        as_window(self.day).columns(whole)
        given = as_window(self.day) if self.windows is None else self.windows
        several = isinstance(given, (tuple, list)) and not all(map(is_whole, given))
        parts = cast("Sequence[WindowLike]", given if several else [given])
        found = list(dict.fromkeys(map(as_window, parts)))
        for window in found:
            window.columns(whole)
        return found

    def strata_of(self, panel: Panel, windows: Windows) -> IntArray | None:
        """(T,) the part of the market's volatility that each session falls into."""
        if self.strata is None:
            return None
        if panel.market is None:
            raise errors.strata_without_market()
        return volatility_strata(np.asarray(panel.series(panel.market)), windows, self.strata)


def hull(windows: Sequence[Window]) -> Window:
    """The days from the first to the last of all ``windows``.

    >>> hull([Window(0, 0), Window(-1, 1)]).label
    '[-1,+1]'
    """
    return Window(min(w.first for w in windows), max(w.last for w in windows))
