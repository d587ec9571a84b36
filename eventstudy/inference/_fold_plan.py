"""Which windows are folded, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import BoolArray, FloatArray
from eventstudy.windows import Window, WindowLike, as_window


@dataclass(frozen=True)
class Plan:
    """The windows of a fold, and what it has to know of the study.

    Windows that were asked for are folded for every test; the days (each event day, and from the
    first to each day) for mean effects, their errors and their pictures.
    """

    asked: tuple[Window, ...]
    days: tuple[Window, ...]
    #: the two windows of the study
    estimation: Window
    window: Window
    #: parameters of the model, whether a date shares one design, "drop", "skip" or "zero"
    parameters: int
    common_design: bool
    missing: str
    kind: str

    @classmethod
    def of(cls, abnormal: Abnormal, windows: Sequence[WindowLike]) -> Plan:
        """Fold ``windows`` and the days of the event window."""
        whole = abnormal.window
        asked = tuple(dict.fromkeys(as_window(w) for w in windows))
        for window in asked:
            abnormal.days(window)  # refuses a window outside the event window
        single = [Window(day, day) for day in whole.days]
        so_far = [Window(whole.first, day) for day in whole.days]
        days = tuple(w for w in dict.fromkeys(single + so_far) if w not in asked)
        return cls(
            asked=asked,
            days=days,
            estimation=abnormal.estimation,
            window=whole,
            parameters=abnormal.params.shape[1],
            common_design=abnormal.common_design,
            missing=abnormal.missing,
            kind=abnormal.kind,
        )

    @staticmethod
    def together(parts: Sequence[Plan]) -> Plan:
        """Of all parts: their dates share designs only where those of every part do."""
        return replace(parts[0], common_design=all(part.common_design for part in parts))

    @property
    def windows(self) -> tuple[Window, ...]:
        """All windows, those asked for first."""
        return self.asked + self.days

    @property
    def halo(self) -> int:
        """Sessions after a block in which another window may overlap with one of its own."""
        return max(map(len, self.windows)) - 1

    def kept(self, abnormal: Abnormal) -> BoolArray:
        """(m, n) which events each window retains."""
        if np.isfinite(abnormal.abnormal).all():
            return np.ones((len(self.windows), len(abnormal)), dtype=bool)
        return np.asarray(np.isfinite(self.cars(abnormal)))

    def cars(self, abnormal: Abnormal) -> FloatArray:
        """(m, n) CARs of the windows; the days at once."""
        if self.missing != "drop" or abnormal.bridged is not None:
            return np.array([abnormal.car(w) for w in self.windows])
        ar = abnormal.abnormal.T
        so_far = np.cumsum(ar, axis=0)
        found = [abnormal.car(w) for w in self.asked]
        for w in self.days:
            last = w.last - self.window.first
            found.append(ar[last] if len(w) == 1 else so_far[last])
        return np.array(found).reshape(len(self.windows), len(abnormal))


@dataclass(frozen=True, eq=False)
class Retained:
    """The different sets of events that windows retain."""

    #: (m,) the set of each window
    which: tuple[int, ...]
    #: (k, n) the events of each set
    masks: BoolArray
    #: (k,) whether a window that was asked for has it
    asked: BoolArray

    @classmethod
    def of(cls, kept: BoolArray, asked: int) -> Retained:
        """From the (m, n) events that each window retains, the first ``asked`` of them asked."""
        keys = [own.tobytes() for own in np.packbits(kept, axis=1)]
        different = list(dict.fromkeys(keys))
        which = tuple(map(different.index, keys))
        sets = np.arange(len(different))
        return cls(which, kept[[which.index(j) for j in sets]], np.isin(sets, which[:asked]))
