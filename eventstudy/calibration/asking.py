"""p-values of many tests, two-sided and of each tail, on events of placebo dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import signature

import numpy as np
from scipy.special import ndtr, stdtr

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray, Statistic
from eventstudy.inference.lookup import Test, wants
from eventstudy.windows import Window

ALTERNATIVES = ("two-sided", "greater", "less")
#: laws that are symmetric about zero: one statistic tells both tails
SYMMETRIC = ("t", "normal")
NOTHING = (float("nan"),) * len(ALTERNATIVES)


@dataclass(frozen=True)
class Asked:
    """A test under the name that tables give it."""

    name: str
    test: Test
    #: whether the test can be asked for one tail
    tails: bool

    @classmethod
    def of(cls, test: str | Test) -> Asked:
        """Read a key of `eventstudy.inference`, or a function of (abnormal, window)."""
        found = inference.resolve(test)
        name = test if isinstance(test, str) else getattr(found, "__name__", type(found).__name__)
        if missing := wants(found):
            raise errors.test_option_missing(name, missing[0])
        return cls(name, found, "alternative" in signature(found).parameters)

    def pvalues(self, abnormal: Abnormal, window: Window) -> tuple[tuple[float, ...], str]:
        """p-values by `ALTERNATIVES`, NaN where there is none, and the note of the test."""
        found = self.test(abnormal, window)
        if np.isnan(found.pvalue):
            return NOTHING, found.note
        if found.law in SYMMETRIC:
            return (found.pvalue, _below(found, -1.0), _below(found, 1.0)), found.note
        if not self.tails or found.law == "F":  # a joint test has one tail only
            return (found.pvalue, *NOTHING[1:]), found.note
        one_sided = [self.test(abnormal, window, alternative=a).pvalue for a in ALTERNATIVES[1:]]
        return (found.pvalue, *one_sided), found.note


def _below(found: Statistic, sign: float) -> float:
    """P(X ≤ ± the statistic) under its symmetric law."""
    x = sign * found.statistic
    return float(ndtr(x) if found.law == "normal" else stdtr(found.df, x))


@dataclass(frozen=True, eq=False)
class Answers:
    """What all tests said to all draws."""

    tests: Sequence[Asked]
    windows: Sequence[Window]
    #: planted effects, no effect first, and the event day on which they are planted
    effects: tuple[float, ...]
    day: int
    #: (windows, tests, effects, draws, alternatives) p-values
    pvalues: FloatArray
    #: why a test gave no number, by window and test; the first reason that came up
    silent: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def empty(
        cls,
        tests: Sequence[Asked],
        windows: Sequence[Window],
        effects: tuple[float, ...],
        day: int,
        draws: int,
    ) -> Answers:
        """Room for the answers to ``draws`` draws."""
        shape = (len(windows), len(tests), len(effects), draws, len(ALTERNATIVES))
        return cls(tests, windows, effects, day, np.full(shape, np.nan))

    def hear(self, d: int, events: Abnormal) -> None:
        """Ask every test about draw ``d``, without an effect and with each of them."""
        for e, effect in enumerate(self.effects):
            study = events.planted(self.day, effect) if effect else events
            for w, window in enumerate(self.windows):
                for t, asked in enumerate(self.tests):
                    found, note = asked.pvalues(study, window)
                    self.pvalues[w, t, e, d] = found
                    if np.isnan(found[0]):
                        self.silent.setdefault((window.label, asked.name), note)
