"""From numbers to axes: values rounded for the page, ticks, and numbers as they are said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.report import cells
from eventstudy.report.charts.frame import axis
from eventstudy.report.measures import RETURNS, Measure

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: significant digits that a page keeps
DIGITS = 6
#: beyond it a number is a mistake of its own, and no axis reaches there
HUGE = 1e12
#: steps between ticks, times a power of ten
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def rounded(values: ArrayLike, digits: int = DIGITS) -> list[float | None]:
    """Numbers with six significant digits; what is not finite is None.

    >>> rounded([0.123456789, 1234567.8, float("nan"), float("inf"), -0.0])
    [0.123457, 1234570.0, None, None, 0.0]
    """
    array = np.asarray(values, dtype=float).ravel()
    known = np.isfinite(array)
    kept = np.where(known, array, 0.0)
    with np.errstate(divide="ignore"):
        power = np.floor(np.log10(np.abs(kept)))
    places = np.clip(digits - 1 - np.where(kept == 0, 0.0, power), -300, 300).astype(int).tolist()
    pairs = zip(kept.tolist(), places, known.tolist(), strict=True)
    return [round(x, place) + 0.0 if ok else None for x, place, ok in pairs]


@dataclass(frozen=True)
class Scale:
    """How the numbers of a measure stand in a chart: returns as percent, others as they are."""

    measure: Measure = RETURNS

    @property
    def percent(self) -> bool:
        """Whether the axis is in percent."""
        return self.measure.number(0.0).endswith("%")

    @property
    def unit(self) -> float:
        """What a number is multiplied by before it enters the figure."""
        return 100.0 if self.percent else 1.0

    def values(self, numbers: ArrayLike) -> list[float | None]:
        """Numbers of a figure: in percent, six digits, None where not finite."""
        with np.errstate(over="ignore"):
            return rounded(np.asarray(numbers, dtype=float) * self.unit)

    def text(self, value: float, places: int = 2) -> str:
        """Write one number as the tables do.

        >>> Scale().text(-0.0213), Scale().text(float("nan"))
        ('-2.13 %', '–')
        """
        return self.measure.number(value, places)

    def span(self, low: float, high: float) -> str:
        """Write an interval, with no more decimals than it deserves.

        >>> Scale().span(-0.05, 0.01), Scale().span(-0.001, 0.012)
        ('-5.0 % to +1.0 %', '-0.10 % to +1.20 %')
        """
        if not (math.isfinite(low) and math.isfinite(high)):
            return cells.NOTHING
        places = self.measure.places((low, high), 1.0)
        return f"{self.text(low, places)} to {self.text(high, places)}"

    def shown(self, name: str) -> str:
        """How a template of Plotly writes one of its variables: ``%{y:+.2f} %``."""
        return f"%{{{name}:+.2f}}{' %' if self.percent else ''}"

    def axis(self, values: ArrayLike, title: str = "", *, most: int = 9, **other: object) -> Any:  # noqa: ANN401  (a dict of Plotly)
        """An axis over ``values`` and zero with at most ``most`` ticks, said as in the tables."""
        return axis(title, **self.ticks(values, most), **other)

    def ticks(self, values: ArrayLike, most: int = 9) -> dict[str, Any]:
        """Range and ticks of an axis over ``values`` and zero."""
        known = np.asarray(values, dtype=float).ravel()
        known = known[np.abs(known) < HUGE]
        low, high = min(known.min(initial=0.0), 0.0), max(known.max(initial=0.0), 0.0)
        if low == high:
            low, high = -0.01, 0.01
        room = 0.05 * (high - low)
        bottom, top = low - room * (low < 0), high + room * (high > 0)
        step = nice_step(top - bottom, most)
        at = step * np.arange(math.ceil(bottom / step), math.floor(top / step) + 1)
        return {"range": rounded([bottom * self.unit, top * self.unit]), **self._marks(at, step)}

    def ends(self, reach: float) -> dict[str, Any]:
        """Three ticks of an axis from ``-reach`` to ``reach``: zero between two round numbers."""
        power = 10.0 ** math.floor(math.log10(0.95 * reach))
        step = max(k * power for k in NICE if k * power <= 0.95 * reach)
        return self._marks(np.array([-step, 0.0, step]), step)

    def _marks(self, at: NDArray[np.float64], step: float) -> dict[str, Any]:
        return {
            "tickmode": "array",
            "tickvals": rounded(at * self.unit),
            "ticktext": [self._tick(x, step) for x in at.tolist()],
        }

    def _tick(self, value: float, step: float) -> str:
        """As many decimals as the step needs."""
        if abs(value) < step / 2:
            return "0 %" if self.percent else "0"
        size = step * self.unit
        places = next((k for k in range(6) if abs(size * 10**k - round(size * 10**k)) < 1e-6), 6)
        return self.text(value, places) if self.percent else f"{value:+,.{places}f}"


def nice_step(length: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10^k that cuts ``length`` into fewer than ``most`` pieces.

    >>> nice_step(0.21, 7), nice_step(20, 9)
    (0.05, 2.5)
    """
    rough = length / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(k * power for k in NICE if k * power >= rough * (1 - 1e-9))


def between(first: float, last: float) -> str:
    """Say over which event days something runs.

    >>> between(-10, 10), between(0, 0)
    ('from day -10 to +10', 'on day 0')
    """
    if first == last:
        return f"on day {cells.day(first)}"
    return f"from day {cells.day(first)} to {cells.day(last)}"


def day_axis(first: float, last: float, **other: object) -> dict[str, Any]:
    """The axis of event days: whole numbers, with their sign, day 0 among them."""
    step = next(n * 10**k for k in range(9) for n in (1, 2, 5) if 8 * n * 10**k >= last - first)
    at = range(step * math.ceil(first / step), math.floor(last) + 1, step)
    return axis(
        "trading days around day 0",
        tickmode="array",
        tickvals=[float(day) for day in at],
        ticktext=[cells.day(day) for day in at],
        **{"range": [first - 0.5, last + 0.5], **other},
    )
