"""The specification curve: one question, every reasonable choice, sorted by its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.calibration.choices import Specification, Variations
from eventstudy.calibration.joint import joint_table
from eventstudy.calibration.plan import Plan
from eventstudy.events import check_events
from eventstudy.inference._resampling import Rng, check_draws, generator
from eventstudy.one_line import about, many
from eventstudy.panel import Panel
from eventstudy.progress import steps
from eventstudy.report import Page, cells, charts, draw_specifications
from eventstudy.report.document import Part, part_of
from eventstudy.report.exports import Printed
from eventstudy.report.summary import windows_table
from eventstudy.report.tables import Formats
from eventstudy.result import Result
from eventstudy.result.tables import caar_table
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: columns of a ``caar`` table that a specification keeps
ANSWER = ("estimate", "ci_low", "ci_high", "test", "statistic", "pvalue", "n", "n_dates", "n_eff")
LEVEL = 0.05
#: rows of the table that the summary writes out: the lowest and the highest
SHOWN = 24
#: medians nearer to each other than this are printed alike
SEEN = 5e-5
_NOUNS = {"model": "the model", "estimation": "the estimation window", "window": "the window"}
_COUNTS = (("n", "event"), ("n_dates", "date"))


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Printed):
    """One question under every reasonable choice.

    Attributes
    ----------
    table : DataFrame
        One row a specification, sorted by its estimate: the choices (``model``,
        ``estimation``, ``window`` and whatever else was varied), then ``estimate``,
        ``ci_low``, ``ci_high``, ``test``, ``statistic``, ``pvalue``, ``n``, ``n_dates``,
        ``n_eff`` and ``note`` of the leading valid test. Without any event the numbers are NaN.
    joint : DataFrame
        Statistics of the whole curve and their p-value among joint placebo dates; empty
        without draws.

    Examples
    --------
    >>> import eventstudy as es
    >>> deals = es.catalysts.load(category="deal")
    >>> deals = deals[deals["ticker"].isin(es.universe.MINERS)]
    >>> study = es.EventStudy()
    >>> panel = study.load(deals, es.loaders.sample, market="SPY")
    >>> curve = study.vary(window=[(0, 0), (-1, 1)]).run(deals, panel, draws=0)
    >>> curve.table[["window", "estimate"]].round(3).values.tolist()
    [['[-1,+1]', 0.036], ['[0,0]', 0.042]]
    >>> curve.sentence()[:61]
    '2 specifications: the estimate runs from +3.61 % to +4.21 %, '
    >>> curve.plot().get_ylabel(), len(str(curve.summary()).splitlines()) > 10
    ('abnormal return', True)
    >>> "booktabs" in curve.to_latex(), curve.to_markdown().splitlines()[0]
    (True, '## Specification curve')
    >>> len(curve.parts())
    1
    """

    table: pd.DataFrame
    joint: pd.DataFrame
    #: the choices, in the order of the pictures
    choices: tuple[str, ...]
    source: str = ""
    #: draws that were asked for
    draws: int = 0

    @property
    def answered(self) -> pd.DataFrame:
        """Specifications that have an answer."""
        found: pd.DataFrame = self.table[np.isfinite(self.table["estimate"])]
        return found

    @property
    def agreement(self) -> dict[str, float]:
        """How many specifications there are, and how far they agree.

        ``n``, ``positive``, ``negative``; ``significant_positive`` and
        ``significant_negative`` at 5 % by the leading test; ``open``, how many of these have an
        interval on returns that holds zero; ``median``, ``lowest`` and ``highest`` estimate.
        """
        found = self.answered
        x, sure = found["estimate"], found["pvalue"] <= LEVEL
        inside = (found["ci_low"] <= 0) & (found["ci_high"] >= 0)
        return {
            "n": len(found),
            "positive": int((x > 0).sum()),
            "negative": int((x < 0).sum()),
            "significant_positive": int((sure & (x > 0)).sum()),
            "significant_negative": int((sure & (x < 0)).sum()),
            "open": int((sure & inside).sum()),
            "median": float(x.median()),
            "lowest": float(x.min()),
            "highest": float(x.max()),
        }

    def sentence(self) -> str:
        """How far the answers agree, and whether chance makes such a curve."""
        a = self.agreement
        up, down = a["significant_positive"], a["significant_negative"]
        n, are = int(a["n"]), "is" if a["positive"] == 1 else "are"
        if not n:
            return "No specification has an answer."
        said = (
            f"{n} specification{'s' if n > 1 else ''}: the estimate runs from "
            f"{cells.percent(a['lowest'])} to {cells.percent(a['highest'])}, median "
            f"{cells.percent(a['median'])}; {a['positive']} {are} positive ({up} significantly "
            f"at 5 %), {a['negative']} negative ({down} significantly)."
        )
        if a["open"]:
            said += f" In {a['open']} of these the interval on returns holds zero: open."
        if self.splits:
            what, low, high = self.splits[0]
            said += f" The median moves most by the choice of {_noun(what)}: {low} against {high}."
        if len(self.joint):
            row = self.joint.to_dict("index")["median"]
            said += (
                f" A median so far from zero comes up on placebo dates with "
                f"p = {cells.pvalue(row['pvalue'])} ({row['draws']} draws)."
            )
        return said

    @property
    def splits(self) -> list[tuple[str, str, str]]:
        """Choices by how much they move the median estimate: its lowest and highest value."""
        found = []
        for choice in self.choices:
            medians = self.answered.groupby(choice)["estimate"].median().sort_values()
            if len(medians) > 1:
                names = medians.index.astype(str)
                low, high = (f"{cells.percent(medians.iloc[k])} ({names[k]})" for k in (0, -1))
                gap = float(medians.iloc[-1] - medians.iloc[0])
                if gap >= SEEN:
                    found.append((gap, choice, low, high))
        ordered = sorted(found, key=lambda split: -split[0])
        return [(what, low, high) for _, what, low, high in ordered]

    def summary(self) -> str:
        """The sentence, the joint test and the specifications, in 80 columns."""
        return self._page().text()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader has to know."""
        found = []
        hidden = len(self.table) - SHOWN
        if hidden > 0:
            found.append(f"{hidden} specifications in between are in `table`.")
        silent = int((~np.isfinite(self.table["estimate"])).sum())
        if silent:
            one = "1 specification has" if silent == 1 else f"{silent} specifications have"
            found.append(f"{one} no answer; `table` says why.")
        found.append(
            "Specifications share their events: many that agree are no more evidence than one."
            + (" The joint p-value moves all of them to the same placebo dates." * bool(self.draws))
        )
        return (*found, *self._joint_notes())

    def _joint_notes(self) -> list[str]:
        """Say where the joint test rests on fewer draws or events than the reader thinks."""
        found: list[str] = []
        if not len(self.joint):
            return found
        made, events = (int(self.joint[name].iloc[0]) for name in ("draws", "events"))
        if made < self.draws:
            found.append(
                f"{self.draws} draws were asked for, {made} were made: events of one date have no "
                f"more draws than sessions on which all of them could lie (a firm with a short "
                f"history leaves few), and a draw counts where every specification has an answer."
            )
        if (self.answered["n"] != events).any():
            found.append(
                f"The joint test rests on {_range(self.joint['events'], 'event')} that every "
                f"specification keeps and that can have placebo dates; its median is theirs."
            )
        return found

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the estimates with their valid 95 % intervals above, the choices below.

        The place of ``ax`` is split in two; returned is the upper one, ``ax`` itself.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        heading = title or "The same question under every choice"
        return draw_specifications(
            self.answered, self.choices, ax=ax, title=heading, source=self.source or None
        )

    def parts(self) -> Sequence[Part]:
        """The part that a report of the result gets: `Result.to_html(..., curve=...)`."""
        return [
            part_of(
                self._page(),
                name="curve",
                pictures=[lambda: charts.curve_chart(self.table, self.choices)],
            )
        ]

    def _page(self) -> Page:
        shown = self.table
        if len(shown) > SHOWN:
            shown = pd.concat([shown.head(SHOWN // 2), shown.tail(SHOWN // 2)])
        listed = windows_table(shown)[["CAAR", "95 % interval", "p"]]
        listed = shown[list(self.choices)].join(listed).rename_axis("no.")
        parts = [("Specifications, lowest estimate first", listed)]
        if len(self.joint):
            wrote = [cells.percent, _share, cells.number]
            observed = [write(x) for write, x in zip(wrote, self.joint["observed"], strict=True)]
            joint = self.joint.set_index("what")[["pvalue", "draws", "events"]]
            joint.insert(0, "observed", observed)
            parts.insert(0, ("The whole curve among joint placebo dates", joint))
        formats: Formats = {"draws": cells.count}
        return Page(
            title="Specification curve",
            facts=self._facts(),
            lead=self.sentence(),
            tables=[(title, frame, formats) for title, frame in parts],
            notes=self.notes,
        )

    def _facts(self) -> list[tuple[str, str]]:
        found, facts = self.answered, []
        if len(found):
            events, dates = (_range(found[name], noun) for name, noun in _COUNTS)
            facts.append(("Events", f"{events} on {dates}"))
        return [*facts, ("Prices", self.source)] if self.source else facts

    def __len__(self) -> int:
        return len(self.table)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        found = self.answered["estimate"]
        ends = f"CAAR {cells.percent(found.min())} to {cells.percent(found.max())}"
        facts = ends if len(found) else "none answered"
        return about(self, many(len(self), "specification"), facts, many(self.draws, "draw"))

    def _repr_html_(self) -> str:
        return self._page().html()

    def _pages(self) -> list[Page]:
        return [self._page()]


def _noun(choice: str) -> str:
    return _NOUNS.get(choice, f"`{choice}`")


def _share(value: object) -> str:
    """Write a share of the specifications."""
    return cells.percent(value, 0).lstrip("+")


def _range(counts: pd.Series[Any], noun: str) -> str:
    """``12 events``, or ``11 to 12 events`` where specifications differ."""
    low, high = int(counts.min()), int(counts.max())
    many = f"{high} {noun}{'' if high == 1 else 's'}"
    return many if low == high else f"{low} to {many}"


def draw_curve(
    variations: Variations,
    events: pd.DataFrame,
    panel: Panel,
    *,
    draws: int,
    strata: int | None,
    rng: Rng,
) -> Curve:
    """Run every specification; see `Variations.run`."""
    if draws != 0:  # refused before the work
        check_draws(draws)
        Plan(strata=strata)
        rng = generator(rng)
    events = check_events(events)
    asked = variations.specifications(panel)
    each = steps(asked, "Specifications", len(asked))
    found = [_run(specification, events, panel) for specification in each]
    rows = [
        row
        for specification, result in zip(asked, found, strict=True)
        for row in _rows(specification, result, variations.windows)
    ]
    if all(isinstance(result, errors.NothingLeft) for result in found):
        raise next(result for result in found if isinstance(result, errors.NothingLeft))
    table = pd.DataFrame(rows).sort_values("estimate", kind="stable", ignore_index=True)
    table.index = pd.RangeIndex(1, len(table) + 1, name="specification")
    varied = [c for c in table.columns[: -len(ANSWER) - 1] if len(table[c].unique()) > 1]
    results = [result for result in found if isinstance(result, Result)]
    joint = joint_table(results, events, variations.windows, (draws, strata, rng))
    return Curve(table, joint, tuple(varied) or ("model",), results[0].source, int(draws))


def _run(
    specification: Specification, events: pd.DataFrame, panel: Panel
) -> Result | errors.NothingLeft:
    try:
        return specification.study.run(events, panel)
    except errors.NothingLeft as nothing:
        return nothing


def _rows(
    specification: Specification,
    result: Result | errors.NothingLeft,
    windows: Sequence[Window],
) -> list[dict[str, Any]]:
    """One row a window: the choices and the leading valid answer."""
    rows = []
    for window in windows:
        labels = specification.labels | {"window": window.label}
        if isinstance(result, Result):
            answer = caar_table(result.abnormal, [window]).iloc[0]
            rows.append({**labels, **{name: answer[name] for name in (*ANSWER, "note")}})
        else:
            nothing: dict[str, Any] = dict.fromkeys(ANSWER, np.nan)
            nothing |= {"test": "", "n": 0, "n_dates": 0}
            rows.append({**labels, **nothing, "note": str(result)})
    return rows
