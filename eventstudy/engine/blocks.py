"""Any model with ``fit(block)``: one block a date, the answers checked and put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import (
    Block,
    BoolArray,
    Fit,
    FloatArray,
    Inputs,
    IntArray,
    Model,
    Placement,
    StoredPaths,
    Windows,
)
from eventstudy.engine.gathering import Sorted, gather, gather_returns
from eventstudy.engine.reasons import Evidence, judge, without_any
from eventstudy.progress import steps


def fit_blocks(
    model: Model,
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    need: int,
    missing: str,
) -> tuple[Abnormal, IntArray]:
    """Fit all events of any model; see `eventstudy.engine.run`."""
    events = Sorted.of(placement, windows)
    n = len(placement.row)
    count, returns = np.zeros(n), np.zeros(n)
    fitted: list[tuple[IntArray, Block, Fit]] = []
    leads = int(getattr(model, "leads", 0))
    blocks = _blocks(inputs, events, windows, leads)
    for index, block in steps(blocks, "Events", n, lambda each: len(each[0])):
        present = np.isfinite(block.returns)
        if block.excluded is not None:
            present &= ~block.excluded
        returns[index] = present[:, block.estimation].sum(axis=1)
        count[index] = block.valid[:, block.estimation].sum(axis=1)
        enough = count[index] >= need
        if enough.any():
            part = _rows(block, enough)
            fit = _checked(model, part)
            if fitted and tuple(fit.names) != tuple(fitted[0][2].names):
                name = type(model).__name__
                raise errors.parameters_renamed(name, fitted[0][2].names, fit.names)
            fitted.append((index[enough], part, fit))
    found, reason = _together(inputs, placement, windows, (count, returns, need), fitted)
    return replace(found, missing=missing), reason


def _blocks(
    inputs: Inputs, events: Sorted, windows: Windows, leads: int
) -> Iterator[tuple[IntArray, Block]]:
    """Positions of the events of each date, and their block."""
    holes = np.zeros(windows.span, dtype=bool)
    holes[windows.estimation_columns] = ~windows.used
    for d, row in enumerate(events.rows):
        index = slice(int(events.bounds[d]), int(events.bounds[d + 1]))
        firm = events.firm[index]
        start = np.full(len(firm), events.starts[d])
        rows = np.arange(windows.span) + row + windows.first
        out = np.broadcast_to(holes, (len(firm), windows.span)) if holes.any() else None
        if inputs.excluded is not None:
            other = gather(inputs.excluded, firm, start, windows.span, np.bool_(False))
            out = other if out is None else other | out
        around = _factors(inputs, firm, rows[0] - leads, windows.span + 2 * leads)
        rate = (
            None if inputs.risk_free is None else _calendar(inputs.risk_free[:, None], rows)[:, 0]
        )
        yield (
            events.order[index],
            Block(
                returns=gather_returns(inputs.returns, firm, start, windows.span),
                factors=around[..., leads : leads + windows.span, :],
                names=inputs.names,
                rows=rows,
                estimation=windows.estimation_columns,
                event=windows.event_columns,
                risk_free=rate,
                excluded=out,
                around=around if leads else None,
            ),
        )


def _factors(inputs: Inputs, firm: IntArray, start: int, span: int) -> FloatArray:
    """(span, K) factors of a date, or (n, span, K) where some of them differ by firm."""
    found = _calendar(inputs.factors, np.arange(start, start + span))
    if not inputs.own:
        return found
    found = np.repeat(found[None], len(firm), axis=0)
    begin = np.full(len(firm), start)
    for column, series in inputs.own.items():
        found[:, :, column] = gather(series, firm, begin, span, np.float64("nan"))
    return found


def _calendar(series: FloatArray, rows: IntArray) -> FloatArray:
    """Rows of a (T, K) array, NaN outside the data."""
    inside = (rows >= 0) & (rows < len(series))
    return np.where(inside[:, None], series[np.where(inside, rows, 0)], np.nan)


def _rows(block: Block, keep: np.ndarray) -> Block:
    """The block of some of its events."""
    out = None if block.excluded is None else block.excluded[keep]
    factors, around = block.factors, block.around
    if factors.ndim == 3:
        factors, around = factors[keep], None if around is None else around[keep]
    return replace(block, returns=block.returns[keep], factors=factors, excluded=out, around=around)


def _checked(model: Model, block: Block) -> Fit:
    """Fit, and refuse an answer of the wrong form with a sentence that names it."""
    name = type(model).__name__
    fit = model.fit(block)
    if not isinstance(fit, Fit):
        raise errors.not_a_fit(name, type(fit).__name__)
    n = len(block.returns)
    days = block.event.stop - block.event.start
    length = block.estimation.stop - block.estimation.start
    p = len(fit.names)
    shapes = {
        "residuals": (n, length),
        "abnormal": (n, days),
        "expected": (n, days),
        "params": (n, p),
        "sigma": (n,),
        "dof": (n,),
        "variance": (n, days),
        "flags": (n,),
        "bridged": (n, days),
        "covers": (n, days),
    }
    for part, need in shapes.items():
        if getattr(fit, part) is None:
            continue
        got = np.shape(getattr(fit, part))
        if got != need:
            raise errors.wrong_shape(name, part, got, need)
    root = np.shape(fit.root)
    if root[:-1] not in ((days,), (n, days)):
        raise errors.wrong_shape(name, "root", root, (days, p))
    return fit


def _shared(block: Block, fit: Fit) -> bool:
    """Whether the complete events of a date have one design (the others never share it)."""
    if not fit.common:
        return False
    if fit.root.shape[-1] == 0:  # nothing estimated: a portfolio's AR is the mean of its firms'
        return True
    if block.factors.ndim == 3:
        return False
    if fit.root.ndim == 2:
        return True
    days = block.valid[:, block.estimation]
    own = fit.root[(days == days.any(axis=0)).all(axis=1)]
    return bool(np.allclose(own, own[:1], rtol=1e-9, atol=1e-12, equal_nan=True))


def _used(block: Block, fit: Fit) -> BoolArray:
    """(n, L1) days that the estimation used: those with a residual; without any, the valid ones.

    Leads and lags, for instance, cost valid days at the ends of the window.
    """
    used = np.isfinite(fit.residuals)
    return np.where(used.any(axis=1, keepdims=True), used, block.valid[:, block.estimation])


def _unsolved(fit: Fit) -> BoolArray:
    """(n,) events that had days enough and yet got neither σ nor any abnormal return."""
    found = np.isfinite(fit.abnormal).any(axis=1)
    if fit.bridged is not None:
        found |= np.isfinite(fit.bridged).any(axis=1)
    return np.asarray(~found & ~np.isfinite(fit.sigma))


def _together(
    inputs: Inputs,
    placement: Placement,
    windows: Windows,
    counted: tuple[FloatArray, FloatArray, int],
    fitted: list[tuple[IntArray, Block, Fit]],
) -> tuple[Abnormal, IntArray]:
    """Put the blocks' answers in the order of the placement."""
    count, returns, need = counted
    n, length, days = len(placement.row), len(windows.estimation), len(windows.event)
    names = fitted[0][2].names if fitted else ()
    width = max((np.shape(fit.root)[-1] for _, _, fit in fitted), default=0)
    residuals, abnormal = np.full((n, length), np.nan), np.full((n, days), np.nan)
    actual, expected = np.full((n, days), np.nan), np.full((n, days), np.nan)
    params = np.full((n, len(names)), np.nan)
    sigma, dof, total = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    design, roots, used = np.zeros(n, dtype=np.int64), [np.full((1, days, width), np.nan)], 1
    raw, flat = np.full(n, np.nan), np.zeros(n, dtype=bool)
    unfit = np.zeros(n, dtype=bool)
    variance, flags = np.ones((n, days)), np.full(n, "", dtype=object)
    bridged, covers = np.full((n, days), np.nan), np.full((n, days), np.nan)
    for index, block, fit in fitted:
        residuals[index], abnormal[index] = fit.residuals, fit.abnormal
        actual[index], expected[index] = block.returns[:, block.event], fit.expected
        params[index], sigma[index], dof[index] = fit.params, fit.sigma, fit.dof
        here = _used(block, fit)
        lost = count[index] - here.sum(axis=1)  # neighbours that the model lacked
        count[index] -= lost
        returns[index] -= lost
        unfit[index] = _unsolved(fit)
        own = np.where(here, block.returns[:, block.estimation], np.nan)
        raw[index] = np.nanmean(own**2, axis=1)
        flat[index] = np.nanvar(own, axis=1) <= 1e-20 * raw[index]
        total[index] = np.nansum((own - np.nanmean(own, axis=1)[:, None]) ** 2, axis=1)
        root = fit.root if fit.root.ndim == 3 else fit.root[None]
        root = np.pad(root, ((0, 0), (0, 0), (0, width - root.shape[-1])))
        design[index] = used + (np.arange(len(root)) if len(root) > 1 else 0)
        roots.append(root)
        used += len(root)
        if fit.variance is not None:
            variance[index] = fit.variance
        if fit.flags is not None:
            flags[index] = fit.flags
        if fit.bridged is not None and fit.covers is not None:
            bridged[index], covers[index] = fit.bridged, fit.covers
    with np.errstate(invalid="ignore", divide="ignore"):
        still = flat | (sigma**2 <= 1e-20 * raw)
        r2 = 1.0 - np.nansum(residuals**2, axis=1) / total if names else np.full(n, np.nan)
    blank = without_any(np.where(np.isnan(abnormal), bridged, abnormal))
    evidence = Evidence(inputs, placement, windows, blank, count, returns, unfit, np.asarray(still))
    found = Abnormal(
        estimation=windows.estimation,
        window=windows.event,
        abnormal=abnormal,
        sigma=sigma,
        dof=dof,
        n_obs=count,
        params=params,
        names=names,
        r2=r2,
        row=placement.row,
        firm=placement.firm,
        root=np.concatenate(roots),
        design=design,
        paths=StoredPaths(residuals, actual, expected),
        path=np.arange(n),
        kind=inputs.kind,
        common_design=all(_shared(block, fit) for _, block, fit in fitted),
        variance=None if all(f.variance is None for _, _, f in fitted) else variance,
        flags=flags.astype(str) if (flags != "").any() else None,
        bridged=bridged if np.isfinite(bridged).any() else None,
        covers=covers if np.isfinite(bridged).any() else None,
    )
    return found, judge(evidence, need)
