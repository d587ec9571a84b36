"""Results by group: a mapping that also answers for all groups at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.events import MISSING, Key, as_mask, binned, group_labels, split
from eventstudy.one_line import about, short
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.report.summary import windows_table
from eventstudy.windows import WindowLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.result.result import Result


__all__ = ["MISSING", "Groups", "Key", "as_mask", "binned", "group_labels", "split"]


class Groups(Printed, Mapping[Hashable, "Result"]):
    """Group → `Result`; nothing is fitted again.

    ``caar``, ``tests``, ``summary`` and ``plot`` put the groups side by side.
    """

    def __init__(self, results: Mapping[Hashable, Result]) -> None:
        self._results = dict(results)

    def __getitem__(self, group: Hashable) -> Result:
        try:
            return self._results[group]
        except KeyError:
            raise errors.no_such_part(group, list(self._results)) from None

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, group: object) -> bool:
        return group in self._results

    def __repr__(self) -> str:
        facts = [f"{short(g)}: {len(r.events):,}" for g, r in self.items()]
        return about(self, *facts)

    def caar(self, *windows: WindowLike) -> pd.DataFrame:
        """The ``caar`` table of each group, indexed by (group, window)."""
        # a label that is a tuple is one label, not the levels of an index
        keys = [str(g) if isinstance(g, tuple) else g for g in self]
        tables = [r.caar(*windows) for r in self.values()]
        return pd.concat(tables, keys=keys, names=["group"])

    def tests(self, *windows: WindowLike) -> pd.DataFrame:
        """The ``tests`` table of each group, with a column ``group``."""
        tables = [r.tests(*windows).assign(group=str(g)) for g, r in self.items()]
        table = pd.concat(tables, ignore_index=True)
        return table[["group", *table.columns.drop("group")]]

    def summary(self, *windows: WindowLike) -> str:
        """The sentence and the ``caar`` table of each group, in 80 columns."""
        from eventstudy.report import text_table, wrap
        from eventstudy.report.lines import width_of

        parts = []
        for g, r in self.items():
            table = r.caar(*windows)
            title = f"{g} ({len(r.events)} event{'s' if len(r.events) != 1 else ''})"
            heads, said = wrap(title), wrap(r.sentence(str(table.index[0])))
            rule = "=" * max(map(width_of, heads))
            parts += [
                "\n".join([*heads, rule, *said]),
                text_table(windows_table(table, r.measure), formats=r.measure.formats),
            ]
        return "\n\n".join(parts)

    def _pages(self) -> list[Page]:
        pages = []
        for g, r in self.items():
            table, count = r.caar(), len(r.events)
            part = ("", windows_table(table, r.measure), r.measure.formats)
            title = f"{g} ({count} event{'s' if count != 1 else ''})"
            lead = r.sentence(str(table.index[0]))
            pages.append(Page(title=title, lead=lead, tables=[part]))
        return pages

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None
    ) -> np.ndarray[Any, Any] | Axes:
        """Draw the CAAR of each group with its valid 95 % band, on the same axes' scale.

        Several groups split the place of ``ax``; the first of them is ``ax`` itself.
        """
        from eventstudy.report import draw_paths

        paths = {str(g): r.path() for g, r in self.items()}
        if not self._results:
            return draw_paths(paths)
        one = next(iter(self.values()))
        return draw_paths(paths, ax=ax, title=title, source=one.source or None, measure=one.measure)
