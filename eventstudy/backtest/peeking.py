"""Models and factors of the user's own, tried for what they look at: nothing after the entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy import engine, errors
from eventstudy.arrays import Inputs, Model, Placement, Windows, excerpt

#: events on which a model is tried, and days from which factors change
TRIED = 4


def refuse_peeking(
    model: Model, seen: Inputs, at: Placement, windows: Windows, tickers: tuple[str, ...]
) -> None:
    """Refuse a model or a factor of the user's own that looks at what it expects.

    A model is fitted to some of the events, and again with other returns from the first day of
    ``windows.event``, the day of entry, on: nothing it expects may change. Then the factors change
    from some day on, which may change nothing before it, and no slope. A factor that differs by
    firm is made again without the later returns. What this package has is not asked: what it may
    see is tested.

    Raises
    ------
    ModelError
        If it gives another answer.
    """
    some = np.unique(np.linspace(0, len(at.row) - 1, TRIED).astype(int)) if len(at.row) else ()
    for k in some:
        start = max(0, int(at.row[k]) + windows.first)
        days = slice(start, int(at.row[k]) + windows.event.last + 1)
        for column, series in seen.own.items():
            need = model.needs[column]
            if not (isinstance(need, str) or _is_ours(need)):
                early = np.array(seen.returns[:, : days.stop - 1], dtype=np.float64)
                made = need.series(early, tickers)
                if not np.array_equal(made, series[:, : days.stop - 1], equal_nan=True):
                    raise errors.factor_looks_ahead(need.name)
        if not _is_ours(model):
            row = at.row[k : k + 1] - start
            one = Placement(at.firm[k : k + 1], row, np.zeros(1, dtype=np.int64))
            returns = np.array(excerpt(seen.returns, None, days), dtype=np.float64)
            _refuse_one(model, replace(seen.part(None, days), returns=returns), one, windows)


def _is_ours(thing: object) -> bool:
    """Whether it was made in this package."""
    return type(thing).__module__.split(".")[0] == __name__.split(".")[0]


def _refuse_one(model: Model, seen: Inputs, at: Placement, windows: Windows) -> None:
    entry, last = int(at.row[0]) + windows.event.first, int(at.row[0]) + windows.event.last
    returns = seen.returns.copy()
    returns[:, entry:] = 0.01 + 0.5 * returns[:, entry:]
    usual = engine.run(model, seen, at, windows).abnormal
    other = engine.run(model, replace(seen, returns=returns), at, windows).abnormal
    name, earlier = type(model).__name__, "the expected returns of earlier days"
    for what, one, two in (
        ("its expected returns", usual.expected, other.expected),
        ("its slopes", usual.params, other.params),
        ("its σ", usual.sigma, other.sigma),
    ):
        if not np.array_equal(one, two, equal_nan=True):
            raise errors.model_looks_ahead(name, what)
    for day in np.unique(np.linspace(entry, last, TRIED).astype(int)):
        factors, known = seen.factors.copy(), day - entry
        factors[day:] = 0.01 + 0.5 * factors[day:]
        later = engine.run(model, replace(seen, factors=factors), at, windows).abnormal
        for what, one, two in (
            (earlier, usual.expected[:, :known], later.expected[:, :known]),
            ("its slopes", usual.params, later.params),
            ("its σ", usual.sigma, later.sigma),
        ):
            if not np.array_equal(one, two, equal_nan=True):
                raise errors.model_looks_ahead(name, what)
