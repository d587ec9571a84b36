"""What every model of the expected return has to keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Block, Fit, FloatArray, IntArray, Model, Placement
from eventstudy.testing._world import World

#: what a model estimates: it must not depend on the event window
ESTIMATED = ("params", "sigma", "dof", "n_obs", "residuals")
#: all that a study reads; "scar" is the SCAR of the whole event window
ALL = (*ESTIMATED, "abnormal", "expected", "scar")


def check_model(
    model: Model, *, rtol: float = 1e-9, seed: int = 0, equivariant: bool = True
) -> None:
    """Hold a model against its contract, on simulated returns.

    Checked are: the forms of what ``fit`` returns; abnormal = actual − expected; the estimation
    sees neither the event window (returns, factors, or which of them are missing) nor the returns
    of the gap before it nor excluded days, and what is expected of a firm does not depend on its
    own return; the order of the events and the company they are fitted in change nothing; returns
    and factors times a constant give abnormal returns times that constant; a missing day stays
    missing and concerns its own event only; the same call gives the same bits and leaves its
    input as it was.

    Parameters
    ----------
    model : Model
        Any object with ``needs`` and ``fit(block)``. Its factors are simulated under the names
        it asks for; the events are those of six firms, FIRM0 to FIRM5.
    rtol : float
        Relative tolerance; an iterative estimator needs a wider one.
    seed : int
        Of the simulated returns.
    equivariant : bool
        Also check that returns and factors may be in any unit. A model with a number of its own in
        it, such as a threshold of two percent, is sound without.

    Raises
    ------
    ContractBroken
        With the sentence that says what does not hold. It is an AssertionError.

    Examples
    --------
    >>> import eventstudy as es
    >>> from eventstudy.testing import check_model
    >>> check_model(es.MarketModel())
    >>> class Clairvoyant:
    ...     needs = ()
    ...     def fit(self, block):
    ...         mean = block.returns.mean(axis=1, keepdims=True)
    ...         return es.Fit.of(block, mean + 0 * block.returns)
    >>> check_model(Clairvoyant())
    Traceback (most recent call last):
    ...
    eventstudy.errors.ContractBroken: Clairvoyant does not keep its contract: `residuals` changes \
with the returns of the event window; estimate on `block.estimation` only.
    """
    world = World.of(model, seed)
    check = _Check(type(model).__name__, rtol)
    check.usable(world)
    check.same("the same call", world.found, World.of(model, seed).found, ALL, exact=True)
    check.difference(world)
    check.blind(world)
    check.own(world)
    check.excluded(world)
    check.order(world)
    check.company(world)
    if equivariant:
        check.scale(world)
    check.gaps(world)
    check.untouched(world)


class _Check:
    """The checks of one model; the first that fails raises."""

    def __init__(self, name: str, rtol: float) -> None:
        self.name, self.rtol = name, rtol

    def fail(self, what: str) -> errors.ContractBroken:
        return errors.contract_broken(self.name, what)

    def usable(self, world: World) -> None:
        """Every event of the simulated market can be fitted, with positive σ and df."""
        if world.outcome.reason.any():
            raise self.fail("drops events whose returns and factors are complete")
        for name in ("sigma", "dof"):
            if not (getattr(world.found, name) > 0).all():
                raise self.fail(f"`{name}` has to be positive")
        if not np.isfinite(world.found.scar(world.windows.event)).all():
            raise self.fail("a complete event has no SCAR: see `root` and `variance` of its Fit")

    def difference(self, world: World) -> None:
        """Abnormal = actual − expected on every event day."""
        a = world.found
        if not np.allclose(a.abnormal, a.actual - a.expected, rtol=self.rtol, atol=1e-12):
            raise self.fail("`abnormal` is not the return minus `expected`")

    def blind(self, world: World) -> None:
        """What is estimated sees neither the event window nor the returns of the gap."""
        for index in _by_date(world.placement):
            one = world.take(index)
            row, w = int(one.placement.row[0]), one.windows
            later = slice(row + w.event.first, None)
            gap = slice(row + w.estimation.last + 1, row + w.event.first)
            for changed in _disturbed(one.returns, later):
                self.unmoved(one, one.alter(returns=changed), "the returns of the event window")
            for changed in (*_disturbed(one.factors.T, later), *_turned(one.factors.T, later)):
                other = one.alter(factors=changed.T.copy())
                self.unmoved(one, other, "the factors of the event window")
            changed = next(_disturbed(one.returns, gap))
            self.unmoved(one, one.alter(returns=changed), "the returns of the gap")

    def unmoved(
        self, world: World, other: World, what: str, use: str = "estimate on `block.estimation`"
    ) -> None:
        for name in ESTIMATED:
            if not self.equal(world.found, other.found, name):
                raise self.fail(f"`{name}` changes with {what}; {use} only")

    def own(self, world: World) -> None:
        """What is expected of a firm does not depend on what it earned."""
        for firm in np.unique(world.placement.firm)[::3]:
            one = world.take(np.flatnonzero(world.placement.firm == firm)[:1])
            changed = one.returns.copy()
            later = slice(int(one.placement.row[0]) + one.windows.event.first, None)
            changed[firm] = next(_disturbed(changed[[firm]], later))
            if not self.equal(one.found, one.alter(returns=changed).found, "expected"):
                raise self.fail(
                    "`expected` changes with the firm's own returns of the event window"
                )

    def excluded(self, world: World) -> None:
        """Days that no estimation may use are not used: see `Block.valid`."""
        for index in _by_date(world.placement):
            one = world.take(index)
            days = slice(int(one.placement.row[0]) - 45, int(one.placement.row[0]) - 40)
            out = np.zeros(one.returns.shape, dtype=bool)
            firms = np.unique(one.placement.firm)
            out[firms, days] = True
            changed = one.returns.copy()
            changed[firms] = next(_disturbed(one.returns[firms], days))
            said = ("the returns of excluded days", "estimate on the days of `block.valid`")
            self.unmoved(one.alter(out=out), one.alter(out=out, returns=changed), *said)

    def order(self, world: World) -> None:
        """Events in another order give the same rows in that order."""
        turned = np.random.default_rng(2).permutation(len(world.placement.row))
        self.same("the order of the events", world.found.take(turned), world.take(turned).found)

    def company(self, world: World) -> None:
        """An event alone gives what it gives among others."""
        for i in range(0, len(world.placement.row), 5):
            one = np.array([i])
            said = "which other events share the date"
            self.same(said, world.found.take(one), world.take(one).found)

    def scale(self, world: World) -> None:
        """All returns times four: abnormal returns and σ times four."""
        k = 4.0
        rate, factors = k * world.rate, k * world.factors
        more = world.alter(returns=k * world.returns, factors=factors, rate=rate).found
        for name in ("abnormal", "sigma", "residuals"):
            want = k * getattr(world.found, name)
            if not self.close(getattr(more, name), want):
                raise self.fail(f"`{name}` does not scale with the returns")
        if not self.equal(world.found, more, "scar"):
            raise self.fail("`scar` changes with the unit of the returns")

    def gaps(self, world: World) -> None:
        """Missing days stay missing and concern their own event only."""
        returns = world.returns.copy()
        row, first = int(world.placement.row[0]), world.windows.estimation.first
        before, during = row - 40, row + 2
        returns[0, before], returns[0, during] = np.nan, np.nan
        holed = world.alter(returns=returns).found
        others = np.flatnonzero(world.placement.firm != 0)
        if world.tickers[0] not in world.behind:  # a peer's missing day does concern others
            said = "a missing day of another firm"
            self.same(said, world.found.take(others), holed.take(others))
        hole = ~np.isfinite(holed.residuals[0])
        if not hole[before - row - first] or np.isfinite(holed.abnormal[0, during - row + 5]):
            raise self.fail("a missing return has an abnormal return: nothing may be filled in")
        if not np.isfinite(np.delete(holed.abnormal[0], during - row + 5)).all():
            raise self.fail("a missing return takes abnormal returns of other days with it")
        if not np.isfinite(holed.expected[0]).all():
            raise self.fail("`expected` is missing where only the return is")

    def untouched(self, world: World) -> None:
        """`fit` leaves its block as it was, and answers with a Fit."""
        seen: list[tuple[Block, dict[str, FloatArray]]] = []

        class Watched:
            needs = world.model.needs
            leads = getattr(world.model, "leads", 0)
            excess = getattr(world.model, "excess", False)
            across_gaps = getattr(world.model, "across_gaps", False)

            def fit(self, block: Block) -> Fit:
                parts = {f.name: getattr(block, f.name) for f in fields(block)}
                arrays = {k: v.copy() for k, v in parts.items() if isinstance(v, np.ndarray)}
                seen.append((block, arrays))
                return world.model.fit(block)

        self.same(
            "being fitted block by block", world.found, world.alter(model=Watched()).found, ALL
        )
        for block, arrays in seen:
            for name, kept in arrays.items():
                if not np.array_equal(getattr(block, name), kept, equal_nan=True):
                    raise self.fail(f"`fit` changes `block.{name}`")

    # ── comparing ────────────────────────────────────────────────────────────────────────
    def same(
        self,
        what: str,
        one: Abnormal,
        two: Abnormal,
        names: tuple[str, ...] = ALL,
        *,
        exact: bool = False,
    ) -> None:
        for name in names:
            if not self.equal(one, two, name, exact=exact):
                raise self.fail(f"`{name}` depends on {what}")

    def equal(self, one: Abnormal, two: Abnormal, name: str, *, exact: bool = False) -> bool:
        got, want = (a.scar(a.window) if name == "scar" else getattr(a, name) for a in (one, two))
        if exact:
            return np.array_equal(got, want, equal_nan=True)
        return self.close(got, want)

    def close(self, got: FloatArray, want: FloatArray) -> bool:
        size = float(np.nanmax(np.abs(want), initial=0.0))
        close = np.isclose(got, want, rtol=self.rtol, atol=self.rtol * size, equal_nan=True)
        return got.shape == want.shape and bool(close.all())


def _by_date(placement: Placement) -> list[IntArray]:
    return [np.flatnonzero(placement.row == row) for row in np.unique(placement.row)]


def _disturbed(values: FloatArray, days: slice) -> Iterator[FloatArray]:
    """Copies of (X, T) ``values`` with noise on all ``days``, and with two of them missing."""
    found = values.copy()
    found[:, days] += np.random.default_rng(1).normal(0, 0.05, found[:, days].shape)
    yield found
    found = values.copy()
    found[:, days][:, 1:4:2] = np.nan
    yield found


def _turned(values: FloatArray, days: slice) -> Iterator[FloatArray]:
    """Copies of (X, T) ``values`` with one row each enlarged and turned over on ``days``."""
    for x in range(len(values)):
        found = values.copy()
        found[x, days] *= -9.0
        yield found
