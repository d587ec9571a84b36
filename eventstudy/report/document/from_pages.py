"""A page of text as a part of a report: the same words and tables, with pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eventstudy.errors import OptionError
from eventstudy.report.document.parts import Block, Chart, Part, Points, Table, Terms, Text
from eventstudy.report.pages import Page

#: rows of a table beyond which it is folded
OPEN = 15


def part_of(page: Page, *, name: str, pictures: Sequence[Callable[[], Chart]] = ()) -> Part:
    """Turn a page into a part: its sentence, pictures, facts, tables and notes.

    Parameters
    ----------
    page : Page
        What is said elsewhere as text.
    name : str
        Anchor in the report.
    pictures : sequence of functions
        Each makes a chart.

    Examples
    --------
    >>> part = part_of(Page(title="Backtest", lead="It earned."), name="backtest")
    >>> part.title, [type(block).__name__ for block in part.blocks]
    ('Backtest', ['Text'])
    """
    blocks: list[Block] = [Text(text=page.lead, tone="answer"), *map(picture, pictures)]
    if page.facts:
        blocks.append(Terms(rows=page.facts))
    for title, frame, formats in page.tables:
        folded = len(frame) > OPEN
        blocks.append(Table(frame=frame, title=title, formats=formats, folded=folded))
    if page.notes:
        blocks.append(Points(title="What to know", texts=page.notes))
    return Part(title=page.title, name=name, blocks=blocks)


def picture(draw: Callable[[], Chart]) -> Block:
    """Draw, or say that there is no number to draw."""
    try:
        return draw()
    except OptionError:
        return Text(text="There is no number to draw here.", tone="quiet")
