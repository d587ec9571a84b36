"""Tests of BHARs: those of `eventstudy.inference`, asked of sums over one window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy import errors
from eventstudy.abnormal import Abnormal, Kept
from eventstudy.arrays import Statistic, StoredPaths
from eventstudy.inference._sample import sample_of
from eventstudy.inference.lookup import resolve
from eventstudy.longrun.compounding import Holdings, Measured
from eventstudy.windows import Window

#: tests that take events as independent, and those that take clusters as independent
INDEPENDENT = ("skew_t", "csect_t", "wilcoxon", "sign")
CLUSTERED = ("dates_csect", "sign_flip_dates")
TESTS = INDEPENDENT + CLUSTERED
SHARED = "holdings share days: it takes the events as independent"


def as_abnormal(holdings: Holdings, measured: Measured, window: Window) -> Abnormal:
    """The BHARs as tests read CARs: sums over ``window``, of which no day is kept.

    What an estimation would tell is missing, and no test in `TESTS` asks for it.
    """
    n = len(holdings)
    unknown, empty = np.full(n, np.nan), np.full((n, 1), np.nan)
    none: Any = None
    return Abnormal(
        estimation=Window(window.first - 1, window.first - 1),
        window=window,
        abnormal=none,
        sigma=unknown,
        dof=unknown,
        n_obs=np.zeros(n),
        params=np.empty((n, 0)),
        names=(),
        r2=unknown,
        row=holdings.row,
        firm=holdings.firm,
        root=np.zeros((1, len(window), 0)),
        design=np.zeros(n, dtype=np.int64),
        paths=StoredPaths(empty, empty, empty),
        path=np.arange(n),
        kept=Kept((window,), measured.bhar[:, None], np.zeros(n, dtype=bool)),
    )


def ask(bhars: Abnormal, window: Window, name: str, options: Mapping[str, Any]) -> Statistic:
    """Ask one test; its note says where it is not valid."""
    test = resolve(known_test(name))
    known = [option for option in getattr(test, "__kwdefaults__", None) or {} if option != "on"]
    for option in options:
        if option not in known:
            raise errors.unknown_test_option(name, option, known)
    found = test(bhars, window, **options)
    sample = sample_of(bhars, window)
    shared = name in INDEPENDENT and sample.n > 1 and not sample.independent
    note = "; ".join(filter(None, (SHARED if shared else "", found.note.replace("CAR", "BHAR"))))
    return replace(found, note=note)


def known_test(name: str) -> str:
    """Refuse a test that needs more than BHARs."""
    if name not in TESTS:
        raise errors.unknown_option("name", name, TESTS)
    return name


def is_valid(bhars: Abnormal, window: Window, name: str) -> bool:
    """Whether a test keeps its size, given which holdings share days."""
    sample = sample_of(bhars, window)
    if known_test(name) in INDEPENDENT:
        return sample.independent and sample.n > 1
    return sample.n_components > 1
