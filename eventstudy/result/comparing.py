"""Questions across events: what explains the CARs, and whether groups differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray
from eventstudy.cross_section import Difference, Pair, Question, difference, regress
from eventstudy.inference._sample import Sample, sample_of
from eventstudy.report import Explained
from eventstudy.result.groups import MISSING, Key, group_labels, split
from eventstudy.windows import Window

if TYPE_CHECKING:
    from eventstudy.result.result import Result

COLUMNS = (
    *("estimate", "ci_low", "ci_high", "test", "statistic", "pvalue"),
    *("n_a", "n_b", "n_dates", "note"),
)
Masks = Mapping[Hashable, BoolArray]


def explain(result: Result, asked: Question) -> Explained:
    """Regress the CARs, and put the numbers in a table."""
    found = regress(result.abnormal, result.events, asked)
    columns = {"coef": found.coef, "se": found.se, "t": found.statistic, "pvalue": found.pvalue}
    index = pd.Index(found.names, name="term", dtype="str")
    return Explained(
        table=pd.DataFrame({**columns, "ci_low": found.low, "ci_high": found.high}, index),
        formula=asked.formula,
        window=asked.window.label,
        n=found.n,
        r2=found.r2,
        law=found.law,
        df=found.df,
        errors=found.errors,
        weights=found.weights,
        clusters=found.clusters,
        note="; ".join(found.notes),
    )


def compare(
    result: Result,
    key: Key,
    window: Window,
    *,
    bins: int | None,
    groups: object,
    test: str | None,
) -> pd.DataFrame:
    """One row a pair of groups."""
    masks = _ordered(split(group_labels(result.events, key, bins)), bins)
    pairs = _pairs(masks, groups)
    sample = sample_of(result.abnormal, window)
    unlabelled = 0
    if not any(MISSING in pair for pair in pairs):
        unlabelled = int(masks.get(MISSING, np.zeros(1, dtype=bool)).sum())
    rows = [_row(sample, masks[a], masks[b], test, unlabelled) for a, b in pairs]
    names = [(window.label, f"{a} − {b}") for a, b in pairs]
    index = pd.MultiIndex.from_tuples(names, names=["window", "groups"])
    return pd.DataFrame(rows, index=index, columns=list(COLUMNS))


def _row(
    sample: Sample, a: BoolArray, b: BoolArray, test: str | None, unlabelled: int
) -> tuple[object, ...]:
    """Compare two groups of events among those that have a CAR."""
    pair = Pair.of(sample, a, b)
    found = _answer(pair, test)
    s = found.statistic
    notes = [s.note]
    if gone := int((a | b).sum()) - pair.sample.n:
        notes.append(f"{gone} without a return on a day of the window (missing_in_window)")
    if unlabelled:
        notes.append(f"{unlabelled} in no group")
    numbers = (s.estimate, *s.ci, s.name, s.statistic, s.pvalue)
    return (*numbers, found.n_a, found.n_b, s.n_dates, "; ".join(filter(None, notes)))


def _answer(pair: Pair, test: str | None) -> Difference:
    if not all(pair.sizes):
        return pair.nothing(test or "none", "a group has no event with a CAR")
    return difference(pair, test)


def _ordered(masks: Masks, bins: int | None) -> Masks:
    """Groups in the order of their differences: True before False, high numbers before low."""
    names = [name for name in masks if name != MISSING]
    if bins is not None or (names and all(isinstance(name, (bool, np.bool_)) for name in names)):
        names.reverse()
    return {name: masks[name] for name in [*names, *(n for n in masks if n == MISSING)]}


def _pairs(masks: Masks, groups: object) -> list[tuple[Hashable, Hashable]]:
    """Pairs to compare: all of them, those of some groups, or each group with one of them."""
    labelled = [name for name in masks if name != MISSING]
    if groups is None:
        if len(labelled) < 2:
            raise errors.one_group_only(labelled)
        return list(combinations(labelled, 2))
    if not isinstance(groups, (list, tuple, np.ndarray, pd.Index)):
        base = _known([groups], masks)[0]
        return [(name, base) for name in labelled if name != base]
    chosen = _known(groups, masks)
    if len(set(chosen)) < max(2, len(chosen)):
        raise errors.not_two_groups(groups)
    return list(combinations(chosen, 2))


def _known(groups: Iterable[object], masks: Masks) -> list[Hashable]:
    """The groups as they are called here."""
    names = list(masks)
    for group in groups:
        if group not in names:
            raise errors.no_such_part(group, names)
    return [names[names.index(group)] for group in groups]
