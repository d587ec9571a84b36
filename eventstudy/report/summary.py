"""The summary of a study: what was asked, the sentence, the windows, valid tests first."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import listed
from eventstudy.one_line import about, short
from eventstudy.report import cells
from eventstudy.report.exports import PathLike, Printed, csv_text, saved, write_workbook
from eventstudy.report.exports.study_pages import paper_of, sheets_of, whole_html
from eventstudy.report.lines import WIDTH, shorten, wrap
from eventstudy.report.measures import RETURNS, Measure
from eventstudy.report.names import name_of_test
from eventstudy.report.pages import Page
from eventstudy.report.tables import html_table, text_table

_LABEL = 12
#: prose breaks inside a long name rather than widen the page
_WRAP = "overflow-wrap:anywhere"
#: columns of a ``tests`` table; any other (the group) comes first
_TESTS = frozenset(
    ("window", "test", "estimate", "se", "statistic", "law", "df", "pvalue", "n", "valid", "note")
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was asked and on which data: the head of the summary."""

    #: the model as the user wrote it, and the two windows as labels
    model: str
    estimation: str
    window: str
    #: events kept and dropped, firms and distinct dates among the kept
    kept: int
    dropped: int
    firms: int
    dates: int
    #: what the data are: "simple" or "log" returns; first and last session of them
    quantity: str = "Returns"
    kind: str = "simple"
    first: np.datetime64 | pd.Timestamp | str | None = None
    last: np.datetime64 | pd.Timestamp | str | None = None
    #: the kind of sample, as `eventstudy.inference.valid` calls it
    sample: str = ""
    #: where the prices come from, and whether they are simulated
    source: str = ""
    simulated: bool = False

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each line of the head."""
        shared = f", {self.sample}" if self.sample else ""
        sessions = f", sessions {cells.date(self.first)} to {cells.date(self.last)}"
        prices = f"SIMULATED. {self.source}" if self.simulated else self.source
        rows = [
            ("Model", self.model),
            ("Windows", f"estimation {self.estimation}, event {self.window}"),
            ("Events", f"{_many(self.kept, 'event')} kept, {cells.count(self.dropped)} dropped"),
            ("Sample", f"{_many(self.firms, 'firm')} on {_many(self.dates, 'date')}{shared}"),
            (self.quantity, self.kind + (sessions if self.first is not None else "")),
            ("Prices", prices.strip()),
        ]
        return [(label, text) for label, text in rows if text]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Summary(Printed):
    """The summary of a study, as text and as HTML; the tables stay DataFrames.

    Attributes
    ----------
    facts : Facts
        What was asked and on which data.
    sentence : str
        The leading finding.
    caar, tests, dropped : DataFrame
        The tables of the result (dropped: every dropped event with its reason).
    others : mapping of title to caar table
        The same question asked otherwise: another model, without some events.
    notes : sequence of str
        What the reader has to know.
    limit : str
        What no test on so few dates can tell apart.
    measure : Measure
        What the numbers are about, and how they are written.
    """

    facts: Facts
    sentence: str
    caar: pd.DataFrame
    tests: pd.DataFrame
    dropped: pd.DataFrame
    others: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    limit: str = ""
    measure: Measure = RETURNS

    def __str__(self) -> str:
        return "\n\n".join(self._text())

    def __repr__(self) -> str:
        facts = self.facts
        sample = f"{_many(facts.kept, 'event')} on {_many(facts.dates, 'date')}"
        return about(self, short(facts.model), sample, facts.window)

    def _repr_html_(self) -> str:
        return f'<div class="eventstudy">{"".join(self._html())}</div>'

    @property
    def title(self) -> str:
        """What the page is about."""
        of = "" if self.measure == RETURNS else f" of {self.measure.noun}"
        return f"Event study{of}"

    def tables(self) -> list[tuple[str, pd.DataFrame]]:
        """Title and table of each part, in the order of the summary."""
        title = f"Cumulative average {self.measure.noun}"
        parts = [(title, windows_table(self.caar, self.measure))]
        parts += [
            (title, windows_table(frame, self.measure)) for title, frame in self.others.items()
        ]
        valid = self.tests["valid"].astype(bool) if len(self.tests) else pd.Series(dtype=bool)
        here = f" ({self.facts.sample})" if self.facts.sample else ""
        over = set(self.tests["window"]) if len(valid) else set()
        where, gone = (f", window {over.pop()}", ["window"]) if len(over) == 1 else ("", [])
        if valid.any():
            frame = tests_table(self.tests[valid]).drop(columns=gone)
            parts.append((f"Valid here{here}{where}", frame))
        if len(valid) and not valid.all():
            frame = invalid_table(self.tests[~valid]).drop(columns=gone)
            parts.append((f"Not valid here{where}: for comparison only", frame))
        if len(self.dropped):
            parts.append(("Dropped events", reasons_table(self.dropped)))
        return parts

    # ── in files ─────────────────────────────────────────────────────────────────────────
    def to_html(self, path: PathLike | None = None) -> str:
        """Write the summary as a small page without any script; `Result.to_html` is the report.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        """
        return saved(whole_html(self.title, self._repr_html_()), path, "summary.html")

    def to_excel(self, path: PathLike) -> Path:
        """Write the summary and its tables as a workbook of Excel; numbers stay numbers.

        Parameters
        ----------
        path : path
            The file, ending in ``.xlsx``.
        """
        return write_workbook(path, sheets_of(self))

    def to_csv(self, path: PathLike | None = None, *, formula_safe: bool = True) -> str:
        """Write the ``caar`` table as CSV, numbers in full.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        formula_safe : bool
            Whether text that a spreadsheet would run as a formula gets an apostrophe before it.
        """
        text = csv_text(self.caar, formula_safe=formula_safe)
        return saved(text.rstrip("\n"), path, "caar.csv")

    def _pages(self) -> list[Page]:
        formats = self.measure.formats
        return [
            Page(
                title=self.title,
                lead=self.sentence,
                facts=self.facts.rows(),
                tables=[(title, frame, formats) for title, frame in self.tables()],
                notes=[*self.notes, *([f"Limit: {self.limit}"] if self.limit else [])],
            )
        ]

    def _paper(self) -> list[Page]:
        return paper_of(self)

    def _text(self) -> list[str]:
        head = [line for label, text in self.facts.rows() for line in _labelled(label, text)]
        parts = ["\n".join([self.title, "=" * len(self.title), *head])]
        parts.append("\n".join(wrap(self.sentence)))
        formats = self.measure.formats
        parts += [text_table(frame, title=name, formats=formats) for name, frame in self.tables()]
        return parts + [
            "\n".join(wrap(f"{kind}: {text}", WIDTH, "  ")) for kind, text in self._remarks()
        ]

    def _html(self) -> list[str]:
        esc = html.escape
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{esc(label)}</th>'
            f'<td style="text-align:left;{_WRAP}">{esc(text)}</td></tr>'
            for label, text in self.facts.rows()
        )
        parts = [f"<table><caption>{esc(self.title)}</caption><tbody>{rows}</tbody></table>"]
        parts.append(f'<p style="{_WRAP}"><strong>{esc(self.sentence)}</strong></p>')
        for title, frame in self.tables():
            # a wide table scrolls in its own box, never the page
            style = "overflow-x:auto" + (";opacity:.7" if title.startswith("Not valid") else "")
            table = html_table(frame, title=title, formats=self.measure.formats)
            parts.append(f'<div style="{style}"><div style="min-width:36em">{table}</div></div>')
        remarks = "".join(f"<p>{kind}: {esc(text)}</p>" for kind, text in self._remarks())
        return [*parts, f'<div style="{_WRAP}">{remarks}</div>']

    def _remarks(self) -> list[tuple[str, str]]:
        remarks = [("Note", note) for note in self.notes]
        return [*remarks, ("Limit", self.limit)] if self.limit else remarks


def windows_table(caar: pd.DataFrame, measure: Measure = RETURNS) -> pd.DataFrame:
    """Write a ``caar`` table in few columns: window, CAAR, interval, test, p, n, n_eff.

    >>> caar = pd.DataFrame(
    ...     {"estimate": [-0.008], "ci_low": [-0.089], "ci_high": [0.073], "test": ["adj_bmp"],
    ...      "pvalue": [0.84], "n": [12], "n_eff": [2.04], "note": [""]},
    ...     index=pd.Index(["[0,0]"], name="window"))
    >>> windows_table(caar)["95 % interval"].tolist()
    ['-8.90 to +7.30 %']
    """
    pairs = zip(caar["ci_low"].tolist(), caar["ci_high"].tolist(), strict=True)
    made = {
        "CAAR": caar["estimate"].array,
        "95 % interval": [_interval(low, high, measure) for low, high in pairs],
        "test": caar["test"].array,
        "p": caar["pvalue"].array,
        "n": caar["n"].array,
        "n_eff": caar["n_eff"].array,
        "note": caar["note"].array,
    }
    return pd.DataFrame(made, index=caar.index)


def tests_table(tests: pd.DataFrame) -> pd.DataFrame:
    """Write a ``tests`` table in few columns, with the tests' names and laws.

    >>> tests = pd.DataFrame(
    ...     {"window": ["[0,0]"], "test": ["adj_bmp"], "statistic": [-0.21], "law": ["t"],
    ...      "df": [11.0], "pvalue": [0.84], "note": [""]})
    >>> tests_table(tests)[["name", "law"]].iloc[0].tolist()
    ['adjusted BMP', 't(11)']
    """
    laws = zip(tests["law"].tolist(), tests["df"].tolist(), strict=True)
    made = {
        **{name: tests[name].array for name in tests.columns if name not in _TESTS},
        "window": tests["window"].array,
        "test": tests["test"].array,
        "name": [name_of_test(str(key)) for key in tests["test"].tolist()],
        "statistic": tests["statistic"].array,
        "law": [_law(law, df) for law, df in laws],
        "p": tests["pvalue"].array,
        "note": tests["note"].array,
    }
    return pd.DataFrame(made)


def invalid_table(tests: pd.DataFrame) -> pd.DataFrame:
    """List tests that are not valid, with their p-values, beside the reason that they share.

    >>> tests = pd.DataFrame(
    ...     {"window": "[0,0]", "test": ["bmp", "sign", "single_t"], "pvalue": [0.04, 0.2, np.nan],
    ...      "note": ["events share dates", "few; events share dates", "for one event"]})
    >>> invalid_table(tests)["test = p"].tolist()
    ['bmp = 0.040, sign = 0.200', 'single_t']
    """
    columns = [name for name in tests.columns if name not in _TESTS]
    # the reason comes last in a note
    why = tests["note"].astype(str).str.rsplit("; ", n=1).str[-1]
    said = tests["test"].astype(str) + [_equals(p) for p in tests["pvalue"].tolist()]
    made = tests[[*columns, "window"]].assign(because=why, said=said)
    keys = [*columns, "window", "because"]
    joined = made.groupby(keys, sort=False, observed=True)["said"].agg(", ".join)
    return joined.rename("test = p").reset_index()


def reasons_table(dropped: pd.DataFrame) -> pd.DataFrame:
    """Count dropped events by reason, most frequent first, and name the firms.

    >>> dropped = pd.DataFrame({"ticker": ["IREN", "GLXY"], "reason": ["min_est", "min_est"]})
    >>> reasons_table(dropped).loc["min_est", "tickers"]
    'IREN, GLXY'
    """
    reasons = dropped["reason"].astype(str)
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="events")
    counts = counts.sort_values(["events", "reason"], ascending=[False, True])
    firms = dropped.groupby(reasons)["ticker"].unique()
    counts["tickers"] = [shorten(listed(firms[reason]), 40) for reason in counts["reason"].tolist()]
    return counts.set_index("reason")


def _labelled(label: str, text: str) -> list[str]:
    first, *rest = wrap(text, WIDTH - _LABEL)
    return [f"{label:<{_LABEL}}{first}", *[" " * _LABEL + line for line in rest]]


def _interval(low: float, high: float, measure: Measure) -> str:
    if math.isnan(low) or math.isnan(high):
        return cells.NOTHING
    return f"{measure.number(low).removesuffix(' %')} to {measure.number(high)}"


def _equals(p: float) -> str:
    """Write " = 0.044", and nothing where there is no p-value."""
    if cells.is_missing(p):
        return ""
    return f" = {cells.pvalue(p)}".replace("= <", "< ")


def _law(law: object, df: float) -> str:
    return str(law) if cells.is_missing(df) else f"{law}({cells.count(df)})"


def _many(n: int, noun: str) -> str:
    return f"{cells.count(n)} {noun}{'' if n == 1 else 's'}"
