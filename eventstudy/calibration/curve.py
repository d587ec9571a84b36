"""The specification curve: one question, every reasonable choice, sorted by its answer."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.calibration.choices import Specification, Variations
from eventstudy.calibration.joint import joint_table
from eventstudy.events import check_events
from eventstudy.inference._resampling import Rng
from eventstudy.panel import Panel
from eventstudy.report import cells, draw_specifications, html_table, text_table, wrap
from eventstudy.report.summary import windows_table
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


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
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
    """

    table: pd.DataFrame
    joint: pd.DataFrame
    #: the choices, in the order of the pictures
    choices: tuple[str, ...]
    source: str = ""

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
        n = int(a["n"])
        said = (
            f"{n} specifications: the estimate runs from {cells.percent(a['lowest'])} to "
            f"{cells.percent(a['highest'])}, median {cells.percent(a['median'])}; "
            f"{a['positive']} are positive ({up} significantly at 5 %), {a['negative']} "
            f"negative ({down} significantly)."
        )
        if a["open"]:
            said += f" In {a['open']} of these the interval on returns holds zero: open."
        if self.splits:
            what, low, high = self.splits[0]
            said += f" Most of the range is the choice of the {what}: {low} against {high}."
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
                found.append((float(medians.iloc[-1] - medians.iloc[0]), choice, low, high))
        return [(what, low, high) for _, what, low, high in sorted(found, reverse=True)]

    def summary(self) -> str:
        """The sentence, the joint test and the specifications, in 80 columns."""
        head = "Specification curve"
        parts = ["\n".join([head, "=" * len(head), *wrap(self.sentence())])]
        parts += [text_table(frame, title=title) for title, frame in self._tables()]
        parts += ["\n".join(wrap(f"Note: {note}", indent="  ")) for note in self.notes]
        return "\n\n".join(parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader has to know."""
        found = []
        hidden = len(self.table) - SHOWN
        if hidden > 0:
            found.append(f"{hidden} specifications in between are in `table`.")
        silent = int((~np.isfinite(self.table["estimate"])).sum())
        if silent:
            found.append(f"{silent} specifications have no answer; `table` says why.")
        found.append(
            "Specifications share their events: many that agree are no more evidence than one. "
            "The joint p-value moves all of them to the same placebo dates."
        )
        return tuple(found)

    def plot(self, *, title: str | None = None) -> Axes:
        """Draw the estimates with their valid 95 % intervals above, the choices below."""
        heading = title or "The same question under every choice"
        return draw_specifications(
            self.answered, self.choices, title=heading, source=self.source or None
        )

    def _tables(self) -> list[tuple[str, pd.DataFrame]]:
        shown = self.table
        if len(shown) > SHOWN:
            shown = pd.concat([shown.head(SHOWN // 2), shown.tail(SHOWN // 2)])
        listed = windows_table(shown)[["CAAR", "95 % interval", "p"]]
        listed = shown[list(self.choices)].join(listed).rename_axis("no.")
        parts = [("Specifications, lowest estimate first", listed)]
        if len(self.joint):
            parts.insert(0, ("The whole curve among joint placebo dates", self.joint))
        return parts

    def __len__(self) -> int:
        return len(self.table)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        tables = "".join(html_table(frame, title=title) for title, frame in self._tables())
        notes = "".join(f"<p>Note: {html.escape(note)}</p>" for note in self.notes)
        return f"<p><strong>{html.escape(self.sentence())}</strong></p>{tables}{notes}"


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
    events = check_events(events)
    asked = variations.specifications(panel)
    found = [_run(specification, events, panel) for specification in asked]
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
    joint = joint_table(results, variations.windows, (draws, strata, rng))
    return Curve(table, joint, tuple(varied) or ("model",), results[0].source)


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
