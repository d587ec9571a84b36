"""What every test of abnormal returns has to keep."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from inspect import signature

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Placement, Statistic
from eventstudy.models import MarketModel
from eventstudy.testing._world import FIRMS, World
from eventstudy.windows import Window

Test = Callable[..., Statistic]

WINDOWS = (Window(0, 0), Window(-1, 1))
OUTSIDE = Window(40, 45)
#: places of the events: (firm, column of day 0)
ONE_DATE = [(f, 110) for f in range(FIRMS)]
SEPARATE = [(f, row) for row in (110, 130, 150, 170, 190) for f in range(FIRMS)]
STAGGERED = [(f, 110 + 2 * i) for i, f in enumerate([0, 3, 1, 2, 4, 5, 0, 2, 5, 1])]
APART = [(i % FIRMS, 105 + 12 * i) for i in range(7)]
PLACES = {
    "one event": [(0, 150)],
    "independent events": APART,
    "one date": ONE_DATE,
    "several dates": SEPARATE,
    "overlapping windows": STAGGERED,
}


def check_test(test: Test, *, invariant: bool = True, rtol: float = 1e-9) -> None:
    """Hold a test against its contract, on simulated studies.

    Checked are, on one event, independent events, one date, several dates and overlapping
    windows: the answer is a `Statistic` of the window asked for, with a p-value in [0, 1], or
    NaN and a note that says why; the same call gives the same bits and leaves the study as it
    was; the order of the events changes nothing; an event without a return in the window
    counts as deleted; without any event it answers NaN with a note; one-sided p-values agree
    with each other; an unknown ``alternative`` and a window outside the event window are
    refused; somewhere it gives a number.

    Parameters
    ----------
    test : callable
        ``test(abnormal, window, *, alternative="two-sided", …) -> Statistic``; ``alternative``
        may be missing.
    invariant : bool
        Also check that the two-sided p-value does not change when all returns change their sign
        or their unit.
    rtol : float
        Relative tolerance of p-values and statistics.

    Raises
    ------
    ContractBroken
        With the sentence that says what does not hold. It is an AssertionError.

    Examples
    --------
    >>> import eventstudy as es
    >>> from eventstudy.testing import check_test
    >>> check_test(es.inference.bmp)
    >>> def hopeful(abnormal, window):
    ...     return es.Statistic("hopeful", 0, 0, 0, "t", 1, pvalue=-1)
    >>> check_test(hopeful)
    Traceback (most recent call last):
    ...
    eventstudy.errors.ContractBroken: hopeful does not keep its contract: one event, [0,0]: \
pvalue=-1 is not in [0, 1].
    """
    check = _Check(test, rtol)
    answered = False
    for place in PLACES:
        for window in WINDOWS:
            check.where = f"{place}, {window.label}"
            found = check.ask(_study(place), window)
            answered |= bool(np.isfinite(found.pvalue))
            check.order(place, window, found)
            check.unchanged(place, window, found)
            check.deleted(place, window)
            check.tails(place, window, found)
            if invariant:
                check.units(place, window, found)
        check.empty(place)
    check.where = "every sample"
    if not answered:
        raise check.fail("it gives no number anywhere")
    check.refusals()


@cache
def _world(place: str, factor: float = 1.0) -> World:
    world = World.of(MarketModel())
    firm, row = np.array(PLACES[place]).T
    return world.alter(
        placement=Placement(firm, row, np.arange(len(row))),
        returns=factor * world.returns,
        factors=factor * world.factors,
    )


def _study(place: str, factor: float = 1.0) -> Abnormal:
    """A fresh copy: nothing that another call remembered or wrote."""
    return deepcopy(_world(place, factor).found)


class _Check:
    """The checks of one test; the first that fails raises."""

    def __init__(self, test: Test, rtol: float) -> None:
        self.test, self.rtol, self.where = test, rtol, ""
        self.name = getattr(test, "__name__", type(test).__name__)
        self.sided = "alternative" in signature(test).parameters

    def fail(self, what: str) -> errors.ContractBroken:
        return errors.contract_broken(self.name, f"{self.where}: {what}")

    def ask(self, study: Abnormal, window: Window, **options: str) -> Statistic:
        """Ask, and look at the form of the answer."""
        found = self.test(study, window, **options)
        if not isinstance(found, Statistic):
            raise self.fail(f"it returns a {type(found).__name__}, not a Statistic")
        if np.isnan(found.pvalue):
            if not found.note:
                raise self.fail("NaN without a note that says why")
        elif not 0.0 <= found.pvalue <= 1.0:
            raise self.fail(f"pvalue={found.pvalue:g} is not in [0, 1]")
        elif found.n < 1 or found.n > len(study):
            raise self.fail(f"n={found.n}, of {len(study)} events")
        if found.window != window.label and np.isfinite(found.pvalue):
            raise self.fail(f"window={found.window!r}, not {window.label!r}")
        return found

    def order(self, place: str, window: Window, want: Statistic) -> None:
        study = _study(place)
        turned = np.random.default_rng(3).permutation(len(study))
        self.same("the order of the events", self.ask(study.take(turned), window), want)

    def unchanged(self, place: str, window: Window, want: Statistic) -> None:
        study = _study(place)
        before = {name: getattr(study, name).copy() for name in ("abnormal", "sigma", "residuals")}
        one, two = self.ask(study, window), self.ask(_study(place), window)
        if one.pvalue != two.pvalue and not np.isnan(one.pvalue):
            raise self.fail("the same call gives another p-value")
        self.same("what was asked before", self.ask(study, window), want)
        for name, kept in before.items():
            if not np.array_equal(getattr(study, name), kept, equal_nan=True):
                raise self.fail(f"it changes `abnormal.{name}`")

    def deleted(self, place: str, window: Window) -> None:
        """An event that misses a day of the window is as good as deleted."""
        study = _study(place)
        if len(study) < 2:
            return
        holed = study.abnormal.copy()
        holed[0, study.days(window)] = np.nan
        without = self.ask(study.take(np.arange(1, len(study))), window)
        said = "events that have no return in the window"
        self.same(said, self.ask(replace(study, abnormal=holed, _memo={}), window), without)

    def empty(self, place: str) -> None:
        study = _study(place)
        nothing = replace(study, abnormal=np.full_like(study.abnormal, np.nan), _memo={})
        found = self.ask(nothing, WINDOWS[0])
        if not np.isnan(found.pvalue) or found.n != 0:
            raise self.fail(f"without any event it answers p={found.pvalue:g}, n={found.n}")

    def tails(self, place: str, window: Window, both: Statistic) -> None:
        if not self.sided:
            return
        upper = self.ask(_study(place), window, alternative="greater").pvalue
        lower = self.ask(_study(place), window, alternative="less").pvalue
        # a joint test has no direction: NaN for both, with its note
        if np.isnan(upper) != np.isnan(lower) or (np.isnan(both.pvalue) and not np.isnan(upper)):
            raise self.fail("a number for one alternative and none for another")
        if upper + lower < 1.0 - 1e-9:
            raise self.fail(f"one-sided p-values {upper:g} and {lower:g} add up to less than one")

    def units(self, place: str, window: Window, want: Statistic) -> None:
        """p-values in percent, and of the mirrored returns."""
        for factor, what in ((4.0, "the unit of the returns"), (-1.0, "the sign of all returns")):
            found = self.ask(_study(place, factor), window)
            if not np.isclose(found.pvalue, want.pvalue, self.rtol, 1e-12, equal_nan=True):
                raise self.fail(f"the p-value depends on {what}")

    def refusals(self) -> None:
        self.where = "refusals"
        study = _study("one date")
        try:
            self.test(study, OUTSIDE)
        except errors.WindowError:
            pass
        else:
            raise self.fail(f"it accepts {OUTSIDE.label}, outside the event window")
        if not self.sided:
            return
        try:
            self.test(study, WINDOWS[0], alternative="sideways")
        except errors.OptionError:
            return
        raise self.fail("it accepts alternative='sideways'")

    def same(self, what: str, got: Statistic, want: Statistic) -> None:
        for name in ("statistic", "pvalue", "n"):
            one, two = getattr(got, name), getattr(want, name)
            if not np.isclose(one, two, self.rtol, 1e-12, equal_nan=True):
                raise self.fail(f"`{name}` depends on {what}: {one:g} and {two:g}")
