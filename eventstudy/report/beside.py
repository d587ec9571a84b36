"""Studies side by side: a column a study, stars by the valid test. Stars exist only here."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from eventstudy.report import cells
from eventstudy.report.exports import (
    PERCENT,
    PLAIN,
    PathLike,
    Sheet,
    csv_text,
    saved,
    write_workbook,
)
from eventstudy.report.exports.latex import latex_columns
from eventstudy.report.exports.markdown import markdown_columns, markdown_line
from eventstudy.report.exports.study_pages import whole_html
from eventstudy.report.layout import Column, panel_lines, panels_of
from eventstudy.report.lines import WIDTH, clean, wrap
from eventstudy.report.tables import html_columns

NAN = float("nan")
#: what may stand in parentheses below a number, and what the note calls it
BELOW = {
    "se": "the standard error",
    "interval": "the 95 % interval",
    "t": "the statistic of the test that gives the stars",
    "p": "the p-value",
}
#: p-value below which so many stars are given
STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
MEANING = "*** p < 1 %, ** p < 5 %, * p < 10 %"
#: columns of the labels, and of a study, on a terminal
_LABELS, _LEAST, _MOST = 22, 12, 26


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the numbers are to be shown."""

    #: decimals of a percentage, or digits of a coefficient; None: the usual
    digits: int | None = None
    stars: bool = True
    #: what stands in parentheses, of `BELOW`
    below: str = "se"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One number of one study, and what may stand below it."""

    estimate: float
    se: float = NAN
    low: float = NAN
    high: float = NAN
    statistic: float = NAN
    pvalue: float = NAN
    #: how the number is written, and its error (which has no sign)
    write: Callable[[float], str] = str

    def shown(self, *, stars: bool) -> str:
        """The number with its stars."""
        mark = next((mark for level, mark in STARS if self.pvalue < level), "")
        return self._number(self.estimate) + (mark if stars else "")

    def below(self, what: str) -> str:
        """What stands in parentheses; "" where it is not known."""
        if what == "interval":
            low, high = self._number(self.low), self._number(self.high)
            text = f"{low.removesuffix(' %')} to {high}" if cells.NOTHING not in (low, high) else ""
        elif what == "se":
            text = self._number(self.se).lstrip("+")
        else:
            text = cells.pvalue(self.pvalue) if what == "p" else cells.number(self.statistic)
        return f"({text})" if text not in ("", cells.NOTHING) else ""

    def _number(self, value: float) -> str:
        return cells.NOTHING if cells.is_missing(value) else self.write(value)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SideBySide:
    """Studies side by side, as text, HTML, LaTeX, Markdown, Excel and CSV.

    Attributes
    ----------
    title : str
        What the table is about.
    names : tuple of str
        The studies, a column each.
    entries : mapping of str to tuple
        Label of a row → an `Entry` a study, None where it has none.
    facts : mapping of str to tuple of str
        Label of a row below → its text in each column.
    notes : tuple of str
        What the stars mean, the tests and their papers, which events the columns rest on.
    frame : DataFrame
        The numbers: (study, window) or (study, term) → all that the tables of the studies hold.
    below : {"se", "interval", "t", "p"}
        What stands in parentheses.
    stars : bool
        Whether there are stars.
    share : str
        How a spreadsheet shows the numbers.
    """

    title: str
    names: tuple[str, ...]
    entries: Mapping[str, tuple[Entry | None, ...]]
    facts: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    frame: pd.DataFrame
    below: str = "se"
    stars: bool = True
    share: str = PERCENT

    # ── words ────────────────────────────────────────────────────────────────────────────
    def __str__(self) -> str:
        panels = panels_of(_fitted(self._columns(gap=True)), WIDTH)
        table = "\n\n".join("\n".join(panel_lines(panel)) for panel in panels)
        notes = [line for note in self.notes for line in wrap(note, indent="  ")]
        return "\n".join([*wrap(self.title), "", table, "", *notes])

    def __repr__(self) -> str:
        return f"<SideBySide: {len(self.names)} columns, {len(self.entries)} rows>"

    def _repr_html_(self) -> str:
        table = html_columns(self._columns(gap=True), title=self.title)
        said = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f'<div class="eventstudy"><div style="overflow-x:auto">{table}</div>{said}</div>'

    # ── files ────────────────────────────────────────────────────────────────────────────
    def to_latex(self, path: PathLike | None = None, *, label: str = "tab:studies") -> str:
        r"""Write the table in LaTeX with ``booktabs``, everything escaped.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        label : str
            The name by which ``\ref`` finds the table.
        """
        rules = [2 * len(self.entries)] if self.entries and self.facts else []
        text = latex_columns(
            self._columns(), caption=self.title, label=label, notes=self.notes, rules=rules
        )
        return saved(text, path, "studies.tex")

    def to_markdown(self, path: PathLike | None = None) -> str:
        """Write the table and its notes in Markdown; parameters as in `to_html`."""
        table = markdown_columns(self._columns(), title=self.title)
        notes = map(markdown_line, self.notes)
        return saved("\n\n".join([table, *notes]), path, "studies.md")

    def to_html(self, path: PathLike | None = None) -> str:
        """Write the table as a small page without any script.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        """
        return saved(whole_html(self.title, self._repr_html_()), path, "studies.html")

    def to_csv(self, path: PathLike | None = None, *, formula_safe: bool = True) -> str:
        """Write ``frame``, the numbers in full.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        formula_safe : bool
            Whether text that a spreadsheet would run as a formula gets an apostrophe before it.
        """
        text = csv_text(self.frame, formula_safe=formula_safe)
        return saved(text.rstrip("\n"), path, "studies.csv")

    def to_excel(self, path: PathLike) -> Path:
        """Write a workbook: the table as it is printed, its notes, and the numbers.

        Parameters
        ----------
        path : path
            The file, ending in ``.xlsx``.
        """
        columns = self._columns()
        printed = pd.DataFrame(list(zip(*(c.texts for c in columns), strict=True)))
        printed.columns = pd.Index([c.head for c in columns], dtype=object)
        notes = pd.DataFrame({"note": [self.title, *self.notes]})
        sheets = [
            Sheet(name="table", frame=printed, share=""),
            Sheet(name="numbers", frame=self.frame, share=self.share),
            Sheet(name="notes", frame=notes, titled=False),
        ]
        return write_workbook(path, sheets)

    # ── helpers ──────────────────────────────────────────────────────────────────────────
    def _columns(self, *, gap: bool = False) -> list[Column]:
        """The table as text: its labels and a column a study; a gap before the facts if asked."""
        between = [""] if gap and self.facts else []
        labels = [text for label in self.entries for text in (label, "")]
        labels += [*between, *self.facts]
        columns = [Column("", tuple(map(clean, labels)), right=False, index=True)]
        for at, name in enumerate(self.names):
            texts = [text for row in self.entries.values() for text in self._cell(row[at])]
            texts += [*between, *(row[at] for row in self.facts.values())]
            columns.append(Column(clean(name), tuple(map(clean, texts)), right=True))
        return columns

    def _cell(self, entry: Entry | None) -> tuple[str, str]:
        if entry is None:
            return "", ""
        return entry.shown(stars=self.stars), entry.below(self.below)


def _fitted(columns: Sequence[Column]) -> list[Column]:
    """Columns as wide as a line has room for; long texts break, many studies go to panels."""
    labels, *studies = [column.natural() for column in columns]
    labels = replace(labels, width=min(labels.width, _LABELS))
    wide = [replace(c, width=min(c.width, _MOST)) for c in studies]
    most = max((c.width for c in wide), default=0)
    while labels.width + sum(min(c.width, most) + 2 for c in wide) > WIDTH and most > _LEAST:
        most -= 1
    fits = labels.width + sum(min(c.width, most) + 2 for c in wide) <= WIDTH
    return [labels, *(replace(c, width=min(c.width, most if fits else _MOST)) for c in wide)]


def share_of(*, in_percent: bool) -> str:
    """How a spreadsheet shows the numbers of the studies."""
    return PERCENT if in_percent else PLAIN
