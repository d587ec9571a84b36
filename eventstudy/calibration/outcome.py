"""What a calibration found: tables, verdicts, the summary and the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.calibration import wording
from eventstudy.calibration.asking import ALTERNATIVES
from eventstudy.calibration.plan import LEVEL
from eventstudy.calibration.rates import HOLDS, RARELY, band, smallest_found, verdict
from eventstudy.inference._laws import check
from eventstudy.inference.validity import JUDGED
from eventstudy.one_line import about, many, short
from eventstudy.report import draw_calibration
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.windows import WindowLike, as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_TRUSTED = (HOLDS, RARELY)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The sample that was calibrated, and the draws."""

    #: the model and the windows of the study
    model: str
    estimation: str
    window: str
    #: events with placebo dates, their firms and dates
    events: int
    firms: int
    dates: int
    #: how the events lie to each other, the test that leads there, what no test can tell
    kind: str
    lead: str
    limit: str
    #: mean correlation, effective number of events, median skewness of the residuals
    rbar: float
    n_eff: float
    skewness: float
    #: ids of the events without placebo dates
    left_out: tuple[str, ...]
    #: sessions the dates were drawn from, chains of dates that move as one, draws made
    sessions: int
    chains: int
    draws: int
    #: event day of the planted effects, parts of the market's volatility that dates stay in
    day: int
    strata: int | None
    #: where the prices come from, if known
    source: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Printed):
    """Size and power of every test on placebo dates; `EventStudy.calibrate` gives it.

    Attributes
    ----------
    table : DataFrame
        Tidy: window, test, valid (from the dates alone), effect, alternative, level, rate
        (share of draws in which the test rejects), mc_error (its Monte-Carlo standard error),
        draws (with a p-value), undefined (draws without one).
    settings : mapping of window to Setting
        The sample and the draws; ``setting`` is that of the first window.
    silent : mapping of (window, test) to str
        Why a test gave no number.

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2023-01-02", periods=500)
    >>> returns = pd.DataFrame(rng.normal(0, 0.02, (500, 4)), days, ["A", "B", "C", "SPY"])
    >>> panel = es.Panel.from_returns(returns, market="SPY")
    >>> study = es.EventStudy(estimation=(-120, -11), window=(-1, 1))
    >>> found = study.calibrate(es.events_on(days[300], ["A", "B", "C"]), panel, draws=100,
    ...                         tests=["adj_bmp"])
    >>> found.verdict.loc[("[0,0]", "adj_bmp"), "two-sided"]
    'holds'

    Rates without an effect, the band that chance makes of 5 %, power, and whom to believe:

    >>> found.size().columns.tolist()
    ['valid', 'two-sided', 'greater', 'less', 'mc_error', 'draws', 'verdict']
    >>> [round(rate, 3) for rate in found.band()]
    [0.0, 0.137]
    >>> found.power().shape, found.trusted()
    ((1, 3), ['adj_bmp'])
    >>> len(found.plot()), found.summary().splitlines()[0]
    (2, 'Calibration')
    >>> "booktabs" in found.to_latex(), found.to_markdown().splitlines()[0]
    (True, '## Calibration')
    """

    table: pd.DataFrame
    settings: Mapping[str, Setting]
    silent: Mapping[tuple[str, str], str]

    @property
    def setting(self) -> Setting:
        """The sample and the draws, as the first window sees them."""
        return self.settings[self.windows[0]]

    def size(self, window: WindowLike | None = None, *, level: float = LEVEL) -> pd.DataFrame:
        """Test → rates of rejection without any effect, and what they say.

        Parameters
        ----------
        window : window, optional
            One of those calibrated; the first if left out.
        level : float
            One of those calibrated.

        Returns
        -------
        DataFrame
            valid, two-sided, greater, less (rates), mc_error of the first, draws, verdict.
        """
        part = self._part(window, level)
        null = part[part["effect"] == 0.0]
        rates = self._wide(null, "alternative")[list(ALTERNATIVES)]
        first = null[null["alternative"] == ALTERNATIVES[0]].set_index("test")
        found = first[["valid"]].join(rates).join(first[["mc_error", "draws"]])
        pairs = zip(found[ALTERNATIVES[0]], found["draws"], strict=True)
        return found.assign(verdict=[verdict(rate, level, n) for rate, n in pairs])

    def power(
        self,
        window: WindowLike | None = None,
        *,
        level: float = LEVEL,
        alternative: str = "two-sided",
    ) -> pd.DataFrame:
        """Test × planted effect: rates of rejection, for one of the windows calibrated.

        Parameters
        ----------
        window : (int, int), optional
            One of those calibrated; the first if left out.
        level : float
            One of those calibrated.
        alternative : {"two-sided", "greater", "less"}
            Which rejections count.
        """
        check("alternative", alternative, ALTERNATIVES)
        part = self._part(window, level)
        return self._wide(part[part["alternative"] == alternative], "effect")

    @cached_property
    def verdict(self) -> pd.DataFrame:
        """Window and test → two-sided, greater, less: what the rates at 5 % say.

        "holds" within four Monte-Carlo errors of 5 %, else "rejects too often" or "rejects too
        rarely"; empty where the test gives no number.
        """
        null = self.table[(self.table["effect"] == 0.0) & (self.table["level"] == LEVEL)]
        rows = zip(null["rate"], null["level"], null["draws"], strict=True)
        said = null.assign(verdict=[verdict(*row) for row in rows])
        keys = ["window", "test"]
        order = pd.MultiIndex.from_frame(said[keys].drop_duplicates())
        wide = said.pivot_table("verdict", keys, "alternative", aggfunc="first")
        return wide.reindex(order)[list(ALTERNATIVES)].rename_axis(columns=None)

    @cached_property
    def detectable(self) -> pd.Series[Any]:
        """Window and test → smallest effect that is found with 80 % power, two-sided at 5 %.

        Between planted effects the power is taken as a straight line; infinite where no planted
        effect is found so often. The power of a test that rejects too often is worth nothing.
        """
        found = {}
        for window in self.windows:
            power = self.power(window)
            effects = power.columns.to_numpy(dtype=float)
            side = effects >= 0 if effects.max() > 0 else effects <= 0
            for test, row in zip(power.index, power.to_numpy(), strict=True):
                found[window, str(test)] = smallest_found(
                    effects[side].tolist(), row[side].tolist()
                )
        index = pd.MultiIndex.from_tuples(list(found), names=["window", "test"])
        return pd.Series(list(found.values()), index=index, name="effect", dtype=float)

    def trusted(self, window: WindowLike | None = None) -> list[str]:
        """Tests that do not reject too often and are valid on these dates, or are your own.

        Parameters
        ----------
        window : (int, int), optional
            One of those calibrated; the first if left out.
        """
        size = self.size(window)
        usable = size["valid"] | ~size.index.isin(JUDGED)
        return [str(test) for test in size.index[usable & size["verdict"].isin(_TRUSTED)]]

    @property
    def windows(self) -> list[str]:
        """Labels of the windows that were calibrated."""
        return [str(label) for label in self.table["window"].unique()]

    def band(self, level: float = LEVEL) -> tuple[float, float]:
        """Rates within four Monte-Carlo errors of ``level``: those of a test that holds.

        Parameters
        ----------
        level : float
            The nominal size.
        """
        return band(level, self.setting.draws)

    # ── words and pictures ───────────────────────────────────────────────────────────────
    def summary(self, window: WindowLike | None = None) -> str:
        """The verdict on every test in 80 columns, the valid ones first.

        Parameters
        ----------
        window : (int, int), optional
            One of those calibrated; the first if left out.
        """
        return wording.page(self, self._label(window)).text()

    def plot(
        self,
        window: WindowLike | None = None,
        ax: Axes | None = None,
        *,
        title: str | None = None,
    ) -> NDArray[np.object_]:
        """Draw size per test and power by effect; returns the two Axes.

        The place of ``ax`` is split in two; the first of them is ``ax`` itself.

        Parameters
        ----------
        window : (int, int), optional
            One of those calibrated; the first if left out.
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        label = self._label(window)
        heading = title or wording.heading(self, label)
        setting = self.settings[label]
        source = setting.source or None
        size = self.size(label).dropna(subset="two-sided")
        return draw_calibration(
            size.assign(own=~size.index.isin(JUDGED)),
            self.power(label).loc[self.trusted(label)],
            nominal=(LEVEL, *self.band()),
            lead=setting.lead,
            ax=ax,
            title=heading,
            source=source,
        )

    def __str__(self) -> str:
        return "\n\n".join(self.summary(label) for label in self.windows)

    def __repr__(self) -> str:
        first = self.setting
        draws, tests = many(first.draws, "draw"), many(len(self._part(None, LEVEL)), "test")
        return about(self, short(first.model), many(first.events, "event"), draws, tests)

    def _repr_html_(self) -> str:
        return "".join(wording.page(self, label).html() for label in self.windows)

    def _pages(self) -> list[Page]:
        return [wording.page(self, label) for label in self.windows]

    # ── helpers ──────────────────────────────────────────────────────────────────────────
    def _label(self, window: WindowLike | None) -> str:
        label = self.windows[0] if window is None else as_window(window).label
        check("window", label, tuple(self.windows))
        return label

    def _part(self, window: WindowLike | None, level: float) -> pd.DataFrame:
        """Return the rows of one window and level."""
        label, levels = self._label(window), self.table["level"].unique().tolist()
        if level not in levels:
            raise errors.unknown_option("level", level, levels)
        return self.table[(self.table["window"] == label) & (self.table["level"] == level)]

    @staticmethod
    def _wide(part: pd.DataFrame, column: str) -> pd.DataFrame:
        """Test × ``column``: rates, in the order of the table."""
        wide = part.set_index(["test", column])["rate"].unstack(column)  # noqa: PD010  (unique keys)
        return wide.loc[part["test"].unique()].rename_axis(columns=None)
