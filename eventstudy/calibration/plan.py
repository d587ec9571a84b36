"""What a calibration draws, plants and asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, cast

import numpy as np

from eventstudy import errors, inference
from eventstudy.arrays import IntArray, Windows
from eventstudy.calibration.asking import Asked
from eventstudy.inference._resampling import Rng, check_draws
from eventstudy.inference.lookup import Test
from eventstudy.one_line import call
from eventstudy.panel import Panel
from eventstudy.placebo import volatility_strata
from eventstudy.windows import Window, WindowLike, as_window, as_windows, is_whole

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

    __repr__ = call

    def __post_init__(self) -> None:
        check_draws(self.draws)
        for effect in _several(self.effects):
            if not (_is_number(effect) and abs(effect) < 1.0):  # NaN and percent too
                raise errors.effect_not_a_fraction(effect)
        for level in _several(self.levels):
            if not (_is_number(level) and 0.0 < level < 1.0):
                raise errors.level_outside(level)
        if self.strata is not None and (not is_whole(self.strata) or self.strata < 2):
            raise errors.strata_too_few(self.strata)

    @property
    def planted(self) -> tuple[float, ...]:
        """No effect first, then the others in ascending order."""
        return (0.0, *sorted({float(e) for e in _several(self.effects)} - {0.0}))

    @property
    def shares(self) -> tuple[float, ...]:
        """Levels in ascending order; 5 % is always among them, since verdicts are about it."""
        return tuple(sorted({LEVEL, *map(float, _several(self.levels))}))

    @property
    def asked(self) -> list[Asked]:
        """The tests, each once: by default all that draw no random numbers themselves."""
        given = inference.names() if self.tests is None else _several(self.tests)
        if not len(given):
            raise errors.no_test_to_calibrate()
        found: dict[Test, Asked] = {}
        for one in map(Asked.of, given):
            names = [other.name for other in found.values()]
            if one.test not in found:
                found[one.test] = replace(one, name=_free(one.name, names))
        return list(found.values())

    def tested(self, whole: Window) -> list[Window]:
        """Windows inside the event window; by default the day of the effect.

        A pair of whole numbers is one window; a text may hold several.
        """
        as_window(self.day).columns(whole)
        given = as_window(self.day) if self.windows is None else self.windows
        given = as_windows(given) if isinstance(given, str) else given
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


def _several(given: Any) -> Sequence[Any]:  # noqa: ANN401  (one value, or several)
    """One value as a list of one."""
    return [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)


def _is_number(value: object) -> bool:
    return isinstance(value, (Real, np.number)) and not isinstance(value, (bool, np.bool_))


def _free(name: str, taken: Sequence[str]) -> str:
    """``name``, with a number where another test has it."""
    k = 1
    while (found := name if k == 1 else f"{name} {k}") in taken:
        k += 1
    return found


def hull(windows: Sequence[Window]) -> Window:
    """The days from the first to the last of all ``windows``.

    >>> hull([Window(0, 0), Window(-1, 1)]).label
    '[-1,+1]'
    """
    return Window(min(w.first for w in windows), max(w.last for w in windows))
