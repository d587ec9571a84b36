"""What is measured, and its words: returns in percent, or logarithms said as multiples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.report import cells
from eventstudy.report.drawing import number_axis, percent_axis

if TYPE_CHECKING:
    from matplotlib.ticker import FuncFormatter

#: columns of the summary's tables that are in the unit of what is measured
_COLUMNS = (
    *("CAAR", "caar", "estimate", "ci_low", "ci_high", "se", "statistic"),
    *("alpha", "sigma"),
)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What abnormal numbers are about: abnormal returns, unless other words are given.

    Sentences, tables and pictures ask it how a number is written; the numbers are not touched.
    """

    #: what the bars and the path show
    noun: str = "abnormal return"
    #: label of the summary's line about the data, and what it says there ("": the kind of returns)
    quantity: str = "Returns"
    kind: str = ""
    #: what the firms did: ``{size}`` is the effect, ``{its}`` is "its" or "their"
    verb: str = "moved by {size}"
    #: against what it is measured; None: what the model and its factors explain
    beyond: str | None = None
    #: the first note of a result; "": what holds for returns
    note: str = ""

    @property
    def formats(self) -> Mapping[Any, Callable[[Any], str]]:
        """How columns are written that are not written as returns are."""
        return {}

    @property
    def zero(self) -> str:
        """What no effect is called in a sentence."""
        return "zero"

    @property
    def path_name(self) -> str:
        """What the line of a path is called."""
        return "CAAR"

    @property
    def path_label(self) -> str:
        """The axis of a path."""
        return "CAAR"

    def number(self, value: float, places: int = 2) -> str:
        """Write one number in a table or a picture."""
        return cells.percent(value, places)

    def axis(self) -> FuncFormatter:
        """Write the ticks of an axis."""
        return percent_axis()

    def places(self, values: tuple[float, ...], days: float) -> int:  # noqa: ARG002  (of multiples)
        """Decimals that the numbers of a sentence deserve: two where they are below 2 %."""
        known = [abs(x) for x in values if math.isfinite(x)]
        return 1 if max(known, default=0.0) >= 0.02 else 2

    def size(self, value: float, days: float, places: int) -> str:  # noqa: ARG002  (of multiples)
        """Write an effect over so many days in a sentence."""
        return cells.percent(value, places)

    def moved(self, value: float, days: float, places: int, firms: int) -> str:
        """Say what the firms did."""
        its = "its" if firms <= 1 else "their"
        return self.verb.format(size=self.size(value, days, places), its=its)

    def outside(self, reach: float, days: float, places: int, *, several: bool) -> str:  # noqa: ARG002  (of multiples)
        """Say which effects lie beyond chance: ``a move beyond ±8.1 %``."""
        size = cells.percent(abs(reach), places).lstrip("+")
        return f"{'moves' if several else 'a move'} beyond ±{size}"


@dataclass(frozen=True, kw_only=True)
class Multiple(Measure):
    """Logarithms: tables and pictures hold them, a sentence says exp of their mean by day.

    The sum of logarithms over L days is said as exp(sum/L): so many times the usual on each day.
    """

    #: what a single number of the sentence is, in "a {level} above 1.4 or below 0.7 times"
    level: str = "level"
    #: whether a path shows the mean of each day, not the sum up to it
    daily: bool = False

    @property
    def formats(self) -> Mapping[Any, Callable[[Any], str]]:
        """Plain numbers, three decimals; statistics two."""
        plain = dict.fromkeys(_COLUMNS, partial(cells.number, places=3))
        return {**plain, "statistic": cells.number}

    @property
    def zero(self) -> str:
        """The logarithm of one is zero."""
        return "one"

    @property
    def path_name(self) -> str:
        """What the line of a path is called."""
        return "mean" if self.daily else "CAAR"

    @property
    def path_label(self) -> str:
        """The axis of a path."""
        return self.noun if self.daily else f"CAAR, {self.noun}"

    def number(self, value: float, places: int = 2) -> str:
        """Write a logarithm with its sign."""
        text = cells.number(value, max(places, 2))
        return f"+{text}" if value > 0 else text

    def axis(self) -> FuncFormatter:
        """Write ticks as ``+0.5``."""
        return number_axis()

    def places(self, values: tuple[float, ...], days: float) -> int:
        """Two decimals where a multiple is below 1.5."""
        known = [x for x in values if math.isfinite(x)]
        return 1 if min(known, default=0.0) >= math.log(1.5) * days else 2

    def size(self, value: float, days: float, places: int) -> str:
        """Write a multiple: exp of the mean by day."""
        with np.errstate(over="ignore"):
            times = float(np.exp(value / days))
        return cells.number(times, places if times < 100 else 0)

    def outside(self, reach: float, days: float, places: int, *, several: bool) -> str:  # noqa: ARG002  (of percent)
        """Say which multiples lie beyond chance."""
        high, low = (self.size(sign * abs(reach), days, 2) for sign in (1, -1))
        level = f"{self.level}s" if several else f"a {self.level}"
        return f"{level} above {high} or below {low} times the usual"


#: what a study of returns measures
RETURNS = Measure()
