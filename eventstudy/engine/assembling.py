"""The events of a study put together again from the parts in which they were measured."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import fields
from typing import Any

import numpy as np

from eventstudy.abnormal import Abnormal, Kept
from eventstudy.arrays import BoolArray, IntArray, Losses, Paths, Placement, StoredPaths
from eventstudy.engine.paths import LinearPaths
from eventstudy.engine.streaming import Work, stream
from eventstudy.models.linear import linear_of

#: what an event has where the part that it was in says nothing of such things
USUAL = {"variance": 1.0, "bridged": np.nan, "covers": np.nan, "flags": ""}
#: arrays that are not one row an event as they stand: designs and paths are numbered by part
NUMBERED = ("root", "design", "path")
PATHS = ("residual", "actual_", "expected_")


def measured(
    work: Work, *, workers: int = 1, executor: Executor | None = None
) -> tuple[Abnormal, Losses]:
    """Measure all events, here or by an executor.

    Returns
    -------
    Abnormal, Losses
        The kept events in the order of the placement, and which were lost.
    """
    if executor is None or not len(work.placement.row):
        outcome = work.measure(workers)
        abnormal, reason = outcome.abnormal, outcome.reason
        if reason.any():
            abnormal = abnormal.take(reason == 0)
        n_obs = outcome.abnormal.n_obs.astype(np.int64)
        return abnormal, Losses(reason, n_obs, outcome.min_obs)
    streamed = stream(work, piece, executor=executor)
    by_date = np.argsort(work.placement.row, kind="stable")
    order = by_date[streamed.losses.reason[by_date] == 0]
    together = _together(streamed.parts, work, order)
    return together.take(np.argsort(order)), streamed.losses


def piece(abnormal: Abnormal, own: BoolArray) -> Abnormal:
    """What travels back of a part: its answers, not the returns they were made from."""
    found = abnormal if own.all() else abnormal.take(own)
    used, design = np.unique(found.design, return_inverse=True)
    found = found.changed(root=found.root[used], design=design, _memo={})
    if isinstance(found.paths, LinearPaths):  # made again from the parameters
        return found.changed(paths=_stored(found.paths, found.path[:0]))
    return found.changed(paths=_stored(found.paths, found.path), path=np.arange(len(found)))


def _stored(paths: Paths, index: IntArray) -> StoredPaths:
    return StoredPaths(paths.residuals(index), paths.actual(index), paths.expected(index))


def _together(parts: list[Abnormal], work: Work, order: IntArray) -> Abnormal:
    """Put pieces one after the other; ``order`` says which events they are."""
    parts = [part for part in parts if len(part)] or parts[:1]  # others do not know their names
    first = parts[0]
    made: dict[str, Any] = {}
    for name in (f.name for f in fields(Abnormal)):
        rows = [_field(part, name) for part in parts]
        some = [row for row in rows if isinstance(row, np.ndarray)]
        if some and name not in NUMBERED:
            made[name] = np.concatenate([_row(name, part, some[0]) for part in parts])
    starts = np.cumsum([0, *(len(part.root) for part in parts)])
    made["design"] = np.concatenate([p.design + s for p, s in zip(parts, starts, strict=False)])
    made["root"] = np.concatenate([part.root for part in parts])
    made["path"] = np.arange(len(order))
    made["common_design"] = all(part.common_design for part in parts)
    if first.kept is not None:
        made["kept"] = _sums([part.kept for part in parts if part.kept is not None])
    together = first.changed(**made, _memo={})
    return together.changed(paths=_paths(parts, work, order, together))


def _sums(parts: list[Kept]) -> Kept:
    """Sums over windows of all pieces."""
    sums = np.concatenate([part.sums for part in parts])
    return Kept(parts[0].windows, sums, np.concatenate([part.holes for part in parts]))


def _field(part: Abnormal, name: str) -> Any:  # noqa: ANN401  (any field)
    """A field as it is held: days that were not kept are not made here."""
    if name == "abnormal" and part.kept is not None:
        return None
    return getattr(part, name)


def _row(name: str, part: Abnormal, like: Any) -> Any:  # noqa: ANN401  (any field that is an array)
    """One field of a piece; the usual value where no event of it had another."""
    found = _field(part, name)
    if found is None:
        return np.full((len(part), *like.shape[1:]), USUAL[name])
    return found


def _paths(parts: list[Abnormal], work: Work, order: IntArray, together: Abnormal) -> Paths:
    """Daily paths: of a linear model from its parameters, of others as they came."""
    linear, seen = linear_of(work.model), work.inputs
    if linear is not None and not seen.own:
        design = linear.linear_design(seen.factors, seen.names, seen.risk_free)
        at = work.placement
        there = Placement(at.firm[order], at.row[order], at.event[order])
        return LinearPaths.of(design, seen, there, work.windows, together.params)
    stored = [part.paths for part in parts if isinstance(part.paths, StoredPaths)]
    columns = ([getattr(one, name) for one in stored] for name in PATHS)
    return StoredPaths(*(np.concatenate(column) for column in columns))
