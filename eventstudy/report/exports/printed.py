"""What can be printed: a page's tables as LaTeX for a paper, the whole page as Markdown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from eventstudy.report.exports.files import PathLike, saved
from eventstudy.report.exports.latex import latex_table
from eventstudy.report.exports.markdown import markdown_line, markdown_table, markdown_text
from eventstudy.report.pages import Page


class Printed(ABC):
    """An answer that has pages, and so can stand in a paper or in a file of text."""

    @abstractmethod
    def _pages(self) -> Sequence[Page]:
        """All pages of the answer."""

    def _paper(self) -> Sequence[Page]:
        """What of them a paper prints."""
        return self._pages()

    def to_latex(self, path: PathLike | None = None) -> str:
        r"""Write the tables for a paper, in LaTeX with ``booktabs``.

        Everything is escaped. Below the first table stand the finding, the sample and the notes;
        ``\ref`` finds the tables as ``tab:...``, the title in small letters, numbered.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        """
        text = "\n\n".join(map(page_latex, self._paper()))
        return saved(text, path, "table.tex")

    def to_markdown(self, path: PathLike | None = None) -> str:
        """Write the whole page as Markdown, tables with pipes, everything escaped.

        Parameters
        ----------
        path : path, optional
            A file to write as well.
        """
        text = "\n\n".join(map(page_markdown, self._pages()))
        return saved(text, path, "table.md")


def page_latex(page: Page) -> str:
    """Write a page's tables in LaTeX; what the page says stands below the first of them."""
    facts = "; ".join(f"{label}: {said}" for label, said in page.facts)
    notes = [page.lead, *([f"{facts}."] if facts else []), *page.notes]
    slug = re.sub(r"[^a-z0-9]+", "-", page.title.lower()).strip("-") or "table"
    tables = [
        latex_table(
            frame,
            formats=formats,
            caption=f"{page.title}. {title}" if title else page.title,
            label=f"tab:{slug}-{at}",
            notes=notes if at == 1 else (),
        )
        for at, (title, frame, formats) in enumerate(page.tables, start=1)
    ]
    return "\n\n".join(tables)


def _mark(note: str) -> str:
    return "" if note.startswith("Limit: ") else "Note: "


def page_markdown(page: Page) -> str:
    """Write a page in Markdown."""
    parts = [f"## {markdown_text(page.title)}"]
    parts += ["\n".join(f"- {markdown_text(label)}: {markdown_text(s)}" for label, s in page.facts)]
    parts += [f"**{markdown_text(page.lead)}**"] if page.lead else []
    parts += [markdown_table(frame, formats=how, title=title) for title, frame, how in page.tables]
    parts += [markdown_line(f"{_mark(note)}{note}") for note in page.notes]
    return "\n\n".join(filter(None, parts))
