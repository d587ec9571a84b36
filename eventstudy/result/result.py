"""The result of a study: everything is computed from its arrays when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import Parameter, signature
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import IntArray, Statistic
from eventstudy.cross_section import Question
from eventstudy.inference.folding import sums_of
from eventstudy.inference.lookup import wants
from eventstudy.panel import Panel
from eventstudy.panel.provenance import record
from eventstudy.report import (
    RETURNS,
    Explained,
    Measure,
    NewsDays,
    SingleEvent,
    Summary,
    draw_bars,
    draw_paths,
    sentence,
)
from eventstudy.result import (
    briefly,
    comparing,
    confounding,
    daily_news,
    exporting,
    findings,
    one_event,
    pictures,
    tables,
)
from eventstudy.result.groups import Groups, as_mask, group_labels, split
from eventstudy.windows import Window, WindowLike, as_window, usual_windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What a study found; `EventStudy.run` gives it.

    Attributes
    ----------
    events : DataFrame
        The kept events with all their columns, on the user's index.
    dropped : DataFrame
        event_id → ticker, date, session, reason, detail.
    abnormal : Abnormal
        The arrays behind every table.
    study : EventStudy
        The design.
    panel : Panel
        The data.
    measure : Measure
        What the numbers are about, and how they are said: returns.

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
    >>> events = es.events_on(days[260], ["AAA", "BBB"])
    >>> result = es.EventStudy().run(events, es.Panel.from_returns(returns, market="SPY"))
    >>> result.caar((-1, 1))[["test", "n"]].values.tolist()
    [['adj_bmp', 2]]

    Numbers of single events, one column a window; `scar` and `bhar` alike:

    >>> result.car((-1, 1), (0, 5)).round(3).values.tolist()
    [[0.011, -0.021], [-0.031, -0.023]]
    >>> result.scar((0, 0)).shape, result.bhar((0, 0)).shape
    ((2, 1), (2, 1))

    Tests, all or one; the groups of a column; some of the events:

    >>> result.tests((0, 0), names=["adj_bmp", "bmp"])[["test", "valid"]].values.tolist()
    [['adj_bmp', True], ['bmp', False]]
    >>> round(result.test("adj_bmp", (0, 0), alternative="greater").pvalue, 2)
    0.94
    >>> list(result.by("ticker"))
    ['AAA', 'BBB']
    >>> len(result.where(result.events["ticker"] == "AAA").events)
    1

    In words, as tidy numbers, as a band:

    >>> result.sentence((0, 0))[:45], len(str(result.summary((0, 0)))) > 1000
    ('On the event day (day 0) the 2 firms moved by', True)
    >>> list(result.to_frame().columns)
    ['event_id', 'ticker', 'day', 'date', 'return', 'expected', 'ar', 'car']
    >>> list(result.path().columns)
    ['caar', 'low', 'high', 'n']

    Pictures and files; the text is returned where no path is given:

    >>> result.plot().get_ylabel(), len(result.plot_bars((0, 0)).get_yticklabels())
    ('CAAR', 2)
    >>> result.to_markdown().splitlines()[0], "booktabs" in result.to_latex()
    ('## Event study', True)
    >>> from tempfile import mkdtemp
    >>> folder = mkdtemp()
    >>> sorted(file.name for file in result.to_csv(folder))[:3]
    ['aar.csv', 'ar.csv', 'caar.csv']
    >>> result.to_excel(f"{folder}/study.xlsx").name
    'study.xlsx'
    """

    study: Any
    panel: Panel
    events: pd.DataFrame
    dropped: pd.DataFrame
    abnormal: Abnormal
    #: (N,) estimation days left out because of the firm's other events
    left_out: IntArray
    #: what the numbers are about, and how they are said
    measure: Measure = RETURNS
    #: whether these are some of the study's events; ``dropped`` then counts for all of them
    part: bool = False

    # ── tables ───────────────────────────────────────────────────────────────────────────
    @cached_property
    def estimates(self) -> pd.DataFrame:
        """event_id → ticker, day0, alpha, one column a factor, sigma, r2, n_obs, dof."""
        return tables.estimates_table(self._each("estimates"), self.events, self.panel.sessions)

    @cached_property
    def ar(self) -> pd.DataFrame:
        """event_id × event day: abnormal returns."""
        return tables.daily_table(self._each("ar").abnormal, self.events, self.abnormal.window)

    @cached_property
    def aar(self) -> pd.DataFrame:
        """Event day → aar, se, n, caar, caar_se, pvalue.

        p-values come from the leading valid test, standard errors from the valid test on the
        scale of returns.
        """
        return tables.aar_table(self.abnormal)

    @property
    def excluded_days(self) -> int:
        """Estimation days left out because they lie in windows of the firm's other events."""
        return int(self.left_out.sum())

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of any number has to know, one sentence each."""
        return findings.notes(self)

    def car(self, *windows: WindowLike) -> pd.DataFrame:
        """event_id × window: cumulative abnormal returns, NaN where a day is missing (A.5).

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        return self._by_event(self.abnormal.car, windows)

    def scar(self, *windows: WindowLike) -> pd.DataFrame:
        """event_id × window: CAR / (σ√Q), standardised with the forecast error (C.2, C.3).

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        return self._by_event(self.abnormal.scar, windows)

    def bhar(self, *windows: WindowLike) -> pd.DataFrame:
        """event_id × window: Π(1+R) − Π(1+E[R]), buy-and-hold abnormal returns (C.4).

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        return self._by_event(self.abnormal.bhar, windows)

    def caar(self, *windows: WindowLike) -> pd.DataFrame:
        """Window → CAAR, 95 % interval and the leading valid test.

        ``test``, ``statistic`` and ``pvalue`` are of the leading valid test. Where that test is
        on standardised returns, the interval is of the valid test on the scale of returns,
        and ``note`` names it.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.

        Returns
        -------
        DataFrame
            window → estimate, ci_low, ci_high, test, statistic, pvalue, n, n_dates, rbar, n_eff,
            note.
        """
        return tables.caar_table(self.abnormal, self._windows(windows))

    def tests(
        self,
        *windows: WindowLike,
        names: Sequence[str] | None = None,
        correct: str | None = None,
    ) -> pd.DataFrame:
        """One row a window and test, valid ones first; ``note`` says why others are not.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        names : sequence of str, optional
            Which tests. If left out, all but those that resample;
            ``inference.names(resampling=True)`` are all.
        correct : {"bonferroni", "holm", "bh", "by"}, optional
            Adds ``pvalue_adjusted``: the windows asked for are one family, test by test (D.22).

        Returns
        -------
        DataFrame
            window, test, estimate, se, statistic, law, df, pvalue, n, valid, note.
        """
        known = inference.names() if names is None else names
        for name in known:
            _refuse_unknown(inference.resolve(name), ())
        table = tables.tests_table(self.abnormal, self._windows(windows), list(known))
        return table if correct is None else tables.corrected(table, correct)

    def to_frame(self) -> pd.DataFrame:
        """Tidy: event_id, ticker, day, date, return, expected, ar, car (from the first day)."""
        return tables.tidy_table(self._each("to_frame"), self.events, self.panel.sessions)

    def path(self) -> pd.DataFrame:
        """Event day → caar, low, high, n: the CAAR with its valid 95 % band."""
        return tables.path_table(self.abnormal)

    # ── one test ─────────────────────────────────────────────────────────────────────────
    def test(
        self,
        test: str | Callable[..., Statistic],
        window: WindowLike,
        **options: Any,  # noqa: ANN401  (each test names its own)
    ) -> Statistic:
        """Ask one test over one window.

        Parameters
        ----------
        test : str or callable
            A key of `eventstudy.inference`, or a function of (Abnormal, window).
        window : (int, int)
            Inside the event window.
        **options
            Of that test, such as ``alternative="greater"``.
        """
        asked = inference.resolve(test)
        _refuse_unknown(asked, options)
        return asked(self.abnormal, as_window(window), **options)

    # ── parts ────────────────────────────────────────────────────────────────────────────
    def where(self, mask: object) -> Result:
        """The result of some events; nothing is fitted again.

        Parameters
        ----------
        mask : Series or array of truth values
            On the index of ``events``, or in its order.
        """
        keep = as_mask(mask, self.events)
        return replace(
            self,
            events=self.events[keep],
            abnormal=self._each("where").take(keep),
            left_out=self.left_out[keep],
            part=self.part or not keep.all(),
        )

    def by(
        self,
        key: str | pd.Series[Any] | np.ndarray[Any, Any],
        *,
        bins: int | None = None,
    ) -> Groups:
        """The results of groups of events; nothing is fitted again.

        Parameters
        ----------
        key : str, Series or array
            A column of the events, or one label an event.
        bins : int, optional
            Cut a number into this many groups of equal size.
        """
        self._each("by")
        labels = group_labels(self.events, key, bins)
        return Groups({name: self.where(mask) for name, mask in split(labels).items()})

    def compare(
        self,
        key: str | pd.Series[Any] | np.ndarray[Any, Any],
        window: WindowLike,
        *,
        bins: int | None = None,
        groups: object = None,
        test: str | None = None,
    ) -> pd.DataFrame:
        """Test whether groups of events differ: CAAR_A − CAAR_B, valid under shared dates.

        What is valid follows from the dates that the two groups share, those with overlapping
        windows taken as one:

        ==================================  =====================================================
        the events                          test
        ==================================  =====================================================
        independent                         ``welch_t``: the t of Welch
        all on one date                     ``contrasts``: the contrast of two portfolios, exact
        most dates hold both groups         ``dates_paired``: a difference a date, t_{D−1}
        no date holds both groups           ``dates_welch``: each mean clustered by date
        some dates hold both groups         ``dates_cluster``: two dummies, clustered by date
        none of these gives a number        ``adj_welch``: Welch's t with correlations r̄
        ==================================  =====================================================

        Most dates: half of those of the group that has fewer dates.

        Parameters
        ----------
        key : str, Series or array
            A column of the events, or one label an event. For truth values the difference is
            True − False, for bins the higher less the lower one.
        window : (int, int)
            Inside the event window.
        bins : int, optional
            Cut a number into this many groups of equal size.
        groups : label, or sequence of labels, optional
            Compare these groups, each with those after it; one label: all others with it.
        test : str, optional
            One of the tests above, or ``welch_scar`` (standardised CARs) or ``mann_whitney``
            for independent events, instead of the valid one.

        Returns
        -------
        DataFrame
            (window, "A − B") → estimate, ci_low, ci_high, test, statistic, pvalue, n_a, n_b,
            n_dates, note. The p-values are those of single comparisons:
            `eventstudy.inference.holm` adjusts them for their number.

        Raises
        ------
        OptionError
            If there are no two groups, or an option is not known.

        References
        ----------
        Welch (1947), Biometrika 34; Schipper and Thompson (1983), Journal of Accounting
        Research 21; Bell and McCaffrey (2002), Survey Methodology 28.

        Examples
        --------
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 5)), days, [*"ABCD", "SPY"])
        >>> events = es.events_on(days[260], [*"ABCD"]).assign(kind=["pivoted", "pure"] * 2)
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> found = result.compare("kind", (0, 0))
        >>> found.index[0], found["test"].iloc[0]
        (('[0,0]', 'pivoted − pure'), 'contrasts')
        """
        at = as_window(window)
        self._each("compare")
        return comparing.compare(self, key, at, bins=bins, groups=groups, test=test)

    def explain(
        self,
        formula: str,
        window: WindowLike,
        *,
        se: str | tuple[str, ...] = "HC3",
        weights: str | None = None,
        draws: int | None = None,
        rng: int | np.random.Generator = 0,
        batch: int | None = None,
    ) -> Explained:
        """Regress the CARs on columns of the events: CAR_i = z_i'δ + u_i.

        The law is t with N − k degrees of freedom under ``HC0`` to ``HC3``; with G − 1 under
        clusters, whose factor is (G/(G−1))·((N−1)/(N−k)) (CR1); two-way V_A + V_B − V_AB, t with
        min(G_A, G_B) − 1. With fewer than 10 clusters p and interval come from the wild cluster
        bootstrap that imposes the null hypothesis (weights of Webb up to 11 clusters, of
        Rademacher above); up to 20 the note advises it. Dates whose windows overlap are one
        cluster.

        If all events share one date there is one cluster. ``se="date"`` then takes each
        coefficient as a portfolio: δ̂_j = c'CAR with c a row of (Z'Z)⁻¹Z', and its standard error
        √(Q·c'Σ̂c) from the residuals of the estimation window, exactly t_ν under normal returns,
        whatever the correlation of the firms (for the events complete as in `portfolio_t`).

        Parameters
        ----------
        formula : str
            The right side, in the formula language of statsmodels: ``"surprise + size"``,
            ``"np.log(usd) * own_news"``, ``"C(category)"``, ``"1"``.
        window : (int, int)
            Inside the event window.
        se : {"HC3", "HC0", "HC1", "HC2", "date", "firm", ("firm", "date")}
            The standard errors. Where events share days only those by date are valid; the note
            says so.
        weights : {None, "precision", "fgls"}
            Weigh events equally, by 1/S² with S² = σ²Q the squared forecast error of the CAR,
            or by 1/(ω̂² + S²) with ω̂² the variance beyond it, by moments.
        draws : int, optional
            Draws of the bootstrap; giving them asks for it with any number of clusters. Left
            out: 9,999 where clusters are few, none otherwise. If all possible draws are no more
            than that, all are taken.
        rng : int or Generator
            Seed of the draws.
        batch : int, optional
            Draws that are computed at a time; changes no number.

        Returns
        -------
        Explained
            ``table`` (term → coef, se, t, pvalue, ci_low, ci_high), ``n``, ``r2``, ``law``,
            ``df``, ``errors``, ``clusters``, ``note``. Events without a value leave, counted in
            the note.

        Raises
        ------
        OptionError
            If the formula cannot be read, names an unknown column, or has terms that are
            constant or collinear; if an option is not known.

        References
        ----------
        MacKinnon and White (1985), Journal of Econometrics 29; Petersen (2009), Review of
        Financial Studies 22; Cameron, Gelbach and Miller (2008), Review of Economics and
        Statistics 90, and (2011), Journal of Business and Economic Statistics 29; Webb (2023),
        Canadian Journal of Economics 56; Lewis and Linzer (2005), Political Analysis 13; Sefcik
        and Thompson (1986), Journal of Accounting Research 24.

        Examples
        --------
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 5)), days, [*"ABCD", "SPY"])
        >>> events = es.events_on(days[260], [*"ABCD"]).assign(size=[1.0, 2.0, 3.0, 5.0])
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> found = result.explain("size", (-1, 1), se="date")
        >>> found.table.index.tolist(), found.n, found.law, found.df
        (['Intercept', 'size'], 4, 't', 238.0)
        """
        at = as_window(window)
        self._each("explain")
        asked = Question(formula, at, se, weights, draws, rng, batch)
        return comparing.explain(self, asked)

    # ── one firm ─────────────────────────────────────────────────────────────────────────
    def single(
        self,
        event_id: str,
        window: WindowLike = (0, 0),
        *,
        price: float | None = None,
        shares: float | None = None,
        market_cap: float | None = None,
        alternative: str = "two-sided",
        news: pd.DataFrame | None = None,
    ) -> SingleEvent:
        """Answer everything about one event: its tests, its power, its dollars, what else happened.

        T = CAR / (σ√Q) ~ t_ν, beside the sample quantiles and the permutation of the days. The
        smallest significant move is c·σ√Q; the true effect found with 80 % probability is δ·σ√Q,
        with δ from the noncentral t law, if the true σ is the estimated one. In dollars, B × CAR
        with standard error B·σ√Q, B the close or the market capitalisation of the last session
        before the window, taken as known; of log returns B(exp(CAR) − 1) with B·exp(CAR)·σ√Q (the
        delta method) and an interval whose ends are converted.

        Parameters
        ----------
        event_id : str
            One of the kept events.
        window : (int, int)
            Inside the event window, by default day 0.
        price : float, optional
            Dollars per share at the close before the window; by default ``fields["close"]`` of
            the panel.
        shares, market_cap : float, optional
            Shares outstanding, or dollars of market capitalisation before the window; by default
            ``fields["market_cap"]`` of the panel.
        alternative : {"two-sided", "greater", "less"}
            The alternative hypothesis of all three tests.
        news : DataFrame, optional
            An events table in which other news is looked up (`confounds`); by default all events
            of the result, the dropped ones among them.

        Returns
        -------
        SingleEvent
            ``table``, ``tests``, ``parts``, ``confounds``, ``sentence()``, ``plot()``, and all of
            it as text.

        Raises
        ------
        OptionError
            If there is no such event, it was dropped, or an option is not known.

        References
        ----------
        Gelbach, Helland and Klick (2013), American Law and Economics Review 15; Brav and Heaton
        (2015), Washington University Law Review 93; Nguyen and Wolf (2023), Empirical Economics.

        Examples
        --------
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 2)), days, ["AAA", "SPY"])
        >>> frame.loc[days[260], "AAA"] -= 0.05
        >>> events = es.events_on(days[260], "AAA")
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> found = result.single(result.events.index[0], price=20.0)
        >>> round(found.estimate, 3), round(found.share.estimate, 2), round(found.share.se, 2)
        (-0.046, -0.91, 0.2)
        """
        self._each("single")
        asked = one_event.Asked(as_window(window), price, shares, market_cap, alternative, news)
        return one_event.single(self, event_id, asked)

    def confounds(
        self,
        event_id: str,
        window: WindowLike = (0, 0),
        *,
        around: int = 1,
        news: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Look up what else was known near an event.

        Parameters
        ----------
        event_id : str
            One of the kept events.
        window : (int, int)
            Inside the event window, by default day 0.
        around : int
            Sessions before and after the window that are looked at.
        news : DataFrame, optional
            An events table; rows without a ticker are news about the market or a sector. By
            default all events of the result, the dropped ones among them.

        Returns
        -------
        DataFrame
            event_id → ticker, date, ``day`` (sessions after day 0), ``kind`` ("same firm",
            "market or sector", "other firms": one row a day, "flag of the event": its columns
            own_earnings, own_deal, concurrent_financing, merger_arbitrage, confounded),
            ``what``. An empty table says that the news given holds nothing else, not that
            nothing else happened.

        Raises
        ------
        OptionError
            If there is no such event, it was dropped, or ``around`` is negative.

        Examples
        --------
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 2)), days, ["AAA", "SPY"])
        >>> events = pd.DataFrame({"ticker": "AAA", "date": days[[260, 261]]})
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> result.confounds(result.events.index[0])[["day", "kind"]].values.tolist()
        [[1, 'same firm']]
        """
        self._each("confounds")
        at = confounding.position(self, event_id)
        w = as_window(window)
        self.abnormal.days(w)  # refuses a window outside the event window
        return confounding.confounds(self, at, w, news, around)

    def news_days(
        self,
        ticker: str,
        *,
        level: float = 0.05,
        news: pd.DataFrame | None = None,
        clean: bool = True,
        test: str = "single_t",
    ) -> NewsDays:
        """Compare how often a firm's days with news, and its other days, are significant.

        Every session with enough days before it is tested as an event of its own, with the model
        and the estimation window of the study. The shares of significant days with and without
        news are compared by Fisher's exact test. In securities litigation this is evidence on
        market efficiency (the fifth factor of Cammer v. Bloom).

        Parameters
        ----------
        ticker : str
            The firm; only news under this ticker counts as its own.
        level : float
            Level at which a day is significant, two-sided.
        news : DataFrame, optional
            All news of the firm; by default the events of the result, the dropped ones among
            them. A day that it does not name counts as a day without news.
        clean : bool
            Whether days with news are left out of the estimation windows, so that they do not
            blow up σ.
        test : {"single_t", "sq"}
            How each day is tested: by the t law, or by the quantiles of its estimation days.

        Returns
        -------
        NewsDays
            ``table`` (2 × 2), ``pvalue``, ``pvalue_greater``, ``odds_ratio``, ``days``,
            ``sentence()``.

        Raises
        ------
        OptionError
            If the panel has no such ticker, or an option is not known.

        References
        ----------
        Ferrillo, Dunbar and Tabak (2004), St. John's Law Review 78; Cammer v. Bloom, 711 F. Supp.
        1264 (D.N.J. 1989); Fisher (1935), The Design of Experiments.

        Examples
        --------
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2023-01-02", periods=500)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (500, 2)), days, ["AAA", "SPY"])
        >>> frame.loc[days[300:400:20], "AAA"] += 0.04
        >>> events = pd.DataFrame({"ticker": "AAA", "date": days[300:400:20]})
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> found = result.news_days("AAA")
        >>> found.table["share"].round(3).tolist(), found.pvalue < 1e-4
        ([1.0, 0.044], True)
        """
        return daily_news.news_days(self, daily_news.Asked(ticker, level, news, clean, test))

    # ── words and pictures ───────────────────────────────────────────────────────────────
    def sentence(self, window: WindowLike = (0, 0)) -> str:
        """One honest sentence: effect, interval, valid test, what could have been detected.

        Parameters
        ----------
        window : (int, int)
            Inside the event window.
        """
        return sentence(findings.finding(self, as_window(window)))

    def summary(self, *windows: WindowLike) -> Summary:
        """The whole answer in 80 columns: valid tests first, the others marked.

        Parameters
        ----------
        *windows : (int, int)
            The first one leads; without any, the usual ones.
        """
        return findings.summary(self, self._windows(windows))

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the CAAR with its valid 95 % band; returns the Axes.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        label = "all events" if len(self.events) > 1 else str(self.events.index[0])
        paths = {label: self.path()}
        source = self.source or None
        found = draw_paths(paths, ax=ax, title=title, source=source, measure=self.measure)
        return cast("Axes", found)

    def plot_bars(
        self, window: WindowLike = (0, 0), ax: Axes | None = None, *, title: str | None = None
    ) -> Axes:
        """Draw each ticker's abnormal return with its 95 % interval, sorted: the slide.

        Parameters
        ----------
        window : (int, int)
            Inside the event window.
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        at = as_window(window)
        self._each("plot_bars")
        bars = findings.bars(self, at)
        found = tables.answer(self.abnormal, at)
        low, high = found.interval.ci
        mean = found.estimate if len(bars) > 1 else None
        noun = self.measure.noun[:1].upper() + self.measure.noun[1:]
        heading = title or f"{noun} {at.label}, by ticker"
        return draw_bars(
            bars,
            ax=ax,
            title=heading,
            source=self.source or None,
            mean=mean,
            mean_low=low,
            mean_high=high,
            measure=self.measure,
        )

    def plot_cars(
        self, window: WindowLike = (0, 0), ax: Axes | None = None, *, title: str | None = None
    ) -> Axes:
        """Draw the CAR of every event with its 95 % interval, sorted, beside the mean.

        The interval is CAR ± t_ν·σ√Q, that of the event's own test; a dot is filled where it
        excludes zero. The dashed line is the CAAR with its valid interval. Up to 40 events are
        named, more are ranked.

        Parameters
        ----------
        window : (int, int)
            Inside the event window, by default day 0.
        ax : Axes, optional
            Where to draw; without it a figure is made.
        title : str, optional
            Above the picture.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("Agg")
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> frame.loc[days[260], "AAA"] += 0.05
        >>> events = es.events_on(days[260], ["AAA", "BBB"])
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> [tick.get_text() for tick in result.plot_cars((-1, 1)).get_yticklabels()]
        ['BBB', 'AAA']
        """
        self._each("plot_cars")
        return pictures.plot_cars(self, as_window(window), ax, title)

    def plot_heatmap(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the abnormal returns of all events and days: blue above zero, orange below.

        Rows are sorted by day 0 and then by ticker, so that what firms of one date share is seen
        as stripes. One per cent of the cells lie beyond the last colours; grey is no number. Of
        more than 500 events as many are drawn, at equal steps, and the line below says so.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; without it a figure is made.
        title : str, optional
            Above the picture.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("Agg")
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = es.events_on(days[260], ["AAA", "BBB"])
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> result.plot_heatmap().get_xlabel()
        'trading days around day 0'
        """
        self._each("plot_heatmap")
        return pictures.plot_heatmap(self, ax, title)

    def plot_timeline(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw when the events were, ticker by ticker: which share a date, which windows overlap.

        A mark is filled where other events share its day 0; each shade is one cluster of
        overlapping event windows. Of more than 60 tickers the events of each date are counted.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; without it a figure is made.
        title : str, optional
            Above the picture.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("Agg")
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[[255, 265]]})
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> result.plot_timeline().get_xlabel()
        '2 events on 2 dates, in one cluster of overlapping windows'
        """
        self._each("plot_timeline")
        return pictures.plot_timeline(self, ax, title)

    def plot_vary(
        self,
        *,
        model: Sequence[Any] | None = None,
        estimation: Sequence[Any] | None = None,
        window: Sequence[WindowLike] | None = None,
        ax: Axes | None = None,
        title: str | None = None,
        **others: Sequence[Any],
    ) -> Axes:
        """Draw the specification curve: the same question under every reasonable choice.

        Runs ``study.vary(...)`` on the events that the study was given, the dropped ones among
        them: another choice may keep other events. Of a part (`where`, `by`) the kept events are
        taken. The p-value of the whole curve is that of ``study.vary(...).run(...)``.

        Parameters
        ----------
        model, estimation, window : list, optional
            As for `EventStudy.vary`; what is not given stays as it is, the window day 0.
        ax : Axes, optional
            Where to draw; its place is split in two. Without it a figure is made.
        title : str, optional
            Above the picture.
        **others
            ``min_obs``, ``missing``, ``exclude_other_events``, as for `EventStudy.vary`.

        Returns
        -------
        Axes
            The upper one, with the estimates; the last of ``ax.figure.axes`` has the choices.

        Raises
        ------
        EventStudyError
            As `EventStudy.vary` and `EventStudy.run`.

        Examples
        --------
        >>> import matplotlib
        >>> matplotlib.use("Agg")
        >>> import eventstudy as es
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = es.events_on(days[260], ["AAA", "BBB"])
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(frame, market="SPY"))
        >>> ax = result.plot_vary(window=[(0, 0), (-1, 1)], estimation=[(-200, -11), (-100, -11)])
        >>> ax.figure.axes[-1].get_xlabel()
        '4 specifications, sorted by estimate'
        """
        choices = {"model": model, "estimation": estimation, "window": window, **others}
        return pictures.plot_vary(self, choices, ax, title)

    def to_html(
        self,
        path: str | PathLike[str],
        *windows: WindowLike,
        by: str | pd.Series[Any] | np.ndarray[Any, Any] | None = None,
        curve: object = None,
        backtest: object = None,
        title: str | None = None,
    ) -> Path:
        """Write the interactive report: one HTML file that loads nothing and sends nothing.

        The answer in one sentence, the path of the CAAR with its valid band, each ticker's bar,
        windows × tests with the valid ones first, events × days, every event with its interval,
        the timeline, dropped events, data checks, estimates, method and sources, provenance with
        the code that gives the numbers again. Needs ``plotly`` and ``jinja2``.

        Parameters
        ----------
        path : path
            The file, such as "report.html"; its folder is made if it is not there.
        *windows : window
            Windows of the answer, the leading one first; by default day 0, [-1,+1] and the event
            window.
        by : str, Series or array, optional
            Groups whose paths are drawn, as in `by`.
        curve : Curve, optional
            What ``study.vary(...).run(events, panel)`` returned.
        backtest : Backtest, optional
            What ``es.Rule(...).run(events, panel)`` returned.
        title : str, optional
            The heading; by default it counts events and firms.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OptionError
            If ``plotly`` or ``jinja2`` is not installed, the file cannot be written, or an option
            is not what it should be.

        Examples
        --------
        >>> import eventstudy as es, tempfile
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = es.events_on(days[260], ["AAA", "BBB"])
        >>> result = es.EventStudy().run(events, es.Panel.from_returns(returns, market="SPY"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     report = result.to_html(f"{folder}/report.html", (0, 0), (-1, 1))
        ...     report.name, report.stat().st_size < 8_000_000
        ('report.html', True)
        """
        from eventstudy.result import reporting

        about = list(dict.fromkeys(self._windows(windows)))
        asked = reporting.Asked(about, by, curve, backtest, title)
        return reporting.write_report(self, path, asked)

    # ── files ────────────────────────────────────────────────────────────────────────────
    def to_latex(self, path: str | PathLike[str] | None = None, *windows: WindowLike) -> str:
        r"""Write the summary's tables for a paper: LaTeX with ``booktabs``, everything escaped.

        The windows with the leading test's p-value, and the valid tests of the first window. The
        notes below name the sample, the tests' papers and what n_eff is.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        *windows : window
            By default day 0, [-1,+1] and the event window.
        """
        return self.summary(*windows).to_latex(path)

    def to_markdown(self, path: str | PathLike[str] | None = None, *windows: WindowLike) -> str:
        """Write the summary as Markdown, tables with pipes, everything escaped.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        *windows : (int, int)
            By default day 0, [-1,+1] and the event window.
        """
        return self.summary(*windows).to_markdown(path)

    def to_excel(self, path: str | PathLike[str], *windows: WindowLike) -> Path:
        """Write all tables into a workbook of Excel; needs ``xlsxwriter``.

        Sheets: summary, caar, tests, car, aar, ar, estimates, events, dropped, provenance.
        Numbers stay numbers and text stays text, whatever it begins with; what needs the single
        events is left out, and the first sheet says so, where only their sums were kept.

        Parameters
        ----------
        path : path
            The file, ending in ``.xlsx``; its folder is made if it is not there.
        *windows : window
            By default day 0, [-1,+1] and the event window.
        """
        return exporting.workbook(self, path, self._windows(windows))

    def to_csv(
        self, folder: str | PathLike[str], *windows: WindowLike, formula_safe: bool = True
    ) -> list[Path]:
        """Write each table as a CSV file of its name, numbers in full.

        Parameters
        ----------
        folder : path
            Made if it is not there.
        *windows : window
            By default day 0, [-1,+1] and the event window.
        formula_safe : bool
            Whether text that a spreadsheet would run as a formula gets an apostrophe before it.
            With False the files are the bare tables, as the command line writes them.
        """
        return exporting.files(self, folder, self._windows(windows), formula_safe=formula_safe)

    def __len__(self) -> int:
        return len(self.events)

    def __str__(self) -> str:
        return str(self.summary())

    def __repr__(self) -> str:
        return briefly.brief(self)

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    # ── helpers ──────────────────────────────────────────────────────────────────────────
    @property
    def provenance(self) -> dict[str, Any]:
        """Where the prices came from: source, fetched, options, sha256, report, factors, notes.

        ``sha256`` is the panel's fingerprint: equal numbers have equal ones. Plain values, ready
        for ``json.dumps``.
        """
        return record(self.panel)

    @property
    def source(self) -> str:
        """Where the prices come from, if the panel knows; "simulated prices" for the sample."""
        return self.panel.source

    def _each(self, asked: str) -> Abnormal:
        """The arrays of each event; refused where only their sums were kept."""
        if sums_of(self.abnormal) is not None:
            raise errors.events_not_kept(asked)
        return self.abnormal

    def _windows(self, windows: Sequence[WindowLike]) -> list[Window]:
        """The windows asked for; by default day 0, [-1,+1] and the event window."""
        if windows:
            return [as_window(w) for w in windows]
        return list(usual_windows(self.abnormal.window))

    def _by_event(
        self, measure: Callable[[Window], np.ndarray[Any, Any]], windows: Sequence[WindowLike]
    ) -> pd.DataFrame:
        asked = [as_window(w) for w in windows] or [self.abnormal.window]
        values = {w.label: measure(w) for w in asked}
        return pd.DataFrame(values, index=self.events.index)


def _refuse_unknown(test: Callable[..., Statistic], options: Iterable[str]) -> None:
    """Refuse an option that the test does not have, or that it lacks and cannot do without.

    A test with ``**options`` has all.
    """
    asked = tuple(options)
    if missing := [option for option in wants(test) if option not in asked]:
        raise errors.test_option_missing(getattr(test, "__name__", "The test"), missing[0])
    parameters = list(signature(test).parameters.values())[2:]
    if any(p.kind is Parameter.VAR_KEYWORD for p in parameters):
        return
    known = [p.name for p in parameters]
    for option in asked:
        if option not in known:
            raise errors.unknown_test_option(getattr(test, "__name__", "The test"), option, known)
