"""The variance of a day from its range: high and low, open and close (methods C.8 c)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import log

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.activity.outcome import Activity
from eventstudy.activity.studying import Asked, Logarithms, study_logarithms
from eventstudy.arrays import BoolArray, FloatArray, Model
from eventstudy.panel import Panel
from eventstudy.report import Multiple
from eventstudy.study import EventStudy

#: fields that each measure reads, and how it is called
FIELDS = {
    "parkinson": ("high", "low"),
    "garman_klass": ("open", "high", "low", "close"),
}
NAMES = {"parkinson": "Parkinson", "garman_klass": "Garman–Klass"}
#: prices that are out of order by less than this share are rounded
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Ranges:
    """Log variances of the days, and the days that have none."""

    #: (S, T) ln σ², NaN where there is none
    values: FloatArray
    #: (S, T) days with high = low, and days whose prices are not in order
    flat: BoolArray
    wrong: BoolArray

    def notes(self, tickers: Sequence[str]) -> tuple[str, ...]:
        """Which days of which tickers have no range."""
        said = (
            (self.flat, "with high = low: their range has no logarithm"),
            (self.wrong, "whose open, high, low and close are not in order or not above zero"),
        )
        found = []
        for days, why in said:
            if many := int(days.sum()):
                names = [
                    f"{tickers[row]} {n}" for row, n in enumerate(days.sum(axis=1).tolist()) if n
                ]
                one = f"{many} day{'s' if many > 1 else ''}"
                found.append(f"{one} {why}, and are missing ({errors.listed(names, 6)})")
        return tuple(found)


def log_ranges(panel: Panel, measure: str) -> Ranges:
    """Read ln σ² of every day from the fields of a panel.

    Parkinson: σ² = (ln H/L)²/(4 ln 2). Garman and Klass: σ² = ½(ln H/L)² − (2 ln 2 − 1)(ln C/O)².

    Parameters
    ----------
    panel : Panel
        With the fields high and low, for Garman and Klass also open and close.
    measure : {"parkinson", "garman_klass"}
        Which of the two.

    Raises
    ------
    PanelError
        If the panel lacks a field.

    References
    ----------
    Parkinson (1980), Journal of Business 53; Garman and Klass (1980), Journal of Business 53.
    """
    needed = FIELDS[measure]
    if absent := [name for name in needed if name not in panel.fields]:
        raise errors.ranges_without_fields(measure, needed, absent)
    held = {name: np.asarray(panel.fields[name], dtype=np.float64) for name in _there(panel)}
    known = np.all([~np.isnan(held[name]) for name in needed], axis=0)
    if panel.masked is not None:
        known &= ~panel.masked
    wrong = known & ~_in_order(held)
    good = known & ~wrong
    logs = {name: np.log(np.where(good, held[name], 1.0)) for name in needed}
    reach = logs["high"] - logs["low"]
    flat = good & ~(reach > 0)
    if measure == "parkinson":
        variance = reach**2 / (4.0 * log(2.0))
    else:
        moved = logs["close"] - logs["open"]
        variance = 0.5 * reach**2 - (2.0 * log(2.0) - 1.0) * moved**2
    usable = good & ~flat
    return Ranges(np.log(np.where(usable, variance, np.nan)), flat, wrong)


def _there(panel: Panel) -> list[str]:
    return [name for name in FIELDS["garman_klass"] if name in panel.fields]


def _in_order(held: dict[str, FloatArray]) -> BoolArray:
    """Days whose prices, as far as they are known, are above zero and in order."""
    high, low = held["high"] * (1.0 + ROUNDING), held["low"] * (1.0 - ROUNDING)
    found = np.isfinite(held["high"]) & (held["low"] > 0) & (held["low"] <= held["high"])
    for name in ("open", "close"):
        if name in held:
            price = held[name]
            found &= np.isnan(price) | ((price >= low) & (price <= high))
    return np.asarray(found)


def study_ranges(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy,
    measure: str,
    *,
    model: str | Model = "mean",
    among: Sequence[str] | None = None,
    lags: int | None = None,
) -> Activity:
    """Study the log variance of days as returns are studied; see `volatility`."""
    ranges = log_ranges(panel, measure)
    words = Multiple(
        noun="abnormal log variance",
        quantity="Variance",
        kind=f"ln of the {NAMES[measure]} range variance",
        verb="had {size} times {its} usual variance",
        level="variance",
        note=(
            f"The numbers are logarithms of the {NAMES[measure]} variance of each day: exp(x) "
            f"times the usual on one day, exp(x/L) on each of L days. The range knows the hours "
            f"of trading only: a jump over night is not in it. It is autocorrelated: over several "
            f"days forecast errors hold that, and tests that take days as independent are not "
            f"valid."
        ),
    )
    nobody = partial(errors.ranges_of_nobody, measure)
    found = Logarithms(ranges.values, words, nobody, ranges.notes(panel.tickers))
    return study_logarithms(events, panel, study, found, Asked(model, among, lags))
